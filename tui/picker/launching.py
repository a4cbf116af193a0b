"""Starting the trainers of a choice: a run directory and a detached process for each; they take turns on the cores."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from textual.message import Message

from scenarios.runs.directory import Run, runs_root
from scenarios.runs.files import RunError, lock_holder
from scenarios.runs.progress import read_status
from scenarios.runs.trainer import start
from scenarios.runs.training import open_training
from scenarios.runs.turns import places_here
from tui.drawing.cells import safe_text
from tui.picker.choice import Choice, prepare_trainings


@dataclass(frozen=True)
class Launch:
    """Runs that have begun, or wait for their turn."""

    runs: tuple[Run, ...]
    waiting: int = 0
    warnings: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What has begun, in words; empty for one run that simply learns."""
        count, learning = len(self.runs), len(self.runs) - self.waiting
        if count == 1:
            return "it waits for a free core: others learn already" if self.waiting else ""
        waits = f", {self.waiting} wait{'s' if self.waiting == 1 else ''} for a free core" if self.waiting else ""
        return f"{count} trainings: {learning} learn{'s' if learning == 1 else ''} now{waits}"


@dataclass
class Launched(Message):
    """Trainers have begun; or None, and the sentence that says why not."""

    launch: Launch | None
    problem: str = ""


def launch(choice: Choice) -> Launch:
    """Let a trainer begin for every seed and algorithm of a choice; returns when all have begun or wait.

    Raises SettingError, WorldError or RunError, one sentence each; then no directory is left of runs that could not
    be made, and trainers that have begun go on.
    """
    trainings, warnings = prepare_trainings(choice)
    runs: list[Run] = []
    try:
        for training in trainings:
            runs.append(open_training(training.experiment, training.budget, choice.runs_directory))
    except RunError:
        _remove(runs)
        raise
    places = places_here()
    with ThreadPoolExecutor(places) as starters:  # importing takes a second each
        list(starters.map(lambda run: start(run, places=places), runs))
    waiting = sum(_waits(run) for run in runs)
    return Launch(tuple(runs), waiting, warnings)


def _remove(runs: Sequence[Run]) -> None:
    """Take back directories in which nothing has begun."""
    for run in runs:
        shutil.rmtree(run.path, ignore_errors=True)


def _waits(run: Run) -> bool:
    said = read_status(run.status)
    return said is not None and said.activity == "waiting" and lock_holder(run.lock) is not None


def tell_what_goes_on(started: Iterable[Run]) -> None:
    """Name the trainings that began here and go on without the app."""
    for run in started:
        if lock_holder(run.lock) is not None:
            usual = run.path.parent == runs_root().absolute()
            name = run.path.name if usual else shlex.quote(str(run.path))
            print(f"{safe_text(run.path.name, 200)} goes on: rltop attach {safe_text(name, 1000)} follows it")
