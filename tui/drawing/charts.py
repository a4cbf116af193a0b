"""Line charts in braille (or ASCII): several series, confidence bands, axes that move in steps.

`draw_chart` is a pure function; give the axes it returns to its next call, and cells already drawn stay as they are
while data is appended. Nothing in the data raises: NaN is a gap with a cross below, an infinity an arrow at the edge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tui.drawing.axes import Axes, Axis, Floats, step_x, step_y
from tui.drawing.cells import SPACE, Cells, encode, safe_text
from tui.drawing.plot import Curve, Plot, dot_columns, draw_curves, line_sample
from tui.drawing.strokes import reduce_columns, sorted_points
from tui.drawing.theme import Theme

GUTTER = 7  # columns of the y axis with its labels


@dataclass(frozen=True, eq=False)
class Series:
    """A named curve y(x), sorted by x, with a band from `lower` to `upper` if they are given; all [N].

    With `points` each of its points stands for itself, and no line goes through them.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    lower: ArrayLike | None = None
    upper: ArrayLike | None = None
    points: bool = False

    def __post_init__(self) -> None:
        if (self.lower is None) != (self.upper is None):
            raise ValueError(f"series {self.name!r} needs both lower and upper, or neither")
        shapes = [np.shape(part) for part in (self.x, self.y, self.lower, self.upper) if part is not None]
        if len(shapes[0]) != 1 or len(set(shapes)) != 1:
            raise ValueError(f"the arrays of series {self.name!r} must have one shape [N], got {shapes}")


@dataclass(frozen=True)
class ChartOptions:
    """What a chart says beside its curves, and how it is scaled."""

    x_label: str = ""
    y_label: str = ""
    whole_x: bool = False  # x counts something: there is nothing between two whole numbers
    log_x: bool = False
    log_y: bool = False
    y_limits: tuple[float, float] | None = None  # a curve beyond is not drawn, but marked at the edge
    reference: float | None = None  # y of a horizontal line
    reference_label: str = ""
    window: tuple[float, float] | None = None  # the part of x that is shown; y fits what lies inside
    cursor: float | None = None  # x of a vertical line, with a point wherever it meets a curve
    legend: bool = True


def draw_chart(
    series: Sequence[Series],
    width: int,
    height: int,
    theme: Theme,
    options: ChartOptions | None = None,
    axes: Axes | None = None,
) -> tuple[Cells, Axes]:
    """The chart on width x height characters, and its axes for the next drawing; `axes` are those of the last."""
    options = options or ChartOptions()
    cells = Cells(width, height)
    named = [options.y_label, options.reference_label, *(one.name for one in series)]
    header = int(height >= 5 and options.legend and any(named))
    footer = 2 if height >= 8 else 1 if height >= 4 else 0
    gutter = _gutter(width)
    size = max(0, width - gutter), max(0, height - header - footer)
    points = [[sorted_points(*pair) for pair in _lines(one)] for one in series]
    x_axis = _window(points, options)
    if x_axis is None:
        x_axis = _x_axis(points, options.log_x, axes)
    else:
        low, high = x_axis.value(np.array([0.0, 1.0])).tolist()
        points = [[_inside(*pair, low, high) for pair in lines] for lines in points]
    columns = dot_columns(size[0], theme)
    curves = [_curve(lines, x_axis, options.log_y, columns, one) for one, lines in zip(series, points, strict=True)]
    axes = Axes(x_axis, _y_axis(curves, options, axes))
    plot = Plot(cells, theme, axes, header, gutter, *size)
    if gutter:
        _draw_y_axis(plot)
    if footer:
        _draw_x_axis(plot, options, footer)
    if header:
        _draw_header(cells, series, options, theme)
    if size[0] and size[1]:
        _draw_reference(plot, options)
        draw_curves(plot, curves)
        _draw_cursor(plot, points, options)
        if not any(np.isfinite(curve.y).any() for curve in curves):
            _draw_empty(plot, "no data yet" if _nothing(points) else "no value above 0: none has a logarithm")
    return cells, axes


def _lines(one: Series) -> list[tuple[Floats, Floats]]:
    """The curve, and the bounds of its band."""
    x = np.asarray(one.x, np.float64)
    return [(x, np.asarray(y, np.float64)) for y in (one.y, one.lower, one.upper) if y is not None]


def _units(values: Floats, log: bool) -> Floats:
    return Axis(0.0, 1.0, log).units(values)


def _gutter(width: int) -> int:
    return GUTTER if width >= 3 * GUTTER else 0


def x_at(column: int, width: int, axes: Axes) -> float | None:
    """The x that lies at a column of a chart of this width, None beside its plot."""
    left = _gutter(width)
    if not left <= column < width:
        return None
    share = (column - left) / max(1, width - left - 1)
    return float(axes.x.value(np.array([share]))[0])


