"""Gridworlds from text maps: the book's, or your own."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from algorithms.contract import check_range
from scenarios.catalog.scenario import TABULAR_ALGORITHMS, Scenario, Solved
from scenarios.worlds.maps import MapWorld, build_map, find_world, is_shipped, read_map
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
    """Some shipped worlds have a known best return; others are solved when dynamic programming has converged."""
    if settings.world in BEST and is_shipped(settings.world) and settings.max_steps is None:
        return BEST[settings.world]
    return Solved("No value changes by more than theta in a sweep.", "Sutton & Barto (2018), chapter 4")


BEST = {
    "fig4-1": Solved(
        # four cells are one step from a corner, six are two and four are three
        "The greedy policy takes the shortest way to a corner: -2 on average over the fourteen starts.",
        "Sutton & Barto (2018), example 4.1",
        -2.0,
    ),
    "windy": Solved("The greedy policy takes 15 steps: return -15.", "Sutton & Barto (2018), example 6.5", -15.0),
    "windy-king": Solved("The greedy policy takes 7 steps: return -7.", "Sutton & Barto (2018), exercise 6.9", -7.0),
}

LOOK_FOR = {
    "fig4-1": (
        "After one sweep every cell says -1: a step costs 1, and nothing is known beyond it. Then the news that the "
        "corners are free spreads by one cell a sweep. The values of the random policy need hundreds of sweeps to "
        "settle at -14, -18, -20 and -22, but after the third the greedy arrows are already optimal: a policy needs "
        "the order of the values, not their size. Sweep in place and a third of the sweeps is saved. Then try the "
        "other worlds: jumps (figure 3.2), windy, windy-king and book."
    ),
    "book": (
        "The floor is slippery, so the -1 is dangerous even to those who walk past it. Beside it the best arrow points "
        "away, into the wall: no slip from there leads into the pit. Put a price on every step (living_reward in the "
        "world file) and watch the arrows lose their patience."
    ),
    "jumps": (
        "Nothing ends here, and yet no value is infinite: a reward k steps away counts for 0.9 to the k. Under the "
        "random policy A is worth less than the 10 it pays, for it throws you at the edge; B is worth more than its 5. "
        "Under the optimal policy all arrows lead to A, along every shortest way: those are the ties."
    ),
    "windy": (
        "The goal lies straight ahead, and walking straight ahead misses it: the wind lifts you over. The way round "
        "takes 15 steps. By acting, the first episode takes hundreds of steps and the last ones a few more than 15: "
        "exploring in a wind is expensive."
    ),
    "windy-king": (
        "The same wind, but with diagonals you can lean against it: seven steps, one for every column to the goal."
    ),
}
OWN_WORLD = (
    "Where the values come from: watch them spread, sweep by sweep or episode by episode, from the cells that pay. "
    "Then change the world: select a cell with enter, make it a wall with w or change what it pays with $, and see "
    "how far the news travels."
)


def look_for(settings: GridworldSettings) -> str:
    """What to watch in a shipped world, or in one's own."""
    return LOOK_FOR.get(settings.world, OWN_WORLD) if is_shipped(settings.world) else OWN_WORLD


SCENARIO = Scenario(
    name="gridworld",
    title="Gridworld",
    summary="Values flow out from the goal, sweep by sweep: the grid of figure 4.1, or a map of your own.",
    teaches=(
        "What a value is. V(s) is the reward to be expected from a cell onward, and the Bellman equation ties it to "
        "the neighbours: the next reward plus what the next cell is worth. Dynamic programming knows the rules of the "
        "world and applies that equation, cell after cell, until it holds everywhere. No step is ever taken."
    ),
    look_for=LOOK_FOR["fig4-1"],
    look_for_in=look_for,
    solved=solved,
    world=GridworldSettings,
    build=build,
    algorithms=TABULAR_ALGORITHMS,
    default_algorithm="policy-evaluation",
)
