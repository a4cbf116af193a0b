"""The curves: one large chart, and small ones of what else is measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from scenarios.runs.curvestore import CurveStore
from tui.drawing.axes import Axes, without_outliers
from tui.drawing.cells import Cells, encode
from tui.drawing.charts import ChartOptions, Series, draw_chart, x_at
from tui.drawing.numbers import format_value
from tui.drawing.theme import Theme, mix
from tui.lesson.layout import Place
from tui.lesson.panes.text import clipped
from tui.live.curves import EVALUATION, PRIMARY, SHORT, Curve, Curves, x_at_step
from tui.live.view import View, XAxis

EXACT = ("sweep/", "exploration/", "learning/", "evaluation/")  # what the names of such metrics begin with
_GHOST = 0.45  # share of the line's colour in the curve before it was smoothed
_LEAST = 24, 5  # columns and rows of a small chart
_WORDS: dict[XAxis, str] = {"steps": "environment steps", "episodes": "episodes", "seconds": "seconds"}


@dataclass
class ChartMemory:
    """The axes of charts drawn before, which move in steps, by all that they depend on; and where the charts are."""

    axes: dict[object, Axes] = field(default_factory=dict)
    drawn: dict[str, list[tuple[Place, Axes]]] = field(default_factory=dict)
    """By pane: where its charts were drawn last, each with its axes."""

    def x_at(self, pane: str, row: int, col: int) -> float | None:
        """The x of a place of a pane; None beside its charts."""
        for place, axes in self.drawn.get(pane, ()):
            if 0 <= row - place.row < place.height and 0 <= col - place.col < place.width:
                return x_at(col - place.col, place.width, axes)
        return None


@dataclass(frozen=True, eq=False)
class Shown:
    """What the charts show."""

    store: CurveStore
    curves: Curves
    view: View
    generation: int
    at: int | None = None
    """Environment steps of the moment that is looked at; None for now."""
    solved: float | None = None

    def smoothing(self, name: str) -> float:
        """Of a metric's curve: what is not left to chance, and what is a mean already, is shown as it is."""
        return 0.0 if name.startswith(EXACT) else self.view.smoothing

    def curve(self, name: str) -> Curve:
        """A metric's curve."""
        return self.curves.curve(self.store, name, self.view.axis, self.smoothing(name), self.generation)

    def cursor(self) -> float | None:
        """Where the moment lies on the x axis."""
        return None if self.at is None else x_at_step(self.at, self.store, self.view.axis)


def draw_large(shown: Shown, metric: str, width: int, height: int, theme: Theme, memory: ChartMemory) -> Cells:
    """A metric: its smoothed line over its raw ghost; with a return the evaluations and the line of success."""
    curve, view = shown.curve(metric), shown.view
    returns = metric == PRIMARY[0] or (metric == PRIMARY[1] and EVALUATION in shown.store.names)
    raw = shown.smoothing(metric) > 0 and len(curve.x) > 1
    series = [Series(f"smoothed {view.smoothing:g}" if raw else "", curve.smooth_x, curve.smooth_y)]
    colours = [theme.series(0)]
    if returns and len((evaluation := shown.curve(EVALUATION)).x):
        series.append(Series("greedy evaluation", evaluation.x, evaluation.y, points=True))
        colours.append(theme.series(1))
    if raw and theme.colour and not theme.glyphs.lines:
        series.append(Series("", curve.x, curve.y))
        colours.append(mix(theme.palette.background, theme.series(0), _GHOST))
    values = np.concatenate([np.asarray(one.y, np.float64) for one in series])
    log = view.log_y and bool((values > 0).any())  # of nothing above 0 there is no logarithm
    options = ChartOptions(
        x_label="sweeps" if metric == PRIMARY[2] and view.axis == "steps" else _WORDS[view.axis],
        log_y=log,
        y_limits=without_outliers(values, log),
        reference=shown.solved if returns else None,
        reference_label="solved" if returns and shown.solved is not None else "",
        cursor=shown.cursor(),
    )
    key = metric, view.axis, log, shown.generation
    cells, memory.axes[key] = draw_chart(
        series, width, height, _with_series(theme, colours), options, memory.axes.get(key)
    )
    memory.drawn["returns"] = [(Place(0, 0, width, height), memory.axes[key])]
    return cells


