"""What a live screen sends at 150x42: at most 8 kB a second, 3 kB frozen, nothing while nothing is new."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from pathlib import Path
from tests.tui.live.fake_run import LiveApp, growing, new_run
LiveApp(growing(new_run(Path(sys.argv[1])))).run()
"""


@contextlib.contextmanager
def on_a_terminal(columns: int, rows: int, *arguments: str) -> Iterator[Callable[..., bytes]]:
    """A live screen on a pseudo terminal: a function that types, and returns what is sent in so many seconds."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor", PYTHONPATH=str(ROOT))
    for name in ("NO_COLOR", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"):
        environment.pop(name, None)
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT, start_new_session=True
    ) as process:
        os.close(theirs)

        def send(keys: str, seconds: float) -> bytes:
            os.write(ours, keys.encode())
            sent, end = b"", time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                if select.select([ours], [], [], left)[0]:
                    sent += os.read(ours, 65536)
            return sent

        try:
            yield send
        finally:
            process.kill()
            os.close(ours)


@pytest.mark.parametrize("seconds", [1.5, pytest.param(3.0, marks=pytest.mark.slow)])
def test_a_live_screen_sends_little(tmp_path, seconds):
    with on_a_terminal(150, 42, str(tmp_path)) as send:
        deadline = time.monotonic() + 60
        while b"recorded episode" not in send("", 0.3):
            assert time.monotonic() < deadline, "the screen did not open"
        send("", seconds / 3)
        moving = send("", seconds)
        assert 100 * seconds <= len(moving) <= 8000 * seconds
        send("f", seconds / 3)
        frozen = send("", seconds)
        assert 10 * seconds <= len(frozen) <= 3000 * seconds
        send("k", seconds / 2)  # the run of this test stands still when it is asked for something
        assert send("", seconds / 2) == b""
