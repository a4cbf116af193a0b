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
    """gymnasium registers a threshold for its own ice and time limits: 0.70 for 4x4, 0.85 for 8x8."""
    registered = "gymnasium, the threshold registered with FrozenLake-v1"
    if not settings.is_slippery:
        return Solved("The greedy policy reaches the goal every time.", "exact solution of FrozenLake-v1", 1.0)
    if settings.success_rate != FrozenLakeSettings.success_rate or settings.max_steps is not None:
        return Solved("No value changes by more than theta in a sweep.", "Sutton & Barto (2018), chapter 4")
    if settings.map_name == "8x8":
        return Solved("The greedy policy reaches the goal 85 times in 100; 86 is possible.", registered, 0.85)
    return Solved("The greedy policy reaches the goal 70 times in 100; 74 is possible.", registered, 0.70)


EXPLORING = {"alpha": "harmonic(1, 100)", "epsilon": "linear(1, 0.05, 2000)"}

SCENARIO = Scenario(
    name="frozenlake",
    title="Frozen lake",
    summary="Ice that sends you sideways two times in three, holes, and a reward only at the very end.",
    teaches=(
        "Acting under chance, with a reward that comes late. Only one move in three goes where it was meant to, so the "
        "best action is not the one that points to the goal but the one whose slips do no harm. And nothing is paid "
        "before the goal: who acts at random gets there once in seventy episodes, and learns nothing from the rest."
    ),
    look_for=(
        "Arrows that look wrong. At the start the best move is left, into the wall: no slip from there is dangerous. "
        "Beside a hole it is away from the hole. Between the two holes of row 1 it is straight at one of them: that "
        "fails one time in three, and aiming past them two times in three. Learning by acting, the first value appears "
        "beside the goal and creeps back one cell at a time. Then set gamma=1: without hurry most arrows tie, and a "
        "tie broken badly never arrives."
    ),
    solved=solved,
    world=FrozenLakeSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="value-iteration",
    defaults={
        "sarsa": EXPLORING,
        "q-learning": EXPLORING,
        "expected-sarsa": EXPLORING,
        # each of its two tables learns from half of the steps
        "double-q-learning": {"alpha": "harmonic(1, 200)", "epsilon": "linear(1, 0.1, 3000)"},
    },
    episodes=4000,
)
