"""The lines of a chart: the curves of chosen runs on one x axis, smoothed, thinned, and grouped where seeds differ.

Shapes: N points of one curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from algorithms.contract import Floats, Ints
from scenarios.runs.bands import band_at, band_of, method_of, smoothed
from tui.drawing.charts import value_at
from tui.monitor.view import XAxis

MOST_LINES = 12  # in one chart: more cannot be told apart
MOST_POINTS = 20_000  # of a curve that is smoothed or averaged; longer ones are averaged in bins first

Curve = tuple[Floats, Floats]  # x and y, both [N]
NOTHING: Curve = np.zeros(0), np.zeros(0)


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a chart: the curve of a run, or the mean of several that differ by their seed alone."""

    name: str
    """What tells it from others, without its seeds."""
    runs: tuple[Path, ...]
    curve: Curve
    band: Curve | None = None
    """Its lower and upper bound at the same x."""
    ghost: Curve | None = None
    """The curve before it was smoothed."""
    parts: tuple[Curve, ...] = ()
    """The curves that it is the mean of; none of a single run."""
    counts: Ints | None = None
    """How many of them there are at each x."""
    repeats: tuple[Path, ...] = ()
    """Runs from the seeds of others, which would count them twice: they are left out."""

    @property
    def method(self) -> str:
        """How its band was made; empty where it has none."""
        return method_of(self.counts) if self.band is not None and self.counts is not None else ""

    def title(self, count: int | None = None) -> str:
        """Its name with its seeds; with a count of them, where it is not all, with that, too."""
        name, seeds = self.name, len(self.runs)
        if seeds > 1:
            some = f"{count} of " if count and count < seeds else ""
            name = f"{name} · {some}{seeds} seeds"
        if not self.repeats:
            return name
        repeats = len(self.repeats)
        return f"{name} ({repeats} repeat{'s' if repeats > 1 else ''} left out)"

    def read(self, at: float | None = None) -> Reading:
        """What it says at an x; without one, at the last of those drawn that as many seeds have reached as any."""
        x, y = self.curve
        if self.counts is None:
            known = np.flatnonzero(~np.isnan(y))
            latest = float(y[known[-1]]) if len(known) else math.nan
            return Reading(latest if at is None else value_at(x, y, at))
        if at is None:
            most = np.flatnonzero(self.counts == np.max(self.counts, initial=1))
            at = float(x[most[-1]]) if len(most) else math.nan
        band = band_at(self.parts, at)
        with np.errstate(invalid="ignore", over="ignore"):
            return Reading(float(band.mean[0]), float(band.high[0] / 2 - band.low[0] / 2), int(band.count[0]))


class Reading(NamedTuple):
    """What a line says at one place."""

    value: float
    half: float = math.nan
    """Half the height of its interval; not a number where it has none."""
    count: int | None = None
    """Of the seeds that have got there; None of a single run."""


@dataclass(frozen=True)
class Bundle:
    """Runs that are one line, and what it is called."""

    name: str
    runs: tuple[Path, ...]
    repeats: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Style:
    """How all curves are made into lines."""

    x: XAxis = "steps"
    smoothing: float = 0.0
    window: tuple[float, float] | None = None
    log_x: bool = False


def lines_of(
    bundles: Sequence[Bundle],
    whole: Callable[[Path], Curve],
    part: Callable[[Path], Curve],
    style: Style,
) -> tuple[Line, ...]:
    """The lines of one metric; those of runs that do not have it are empty, so that each keeps its number everywhere.

    Args:
        bundles: what becomes one line each.
        whole: all points of a run; empty where it has none.
        part: the points of a run that can be seen, few of them.
    """
    return tuple(
        _band(bundle, whole, style) if len(bundle.runs) > 1 else _single(bundle, whole, part, style)
        for bundle in bundles
    )


def _single(bundle: Bundle, whole: Callable[[Path], Curve], part: Callable[[Path], Curve], style: Style) -> Line:
    seen = part(bundle.runs[0])
    if not style.smoothing:
        return Line(bundle.name, bundle.runs, seen, repeats=bundle.repeats)
    x, y = thinned(whole(bundle.runs[0]))
    curve = _within(style.window, x, smoothed(y, style.smoothing))
    return Line(bundle.name, bundle.runs, curve, ghost=seen, repeats=bundle.repeats)


def _within(window: tuple[float, float] | None, x: Floats, y: Floats) -> Curve:
    """The part of a curve in a window, with a point before and one behind, so that it runs to the edges."""
    if window is None:
        return x, y
    first, stop = np.searchsorted(x, window[0]), np.searchsorted(x, window[1], "right")
    near = slice(max(0, int(first) - 1), int(stop) + 1)
    return x[near], y[near]


def _band(bundle: Bundle, whole: Callable[[Path], Curve], style: Style) -> Line:
    curves = [thinned(curve) for run in bundle.runs if len((curve := whole(run))[0])]
    if style.smoothing:
        curves = [(x, smoothed(y, style.smoothing)) for x, y in curves]
    if len(curves) < 2:
        only = _within(style.window, *(curves[0] if curves else NOTHING))
        ones = np.ones(len(only[0]), np.intp)
        return Line(bundle.name, bundle.runs, only, parts=tuple(curves), counts=ones, repeats=bundle.repeats)
    band = band_of(curves, logarithmic=style.log_x, window=style.window)
    line = (band.x, band.mean), (band.low, band.high)
    return Line(bundle.name, bundle.runs, *line, parts=tuple(curves), counts=band.count, repeats=bundle.repeats)


def thinned(curve: Curve, most: int = MOST_POINTS) -> Curve:
    """A curve of at most so many points: means of 2, 4, 8 ... neighbours; what is not a number is left out of them."""
    x, y = curve
    size = 1
    while -(-len(x) // size) > most:
        size *= 2
    if size == 1:
        return curve
    starts = np.arange(0, len(x), size)
    counts = np.diff(np.append(starts, len(x)))
    there = ~np.isnan(y)
    scale = float(np.fmax.reduce(np.abs(y[np.isfinite(y)]), initial=1e-300))  # so that no sum overflows
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.add.reduceat(np.where(there, y / scale, 0.0), starts) / np.add.reduceat(there, starts) * scale
    return np.add.reduceat(x / len(x), starts) / counts * len(x), means
