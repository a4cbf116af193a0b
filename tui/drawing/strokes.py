"""Strokes: a curve of any length as a few points per column, and as the dots it touches.

Shapes: N points, C columns of dots, R rows of dots.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Dots = NDArray[np.bool_]

# Bits of the eight dots of a braille character, rows from top to bottom (Unicode 15, chapter 21.1).
_BRAILLE_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint32)
BRAILLE = 0x2800


def sorted_points(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The points in the order of x, without those whose x is not finite."""
    if not len(x) or ((x[1:] >= x[:-1]).all() and np.isfinite(x[0]) and np.isfinite(x[-1])):
        return x, y
    finite = np.isfinite(x)
    x, y = x[finite], y[finite]
    order = np.argsort(x, kind="stable")
    return x[order], y[order]


def reduce_columns(x: Floats, y: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """First, least, largest and last of the points between neighbouring `edges`; x [N] is sorted.

    Drawn in so many columns they look like all N points, spikes too (M4: Jugel et al., "M4: A Visualization-Oriented
    Time Series Data Aggregation", 2014). Where a part holds values that are not finite, one of each kind is kept.
    """
    if len(x) <= 4 * (len(edges) + 1):
        return x, y
    bounds = np.unique(np.concatenate(([0], np.searchsorted(x, edges), [len(x)])))
    starts, stops = bounds[:-1], bounds[1:]
    least, largest = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    middles = x[starts] / 2 + x[stops - 1] / 2
    places = np.stack([x[starts], middles, middles, x[stops - 1]], 1)
    values = np.stack([y[starts], least, largest, y[stops - 1]], 1)
    rough = np.flatnonzero(~np.isfinite(least) | ~np.isfinite(largest))
    if not len(rough):
        return places.ravel(), values.ravel()
    parts_x, parts_y = list(places), list(values)
    for part in rough:
        inside = slice(starts[part], stops[part])
        parts_x[part], parts_y[part] = _reduce_rough(x[inside], y[inside])
    return np.concatenate(parts_x), np.concatenate(parts_y)


def _reduce_rough(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The same for points of which some are not finite: one of each kind stays, in its order."""
    finite = np.flatnonzero(np.isfinite(y))
    keep = {0, len(y) - 1}
    for kind in (np.isnan(y), y == np.inf, y == -np.inf):
        keep.update(np.flatnonzero(kind)[:1].tolist())
    if len(finite):
        keep.update((finite[y[finite].argmin()], finite[y[finite].argmax()], finite[0], finite[-1]))
    order = sorted(keep)
    return x[order], y[order]


def trace(x: Floats, y: Floats, columns: int) -> tuple[Floats, Floats]:
    """The range of rows [C], [C] that the line through the points touches in each column; NaN where it is not.

    x and y are in dots, the middle of a dot at its whole number; a y that is not finite interrupts the line.
    """
    low, high = np.full(columns, np.inf), np.full(columns, -np.inf)
    good = np.isfinite(y) & (x > -0.5) & (x < columns - 0.5)
    joined = np.flatnonzero(good[1:] & good[:-1])
    lone = np.flatnonzero(good)
    first, last = np.concatenate((joined, lone)), np.concatenate((joined + 1, lone))
    x0, x1, y0, y1 = x[first], x[last], y[first], y[last]
    left, right = np.floor(x0 + 0.5).astype(int), np.floor(x1 + 0.5).astype(int)
    counts = right - left + 1  # columns touched by each piece of the line
    piece = np.repeat(np.arange(len(counts)), counts)
    column = left[piece] + np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    run = np.where(x1 > x0, x1 - x0, 1.0)[piece]
    rise = (y1 - y0)[piece]
    enter = np.maximum(x0[piece], column - 0.5) - x0[piece]
    leave = np.minimum(x1[piece], column + 0.5) - x0[piece]
    upright = (x1 == x0)[piece]
    start = y0[piece] + np.where(upright, 0.0, enter / run) * rise
    end = y0[piece] + np.where(upright, 1.0, leave / run) * rise
    np.minimum.at(low, column, np.minimum(start, end))
    np.maximum.at(high, column, np.maximum(start, end))
    empty = low > high
    low[empty] = high[empty] = np.nan
    return low, high


def dots(low: Floats, high: Floats, rows: int) -> Dots:
    """The dots [R, C] between `low` and `high` [C], row 0 at the top; at least one dot in a column that has a range."""
    bottom, top = np.ceil(low - 1e-9), np.floor(high + 1e-9)
    single = bottom > top  # the line passes between two dots: the nearer one
    middle = np.floor((low + high) / 2 + 0.5)
    bottom, top = np.where(single, middle, bottom), np.where(single, middle, top)
    row = np.arange(rows - 1, -1, -1)[:, None]  # counted from the bottom
    return (row >= bottom) & (row <= top)


def braille(picture: Dots) -> NDArray[np.uint32]:
    """Braille patterns [R / 4, C / 2], without the base 0x2800, of dots [R, C]."""
    rows, columns = picture.shape
    blocks = picture.reshape(rows // 4, 4, columns // 2, 2)
    patterns: NDArray[np.uint32] = np.einsum("aibj,ij->ab", blocks.astype(np.uint32), _BRAILLE_BITS)
    return patterns
