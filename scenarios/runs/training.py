"""The loop that learns: an experiment's events folded into a run directory, without a screen."""

from __future__ import annotations

import dataclasses
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from scenarios.catalog.gridworld import GridworldSettings, read
from scenarios.configuration import settings_of
from scenarios.experiment import AnyExperiment, ControlExperiment
from scenarios.runs.budget import Budget
from scenarios.runs.directory import Result, Run, create_run, write_result
from scenarios.runs.files import RunError, exclusive_lock, write_atomic
from scenarios.runs.learners import Ending, Learner, Verdict, learner_of
from scenarios.runs.tables import write_tables
from scenarios.runs.tfevents import EventWriter
from scenarios.worlds.maps import to_toml

TELL_SECONDS = 0.25
SPEED_SECONDS = 1.0  # between two points of the speed


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    seconds: float
    env_steps: int  # of all lanes together
    episodes: int  # of all lanes together
    sweeps: int
    share: float | None  # of the budget, in [0, 1]; None where nobody knows how long it takes
    return_mean: float | None  # of the last 100 episodes
    largest_change: float | None  # of the last sweep
    fault: str | None  # why the metrics cannot be written just now
    eval_mean: float | None = None  # of the best greedy evaluation

    @property
    def steps_per_second(self) -> float:
        """Environment steps of all lanes per second since the beginning."""
        return self.env_steps / self.seconds if self.seconds else 0.0


def open_training(experiment: AnyExperiment, root: Path) -> Run:
    """A new run directory under `root` whose manifest says everything about the experiment.

    Raises RunError when it cannot be made.
    """
    world = experiment.world_config
    return create_run(
        root,
        experiment.scenario.name,
        experiment.algorithm.name,
        settings_of(world)
        | settings_of(experiment.config)
        | (settings_of(experiment.evaluation) if isinstance(experiment, ControlExperiment) else {}),
        experiment.seed,
        experiment.lanes,
        to_toml(read(world)) if isinstance(world, GridworldSettings) else None,
    )


def train(
    experiment: AnyExperiment,
    budget: Budget,
    run: Run,
    report: Callable[[Progress], None] = lambda progress: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Result:
    """Learn until the budget is spent, there is no more to learn, a value is no longer finite, or `interrupted`.

    `report` is called about four times a second, `interrupted` after every event. Every ending writes the tables and
    the result; an exception while learning is the ending `failed`, and its traceback goes to trainer.log.

    Raises RunError when the tables or the result cannot be written.
    """
    # a value that overflows is noticed and named in the result; numpy need not warn of it
    with exclusive_lock(run.lock), np.errstate(all="ignore"):
        learner = learner_of(experiment, budget)
        curves = Curves(run.events, learner, report)
        try:
            ending = _learn(learner, curves, interrupted)
        except Exception as error:
            write_atomic(run.path / "trainer.log", [traceback.format_exc().encode(errors="replace")])
            ending = Ending("failed", f"{type(error).__name__}: {error}")
        progress = curves.close()
        write_tables(run.tables, learner.tables())
        result = _result(learner.verdict(ending), ending.message, progress)
        write_result(run, result)
    return result


def _learn(learner: Learner, curves: Curves, interrupted: Callable[[], bool]) -> Ending:
    for event in learner.events():
        if ending := learner.take_in(event):
            return ending
        if interrupted():
            return Ending("stopped")
        curves.tell_when_due()
    return Ending("finished")


class Curves:
    """Owns the clock and the event file of a run: writes the curves as they grow, and reports how far it is."""

    def __init__(self, path: Path, learner: Learner, report: Callable[[Progress], None]) -> None:
        self._learner, self._report, self._writer = learner, report, EventWriter(path)
        self._began = self._told = self._timed = time.perf_counter()
        self._timed_steps = 0

    def tell_when_due(self) -> None:
        """Write and report, if it is time again."""
        if time.perf_counter() >= self._told + TELL_SECONDS:
            self._report(self._tell())

    def close(self) -> Progress:
        """Write what is left; returns how far it came."""
        progress = self._tell(rest=True)
        try:
            self._writer.close()
        except RunError as error:
            return dataclasses.replace(progress, fault=str(error))
        return progress

    def _tell(self, *, rest: bool = False) -> Progress:
        log, now, fault = self._learner.log, time.perf_counter(), None
        try:
            for step, values in log.points(rest=rest):
                self._writer.scalars(step, values)
            if (rest or now >= self._timed + SPEED_SECONDS) and log.env_steps > self._timed_steps:
                speed = (log.env_steps - self._timed_steps) / (now - self._timed)
                self._writer.scalars(log.env_steps, {"time/steps_per_second": speed})
                self._timed, self._timed_steps = now, log.env_steps
        except RunError as error:  # points that could not be written come again the next time
            fault = str(error)
        self._told = now
        return Progress(
            now - self._began,
            log.env_steps,
            log.episodes,
            log.sweeps,
            log.share,
            log.recent_return(),
            log.largest_change,
            fault,
            self._learner.eval_mean,
        )


def _result(verdict: Verdict, message: str | None, progress: Progress) -> Result:
    return Result(
        verdict.status,
        progress.env_steps,
        progress.episodes,
        progress.seconds,
        progress.steps_per_second,
        progress.return_mean,
        verdict.eval_mean,
        _peak_rss_mb(),
        message or progress.fault or verdict.remark,
    )


def _peak_rss_mb() -> float:
    """The largest resident memory of this process so far, in 10^6 bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6
