"""How soon a screen is there, and how soon it answers a key, on a pseudo terminal of 150x42.

    python benchmarks/screens.py [--keys N]

Each screen is opened and left alone until it is drawn; then Tab is pressed N times, at random moments, while the screen
is as busy as it gets: a lesson at full speed, a run that learns on all cores, the monitor of three runs. Counted are
the milliseconds until the terminal has the first byte of the pane that has the focus now (its heavy frame). The first
paint is the time from the start of the program until the first frame of a pane.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

import argparse
import fcntl
import pty
import random
import select
import statistics
import struct
import subprocess
import tempfile
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

COLUMNS, ROWS = 150, 42
FRAME, FOCUS = "│".encode(), "┏".encode()  # a pane, and one that has the focus
SETTLED = 1.5  # seconds from the first paint until a key is pressed
PATIENCE = 5.0  # seconds that an answer is waited for
TRAINER = ("train", "lunarlander", "--detach", "--steps", "100000000")


def settings(home: Path) -> dict[str, str]:
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
        self._begun = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=home,
            env=settings(home),
            start_new_session=True,
        )
        os.close(theirs)

    def first_paint(self) -> float:
        """Milliseconds from the start until the first frame."""
        return self._until(FRAME, self._begun, 30.0)

    def press(self, key: str) -> None:
        """Type something."""
        os.write(self._ours, key.encode())

    def answer(self) -> float:
        """Milliseconds until a pane has the focus."""
        self.press("\t")
        return self._until(FOCUS, time.perf_counter(), PATIENCE)

    def let_pass(self, seconds: float) -> None:
        """Take what is sent for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._ours], [], [], left)[0]:
                os.read(self._ours, 1 << 16)

    def _until(self, wanted: bytes, since: float, patience: float) -> float:
        seen = b""
        while select.select([self._ours], [], [], max(0.0, since + patience - time.perf_counter()))[0]:
            seen = seen[-8:] + os.read(self._ours, 1 << 16)
            if wanted in seen:
                return 1e3 * (time.perf_counter() - since)
        raise SystemExit(f"{wanted.decode()} was not sent in {patience:g} s")

    def close(self) -> None:
        """End the program."""
        self.process.terminate()
        self.process.wait()
        os.close(self._ours)


@contextmanager
def training(home: Path, count: int) -> Iterator[Path]:
    """A folder in which so many runs learn."""
    runs = home / "runs"
    for seed in range(count):
        command = [sys.executable, "-m", "tui", *TRAINER, "--seed", str(seed), "--runs", str(runs)]
        subprocess.run(command, env=settings(home), cwd=home, stdout=subprocess.DEVNULL, check=True)
    try:
        yield runs
    finally:
        for run in runs.iterdir():
            subprocess.run(
                [sys.executable, "-m", "tui", "stop", str(run)],
                env=settings(home),
                cwd=home,
                stdout=subprocess.DEVNULL,
                check=True,
            )


def measure(name: str, terminal: Terminal, keys: int, chance: random.Random, first: str = "") -> None:
    """Print a row of the table; `first` is typed before anything is measured."""
    try:
        paint = terminal.first_paint()
        terminal.let_pass(SETTLED)
        terminal.press(first)
        answers = []
        for _ in range(keys):
            terminal.let_pass(chance.uniform(0.1, 0.5))
            answers.append(terminal.answer())
    finally:
        terminal.close()
    middle, late = statistics.median(answers), statistics.quantiles(answers, n=20)[-1]
    print(f"{name:36}{paint:14.0f}{middle:10.1f}{late:10.1f}{max(answers):10.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="how soon a screen is there, and answers a key")
    parser.add_argument("--keys", type=int, default=60, help="keys pressed on each screen (>= 20)")
    keys, chance = max(20, parser.parse_args().keys), random.Random(1)
    print(f"{'milliseconds':36}{'first paint':>14}{'key p50':>10}{'p95':>10}{'most':>10}")
    print(f"{'at most':36}{2000:14}{'':10}{50:10}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        learn = ("learn", "cliffwalking", "--algorithm", "q-learning,sarsa")
        measure("a lesson that waits", Terminal(home, *learn), keys, chance)
        measure("a lesson at full speed", Terminal(home, *learn), keys, chance, "]" * 12 + " ")
        with training(home, 1) as runs:
            (run,) = runs.iterdir()
            measure("a run that learns on all cores", Terminal(home, "attach", str(run)), keys, chance)
    with tempfile.TemporaryDirectory() as folder, training(Path(folder), 3) as runs:
        measure("the monitor of three such runs", Terminal(Path(folder), "watch", str(runs)), keys, chance)


if __name__ == "__main__":
    main()