def value_at(x: Floats, y: Floats, at: float) -> float:
    """The y of the line through the points, sorted by x, at one x; NaN beyond its ends and in its gaps."""
    after = int(np.searchsorted(x, at, side="right"))
    if after and x[after - 1] == at:
        return float(y[after - 1])
    if not 0 < after < len(x):
        return math.nan
    x0, x1, y0, y1 = (float(one) for one in (*x[after - 1 : after + 1], *y[after - 1 : after + 1]))
    share = (at / 2 - x0 / 2) / (x1 / 2 - x0 / 2)  # halves: a difference of two large numbers may be infinite
    return y0 * (1 - share) + y1 * share if math.isfinite(y0) and math.isfinite(y1) else math.nan


def _window(points: list[list[tuple[Floats, Floats]]], options: ChartOptions) -> Axis | None:
    """The x axis of the window that is asked for; None where there is none, or none that can be drawn."""
    if options.window is None:
        return None
    low, high = options.window
    if options.log_x and low <= 0:
        positive = [float(x[x > 0][0]) for ((x, _), *_) in points if (x > 0).any()]
        low = min(positive, default=math.nan)
    if not (math.isfinite(low) and math.isfinite(high) and high - low > max(abs(low), abs(high)) * 1e-9):
        return None
    first, last = _units(np.array([low, high]), options.log_x).tolist()
    return Axis(first, last, options.log_x)


