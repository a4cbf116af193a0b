"""The loop that learns: an experiment's events folded into a run directory, without a screen.

Shapes: L lanes, S states, A actions.
"""

from __future__ import annotations

import dataclasses
import math
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from algorithms.contract import Backup, Update
from scenarios.catalog.gridworld import GridworldSettings, read
from scenarios.configuration import settings_of
from scenarios.experiment import Experiment, tables
from scenarios.runs.budget import Budget
from scenarios.runs.directory import Result, Run, Status, create_run, write_result
from scenarios.runs.episodes import EpisodeLog, Log, SweepLog
from scenarios.runs.files import RunError, exclusive_lock, write_atomic
from scenarios.runs.tables import Array, write_tables
from scenarios.runs.tfevents import EventWriter
from scenarios.worlds.evaluation import greedy_returns
from scenarios.worlds.maps import to_toml

TELL_SECONDS = 0.25
SPEED_SECONDS = 1.0  # between two points of the speed
CLOSE_ENOUGH = 1e-6  # to the return that counts as solved: an exact evaluation still rounds


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

    @property
    def steps_per_second(self) -> float:
        """Environment steps of all lanes per second since the beginning."""
        return self.env_steps / self.seconds if self.seconds else 0.0


class Ending(NamedTuple):
    """Why the loop ended."""

    status: Status
    message: str | None = None


def open_training(experiment: Experiment, root: Path) -> Run:
    """A new run directory under `root` whose manifest says everything about the experiment.

    Raises RunError when it cannot be made.
    """
    world = experiment.world_config
    return create_run(
        root,
        experiment.scenario.name,
        experiment.algorithm.name,
        settings_of(world) | settings_of(experiment.config),
        experiment.seed,
        experiment.lanes,
        to_toml(read(world)) if isinstance(world, GridworldSettings) else None,
    )


def train(
    experiment: Experiment,
    budget: Budget,
    run: Run,
    report: Callable[[Progress], None] = lambda progress: None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Result:
    """Learn until the budget is spent, the values have settled or are no longer finite, or `interrupted` says so.

    `report` is called about four times a second, `interrupted` after every update. Every ending writes the tables and
    the result; an exception while learning is the ending `failed`, and its traceback goes to trainer.log.

    Raises RunError when the tables or the result cannot be written.
    """
    # a value that overflows is noticed and named in the result; numpy need not warn of it
    with exclusive_lock(run.lock), np.errstate(all="ignore"):
        state = experiment.initial_state()
        log = _log_for(experiment, budget)
        curves = Curves(run.events, log, report)
        try:
            ending = _learn(experiment, state, log, curves, interrupted)
        except Exception as error:
            write_atomic(run.path / "trainer.log", [traceback.format_exc().encode(errors="replace")])
            ending = Ending("failed", f"{type(error).__name__}: {error}")
        progress = curves.close()
        write_tables(run.tables, _learnt(experiment, state) | log.tables())
        result = _result(experiment, state, ending, progress)
        write_result(run, result)
    return result


def _log_for(experiment: Experiment, budget: Budget) -> Log:
    if experiment.algorithm.plans:
        return SweepLog(budget.sweeps)
    return EpisodeLog(experiment.lanes, budget.episodes, budget.steps)


def _learn(experiment: Experiment, state: Any, log: Log, curves: Curves, interrupted: Callable[[], bool]) -> Ending:
    for event in experiment.resume(state):
        enough = log.add(event)
        if not math.isfinite(np.add.reduce(event.new)):
            return Ending("diverged", _where(experiment, event))
        if enough:
            break
        if interrupted():
            return Ending("stopped")
        curves.tell_when_due()
    return Ending("finished")


def _where(experiment: Experiment, event: Update | Backup) -> str:
    """The first value that is not finite."""
    worst = int(np.argmin(np.isfinite(event.new)))
    value = f"became {event.new[worst]:g}"
    if isinstance(event, Backup):
        return f"V({event.states.start + worst}) {value} in sweep {event.sweep + 1}"
    return f"Q({event.s[worst] % experiment.model.states}, {event.a[worst]}) of lane {worst} {value}"


class Curves:
    """Owns the clock and the event file of a run: writes the curves as they grow, and reports how far it is."""

    def __init__(self, path: Path, log: Log, report: Callable[[Progress], None]) -> None:
        self._log, self._report, self._writer = log, report, EventWriter(path)
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
        log, now, fault = self._log, time.perf_counter(), None
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
        )


def _learnt(experiment: Experiment, state: Any) -> dict[str, Array]:
    """The tables of every lane."""
    model = experiment.model
    if experiment.algorithm.plans:
        believed = tables(experiment, state)
        return {"v": believed.v[None], "q": believed.q[None]}
    q = state.action_values(slice(None)).reshape(experiment.lanes, model.states, model.actions)
    return {"v": q.max(axis=2), "q": q}


def _result(experiment: Experiment, state: Any, ending: Ending, progress: Progress) -> Result:
    status, message = ending
    value = None if status in ("diverged", "failed") else _greedy_return(experiment, state)
    if status == "finished" and _is_solved(experiment, state, value):
        status = "solved"
    return Result(
        status,
        progress.env_steps,
        progress.episodes,
        progress.seconds,
        progress.steps_per_second,
        progress.return_mean,
        value,
        _peak_rss_mb(),
        message or progress.fault or _unsettled(experiment, state, progress),
    )


def _greedy_return(experiment: Experiment, state: Any) -> float | None:
    """The exact expected return of the greedy policy of lane 0; None where that would take too long."""
    returns = greedy_returns(experiment.model, tables(experiment, state).q)
    return None if returns is None else float(returns[0])


def _is_solved(experiment: Experiment, state: Any, value: float | None) -> bool:
    """Whether the greedy policy earns what counts as solved; without such a number, whether planning converged."""
    needed = experiment.scenario.solved(experiment.world_config).greedy_return
    if experiment.algorithm.plans and (needed is None or experiment.algorithm.name == "policy-evaluation"):
        return bool(state.converged)
    return needed is not None and value is not None and value >= needed - CLOSE_ENOUGH


def _unsettled(experiment: Experiment, state: Any, progress: Progress) -> str | None:
    """A sentence on planning that ended before it had converged."""
    if not experiment.algorithm.plans or state.converged:
        return None
    change = "" if progress.largest_change is None else f": the last one changed a value by {progress.largest_change:g}"
    return f"ended after {progress.sweeps:,} sweeps, before the values had settled{change}"


def _peak_rss_mb() -> float:
    """The largest resident memory of this process so far, in 10^6 bytes."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6
