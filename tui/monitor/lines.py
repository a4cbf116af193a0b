"""The lines of a chart: the curves of chosen runs on one x axis, smoothed, thinned, and grouped where seeds differ.

Shapes: N points of one curve.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from algorithms.contract import Floats, Ints
from scenarios.runs.bands import band_of, smoothed
from tui.monitor.view import XAxis

MOST_LINES = 12  # in one chart: more cannot be told apart
MOST_POINTS = 20_000  # of a curve that is smoothed or averaged; longer ones are averaged in bins first

Curve = tuple[Floats, Floats]  # x and y, both [N]
NOTHING: Curve = np.zeros(0), np.zeros(0)


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a chart."""

    name: str
    runs: tuple[Path, ...]
    curve: Curve
    band: Curve | None = None
    """Its lower and upper bound at the same x."""
    ghost: Curve | None = None
    """The curve before it was smoothed."""
    method: str = ""
    """How the band was made."""
    counts: Ints | None = None
    """Of the runs that have a value at each x; None of a single run."""


@dataclass(frozen=True)
class Bundle:
    """Runs that are one line, and what it is called."""

    name: str
    runs: tuple[Path, ...]


@dataclass(frozen=True)
class Style:
    """How all curves are made into lines."""

    x: XAxis = "steps"
    smoothing: float = 0.0
    window: tuple[float, float] | None = None


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
        return Line(bundle.name, bundle.runs, seen)
    x, y = thinned(whole(bundle.runs[0]))
    return Line(bundle.name, bundle.runs, (x, smoothed(y, style.smoothing)), ghost=seen)


def _band(bundle: Bundle, whole: Callable[[Path], Curve], style: Style) -> Line:
    curves = [thinned(curve) for run in bundle.runs if len((curve := whole(run))[0])]
    if style.smoothing:
        curves = [(x, smoothed(y, style.smoothing)) for x, y in curves]
    if len(curves) < 2:
        only = curves[0] if curves else NOTHING
        return Line(bundle.name, bundle.runs, only, counts=np.ones(len(only[0]), np.intp))
    band = band_of(curves)
    line = (band.x, band.mean), (band.low, band.high)
    return Line(bundle.name, bundle.runs, *line, method=band.method, counts=band.count)


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
