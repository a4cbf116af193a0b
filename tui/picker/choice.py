"""What is about to be learnt: a scenario, one algorithm or two, their settings, seed and lanes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from algorithms.dynamic_programming import DPConfig
from algorithms.registry import algorithm_named
from scenarios.catalog import scenario_named
from scenarios.catalog.scenario import Scenario
from scenarios.configuration import SettingError
from scenarios.experiment import Experiment, field_names, prepare

SIDE_BY_SIDE = 2  # algorithms at most
FEWEST_LANES, ENOUGH_LANES = 10, 100  # for a curve with a band
TABLE_ENTRIES = 40_000  # of all lanes together: so many keep the screen fluent


@dataclass(frozen=True)
class Choice:
    """A lesson to be. `algorithms` empty means the scenario's own, `lanes` None as many as the screen can follow."""

    scenario: str
    algorithms: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    lanes: int | None = None

    @property
    def chosen(self) -> tuple[str, ...]:
        """The algorithms by name, the scenario's own where none was named."""
        return self.algorithms or (scenario_named(self.scenario).default_algorithm,)


def toggled(choice: Choice, algorithm: str) -> Choice:
    """One algorithm more or less; there is always one, and the older of two makes room for a third.

    Settings that belonged to an algorithm left out are forgotten.
    """
    chosen = choice.chosen
    if algorithm not in chosen:
        chosen = (*chosen, algorithm)[-SIDE_BY_SIDE:]
    elif len(chosen) > 1:
        chosen = tuple(name for name in chosen if name != algorithm)
    known = field_names(scenario_named(choice.scenario).world)
    known = known.union(*(field_names(algorithm_named(name).config) for name in chosen))
    settings = {key: value for key, value in choice.settings.items() if key in known}
    return replace(choice, algorithms=chosen, settings=settings)


def with_setting(choice: Choice, key: str, text: str) -> Choice:
    """The choice with one thing set to a text, still unchecked; the seed and the lanes must be whole numbers.

    Raises ValueError, one sentence, where seed or lanes are no whole numbers.
    """
    if key not in ("seed", "lanes"):
        return replace(choice, settings={**choice.settings, key: text})
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{key}: expected a whole number, got {text!r}") from None
    return replace(choice, seed=number) if key == "seed" else replace(choice, lanes=number)


def without_setting(choice: Choice, key: str) -> Choice:
    """The choice with one thing at its default again."""
    if key == "seed":
        return replace(choice, seed=0)
    if key == "lanes":
        return replace(choice, lanes=None)
    return replace(choice, settings={name: value for name, value in choice.settings.items() if name != key})


def prepare_lesson(choice: Choice) -> tuple[Experiment, ...]:
    """The experiments of a lesson: one, or two side by side on the same seed.

    A planner backs up one state an update unless `block` says otherwise; learners get as many lanes as the screen
    can follow. Raises SettingError or WorldError, one sentence each.
    """
    scenario = scenario_named(choice.scenario)
    names = choice.chosen
    if len(names) > SIDE_BY_SIDE:
        raise SettingError(f"a lesson shows one algorithm, or two side by side, got {len(names)}")
    if len(set(names)) < len(names):
        raise SettingError(f"two algorithms side by side must differ, got {names[0]!r} twice")
    return tuple(_experiment(scenario, name, names, choice) for name in names)


def _experiment(scenario: Scenario, name: str, names: Sequence[str], choice: Choice) -> Experiment:
    known = {n: field_names(algorithm_named(n).config) for n in names if n in scenario.algorithms}
    others = set().union(*known.values()) - known.get(name, set())
    settings = {key: value for key, value in choice.settings.items() if key not in others}
    if name in known and algorithm_named(name).config is DPConfig:
        settings = {"block": 1} | settings
    experiment = prepare(
        scenario.name, name, settings, seed=choice.seed, lanes=1 if choice.lanes is None else choice.lanes
    )
    if choice.lanes is None and not experiment.algorithm.plans:
        experiment = replace(experiment, lanes=fluent_lanes(experiment))
    return experiment


def fluent_lanes(experiment: Experiment) -> int:
    """How many lanes a lesson can run without the screen waiting for them."""
    entries = experiment.model.states * experiment.model.actions
    return max(FEWEST_LANES, min(ENOUGH_LANES, TABLE_ENTRIES // entries))
