"""How soon a screen is there, and how soon it answers a key, on a pseudo terminal of 150x42.

    python benchmarks/screens.py [--keys N]

Each screen is opened and left alone until it is drawn; then Tab is pressed N times, at random moments, while the screen
is as busy as it gets: a lesson at full speed, a run that learns on all cores, the monitor of three runs. Counted are
the milliseconds until the terminal has the first byte of the pane that has the focus now (its heavy frame). The first
paint is the time from the start of the program until the first frame of a pane.
"""

# ruff: noqa: E402
from __future__ import annotations

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

import argparse
import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.terminal import OPENING, Terminal, settings

FRAME, FOCUS = "│".encode(), "┃".encode()  # a pane, and one that has the focus
SETTLED = 1.5  # seconds from the first paint until a key is pressed
PATIENCE = 5.0  # seconds that an answer is waited for
TRAINER = ("train", "lunarlander", "--detach", "--steps", "100000000")


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
        paint = terminal.until(FRAME, terminal.begun, OPENING)
        terminal.let_pass(SETTLED)
        terminal.press(first)
        answers = []
        for _ in range(keys):
            terminal.let_pass(chance.uniform(0.1, 0.5))
            terminal.press("\t")
            answers.append(terminal.until(FOCUS, time.perf_counter(), PATIENCE))
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
