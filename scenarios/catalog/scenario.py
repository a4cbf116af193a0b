"""A scenario: a world, the algorithms that fit it, what it teaches and what "solved" means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scenarios.worlds.images import Images
from scenarios.worlds.model import TabularModel

TABULAR_ALGORITHMS = (
    "policy-evaluation",
    "policy-iteration",
    "value-iteration",
    "sarsa",
    "q-learning",
    "expected-sarsa",
    "double-q-learning",
)


@dataclass(frozen=True)
class Solved:
    """What counts as solved: a sentence with its source, and the return that the greedy policy must reach.

    `greedy_return` is None where there is no agreed number; then a scenario is solved when dynamic programming
    has converged.
    """

    meaning: str
    source: str
    greedy_return: float | None = None


@dataclass(frozen=True, kw_only=True)
class Description:
    """What the command line and the screen know of every scenario."""

    name: str
    title: str
    summary: str  # one line
    teaches: str  # a few sentences
    look_for: str  # what to watch while it learns
    solved: Callable[[Any], Solved]  # of a world configuration
    world: type[Any]  # dataclass of the world's settings
    algorithms: tuple[str, ...]  # names, in order of difficulty
    default_algorithm: str
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # per algorithm, settings of its own

    look_for_in: Callable[[Any], str] | None = None  # the same in one of several worlds, of a world configuration

    def hint(self, settings: Any) -> str:
        """What to watch while it learns in the world of these settings."""
        return self.look_for if self.look_for_in is None else self.look_for_in(settings)

    def defaults_for(self, algorithm: str) -> Mapping[str, Any]:
        """The settings in which this scenario differs from an algorithm's own defaults."""
        return self.defaults.get(algorithm, {})


@dataclass(frozen=True, kw_only=True)
class Scenario(Description):
    """A scenario with a tabular model. It builds nothing before it is asked to."""

    build: Callable[[Any], TabularModel]  # raises WorldError, one sentence, when the world cannot be made
    episodes: int = 500  # learnt by default


@dataclass(frozen=True, kw_only=True)
class DataScenario(Description):
    """A scenario of examples that come with their answers: nothing is acted in."""

    load: Callable[[Any], Images]  # raises WorldError, one sentence, when the examples cannot be had
    episodes: int  # epochs learnt by default


@dataclass(frozen=True, kw_only=True)
class ControlScenario(Description):
    """A scenario in an environment of gymnasium that is observed, for deep algorithms.

    The fields of its world's settings are the keyword arguments with which gymnasium makes the environment.
    """

    environment_id: str
    steps: Mapping[str, int]  # per algorithm, environment steps learnt by default
    needs: str | None = None  # the package that its environment imports, beside gymnasium