def _inside(x: Floats, y: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """The points from `low` to `high`, and what the line through them is at these two where it goes on beyond."""
    first, last = int(np.searchsorted(x, low)), int(np.searchsorted(x, high, side="right"))
    ends = [(at, value_at(x, y, at)) for at in (low, high)]
    before, after = ([end] if math.isfinite(end[1]) else [] for end in ends)
    pieces = [
        np.array(before).reshape(-1, 2),
        np.stack([x[first:last], y[first:last]], 1),
        np.array(after).reshape(-1, 2),
    ]
    joined = np.concatenate(pieces)
    return joined[:, 0], joined[:, 1]


def _x_axis(points: list[list[tuple[Floats, Floats]]], log: bool, previous: Axes | None) -> Axis:
    """The x axis for sorted points: their ends are the first and the last (the first positive one on a log axis)."""
    ends: list[float] = []
    for lines in points:
        x = lines[0][0]
        first = int(np.searchsorted(x, 0, side="right")) if log else 0
        if first < len(x):
            ends += _units(x[[first, -1]], log).tolist()
    return step_x(previous.x if previous else None, min(ends, default=0.0), max(ends, default=0.0), log)


def _curve(lines: list[tuple[Floats, Floats]], x_axis: Axis, log_y: bool, columns: int, one: Series) -> Curve:
    """A series in units, with a few points for each column of dots."""
    edges = x_axis.value((np.arange(columns - 1) + 0.5) / max(1, columns - 1))
    if x_axis.log:
        first = int(np.searchsorted(lines[0][0], 0, side="right"))  # below, x has no logarithm
        lines = [(x[first:], y[first:]) for x, y in lines]
    reduced = [reduce_columns(x, y, edges) for x, y in lines]
    units = [(_units(x, x_axis.log), _units(y, log_y)) for x, y in reduced]
    lower, upper = units[1:] if len(units) == 3 else (None, None)
    return Curve(*units[0], lower, upper, points=one.points)


def _y_axis(curves: list[Curve], options: ChartOptions, previous: Axes | None) -> Axis:
    parts = [curve.y for curve in curves]
    parts += [bound[1] for curve in curves for bound in (curve.lower, curve.upper) if bound is not None]
    values = np.concatenate(parts) if parts else np.zeros(0)
    values = values[np.isfinite(values)]
    if options.y_limits is not None:
        values = np.clip(values, *_units(np.array(options.y_limits, np.float64), options.log_y))
    if options.reference is not None:
        values = np.append(values, _units(np.array([options.reference], np.float64), options.log_y))
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    return step_y(previous.y if previous else None, low, high, options.log_y)


def _draw_y_axis(plot: Plot) -> None:
    light, palette = plot.theme.glyphs.light, plot.theme.palette
    style = plot.theme.style(palette.faint)
    for line in range(plot.height):
        plot.cells.put(plot.top + line, plot.left - 1, light.vertical, style)
    for share, label in plot.axes.y.ticks(max(1, plot.height // 2 - 1)):
        row = plot.row(share)
        if len(label) < plot.left:  # half a number would be another number
            plot.cells.put(row, plot.left - 1 - len(label), label, plot.theme.style(palette.muted))
        plot.cells.put(row, plot.left - 1, light.middle[2], style)


def _draw_x_axis(plot: Plot, options: ChartOptions, footer: int) -> None:
    """The line of the axis if there is room for it, and its labels, with the axis' name at the right."""
    cells, light, palette = plot.cells, plot.theme.glyphs.light, plot.theme.palette
    line, labels = cells.height - 2, cells.height - 1
    if footer == 2:
        corner = light.bottom[0] if plot.left else ""
        cells.put(
            line, plot.left - len(corner), corner + light.horizontal * plot.width, plot.theme.style(palette.faint)
        )
    name = safe_text(options.x_label, max(0, cells.width // 2), plot.theme.glyphs.ellipsis)
    end = cells.width - len(encode(name)) - (2 if name else 0)
    cells.put(labels, end + 2, name, plot.theme.style(palette.text))
    taken = 0
    for share, label in plot.axes.x.ticks(max(1, plot.width // 12), whole=options.whole_x):
        column = plot.column(share)
        start = min(max(taken, column - len(label) // 2), cells.width - len(label))
        if footer == 2:
            cells.put(line, column, light.top[1], plot.theme.style(palette.faint))
        if start >= taken and start + len(label) <= end:
            cells.put(labels, start, label, plot.theme.style(palette.muted))
            taken = start + len(label) + 1


def _draw_header(cells: Cells, series: Sequence[Series], options: ChartOptions, theme: Theme) -> None:
    """The legend, and before it what y is, as far as there is room."""
    palette, ellipsis = theme.palette, theme.glyphs.ellipsis
    entries = [
        (theme.glyphs.point.center(4) if one.points else line_sample(n, 4, theme), theme.series(n), one.name)
        for n, one in enumerate(series)
    ]
    if options.reference is not None:
        entries.append((theme.glyphs.reference * 4, palette.muted, options.reference_label))
    entries = [(sample, colour, safe_text(name, 32, ellipsis)) for sample, colour, name in entries if name]
    legend_width = sum(len(encode(name)) + 7 for _, _, name in entries)
    label = safe_text(options.y_label, max(0, cells.width - legend_width), ellipsis)
    cells.put(0, 0, label, theme.style(palette.text, bold=True))
    column = len(encode(label)) + (2 if label else 0)
    for sample, colour, name in entries:
        cells.put(0, column, sample, theme.style(colour))
        cells.put(0, column + 5, safe_text(name, cells.width - column - 5, ellipsis), theme.style(palette.muted))
        column += len(encode(name)) + 7


def _draw_reference(plot: Plot, options: ChartOptions) -> None:
    if options.reference is None:
        return
    share = plot.axes.y.share(_units(np.array([options.reference], np.float64), options.log_y))[0]
    if 0 <= share <= 1:  # else not a number, or zero on a logarithmic axis
        line = plot.theme.glyphs.reference * plot.width
        plot.cells.put(plot.row(float(share)), plot.left, line, plot.theme.style(plot.theme.palette.muted))


def _draw_cursor(plot: Plot, points: list[list[tuple[Floats, Floats]]], options: ChartOptions) -> None:
    """A line from top to bottom, behind the curves, and a point on every curve that it meets."""
    if options.cursor is None:
        return
    theme, at = plot.theme, options.cursor
    share = float(plot.axes.x.share(_units(np.array([at], np.float64), options.log_x))[0])
    if not 0 <= share <= 1:
        return
    column = plot.column(share)
    for row in range(plot.top, plot.top + plot.height):
        if plot.cells.codes[row, column] in (SPACE, ord(theme.glyphs.reference)):
            under = plot.cells.style_at(row, column)
            plot.cells.put(row, column, theme.glyphs.light.vertical, theme.style(theme.palette.text, under.bg))
    for number in range(len(points) - 1, -1, -1):
        value = _units(np.array([value_at(*points[number][0], at)]), options.log_y)
        height = float(plot.axes.y.share(value)[0])
        if 0 <= height <= 1:
            style = theme.style(theme.series(number), plot.cells.style_at(plot.row(height), column).bg, bold=True)
            plot.cells.put(plot.row(height), column, theme.glyphs.agent, style)


def _nothing(points: list[list[tuple[Floats, Floats]]]) -> bool:
    return not any(np.isfinite(lines[0][1]).any() for lines in points)


def _draw_empty(plot: Plot, text: str) -> None:
    text = safe_text(text, plot.width, plot.theme.glyphs.ellipsis)
    place = plot.top + plot.height // 2, plot.left + max(0, plot.width - len(text)) // 2
    plot.cells.put(*place, text, plot.theme.style(plot.theme.palette.muted))
