"""Where everything is on the screen: a pure function of its size and of what there is to show."""

from __future__ import annotations

from dataclasses import dataclass

from tui.lesson.frame import room
from tui.lesson.layout import LARGE, Arrangement, Place, between_lines, is_small, split_columns, split_rows
from tui.monitor.table import rows_in_sight

CHARTS = ("chart0", "chart1", "chart2", "chart3", "chart4", "chart5")
PANES = ("table", *CHARTS, "side")

CHART_SIZE = 56, 11  # columns and rows that a chart needs at least where there are several
SIDE_WIDTH = 46


@dataclass(frozen=True)
class Wanted:
    """What there is to show."""

    rows: int  # of the table
    charts: int  # as many as there is room for, at most
    searching: bool
    room: str  # both, charts or table
    lower: str  # charts or side, where there is room for one


def arrange(width: int, height: int, wanted: Wanted) -> Arrangement:
    """The arrangement for a screen of this size."""
    large = width >= LARGE[0] and height >= LARGE[1]
    inside = _small if is_small(width, height) else _large if large else _medium

    def below_search(area: Place) -> dict[str, Place]:
        search, below = split_rows(area, 1)
        return {"search": search, **inside(below, wanted)}

    return between_lines(width, height, below_search if wanted.searching else lambda area: inside(area, wanted))


def runs_in_sight(arrangement: Arrangement) -> int:
    """How many runs the table shows, at least one."""
    table = arrangement.places.get("table")
    return 1 if table is None else max(1, rows_in_sight(room(*table[2:], arrangement.border_of("table"))[1]))


def charts_in(arrangement: Arrangement) -> list[Place]:
    """Where the charts are."""
    return [place for name, place in arrangement.places.items() if name in CHARTS]


def edges_of(arrangement: Arrangement) -> Arrangement:
    """The lines above and below alone."""
    edges = {name: place for name, place in arrangement.places.items() if name in ("header", "footer")}
    return Arrangement(edges, arrangement.framed)


def _small(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The table, and one pane below it."""
    if wanted.room == "table":
        return {"table": area}
    table, below = split_rows(area, _table_rows(wanted, area.height * 2 // 5))
    lower = "side" if wanted.lower == "side" else "chart0"
    return {lower: area} if wanted.room == "charts" else {"table": table, lower: below}


def _medium(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The table, below it the charts with the side beside them."""
    if wanted.room == "charts":
        return _grid(area, wanted.charts)
    side = min(SIDE_WIDTH, round(area.width * 0.36))
    if wanted.room == "table":
        table, beside = split_columns(area, area.width - side)
        return {"table": table, "side": beside}
    table, below = split_rows(area, _table_rows(wanted, area.height * 2 // 5))
    charts, beside = split_columns(below, area.width - side)
    return {"table": table, **_grid(charts, wanted.charts), "side": beside}


def _large(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The table with the side beside it, and all the width for the charts."""
    if wanted.room == "charts":
        return _grid(area, wanted.charts)
    side = min(64, round(area.width * 0.3))
    if wanted.room == "table":
        table, beside = split_columns(area, area.width - side)
        return {"table": table, "side": beside}
    upper, charts = split_rows(area, max(16, _table_rows(wanted, area.height * 2 // 5)))
    table, beside = split_columns(upper, area.width - side)
    return {"table": table, **_grid(charts, wanted.charts), "side": beside}


def _table_rows(wanted: Wanted, most: int) -> int:
    """Rows of the table: its two titles and all runs, but no more than its share and not so few that it looks lost."""
    return max(7, min(most, wanted.rows + 2))


def _grid(area: Place, charts: int) -> dict[str, Place]:
    """As many charts as fit, in columns and rows of nearly the same size."""
    columns = max(1, min(charts, area.width // CHART_SIZE[0]))
    rows = max(1, min(-(-charts // columns), area.height // CHART_SIZE[1]))
    count = max(1, min(charts, columns * rows))
    columns = min(columns, -(-count // rows))
    places: dict[str, Place] = {}
    for number in range(count):
        row, col = divmod(number, columns)
        in_row = columns if row < rows - 1 else count - columns * (rows - 1)
        left, right = area.width * col // in_row, area.width * (col + 1) // in_row
        top, bottom = area.height * row // rows, area.height * (row + 1) // rows
        places[CHARTS[number]] = Place(area.col + left, area.row + top, right - left, bottom - top)
    return places
