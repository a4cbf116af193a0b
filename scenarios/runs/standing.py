"""How a run stands: whether a process works on it, what that last told, or how it has ended.

Light to import and quick to ask, for lists of thousands.
"""

from __future__ import annotations

import os
from dataclasses import fields
from typing import Any, NamedTuple

from scenarios.runs.directory import STATUS, Result, Run, read_result, summary
from scenarios.runs.files import RunError, lock_holder
from scenarios.runs.progress import Heartbeat, Progress, read_status

UNKNOWN: dict[str, Any] = {field.name: None for field in fields(Result)}


class Standing(NamedTuple):
    """How a run stands."""

    status: str  # running, paused, waiting or dead, or the status of its result
    result: Result | None = None  # how it has ended; None while it has not
    said: Heartbeat | None = None  # what its trainer last told; None when it has ended, and before the first word
    process: int | None = None  # that works on it


def standing_of(run: Run) -> Standing:
    """How a run stands now; raises RunError when its result is damaged, or the whole run is gone."""
    # a run that has ended has no status.json any more: most are told by their result alone, without a look at the lock
    said = read_status(run.status) if os.path.lexists(f"{run.path}/{STATUS}") else None
    if said is None and (result := read_result(run)) is not None:
        return Standing(result.status, result)
    process = lock_holder(run.lock)
    if process is None:
        if result := read_result(run):
            return Standing(result.status, result)
        if not os.path.isdir(run.path):
            raise RunError(run.path, "is gone: the run's directory was moved or removed", "`rltop ls` lists the runs")
        return Standing("dead", said=said)
    return Standing(said.activity if said and said.process == process else "running", None, said, process)


def overview(run: Run) -> dict[str, Any]:
    """What `train --json` prints, and `process`, its trainer's id.

    A run that has not ended has the status `running`, `paused` or `waiting`, or `dead` where its process is; then its
    numbers are those that it last told. Raises RunError when the result is damaged.
    """
    return overview_of(run, standing_of(run))


def overview_of(run: Run, standing: Standing) -> dict[str, Any]:
    """The same of a run that stands as we know."""
    if standing.result:
        return {**summary(run, standing.result), "process": None}
    manifest = run.manifest
    identity = {key: getattr(manifest, key) for key in ("scenario", "algorithm", "seed", "lanes")}
    told = _told(standing.said.progress) if standing.said else {}
    now = {"status": standing.status, "process": standing.process}
    return {"run": str(run.path), **identity, **UNKNOWN, **told, **now}


def _told(progress: Progress) -> dict[str, Any]:
    """What a progress knows of a result."""
    same = ("env_steps", "episodes", "steps_per_second", "return_mean", "eval_mean")
    told = {key: getattr(progress, key) for key in same}
    message = progress.trouble
    return {**told, "wall_seconds": progress.seconds, "message": message, "sweeps": progress.sweeps or None}
