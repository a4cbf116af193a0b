"""How a tabular world lies on a board: rows, columns, kinds of cells and names of actions. S states, A actions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a cell is."""

    FREE = 0
    WALL = 1
    START = 2
    TERMINAL = 3
    CLIFF = 4
    HOLE = 5
    JUMP = 6


# (rows, columns) that an action named by its direction moves
DIRECTIONS: dict[str, tuple[int, int]] = {
    "up": (-1, 0),
    "right": (0, 1),
    "down": (1, 0),
    "left": (0, -1),
    "up-right": (-1, 1),
    "down-right": (1, 1),
    "down-left": (1, -1),
    "up-left": (-1, -1),
}

ARROWS = dict(zip(DIRECTIONS, "↑→↓←↗↘↙↖", strict=True))


@dataclass(frozen=True)
class Layout:
    """A board of rows x columns cells; cell i is state i, unless `within` says that a cell holds several states.

    Taxi's 5x5 board holds 20 states a cell (five places for the passenger, four destinations): state
    = cell · states_per_cell + the rest, and `within` puts the rest into words.
    """

    rows: int
    columns: int
    kinds: NDArray[np.int8]  # [rows·columns] of Kind
    labels: tuple[str, ...]  # [rows·columns] short text of a cell, "" for none
    actions: tuple[str, ...]  # [A] names; those in DIRECTIONS are drawn as arrows
    wind: tuple[int, ...] = ()  # [columns] cells that leaving this column pushes up, or () for calm
    fences: tuple[int, ...] = ()  # cells with a fence on their right, which stops moves between the two
    within: tuple[str, ...] = ()  # [states_per_cell] what tells the states of one cell apart, or ()
    landmarks: tuple[int, ...] = ()  # Taxi: the cells of R, G, Y and B

    @property
    def states_per_cell(self) -> int:
        """How many states lie in every cell."""
        return len(self.within) or 1

    @property
    def walls(self) -> NDArray[np.bool_]:
        """Which cells are walls. [rows·columns]"""
        walls: NDArray[np.bool_] = self.kinds == Kind.WALL
        return walls

    def cell(self, state: int) -> int:
        """The cell that a state lies in."""
        return state // self.states_per_cell

    def passenger(self, state: int) -> tuple[int | None, int]:
        """Taxi: the landmark cells where the passenger waits (None: inside the taxi) and wants to go."""
        waits, destination = divmod(state % self.states_per_cell, len(self.landmarks))
        return (self.landmarks[waits] if waits < len(self.landmarks) else None), self.landmarks[destination]
