"""Curves made readable: smoothed, and several of them as their mean with an interval around it.

Shapes: N points, R runs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Floats
from scenarios.lessons.ledger import student_t

LARGEST_SCALE = 1e12  # by which early values are magnified within one block of a smoothed curve


def smoothed(values: NDArray[np.floating], weight: float) -> Floats:
    """The exponential moving average m(t) = Σ w^(t−i) x(i) / Σ w^(t−i), over what is finite. [N] → [N]

    The sum of the weights is what corrects the bias of the beginning (Kingma and Ba, "Adam" (2015), section 3). What
    is not finite stays as it is and is left out of the average.

    Args:
        weight: w in [0, 1); 0 smooths nothing.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"weight must be in [0, 1), got {weight:g}")
    x: Floats = np.array(values, np.float64)  # [N]
    finite = np.isfinite(x)
    if weight and finite.any():
        x[finite] = _averaged(x[finite], weight)
    return x


def _averaged(x: Floats, w: float) -> Floats:
    """The average of finite values: in blocks, whose sums are carried on. [N] → [N]"""
    largest = float(np.abs(x).max()) or 1.0
    block = min(len(x), max(1, int(math.log(LARGEST_SCALE) / -math.log(w))))  # so that no power of w is too small
    rows = np.zeros((-(-len(x) // block), block))  # [blocks, block]
    rows.flat[: len(x)] = x / largest
    powers = w ** np.arange(block)  # [block]
    sums = np.cumsum(rows / powers, axis=1) * powers  # Σ w^(t−i) x(i) within a block
    carried, so_far, decay = np.zeros(len(rows)), 0.0, w**block
    for k, total in enumerate(sums[:-1, -1].tolist()):
        carried[k + 1] = so_far = so_far * decay + total
    sums += carried[:, None] * (powers * w)
    weights = -np.expm1(np.arange(1, len(x) + 1) * math.log(w)) / (1 - w)  # Σ w^(t−i) = (1 − w^t) / (1 − w)
    average: Floats = sums.ravel()[: len(x)] / weights
    return np.clip(np.clip(average, -1.0, 1.0) * largest, x.min(), x.max())  # a constant stays one, to the last bit


@dataclass(frozen=True)
class Band:
    """Several curves as one: what they are on average at each x, and between what bounds that lies."""

    x: Floats  # [N]
    mean: Floats  # [N]
    low: Floats  # [N], NaN where there is no interval, as of a single run
    high: Floats  # [N]
    count: NDArray[np.intp]  # [N], of the runs that have a value there

    @property
    def method(self) -> str:
        """How it was made, in words."""
        return method_of(self.count)


def band_of(
    curves: Sequence[tuple[Floats, Floats]],
    points: int = 400,
    *,
    logarithmic: bool = False,
    window: tuple[float, float] | None = None,
) -> Band:
    """The mean of several runs' curves with its 95 % t interval, on a common x.

    Each curve is linear between its points and has no value before its first and after its last: where runs have
    come differently far, fewer of them count. A t interval is honest for few seeds, where a bootstrap promises 95 %
    and keeps 64; curves of one run have none.

    Args:
        curves: (x [N], y [N]) of every run; points that are not finite are left out.
        points: of the common x.
        logarithmic: whether these are spread evenly on a logarithmic axis.
        window: the part of x that they lie in; all of it without.
    """
    sound = [curve for x, y in curves if len((curve := _sound(x, y))[0])]
    return _mean_and_interval(sound, _common(sound, points, logarithmic, window) if sound else np.empty(0))


def band_at(curves: Sequence[tuple[Floats, Floats]], x: float) -> Band:
    """The same at one place: N = 1."""
    return _mean_and_interval([curve for xs, y in curves if len((curve := _sound(xs, y))[0])], np.array([x]))


def _mean_and_interval(curves: Sequence[tuple[Floats, Floats]], x: Floats) -> Band:
    runs = [np.interp(x, *curve, left=np.nan, right=np.nan) for curve in curves]
    table = np.array(runs).reshape(len(runs), len(x))  # [R, N]
    count: NDArray[np.intp] = np.count_nonzero(~np.isnan(table), axis=0)
    scale = float(np.fmax.reduce(np.abs(table), axis=None, initial=0.0)) or 1.0  # so that no square is too large
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        mean = np.nansum(table / scale, axis=0) / count
        variance = np.nansum((table / scale - mean) ** 2, axis=0) / (count - 1)
        half = student_t(count - 1) * np.sqrt(variance / count)
        return Band(x, mean * scale, (mean - half) * scale, (mean + half) * scale, count)


def method_of(counts: NDArray[np.intp]) -> str:
    """How bands of so many runs at each x were made, in words. [N]"""
    most = int(counts.max(initial=0))
    if most < 2:
        return "one run: no interval" if most else "no runs"
    least = int(counts[counts > 0].min())
    return f"mean and 95 % t interval of {f'{least} to {most}' if least < most else most} seeds"


def _sound(x: NDArray[np.generic], y: NDArray[np.generic]) -> tuple[Floats, Floats]:
    """A curve's finite points in the order of x, of several at one x the last."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    if np.any(np.diff(x) < 0):
        order = np.argsort(x, kind="stable")
        x, y = x[order], y[order]
    last = np.append(x[1:] != x[:-1], True)[: len(x)]
    return x[last], y[last]


def _common(
    curves: Sequence[tuple[Floats, Floats]], points: int, logarithmic: bool, window: tuple[float, float] | None
) -> Floats:
    """Where all curves are looked at: evenly from the first point of any to the last, within the window. [N]"""
    low, high = min(x[0] for x, _ in curves), max(x[-1] for x, _ in curves)
    if window is not None:
        low, high = max(low, window[0]), min(high, window[1])
    if low >= high:
        return np.array([low] if low == high else [])
    if logarithmic:
        low = low if low > 0 else min((x[x > 0][0] for x, _ in curves if (x > 0).any()), default=low)
        if 0 < low < high:
            spread: Floats = np.geomspace(low, high, points)
            spread[[0, -1]] = low, high
            return spread
    return np.linspace(low, high, points)
