"""Cliff walking: on-policy against off-policy."""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import check_range
from scenarios.catalog.scenario import TABULAR_ALGORITHMS, Scenario, Solved
from scenarios.worlds import toy_text
from scenarios.worlds.model import TabularModel

SHORTEST_WAY = 13  # steps: up, along the edge, down


@dataclass(frozen=True)
class CliffWalkingSettings:
    is_slippery: bool = False
    """Whether the ground is slippery: then a move goes sideways two times in three."""
    max_steps: int | None = None
    """Time limit of an episode in steps; none for no limit, as in the book."""

    def __post_init__(self) -> None:
        if self.max_steps is not None:
            check_range("max_steps", self.max_steps, 1, 1e9)


def build(settings: CliffWalkingSettings) -> TabularModel:
    """CliffWalking-v1 as a tabular model."""
    return toy_text.cliff_walking(settings.is_slippery, settings.max_steps)


def solved(settings: CliffWalkingSettings) -> Solved:
    """The shortest way is known where the floor is dry; with no time for it, nobody can tell it from standing still."""
    source = "Sutton & Barto (2018), example 6.6"
    if settings.is_slippery or (settings.max_steps is not None and settings.max_steps <= SHORTEST_WAY):
        return Solved("No value changes by more than theta in a sweep.", source)
    return Solved("The greedy policy walks the 13 steps along the edge: return -13.", source, -SHORTEST_WAY)


SCENARIO = Scenario(
    name="cliffwalking",
    title="Cliff walking",
    summary="The shortest way runs along a cliff. Q-learning takes it and falls; SARSA learns to keep away.",
    teaches=(
        "On-policy against off-policy. Both learners stumble: one action in ten is random. Q-learning values the "
        "policy that never stumbles, so its arrows run along the edge. SARSA values what it really does, stumbles "
        "included: for SARSA the edge is a dangerous place, and the detour pays."
    ),
    look_for=(
        "Two results that disagree. The greedy arrows: Q-learning finds the optimal 13 steps; Expected SARSA walks one "
        "row higher, 15; SARSA mostly the top row, 17, and at this step size its arrows sometimes run in a circle. The "
        "return while learning, episodes 401 to 500: Q-learning about -50, SARSA about -27, Expected SARSA about -21. "
        "The best path is the worst one for somebody who stumbles. Let epsilon fall to 0 and the difference is gone."
    ),
    solved=solved,
    world=CliffWalkingSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="q-learning",
)
