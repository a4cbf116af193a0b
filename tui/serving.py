"""The app in a browser: textual-serve on loopback, closed to the pages of other origins."""

from __future__ import annotations

import asyncio
import logging
import shlex
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from textual_serve.server import Server

# A margin, for what stands in the first or the last column touches the window's edge otherwise; and no bar to scroll by
# over it: the app scrolls by itself.
STYLE = """\
<style>
body { overflow: hidden; }
body .textual-terminal { width: calc(100vw - 16px); height: calc(100vh - 8px); padding: 4px 8px; }
body .xterm .xterm-viewport { overflow: hidden; }
</style>
"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class LoopbackServer(Server):  # type: ignore[misc]
    """Serves one command, to this machine and to its own pages only.

    Listening on loopback keeps other machines out, but not the pages that a browser here has open: any of them could
    open a web socket to us, under our own name or (by rebinding theirs) under another. So both are looked at.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pages: set[asyncio.Task[Any]] = set()  # that hold a web socket open

    def initialize_logging(self) -> None:
        """Say no more than what goes wrong."""
        logging.basicConfig(level=logging.WARNING, format="%(message)s")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an app for a page, as long as the page is there and we are."""
        page = asyncio.current_task()
        assert page is not None
        self._pages.add(page)
        try:
            answer: web.WebSocketResponse = await super().handle_websocket(request)
            return answer
        finally:
            self._pages.discard(page)

    async def on_shutdown(self, app: web.Application) -> None:
        """Let go of the pages: the server would wait a minute for those that are still open."""
        for page in self._pages:
            page.cancel()

    async def _make_app(self) -> web.Application:
        app: web.Application = await super()._make_app()
        app.middlewares.append(self._own_pages_only)
        return app

    @web.middleware
    async def _own_pages_only(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        names = {f"{name}:{self.port}" for name in (self.host, "localhost")}
        origin = request.headers.get("Origin")
        if request.host not in names or (origin is not None and origin.removeprefix("http://") not in names):
            raise web.HTTPForbidden(text="rltop is shown to its own pages only")
        response = await handler(request)
        if isinstance(response, web.Response) and request.path == "/" and response.text:
            response.text = response.text.replace("</head>", f"{STYLE}</head>")
        if not response.prepared:  # a page asks no other server for anything, its letters included
            sockets = " ".join(f"ws://{name}" for name in sorted(names))
            own = "'self' 'unsafe-inline' data: blob:"
            response.headers["Content-Security-Policy"] = f"default-src {own}; connect-src 'self' {sockets}"
        return response

    async def on_startup(self, app: web.Application) -> None:
        """Say where it is."""
        print(f"rltop is at {self.public_url} (for this machine only); Ctrl-C ends it", flush=True)


def serve(host: str, port: int, *, ascii_only: bool) -> None:
    """Serve the app until it is interrupted."""
    # -P: a folder called `tui` in the working directory is not ours
    command = [sys.executable, "-P", "-m", "tui", *(["--ascii"] if ascii_only else [])]
    LoopbackServer(shlex.join(command), host, port, title="rltop", public_url=f"http://{host}:{port}").serve()
