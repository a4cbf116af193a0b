"""A small grey image, two of its pixels above each other in every character."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import Cells, pack
from tui.drawing.strokes import Floats
from tui.drawing.theme import Theme

_SHADES = 16  # fewer than can be told apart
_ASCII = " .:-=+*#%@"


def draw_image(pixels: Floats, width: int, height: int, theme: Theme) -> Cells:
    """A square image of brightnesses in [0, 1], as large as whole pixels fit, in the middle. [H·W]"""
    cells = Cells(width, height)
    side = math.isqrt(len(pixels))
    if side * side != len(pixels) or not side or width < 1 or height < 1:
        return cells
    with np.errstate(invalid="ignore"):
        image = np.nan_to_num(np.clip(np.asarray(pixels, np.float64), 0.0, 1.0)).reshape(side, side)
    zoom = min(width, 2 * height) / side  # a character is about as wide as half its height
    size = side * math.floor(zoom) if zoom >= 1 else min(width, 2 * height)
    source = np.arange(size) * side // size
    image = image[np.ix_(source, source)]  # [size, size]
    if size % 2:
        image = np.vstack((image, np.zeros((1, size))))
    upper, lower = image[0::2], image[1::2]
    top, left = (height - len(upper)) // 2, (width - size) // 2
    area = slice(top, top + len(upper)), slice(left, left + size)
    if theme.glyphs.lines or not theme.colour:
        marks = np.array([ord(mark) for mark in _ASCII], np.uint32)
        cells.codes[area] = marks[np.round((upper + lower) / 2 * (len(_ASCII) - 1)).astype(int)]
        return cells
    cells.codes[area] = ord(theme.glyphs.upper_half)
    shades = np.round(upper * _SHADES).astype(int) * (_SHADES + 1) + np.round(lower * _SHADES).astype(int)
    styles: NDArray[np.uint64] = cells.styles[area]
    for shade in np.unique(shades).tolist():
        first, second = (round(255 * part / _SHADES) for part in divmod(shade, _SHADES + 1))
        styles[shades == shade] = pack(theme.style((first,) * 3, (second,) * 3))
    return cells
