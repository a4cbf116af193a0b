"""What a run keeps on the disk so that nothing is lost: its two newest checkpoints and the best of its evaluations."""

from __future__ import annotations

import dataclasses
import hashlib
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from scenarios.experiment import AnyExperiment
from scenarios.runs.budget import Budget
from scenarios.runs.checkpoint import Tree, checkpoint_path, checkpoints, read_checkpoint, write_checkpoint
from scenarios.runs.control import ChangeLog, changed
from scenarios.runs.curves import Curves
from scenarios.runs.directory import Run
from scenarios.runs.files import RunError, printable
from scenarios.runs.learners import Learner, learner_of
from scenarios.runs.progress import TrainerLog
from scenarios.worlds.errors import WorldError

CHECKPOINT_SECONDS = 10.0  # between two checkpoints
CHECKPOINT_SHARE = 0.01  # of the time that they may take; dearer ones come less often
KEPT = 2  # checkpoints


@dataclass(frozen=True)
class Mark:
    """Where a run stands at a checkpoint, beside what it has learnt."""

    transitions: int = 0
    seconds: float = 0.0  # learnt so far
    events_bytes: int = 0  # of the curves
    changes: int = 0  # settings changed so far
    finished: bool = False  # there is no more to learn

    def __post_init__(self) -> None:
        if min(self.transitions, self.seconds, self.events_bytes, self.changes) < 0:
            raise ValueError("it counts something below zero")


def identity_of(run: Run) -> dict[str, Any]:
    """What makes a checkpoint one of this run."""
    manifest = run.manifest
    keys = ("scenario", "algorithm", "seed", "lanes", "config", "budget")
    world = manifest.world and hashlib.sha256(manifest.world.encode()).hexdigest()
    return {**{key: getattr(manifest, key) for key in keys}, "world": world}


class Keeper:
    """Owns the checkpoints of a run that learns: when one is due, and which are kept."""

    def __init__(self, run: Run, kept: int | None = None) -> None:
        """kept: the transitions of the checkpoint that the run goes on from; younger ones are removed."""
        self._run, self._identity = run, identity_of(run)
        self.fault: str | None = None  # why the latest checkpoint could not be written
        self.kept = kept  # transitions of the newest checkpoint
        self._best: int | None = None  # environment step of the best that is kept
        self._due = time.perf_counter() + CHECKPOINT_SECONDS
        if kept is not None:
            self._remove_but(kept)

    def is_due(self) -> bool:
        """Whether it is time for a checkpoint."""
        return time.perf_counter() >= self._due

    def keep(self, mark: Mark, learner: Learner, curves: Curves) -> None:
        """Write a checkpoint; one that cannot be written leaves the older ones as they are and `fault` says why."""
        began = time.perf_counter()
        try:
            mark = dataclasses.replace(mark, events_bytes=curves.sync())
            path = checkpoint_path(self._run.path, mark.transitions)
            write_checkpoint(path, self._identity, tree_of(mark, learner))
            self._remove_but(mark.transitions)
            self.kept, self.fault = mark.transitions, None
        except (RunError, WorldError) as error:
            self.fault = str(error)
        except MemoryError:
            self.fault = "there is not enough memory for a checkpoint: use fewer lanes or episodes"
        ended = time.perf_counter()
        self._due = ended + max(CHECKPOINT_SECONDS, (ended - began) / CHECKPOINT_SHARE)

    def keep_best(self, learner: Learner) -> None:
        """Write the weights of the best evaluation, if there is a better one than the one kept."""
        best = learner.best()
        if best is not None and best["env_steps"] != self._best:
            try:
                write_checkpoint(self._run.best, self._identity, best)
                self._best = best["env_steps"]
            except RunError as error:
                self.fault = str(error)

    def _remove_but(self, newest: int) -> None:
        """Remove all checkpoints but the newest one and those that came right before it."""
        with suppress(RunError):
            older = [path for transitions, path in checkpoints(self._run.path) if transitions < newest]
            younger = [path for transitions, path in checkpoints(self._run.path) if transitions > newest]
            for path in older[KEPT - 1 :] + younger:
                with suppress(OSError):
                    path.unlink()


def reopen(run: Run, experiment: AnyExperiment, budget: Budget, log: TrainerLog) -> tuple[Mark, Learner, Curves]:
    """A run as its newest usable checkpoint left it; at its beginning where there is none at all.

    Raises RunError when there are checkpoints, but none can be used.
    """
    found = checkpoints(run.path)
    changes = ChangeLog(run.changes)
    for transitions, path in found:
        try:
            mark, learner = load_checkpoint(run, experiment, budget, transitions)
            if mark.changes > len(changes.changes):
                raise RunError(run.changes, f"has lost one of {mark.changes} changes", "restore it from a copy")
            for change in changes.changes[: mark.changes]:
                learner.reconfigure(changed(learner.experiment.config, change.key, change.value))
            return mark, learner, Curves(run.events, learner, mark.seconds, mark.events_bytes)
        except RunError as fault:
            log.say(f"{path.name} is not used: {fault}")
            if path == found[-1][1]:
                raise
    learner = learner_of(experiment, budget)
    return Mark(), learner, Curves(run.events, learner, keep=0)


def load_checkpoint(run: Run, experiment: AnyExperiment, budget: Budget, transitions: int) -> tuple[Mark, Learner]:
    """The run as it stood after so many transitions; raises RunError when its checkpoint cannot be used."""
    path = checkpoint_path(run.path, transitions)
    learner = learner_of(experiment, budget)
    tree = read_checkpoint(path, identity_of(run), tree_of(Mark(), learner))
    try:
        mark = Mark(**tree["mark"])
        learner.load(tree["learner"])
    except Exception as error:  # every part of a state checks what it takes over in its own way
        what = printable(f"{type(error).__name__}: {error}")
        raise RunError(path, f"does not fit this run ({what})", "restore it from a copy or delete it") from error
    return mark, learner


def tree_of(mark: Mark, learner: Learner) -> Tree:
    """What a checkpoint holds."""
    return {"mark": dataclasses.asdict(mark), "learner": learner.dump()}
