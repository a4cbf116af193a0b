"""`rltop serve`: the app in a browser on this machine."""

from __future__ import annotations

import argparse
import importlib.util
import socket

from tui.commands.arguments import whole
from tui.commands.errors import UsageError
from tui.commands.learn import add_ascii

NAME = "serve"
SUMMARY = "Show the app in a browser on this machine"
NOTES = """\
It listens on 127.0.0.1 alone: no other machine can reach it, and no page of another origin may use it. Every tab is an
app of its own; trainings go on when it is closed. Ctrl-C ends it. It needs an extra: pip install 'rltop[serve]'

examples:
  rltop serve
  rltop serve --port 9000
"""

HOST = "127.0.0.1"
PORT = 8000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop serve` takes."""
    parser.add_argument("--port", metavar="N", type=whole(1, 65535), default=PORT, help=f"default: {PORT}")
    add_ascii(parser)


def run(options: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    if importlib.util.find_spec("textual_serve") is None:
        raise UsageError("rltop serve needs textual-serve, which is not installed here: pip install 'rltop[serve]'")
    _check_free(options.port)
    from tui.serving import serve

    serve(HOST, options.port, ascii_only=options.ascii)
    return 0


def _check_free(port: int) -> None:
    """Raise UsageError, one sentence, where a port cannot be listened on."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be used ({error.strerror}): choose another one by --port") from None
