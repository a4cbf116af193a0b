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
    """The mean over the 300 starts is known where it is dry."""
    if settings.is_rainy:
        return Solved("A sweep of dynamic programming changes no value by more than theta.", "Dietterich (2000)")
    return Solved(
        "The greedy policy is optimal: 7.93 on average over the 300 starts.",
        "exact solution of Taxi-v4; the registered threshold, 8, is out of reach. Dietterich (2000)",
        7.93,
    )


SCENARIO = Scenario(
    name="taxi",
    title="Taxi",
    summary="Fetch a passenger, bring him where he wants to go: 500 states on a board of 25 cells.",
    teaches="A state is more than a place.",
    look_for="The board changes when the passenger gets in.",
    solved=solved,
    world=TaxiSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="q-learning",
)
