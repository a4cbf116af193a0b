"""One experiment: a scenario and an algorithm with everything decided, ready to run as often as one likes."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Floats, Floats32, Ints, check_range
from algorithms.dynamic_programming import DPState
from algorithms.exploration import tied
from algorithms.registry import DEEP_ALGORITHMS, Algorithm, DeepAlgorithm, algorithm_named, deep_algorithm_named
from algorithms.rollouts import Actors, Groups
from engine.randomness import generator
from scenarios.catalog import any_scenario_named, scenario_named
from scenarios.catalog.environment import scenario_of_environment, see_actions
from scenarios.catalog.scenario import ControlScenario, DataScenario, Description, Scenario
from scenarios.configuration import SettingError, configure, unknown_key
from scenarios.worlds.control import ControlWorld, acts_continuously
from scenarios.worlds.errors import WorldError
from scenarios.worlds.images import Images
from scenarios.worlds.model import TabularModel, TabularWorld
from scenarios.worlds.rollouts import plan_groups
from scenarios.worlds.workers import WorkerGroups

MOST_LANES = 10_000


@dataclass(frozen=True)
class Experiment:
    """What is run in a tabular world, and nothing of how far it has come."""

    scenario: Scenario
    algorithm: Algorithm
    world_config: Any
    config: Any
    model: TabularModel
    seed: int
    lanes: int

    @property
    def parts(self) -> tuple[Any, ...]:
        """The configurations that together are the settings of a run."""
        return self.world_config, self.config

    @property
    def surroundings(self) -> TabularModel | TabularWorld:
        """What the algorithm is given: the model to plan with, or the world to act in."""
        return self.model if self.algorithm.plans else TabularWorld(self.model, self.lanes)

    def initial_state(self) -> Any:
        """A fresh state; the same seed gives the same bits."""
        return self.algorithm.initial(self.surroundings, self.config, generator(self.seed))

    def resume(self, state: Any) -> Iterator[Any]:
        """The algorithm at work on a state, from wherever the state stands."""
        return self.algorithm.page(self.surroundings, self.config, state)

    def with_config(self, config: Any) -> Experiment:
        """The same experiment with other settings of its algorithm."""
        return dataclasses.replace(self, config=config)

    def with_model(self, model: TabularModel) -> Experiment:
        """The same experiment in a changed world of the same size."""
        return dataclasses.replace(self, model=model)


@dataclass(frozen=True)
class Evaluation:
    """When a deep learner's greedy policy is tried out, on episodes it does not learn from."""

    evaluate_every: int = 1_000
    """Environment steps between two greedy evaluations."""
    evaluate_episodes: int = 20
    """Episodes of one greedy evaluation."""
    evaluations_solved: int = 3
    """End the run after so many evaluations in a row that count as solved; 0 never ends it early."""

    def __post_init__(self) -> None:
        check_range("evaluate_every", self.evaluate_every, 1, 1e12)
        check_range("evaluate_episodes", self.evaluate_episodes, 1, 10_000)
        check_range("evaluations_solved", self.evaluations_solved, 0, 1e6)


@dataclass(frozen=True)
class Acting:
    """Where an algorithm that plays whole rollouts acts; the result is the same to the bit."""

    workers: int | None = 0
    """Processes that act in the environments, at most one a group; 0 acts in the trainer, none asks the cores."""

    def __post_init__(self) -> None:
        if self.workers is not None:
            check_range("workers", self.workers, 0, 256)

    def processes(self, groups: int) -> int:
        """How many there are: where it is left to the cores, as many as both these and the groups, from two on."""
        if self.workers is not None:
            return self.workers
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        least = min(cores, groups)
        return least if least > 1 else 0


@dataclass(frozen=True)
class ActingAlone:
    """An algorithm that learns between two steps acts in the trainer: there is nothing to set."""

    workers = 0

    def processes(self, groups: int) -> int:
        """None."""
        return 0


@dataclass(frozen=True)
class HeldOutEvaluation:
    """When a network is tried out on the images that are held out; all of them are taken."""

    evaluate_every: int = 5_000
    """Images between two evaluations on all that are held out."""
    evaluations_solved: int = 0
    """End the run after so many evaluations in a row that count as solved; 0 never ends it early."""
    evaluate_episodes = None

    def __post_init__(self) -> None:
        check_range("evaluate_every", self.evaluate_every, 1, 1e12)
        check_range("evaluations_solved", self.evaluations_solved, 0, 1e6)


