"""Board: a tabular world as the screen sees it, and where its cells lie on a canvas of any size.

Shapes: S = rows * cols states in row-major order, A actions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

import numpy as np
from numpy.typing import NDArray

from tui.drawing.theme import Direction

# An action is a direction, or the one character that stands for it (Taxi's P and D).
Action = Direction | str

GRIDWORLD: tuple[Action, ...] = (Direction.UP, Direction.RIGHT, Direction.DOWN, Direction.LEFT)


class Kind(IntEnum):
    """What a cell of the world is."""

    FREE = 0
    START = 1
    WALL = 2
    CLIFF = 3
    HOLE = 4
    JUMP = 5
    TERMINAL = 6
    GOAL = 7


class Layer(StrEnum):
    """What the cells of a board show."""

    VALUE = "V"
    Q = "Q"
    POLICY = "policy"
    VISITS = "visits"
    TD_ERROR = "TD error"


@dataclass(frozen=True, eq=False)
class Board:
    """One frozen picture of a tabular world and of what was learnt about it; what is None is not drawn."""

    rows: int
    cols: int
    kinds: NDArray[np.uint8]  # [S], values of Kind
    actions: tuple[Action, ...] = GRIDWORLD  # what action a is, A of them
    labels: Mapping[int, str] = field(default_factory=dict)  # by state: a terminal's reward, a landmark's letter
    values: NDArray[np.floating] | None = None  # [S]
    q: NDArray[np.floating] | None = None  # [S, A]
    greedy: Sequence[Collection[int]] | None = None  # [S], the actions that share the largest value
    visits: NDArray[np.floating | np.integer] | None = None  # [S]
    td_errors: NDArray[np.floating] | None = None  # [S]
    agent: int | None = None
    updated: int | None = None  # the state whose entry changed last
    selected: int | None = None
    hidden: int | None = None  # its numbers and arrows are drawn as "?"
    walls_right: frozenset[int] = frozenset()  # states with a wall between them and their right neighbour
    scale: float | None = None  # the |value| of full colour; None: a round bound of the values drawn

    def __post_init__(self) -> None:
        states = self.rows * self.cols
        shapes: dict[str, tuple[int, ...]] = {"kinds": (states,), "q": (states, len(self.actions))}
        shapes |= dict.fromkeys(("values", "visits", "td_errors"), (states,))
        for name, shape in shapes.items():
            array = getattr(self, name)
            if array is not None and np.shape(array) != shape:
                raise ValueError(f"{name} must have shape {shape}, got {np.shape(array)}")


@dataclass(frozen=True)
class Layout:
    """Where the cells of a board lie on a canvas: `rows` x `cols` of them, from (`first_row`, `first_col`)."""

    top: int  # canvas row of the first cell's first line
    left: int
    cell_width: int
    cell_height: int
    gap_x: int  # columns between two cells
    gap_y: int
    first_row: int
    first_col: int
    rows: int
    cols: int

    @property
    def framed(self) -> bool:
        """Whether lines are drawn between the cells and around the board."""
        return self.gap_y > 0

    def corner(self, row: int, col: int) -> tuple[int, int]:
        """Canvas row and column of the top left character of the board's cell (row, col)."""
        y = self.top + (row - self.first_row) * (self.cell_height + self.gap_y)
        return y, self.left + (col - self.first_col) * (self.cell_width + self.gap_x)


MAX_WIDTH, MAX_HEIGHT = 11, 5  # of a cell


def _window(total: int, visible: int, focus: int) -> int:
    """First of `visible` of `total` rows so that `focus` is among them; it moves by half windows, not by rows."""
    if visible >= total:
        return 0
    half = max(1, visible // 2)
    return min(max(0, focus // half * half - half // 2), total - visible)


def _cell_size(width: int, height: int) -> tuple[int, int]:
    """The size drawn in at most width x height characters: not taller than wide (a character is twice as tall)."""
    width = min(width, MAX_WIDTH)
    height = min(height, MAX_HEIGHT, (width + 2) // 2)
    return width - (width in (6, 8, 10)), height - (height == 4)


def fit(board: Board, width: int, height: int, focus: int | None = None) -> Layout:
    """The largest cells with which the board fits on width x height characters.

    Lines are drawn between cells of 5x2 and more; below, the cells touch. Where even cells of one character do not
    fit, a window around the state `focus` is shown (default: the selected cell, else the agent).
    """
    rows, cols = max(1, board.rows), max(1, board.cols)
    tight = int(bool(board.walls_right))
    framed = _cell_size((width - 1) // cols - 1, (height - 1) // rows - 1)
    touching = _cell_size((width + tight) // cols - tight, height // rows)
    good = framed[0] >= 5 and framed[1] >= 2
    fair = framed[0] >= 5 and framed[1] >= 1 and touching[1] < 2
    (cell_width, cell_height), gap_x, gap_y = (framed, 1, 1) if good or fair else (touching, tight, 0)
    cell_width, cell_height = max(1, cell_width), max(1, cell_height)
    shown_cols = min(board.cols, max(0, (width + gap_x) // (cell_width + gap_x)))
    shown_rows = min(board.rows, max(0, (height + gap_y) // (cell_height + gap_y)))
    if (shown_rows < board.rows or shown_cols < board.cols) and height > 2:
        shown_rows = min(shown_rows, height - 1)  # the last line says which part is shown
    if focus is None:
        focus = board.selected if board.selected is not None else board.agent or 0
    row, col = divmod(focus, cols)
    return Layout(
        top=max(0, height - shown_rows * (cell_height + gap_y) + gap_y) // 2,
        left=max(0, width - shown_cols * (cell_width + gap_x) + gap_x) // 2,
        cell_width=cell_width,
        cell_height=cell_height,
        gap_x=gap_x,
        gap_y=gap_y,
        first_row=_window(board.rows, shown_rows, row),
        first_col=_window(board.cols, shown_cols, col),
        rows=shown_rows,
        cols=shown_cols,
    )


def state_at(board: Board, width: int, height: int, row: int, col: int, focus: int | None = None) -> int | None:
    """The state drawn at (row, col) of a canvas of width x height, or None between and beside the cells."""
    layout = fit(board, width, height, focus)
    line, y = divmod(row - layout.top, layout.cell_height + layout.gap_y)
    column, x = divmod(col - layout.left, layout.cell_width + layout.gap_x)
    inside = 0 <= line < layout.rows and 0 <= column < layout.cols
    if not inside or y >= layout.cell_height or x >= layout.cell_width:
        return None
    return (layout.first_row + line) * board.cols + layout.first_col + column
