"""Runs beside each other: which of them differ by their seed alone, and in what two of them differ."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from scenarios.catalog.scenario import ControlScenario
from scenarios.configuration import SettingError, settings_of
from scenarios.experiment import decide_control, prepare_run
from scenarios.lessons.words import grouped
from scenarios.runs.collection import RunRow
from scenarios.runs.control import Change, changes_of
from scenarios.runs.directory import Manifest, Run
from scenarios.runs.files import RunError
from scenarios.runs.inspection import scenario_called
from scenarios.worlds.errors import WorldError

# ── runs that differ by their seed alone ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Group:
    """Runs that differ by their seed alone."""

    scenario: str
    algorithm: str
    rows: tuple[RunRow, ...]  # by seed, one of each: the one that went furthest
    repeats: tuple[RunRow, ...]  # the others, which are no further evidence
    distinct: tuple[tuple[str, Any], ...]  # what was set, and not so in all groups of this scenario and algorithm


def group_by_seed(rows: Iterable[RunRow]) -> list[Group]:
    """Runs in groups that differ by their seed alone, in the order of their first ones; a damaged one is alone."""
    groups: dict[Any, list[RunRow]] = {}
    for row in rows:
        groups.setdefault(_but_for_the_seed(row), []).append(row)
    maps = _map_names(first.manifest.world for first, *_ in groups.values() if first.manifest is not None)
    alike: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for first, *_ in groups.values():
        alike.setdefault((first.scenario, first.algorithm), []).append(_what_was_set(first, maps))
    return [_group(members, alike[members[0].scenario, members[0].algorithm], maps) for members in groups.values()]


def _map_names(worlds: Iterable[str | None]) -> dict[str | None, str]:
    """What each map of one's own is called, by its text; where several have one name they are counted."""
    called = {world: _map_name(world) for world in worlds if world is not None}
    names: dict[str | None, str] = {}
    for name in dict.fromkeys(called.values()):
        same = [world for world in called if called[world] == name]
        names |= {world: name if len(same) == 1 else f"{name} {n}" for n, world in enumerate(same, start=1)}
    return names


def _map_name(world: str) -> str:
    """The name that a map gives itself."""
    try:
        name = tomllib.loads(world).get("name")
    except tomllib.TOMLDecodeError:
        name = None
    return name if isinstance(name, str) and name else "unnamed"


def _but_for_the_seed(row: RunRow) -> Any:
    manifest = row.manifest
    if manifest is None:
        return row.path
    settings = json.dumps([manifest.config, manifest.budget], sort_keys=True)
    return manifest.scenario, manifest.algorithm, manifest.lanes, manifest.world, settings, changes_in(row)


def changes_in(row: RunRow) -> tuple[Change, ...]:
    """The settings of a run that were changed while it learnt, in the order in which that was, as far as is known."""
    try:
        return changes_of(Run(row.path, row.manifest).changes) if row.manifest is not None else ()
    except RunError:  # its own screen and `rltop inspect` say so
        return ()


def _what_was_set(row: RunRow, maps: Mapping[str | None, str]) -> dict[str, Any]:
    """Its settings, and what else may tell it from others of its kind: map, lanes, limits and later changes."""
    limits, world = (row.manifest.budget, row.manifest.world) if row.manifest is not None else ({}, None)
    given = {"map": maps.get(world), "lanes": row.lanes} | {key: limits.get(key) for key in ("steps", "episodes")}
    given["changed"] = ", ".join(f"{change.key} to {change.value}" for change in changes_in(row))
    return {**row.config, **{key: value for key, value in given.items() if value}}


