"""What is about to be learnt: a scenario, one algorithm or two, their settings, seed and lanes; and how long."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from algorithms.dynamic_programming import DPConfig
from algorithms.registry import algorithm_named, deep_algorithm_named
from scenarios.catalog import AnyScenario, any_scenario_named
from scenarios.catalog.environment import scenario_of_environment, see_actions
from scenarios.catalog.scenario import ControlScenario, DataScenario, Scenario
from scenarios.configuration import SettingError
from scenarios.experiment import (
    Acting,
    ActingAlone,
    AnyExperiment,
    DeepExperiment,
    Evaluation,
    Experiment,
    HeldOutEvaluation,
    decide_control,
    field_names,
    prepare,
    prepare_run,
)
from scenarios.lessons.preparing import prepare_deep_lesson
from scenarios.runs.budget import Budget, budget_for
from scenarios.runs.directory import runs_root

SIDE_BY_SIDE = 2  # algorithms at most
FEWEST_LANES, ENOUGH_LANES = 10, 100  # for a curve with a band
TABLE_ENTRIES = 40_000  # of all lanes together: so many keep the screen fluent
MOST_SEEDS = 64  # trainings that one key starts
MOST = 10**15  # steps or episodes

RUN_NUMBERS = {"seed": 0, "seeds": 1, "lanes": None, "steps": None, "episodes": None}  # with their defaults


@dataclass(frozen=True)
class Choice:
    """A lesson or a training to be. What is None or empty is the scenario's own, or as much as the screen can follow.

    `seeds`, `steps`, `episodes` and `runs` matter to trainings only.
    """

    scenario: str
    algorithms: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    lanes: int | None = None
    seeds: int = 1
    steps: int | None = None
    episodes: int | None = None
    runs: str = ""

    @property
    def chosen(self) -> tuple[str, ...]:
        """The algorithms by name, the scenario's own where none was named."""
        return self.algorithms or (described(self.scenario).default_algorithm,)

    @property
    def runs_directory(self) -> Path:
        """Where the runs go."""
        return Path(self.runs).expanduser().absolute() if self.runs else runs_root().absolute()


def described(name: str) -> AnyScenario:
    """The scenario of that name, in the catalogue or an environment that gymnasium may have registered."""
    return scenario_of_environment(name) if is_environment(name) else any_scenario_named(name)


def seen(name: str) -> AnyScenario:
    """The same, with the algorithms for its actions; raises SettingError or WorldError where it cannot be made here."""
    if is_environment(name):
        see_actions(name)
    return described(name)


def is_environment(name: str) -> bool:
    """Whether a name is that of an environment, with its version, rather than of a scenario."""
    return re.search(r"-v\d+$", name) is not None


def toggled(choice: Choice, algorithm: str) -> Choice:
    """One algorithm more or less; there is always one, and the older of two makes room for a third.

    Where there is no table to look into it is the one or the other. Settings that belonged to an algorithm left out
    are forgotten.
    """
    chosen, scenario = choice.chosen, described(choice.scenario)
    if algorithm not in chosen:
        most = SIDE_BY_SIDE if isinstance(scenario, Scenario) else 1
        chosen = (*chosen, algorithm)[-most:]
    elif len(chosen) > 1:
        chosen = tuple(name for name in chosen if name != algorithm)
    known = field_names(scenario.world).union(*(own_settings(scenario, name) for name in chosen))
    settings = {key: value for key, value in choice.settings.items() if key in known}
    return replace(choice, algorithms=chosen, settings=settings)


def own_settings(scenario: AnyScenario, algorithm: str) -> set[str]:
    """The keys that an algorithm adds to those of a scenario's world."""
    return set().union(*map(field_names, (algorithm_named(algorithm).config, *beside_algorithm(scenario, algorithm))))


def beside_algorithm(scenario: AnyScenario, algorithm: str) -> tuple[type[Any], ...]:
    """The kinds of configurations, in the order of an experiment's parts, that come after the algorithm's own."""
    if isinstance(scenario, Scenario):
        return ()
    if isinstance(scenario, DataScenario):
        return (HeldOutEvaluation,)
    return Evaluation, Acting if deep_algorithm_named(algorithm).by_rollouts else ActingAlone


def with_setting(choice: Choice, key: str, text: str) -> Choice:
    """The choice with one thing set to a text; settings of world and algorithm stay unchecked.

    Raises ValueError, one sentence, where a number of the run is none or out of its range.
    """
    if key == "runs":
        return replace(choice, runs=_folder(text))
    if key not in RUN_NUMBERS:
        return replace(choice, settings={**choice.settings, key: text})
    if text.lower() in ("", "none") and RUN_NUMBERS[key] is None:
        return without_setting(choice, key)
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{key}: expected a whole number, got {text!r}") from None
    most = {"seeds": MOST_SEEDS, "steps": MOST, "episodes": MOST}.get(key)
    if most is not None and not 1 <= number <= most:
        raise ValueError(f"{key} must be in [1, {most}], got {text}")
    return replace(choice, **{key: number})


def _folder(text: str) -> str:
    if not text.isprintable():
        raise ValueError(f"runs must name a directory, got {text!r}")
    return text


