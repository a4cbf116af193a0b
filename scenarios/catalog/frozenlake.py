"""Frozen lake: chance, and rewards that come late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from algorithms.contract import check_range
from scenarios.catalog.scenario import TABULAR_ALGORITHMS, Scenario, Solved
from scenarios.worlds import toy_text
from scenarios.worlds.model import TabularModel


@dataclass(frozen=True)
class FrozenLakeSettings:
    map_name: Literal["4x4", "8x8"] = "4x4"
    """The lake: 4x4 or 8x8 cells."""
    is_slippery: bool = True
    """Whether the ice is slippery: then a move goes where it was meant to only with success_rate."""
    success_rate: float = 1 / 3
    """Probability in [0, 1] that a move on slippery ice goes where it was meant to; else it goes sideways."""
    max_steps: int | None = None
    """Time limit of an episode in steps; none for gymnasium's, 100 on 4x4 and 200 on 8x8."""

    def __post_init__(self) -> None:
        check_range("success_rate", self.success_rate, 0, 1)
        if self.max_steps is not None:
            check_range("max_steps", self.max_steps, 1, 1e9)


def build(settings: FrozenLakeSettings) -> TabularModel:
    """FrozenLake-v1 as a tabular model."""
    return toy_text.frozen_lake(settings.map_name, settings.is_slippery, settings.success_rate, settings.max_steps)


def solved(settings: FrozenLakeSettings) -> Solved:
    """gymnasium registers a threshold of 0.70 for 4x4 and 0.85 for 8x8, within their time limits."""
    source = "gymnasium, the reward threshold registered with FrozenLake-v1"
    if settings.map_name == "8x8":
        return Solved("The greedy policy reaches the goal in 85 of 100 episodes.", source, 0.85)
    return Solved("The greedy policy reaches the goal in 70 of 100 episodes; 74 is the most possible.", source, 0.70)


SCENARIO = Scenario(
    name="frozenlake",
    title="Frozen lake",
    summary="Ice that sends you sideways two times in three, and a reward only at the very end.",
    teaches=(
        "Acting under chance. A move goes where you meant it only one time in three, else to one of the two sides, so "
        "the best action is often the one that cannot slip into a hole: away from it, against the wall."
    ),
    look_for="The arrows that point away from the goal, and the first success that turns the first value.",
    solved=solved,
    world=FrozenLakeSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="value-iteration",
)