@dataclass(frozen=True)
class DataExperiment:
    """What is learnt from examples, and nothing of how far it has come."""

    scenario: DataScenario
    algorithm: DeepAlgorithm
    world_config: Any
    config: Any
    evaluation: HeldOutEvaluation
    images: Images
    seed: int
    lanes = 1
    side_by_side = 1  # one image after the other
    keeps_best = False  # to choose by the images that are held out would be to learn from them

    @property
    def parts(self) -> tuple[Any, ...]:
        """The configurations that together are the settings of a run."""
        return self.world_config, self.config, self.evaluation

    def initial_state(self) -> Any:
        """A fresh state; the same seed gives the same bits."""
        return self.algorithm.initial(self.images, self.config, generator(self.seed))

    def resume(self, state: Any) -> Iterator[Any]:
        """The algorithm at work on a state, from wherever the state stands."""
        return self.algorithm.page(self.images, self.config, state)

    def greedy(self, state: Any, obs: Floats32) -> NDArray[Any]:
        """The most probable classes. [B, H·W] → [B]"""
        return self.algorithm.greedy(self.config, state, obs)

    def with_config(self, config: Any) -> DataExperiment:
        """The same experiment with other settings of its algorithm."""
        return dataclasses.replace(self, config=config)


@dataclass(frozen=True)
class ControlExperiment:
    """What is run in an environment of gymnasium, and nothing of how far it has come."""

    scenario: ControlScenario
    algorithm: DeepAlgorithm
    world_config: Any
    config: Any
    evaluation: Evaluation
    acting: Acting | ActingAlone
    seed: int
    lanes = 1  # a deep learner is one learner
    keeps_best = True  # what it is tried out on is as endless as what it learns from

    @property
    def side_by_side(self) -> int:
        """Environments acted in at once, N."""
        count: int = self.config.environments
        return count

    @property
    def parts(self) -> tuple[Any, ...]:
        """The configurations that together are the settings of a run."""
        return self.world_config, self.config, self.evaluation, self.acting

    @property
    def options(self) -> dict[str, Any]:
        """The keyword arguments with which gymnasium makes the environment."""
        return dataclasses.asdict(self.world_config)

    def initial_state(self) -> Any:
        """A fresh state, its environments included; the same seed gives the same bits."""
        rng = generator(self.seed)
        return self.algorithm.initial(self._environments(rng), self.config, rng)

    def _environments(self, rng: np.random.Generator) -> ControlWorld | Actors:
        environment_id, count = self.scenario.environment_id, self.config.environments
        if not self.algorithm.by_rollouts:
            return ControlWorld(environment_id, count, rng, **self.options)
        plans = plan_groups(environment_id, self.options, count, self.config.groups, rng)
        if workers := self.acting.processes(self.config.groups):
            return WorkerGroups(plans, workers)
        return Groups([plan.build() for plan in plans])

    def resume(self, state: Any) -> Iterator[Any]:
        """The algorithm at work on a state, from wherever the state stands."""
        return self.algorithm.page(state.environments, self.config, state)

    def greedy(self, state: Any, obs: Floats32) -> NDArray[Any]:
        """What the greedy policy does. [N, O] → [N] or [N, A]"""
        return self.algorithm.greedy(self.config, state, obs)

    def with_config(self, config: Any) -> ControlExperiment:
        """The same experiment with other settings of its algorithm."""
        return dataclasses.replace(self, config=config)


@dataclass(frozen=True)
class Tables:
    """What the first lane of an experiment believes. S states, A actions."""

    v: Floats  # [S]
    q: Floats  # [S, A]

    @property
    def policy(self) -> list[Ints]:
        """Per state all greedy actions, ties within 1e-9 included."""
        return [greedy.nonzero()[0] for greedy in tied(self.q)]


def tables(experiment: Experiment, state: Any) -> Tables:
    """The tables of the first lane: planned values with their one-step lookahead, or learnt action values."""
    if isinstance(state, DPState):
        q = experiment.model.lookahead(state.v, experiment.config.gamma).T
        return Tables(state.v, q)
    q = state.action_values(slice(experiment.model.states))
    return Tables(q.max(axis=1), q)


def prepare(
    scenario: str,
    algorithm: str | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    lanes: int = 1,
) -> Experiment:
    """Decide everything about an experiment in a tabular world from names and settings (text or values).

    Raises SettingError or WorldError, one sentence each, for anything that cannot be.
    """
    _check_numbers(seed, lanes)
    chosen = scenario_named(scenario)
    method = algorithm_named(_algorithm_of(chosen, algorithm))
    own, world = _sorted_out(settings, method.config, chosen.world)
    world_config = configure(chosen.world, world)
    model = chosen.build(world_config)
    config = configure(method.config, {"gamma": model.discount, **chosen.defaults_for(method.name), **own})
    return Experiment(chosen, method, world_config, config, model, seed, 1 if method.plans else lanes)


def prepare_run(
    scenario: str | None,
    algorithm: str | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    environment: str | None = None,
    seed: int = 0,
    lanes: int = 1,
) -> AnyExperiment:
    """Decide everything about any experiment: in a scenario of the catalogue, or in an `environment` of gymnasium.

    Raises SettingError or WorldError, one sentence each, for anything that cannot be.
    """
    if (scenario is None) == (environment is None):
        raise SettingError("name a scenario, or an environment of gymnasium, and not both")
    if environment is not None and algorithm is None:
        see_actions(environment)  # they decide which algorithm is its own
    chosen = scenario_of_environment(environment) if environment is not None else any_scenario_named(scenario or "")
    if isinstance(chosen, Scenario):
        return prepare(chosen.name, algorithm, settings, seed=seed, lanes=lanes)
    if isinstance(chosen, DataScenario):
        return prepare_data(chosen, algorithm, settings, seed=seed, lanes=lanes)
    experiment = decide_control(chosen, algorithm, settings, seed=seed, lanes=lanes)
    _check_actions(experiment)
    return experiment


