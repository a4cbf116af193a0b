"""What is left of a run, to be compared bit for bit with what is left of another."""

from pathlib import Path

import numpy as np

from scenarios.runs.checkpoint import checkpoints, digest
from scenarios.runs.directory import Run, open_run, read_result
from scenarios.runs.frames import FrameReader
from scenarios.runs.keeping import load_checkpoint
from scenarios.runs.learners import learner_of
from scenarios.runs.resume import experiment_of
from scenarios.runs.tables import read_tables
from scenarios.runs.tfevents import read_scalars
from scenarios.runs.training import open_training

OTHERS = ("time/", "evaluation/on_request")  # curves of the clock, and of what a client asked for


def new_run(root: Path, experiment, budget) -> Run:
    """A run directory whose trainer has yet to come."""
    return open_training(experiment, budget, root)


def newest(run: Run):
    """The newest checkpoint of a run: where it stands and its learner."""
    experiment, budget = experiment_of(run)
    return load_checkpoint(run, experiment, budget, checkpoints(run.path)[0][0])


def remains(path: Path) -> dict[str, object]:
    """Everything that must not depend on how a run came to its end; it has left no scratch files."""
    run = open_run(str(path), path.parent)
    result = read_result(run)
    mark, learner = newest(run)
    assert mark.finished
    assert not list(path.glob(".tmp-*"))
    frames = FrameReader(run.frames)
    frames.poll()
    assert not frames.torn
    assert not len(frames) or frames.rows["env_steps"].max() <= max(result.env_steps, learner.log.sweeps)
    curves = {tag: series for tag, series in read_scalars(run.events).items() if not tag.startswith(OTHERS)}
    return {
        "transitions": mark.transitions,
        "sha256": (result.state_sha256, digest(learner.dump())),
        "result": (result.status, result.env_steps, result.episodes, result.return_mean, result.eval_mean),
        "tables": {key: table.tobytes() for key, table in read_tables(run.tables).items()},
        "curves": {tag: (series.steps.tobytes(), series.values.tobytes()) for tag, series in curves.items()},
        "best": run.best.read_bytes() if run.best.exists() else None,
    }


def has_learnt(path: Path) -> bool:
    """Whether the arrays that are learnt are finite and no longer what they were; NaN would equal NaN everywhere."""
    run = open_run(str(path), path.parent)
    fresh = learner_of(*experiment_of(run)).dump()["state"]
    learnt = newest(run)[1].dump()["state"]
    pairs = list(_arrays(fresh, learnt))
    assert pairs
    assert all(np.isfinite(now).all() for _, now in pairs)
    return any(before.shape == now.shape and (before != now).any() for before, now in pairs)


def _arrays(one, other):
    for key in one:
        if isinstance(one[key], dict):
            yield from _arrays(one[key], other[key])
        elif isinstance(one[key], np.ndarray) and one[key].dtype.kind == "f":
            yield one[key], other[key]
