"""Taxi: the same board many times over."""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import check_range
from scenarios.catalog.scenario import TABULAR_ALGORITHMS, Scenario, Solved
from scenarios.worlds import toy_text
from scenarios.worlds.model import TabularModel


@dataclass(frozen=True)
class TaxiSettings:
    is_rainy: bool = False
    """Whether it rains: then one move in five goes sideways."""
    max_steps: int | None = 200
    """Time limit of an episode in steps; none for no limit."""

    def __post_init__(self) -> None:
        if self.max_steps is not None:
            check_range("max_steps", self.max_steps, 1, 1e9)


def build(settings: TaxiSettings) -> TabularModel:
    """Taxi-v4 as a tabular model."""
    return toy_text.taxi(settings.is_rainy, settings.max_steps)


def solved(settings: TaxiSettings) -> Solved:
    """The best mean over the 300 starts is known where it is dry; gymnasium's threshold, 8, is above it."""
    if settings.is_rainy or settings.max_steps != TaxiSettings.max_steps:
        return Solved("No value changes by more than theta in a sweep.", "Sutton & Barto (2018), chapter 4")
    return Solved(
        "The greedy policy earns 7.9 on average over the 300 starts; 7.93 is the most possible.",
        "exact solution of Taxi-v4, a task of Dietterich (2000)",
        7.9,
    )


EXPLORING = {"epsilon": "linear(1, 0, 3000)"}

SCENARIO = Scenario(
    name="taxi",
    title="Taxi",
    summary="Fetch a passenger and bring them where they want to go: 500 states on a board of 25 cells.",
    teaches=(
        "A state is everything that matters, not just a place. Five places where the passenger may be and four where "
        "they may want to go make twenty boards of 25 cells, each with values and arrows of its own. Nobody tells the "
        "learner that they belong together: what it has learnt on one says nothing about the others."
    ),
    look_for=(
        "The board that changes under the taxi: when the passenger gets in, every value and arrow is another one, and "
        "they now lead to the destination. The costs: a step is -1, picking up or dropping off in the wrong place -10, "
        "and arriving +20. What is learnt first is what not to do; the way comes later, board by board, backwards from "
        "the destination."
    ),
    solved=solved,
    world=TaxiSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="q-learning",
    defaults={
        # what SARSA values goes on changing with its exploration, so its step size has to shrink as well
        "sarsa": {"alpha": "harmonic(1, 1000)", "epsilon": "linear(1, 0, 3500)"},
        "q-learning": EXPLORING,
        "expected-sarsa": EXPLORING,
        "double-q-learning": EXPLORING,
    },
    episodes=4000,
)
