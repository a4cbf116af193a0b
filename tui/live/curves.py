"""The curves of a run as they are drawn: smoothed, on one of three x axes, in as few points as there are columns.

Shapes: N points of a metric.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.bands import smoothed
from scenarios.runs.curvestore import COUNTERS, CurveStore
from scenarios.runs.tfevents import Series
from tui.drawing.charts import value_at
from tui.drawing.strokes import Floats
from tui.live.view import XAxis

MOST = 512  # points that are smoothed one by one; of more, the means of groups are
COLUMNS = 400  # of dots, in which all that is worth drawing of a curve can be seen
GROWN = 200  # a curve is made anew when it has grown by this part

# The large chart shows the first of these that a run has, unless another is chosen.
PRIMARY = ("episode/return", "accuracy/train", "sweep/largest_change")
EVALUATION = "evaluation/return"
# What the small charts show, the most telling first; a run has some of them, by its algorithm.
DIAGNOSTICS = (
    "policy/entropy",
    "policy/kl",
    "policy/clip_fraction",
    "value/explained_variance",
    "value/td_error",
    "value/q_mean",
    "exploration/epsilon",
    "loss/value",
    "loss/policy",
    "loss/train",
    "episode/length",
    "update/gradient_norm",
    "learning/alpha",
    "evaluation/length",
    "time/steps_per_second",
)
SHORT = {
    "episode/return": "return per episode",
    "episode/length": "episode length",
    "sweep/largest_change": "largest change per sweep",
    "evaluation/return": "greedy evaluation",
    "evaluation/length": "evaluation length",
    "evaluation/on_request": "evaluation on request",
    "policy/entropy": "entropy",
    "policy/kl": "KL divergence",
    "policy/clip_fraction": "clip fraction",
    "value/explained_variance": "explained variance",
    "value/td_error": "TD error",
    "value/q_mean": "mean Q",
    "exploration/epsilon": "exploration ε",
    "learning/alpha": "step size α",
    "loss/value": "value loss",
    "loss/policy": "policy loss",
    "loss/train": "training loss",
    "accuracy/train": "training accuracy",
    "update/gradient_norm": "gradient norm",
    "time/steps_per_second": "steps per second",
}


@dataclass(frozen=True, eq=False)
class Curve:
    """One metric: its points in as many as can be seen, and smoothed; x is sorted."""

    x: Floats
    y: Floats
    smooth_x: Floats
    smooth_y: Floats

    @property
    def latest(self) -> float:
        """The smoothed value now; not a number where there is none."""
        return float(self.smooth_y[-1]) if len(self.smooth_y) else math.nan

    def value(self, at: float | None) -> float:
        """The smoothed value at an x; now without one."""
        return self.latest if at is None else value_at(self.smooth_x, self.smooth_y, at)


NOTHING = Curve(*[np.zeros(0)] * 4)


@dataclass
class Curves:
    """Makes curves of a store; what has not grown is not made again."""

    _made: dict[tuple[str, XAxis, float], tuple[tuple[int, int], Curve]] = field(default_factory=dict)

    def curve(self, store: CurveStore, name: str, axis: XAxis, weight: float, generation: int) -> Curve:
        """The curve of a metric; empty where the run has none of that name."""
        if name not in store.names:
            return NOTHING
        series, key = store.series(name), (name, axis, weight)
        version = len(series.steps), generation
        if key not in self._made or not _is_new_enough(self._made[key][0], version):
            x, y = store.window(name, axis, -math.inf, math.inf, COLUMNS)
            self._made[key] = version, Curve(x, y, *smooth_curve(store, series, axis, weight))
        return self._made[key][1]


def _is_new_enough(made: tuple[int, int], version: tuple[int, int]) -> bool:
    """Whether a curve of so many points, of a generation, still looks like one of this version."""
    return made[1] == version[1] and made[0] <= version[0] <= made[0] + made[0] // GROWN


def smooth_curve(store: CurveStore, series: Series, axis: XAxis, weight: float) -> tuple[Floats, Floats]:
    """The moving average of a metric's points: of the means of groups where there are many."""
    count = len(series.values)
    size = max(1, -(-count // MOST))
    starts = np.arange(0, count, size)
    ends = np.minimum(starts + size, count) - 1
    means = series.values.astype(np.float64) if size == 1 else _means(series.values, starts)
    return places(store, series.at(ends), axis), smoothed(means, weight)


def _means(values: NDArray[np.float32], starts: NDArray[np.intp]) -> Floats:
    """The means of groups of values; what is not finite is left out."""
    finite = np.isfinite(values)
    if finite.all():
        counts = np.diff(starts, append=len(values))
        sums = np.add.reduceat(values, starts, dtype=np.float64)
    else:
        counts = np.add.reduceat(finite, starts, dtype=np.int64)
        sums = np.add.reduceat(np.where(finite, values, 0), starts, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counts > 0, sums / counts, np.nan)


def places(store: CurveStore, series: Series, axis: XAxis) -> Floats:
    """Where some points of a run lie on an axis. [N]"""
    return store.along(series.steps, series.wall_times, axis)


def x_at_step(env_steps: int, store: CurveStore, axis: XAxis) -> float | None:
    """Where a moment of the run lies on an axis; None where nothing was recorded yet."""
    if axis == "steps":
        return float(env_steps)
    longest = _longest(store)
    if longest is None:
        return None
    after = int(np.searchsorted(longest.steps, env_steps))
    near = longest.at(slice(max(0, after - 1), after + 1))
    return float(np.interp(env_steps, near.steps, places(store, near, axis)))


def step_at_x(x: float, store: CurveStore, axis: XAxis) -> int | None:
    """The step of the run that lies at a place of an axis; None where nothing was recorded yet."""
    longest = _longest(store)
    if longest is None:
        return None
    return round(x if axis == "steps" else float(np.interp(x, places(store, longest, axis), longest.steps)))


def _longest(store: CurveStore) -> Series | None:
    """The metric that was recorded most often."""
    longest = max((store.series(name) for name in store.names), key=lambda series: len(series.steps), default=None)
    return longest if longest is not None and len(longest.steps) else None


def shown_metric(names: list[str], wanted: str) -> str:
    """The metric of the large chart."""
    if wanted in names:
        return wanted
    telling = (*(name for name in PRIMARY if name in names), *(name for name in names if name not in COUNTERS.values()))
    return next(iter(telling), PRIMARY[0])


def small_metrics(names: list[str], large: str) -> list[str]:
    """The metrics of the small charts: all but the large one, the known ones first in their order."""
    others = sorted(set(names) - {large, EVALUATION, *COUNTERS.values()})
    return [name for name in (*PRIMARY, *DIAGNOSTICS) if name in others] + [
        name for name in others if name not in PRIMARY and name not in DIAGNOSTICS
    ]
