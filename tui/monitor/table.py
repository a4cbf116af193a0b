"""The table of runs, drawn: only the rows in sight are looked at, so that ten thousand scroll as quickly as ten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from algorithms.contract import Floats
from scenarios.runs.collection import RunRow
from tui.drawing.cells import RGB, Cells, Style, encode, safe_text
from tui.drawing.plot import line_sample
from tui.drawing.sparkline import draw_sparkline
from tui.drawing.theme import Theme
from tui.monitor.columns import (
    GAP,
    NAME,
    SPARK,
    STATUS,
    Column,
    columns_for,
    cut_in_the_middle,
    status_colour,
    status_sign,
)

MARK = 4  # columns before the first one, for the sample of a marked run's line


@dataclass(frozen=True)
class Table:
    """What a drawing of the table needs."""

    rows: Sequence[RunRow]  # all that match, in their order
    top: int = 0  # the first in sight
    current: int = -1  # the one under the cursor
    marks: Mapping[Path, int | None] = field(default_factory=dict)
    """The marked runs, each with the number of its line where it has one."""
    sparks: Mapping[Path, Floats] = field(default_factory=dict)
    sort: str = "created"
    descending: bool = True
    name_width: int = NAME.width
    empty: str = ""
    """What is said where there are no rows."""


def rows_in_sight(height: int) -> int:
    """How many runs a table of this height shows."""
    return max(0, height - 1)


def draw_table(table: Table, width: int, height: int, theme: Theme) -> Cells:
    """The titles, and the runs from `table.top` on."""
    cells = Cells(width, height)
    columns = columns_for(width - MARK + GAP, table.name_width)
    _draw_titles(cells, columns, table, theme)
    if not table.rows and height > 2:
        cells.put(
            2, MARK, safe_text(table.empty, width - MARK, theme.glyphs.ellipsis), theme.style(theme.palette.muted)
        )
    shown = table.rows[table.top : table.top + rows_in_sight(height)]
    for line, row in enumerate(shown, start=1):
        _draw_row(cells, line, row, columns, table, theme, under_cursor=table.top + line - 1 == table.current)
    _draw_more(cells, table, len(shown), theme)
    return cells


def column_at(col: int, width: int, name_width: int) -> Column | None:
    """The column of the table at a column of the screen."""
    left = MARK
    for column, wide in columns_for(width - MARK + GAP, name_width):
        if left <= col < left + wide:
            return column
        left += wide + GAP
    return None


def _draw_titles(cells: Cells, columns: Sequence[tuple[Column, int]], table: Table, theme: Theme) -> None:
    left = MARK
    for column, wide in columns:
        sorted_by = column.key == table.sort
        arrow = (theme.glyphs.below if table.descending else theme.glyphs.above) if sorted_by else ""
        title = column.title + arrow
        at = left + wide - len(title) if column.right else left
        colour = theme.palette.accent if sorted_by else theme.palette.muted
        cells.put(0, max(left - 1, at), title, theme.style(colour, bold=sorted_by))
        left += wide + GAP


def _draw_row(
    cells: Cells,
    line: int,
    row: RunRow,
    columns: Sequence[tuple[Column, int]],
    table: Table,
    theme: Theme,
    *,
    under_cursor: bool,
) -> None:
    look = _Look(theme, under_cursor)
    if under_cursor:
        cells.put(line, 0, " " * cells.width, look.style(theme.palette.text))
    if row.path in table.marks:
        number = table.marks[row.path]
        sample = theme.glyphs.point if number is None else line_sample(number, MARK - 1, theme)
        cells.put(line, 0, sample, look.style(theme.palette.muted if number is None else theme.series(number), True))
    left = MARK
    for column, wide in columns:
        if row.fault is not None and column.right:
            text = safe_text(row.fault, max(0, cells.width - left), theme.glyphs.ellipsis)
            cells.put(line, left, text, look.style(theme.palette.warning))
            return
        if column is STATUS:
            text = f"{status_sign(row.status, theme)} {row.status}"
            cells.put(line, left, safe_text(text, wide), look.style(status_colour(row.status, theme)))
        elif column is SPARK:
            if (values := table.sparks.get(row.path)) is not None:
                _draw_spark(cells, line, left, wide, values, look)
        else:
            text = cut_in_the_middle(column.text(row, wide), wide, theme.glyphs.ellipsis)
            at = left + wide - len(encode(text)) if column.right else left
            cells.put(line, at, text, look.style(theme.palette.text))
        left += wide + GAP


@dataclass(frozen=True)
class _Look:
    """The style of a row: on a bar where the cursor is."""

    theme: Theme
    under_cursor: bool

    def style(self, colour: RGB, bold: bool = False) -> Style:
        """Something in this colour on the row."""
        if not self.under_cursor:
            return self.theme.style(colour, bold=bold)
        if not self.theme.colour:
            return Style(reverse=True, bold=True)
        return self.theme.style(colour, self.theme.palette.faint, bold=True)


def _draw_spark(cells: Cells, line: int, left: int, wide: int, values: Floats, look: _Look) -> None:
    spark = draw_sparkline(values, wide, look.theme)
    text = spark.line(0).replace(look.theme.glyphs.levels[-1], look.theme.glyphs.levels[-2])  # rows stay apart
    cells.put(line, left, text, look.style(look.theme.palette.series[0]))


def _draw_more(cells: Cells, table: Table, shown: int, theme: Theme) -> None:
    """Marks at the right edge where there are runs above and below."""
    style = theme.style(theme.palette.accent, bold=True)
    if table.top > 0:
        cells.put(1, cells.width - 1, theme.glyphs.above, style)
    if table.top + shown < len(table.rows) and cells.height > 2:
        cells.put(cells.height - 1, cells.width - 1, theme.glyphs.below, style)
