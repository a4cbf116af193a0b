"""What a deep learner has learnt over time: every episode and their running mean, or a diagnostic of its updates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from algorithms.contract import Floats
from scenarios.experiment import DataExperiment
from scenarios.lessons.deep_ledger import DeepCurve
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import counted, number
from tui.drawing.cells import Cells
from tui.drawing.charts import ChartOptions, Series
from tui.drawing.theme import Theme, mix
from tui.lesson.deep.layers import curve_title
from tui.lesson.panes.curves import CurveView, draw_nothing, with_caption
from tui.lesson.panes.text import written

_FIRST = 10.0  # episodes, or updates, that the axis has room for at first
_PALE = 0.5  # share of the mean's colour in single values
# What the greatest number of a curve is; of lengths it may be the worst, and as many images are in every epoch.
_GREATEST = {
    ("return", "episode"): "best of all",
    ("return", "epoch"): "best of all",
    ("length", "episode"): "longest of all",
}
SMOOTHED = 20  # episodes, or updates, of the running mean


def draw_deep_curve(
    stepper: Stepper, name: str, view: CurveView, width: int, height: int, theme: Theme
) -> tuple[Cells, CurveView]:
    """Return or length per episode, or a diagnostic per update of the network; and the next view."""
    ledger = stepper.ledger
    per_episode = name in ("return", "length")
    curve = ledger.returns() if name == "return" else ledger.lengths() if name == "length" else ledger.diagnostics(name)
    if not len(curve.y):
        return draw_nothing(_nothing(stepper, per_episode), width, height, theme), view
    mean = running_mean(curve.y)
    lines = [Series(f"mean of {SMOOTHED}", curve.x, mean), Series("", curve.x, curve.y, points=per_episode)]
    palette = theme.palette
    colours = (theme.series(0), mix(palette.background, theme.series(0), _PALE))
    unit = "update" if not per_episode else "epoch" if isinstance(stepper.experiment, DataExperiment) else "episode"
    options = ChartOptions(
        x_label=unit,
        whole_x=True,
        y_label=written(curve_title(name, stepper.experiment), theme),
        window=(1.0, _FIRST) if len(curve.x) < _FIRST else None,
    )
    theme = replace(theme, palette=replace(palette, series=colours + palette.series[1:]))
    return with_caption(lines, _caption(curve, name, unit), options, view.axes, width, height, theme)


def running_mean(y: Floats) -> Floats:
    """The mean of the last so many values at every one; of fewer at the beginning. Gaps and infinities stay."""
    with np.errstate(invalid="ignore", over="ignore"):
        sums = np.concatenate([[0.0], np.cumsum(y)])
        first = np.maximum(np.arange(len(y)) + 1 - SMOOTHED, 0)
        last = np.arange(len(y)) + 1
        mean: Floats = (sums[last] - sums[first]) / (last - first)
    return mean


def _nothing(stepper: Stepper, per_episode: bool) -> str:
    if not per_episode:
        return "nothing has been learnt yet"
    ledger = stepper.ledger
    so_far = counted(ledger.length_so_far, "step")
    if isinstance(stepper.experiment, DataExperiment):
        return "the first epoch is not over yet"
    return f"the first episode is not over yet: return {number(ledger.return_so_far)} in {so_far}"


def _caption(curve: DeepCurve, name: str, unit: str) -> str:
    recent = curve.y[-SMOOTHED:]
    what = counted(len(recent), unit)
    with np.errstate(invalid="ignore", over="ignore"):
        mean = number(float(recent.mean()))
    extreme = _GREATEST.get((name, unit), "")
    known = extreme and np.isfinite(curve.y).any()
    return f"mean of the last {what}: {mean}" + (f", {extreme} {number(float(np.nanmax(curve.y)))}" if known else "")
