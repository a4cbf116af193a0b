"""`rltop serve`: the app in a browser, for this machine's own pages only; one sentence where that cannot be."""

import asyncio
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tui.__main__ import main
from tui.terminal import why_no_screen

ROOT = Path(__file__).parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_without_the_extra_it_says_what_to_install(capsys, monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "textual_serve" else there(name))
    assert main(["serve"]) == 2
    assert capsys.readouterr().err == (
        "rltop: rltop serve needs textual-serve, which is not installed here: pip install 'rltop[serve]'\n"
    )


def test_a_port_that_is_taken_is_a_sentence(capsys):
    pytest.importorskip("textual_serve")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    assert f"port {port} cannot be used" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_what_is_no_port_is_a_sentence(capsys, port):
    assert main(["serve", "--port", port]) == 2
    assert "must be a whole number in [1, 65535]" in capsys.readouterr().err


def test_a_browser_takes_the_place_of_the_terminal(monkeypatch):
    assert "needs a terminal" in why_no_screen()
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert why_no_screen() is None


async def test_the_app_is_served_to_its_own_pages(tmp_path):
    pytest.importorskip("textual_serve")
    import aiohttp

    port = free_port()
    own = f"http://127.0.0.1:{port}"
    homes = {f"XDG_{kind}_HOME": str(tmp_path) for kind in ("STATE", "CONFIG", "DATA")}
    server = subprocess.Popen(
        [sys.executable, "-m", "tui", "serve", "--port", str(port)],
        stdout=subprocess.PIPE,
        env={**os.environ, **homes, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    try:
        assert server.stdout.readline() == f"rltop is at {own} (for this machine only); Ctrl-C ends it\n"
        async with aiohttp.ClientSession() as client:
            while not listens(port):
                await asyncio.sleep(0.02)
            async with client.get(own) as page:
                assert page.status == 200
                assert "default-src 'self'" in page.headers["Content-Security-Policy"]
                assert "100vw - 16px" in await page.text()
            for address, headers in (
                (own, {"Host": "rltop.example"}),
                (f"{own}/ws", {"Origin": "http://rltop.example"}),
                (f"{own}/ws", {"Origin": f"http://127.0.0.1:{port + 1}"}),
            ):
                async with client.get(address, headers=headers) as refused:
                    assert refused.status == 403
            async with client.ws_connect(f"{own}/ws?width=100&height=30", origin=own) as page:
                assert await received(page, b"Gridworld")
                (process,) = children_of(server.pid)
            while children_of(server.pid) == [process]:
                await asyncio.sleep(0.02)
            async with client.ws_connect(f"{own}/ws?width=100&height=30", origin=own) as page:
                assert await received(page, b"Gridworld")
                server.send_signal(signal.SIGINT)  # with a page that is open
                async with asyncio.timeout(5):
                    async for _ in page:
                        pass
        assert server.wait(5) == 0
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


async def received(page, wanted: bytes) -> bool:
    """Whether the page is sent some bytes, in the end."""
    sent = b""
    async with asyncio.timeout(30):
        while wanted not in sent:
            message = await page.receive()
            sent += message.data if isinstance(message.data, bytes) else b""
    return True


def children_of(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in children]
