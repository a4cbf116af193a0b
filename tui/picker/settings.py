"""The settings of a choice as the picker lists them: value, default, allowed values and the sentence of each."""

from __future__ import annotations

import math
import re
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from algorithms.registry import Algorithm, algorithm_named
from algorithms.schedules import Constant, Schedule
from scenarios.catalog.scenario import ControlScenario, Scenario
from scenarios.configuration import SettingError, configure, field_help, settings_of
from scenarios.experiment import MOST_LANES, Acting, AnyExperiment, Evaluation, HeldOutEvaluation, field_names
from scenarios.runs.directory import runs_root
from tui.picker.choice import MOST_SEEDS, Choice, beside_algorithm, described

OPEN = "..."
SCHEDULES = ("0.2", "linear(0.5, 0.05, 200)", "exponential(0.5, 0.05, 50)")
GROUPS = {Evaluation: "Evaluation", HeldOutEvaluation: "Evaluation", Acting: "Workers"}

SEEDS = (
    "How many trainings start together: on this seed and on those that follow it. One a core learns, the others wait."
)
LANES = "Learners that run at once: the first is shown, the curve is the mean of all with its 95 % band."
LENGTHS = {
    "steps": "A training ends after so many steps of every learner.",
    "episodes": "A training ends after so many episodes of every learner.",
}
RUNS = "Where trainings are kept: a directory for each."


@dataclass(frozen=True)
class Setting:
    """One thing that can be set before anything begins."""

    key: str
    group: str  # what it belongs to, as its heading says
    value: str
    default: str
    sentence: str
    allowed: str = ""  # the range in words, "" for any text
    options: tuple[str, ...] = ()  # all values there are
    offers: tuple[str, ...] = ()  # some of them

    @property
    def changed(self) -> bool:
        """Whether it differs from what it would begin with."""
        return self.value != self.default


ENVIRONMENT = Setting(
    "environment",
    "",
    "",
    "",
    "Any environment that gymnasium has registered by this name. What it observes must be a row of numbers.",
    "a name with its version",
    offers=("Acrobot-v1", "BipedalWalker-v3"),
)


@dataclass(frozen=True)
class Sketch:
    """What of an experiment is known before its world is built."""

    algorithm: Algorithm
    parts: tuple[Any, ...]  # the configurations: of the world first, then the algorithm's
    lanes: int = 1


Chosen = Sequence[AnyExperiment | Sketch]


def sketched_list(choice: Choice) -> list[Setting]:
    """Every setting of a choice whose world is not built yet: what the world has a say in is still open."""
    plain = [_sketch(choice, name, {}) for name in choice.chosen]
    try:
        now = [_sketch(choice, name, choice.settings) for name in choice.chosen]
    except SettingError:
        now = plain
    open_ones: set[str] = set()
    if isinstance(described(choice.scenario), Scenario):
        open_ones = {"gamma", "lanes"} - set(choice.settings) - ({"lanes"} if choice.lanes else set())
    return [
        replace(setting, value=OPEN, default=OPEN) if setting.key in open_ones else setting
        for setting in settings_list(choice, now, plain)
    ]


def _sketch(choice: Choice, name: str, settings: Mapping[str, Any]) -> Sketch:
    scenario, method = described(choice.scenario), algorithm_named(name)
    first = {"block": 1} if "block" in field_names(method.config) else {}
    given = first | dict(scenario.defaults_for(name)) | dict(settings)
    kinds = (scenario.world, method.config, *beside_algorithm(scenario, name))
    parts = [configure(kind, {key: given[key] for key in field_names(kind) & given.keys()}) for kind in kinds]
    return Sketch(method, tuple(parts), choice.lanes or 1)


def settings_list(choice: Choice, chosen: Chosen, fresh: Chosen) -> list[Setting]:
    """Every setting of a choice; `fresh` is the same with nothing set but its world."""
    world = chosen[0].parts[0]
    found = [*_run_settings(choice, chosen, fresh)]
    found += [_setting(key, "World", world, type(world)()) for key in settings_of(world)]
    for now, before in zip(chosen, fresh, strict=True):
        for number, (part, default) in enumerate(zip(now.parts[1:], before.parts[1:], strict=True)):
            for key in settings_of(part):
                if key not in {setting.key for setting in found}:
                    owners = [e.algorithm.title for e in chosen if any(hasattr(one, key) for one in e.parts[1:])]
                    group = GROUPS.get(type(part)) if number else f"Settings of {' and '.join(owners)}"
                    found.append(_setting(key, group or "Settings", part, default))
    return found


def _run_settings(choice: Choice, chosen: Chosen, fresh: Chosen) -> list[Setting]:
    """Seed, seeds, lanes, and how long and where a training learns."""
    found = [
        Setting("seed", "Run", str(choice.seed), "0", "The same seed gives the same run, bit for bit.", "0 or more"),
        Setting("seeds", "Run", str(choice.seeds), "1", SEEDS, f"[1, {MOST_SEEDS}]"),
    ]
    family = {experiment.algorithm.family for experiment in chosen}
    if "tabular" in family:
        lanes, suggested = (max(e.lanes for e in some) for some in (chosen, fresh))
        found.append(Setting("lanes", "Run", str(lanes), str(suggested), LANES, f"[1, {MOST_LANES}]"))
    for key, default in _lengths(choice).items() if "planning" not in family else ():
        value = default if getattr(choice, key) is None else str(getattr(choice, key))
        found.append(Setting(key, "Run", value, default, LENGTHS[key], "1 or more, or none"))
    usual = str(runs_root().absolute())
    return [*found, Setting("runs", "Run", choice.runs or usual, usual, RUNS)]


def _lengths(choice: Choice) -> dict[str, str]:
    """How long a training learns by default."""
    scenario = described(choice.scenario)
    if isinstance(scenario, ControlScenario):
        default = str(scenario.steps[choice.chosen[0]])
        return {"steps": default if choice.episodes is None else "none", "episodes": "none"}
    return {"steps": "none", "episodes": str(scenario.episodes) if choice.steps is None else "none"}


def _setting(key: str, group: str, config: Any, default: Any) -> Setting:
    settings: type = type(config)
    kind = typing.get_type_hints(settings)[key]
    return Setting(
        key,
        group,
        _text(settings_of(config)[key]),
        _text(settings_of(default)[key]),
        field_help(settings).get(key, ""),
        _allowed(settings, key, kind),
        _options(kind),
        SCHEDULES if kind is Schedule else (),
    )


def _text(value: Any) -> str:
    if isinstance(value, bool | None):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _options(kind: Any) -> tuple[str, ...]:
    if kind is bool:
        return ("false", "true")
    return tuple(typing.get_args(kind)) if typing.get_origin(kind) is typing.Literal else ()


def _allowed(config: type[Any], key: str, kind: Any) -> str:
    """The allowed values in the words of the setting's own error, which not-a-number always raises."""
    if options := _options(kind):
        return ", ".join(options)
    if str in (kind, *typing.get_args(kind)):
        return ""
    nothing = Constant(math.nan) if kind is Schedule else math.nan
    try:
        config(**{key: nothing})
    except ValueError as error:
        found = re.search(r"must be (?:in )?(.+?), got", str(error))
        words = found[1] if found else ""
        if int in (kind, *typing.get_args(kind)):
            words = words.replace("a finite number", "a whole number")
        return f"{words}, or none" if words and types.NoneType in typing.get_args(kind) else words
    return ""
