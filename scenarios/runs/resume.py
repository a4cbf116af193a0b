"""A run's experiment again, from what its manifest says."""

from __future__ import annotations

import dataclasses
from typing import Any

from scenarios.catalog import EVERY_SCENARIO
from scenarios.catalog.gridworld import GridworldSettings
from scenarios.configuration import SettingError
from scenarios.experiment import AnyExperiment, Experiment, prepare_run
from scenarios.lessons.words import counted
from scenarios.runs.budget import Budget
from scenarios.runs.directory import MANIFEST, Manifest, Run, differences, read_result
from scenarios.runs.files import RunError, printable
from scenarios.worlds.errors import WorldError
from scenarios.worlds.maps import build_map, parse_map

_MOST = 1 << 62
CANNOT_GO_ON = ("solved", "finished", "diverged")
CAN_GO_ON = ("dead", "stopped", "failed")


def experiment_of(run: Run) -> tuple[AnyExperiment, Budget]:
    """What was run, as it was when it began, with its budget.

    Raises RunError when the manifest describes nothing that this version can run.
    """
    manifest = run.manifest
    try:
        return _experiment(manifest), _budget(manifest)
    except (SettingError, WorldError) as error:
        raise _unfit(run, str(error)) from error
    except Exception as error:  # values of other types than a configuration's, written by nobody's rltop
        raise _unfit(run, f"{type(error).__name__}: {error}") from error


def _unfit(run: Run, what: str) -> RunError:
    return RunError(run.path / MANIFEST, f"describes no run that can be built: {printable(what)}", "start a new run")


def _experiment(manifest: Manifest) -> AnyExperiment:
    known = manifest.scenario in [scenario.name for scenario in EVERY_SCENARIO]
    where: dict[str, Any] = {"environment": None if known else manifest.scenario}
    name, settings = manifest.scenario if known else None, dict(manifest.config)
    chance: dict[str, Any] = {"seed": manifest.seed, "lanes": manifest.lanes}
    if manifest.world is None:
        return prepare_run(name, manifest.algorithm, settings, **where, **chance)
    file = settings.pop("world")  # it may have changed since: the map is in the manifest
    experiment = prepare_run(name, manifest.algorithm, settings, **where, **chance)
    if not isinstance(experiment, Experiment) or not isinstance(experiment.world_config, GridworldSettings):
        raise SettingError(f"{manifest.scenario} has no map")
    world_config = dataclasses.replace(experiment.world_config, world=file)
    model = build_map(parse_map(manifest.world, "the map in run.json"))
    return dataclasses.replace(experiment, world_config=world_config, model=model)


def _budget(manifest: Manifest) -> Budget:
    budget = Budget(**manifest.budget)
    for name, value in manifest.budget.items():
        if not (type(value) is int and 0 <= value <= _MOST) and (name, value) != ("steps", None):
            raise SettingError(f"the limit {name} must be a whole number, got {value!r:.40}")
    return budget


def check_resumable(run: Run) -> None:
    """Raise RunError, one sentence, for a run that has come to an end from which nothing goes on."""
    result = read_result(run)
    if result is not None and result.status in CANNOT_GO_ON:
        why = "would diverge again" if result.status == "diverged" else f"has ended: {result.status}"
        raise RunError(run.path, why, "start a new run with `rltop train`")


def how_it_goes_on(checkpoint: int | None) -> str:
    """What a resume of a run does whose newest checkpoint was made after so many updates; None: that has none."""
    if checkpoint is None:
        return "begins anew, as there is no checkpoint"
    return f"goes on from its newest checkpoint ({counted(checkpoint, 'update')})"


def warning(run: Run) -> str | None:
    """A sentence when this is not the machine or the software that the run began with."""
    apart = differences(run.manifest)
    return f"the last bits may differ from an uninterrupted run: {apart}" if apart else None
