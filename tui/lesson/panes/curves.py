"""What has been learnt over time: return or length per episode, or the largest change per sweep.

Shapes: E episodes that every lane has finished.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from algorithms.contract import Floats
from scenarios.lessons.ledger import RECENT_EPISODES, Curve, band
from scenarios.lessons.lesson import Lesson
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import grouped, number
from tui.drawing.axes import Axes, Axis, step_x, step_y
from tui.drawing.cells import Cells
from tui.drawing.charts import GUTTER, ChartOptions, Series, draw_chart
from tui.drawing.theme import Theme, mix
from tui.lesson.panes.text import ascii_only, clipped, length, written

Metric = Literal["return", "length"]

_FIRST = 5.0  # episodes that the axis has room for at first
_EXTREMES = 0.05  # the share of values at either end that may be cut off ...
_FAR_OUT = 1.5  # ... if they lie so many times the range of all others beyond it
_GHOST = 0.45  # share of the line's colour in the line of the first lane


@dataclass(frozen=True)
class CurveView:
    """The axes of a drawing of the curves, for the next one: they move in steps."""

    axes: Axes | None = None


def draw_curves(
    lesson: Lesson, metric: Metric, view: CurveView, width: int, height: int, theme: Theme
) -> tuple[Cells, CurveView]:
    """The curves of the algorithms that learn, or of those that plan, as the focused one does; and the next view."""
    if lesson.focused.experiment.algorithm.plans:
        return _draw_sweeps(lesson, view, width, height, theme)
    learners = [stepper for stepper in lesson.steppers if not stepper.experiment.algorithm.plans]
    return _draw_episodes(learners, metric, view, width, height, theme)


def _draw_sweeps(lesson: Lesson, view: CurveView, width: int, height: int, theme: Theme) -> tuple[Cells, CurveView]:
    """The largest change of every sweep on a logarithmic axis, down to θ where planning stops."""
    planners = [stepper for stepper in lesson.steppers if stepper.experiment.algorithm.plans]
    series, parts = [], []
    for stepper in planners:
        changes = np.array(stepper.ledger.sweep_changes, np.float64)
        series.append(Series(_name(stepper), np.arange(1.0, len(changes) + 1), changes))
        if len(changes):
            ended = ", settled" if stepper.state.converged else ""
            parts.append(f"{_name(stepper)}: {number(float(changes[-1]))} in sweep {grouped(len(changes))}{ended}")
    if not parts:
        return draw_nothing("the first sweep is not over yet", width, height, theme), view
    theta = float(lesson.focused.experiment.config.theta)
    options = ChartOptions(
        x_label="sweep",
        whole_x=True,
        y_label="largest change",
        log_y=True,
        reference=theta if theta > 0 else None,
        reference_label=written("θ: small enough to stop", theme),
    )
    return with_caption(series, "; ".join(parts), options, view.axes, width, height, theme)


def _draw_episodes(
    learners: Sequence[Stepper], metric: Metric, view: CurveView, width: int, height: int, theme: Theme
) -> tuple[Cells, CurveView]:
    """Mean and 95 % band over the lanes, the first lane as a ghost behind them."""
    curves = [_curve(stepper, metric) for stepper in learners]
    if not any(len(curve.first) or len(curve.mean) for curve in curves):
        so_far = number(learners[0].ledger.return_so_far)
        return draw_nothing(f"the first episode is not over yet: return so far {so_far}", width, height, theme), view
    most = max(max(len(curve.first), len(curve.mean)) for curve in curves)
    size = _bin_size(most, width)
    binned = [_binned(curve, size) for curve in curves]
    x = step_x(view.axes.x if view.axes else None, 1.0, float(most))
    y = step_y(view.axes.y if view.axes else None, *_range(binned))
    lines = [_line(_name(stepper), curve, size, y) for stepper, curve in zip(learners, binned, strict=True)]
    pale = theme.colour and not ascii_only(theme)  # else a ghost would be one more line
    ghosts = [_ghost(curve, size, y) for curve in binned if pale and curve.lanes > 1]
    return with_caption(
        [*lines, *ghosts],
        _comparison([_name(stepper) for stepper in learners], curves, metric),
        ChartOptions(
            x_label="episode" if size == 1 else f"episode, means of {size}",
            whole_x=True,
            y_label=f"{metric} per episode",
            window=(0.0, _FIRST) if most < _FIRST else None,
        ),
        Axes(x, y),
        width,
        height,
        _with_ghosts(theme, len(lines)),
    )


def _bin_size(episodes: int, width: int) -> int:
    """How many episodes become one point: a power of two, so that points stay where they are as episodes come."""
    points = max(8, width - GUTTER)
    return 1 << max(0, math.ceil(math.log2(episodes / points)))


def _binned(curve: Curve, size: int) -> Curve:
    """Means over so many episodes; a last, incomplete bin waits."""

    def means(values: Floats) -> Floats:
        whole = len(values) // size * size
        binned: Floats = values[:whole].reshape(-1, size).mean(axis=1)
        return binned

    if size == 1:
        return curve
    return replace(
        curve, first=means(curve.first), mean=means(curve.mean), low=means(curve.low), high=means(curve.high)
    )


def _name(stepper: Stepper) -> str:
    return stepper.experiment.algorithm.title


def _curve(stepper: Stepper, metric: Metric) -> Curve:
    return stepper.ledger.returns() if metric == "return" else stepper.ledger.lengths()


def _range(curves: Sequence[Curve]) -> tuple[float, float]:
    """What the y axis must hold: all means and bands; without their extremes where these would flatten the rest."""
    parts = [part for curve in curves for part in (curve.mean, curve.low, curve.high)]
    if not any(len(curve.mean) for curve in curves):
        parts = [curve.first for curve in curves]
    values = np.concatenate(parts)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 0.0
    least, largest = float(values.min()), float(values.max())
    low, high = np.quantile(values, (_EXTREMES, 1 - _EXTREMES)).tolist()
    most = _FAR_OUT * (high - low)
    return (
        low - (high - low) / 4 if 0 < most < low - least else least,
        high + (high - low) / 4 if 0 < most < largest - high else largest,
    )


def _line(name: str, curve: Curve, size: int, y: Axis) -> Series:
    """The mean with its band; where the mean is beyond the axis it is infinite, and so marked at the edge."""
    mean = np.where(curve.mean > y.high, np.inf, np.where(curve.mean < y.low, -np.inf, curve.mean))
    x = _episodes(len(mean), size)
    if curve.lanes < 2:
        return Series(name, x, mean)
    return Series(name, x, mean, np.clip(curve.low, y.low, y.high), np.clip(curve.high, y.low, y.high))


def _ghost(curve: Curve, size: int, y: Axis) -> Series:
    return Series("", _episodes(len(curve.first), size), np.clip(curve.first, y.low, y.high))


def _episodes(points: int, size: int) -> Floats:
    """The middle of the episodes of every point."""
    return np.arange(points, dtype=np.float64) * size + (size + 1) / 2


def _with_ghosts(theme: Theme, lines: int) -> Theme:
    """The theme in which every line is followed by the pale one of its first lane."""
    palette = theme.palette
    colours = tuple(theme.series(i) for i in range(lines))
    ghosts = tuple(mix(palette.background, colour, _GHOST) for colour in colours)
    return replace(theme, palette=replace(palette, series=colours + ghosts))


def _comparison(names: Sequence[str], curves: Sequence[Curve], metric: Metric) -> str:
    """The mean of the recent episodes of each, and of two how much they differ."""
    counts = sorted({min(len(curve.mean), RECENT_EPISODES) for curve in curves})
    if counts[0] == 0:
        return f"the mean begins when all {curves[0].lanes} learners have finished an episode"
    episodes = "–".join(map(str, counts)) + " episodes" if counts[-1] > 1 else "episode"
    means = [float(curve.recent.mean()) for curve in curves]
    digits = _digits(means)
    each = ", ".join(f"{name} {_decimal(mean, digits)}" for name, mean in zip(names, means, strict=True))
    text = f"{'online return' if metric == 'return' else 'length'} of the last {episodes}: {each}"
    return text if len(names) != 2 or curves[0].lanes < 2 else f"{text}: {_difference(names, curves, metric, digits)}"


def _difference(names: Sequence[str], curves: Sequence[Curve], metric: Metric, digits: int) -> str:
    """The difference of two means with its 95 % interval over the lanes, which learn independently of each other."""
    with np.errstate(invalid="ignore"):  # of returns that are not finite
        intervals = [[float(bound[0]) for bound in band(curve.recent[None])] for curve in curves]
    (first, first_low, _), (second, second_low, _) = intervals
    far, margin = second - first, math.hypot(first - first_low, second - second_low)
    apart = f"{_decimal(abs(far), digits)} ± {_decimal(margin, digits)}"
    if not abs(far) > margin:
        return f"no clear difference ({apart})"
    more, fewer = (names[1], names[0]) if far > 0 else (names[0], names[1])
    return f"{more} earns {apart} more" if metric == "return" else f"{fewer} takes {apart} steps fewer"


def _digits(values: Sequence[float]) -> int:
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 1 if largest >= 10 else 2 if largest >= 1 else 3


def _decimal(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace("-", "−").replace("inf", "∞")


def with_caption(
    series: Sequence[Series],
    caption: str,
    options: ChartOptions,
    axes: Axes | None,
    width: int,
    height: int,
    theme: Theme,
) -> tuple[Cells, CurveView]:
    """The chart, and the caption beside its legend, or below it; the caption alone where a chart has no room."""
    text, style = written(caption, theme), theme.style(theme.palette.text)
    cells = Cells(width, height)
    if height < 3:
        cells.put(0, 0, clipped(text, width, theme), style)
        return cells, CurveView(axes)
    legend = [options.y_label, *(one.name for one in series if one.name), options.reference_label]
    beside = height >= 5 and sum(length(name) + 7 for name in legend) + length(text) <= width
    below = not beside and height >= 7
    chart, drawn = draw_chart(series, width, height - below, theme, options, axes)
    cells.blit(chart, 0, 0)
    if beside:
        cells.put(0, width - length(text), text, style)
    if below:
        cells.put(height - 1, 0, clipped(text, width, theme), style)
    return cells, CurveView(drawn)


def draw_nothing(text: str, width: int, height: int, theme: Theme) -> Cells:
    """A sentence in the middle, where there is no curve yet."""
    cells = Cells(width, height)
    text = clipped(text, width, theme)
    cells.put(height // 2, max(0, (width - length(text)) // 2), text, theme.style(theme.palette.muted))
    return cells
