"""Every screen of the app, opened on real things, for tests that treat all of them alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.directory import Run
from scenarios.runs.training import open_training, train
from tests.tui.driving import settle
from tui.app import RltopApp
from tui.autodiff.screen import AutodiffScreen
from tui.autodiff.session import Session
from tui.help.screen import HelpScreen
from tui.lesson.screen import LessonScreen
from tui.live.screen import LiveScreen
from tui.memory import Memory
from tui.monitor.screen import MonitorScreen
from tui.picker.choice import Choice, prepare_lesson
from tui.picker.screen import PickerScreen


class ShellOnly(RltopApp):
    """The app without its trainers: what it is asked to start is remembered."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.asked: list[Choice] = []

    def _launch(self, choice: Choice) -> None:
        self.asked.append(choice)
        self.launching = False

    def action_leave(self) -> None:
        """The screen that was opened first stays open."""
        if len(self.screen_stack) > 2:
            super().action_leave()


def picker(runs: Path) -> App[None]:
    """The picker, on a scenario with many settings."""
    return ShellOnly(memory=Memory("cartpole"))


def lesson(runs: Path) -> App[None]:
    """Two algorithms side by side."""
    return ShellOnly(prepare_lesson(Choice("cliffwalking", ("q-learning", "sarsa"), seed=7, lanes=5)))


def autodiff(runs: Path) -> App[None]:
    """The lesson of the engine."""
    return ShellOnly(begin=lambda app: app.open_autodiff(Session()))


def help_screen(runs: Path) -> App[None]:
    """The help, over the picker."""
    return ShellOnly(begin=lambda app: (app.push_screen(PickerScreen(Choice("gridworld"))), app.action_help()))


def live(runs: Path) -> App[None]:
    """A run with a network, which has ended."""
    (path,) = runs.glob("cartpole-*")
    return ShellOnly(begin=lambda app: app.open_run(path))


def monitor(runs: Path) -> App[None]:
    """All runs, one of them damaged."""
    (damaged := runs / "damaged").mkdir()
    (damaged / "run.json").write_text("{")
    return ShellOnly(begin=lambda app: app.open_monitor([runs]))


NEED_RUNS = ("live", "monitor")
# name: how it is opened, on a directory of runs; the screen it opens
SCREENS: dict[str, tuple[Callable[[Path], App[None]], type[Screen[Any]]]] = {
    "picker": (picker, PickerScreen),
    "lesson": (lesson, LessonScreen),
    "autodiff": (autodiff, AutodiffScreen),
    "live": (live, LiveScreen),
    "monitor": (monitor, MonitorScreen),
    "help": (help_screen, HelpScreen),
}

QUICK_FIRST = [pytest.param(name, marks=pytest.mark.slow) if name == "help" else name for name in SCREENS]


def make_runs(root: Path) -> list[Run]:
    """A few runs, short and real: two seeds with a table, and one with a network."""
    runs = []
    for scenario, algorithm, seed, episodes, steps in (
        ("cliffwalking", "q-learning", 1, 40, None),
        ("cliffwalking", "q-learning", 2, 40, None),
        ("cartpole", "dqn", 3, None, 1200),
    ):
        often = {"evaluate_every": 400, "evaluate_episodes": 2} if steps else {}
        experiment = prepare_run(scenario, algorithm, often, seed=seed)
        budget, _ = budget_for(experiment, steps, episodes)
        runs.append(open_training(experiment, budget, root))
        train(experiment, budget, runs[-1])
    return runs


@asynccontextmanager
async def opened(app: App[None], size: tuple[int, int]) -> AsyncIterator[Pilot[None]]:
    """The app at work, when nothing is left to do."""
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot
