"""Faces: what one cell of a board says in a layer, before anything knows how large it is drawn.

A share is a value divided by the |value| of full colour: in [-1, 1], or NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui.drawing.board import Board, Kind, Layer
from tui.drawing.cells import RGB, safe_text
from tui.drawing.numbers import format_value, nice_ceil
from tui.drawing.theme import Glyphs, Theme, arrow_text, mix

_FIXED = frozenset({Kind.WALL, Kind.CLIFF, Kind.HOLE, Kind.TERMINAL, Kind.GOAL})


@dataclass(frozen=True)
class Face:
    """What a cell says; which part of it is drawn depends on the room there is."""

    bg: RGB
    fill: str = " "  # a pattern under everything
    fill_fg: RGB | None = None
    text: str | None = None  # in place of a number
    value: float | None = None
    share: float = 0.0
    signed: bool = False
    greedy: tuple[int, ...] = ()  # actions
    badge: str = ""  # in a corner: start, jump, landmark

    def number(self, width: int, glyphs: Glyphs) -> str:
        """The number, or the text, in at most `width` characters."""
        if self.text is not None:
            return self.text[:width]
        if self.value is None:
            return ""
        if width < 3 and math.isfinite(self.value):  # no room for a number: tenths of the scale
            digit = str(min(9, int(10 * abs(self.share))))
            return digit if width < 2 else ("-" if self.share < 0 else " ") + digit
        return format_value(self.value, width, signed=self.signed, infinity=glyphs.infinity)


def full_scale(values: NDArray[np.floating | np.integer] | None, given: float | None) -> float:
    """The |value| of full colour: the `given` one, or a round bound of the finite values."""
    if given is not None and math.isfinite(given) and given > 0:
        return given
    if values is None or not np.size(values):
        return 1.0
    sizes = np.abs(np.asarray(values, np.float64))
    largest = float(np.max(sizes, where=np.isfinite(sizes), initial=0.0))
    return nice_ceil(largest) if largest > 0 else 1.0


def layer_scale(board: Board, layer: Layer) -> float:
    """The |value| of full colour in a layer of a board."""
    if layer is Layer.VISITS:
        return full_scale(board.visits, None)
    if layer is Layer.TD_ERROR:
        return full_scale(board.td_errors, None)
    # Q shares the colours of V where there is V: one action that costs -100 does not pale all the others.
    return full_scale(board.q if board.values is None else board.values, board.scale)


def share_of(value: float, scale: float) -> float:
    """`value` / `scale` within [-1, 1]; NaN stays NaN."""
    return value if math.isnan(value) else max(-1.0, min(1.0, value / scale))


def visits_share(count: float, scale: float) -> float:
    """Where a count lies between 0 and `scale` on a logarithmic scale."""
    return share_of(math.log1p(max(0.0, count)), math.log1p(scale))


def face_of(board: Board, layer: Layer, state: int, scale: float, theme: Theme) -> Face:
    """The face of one state."""
    kind = Kind(int(board.kinds[state]))
    label = safe_text(board.labels[state], 6) if state in board.labels else ""
    if kind in _FIXED:
        return _fixed_face(kind, label, theme)
    glyphs = theme.glyphs
    badge = {Kind.START: glyphs.start, Kind.JUMP: glyphs.jump}.get(kind, "") + label
    bg = theme.palette.jump if kind is Kind.JUMP else theme.palette.background
    if state == board.hidden:
        return Face(bg, text="?", badge=badge)
    greedy = () if board.greedy is None else tuple(board.greedy[state])
    if layer is Layer.POLICY:
        return Face(bg, greedy=greedy, badge=badge)
    if layer is Layer.VISITS:
        if board.visits is None:
            return Face(bg, badge=badge)
        count = board.visits[state].item()
        count = int(count) if math.isfinite(count) else count
        share = visits_share(count, scale)
        return Face(theme.sequential(share), value=count, share=share, badge=badge)
    if layer is Layer.TD_ERROR:
        return _value_face(board.td_errors, state, scale, badge, theme, signed=True)
    if layer is Layer.Q and board.q is not None:
        best = np.fmax.reduce(board.q[state]) if len(board.actions) else math.nan
        return _value_face(np.array([best]), 0, scale, badge, theme, greedy=greedy)
    return _value_face(board.values, state, scale, badge, theme, greedy=greedy)


def _value_face(
    values: NDArray[np.floating] | None,
    state: int,
    scale: float,
    badge: str,
    theme: Theme,
    *,
    greedy: tuple[int, ...] = (),
    signed: bool = False,
) -> Face:
    if values is None:
        return Face(theme.palette.background, greedy=greedy, badge=badge)
    value = float(values[state])
    share = share_of(value, scale)
    return Face(theme.diverging(share), value=value, share=share, signed=signed, greedy=greedy, badge=badge)


def _fixed_face(kind: Kind, label: str, theme: Theme) -> Face:
    """A cell without anything to learn: the same in every layer."""
    palette, glyphs = theme.palette, theme.glyphs
    if kind is Kind.WALL:
        return Face(palette.wall, glyphs.wall, mix(palette.wall, palette.muted, 0.3), text="")
    if kind is Kind.CLIFF:
        return Face(palette.cliff, glyphs.cliff, mix(palette.cliff, palette.warning, 0.5), text=label)
    bg, glyph = {
        Kind.HOLE: (palette.hole, glyphs.hole),
        Kind.TERMINAL: (palette.terminal, glyphs.terminal),
        Kind.GOAL: (palette.goal, glyphs.goal),
    }[kind]
    return Face(bg, text=glyph + label)


def arrows_of(board: Board, greedy: tuple[int, ...], width: int, glyphs: Glyphs) -> str:
    """The greedy actions in at most `width` characters: arrows, then the letters of other actions."""
    actions = [board.actions[a] for a in greedy]
    directions = {action for action in actions if not isinstance(action, str)}
    letters = "".join(safe_text(action, 1) for action in actions if isinstance(action, str))
    if directions and letters and len(directions) + len(letters) > width:
        return glyphs.many[: max(0, width)]
    return (arrow_text(directions, width, glyphs) + letters)[: max(0, width)]
