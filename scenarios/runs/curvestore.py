"""The curves of a run for those who draw them: they grow, and a part of one is had in as many points as can be seen.

A pyramid stands on every curve: of each block of 16, 64, 256 ... points it says where the least and the greatest is, so
that ten million are drawn as fast as a thousand. Shapes: N points of a metric, M of a part of it, m blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Floats
from scenarios.lessons.words import grouped
from scenarios.runs.directory import EVENTS
from scenarios.runs.files import look
from scenarios.runs.growing import Growing
from scenarios.runs.tfevents import EventFollower, Series

XAxis = Literal["steps", "episodes", "seconds"]

# The metrics that count what an axis shows, from step to step
COUNTERS: dict[XAxis, str] = {"episodes": "episode/count", "seconds": "time/seconds"}
BLOCK = 16  # points of a block on the lowest level
FOLD = 4  # blocks of one level that are a block of the next
POINTS_A_COLUMN = 4  # first, least, greatest, last
_FAR = float(1 << 62)

Places = NDArray[np.int64]  # of points in a curve


class _Curve:
    """The points of one metric, and the pyramid on them."""

    def __init__(self) -> None:
        self.steps, self.walls, self.values = Growing(np.int64), Growing(np.float64), Growing(np.float32)
        self._gaps = Growing(np.int64)  # points that are no number
        self._levels: list[Growing] = []  # the places of the least and the greatest of every whole block, [m, 2] each

    def extend(self, more: Series) -> None:
        """Append points."""
        self._gaps.extend(len(self.values.rows) + np.flatnonzero(np.isnan(more.values)))
        self.steps.extend(more.steps)
        self.walls.extend(more.wall_times)
        self.values.extend(more.values)
        level, count, below = 0, len(self.values.rows), None
        while True:
            if level == len(self._levels):
                self._levels.append(Growing(np.int64, 2))
            blocks, size = self._levels[level], FOLD if level else BLOCK
            start, stop = len(blocks.rows) * size, count // size * size
            if start == stop:  # no block is whole that was not, nor one above it
                break
            new = np.arange(start, stop) if below is None else below[start:stop]
            blocks.extend(self._extremes(new.reshape(-1, size if below is None else 2 * size)))
            level, count, below = level + 1, len(blocks.rows), blocks.rows

    def _extremes(self, places: Places) -> Places:
        """Of every row of places those of the least and the greatest; what is no number is neither. [m, n] → [m, 2]"""
        values = self.values.rows[places]
        missing = np.isnan(values)
        rows = np.arange(len(places))
        least = places[rows, np.where(missing, np.inf, values).argmin(axis=1)]
        greatest = places[rows, np.where(missing, -np.inf, values).argmax(axis=1)]
        return np.stack([least, greatest], axis=1)

    @property
    def series(self) -> Series:
        """All points; not to be written to."""
        return Series(self.steps.rows, self.walls.rows, self.values.rows)

    def outline(self, first: int, stop: int, columns: int) -> Places:
        """Places of points between two places that have all of the extremes, some for each column; in order."""
        if stop - first <= POINTS_A_COLUMN * columns:
            return np.arange(first, stop)
        level, size = -1, 1
        while level + 1 < len(self._levels) and (stop - first) // (size * (FOLD if size > 1 else BLOCK)) >= 4 * columns:
            level, size = level + 1, size * (FOLD if size > 1 else BLOCK)
        gaps = self._gaps.rows[slice(*np.searchsorted(self._gaps.rows, (first, stop)))]
        gaps = gaps[:: max(1, len(gaps) // (POINTS_A_COLUMN * columns))]
        parts = [*self._outline(first, stop, level, size), gaps, np.array([first, stop - 1])]
        return np.unique(np.concatenate(parts))

    def _outline(self, first: int, stop: int, level: int, size: int) -> list[Places]:
        """Extremes of the blocks of a level; at both ends, where there is no whole block, of the levels below."""
        if level < 0:
            return [np.arange(first, stop)]
        blocks, below = self._levels[level].rows, size // (FOLD if level else BLOCK)
        start, end = -(-first // size), min(stop // size, len(blocks))
        if start >= end:
            return self._outline(first, stop, level - 1, below)
        return [
            *self._outline(first, start * size, level - 1, below),
            blocks[start:end].ravel(),
            *self._outline(end * size, stop, level - 1, below),
        ]


class CurveStore:
    """Every metric of a run as it grows."""

    def __init__(self, path: Path) -> None:
        """path: of the run directory."""
        self.path = path / EVENTS
        self.generation = 0  # times that the curves were cut back by a resume
        self._follower = EventFollower(self.path)
        self._curves: dict[str, _Curve] = {}
        self._seen: tuple[int, ...] = ()  # what the file looked like

    def poll(self) -> bool:
        """Read what has been written since the last poll; True when there is something new.

        Raises:
            RunError: unreadable, not an ordinary file, or more metrics than a run has.
        """
        seen = look(self.path)
        if seen == self._seen:
            return False
        self._seen = seen
        points = self._follower.poll() if seen else {}
        cut = self._follower.restarts != self.generation
        if cut:
            self.generation, self._curves = self._follower.restarts, {}
        self.extend(points)
        return bool(points) or cut

    def extend(self, points: Mapping[str, Series]) -> None:
        """Append points, by metric."""
        for name, more in points.items():
            if name not in self._curves:
                self._curves[name] = _Curve()
            self._curves[name].extend(more)

    @property
    def damage(self) -> str | None:
        """What cannot be read of the curves of a run that has ended; None where all can."""
        if not self._follower.damaged:
            return None
        steps = [int(curve.steps.rows[-1]) for curve in self._curves.values() if len(curve.steps.rows)]
        what = f"what came after step {grouped(max(steps))} cannot be shown" if steps else "they cannot be shown"
        return f"The file of its curves, {EVENTS}, is damaged: {what}."

    @property
    def names(self) -> list[str]:
        """The metrics there are, in the order of their first points."""
        return list(self._curves)

    def series(self, name: str) -> Series:
        """All points of a metric, in file order; not to be written to. KeyError where there is none of the name."""
        return self._curves[name].series

    def places(self, name: str, x: XAxis) -> Floats:
        """Where all points of a metric lie on an axis. [N]"""
        return self._x(name, np.arange(len(self.series(name).steps)), x)

    def window(self, name: str, x: XAxis, low: float, high: float, columns: int) -> tuple[Floats, Floats]:
        """The points of a metric from `low` to `high` on an axis, for so many columns: where they lie, and values.

        Of every column the first point, the least, the greatest and the last, and one that is no number where there
        is one; all points where they are few. Where they are very many, what lies within a quarter of a column of its
        edge may count for the next. One point before and one after belong to it, so that lines run to the edges. The
        bounds may be infinite. [M] each
        """
        curve, columns = self._curves[name], max(1, columns)
        low, high = -np.inf if np.isnan(low) else low, np.inf if np.isnan(high) else high
        first, stop = self._between(name, x, low, high)
        places = curve.outline(first, stop, columns)
        at = self._x(name, places, x)
        near = slice(max(0, int(np.searchsorted(at, low)) - 1), int(np.searchsorted(at, high, "right")) + 1)
        at, values = at[near], curve.values.rows[places[near]].astype(np.float64)
        if stop - first > POINTS_A_COLUMN * columns:
            chosen = _chosen(_columns(at, low, high, columns), values)
            at, values = at[chosen], values[chosen]
        return at, values

    def _between(self, name: str, x: XAxis, low: float, high: float) -> tuple[int, int]:
        """Places from before `low` to behind `high`."""
        curve = self._curves[name]
        along: NDArray[Any]
        counter = self._counter(x)
        if x == "seconds" and counter is None:
            along, low, high = curve.walls.rows, low + self._began, high + self._began
        elif x == "episodes" and (counts := self._counts_of(name)) is not None:
            along = counts
        else:
            along = curve.steps.rows
            if counter is not None:
                low, high = _step_at(counter, low, "left"), _step_at(counter, high, "right")
        # bounds of the array's own type: others would have it copied
        bounds = np.clip([np.ceil(low), np.floor(high)] if along.dtype == np.int64 else [low, high], -_FAR, _FAR)
        lower, upper = bounds.astype(along.dtype)
        first = max(0, int(np.searchsorted(along, lower, "left")) - 1)
        return first, min(len(along), max(first, int(np.searchsorted(along, upper, "right"))) + 1)

    def _counter(self, x: XAxis) -> Series | None:
        """How many of what an axis shows had been at which step; None where nobody has counted."""
        curve = self._curves.get(COUNTERS.get(x, ""))
        return curve.series if curve is not None and len(curve.steps.rows) else None

    @property
    def _began(self) -> float:
        """When the run told its first point."""
        return min(
            (float(curve.walls.rows[0]) for curve in self._curves.values() if len(curve.walls.rows)), default=0.0
        )

    def _counts_of(self, name: str) -> NDArray[np.float32] | None:
        """How many episodes had ended at every point of a metric, where they were counted together with it."""
        counts, curve = self._counter("episodes"), self._curves[name]
        if counts is None or len(counts.steps) != len(curve.steps.rows):
            return None
        ends = [0, len(curve.steps.rows) // 2, -1]
        together = np.array_equal(counts.wall_times[ends], curve.walls.rows[ends])
        return counts.values if together else None

    def _x(self, name: str, places: Places, x: XAxis) -> Floats:
        """Where some points of a metric lie on an axis. [M]"""
        if x == "episodes" and (together := self._counts_of(name)) is not None:
            return together[places].astype(np.float64)
        curve = self._curves[name]
        return self.along(curve.steps.rows[places], curve.walls.rows[places], x)

    def along(self, steps: Places, walls: Floats, x: XAxis) -> Floats:
        """Where moments of the run lie on an axis: by their steps, between what was counted.

        Runs of earlier versions have no clock of their learning: their seconds are those of the wall times. [M]
        """
        if (counter := self._counter(x)) is not None:
            return _interpolated(steps, counter.steps, counter.values)
        if x == "seconds":
            with np.errstate(invalid="ignore"):  # of a clock that is no clock
                return np.asarray(walls - self._began, np.float64)
        return steps.astype(np.float64)


def _step_at(counter: Series, count: float, side: Literal["left", "right"]) -> float:
    """A step at or beyond which so many were counted: from below or from above."""
    i = int(np.searchsorted(counter.values, np.float32(count), side)) - (side == "left")
    if i < 0:
        return -np.inf
    return float(counter.steps[i]) if i < len(counter.steps) else np.inf


def _interpolated(x: Places, xs: Places, ys: NDArray[np.float32]) -> Floats:
    """y at some x of a line through (0, 0) and points with ascending xs; the last y behind these. [M], [N] → [M]"""
    right = np.searchsorted(xs, x, "right")
    left = right - 1
    inside = np.minimum(right, len(xs) - 1)
    x0, y0 = np.where(left >= 0, xs[left], 0), np.where(left >= 0, ys[left], 0.0).astype(np.float64)
    x1, y1 = xs[inside], ys[inside].astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        share = np.where(x1 > x0, (x - x0) / np.maximum(x1 - x0, 1), 0.0)
        return np.asarray(y0 + np.clip(share, 0, 1) * (y1 - y0), np.float64)


def _columns(x: Floats, low: float, high: float, columns: int) -> NDArray[np.intp]:
    """In which of so many columns from `low` to `high` each x lies; the outermost ones have what lies beyond. [M]"""
    known = x[np.isfinite(x)]
    low = low if np.isfinite(low) else known.min(initial=np.inf)
    high = high if np.isfinite(high) else known.max(initial=-np.inf)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        share = np.nan_to_num((x - low) / (high - low), nan=0.0)
    return np.clip(share * columns, 0, columns - 1).astype(np.intp)


def _chosen(groups: NDArray[np.intp], values: Floats) -> NDArray[np.intp]:
    """Of every run of one group the first, least, greatest and last value, and the first that is none. [M] → [≤ M]"""
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    missing = np.isnan(values)
    own = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(groups)))  # number of each one's run
    least = np.minimum.reduceat(np.where(missing, np.inf, values), starts)[own]
    greatest = np.maximum.reduceat(np.where(missing, -np.inf, values), starts)[own]
    marked = np.zeros(len(groups), np.bool_)
    marked[starts] = marked[np.append(starts[1:], len(groups)) - 1] = True
    for which in (values == least, values == greatest, missing):
        found = np.flatnonzero(which)
        marked[found[np.flatnonzero(np.diff(own[found], prepend=-1))]] = True
    return np.flatnonzero(marked)