def without_setting(choice: Choice, key: str) -> Choice:
    """The choice with one thing at its default again."""
    if key == "runs":
        return replace(choice, runs="")
    if key in RUN_NUMBERS:
        return replace(choice, **{key: RUN_NUMBERS[key]})
    return replace(choice, settings={name: value for name, value in choice.settings.items() if name != key})


# ── lessons ──────────────────────────────────────────────────────────────────────────────────────────────


def prepare_lesson(choice: Choice) -> tuple[AnyExperiment, ...]:
    """The experiments of a lesson: one, or two side by side on the same seed.

    A planner backs up one state an update unless `block` says otherwise; learners get as many lanes as the screen
    can follow, and networks a size that it can. Raises SettingError or WorldError, one sentence each.
    """
    scenario = described(choice.scenario)
    names = choice.chosen
    if not isinstance(scenario, Scenario):
        return (_with_network(choice),)
    if len(names) > SIDE_BY_SIDE:
        raise SettingError(f"a lesson shows one algorithm, or two side by side, got {len(names)}")
    if len(set(names)) < len(names):
        raise SettingError(f"two algorithms side by side must differ, got {names[0]!r} twice")
    return tuple(_experiment(scenario, name, names, choice) for name in names)


def _experiment(scenario: Scenario, name: str, names: Sequence[str], choice: Choice) -> Experiment:
    settings = _settings_for(scenario, name, names, choice)
    if name in scenario.algorithms and algorithm_named(name).config is DPConfig:
        settings = {"block": 1} | settings
    experiment = prepare(
        scenario.name, name, settings, seed=choice.seed, lanes=1 if choice.lanes is None else choice.lanes
    )
    if choice.lanes is None and not experiment.algorithm.plans:
        experiment = replace(experiment, lanes=fluent_lanes(experiment))
    return experiment


def _with_network(choice: Choice) -> DeepExperiment:
    environment = choice.scenario if is_environment(choice.scenario) else None
    scenario = None if environment else choice.scenario
    return prepare_deep_lesson(
        scenario, choice.algorithms, choice.settings, environment=environment, seed=choice.seed, lanes=choice.lanes or 1
    )


def _settings_for(scenario: AnyScenario, name: str, names: Sequence[str], choice: Choice) -> dict[str, Any]:
    """The settings of a choice without those of another algorithm alone."""
    known = {n: own_settings(scenario, n) for n in names if n in scenario.algorithms}
    others = set().union(*known.values()) - known.get(name, set())
    return {key: value for key, value in choice.settings.items() if key not in others}


def fluent_lanes(experiment: Experiment) -> int:
    """How many lanes a lesson can run without the screen waiting for them."""
    entries = experiment.model.states * experiment.model.actions
    return max(FEWEST_LANES, min(ENOUGH_LANES, TABLE_ENTRIES // entries))


# ── trainings ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Training:
    """One run to be."""

    experiment: AnyExperiment
    budget: Budget


def prepare_trainings(choice: Choice) -> tuple[list[Training], tuple[str, ...]]:
    """Every run of a choice, seed by seed, and warnings of worlds in which learning would not end by itself.

    An environment is made to see whether it can be. Raises SettingError or WorldError, one sentence each.
    """
    scenario, names = seen(choice.scenario), choice.chosen
    found: list[tuple[AnyExperiment, Budget]] = []
    warnings: dict[str, None] = {}
    for name in names:
        settings = _settings_for(scenario, name, names, choice)
        experiment = prepare_one(choice, name, settings)
        budget, said = budget_for(
            experiment, choice.steps, choice.episodes, sweeps_given="max_sweeps" in choice.settings
        )
        found.append((experiment, budget))
        warnings |= dict.fromkeys(said)
    seeds = range(choice.seed, choice.seed + choice.seeds)
    if seeds[-1] >= 2**63:
        raise SettingError(f"seed must be a whole number in [0, 2^63), got {seeds[-1]}")
    trainings = [Training(replace(experiment, seed=seed), budget) for seed in seeds for experiment, budget in found]
    return trainings, tuple(warnings)


def prepare_one(choice: Choice, name: str, settings: Mapping[str, Any]) -> AnyExperiment:
    """The experiment of a training with one algorithm; raises SettingError or WorldError, one sentence each."""
    environment = choice.scenario if is_environment(choice.scenario) else None
    scenario = None if environment else choice.scenario
    experiment = prepare_run(
        scenario, name, settings, environment=environment, seed=choice.seed, lanes=choice.lanes or 1
    )
    if choice.lanes is None and isinstance(experiment, Experiment) and not experiment.algorithm.plans:
        experiment = replace(experiment, lanes=fluent_lanes(experiment))
    return experiment


def decide_deep(choice: Choice) -> AnyExperiment:
    """What is known of a deep experiment without making its environment; of images all, for they are read."""
    scenario, (name, *_) = described(choice.scenario), choice.chosen
    if isinstance(scenario, ControlScenario):
        return decide_control(scenario, name, choice.settings, seed=choice.seed, lanes=choice.lanes or 1)
    return prepare_one(choice, name, choice.settings)