def _group(members: Sequence[RunRow], alike: Sequence[Mapping[str, Any]], maps: Mapping[str | None, str]) -> Group:
    first = members[0]
    distinct = [
        (key, value)
        for key, value in _what_was_set(first, maps).items()
        if any(key not in config or config[key] != value for config in alike)
    ]
    by_seed: dict[int | None, RunRow] = {}
    for row in sorted(members, key=lambda row: (row.seed or 0, -(row.env_steps or 0), row.name)):
        by_seed.setdefault(row.seed, row)
    kept = {row.path for row in by_seed.values()}
    repeats = tuple(row for row in members if row.path not in kept)
    return Group(first.scenario, first.algorithm, tuple(by_seed.values()), repeats, tuple(distinct))


# ── in what two runs differ ──────────────────────────────────────────────────────────────────────────────

Kind = Literal["what", "setting", "change", "limit", "machine"]
ABSENT = "-"  # stands for the value of a setting that a run does not have


class Difference(NamedTuple):
    """One thing in which two runs differ; either value may be the scenario's default."""

    key: str
    first: Any
    second: Any
    kind: Kind
    first_is_default: bool = False
    second_is_default: bool = False


def differences_of(a: RunRow, b: RunRow) -> list[Difference]:
    """In what two runs differ: what is learnt, from which seed, every setting and change, limits, versions and machine.

    Settings that only one of them has are `ABSENT` in the other. A damaged run tells nothing of itself.
    """
    if a.manifest is None or b.manifest is None:
        return []
    one, other = a.manifest, b.manifest
    found = [
        Difference(key, getattr(one, key), getattr(other, key), "what")
        for key in ("scenario", "algorithm", "seed", "lanes")
        if getattr(one, key) != getattr(other, key)
    ]
    if one.world != other.world:
        found.append(Difference("map", _map(one), _map(other), "what"))
    found += _settings(one, other)
    found += _of_parts(change_texts(a), change_texts(b), "change")
    found += _of_parts(one.budget, other.budget, "limit")
    return found + _of_parts(_machine(one), _machine(other), "machine")


def change_texts(row: RunRow) -> dict[str, str]:
    """The changes of a run, by what was changed when, as in `alpha at 9 203`: a count of transitions."""
    return {f"{key} at {grouped(transitions)}": value for transitions, key, value in changes_in(row)}


def _map(manifest: Manifest) -> str:
    return ABSENT if manifest.world is None else f"a map of {len(manifest.world.splitlines())} lines"


def _settings(one: Manifest, other: Manifest) -> list[Difference]:
    defaults = default_settings(one.scenario, one.algorithm), default_settings(other.scenario, other.algorithm)
    return [
        found._replace(
            first_is_default=found.key in defaults[0] and defaults[0][found.key] == found.first,
            second_is_default=found.key in defaults[1] and defaults[1][found.key] == found.second,
        )
        for found in _of_parts(one.config, other.config, "setting")
    ]


def _of_parts(one: Mapping[str, Any], other: Mapping[str, Any], kind: Kind) -> list[Difference]:
    pairs = [(key, one.get(key, ABSENT), other.get(key, ABSENT)) for key in dict.fromkeys([*one, *other])]
    return [Difference(key, first, second, kind) for key, first, second in pairs if first != second]


def _machine(manifest: Manifest) -> dict[str, Any]:
    """What it learnt with, as short texts; numpy is among the packages already."""
    numeric = {key: value for key, value in manifest.numeric.items() if key not in manifest.packages}
    parts = {"python": manifest.python, **manifest.packages, **numeric}
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in parts.items()}


def default_settings(scenario: str, algorithm: str) -> dict[str, Any]:
    """The settings of an algorithm in a scenario as they are by themselves; empty for one that we do not know."""
    try:
        return {key: value for part in _parts(scenario, algorithm) for key, value in settings_of(part).items()}
    except (SettingError, WorldError):
        return {}


def _parts(scenario: str, algorithm: str) -> tuple[Any, ...]:
    known = scenario_called(scenario)
    if isinstance(known, ControlScenario):
        return decide_control(known, algorithm).parts
    return prepare_run(scenario, algorithm).parts
