"""The world of a lesson: its board with what the first lane believes, and a line that says what is drawn."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Floats
from algorithms.exploration import tied
from scenarios.lessons.stepper import Stepper
from scenarios.worlds import layout as worlds
from scenarios.worlds.layout import DIRECTIONS
from tui.drawing.board import Action, Board, Kind, Layer, fit, state_at
from tui.drawing.cells import Cells
from tui.drawing.grid import draw_board, draw_legend
from tui.drawing.numbers import nice_ceil
from tui.drawing.theme import Direction, Theme
from tui.lesson.panes.situation import cell_shown, next_state, situation, states_shown, updated_state
from tui.lesson.panes.text import length, written

_KINDS = {
    worlds.Kind.FREE: Kind.FREE,
    worlds.Kind.WALL: Kind.WALL,
    worlds.Kind.START: Kind.START,
    worlds.Kind.TERMINAL: Kind.GOAL,
    worlds.Kind.CLIFF: Kind.CLIFF,
    worlds.Kind.HOLE: Kind.HOLE,
    worlds.Kind.JUMP: Kind.JUMP,
}
_SAID_BY_GLYPH = {  # labels that only repeat the glyph of their kind
    (worlds.Kind.START, "S"),
    (worlds.Kind.TERMINAL, "G"),
    (worlds.Kind.CLIFF, "C"),
    (worlds.Kind.HOLE, "H"),
}
_FEW_STARTS = 5
_CAPTION_FROM = 12  # a pane of so many lines has its caption even where the cells shrink for it


class Greedy(Sequence[Collection[int]]):
    """The greedy actions of every cell, listed when asked for: only the cells that are drawn ask."""

    def __init__(self, ties: Bools) -> None:
        self._ties = ties  # [C, A]

    def __len__(self) -> int:
        return len(self._ties)

    def __getitem__(self, cell: Any) -> Any:
        return self._ties[cell].nonzero()[0].tolist()


def board_of(
    stepper: Stepper, *, selected: int | None = None, hidden: bool = False, difference: Floats | None = None
) -> Board:
    """The board of a stepper as it stands.

    `selected` is a cell; `hidden` covers what the next update is about; `difference` [S] takes the values' place.
    """
    shown = states_shown(stepper)
    tables = stepper.tables
    q = tables.q[shown]
    place = _place(stepper, selected)
    return replace(
        place,
        values=tables.v[shown] if difference is None else difference[shown],
        q=q,
        greedy=Greedy(tied(q)) if difference is None else None,
        visits=stepper.ledger.visits[shown].sum(axis=1),
        td_errors=stepper.ledger.errors[shown],
        updated=_cell_of(stepper, updated_state(stepper)),
        hidden=_cell_of(stepper, next_state(stepper)) if hidden else None,
    )


def _cell_of(stepper: Stepper, state: int | None) -> int | None:
    return None if state is None else cell_shown(stepper, state)


def _place(stepper: Stepper, selected: int | None) -> Board:
    """The board with nothing learnt: where everything lies."""
    experiment = stepper.experiment
    layout = experiment.model.layout
    return replace(
        empty_board(layout),
        labels=_passenger_labels(stepper) if layout.landmarks else empty_board(layout).labels,
        agent=None if experiment.algorithm.plans else layout.cell(int(stepper.state.s[0])),
        selected=selected,
    )


def empty_board(layout: worlds.Layout) -> Board:
    """The board of a layout without learner or learnt values."""
    return _empty_board(_Identical(layout))


class _Identical:
    """A layout as the key of a cache: the same one, not one like it."""

    def __init__(self, layout: worlds.Layout) -> None:
        self.layout = layout

    def __hash__(self) -> int:
        return id(self.layout)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identical) and other.layout is self.layout


@lru_cache(maxsize=8)
def _empty_board(key: _Identical) -> Board:
    """The board of a layout without learner or learnt values: of a large map it takes a while."""
    layout = key.layout
    return Board(
        layout.rows,
        layout.columns,
        _kinds(layout),
        actions=tuple(_action(name) for name in layout.actions),
        labels={
            cell: label
            for cell, label in enumerate(layout.labels)
            if label and (layout.kinds[cell], label) not in _SAID_BY_GLYPH
        },
        walls_right=frozenset(layout.fences),
    )


def _kinds(layout: worlds.Layout) -> NDArray[np.uint8]:
    kinds: NDArray[np.uint8] = np.array([_KINDS[kind] for kind in worlds.Kind], np.uint8)[layout.kinds]
    starts = kinds == Kind.START
    if starts.sum() > _FEW_STARTS:  # where an episode may begin anywhere, to say so in every cell says nothing
        kinds[starts] = Kind.FREE
    for cell in np.flatnonzero(layout.kinds == worlds.Kind.TERMINAL):
        if layout.labels[cell].startswith("-"):
            kinds[cell] = Kind.TERMINAL
    return kinds


def _action(name: str) -> Action:
    """A direction, or the letter that stands for an action: P for pick up, D for drop off."""
    if name in DIRECTIONS:
        return Direction[name.upper().replace("-", "_")]
    return name[:1].upper()


def _passenger_labels(stepper: Stepper) -> dict[int, str]:
    """Taxi's landmarks, and which of them the passenger comes from and goes to."""
    layout = stepper.experiment.model.layout
    labels = {cell: layout.labels[cell] for cell in layout.landmarks}
    waits, destination = layout.passenger(situation(stepper))
    labels[destination] += " to"
    if waits is not None:
        labels[waits] += " from" if waits != destination else "+from"
    return labels


