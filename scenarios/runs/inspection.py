"""What a run directory says: how it ended, its configuration and, for tabular runs, its tables as plain JSON values.

Shapes: L lanes, S states, A actions, E episodes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from algorithms.exploration import tied
from scenarios.catalog import EVERY_SCENARIO, any_scenario_named, scenario_named
from scenarios.catalog.environment import scenario_of_environment
from scenarios.catalog.scenario import Description
from scenarios.configuration import SettingError, configure
from scenarios.experiment import field_names
from scenarios.runs.archive import Array
from scenarios.runs.control import changes_of
from scenarios.runs.directory import Manifest, Run
from scenarios.runs.files import RunError
from scenarios.runs.standing import overview
from scenarios.runs.tables import read_tables
from scenarios.worlds.errors import WorldError
from scenarios.worlds.layout import Layout
from scenarios.worlds.maps import build_map, parse_map

CANNOT_BE = (SettingError, WorldError, RunError, ValueError, TypeError, KeyError)  # of a manifest by another version


def inspect(run: Run) -> dict[str, Any]:
    """What `inspect --json` prints: the overview, `config` and its `changes`, of lane 0 `v`, `q`, `policy`, and so on.

    Raises RunError when a file is damaged, SettingError or WorldError for a world that this version cannot build.
    """
    kept: dict[str, Array] = read_tables(run.tables) if run.tables.exists() else {}
    return {**configured(run), **_values(run.manifest, kept), **_curves(kept)}


def configured(run: Run) -> dict[str, Any]:
    """The overview of a run, its `config`, and in `changes` what of that was changed while it learnt."""
    changes = [change._asdict() for change in changes_of(run.changes)]
    return {**overview(run), "config": run.manifest.config, "changes": changes}


def _values(manifest: Manifest, kept: dict[str, Array]) -> dict[str, Any]:
    """The world's shape (null where a cell holds several states), and what lane 0 has learnt; walls have no value."""
    if "q" not in kept:
        return {"shape": None, "actions": None, "v": None, "q": None, "policy": None}
    layout, v, q = layout_of(manifest), kept["v"][0], kept["q"][0]  # [S], [S, A]
    walls = layout.walls if len(layout.walls) == len(v) else np.zeros(len(v), np.bool_)
    with np.errstate(invalid="ignore"):  # a diverged run holds NaN and infinity
        greedy = tied(q) & ~walls[:, None]
    return {
        "shape": [layout.rows, layout.columns] if layout.rows * layout.columns == len(v) else None,
        "actions": list(layout.actions),
        "v": plain(np.where(walls, np.nan, v)),
        "q": plain(q),
        "policy": [[a for a, best in enumerate(row) if best] for row in greedy.tolist()],
    }


def _curves(kept: dict[str, Array]) -> dict[str, Any]:
    """Sweeps done, and the return of every episode: its mean over the lanes that got so far, and lane by lane."""
    returns = kept.get("episode_return_lanes")  # [E, L], NaN where a lane has not got so far
    return {
        **({"sweeps": len(kept["deltas"])} if "deltas" in kept else {}),
        "episode_return": None if returns is None else plain(_mean_over_lanes(returns)),
        "episode_return_lanes": None if returns is None else plain(returns),
    }


def _mean_over_lanes(returns: Array) -> Array:
    there = ~np.isnan(returns)
    mean: Array = np.where(there, returns, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return mean


def layout_of(manifest: Manifest) -> Layout:
    """How the world of a run lies on a board."""
    if manifest.world is not None:
        return build_map(parse_map(manifest.world, "the map in run.json")).layout
    scenario = scenario_named(manifest.scenario)
    return scenario.build(settings_in(scenario.world, manifest.config)).layout


def settings_in(kind: type[Any], config: Mapping[str, Any]) -> Any:
    """The part of a run's configuration that is of one kind.

    Raises SettingError, ValueError or TypeError where this version cannot make it of these values.
    """
    keys = field_names(kind)
    return configure(kind, {key: value for key, value in config.items() if key in keys})


def scenario_called(name: str) -> Description:
    """The scenario that a run's manifest names, or its environment as one."""
    known = name in {scenario.name for scenario in EVERY_SCENARIO}
    return any_scenario_named(name) if known else scenario_of_environment(name)


def solved_return(manifest: Manifest) -> float | None:
    """The return from which on a run counts as solved, in its very world; None where nothing is said."""
    return _solved_return(manifest.scenario, json.dumps(manifest.config, sort_keys=True))


@lru_cache(1000)
def _solved_return(name: str, config: str) -> float | None:
    try:
        scenario = scenario_called(name)
        return scenario.solved(settings_in(scenario.world, json.loads(config))).greedy_return
    except CANNOT_BE:
        return None


def plain(array: Array) -> list[Any]:
    """Nested lists of numbers that JSON can hold: null for NaN and infinity."""
    finite = np.isfinite(array)
    if finite.all():
        numbers: list[Any] = array.tolist()
        return numbers
    gaps = array.astype(object)
    gaps[~finite] = None
    with_gaps: list[Any] = gaps.tolist()
    return with_gaps
