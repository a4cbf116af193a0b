"""A terminal without a screen: runs a program on a pty, types, resizes, and keeps every byte it sends."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path

LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1003l")  # alternate screen and mouse off, cursor on
ENTERED = b"\x1b[?1049h"
OURS = {"NO_COLOR", "COLUMNS", "LINES", "SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"}  # about our own


def _begin(controlling: bool) -> None:
    """In the new process: nothing is ignored, as it may be in the one that tests, and its terminal controls it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if controlling:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Pseudoterminal:
    """`python PROGRAM ARGUMENTS` on a pty of columns x rows, with its own home folders."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        program: Sequence[str] = ("-m", "tui"),
        columns: int = 80,
        rows: int = 24,
        controlling: bool = True,
        **environment: str,
    ) -> None:
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows)
        self.modes = termios.tcgetattr(self.slave)
        self.sent = bytearray()
        kept = {key: value for key, value in os.environ.items() if key not in OURS}
        homes = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("STATE", "CONFIG", "DATA", "CACHE")}
        self.process = subprocess.Popen(
            [sys.executable, *program, *arguments],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            cwd=home,
            start_new_session=True,
            preexec_fn=lambda: _begin(controlling),
            env={
                **kept,
                **homes,
                "TERM": "xterm-256color",
                "OPENBLAS_NUM_THREADS": "1",
                "ESCDELAY": "15",
                **environment,
            },
        )

    def resize(self, columns: int, rows: int) -> None:
        """Another size of the window."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float) -> bytes:
        """What arrives within so many seconds."""
        start, end = len(self.sent), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                try:
                    data = os.read(self.master, 65536)
                except OSError:
                    break
                self.sent += data
        return bytes(self.sent[start:])

    def read_until(self, *wanted: bytes, since: int = 0, seconds: float = 20.0) -> None:
        """Read until all of these have been sent after so many bytes; fails after so many seconds."""
        end = time.monotonic() + seconds
        while not all(text in self.sent[since:] for text in wanted):
            alive = self.process.poll() is None and time.monotonic() < end
            self.read(0.02)
            arrived = all(text in self.sent[since:] for text in wanted)
            assert alive or arrived, f"{wanted} not in {bytes(self.sent[since:][-2000:])!r}"

    def settle(self, quiet: float = 0.3, seconds: float = 20.0) -> None:
        """Read until nothing has arrived for a while."""
        end = time.monotonic() + seconds
        while self.read(quiet):
            assert time.monotonic() < end, "the screen never came to rest"

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def suspend(self) -> None:
        """Press control-z, and wait until the process stands still."""
        self.type(b"\x1a")
        end = time.monotonic() + 5
        while os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is None:
            assert time.monotonic() < end, "the process goes on"
            self.read(0.02)
        self.read(0.2)

    def end(self, number: signal.Signals | None = None, within: float = 2.0) -> tuple[int, float]:
        """Send a signal, if any; the exit code and the seconds until the process was gone."""
        began = time.monotonic()
        if number is not None:
            self.process.send_signal(number)
        while self.process.poll() is None:
            assert time.monotonic() < began + within + 8, "the process does not end"
            self.read(0.02)
        took = time.monotonic() - began
        self.read(0.1)
        return self.process.returncode, took

    def is_restored(self) -> bool:
        """Whether the terminal was left as it was found."""
        tail = bytes(self.sent[-400:])
        return all(text in tail for text in LEFT) and termios.tcgetattr(self.slave) == self.modes

    def close(self) -> None:
        """End whatever is left."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)
