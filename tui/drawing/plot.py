"""Plot: the area of a chart inside its axes; lines in braille or ASCII, bands behind them, marks for what is no number.

Shapes: H rows and W columns of characters, each of 4 x 2 dots (1 x 1 in ASCII); n points of a curve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tui.drawing.axes import Axes, Floats
from tui.drawing.cells import RGB, Cells, pack
from tui.drawing.strokes import BRAILLE, braille, dots, trace
from tui.drawing.theme import Theme, mix

_TINT = 0.28  # share of the line's colour in its band
# By number of the series: columns of dots drawn and left out, so that lines differ without colour too.
_DASHES = ((1,), (1, 1, 1, 1, 0, 0), (1, 0), (1, 1, 1, 1, 1, 0, 1, 0), (1, 1, 0), (1, 1, 0, 0, 0, 0))
_NO_BAND = -1
_FAR = 1e6  # heights of the plot: as far beyond it as a line is followed


Kind = TypeVar("Kind")


def _of_kind(kinds: Sequence[Kind], number: int) -> Kind:
    """The kind of line of a series: when the colours begin again, another one than the first time."""
    return kinds[(number + number // len(kinds)) % len(kinds)]


def _dashes(number: int) -> tuple[int, ...]:
    return _of_kind(_DASHES, number)


@dataclass(frozen=True, eq=False)
class Curve:
    """A series in units of the axes, reduced to a few points per column: x, y, lower and upper [n]."""

    x: Floats
    y: Floats
    lower: tuple[Floats, Floats] | None = None  # its own x, and y
    upper: tuple[Floats, Floats] | None = None
    points: bool = False  # without a line through them


@dataclass(frozen=True)
class Plot:
    """Where the plot lies on the cells, and its axes."""

    cells: Cells
    theme: Theme
    axes: Axes
    top: int
    left: int
    width: int
    height: int

    @property
    def dot_rows(self) -> int:
        """Rows of dots, R."""
        return self.height if self.theme.glyphs.lines else 4 * self.height

    @property
    def dot_columns(self) -> int:
        """Columns of dots, C."""
        return dot_columns(self.width, self.theme)

    def trace(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """The rows of dots, counted from the bottom, that the line touches in each column of dots [C], [C]."""
        up = np.where(np.isfinite(y), np.clip(self.axes.y.share(y), -_FAR, _FAR), np.nan)
        return trace(self.axes.x.share(x) * (self.dot_columns - 1), up * (self.dot_rows - 1), self.dot_columns)

    def row(self, share: float) -> int:
        """The row of the cells at this share of the y axis."""
        dot = round(share * (self.dot_rows - 1))
        return self.top + self.height - 1 - dot * self.height // self.dot_rows

    def column(self, share: float) -> int:
        """The column of the cells at this share of the x axis."""
        return self.left + round(share * (self.dot_columns - 1)) * self.width // self.dot_columns


def dot_columns(width: int, theme: Theme) -> int:
    """Columns of dots in `width` characters."""
    return width if theme.glyphs.lines else 2 * width


def draw_curves(plot: Plot, curves: list[Curve]) -> None:
    """All bands, then all lines, the first series on top, then the points and the marks."""
    area = slice(plot.top, plot.top + plot.height), slice(plot.left, plot.left + plot.width)
    codes, styles = plot.cells.codes[area], plot.cells.styles[area]
    bands = np.full(codes.shape, _NO_BAND)  # [H, W], the series whose band colours the cell
    order = range(len(curves) - 1, -1, -1)
    for number in order:
        _draw_band(plot, curves[number], number, codes, styles, bands)
    patterns = np.zeros(codes.shape, np.uint32)
    for number in order:
        if not curves[number].points:
            _draw_line(plot, curves[number], number, codes, styles, bands, patterns)
    for number in order:
        if curves[number].points or np.isfinite(curves[number].y).sum() == 1:  # a lone one is easily overlooked
            _draw_points(plot, curves[number], number)
    for number in order:
        _draw_marks(plot, curves[number], number)


def _tint(theme: Theme, number: int) -> RGB:
    return mix(theme.palette.background, theme.series(number), _TINT)


def _draw_band(
    plot: Plot,
    curve: Curve,
    number: int,
    codes: NDArray[np.uint32],
    styles: NDArray[np.uint64],
    bands: NDArray[np.int_],
) -> None:
    """Fill between lower and upper: whole cells by their background, the edges by eighths of a cell."""
    if curve.lower is None or curve.upper is None:
        return
    glyphs, colour = plot.theme.glyphs, _tint(plot.theme, number)
    eighths = 8 * plot.height / plot.dot_rows
    shape = plot.width, plot.dot_columns // plot.width
    with np.errstate(invalid="ignore"):
        # Without a bound in one of a cell's two columns of dots the other column decides.
        low = np.fmax.reduce(plot.trace(*curve.lower)[0].reshape(shape), axis=1)  # [W]
        high = np.fmin.reduce(plot.trace(*curve.upper)[1].reshape(shape), axis=1)
        floor = 8 * np.arange(plot.height - 1, -1, -1)[:, None]  # of each row, in eighths [H, 1]
        start = np.clip((low + 0.5) * eighths - floor, 0, 8)  # [H, W]
        stop = np.clip((high + 0.5) * eighths - floor, 0, 8)
        amount = np.nan_to_num(np.round(stop - start))
    bare = codes != ord(glyphs.reference)
    if not plot.theme.colour:
        codes[(amount >= 4) & bare] = ord(glyphs.band)
        return
    full = amount >= (4 if glyphs.lines else 7)
    bands[full] = number
    codes[full & bare] = ord(" ")
    styles[full] = pack(plot.theme.style(plot.theme.palette.muted, colour))
    if not glyphs.lines:
        from_below = (amount > 0) & ~full & (start <= 0)
        codes[from_below] = np.array([ord(level) for level in glyphs.levels], np.uint32)[
            amount[from_below].astype(int) - 1
        ]
        from_above = (amount >= 3) & ~full & (start > 0) & (stop >= 8)
        codes[from_above] = ord(glyphs.upper_half)
        styles[from_below | from_above] = pack(plot.theme.style(colour))


def _draw_line(
    plot: Plot,
    curve: Curve,
    number: int,
    codes: NDArray[np.uint32],
    styles: NDArray[np.uint64],
    bands: NDArray[np.int_],
    patterns: NDArray[np.uint32],
) -> None:
    """The line over what is there; dots of several lines share a cell, in the colour of the last one."""
    theme, lines = plot.theme, plot.theme.glyphs.lines
    picture = dots(*plot.trace(curve.x, curve.y), plot.dot_rows)
    if lines:
        touched = picture
        codes[touched] = ord(_of_kind(lines, number))
    else:
        touched = braille(picture) > 0
        drawn = np.resize(np.array(_dashes(number), bool), plot.dot_columns)
        patterns |= braille(picture & drawn)
        touched &= patterns > 0
        codes[touched] = BRAILLE + patterns[touched]
    for band in np.unique(bands[touched]):
        bg = None if band == _NO_BAND else _tint(theme, int(band))
        styles[touched & (bands == band)] = pack(theme.style(theme.series(number), bg))


def _draw_points(plot: Plot, curve: Curve, number: int) -> None:
    """Each point by itself."""
    style = plot.theme.style(plot.theme.series(number), bold=True)
    x, y = plot.axes.x.share(curve.x), plot.axes.y.share(curve.y)
    with np.errstate(invalid="ignore"):
        inside = (x >= 0) & (x <= 1) & (y >= 0) & (y <= 1)
    for right, up in zip(x[inside].tolist(), y[inside].tolist(), strict=True):
        plot.cells.put(plot.row(up), plot.column(right), plot.theme.glyphs.point, style)


def _draw_marks(plot: Plot, curve: Curve, number: int) -> None:
    """A cross at the bottom where a value is not a number, an arrow at the edge beyond which it lies."""
    theme, bottom = plot.theme, plot.top + plot.height - 1
    glyphs = theme.glyphs
    x, y, axis = curve.x, curve.y, plot.axes.y
    own, warning = theme.series(number), theme.palette.warning
    marks = (
        (y > axis.high, plot.top, glyphs.above, own),
        (y < axis.low, bottom, glyphs.below, own),
        (y == np.inf, plot.top, glyphs.above, warning),
        (y == -np.inf, bottom, glyphs.below, warning),
        (np.isnan(y), bottom, glyphs.cross, warning),
    )
    for where, row, glyph, colour in marks:
        for share in np.unique(plot.axes.x.share(x[where])).tolist():
            if 0 <= share <= 1:
                plot.cells.put(row, plot.column(share), glyph, theme.style(colour, bold=True))


def line_sample(number: int, width: int, theme: Theme) -> str:
    """A piece of the line of a series, for a legend."""
    if theme.glyphs.lines:
        return _of_kind(theme.glyphs.lines, number) * width
    picture = np.zeros((4, 2 * width), bool)
    picture[1] = np.resize(np.array(_dashes(number), bool), 2 * width)
    return "".join(chr(BRAILLE + int(pattern)) if pattern else " " for pattern in braille(picture)[0])
