"""The program on a pseudo terminal of 150x42, with everything that it keeps in a folder of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COLUMNS, ROWS = 150, 42
OPENING = 30.0  # seconds until a screen sends something


def settings(home: Path) -> Mapping[str, str]:
    """The environment of a program that keeps everything in a folder of its own."""
    homes = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("STATE", "CONFIG", "DATA", "CACHE")}
    own = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "SSH_CONNECTION", "SSH_TTY")}
    return kept | homes | own


class Terminal:
    """A program on a pseudo terminal."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.begun = time.perf_counter()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=home,
            env=settings(home),
            start_new_session=True,
        )
        os.close(theirs)

    @property
    def process(self) -> int:
        """The id of the program's process."""
        return self._process.pid

    def press(self, key: str) -> None:
        """Type something."""
        os.write(self._ours, key.encode())

    def until(self, wanted: bytes, since: float, patience: float) -> float:
        """Milliseconds from `since` until some bytes have been sent; ends the program if they are not."""
        seen = b""
        while select.select([self._ours], [], [], max(0.0, since + patience - time.perf_counter()))[0]:
            seen = seen[-8:] + os.read(self._ours, 1 << 16)
            if wanted in seen:
                return 1e3 * (time.perf_counter() - since)
        raise SystemExit(f"{wanted.decode()} was not sent in {patience:g} s")

    def let_pass(self, seconds: float) -> None:
        """Take what is sent for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._ours], [], [], left)[0]:
                os.read(self._ours, 1 << 16)

    def settle(self, quiet: float) -> None:
        """Take what is sent until the screen is there and nothing has been sent for so many seconds."""
        wait = OPENING
        while select.select([self._ours], [], [], wait)[0] and os.read(self._ours, 1 << 16):
            wait = quiet

    def drain(self) -> None:
        """From now on take whatever is sent."""

        def read() -> None:
            with suppress(OSError):  # the terminal is closed
                while os.read(self._ours, 1 << 16):
                    pass

        threading.Thread(target=read, daemon=True).start()

    def close(self) -> None:
        """End the program."""
        self._process.terminate()
        self._process.wait()
        os.close(self._ours)
