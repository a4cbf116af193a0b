"""Axes with round ends that move in steps, so that a chart to which data is appended keeps its old cells.

An axis has units: the values themselves, or their decimal logarithms on a logarithmic axis.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tui.drawing.numbers import nice_ceil, nice_step

Floats = NDArray[np.float64]

LARGEST = 1.7e308  # of the ends of an axis
_SHRINK = 0.2  # an axis is kept until the data fill less than this share of it
_HEADROOM = 0.15  # added beyond the data on the side where they left the previous axis
_OUTLIERS = 0.05  # share of the values at either end
_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, in units."""

    low: float
    high: float
    log: bool = False

    def units(self, values: Floats) -> Floats:
        """The values in units; on a logarithmic axis those that are not positive lie infinitely low."""
        if not self.log:
            return values
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(values > 0, np.log10(values), np.where(np.isnan(values), np.nan, -np.inf))

    def share(self, units: Floats) -> Floats:
        """Where units lie: 0 at the low end, 1 at the high end."""
        # Halves, because the difference of two large numbers may be infinite; far beyond its ends a share is, too.
        with np.errstate(over="ignore"):
            return (units / 2 - self.low / 2) / (self.high / 2 - self.low / 2)

    def value(self, share: Floats) -> Floats:
        """The value at a share of the axis."""
        units = self.low * (1 - share) + self.high * share
        with np.errstate(over="ignore"):
            return np.power(10.0, units) if self.log else units

    def ticks(self, count: int, *, whole: bool = False) -> list[tuple[float, str]]:
        """About `count` round places, at least two if there are, as shares of the axis with their labels.

        whole: places between two whole numbers mean nothing.
        """
        half = self.high / 2 - self.low / 2
        for divisions in range(max(1, count), max(1, count) + 4):
            step = max(nice_step(2 * (half / divisions)), 1.0 if whole else 0.0)
            if self.log:
                step = max(1.0, math.ceil(2 * half / divisions))
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            if last > first:
                break
        if self.log and last <= first:  # less than a power of ten: round values themselves
            return self._ticks_between_powers(count)
        units = [index * step for index in range(first, last + 1)]
        shares = self.share(np.array(units, np.float64)).tolist()
        labels = [f"1e{round(unit)}" if self.log else tick_label(unit, step) for unit in units]
        return list(zip(shares, labels, strict=True))

    def _ticks_between_powers(self, count: int) -> list[tuple[float, str]]:
        low, high = self.value(np.array([0.0, 1.0])).tolist()
        if not 0 < low < high < LARGEST:
            return []
        step = nice_step((high - low) / max(2, count))
        values = [index * step for index in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
        shares = self.share(self.units(np.array(values, np.float64))).tolist()
        return [(share, tick_label(value, step)) for share, value in zip(shares, values, strict=True) if value > 0]


@dataclass(frozen=True)
class Axes:
    """The two axes of a chart; give them back to the next drawing of the same chart."""

    x: Axis
    y: Axis


def tick_label(value: float, step: float) -> str:
    """A multiple of `step` on an axis: 0.25, -150, 20k, 1.5M, 2e-6."""
    if value == 0:
        return "0"
    if not 1e-4 <= step < 1e14:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    for unit, suffix in _SUFFIXES:
        if abs(value) >= max(unit, 10_000) and step >= unit / 1000:
            return f"{value / unit:.10g}{suffix}"
    return f"{value:.{max(0, -math.floor(math.log10(step) + 1e-9))}f}"


def without_outliers(values: Floats, log: bool = False) -> tuple[float, float] | None:
    """From where to where nearly all values lie, with half of that again on either side; None where there are none.

    The lowest and the highest 5 % have no say: a few terrible episodes at the beginning would flatten all the rest.
    """
    units = np.sort(Axis(0.0, 1.0, log).units(values))
    units = units[np.isfinite(units)]
    if not len(units):
        return None
    few = int(_OUTLIERS * len(units))
    low, high = float(units[few]), float(units[-1 - few])
    if low == high:
        low, high = float(units[0]), float(units[-1])
    room = high / 2 - low / 2 or abs(high) or 1.0
    least, most = Axis(max(low - room, -LARGEST), min(high + room, LARGEST), log).value(np.array([0.0, 1.0])).tolist()
    return least, most


def _fits(previous: Axis | None, low: float, high: float, log: bool) -> bool:
    if previous is None or previous.log != log or not previous.low <= low <= high <= previous.high:
        return False
    return high / 2 - low / 2 >= _SHRINK * (previous.high / 2 - previous.low / 2)


def step_x(previous: Axis | None, low: float, high: float, log: bool = False) -> Axis:
    """The x axis for data from `low` to `high` units: the previous one while it fits, else the next round one.

    Its length is 1, 1.5, 2, 3, 5, 7 or 10 times a power of ten; it begins at zero if that is near.
    """
    if previous is not None and _fits(previous, low, high, log):
        return previous
    if log:
        return Axis(math.floor(low), max(math.ceil(high), math.floor(low) + 1), log)
    start = 0.0 if 0 <= low <= high / 4 else low
    length = _length(start, high)
    step = nice_step(length / 5)
    start = max(-LARGEST, min(start, math.floor(start / step) * step))
    return Axis(start, max(high, min(LARGEST, start + nice_ceil(_length(start, high)))))


def _length(low: float, high: float) -> float:
    """`high` - `low`, finite, and not too little to divide."""
    enough = max(abs(low), abs(high)) * 1e-9 or 1.0
    return min(LARGEST, max(high - low, enough if high > low else max(enough, 1.0)))


def step_y(previous: Axis | None, low: float, high: float, log: bool = False) -> Axis:
    """The y axis for data from `low` to `high` units: the previous one while it fits, else between round ends.

    Where the data left the previous axis there is some headroom, so that a slowly growing curve seldom moves it.
    """
    if previous is not None and _fits(previous, low, high, log):
        return previous
    if log:
        return Axis(math.floor(low), max(math.ceil(high), math.floor(low) + 1), log)
    length = _length(low, high)
    if high - low < length:  # a constant lies in the middle
        pad = max(length, max(abs(low), abs(high)) / 10)
        low, high, length = max(low - pad, -LARGEST), min(high + pad, LARGEST), pad
    if previous is not None and not previous.log:
        low -= _HEADROOM * length if low < previous.low else 0.0
        high += _HEADROOM * length if high > previous.high else 0.0
    step = nice_step(length / 8)
    low, high = max(low, -LARGEST), min(high, LARGEST)
    low, high = min(low, math.floor(low / step) * step), max(high, math.ceil(high / step) * step)
    return Axis(max(low, -LARGEST), min(high, LARGEST))
