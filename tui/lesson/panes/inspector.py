"""One cell of the world looked at closely: its action values, visits, and the updates it has had."""

from __future__ import annotations

import math

import numpy as np

from algorithms.exploration import tied
from scenarios.lessons.explain import action_sign
from scenarios.lessons.ledger import Record
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import grouped, number
from scenarios.worlds.layout import Kind, Layout
from tui.drawing.cells import Cells
from tui.drawing.numbers import format_value
from tui.drawing.theme import Theme
from tui.lesson.panes.situation import state_in
from tui.lesson.panes.text import Span, ascii_only, bar, bar_style, clipped, joined, length, put_spans, written

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
_ENDS = (Kind.TERMINAL, Kind.HOLE)
_VALUE = 8  # characters of a number


def draw_inspector(stepper: Stepper, cell: int, width: int, height: int, theme: Theme) -> Cells:
    """A cell: where and what it is, Q(s,a) and visits of every action, and its latest updates, newest first."""
    cells = Cells(width, height)
    layout = stepper.experiment.model.layout
    if not 0 <= cell < layout.rows * layout.columns:
        return cells
    state = state_in(stepper, cell)
    lines = _title(layout, cell, state, width, theme)
    kind = Kind(int(layout.kinds[cell]))
    if kind in _ENDS:
        text = clipped("the episode ends here: there are no actions", width, theme)
        lines.append([(text, theme.style(theme.palette.muted))])
    elif kind not in _LEARNS_NOTHING:
        lines += _actions(stepper, state, width, theme)
    if kind not in _LEARNS_NOTHING:
        lines += _history(stepper, state, height - len(lines), width, theme)
    for row, spans in enumerate(lines[:height]):
        put_spans(cells, row, 0, spans, theme)
    return cells


def _title(layout: Layout, cell: int, state: int, width: int, theme: Theme) -> list[list[Span]]:
    row, column = divmod(cell, layout.columns)
    kind = Kind(int(layout.kinds[cell]))
    label = layout.labels[cell] if kind in (Kind.TERMINAL, Kind.JUMP, Kind.FREE) else ""
    parts = f"row {row}, column {column}", f"state {state}", f"{_NAMES[kind]} {label}".strip()
    title = joined(parts, theme)
    lines: list[list[Span]] = [[(clipped(title, width, theme), theme.style(theme.palette.text, bold=True))]]
    if layout.within:
        within = clipped(layout.within[state % layout.states_per_cell], width, theme)
        lines.append([(within, theme.style(theme.palette.muted))])
    return lines


def _signs(layout: Layout, theme: Theme) -> list[str]:
    """The actions as arrows or names, all equally wide."""
    signs = [written(action_sign(layout, a), theme) for a in range(len(layout.actions))]
    wide = max(map(length, signs))
    return [sign + " " * (wide - length(sign)) for sign in signs]


def _actions(stepper: Stepper, state: int, width: int, theme: Theme) -> list[list[Span]]:
    """A line an action: its sign, value, bar from zero and visits; the greedy ones are marked."""
    palette = theme.palette
    q = stepper.tables.q[state]
    greedy = tied(q)
    signs = _signs(stepper.experiment.model.layout, theme)
    plans = stepper.experiment.algorithm.plans
    counts = [
        "" if plans else f"{grouped(n)} visit{'' if n == 1 else 's'}" for n in stepper.ledger.visits[state].tolist()
    ]
    wide = max(map(len, counts))
    sizes = np.abs(q[np.isfinite(q)])
    bound = float(sizes.max()) if sizes.size else 0.0
    room = max(0, min(24, width - len(signs[0]) - _VALUE - wide - 7))
    lines: list[list[Span]] = []
    for a, value in enumerate(q.tolist()):
        line = bar(value / bound, room, theme) if bound and math.isfinite(value) else ""
        strong = theme.style(palette.text, bold=bool(greedy[a]))
        text = format_value(value, _VALUE, infinity=theme.glyphs.infinity)
        lines.append(
            [
                ("★ " if greedy[a] else "  ", theme.style(palette.accent, bold=True)),
                (f"{signs[a]} {text:>{_VALUE}} ", strong),
                (line.ljust(room), bar_style(value, theme)),
                (f"  {counts[a]:>{wide}}", theme.style(palette.muted)),
            ]
        )
    return lines


def _history(stepper: Stepper, state: int, room: int, width: int, theme: Theme) -> list[list[Span]]:
    """The remembered updates of a state that there is room for."""
    records = stepper.ledger.updates_of(state)
    visits = int(stepper.ledger.visits[state].sum())
    title = f"updated {grouped(visits)} times" if visits != 1 else "updated once"
    if records:
        title += ", newest first"
    lines: list[list[Span]] = [[], [(clipped(title, width, theme), theme.style(theme.palette.muted))]]
    signs = _signs(stepper.experiment.model.layout, theme)
    lines += [_record(record, signs, theme) for record in records[: max(0, room - 2)]]
    return lines if room > 1 else []


def _record(record: Record, signs: list[str], theme: Theme) -> list[Span]:
    text, muted = theme.style(theme.palette.text), theme.style(theme.palette.muted)
    arrow = "->" if ascii_only(theme) else "→"
    return [
        (f"{grouped(record.step):>9}  ", muted),
        (f"{signs[record.a]} " if record.a >= 0 else "", text),
        (f"{number(record.old):>8} {arrow} {number(record.new):<8}", text),
        (" error ", muted),
        (f"{'+' if record.error > 0 else ''}{number(record.error)}", text),
    ]
