"""One experiment: a scenario and an algorithm with everything decided, ready to run as often as one likes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from algorithms.contract import Floats, Ints
from algorithms.dynamic_programming import DPState
from algorithms.exploration import tied
from algorithms.registry import Algorithm, algorithm_named
from engine.randomness import generator
from scenarios.catalog import scenario_named
from scenarios.catalog.scenario import Scenario
from scenarios.configuration import SettingError, configure, unknown_key
from scenarios.worlds.model import TabularModel, TabularWorld

MOST_LANES = 10_000


@dataclass(frozen=True)
class Experiment:
    """What is run, and nothing of how far it has come."""

    scenario: Scenario
    algorithm: Algorithm
    world_config: Any
    config: Any
    model: TabularModel
    seed: int
    lanes: int

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
    """Decide everything about an experiment from names and settings (text or values).

    Raises SettingError or WorldError, one sentence each, for anything that cannot be.
    """
    if not 1 <= lanes <= MOST_LANES:
        raise SettingError(f"lanes must be in [1, {MOST_LANES}], got {lanes}")
    if not 0 <= seed < 2**63:
        raise SettingError(f"seed must be a whole number in [0, 2^63), got {seed}")
    chosen = scenario_named(scenario)
    name = algorithm or chosen.default_algorithm
    if name not in chosen.algorithms:
        raise SettingError(f"{chosen.name} has no algorithm {name!r}: choose one of {', '.join(chosen.algorithms)}")
    method = algorithm_named(name)
    own, worlds = field_names(method.config), field_names(chosen.world)
    given = dict(settings or {})
    for key in given:
        if key not in own | worlds:
            raise unknown_key(key, sorted(own | worlds))
    world_config = configure(chosen.world, {k: v for k, v in given.items() if k in worlds})
    model = chosen.build(world_config)
    suggested = {"gamma": model.discount, **chosen.defaults_for(name)}
    config = configure(method.config, suggested | {k: v for k, v in given.items() if k in own})
    return Experiment(chosen, method, world_config, config, model, seed, 1 if method.plans else lanes)


def field_names(config: type[Any]) -> set[str]:
    """The keys that a configuration class takes."""
    return {field.name for field in dataclasses.fields(config)}