def draw_world(
    stepper: Stepper,
    layer: Layer,
    width: int,
    height: int,
    theme: Theme,
    *,
    selected: int | None = None,
    hidden: bool = False,
    difference: Floats | None = None,
) -> Cells:
    """The board in a layer; below it, where there is room, what the layer's colours mean and Taxi's passenger."""
    board = board_of(stepper, selected=selected, hidden=hidden, difference=difference)
    layer = layer if difference is None else Layer.VALUE
    if layer in (Layer.VALUE, Layer.Q):
        board = replace(board, scale=_scale(board, layer))
    cells = Cells(width, height)
    lines = _board_lines(board, width, height, bool(_situation_text(stepper)))
    cells.blit(draw_board(board, layer, width, lines, theme), 0, 0)
    _draw_wind(cells, board, stepper.experiment.model.layout.wind, lines, theme)
    if lines < height:
        note = _situation_text(stepper) or ("first − second" if difference is not None else "")
        _draw_caption(cells, board, layer, lines, note, theme)
        if difference is not None:
            cells.put(lines, 0, written("Δ", theme), theme.style(theme.palette.text, bold=True))
    return cells


def cell_at(
    stepper: Stepper, width: int, height: int, row: int, col: int, *, selected: int | None = None
) -> int | None:
    """The cell of the board at (row, col) of what `draw_world` draws, or None beside and between the cells."""
    board = _place(stepper, selected)
    lines = _board_lines(board, width, height, bool(_situation_text(stepper)))
    return state_at(board, width, lines, row, col) if row < lines else None


def _scale(board: Board, layer: Layer) -> float | None:
    """The |value| of full colour: a few extreme values, as beside a cliff, leave the others their shades."""
    values = board.q if layer is Layer.Q else board.values
    if values is None:
        return None
    learnt = ~np.isin(board.kinds, (Kind.WALL, Kind.CLIFF, Kind.HOLE, Kind.TERMINAL, Kind.GOAL))
    sizes = np.abs(values[learnt])
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    return nice_ceil(float(np.quantile(sizes, 0.9))) if sizes.size else None


def _board_lines(board: Board, width: int, height: int, needs_caption: bool) -> int:
    """How many lines the board has: all but one for the caption, unless its cells would shrink for it."""
    if height < 3:
        return height
    with_caption, without = fit(board, width, height - 1), fit(board, width, height)
    same = (with_caption.cell_width, with_caption.cell_height, with_caption.rows, with_caption.framed) == (
        without.cell_width,
        without.cell_height,
        without.rows,
        without.framed,
    )
    return height - 1 if same or (needs_caption and height >= _CAPTION_FROM) else height


def _situation_text(stepper: Stepper) -> str:
    layout = stepper.experiment.model.layout
    return layout.within[situation(stepper)] if layout.within else ""


def _draw_caption(cells: Cells, board: Board, layer: Layer, row: int, note: str, theme: Theme) -> None:
    """The legend, and to its right the note."""
    note = written(note, theme)
    room = cells.width - (length(note) + 2 if note else 0)
    layout = fit(board, cells.width, row)
    cells.blit(draw_legend(board, layer, max(0, room), theme, layout), row, 0)
    cells.put(row, max(0, cells.width - length(note)), note, theme.style(theme.palette.text))


def _draw_wind(cells: Cells, board: Board, wind: tuple[int, ...], lines: int, theme: Theme) -> None:
    """Under every column how many cells the wind there pushes up, where a line is left."""
    if not wind:
        return
    layout = fit(board, cells.width, lines)
    row = layout.corner(layout.first_row + layout.rows, 0)[0]
    if row >= lines or layout.rows < board.rows:
        return
    arrow = theme.glyphs.arrows[Direction.UP]
    for column in range(layout.first_col, layout.first_col + layout.cols):
        text = f"{arrow}{wind[column]}"[: layout.cell_width] if wind[column] else ""
        left = layout.corner(0, column)[1]
        cells.put(row, left, text.center(layout.cell_width), theme.style(theme.palette.muted))
