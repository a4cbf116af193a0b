"""One chart of the monitor: the lines of a metric, their names with their values, and the cursor that reads them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from scenarios.runs.bands import method_of
from scenarios.runs.metrics import METRICS
from tui.drawing.axes import Axes, without_outliers
from tui.drawing.cells import RGB, Cells, encode, safe_text
from tui.drawing.charts import ChartOptions, Series, draw_chart
from tui.drawing.numbers import format_value
from tui.drawing.plot import line_sample
from tui.drawing.theme import Theme, mix
from tui.monitor.columns import cut_in_the_middle
from tui.monitor.lines import Curve, Line, Reading
from tui.monitor.view import XAxis

_UNITS = {metric.name: metric.unit for metric in METRICS}
_GHOST = 0.4  # share of the line's colour in the curve before it was smoothed
_MOST_GHOSTS = 3  # lines with which ghosts can be told apart
_VALUE = 8  # columns of a value
_SAMPLE = 4  # columns of a piece of a line
_BRIEF_METHOD = "mean, 95 % t interval"


@dataclass(frozen=True, eq=False)
class Chart:
    """What a drawing of a chart needs."""

    metric: str
    lines: tuple[Line, ...]
    left_out: int = 0
    """Runs or groups that were not drawn because there are too many."""
    x: XAxis = "steps"
    log_x: bool = False
    log_y: bool = False
    smoothing: float = 0.0
    window: tuple[float, float] | None = None
    at: float | None = None
    """The x at which the values are read; the latest ones without."""
    solved: float | None = None
    """The return from which on the scenario counts as solved."""


def draw(chart: Chart, width: int, height: int, theme: Theme, axes: Axes | None = None) -> tuple[Cells, Axes | None]:
    """The chart with its legend above it, and its axes for the next drawing."""
    cells = Cells(width, height)
    if width < 1 or height < 1:
        return cells, axes
    rows = draw_legend(cells, chart, theme)
    banded = sum(line.band is not None for line in chart.lines)
    banded *= theme.colour or banded == 1  # without colour bands over each other hide the lines
    series = [Series("", *line.curve, *((line.band or ()) if banded else ())) for line in chart.lines]
    pale = theme.colour and not theme.glyphs.lines and len(series) <= _MOST_GHOSTS
    ghosts = [line.ghost for line in chart.lines if line.ghost is not None] if pale else []
    options = ChartOptions(
        x_label=_x_word(chart),
        log_x=chart.log_x,
        log_y=chart.log_y,
        y_limits=_limits(chart, ghosts),
        reference=chart.solved,
        window=chart.window,
        cursor=chart.at,
        legend=False,
    )
    drawn, axes = draw_chart(
        [*series, *(Series("", *ghost) for ghost in ghosts)],
        width,
        height - rows,
        _with_ghosts(theme, len(series), ghosts),
        options,
        axes,
    )
    cells.blit(drawn, rows, 0)
    return cells, axes


def _limits(chart: Chart, ghosts: Sequence[Curve]) -> tuple[float, float] | None:
    """From where to where y is shown: the lines alone say so.

    An interval of two or three seeds may be many times as high as all that the runs have ever reached.
    """
    low, high = chart.window or (-math.inf, math.inf)
    curves = (*(line.curve for line in chart.lines), *ghosts)
    parts = [y[(x >= low) & (x <= high)] for x, y in curves]
    return without_outliers(np.concatenate([np.zeros(0), *parts]), chart.log_y)


def _with_ghosts(theme: Theme, lines: int, ghosts: Sequence[Curve]) -> Theme:
    """The theme in which the lines are followed by the pale ones from before they were smoothed."""
    if not ghosts:
        return theme
    colours = tuple(theme.series(number) for number in range(lines))
    pale = tuple(mix(theme.palette.background, colour, _GHOST) for colour in colours)
    return replace(theme, palette=replace(theme.palette, series=colours + pale))


def titles(chart: Chart) -> tuple[str, ...]:
    """What stands above the chart, the longest first: the metric, its unit, how it is shown, where it is read."""
    unit = _UNITS.get(chart.metric, "1")
    metric = safe_text(chart.metric, 60) + ("" if unit == "1" else f" ({unit})")
    smooth = [f"smoothed {chart.smoothing:g}"] if chart.smoothing else []
    at = [] if chart.at is None else [f"at {x_text(chart.at, _x_word(chart))}"]
    counts = [line.counts for line in chart.lines if line.band is not None and line.counts is not None]
    method = [method_of(np.concatenate(counts))] if counts else []
    briefly = [_BRIEF_METHOD] if counts else []
    choices = (
        [*smooth, *method, *at],
        [*method, *at],
        [*smooth, *briefly, *at],
        [*briefly, *at],
        *([*smooth, *at], at, []),
    )
    written = dict.fromkeys(" · ".join([metric, *parts]) for parts in choices)
    return tuple(sorted(written, key=len, reverse=True))


def _x_word(chart: Chart) -> str:
    """What is counted along x; planning takes no steps and has no episodes, its curve is over sweeps."""
    return "sweeps" if chart.x != "seconds" and chart.metric.startswith("sweep/") else chart.x


def x_text(at: float, x: str) -> str:
    """A place on the x axis in words."""
    if x == "seconds":
        return seconds_text(at)
    return f"{at:,.0f} {x}".replace(",", " ")


def seconds_text(seconds: float) -> str:
    """A time as one says it: 12.3 s, 4 min 05 s, 2 h 03 min."""
    if not math.isfinite(seconds):
        return "?"
    if abs(seconds) < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60:,} h {minutes % 60:02d} min".replace(",", " ")


def _value(reading: Reading, theme: Theme) -> str:
    value, spread, _ = reading
    text = "no value" if math.isnan(value) else format_value(value, _VALUE, infinity=theme.glyphs.infinity)
    sign = "+-" if theme.glyphs.ellipsis.isascii() else "±"
    return text if math.isnan(spread) else f"{text} {sign}{format_value(spread, 5, infinity=theme.glyphs.infinity)}"


@dataclass(frozen=True)
class _Entry:
    """One entry of the legend."""

    sample: str
    colour: RGB
    name: str
    value: str = ""


def _entries(chart: Chart, theme: Theme) -> list[_Entry]:
    entries = []
    for n, line in enumerate(chart.lines):
        if not len(line.curve[0]):
            continue
        reading = line.read(chart.at)
        name = safe_text(line.title(reading.count), 200, theme.glyphs.ellipsis)
        entries.append(_Entry(line_sample(n, _SAMPLE, theme), theme.series(n), name, _value(reading, theme)))
    if chart.solved is not None:
        text = f"solved at {format_value(chart.solved, _VALUE, infinity=theme.glyphs.infinity)}"
        entries.append(_Entry(theme.glyphs.reference * _SAMPLE, theme.palette.muted, text))
    return entries


def draw_legend(cells: Cells, chart: Chart, theme: Theme) -> int:
    """The names of the lines with their values, in columns as far as there is room; how many rows it took."""
    entries = _entries(chart, theme)
    longest = max((len(encode(f"{one.name} {one.value}")) for one in entries), default=0)
    wide = min(cells.width, _SAMPLE + 1 + longest + 3)
    per_row = max(1, cells.width // max(1, wide))
    room = per_row * max(0, (cells.height - 3) // 3)
    if len(entries) + (chart.left_out > 0) > room:
        entries = entries[: len(chart.lines)]  # what is solved is said last
    more = len(entries) - room + chart.left_out
    if more > 0 and room:
        shown = max(0, room - 1)
        text = f"and {len(entries) - shown + chart.left_out} more"
        entries = [*entries[:shown], _Entry("", theme.palette.muted, text)]
    for place, entry in enumerate(entries[:room]):
        _draw_entry(cells, place // per_row, place % per_row * wide, entry, wide, theme)
    return -(-min(len(entries), room) // per_row)


def _draw_entry(cells: Cells, row: int, col: int, entry: _Entry, wide: int, theme: Theme) -> None:
    cells.put(row, col, entry.sample, theme.style(entry.colour, bold=True))
    col += _SAMPLE + 1
    name = cut_in_the_middle(entry.name, max(0, wide - _SAMPLE - 4 - len(encode(entry.value))), theme.glyphs.ellipsis)
    cells.put(row, col, name, theme.style(theme.palette.muted))
    cells.put(row, col + len(encode(name)) + 1, entry.value, theme.style(theme.palette.text, bold=True))
