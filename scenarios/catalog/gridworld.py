"""Gridworlds from text maps: the book's, or your own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from algorithms.contract import check_range
from scenarios.catalog.scenario import TABULAR_ALGORITHMS, Scenario, Solved
from scenarios.worlds.maps import MapWorld, build_map, find_world, read_map
from scenarios.worlds.model import TabularModel


@dataclass(frozen=True)
class GridworldSettings:
    world: str = "fig4-1"
    """A world file, or one that comes with rltop: fig4-1, book, jumps, windy, windy-king."""
    max_steps: int | None = None
    """Time limit of an episode in steps; none keeps the limit of the world file."""

    def __post_init__(self) -> None:
        if self.max_steps is not None:
            check_range("max_steps", self.max_steps, 1, 1e9)


def read(settings: GridworldSettings) -> MapWorld:
    """The map that the settings name; raises WorldError when it cannot be used."""
    world = read_map(find_world(settings.world))
    return dataclasses.replace(world, max_steps=settings.max_steps or world.max_steps)


def build(settings: GridworldSettings) -> TabularModel:
    """The model of the map that the settings name; raises WorldError when it cannot be used."""
    return build_map(read(settings))


def solved(settings: GridworldSettings) -> Solved:
    """Figure 4.1 has a known best return; other maps are solved when dynamic programming has converged."""
    if settings.world == "fig4-1" and settings.max_steps is None:
        return Solved(
            "The greedy policy takes the shortest way out from every cell: -2 on average over the fourteen starts.",
            "Sutton & Barto (2018), example 4.1",
            BEST_FIGURE_4_1,
        )
    return Solved(
        "A sweep of dynamic programming changes no value by more than theta.", "Sutton & Barto (2018), chapter 4"
    )


# steps to the nearer corner: four cells need 1, six need 2, four need 3
BEST_FIGURE_4_1 = -(4 * 1 + 6 * 2 + 4 * 3) / 14

SCENARIO = Scenario(
    name="gridworld",
    title="Gridworld",
    summary="Values flow out from the goal, sweep by sweep: the 4x4 grid of figure 4.1, or a map of your own.",
    teaches=(
        "What a value is. V(s) is the reward you can expect from a cell onward, and the Bellman equation says it in "
        "terms of the neighbours: the next reward plus what the next cell is worth. Dynamic programming knows the "
        "rules of the world and makes that equation true by applying it again and again."
    ),
    look_for=(
        "After the first sweep every cell says -1: one step, no idea beyond it. Then news from the two corners spreads "
        "by one cell a sweep. The values need some 170 sweeps to settle at -14, -18, -20 and -22, but after the third "
        "the greedy arrows are already the best policy: a policy needs only the order of the values, not their size. "
        "Set in_place=true and the sweeps needed fall by a third."
    ),
    solved=solved,
    world=GridworldSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="policy-evaluation",
)