def _with_series(theme: Theme, colours: Sequence[tuple[int, int, int]]) -> Theme:
    return replace(theme, palette=replace(theme.palette, series=tuple(colours)))


def draw_small(
    shown: Shown, metrics: Sequence[str], width: int, height: int, theme: Theme, memory: ChartMemory
) -> Cells:
    """As many small charts as fit, the first metrics first."""
    cells = Cells(width, height)
    places = memory.drawn["diagnostics"] = []
    if not metrics:
        cells.put(height // 2, max(0, (width - 13) // 2), "nothing yet", theme.style(theme.palette.muted))
        return cells
    columns, rows = grid(len(metrics), width, height)
    across, down = width // columns, height // rows
    for number, metric in enumerate(metrics[: columns * rows]):
        row, column = divmod(number, columns)
        wide = (width - column * across if column == columns - 1 else across) - (column < columns - 1)
        high = height - row * down if row == rows - 1 else down
        place = Place(column * across, row * down, wide, high)
        drawn, axes = _draw_one(shown, metric, wide, high, theme, memory)
        places.append((place, axes))
        cells.blit(drawn, place.row, place.col)
    return cells


def grid(count: int, width: int, height: int) -> tuple[int, int]:
    """Columns and rows for so many small charts: as many as are readable, as nearly square as they can be."""
    most_columns, most_rows = max(1, width // _LEAST[0]), max(1, height // _LEAST[1])
    best = (1, 1)
    for columns in range(1, most_columns + 1):
        rows = min(most_rows, -(-count // columns))
        shown = min(count, columns * rows)
        now = min(count, best[0] * best[1])
        squarer = abs(width / columns / 3 - height / rows) < abs(width / best[0] / 3 - height / best[1])
        if shown > now or (shown == now and squarer):
            best = columns, rows
    return best


def _draw_one(
    shown: Shown, metric: str, width: int, height: int, theme: Theme, memory: ChartMemory
) -> tuple[Cells, Axes]:
    """A small chart: its name and its value above a curve."""
    palette = theme.palette
    cells = Cells(width, height)
    curve, cursor = shown.curve(metric), shown.cursor()
    value = curve.value(cursor)
    text = "" if math.isnan(value) else format_value(value, 8, infinity=theme.glyphs.infinity).strip()
    name = clipped(SHORT.get(metric, metric), max(0, width - len(encode(text)) - 1), theme)
    cells.put(0, 0, name, theme.style(palette.muted))
    cells.put(0, max(0, width - len(encode(text))), text, theme.style(palette.text, bold=True))
    key = "small", metric, shown.view.axis, shown.generation
    series = [Series("", curve.smooth_x, curve.smooth_y)]
    options = ChartOptions(cursor=cursor, legend=False)
    drawn, memory.axes[key] = draw_chart(series, width, max(0, height - 1), theme, options, memory.axes.get(key))
    cells.blit(drawn, 1, 0)
    return cells, memory.axes[key]


def titles(shown: Shown, metric: str) -> list[str]:
    """What may stand above the large chart: its metric, and its value now or at the moment that is looked at."""
    curve, cursor = shown.curve(metric), shown.cursor()
    name = SHORT.get(metric, metric)
    value = curve.value(cursor)
    if math.isnan(value):
        return [name]
    if cursor is None and not shown.smoothing(metric):
        value = float(shown.store.series(metric).values[-1])  # itself, and no mean of the last ones
    when = "" if cursor is None else " there"
    return [f"{name}: {format_value(value, 8).strip()}{when}", name]
