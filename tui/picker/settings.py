"""The settings of a lesson as the picker lists them: value, default, allowed values and the sentence of each."""

from __future__ import annotations

import math
import re
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from algorithms.registry import Algorithm, algorithm_named
from algorithms.schedules import Constant, Schedule
from scenarios.catalog import scenario_named
from scenarios.configuration import SettingError, configure, field_help, settings_of
from scenarios.experiment import MOST_LANES, Experiment, field_names
from tui.picker.choice import Choice

OPEN = "..."
SCHEDULES = ("0.2", "linear(0.5, 0.05, 200)", "exponential(0.5, 0.05, 50)")


@dataclass(frozen=True)
class Setting:
    """One thing that can be set before a lesson begins."""

    key: str
    group: str  # what it belongs to: run, world, or the algorithms that have it
    value: str
    default: str
    sentence: str
    allowed: str = ""  # the range in words, "" for any text
    options: tuple[str, ...] = ()  # all values there are
    offers: tuple[str, ...] = ()  # some of them

    @property
    def changed(self) -> bool:
        """Whether it differs from what the lesson would begin with."""
        return self.value != self.default


@dataclass(frozen=True)
class Sketch:
    """What of an experiment is known before its world is built."""

    algorithm: Algorithm
    world_config: Any
    config: Any
    lanes: int = 1


Lesson = Sequence[Experiment | Sketch]


def sketched_list(choice: Choice) -> list[Setting]:
    """Every setting of a lesson whose world is not built yet: what the world has a say in is still open."""
    plain = [_sketch(choice, name, {}) for name in choice.chosen]
    try:
        now = [_sketch(choice, name, choice.settings) for name in choice.chosen]
    except SettingError:
        now = plain
    open_ones = {"gamma", "lanes"} - set(choice.settings) - ({"lanes"} if choice.lanes else set())
    return [
        replace(setting, value=OPEN, default=OPEN) if setting.key in open_ones else setting
        for setting in settings_list(choice, now, plain)
    ]


def _sketch(choice: Choice, name: str, settings: Mapping[str, Any]) -> Sketch:
    scenario, method = scenario_named(choice.scenario), algorithm_named(name)
    own, world = field_names(method.config), field_names(scenario.world)
    first = {"block": 1} if "block" in own else {}
    given = first | dict(scenario.defaults_for(name)) | {key: value for key, value in settings.items() if key in own}
    world_config = configure(scenario.world, {key: value for key, value in settings.items() if key in world})
    return Sketch(method, world_config, configure(method.config, given), choice.lanes or 1)


def settings_list(choice: Choice, experiments: Lesson, fresh: Lesson) -> list[Setting]:
    """Every setting of a lesson; `fresh` is the same lesson with nothing set but its world."""
    world = experiments[0].world_config
    untouched = type(world)()
    found = [*_run_settings(choice, experiments, fresh)]
    found += [_setting(key, "world", world, untouched) for key in settings_of(world)]
    for now, before in zip(experiments, fresh, strict=True):
        for key in settings_of(now.config):
            if key not in {setting.key for setting in found}:
                owners = [e.algorithm.title for e in experiments if hasattr(e.config, key)]
                found.append(_setting(key, " and ".join(owners), now.config, before.config))
    return found


def _run_settings(choice: Choice, experiments: Lesson, fresh: Lesson) -> list[Setting]:
    seed = Setting(
        "seed", "run", str(choice.seed), "0", "The same seed gives the same lesson, bit for bit.", "0 or more"
    )
    if all(experiment.algorithm.plans for experiment in experiments):
        return [seed]
    lanes, suggested = (max(e.lanes for e in lesson) for lesson in (experiments, fresh))
    sentence = "Learners that run at once: the first is shown, the curve is the mean of all with its 95 % band."
    return [seed, Setting("lanes", "run", str(lanes), str(suggested), sentence, f"[1, {MOST_LANES}]")]


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
    nothing = Constant(math.nan) if kind is Schedule else math.nan
    try:
        config(**{key: nothing})
    except ValueError as error:
        found = re.search(r"must be (?:in )?(.+?), got", str(error))
        return found[1] if found else ""
    return ""
