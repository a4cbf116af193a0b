"""Every part of the monitor as cells, from its session; the axes of the charts are kept from drawing to drawing."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from tui.drawing.axes import Axes
from tui.drawing.cells import Cells, safe_text
from tui.drawing.charts import x_at
from tui.drawing.theme import Theme
from tui.lesson.panes.text import Span, clipped, joined, length, put_spans, spans_length
from tui.monitor import side
from tui.monitor.chart import draw, titles
from tui.monitor.columns import cut_in_the_middle, status_colour, status_sign, title_of
from tui.monitor.layout import CHARTS
from tui.monitor.session import Session
from tui.monitor.table import Table, draw_table


class _Drawn(NamedTuple):
    """A drawing, and of what."""

    equal: tuple[Any, ...]
    same: tuple[Any, ...]
    cells: Cells


class Drawings:
    """The drawings of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._drawn: dict[str, _Drawn] = {}  # by pane
        self._axes: dict[str, tuple[tuple[Any, ...], Axes]] = {}  # by pane: of what they are, and the axes

    def draw(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """One pane without its frame; what would look the same is not drawn again."""
        if name == "table":
            return self._table(width, height, theme)
        draw = self._side if name == "side" else partial(self._chart, name)
        return self._once(name, (*self._contents(name), width, height, theme), (), lambda: draw(width, height, theme))

    def _once(self, name: str, equal: tuple[Any, ...], same: tuple[Any, ...], draw: Callable[[], Cells]) -> Cells:
        """The drawing that is kept, if it is of equal things and of the very same ones, else a new one."""
        kept = self._drawn.get(name)
        if kept is None or kept.equal != equal or any(a is not b for a, b in zip(kept.same, same, strict=True)):
            kept = self._drawn[name] = _Drawn(equal, same, draw())
        return kept.cells

    def _contents(self, name: str) -> tuple[Any, ...]:
        """All that a chart or the side is made of."""
        session, view = self._session, self._session.view
        if name == "side":
            marked, minute = tuple(view.marked), time.time() // 60
            return session.current, view.side, view.scroll, marked, session.seen.diagnoses, session.seen.damage, minute
        return session.seen.charts, session.style, view.at, view.log_x, view.log_y, session.looked, session.charted

    # The table

    def _table(self, width: int, height: int, theme: Theme) -> Cells:
        session = self._session
        session.keep_in_sight()
        view = session.view
        table = Table(
            session.rows,
            view.top,
            session.place,
            session.marks(),
            session.seen.sparks,
            view.sort,
            view.descending,
            session.name_width,
            self._why_empty(),
        )
        equal = (table.top, table.current, table.marks, table.sort, table.descending, table.empty)
        return self._once(
            "table",
            (*equal, width, height, theme, time.time() // 60),
            (table.rows, table.sparks),
            lambda: draw_table(table, width, height, theme),
        )

    def _why_empty(self) -> str:
        session = self._session
        if session.seen.rows:
            return "no run matches: change the search, or clear it with esc"
        where = ", ".join(str(path) for path in session.paths)
        return (
            session.seen.faults[0] if session.seen.faults else f"no runs in {where}: `rltop train SCENARIO` makes one"
        )

    # The charts

    def _chart(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        chart = self._session.chart_of(CHARTS.index(name))
        if chart is None:
            cells = Cells(width, height)
            text = clipped(self._why_no_chart(), width, theme)
            cells.put(height // 2, max(0, width - length(text)) // 2, text, theme.style(theme.palette.muted))
            self._axes.pop(name, None)
            return cells
        runs = tuple(line.runs for line in chart.lines)
        what = (chart.metric, chart.x, chart.log_x, chart.log_y, chart.window, chart.smoothing, runs)
        kept = self._axes.get(name)
        drawn, axes = draw(chart, width, height, theme, kept[1] if kept is not None and kept[0] == what else None)
        if axes is not None:
            self._axes[name] = what, axes
        return drawn

    def _why_no_chart(self) -> str:
        if not self._session.looked:
            return ""
        if not self._session.charted:
            return "no run is chosen"
        return "the curves cannot be read" if self._session.seen.damage else "this run has no curves yet"

    def x_at(self, name: str, col: int, width: int) -> float | None:
        """The x that lies at a column of a chart; None beside its plot."""
        kept = self._axes.get(name)
        return x_at(col, width, kept[1]) if kept is not None else None

    # Beside the charts

    def _side(self, width: int, height: int, theme: Theme) -> Cells:
        return side.draw_side(self._items(theme), self._session.view.scroll, width, height, theme)

    def _items(self, theme: Theme) -> list[side.Item]:
        session, row = self._session, self._session.current
        if row is None:
            return [side.Item("no run is chosen", look="muted")]
        damage = session.seen.damage.get(row.path)
        if session.view.side == "differences":
            others = (session.row_of(path) for path in session.view.marked if path != row.path)
            return side.differences(row, next((other for other in others if other is not None), None))
        if session.view.side == "diagnosis":
            return side.diagnosis(row, session.seen.diagnoses, damage)
        return side.details(row, theme, damage)

    def cell_at(self, name: str, width: int, height: int, row: int, col: int) -> None:
        """No pane shows a world."""

    def hidden(self, width: int, height: int, theme: Theme) -> int:
        """How far the side can be scrolled."""
        return side.lines_hidden(self._items(theme), width, height, theme)

    # Titles, and the line above

    def titles(self, name: str, theme: Theme) -> list[str]:
        """The titles of a pane, the longest first."""
        session, view = self._session, self._session.view
        if name == "table":
            found, there = len(session.rows), len(session.seen.rows)
            runs = f"{found} of {there} runs" if found != there else f"{there} {'run' if there == 1 else 'runs'}"
            marked = [f"{len(view.marked)} marked"] if view.marked else []
            order = f"sorted by {title_of(view.sort)}"
            searched = [safe_text(view.query, 40)] if view.query else []
            return [joined([runs, *searched, *marked, order], theme), joined([runs, *marked], theme), runs]
        if name == "side":
            return [view.side]
        chart = session.chart_of(CHARTS.index(name))
        if chart is None:
            return ["charts"]
        several = len(session.seen.charts) > 1 and CHARTS[session.chart] == name
        pointer = f"{theme.glyphs.play} " if several else ""
        return [pointer + joined(title.split(" · "), theme) for title in titles(chart)]

    def header(self, width: int, theme: Theme) -> Cells:
        """What the screen is, how the runs stand, and the latest message."""
        session, palette = self._session, theme.palette
        cells = Cells(width, 1)
        left: list[Span] = [("rltop", theme.style(palette.series[0], bold=True)), (" watch", theme.style(palette.text))]
        col = put_spans(cells, 0, 0, left, theme) + 3
        said, wrong = (session.problem, True) if session.problem else (session.message, session.mistake)
        if not session.looked:
            said = "looking for runs ..."
        troubles = [*session.seen.faults, *session.seen.damage.values()] if session.seen.rows else []
        if not said and troubles:
            said, wrong = troubles[0], True
        if said:
            style = theme.style(palette.warning if wrong else palette.accent, bold=True)
            cells.put(0, col, clipped(said, width - col, theme), style)
            return cells
        spans: list[Span] = []
        for status, count in session.counts.items():
            sign = status_sign(status, theme)
            spans += [(f"{sign} {count} {status}", theme.style(status_colour(status, theme))), ("   ", theme.style())]
        while spans and spans_length(spans[:-1], theme) > width - col:
            del spans[-2:]
        col = put_spans(cells, 0, col, spans[:-1], theme)
        where = cut_in_the_middle(joined(map(str, session.paths), theme), 60, theme.glyphs.ellipsis)
        if col + 3 + length(where) <= width:
            cells.put(0, width - length(where), where, theme.style(palette.muted))
        return cells
