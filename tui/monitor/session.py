"""What can be done in the monitor, without a widget: the runs that match, the cursor, the marks, and the charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scenarios.runs.collection import RunRow
from scenarios.runs.query import QueryError, parse_query, select, sort_rows
from tui.lesson.dialogs import Dialog
from tui.monitor.chart import Chart
from tui.monitor.columns import NONE, name_width
from tui.monitor.lines import Style
from tui.monitor.observer import Lines, Seen, Wanted, solved_in
from tui.monitor.view import View, recalled, remember


@dataclass(frozen=True)
class MetricSearch:
    """The question which metrics are to be charted."""


class Session:
    """A view of the runs, and what a look at them has found."""

    def __init__(self, paths: Sequence[Path], plain: Mapping[str, object]) -> None:
        self.paths = tuple(paths)
        self.view: View = recalled(plain)
        self.seen = Seen()
        self.style = Style()  # of the curves that were seen
        self.looked = False  # whether a look has come back yet
        self.rows: list[RunRow] = []  # those that match, in their order
        self.problem = ""  # why the query finds nothing new
        self.message, self.mistake = "", False
        self.dialog: Dialog | MetricSearch | None = None
        self.background: Callable[[], str] | None = None
        """What takes a while, and is to be done off the screen's thread; returns what came of it."""
        self.searching = False
        self.hovered = ""  # the chart that the mouse is over
        self.name_width = 0
        self.small = False  # there is room for one pane below the table only
        self.height = 1  # rows of the table in sight
        self._query = parse_query("")
        self._places: dict[Path, int] = {}  # of the rows
        self._settings: frozenset[str] = frozenset()  # that any run has
        self.search(self.view.query)

    # What there is

    def take(self, seen: Seen, style: Style) -> None:
        """A look has come back, with curves in the style that was asked for."""
        same = seen.rows is self.seen.rows and self.looked
        self.seen, self.style, self.looked = seen, style, True
        if not same:
            there = {row.path for row in seen.rows}
            self.view.marked = {path: None for path in self.view.marked if path in there}
            self._settings = frozenset().union(*(row.config for row in seen.rows))
            self.search(self.view.query)

    def search(self, query: str) -> None:
        """Look for other runs; a query that cannot be understood keeps those that are found, and says why."""
        self.view.query = query
        try:
            self._query = parse_query(query, self._settings)
        except QueryError as error:
            self.problem = str(error)
        else:
            self.problem = ""
            self.list_rows()

    def list_rows(self) -> None:
        """The runs that match, in their order; the cursor stays on its run, or where it was."""
        view = self.view
        before = self.place
        found = select(self.seen.rows, self._query)
        try:
            self.rows = sort_rows(found, view.sort, view.descending)
        except QueryError:  # a setting that no run has any more
            self.rows = found
        self.name_width = name_width(row.name for row in self.rows)
        self._places = {row.path: place for place, row in enumerate(self.rows)}
        if view.current not in self._places:
            self.go(max(0, before))
        else:
            self.go(self._places[view.current])

    # The table

    @property
    def place(self) -> int:
        """The row under the cursor, -1 where there is none."""
        return self._places.get(self.view.current, -1) if self.view.current is not None else -1

    @property
    def current(self) -> RunRow | None:
        """The run under the cursor."""
        return self.rows[self.place] if self.place >= 0 else None

    def go(self, place: int) -> None:
        """The cursor to a row, or to the nearest there is; it stays in sight."""
        view = self.view
        if not self.rows:
            view.current, view.top = None, 0
            return
        place = max(0, min(place, len(self.rows) - 1))
        if view.current != self.rows[place].path:
            view.current, view.scroll = self.rows[place].path, 0
        self.keep_in_sight()

    def keep_in_sight(self) -> None:
        """Scroll the table so far that the cursor is in sight, and no further than there are rows."""
        view, place, height = self.view, max(0, self.place), max(1, self.height)
        view.top = max(place - height + 1, min(view.top, place))
        view.top = max(0, min(view.top, len(self.rows) - height))

    def row_of(self, path: Path) -> RunRow | None:
        """A run that was found, whether it matches or not."""
        if path in self._places:
            return self.rows[self._places[path]]
        return next((row for row in self.seen.rows if row.path == path), None)

    # The charts

    @property
    def charted(self) -> tuple[Path, ...]:
        """The runs whose curves are drawn: the marked ones, or else the one under the cursor."""
        if self.view.marked:
            return tuple(self.view.marked)
        return () if self.view.current is None else (self.view.current,)

    @property
    def charts(self) -> tuple[Lines, ...]:
        """The lines of every chart."""
        return self.seen.charts

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of the charts, from the first on."""
        there = tuple(name for name in self.view.metrics if name in self.seen.metrics)
        return there or tuple(lines.metric for lines in self.seen.charts)

    @property
    def chart(self) -> int:
        """The chart that keys are about."""
        return max(0, min(self.view.chart, len(self.seen.charts) - 1))

    def chart_of(self, number: int) -> Chart | None:
        """What is to be drawn in a chart, None where there is nothing."""
        if not 0 <= number < len(self.seen.charts):
            return None
        view, style, lines = self.view, self.style, self.seen.charts[number]
        return Chart(
            lines.metric,
            lines.lines,
            lines.left_out,
            style.x,
            view.log_x,
            view.log_y,
            style.smoothing,
            style.window,
            view.at,
            solved_in(lines.metric, self.seen.solved),
        )

    @property
    def reach(self) -> tuple[float, float] | None:
        """From where to where the curves go on the x axis, None where there are none."""
        ends = [lines.reach for lines in self.seen.charts if lines.reach is not None]
        return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None

    def wanted(self, charts: int, columns: int, *, again: bool) -> Wanted:
        """What the next look is to bring back."""
        view = self.view
        rows = self.rows[view.top : view.top + self.height]
        return Wanted(
            runs=self.charted,
            metrics=view.metrics,
            charts=charts,
            style=Style(view.x, view.smoothing, view.window, view.log_x),
            grouped=view.grouped,
            columns=columns,
            sparks=tuple(row.path for row in rows),
            diagnosed=view.current if view.side == "diagnosis" else None,
            again=again,
        )

    def marks(self) -> dict[Path, int | None]:
        """The marked runs with the number of their line in the chart that keys are about."""
        numbers: dict[Path, int] = {}
        if self.seen.charts:
            for number, line in enumerate(self.seen.charts[self.chart].lines):
                numbers |= dict.fromkeys((*line.runs, *line.repeats), number)
        return {path: numbers.get(path) for path in self.view.marked}

    # What is said

    @property
    def memory(self) -> dict[str, str | int | float | bool]:
        """How it is looked at, to be remembered."""
        return remember(self.view)

    def say(self, sentence: str, *, mistake: bool = False) -> None:
        """One sentence in the line above, until the next key."""
        self.message, self.mistake = sentence, mistake

    @property
    def counts(self) -> dict[str, int]:
        """How many runs there are of every status, those that match."""
        found: dict[str, int] = {}
        for row in self.rows:
            found[row.status or NONE] = found.get(row.status or NONE, 0) + 1
        return found
