"""A run from its beginning to its result: an experiment's events folded into a run directory, without a screen."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from scenarios.catalog.gridworld import GridworldSettings, read
from scenarios.configuration import settings_of
from scenarios.experiment import AnyExperiment
from scenarios.runs.budget import Budget
from scenarios.runs.checkpoint import digest
from scenarios.runs.directory import Result, Run, create_run, write_result
from scenarios.runs.files import exclusive_lock, remove
from scenarios.runs.learners import Verdict
from scenarios.runs.progress import Progress
from scenarios.runs.resources import peak_rss_mb
from scenarios.runs.session import Session
from scenarios.runs.tables import write_tables
from scenarios.worlds.maps import to_toml


def open_training(experiment: AnyExperiment, budget: Budget, root: Path) -> Run:
    """A new run directory under `root` whose manifest says everything about the experiment and its budget.

    Raises RunError when it cannot be made.
    """
    world = experiment.world_config
    return create_run(
        root,
        experiment.scenario.name,
        experiment.algorithm.name,
        {key: value for part in experiment.parts for key, value in settings_of(part).items()},
        experiment.seed,
        experiment.lanes,
        to_toml(read(world)) if isinstance(world, GridworldSettings) else None,
        dataclasses.asdict(budget),
    )


def train(
    experiment: AnyExperiment,
    budget: Budget,
    run: Run,
    report: Callable[[Progress], None] = lambda progress: None,
    interrupted: Callable[[], bool] = lambda: False,
    *,
    resume: bool = False,
) -> Result:
    """Learn until the budget is spent, there is no more to learn, a value is no longer finite, or someone says stop.

    `report` is called at the beginning and about four times a second, `interrupted` after every event; clients have
    the control file. With `resume` the run goes on from its newest checkpoint, bit for bit. Every ending writes the
    tables and the result; an exception while learning is the ending `failed`, and its traceback goes to trainer.log.

    Raises RunError when another process works here, when there is nothing to go on from, or when the tables or the
    result cannot be written.
    """
    with exclusive_lock(run.lock):
        return train_locked(experiment, budget, run, report, interrupted, resume=resume)


def train_locked(
    experiment: AnyExperiment,
    budget: Budget,
    run: Run,
    report: Callable[[Progress], None],
    interrupted: Callable[[], bool],
    *,
    resume: bool = False,
) -> Result:
    """The same for a process that holds the lock of the run already."""
    # a value that overflows is noticed and named in the result; numpy need not warn of it
    with np.errstate(all="ignore"):
        session = Session(experiment, budget, run, report, interrupted, resume=resume)
        for earlier in (run.result, run.tables):
            remove(earlier)
        ending = session.learn()
        progress = session.close(ending)
        learner = session.learner
        write_tables(run.tables, learner.tables())
        sha256 = None if ending.status == "failed" else digest(learner.dump()["state"])
        result = _result(learner.verdict(ending), ending.message, progress, sha256)
        write_result(run, result)
    return result


def _result(verdict: Verdict, message: str | None, progress: Progress, state_sha256: str | None) -> Result:
    return Result(
        verdict.status,
        progress.env_steps,
        progress.episodes,
        progress.seconds,
        progress.steps_per_second,
        progress.return_mean,
        verdict.eval_mean,
        peak_rss_mb(),
        message or progress.trouble or verdict.remark,
        state_sha256,
        progress.sweeps or None,
    )
