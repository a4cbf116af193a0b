"""Sparkline: a curve in one row, for tables."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from tui.drawing.cells import RGB, Cells
from tui.drawing.theme import Theme


def draw_sparkline(y: ArrayLike, width: int, theme: Theme, colour: RGB | None = None) -> Cells:
    """The values y [N] as bars from the least to the largest, oldest at the left, in at most `width` characters.

    Each bar is the mean of 1, 2, 4, 8 ... values, so that bars stay where they are while values are appended. Values
    that are not finite are left out of the means; a bar of nothing else is a cross.
    """
    cells = Cells(width, 1)
    values = np.asarray(y, np.float64).ravel()
    if not len(values) or width < 1:
        return cells
    size = 1
    while size * width < len(values):
        size *= 2
    values = np.where(np.isfinite(values), values, np.nan)
    starts = np.arange(0, len(values), size)
    counts = np.add.reduceat(~np.isnan(values), starts)
    scale = np.fmax.reduce(np.abs(values), initial=1e-300)  # a sum of shares does not overflow
    with np.errstate(invalid="ignore"):
        means = np.add.reduceat(np.nan_to_num(values / scale), starts) / np.where(counts, counts, np.nan)
    levels = theme.glyphs.levels
    low, high = np.fmin.reduce(means), np.fmax.reduce(means)
    flat = not high > low
    bars = np.full(len(means), len(levels) // 2 - 1.0) if flat else (means - low) / (high - low) * (len(levels) - 1)
    style = theme.style(theme.palette.series[0] if colour is None else colour)
    text = "".join(
        levels[round(bar)] if count else theme.glyphs.cross for bar, count in zip(bars.tolist(), counts, strict=True)
    )
    cells.put(0, 0, text, style)
    return cells
