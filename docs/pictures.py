"""Remakes the pictures of the documentation: the app itself, driven by its keys, drawn as SVG.

python docs/pictures.py [FOLDER [NAME ...]]      (default: docs/images, all of them)
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from textual.screen import Screen

from tui.app import RltopApp
from tui.autodiff.session import Session
from tui.live.screen import LiveScreen
from tui.memory import Memory, ViewMemory
from tui.monitor.screen import MonitorScreen
from tui.picker.choice import Choice, prepare_lesson


@dataclass(frozen=True)
class Training:
    """A run that learns before its picture is made."""

    scenario: str
    steps: int
    seed: int
    algorithm: str = "dqn"


FONTS = "DejaVu Sans Mono, Menlo, Consolas"
CLIFF = Choice("cliffwalking", ("q-learning", "sarsa"), seed=7)
NETWORK = Choice("cartpole", ("dqn",), seed=3)
GRID = Choice("gridworld", ("value-iteration",), {"world": "book"})

POLE = Training("cartpole", steps=20_000, seed=11)
CHAIN = "(a*b + c)**2 with a=2, b=-3, c=10"

POLES = tuple(
    Training("cartpole", steps, seed, algorithm)
    for algorithm, steps in (("dqn", 12_000), ("ppo", 30_000))
    for seed in (1, 2, 3)
)
Opened = Choice | Training | tuple[Training, ...] | str | None

# file name: what is opened (None for the picker, a text for an expression, several trainings for the monitor), how it
# is looked at, columns x rows, keys
PICTURES: dict[str, tuple[Opened, ViewMemory, tuple[int, int], tuple[str, ...]]] = {
    "picker.svg": (None, ViewMemory(), (120, 40), ("down", "tab", "down", "down", "down", "space")),
    "cliff-walking.svg": (CLIFF, ViewMemory(), (120, 40), ("j", *"12296", "enter", "full_stop")),
    "value-iteration.svg": (GRID, ViewMemory(), (120, 40), ("j", *"86", "enter", "full_stop")),
    "line-by-line.svg": (CLIFF, ViewMemory("Q"), (120, 40), ("j", *"3000", "enter", *"llllll")),
    "autodiff.svg": (CHAIN, ViewMemory(), (120, 40), ("e", *["full_stop"] * 3)),
    "live.svg": (POLE, ViewMemory(), (120, 40), ("end", *["right"] * 25)),
    "network.svg": (NETWORK, ViewMemory(), (120, 40), ("j", *"3007", "enter", "full_stop")),
    "monitor.svg": (POLES, ViewMemory(), (120, 40), ("a", "]", "]", "]", "right", *["left"] * 40)),
    "small.svg": (CLIFF, ViewMemory("policy"), (80, 24), ("j", *"12296", "enter", "full_stop")),
}


def learn(training: Training, runs: Path) -> None:
    """Make a run that has learnt, in a directory of runs."""
    what = (training.scenario, "--algorithm", training.algorithm, "--seed", str(training.seed))
    command = [sys.executable, "-m", "tui", "train", *what, "--steps", str(training.steps), "--runs", str(runs)]
    subprocess.run(command, check=True, capture_output=True)


def opened(what: Opened, view: ViewMemory, runs: Path) -> RltopApp:
    """The app before the first key; what has to learn first does so below `runs`."""
    for training in what if isinstance(what, tuple) else (what,):
        if isinstance(training, Training):
            learn(training, runs)
    if isinstance(what, tuple):
        return RltopApp(begin=lambda app: app.open_monitor([runs]))
    if isinstance(what, Training):
        return RltopApp(begin=lambda app: app.open_run(next(runs.iterdir())))
    if isinstance(what, str):
        return RltopApp(begin=lambda app: app.open_autodiff(Session(what)))
    return RltopApp(prepare_lesson(what) if what else (), Memory(view=view))


def is_reading(screen: Screen[Any]) -> bool:
    """Whether a screen has yet to read what it is to show."""
    if isinstance(screen, MonitorScreen):
        return screen.lookout.looking or screen.lookout.asked or not screen.ready or screen.session.seen.unfinished
    return isinstance(screen, LiveScreen) and screen.session.frame is None


async def picture(what: Opened, view: ViewMemory, size: tuple[int, int], keys: tuple[str, ...], runs: Path) -> str:
    """The app after some keys, as SVG."""
    app = opened(what, view, runs)
    async with app.run_test(size=size) as pilot:
        while is_reading(app.screen):
            await pilot.pause(0.05)
        for key in keys:
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            while is_reading(app.screen) or getattr(getattr(app.screen, "session", None), "busy", False):
                await pilot.pause(0.05)
        await pilot.pause(0.2)
        svg = app.export_screenshot(title="rltop")
    # a picture asks no server for its letters
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", FONTS)


def main() -> None:
    """Write all pictures."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "images").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or PICTURES:
        with TemporaryDirectory() as home, chdir(home):  # no path of this machine is to be seen
            (folder / name).write_text(asyncio.run(picture(*PICTURES[name], Path("runs"))), "utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
