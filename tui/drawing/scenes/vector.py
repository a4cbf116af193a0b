"""Vector pictures: lines, polygons, circles and ground in world coordinates, drawn with the dots of braille.

A picture keeps the world's proportions. A dot belongs to its place, so the same shapes give the same cells, and a shape
that moves a little changes the few cells along its edge. In ASCII each cell is the character that looks most like its
dots. Shapes: H rows and W columns of characters, 4 H rows (R) and 2 W columns (C) of dots, P points of a shape.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui.drawing.cells import RGB, SPACE, Cells, pack
from tui.drawing.strokes import BRAILLE, Dots, Floats, braille
from tui.drawing.theme import Theme

Point = tuple[float, float]
Span = tuple[float, float]

_FAR = 4000.0  # dots beyond the picture that a shape is followed to
_EDGE = 0.25  # of a dot: how far its middle may lie outside of a polygon
_NOTHING = -1

# Characters and the dots that they look like, rows from top to bottom.
_LOOKS = {
    "#": ("##", "##", "##", "##"),
    "|": ("# ", "# ", "# ", "# "),
    "-": ("  ", "##", "  ", "  "),
    "_": ("  ", "  ", "  ", "##"),
    '"': ("##", "  ", "  ", "  "),
    "/": (" #", " #", "# ", "# "),
    "\\": ("# ", "# ", " #", " #"),
    ".": ("  ", "  ", "  ", "# "),
    "'": ("# ", "  ", "  ", "  "),
    "=": ("##", "  ", "##", "  "),
    "m": ("  ", "##", "##", "##"),
    "o": ("  ", "  ", "##", "##"),
    "*": ("##", "##", "  ", "  "),
}


class Picture:
    """A picture of width x height characters of the world between `across` and `up`, as large as it fits.

    The world is in the middle, or stands at the bottom where it has a ground: what is left above is sky.
    """

    def __init__(self, width: int, height: int, theme: Theme, across: Span, up: Span, *, stands: bool) -> None:
        self.cells = Cells(width, height)
        self.theme = theme
        rows, columns = 4 * self.cells.height, 2 * self.cells.width
        self._dots: Dots = np.zeros((rows, columns), np.bool_)
        self._colours: list[RGB] = []  # used so far
        self._drawn = np.zeros(self.cells.codes.shape, np.int64)  # number of the colour of the dots [H, W]
        self._behind = np.full(self.cells.codes.shape, _NOTHING)  # number of the colour behind them [H, W]
        self._texts: list[tuple[int, int, str, RGB]] = []
        self.scale = max(1e-9, min(columns / (across[1] - across[0]), rows / (up[1] - up[0])))  # dots per unit
        self._left = across[0] - (columns / self.scale - (across[1] - across[0])) / 2
        self._bottom = up[0] - (0.0 if stands else (rows / self.scale - (up[1] - up[0])) / 2)

    def copy(self) -> Picture:
        """The same picture, to be drawn on without changing this one."""
        other = copy.copy(self)
        other.cells = Cells(self.cells.width, self.cells.height)
        other.cells.blit(self.cells, 0, 0)
        other._dots, other._drawn, other._behind = self._dots.copy(), self._drawn.copy(), self._behind.copy()
        other._colours, other._texts = [*self._colours], [*self._texts]
        return other

    def place(self, point: Point) -> Point:
        """A point of the world as column and row of dots, the row counted from the top."""
        x = (point[0] - self._left) * self.scale - 0.5
        y = len(self._dots) - 1 - ((point[1] - self._bottom) * self.scale - 0.5)
        return max(-_FAR, min(_FAR, x)), max(-_FAR, min(_FAR, y))

    @property
    def top(self) -> float:
        """The height of the upper edge, in the world."""
        return self._bottom + len(self._dots) / self.scale

    def line(self, points: Sequence[Point], colour: RGB, *, thick: float = 0.0, gap: int = 0) -> None:
        """A line through points; `thick` in units of the world, `gap` dots left out after each that is drawn."""
        for start, end in pairwise(points):
            if thick * self.scale > 1.5:
                self.polygon(_beam(start, end, thick), colour)
            (x0, y0), (x1, y1) = self.place(start), self.place(end)
            steps = math.ceil(max(abs(x1 - x0), abs(y1 - y0)))
            step = np.arange(0, steps + 1, gap + 1) / max(1, steps)
            self._mark(np.rint(y0 + step * (y1 - y0)), np.rint(x0 + step * (x1 - x0)), colour)

    def points(self, points: Sequence[Point], colour: RGB) -> None:
        """Points of one dot each."""
        places = np.rint([self.place(point) for point in points]).reshape(-1, 2)
        self._mark(places[:, 1], places[:, 0], colour)

    def polygon(self, points: Sequence[Point], colour: RGB) -> None:
        """A filled convex polygon."""
        corners = [self.place(point) for point in points]
        edges = list(zip(corners, [*corners[1:], *corners[:1]], strict=True))
        turn = math.copysign(1.0, sum(ax * by - bx * ay for (ax, ay), (bx, by) in edges))
        # A dot is inside where a x + b y >= c for every edge. [E, 1, 1] each
        a = np.array([turn * (ay - by) for (_, ay), (_, by) in edges])[:, None, None]
        b = np.array([turn * (bx - ax) for (ax, _), (bx, _) in edges])[:, None, None]
        near = [_EDGE * math.hypot(bx - ax, by - ay) for (ax, ay), (bx, by) in edges]
        c = a * [[[x]] for x, _ in corners] + b * [[[y]] for _, y in corners] - np.array(near)[:, None, None]
        xs, ys = zip(*corners, strict=True)
        box = (min(xs), min(ys)), (max(xs), max(ys))
        self._fill(*box, lambda x, y: (a * x + b * y >= c).all(axis=0), colour)

    def circle(self, middle: Point, radius: float, colour: RGB) -> None:
        """A filled circle, of one dot at least."""
        x, y = self.place(middle)
        dots = max(0.7, radius * self.scale)
        box = (x - dots, y - dots), (x + dots, y + dots)
        self._fill(*box, lambda xs, ys: (xs - x) ** 2 + (ys - y) ** 2 <= dots**2, colour)

    def ring(self, middle: Point, radius: float, start: float, end: float, colour: RGB) -> None:
        """A part of a circle between two angles, counted in radians from the right against the clock."""
        count = max(2, math.ceil(abs(end - start) * radius * self.scale / 2))
        angles = np.linspace(start, end, min(count, 2000)).tolist()
        points = [(middle[0] + radius * math.cos(angle), middle[1] + radius * math.sin(angle)) for angle in angles]
        self.line(points, colour)

    def ground(self, height: Callable[[Floats], Floats], colour: RGB) -> None:
        """All that lies below height(x), in eighths of a cell, behind what is drawn with dots."""
        cells, glyphs = self.cells, self.theme.glyphs
        if not cells.codes.size:
            return
        middles = self._left + (2 * np.arange(cells.width) + 1) / self.scale
        eighths = (np.clip(height(middles), -1e9, 1e9) - self._bottom) * self.scale * 2  # above the bottom [W]
        floor = 8 * np.arange(cells.height - 1, -1, -1)[:, None]  # of each row, in eighths [H, 1]
        amount = np.clip(np.round(eighths - floor), 0, 8).astype(int)  # [H, W]
        levels = np.array([ord(" "), *map(ord, glyphs.levels)], np.uint32)
        if glyphs.lines:
            levels = np.array([ord(character) for character in " __.--^^:"], np.uint32)
        cells.codes[:] = levels[amount]
        cells.styles[amount > 0] = pack(self.theme.style(colour))
        if not glyphs.lines:
            self._behind[amount >= 4] = self._number(colour)
            if self.theme.colour:  # below its surface blanks look the same, and are sent as one
                inside = amount[:-1] > 0
                cells.codes[1:][inside] = SPACE
                cells.styles[1:][inside] = pack(self.theme.style(bg=colour))

    def text(self, point: Point, text: str, colour: RGB) -> None:
        """A short text with its middle at a point, over everything drawn before."""
        column, row = self.place(point)
        row, column = round(row) // 4, round(column) // 2 - len(text) // 2
        self._texts.append((row, column, text, colour))

    def finish(self) -> Cells:
        """The cells of everything drawn."""
        cells, glyphs = self.cells, self.theme.glyphs
        if cells.codes.size:
            patterns = braille(self._dots)
            drawn = patterns > 0
            codes = _ASCII_LOOKS[patterns] if glyphs.lines else BRAILLE + patterns
            cells.codes[drawn] = codes[drawn]
            for fg, bg in set(zip(self._drawn[drawn].tolist(), self._behind[drawn].tolist(), strict=True)):
                behind = None if bg == _NOTHING else self._colours[bg]
                style = self.theme.style(self._colours[fg], behind)
                cells.styles[drawn & (self._drawn == fg) & (self._behind == bg)] = pack(style)
        for row, column, text, colour in self._texts:
            cells.put(row, column, text, self.theme.style(colour, bold=True))
        return cells

    def _number(self, colour: RGB) -> int:
        if colour not in self._colours:
            self._colours.append(colour)
        return self._colours.index(colour)

    def _fill(self, low: Point, high: Point, inside: Callable[[Floats, Floats], Dots], colour: RGB) -> None:
        rows, columns = self._dots.shape
        left, right = max(0, math.floor(low[0])), min(columns, math.ceil(high[0]) + 1)
        top, bottom = max(0, math.floor(low[1])), min(rows, math.ceil(high[1]) + 1)
        if left >= right or top >= bottom:
            return
        x, y = np.arange(left, right, dtype=np.float64)[None, :], np.arange(top, bottom, dtype=np.float64)[:, None]
        filled = inside(x, y)
        self._dots[top:bottom, left:right] |= filled
        row, column = np.nonzero(filled)
        self._drawn[(row + top) // 4, (column + left) // 2] = self._number(colour)

    def _mark(self, row: ArrayLike, column: ArrayLike, colour: RGB) -> None:
        rows, columns = np.asarray(row, np.int64), np.asarray(column, np.int64)
        height, width = self._dots.shape
        good = (rows >= 0) & (rows < height) & (columns >= 0) & (columns < width)
        if not good.all():
            rows, columns = rows[good], columns[good]
        self._dots[rows, columns] = True
        self._drawn[rows // 4, columns // 2] = self._number(colour)


def _beam(start: Point, end: Point, thick: float) -> list[Point]:
    """The corners of a line that has a width."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y) or 1.0
    across, up = -y / length * thick / 2, x / length * thick / 2
    return [
        (start[0] + across, start[1] + up),
        (end[0] + across, end[1] + up),
        (end[0] - across, end[1] - up),
        (start[0] - across, start[1] - up),
    ]


def _looks() -> NDArray[np.uint32]:
    """The character that differs least from every braille pattern. [256]"""
    pictures = np.array([[[dot == "#" for dot in row] for row in look] for look in _LOOKS.values()])
    patterns = np.concatenate([braille(picture) for picture in pictures]).ravel()
    mirrored = np.concatenate([braille(picture[:, ::-1]) for picture in pictures]).ravel()
    marks = np.array([ord(character) for character in _LOOKS], np.uint32)
    marks_mirrored = np.where(np.isin(marks, [ord("/"), ord("\\")]), ord("/") + ord("\\") - marks, marks)
    patterns, marks = np.concatenate((patterns, mirrored)), np.concatenate((marks, marks_mirrored))
    apart = np.bitwise_count(np.arange(256, dtype=np.uint32)[:, None] ^ patterns[None, :])  # [256, looks]
    looks: NDArray[np.uint32] = marks[apart.argmin(axis=1)].astype(np.uint32)
    return looks


_ASCII_LOOKS = _looks()