def _check_actions(experiment: ControlExperiment) -> None:
    """Raise WorldError, one sentence, unless the environment can be made here and its actions can be learnt."""
    continuous = acts_continuously(experiment.scenario.environment_id, **experiment.options)
    if continuous not in experiment.algorithm.continuous:
        raise _misfit(experiment.scenario, experiment.algorithm.name, continuous)


def _misfit(scenario: ControlScenario, algorithm: str, continuous: bool) -> WorldError:
    kind, other = ("continuous (Box)", "Discrete") if continuous else ("Discrete", "continuous (Box)")
    fit = " or ".join(f"--algorithm {one.name}" for one in DEEP_ALGORITHMS if continuous in one.continuous)
    return WorldError(f"{scenario.name} has {kind} actions here, and {algorithm} needs {other} ones: choose {fit}")


def prepare_data(
    scenario: DataScenario,
    algorithm: str | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    lanes: int = 1,
) -> DataExperiment:
    """Decide everything about an experiment with examples, and read them.

    Raises SettingError or WorldError, one sentence each, for anything that cannot be.
    """
    method = _one_learner(scenario, algorithm, seed, lanes)
    world_config, config, evaluation = _decided(
        scenario, method, settings, scenario.world, method.config, HeldOutEvaluation
    )
    images = scenario.load(world_config)
    return DataExperiment(scenario, method, world_config, config, evaluation, images, seed)


def decide_control(
    scenario: ControlScenario,
    algorithm: str | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    seed: int = 0,
    lanes: int = 1,
) -> ControlExperiment:
    """Decide everything about an experiment of a deep learner, without making its environment.

    Raises SettingError or WorldError, one sentence, for anything that cannot be.
    """
    method = _one_learner(scenario, algorithm, seed, lanes)
    acting = Acting if method.by_rollouts else ActingAlone
    world_config, config, evaluation, decided = _decided(
        scenario, method, settings, scenario.world, method.config, Evaluation, acting
    )
    return ControlExperiment(scenario, method, world_config, config, evaluation, decided, seed)


def _one_learner(scenario: Description, algorithm: str | None, seed: int, lanes: int) -> DeepAlgorithm:
    """The algorithm of that name, or the scenario's own; SettingError when it cannot be or takes no lanes."""
    _check_numbers(seed, lanes)
    method = deep_algorithm_named(_algorithm_of(scenario, algorithm))
    if lanes > 1:
        raise SettingError(f"{method.name} is one learner, got {lanes} lanes: run other seeds instead (--seed)")
    return method


def _decided(
    scenario: Description, method: DeepAlgorithm, settings: Mapping[str, Any] | None, *parts: type[Any]
) -> list[Any]:
    """A configuration of each class, from the scenario's defaults and the settings given."""
    suggested = _sorted_out(scenario.defaults_for(method.name), *parts)
    given = _sorted_out(settings, *parts)
    return [configure(part, before | now) for part, before, now in zip(parts, suggested, given, strict=True)]


def _check_numbers(seed: int, lanes: int) -> None:
    if not 1 <= lanes <= MOST_LANES:
        raise SettingError(f"lanes must be in [1, {MOST_LANES}], got {lanes}")
    if not 0 <= seed < 2**63:
        raise SettingError(f"seed must be a whole number in [0, 2^63), got {seed}")


def _algorithm_of(scenario: Description, algorithm: str | None) -> str:
    name = algorithm or scenario.default_algorithm
    if name not in scenario.algorithms:
        if isinstance(scenario, ControlScenario) and name in {one.name for one in DEEP_ALGORITHMS}:
            raise _misfit(scenario, name, continuous=True)  # nothing else keeps an algorithm out of such a scenario
        raise SettingError(f"{scenario.name} has no algorithm {name!r}: choose one of {', '.join(scenario.algorithms)}")
    return name


def _sorted_out(settings: Mapping[str, Any] | None, *parts: type[Any]) -> list[dict[str, Any]]:
    """The settings of each of several configuration classes; SettingError for a key that none of them has."""
    keys = [field_names(part) for part in parts]
    for key in settings or {}:
        if not any(key in own for own in keys):
            raise unknown_key(key, sorted(set().union(*keys)))
    return [{key: value for key, value in (settings or {}).items() if key in own} for own in keys]


def field_names(config: type[Any]) -> set[str]:
    """The keys that a configuration class takes."""
    return {field.name for field in dataclasses.fields(config)}


DeepExperiment = DataExperiment | ControlExperiment
AnyExperiment = Experiment | DeepExperiment
