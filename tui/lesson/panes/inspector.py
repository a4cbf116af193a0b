"""One cell of the world looked at closely: its action values, visits, and the updates it has had."""

from __future__ import annotations

import math

import numpy as np

from algorithms.exploration import tied
from scenarios.lessons.explain import action_sign, number
from scenarios.lessons.ledger import Record
from scenarios.lessons.stepper import Stepper
from scenarios.worlds.layout import Kind, Layout
from tui.drawing.cells import Cells
from tui.drawing.numbers import format_value
from tui.drawing.theme import Theme
from tui.lesson.panes.situation import state_in
from tui.lesson.panes.text import Span, clipped, length, put_spans, written

_NAMES = {
    Kind.FREE: "free",
    Kind.WALL: "wall",
    Kind.START: "start",
    Kind.TERMINAL: "terminal",
    Kind.CLIFF: "cliff",
    Kind.HOLE: "hole",
    Kind.JUMP: "jump",
}
_LEARNS_NOTHING = (Kind.WALL, Kind.CLIFF)
_VALUE = 8  # characters of a number


def draw_inspector(stepper: Stepper, cell: int, width: int, height: int, theme: Theme) -> Cells:
    """A cell: where and what it is, Q(s,a) and visits of every action, and its latest updates, newest first."""
    cells = Cells(width, height)
    layout = stepper.experiment.model.layout
    if not 0 <= cell < layout.rows * layout.columns:
        return cells
    state = state_in(stepper, cell)
    lines = [_title(layout, cell, state, width, theme)]
    if Kind(int(layout.kinds[cell])) not in _LEARNS_NOTHING:
        lines += _actions(stepper, state, width, theme)
        lines += _history(stepper, state, height - len(lines), width, theme)
    for row, spans in enumerate(lines[:height]):
        put_spans(cells, row, 0, spans, theme)
    return cells


def _title(layout: Layout, cell: int, state: int, width: int, theme: Theme) -> list[Span]:
    row, column = divmod(cell, layout.columns)
    kind = _NAMES[Kind(int(layout.kinds[cell]))]
    label = layout.labels[cell]
    parts = [f"row {row}, column {column}", f"state {state}", f"{kind} {label}".strip()]
    if layout.within:
        parts.append(layout.within[state % layout.states_per_cell])
    return [(clipped(" · ".join(parts), width, theme), theme.style(theme.palette.text, bold=True))]


def _actions(stepper: Stepper, state: int, width: int, theme: Theme) -> list[list[Span]]:
    """A line an action: its sign, value, bar from zero and visits; the greedy ones are marked."""
    palette = theme.palette
    layout = stepper.experiment.model.layout
    q = stepper.tables.q[state]
    greedy = tied(q)
    plans = stepper.experiment.algorithm.plans
    visits = stepper.ledger.visits[state]
    signs = [written(action_sign(layout, a), theme) for a in range(len(q))]
    wide = max(map(length, signs))
    sizes = np.abs(q[np.isfinite(q)])
    bound = float(sizes.max()) if sizes.size else 0.0
    counts = ["" if plans else f"{int(count):,} x".replace(",", " ") for count in visits]
    room = max(0, min(30, width - wide - _VALUE - 6 - max(map(len, counts))))
    lines: list[list[Span]] = []
    for a, value in enumerate(q.tolist()):
        size = round(room * abs(value) / bound) if bound and math.isfinite(value) else 0
        colour = palette.negative[-1] if value < 0 else palette.positive[-1]
        strong = theme.style(palette.text, bold=bool(greedy[a]))
        lines.append(
            [
                (theme.glyphs.goal + " " if greedy[a] else "  ", theme.style(palette.accent, bold=True)),
                (signs[a].ljust(wide) + " ", strong),
                (format_value(value, _VALUE, infinity=theme.glyphs.infinity).rjust(_VALUE) + " ", strong),
                (theme.glyphs.swatch * size + " " * (room - size), theme.style(colour)),
                (" " + counts[a], theme.style(palette.muted)),
            ]
        )
    return lines


def _history(stepper: Stepper, state: int, room: int, width: int, theme: Theme) -> list[list[Span]]:
    if room < 2:
        return []
    muted = theme.style(theme.palette.muted)
    records = stepper.ledger.updates_of(state)
    if not records:
        return [[], [(clipped("not updated yet, or too long ago to remember", width, theme), muted)]][-room:]
    title = f"its last {len(records)} updates" if len(records) > 1 else "its last update"
    lines: list[list[Span]] = [[], [(clipped(title + ", newest first", width, theme), muted)]]
    layout = stepper.experiment.model.layout
    return lines + [_record(record, layout, theme) for record in records[: max(0, room - len(lines))]]


def _record(record: Record, layout: Layout, theme: Theme) -> list[Span]:
    palette = theme.palette
    sign = action_sign(layout, record.a) if record.a >= 0 else ""
    error = record.error
    colour = palette.negative[-1] if error < 0 else palette.positive[-1]
    plus = "+" if error > 0 else ""
    return [
        (f"{record.step:>7} ", theme.style(palette.muted)),
        (f"{sign:<2} " if sign else "", theme.style(palette.text)),
        (f"{number(record.old):>8} → {number(record.new):<8}", theme.style(palette.text)),
        (f" error {plus}{number(error)}", theme.style(colour)),
    ]
