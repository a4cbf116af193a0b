"""What a run directory says: how it ended, its configuration and, for tabular runs, its tables as plain JSON values.

Shapes: L lanes, S states, A actions, E episodes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.exploration import tied
from scenarios.catalog import scenario_named
from scenarios.configuration import configure
from scenarios.experiment import field_names
from scenarios.runs.archive import Array
from scenarios.runs.directory import Manifest, Run
from scenarios.runs.standing import overview
from scenarios.runs.tables import read_tables
from scenarios.worlds.layout import Layout
from scenarios.worlds.maps import build_map, parse_map


def inspect(run: Run) -> dict[str, Any]:
    """What `inspect --json` prints: the overview, `config`, and of lane 0 `v`, `q`, `policy`, and so on.

    Raises RunError when a file is damaged, SettingError or WorldError for a world that this version cannot build.
    """
    kept: dict[str, Array] = read_tables(run.tables) if run.tables.exists() else {}
    return {**overview(run), "config": run.manifest.config, **_values(run.manifest, kept), **_curves(kept)}


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
    keys = field_names(scenario.world)
    settings = {key: value for key, value in manifest.config.items() if key in keys}
    return scenario.build(configure(scenario.world, settings)).layout


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
