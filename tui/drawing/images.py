"""Small grey images as cells, two pixels above each other in every character."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import Cells, pack
from tui.drawing.theme import Theme, mix

_GAP = 3  # columns between two images
_LARGEST = 3  # columns of a pixel where several images share the room
_GREYS = 16  # no more can be told apart
_MARKS, _ASCII_MARKS = " ░▒▓█", " .:-=+*#%@"


def draw_image(shades: NDArray[np.floating], width: int, height: int, theme: Theme) -> Cells:
    """An image as large as whole pixels fit, in the middle; pixels are left out of one that is too large.

    Args:
        shades: [H, W], 0 dark to 1 bright; what is not finite is dark.
        width: columns.
        height: rows; a row is about as high as two columns are wide.
        theme: glyphs and colours.
    """
    cells = Cells(width, height)
    rows, columns = shades.shape
    if not (rows and columns and width > 0 and height > 0):
        return cells
    zoom = min(width / columns, 2 * height / rows)
    zoom = math.floor(zoom) if zoom >= 1 else zoom
    tall, wide = max(1, round(rows * zoom)), max(1, round(columns * zoom))
    known = np.nan_to_num(np.asarray(shades, np.float64), posinf=0.0, neginf=0.0).clip(0.0, 1.0)
    image = np.zeros((tall + tall % 2, wide))
    image[:tall] = known[np.ix_(np.arange(tall) * rows // tall, np.arange(wide) * columns // wide)]
    upper, lower = image[0::2], image[1::2]
    top, left = (height - len(upper)) // 2, (width - wide) // 2
    area = slice(top, top + len(upper)), slice(left, left + wide)
    if theme.glyphs.lines or not theme.colour:
        marks = np.array([ord(mark) for mark in (_ASCII_MARKS if theme.glyphs.lines else _MARKS)], np.uint32)
        cells.codes[area] = marks[np.round((upper + lower) / 2 * (len(marks) - 1)).astype(int)]
        return cells
    cells.codes[area] = ord(theme.glyphs.upper_half)
    greys = [mix(theme.palette.background, theme.palette.text, grey / _GREYS) for grey in range(_GREYS + 1)]
    pairs = np.round(upper * _GREYS).astype(int) * len(greys) + np.round(lower * _GREYS).astype(int)
    styles: NDArray[np.uint64] = cells.styles[area]
    for pair in np.unique(pairs).tolist():
        first, second = divmod(pair, len(greys))
        styles[pairs == pair] = pack(theme.style(greys[first], greys[second]))
    return cells


def draw_images(shades: NDArray[np.floating], captions: Sequence[str], width: int, height: int, theme: Theme) -> Cells:
    """As many images as fit, side by side in rows, in the middle, each over its caption.

    Args:
        shades: [M, H, W], 0 dark to 1 bright; what is not finite is dark.
        captions: one line each. [M]
        width: columns.
        height: rows.
        theme: glyphs and colours.
    """
    cells = Cells(width, height)
    count, rows, columns = shades.shape
    if not count or rows < 2 or not columns:
        return cells
    scale = max(1, min(height // (rows // 2 + 2), width // (2 * columns), _LARGEST))
    tall, wide = -(-rows * scale // 2), columns * scale
    across, down = (width + _GAP) // (wide + _GAP), (height + 1) // (tall + 2)
    if not (across and down):
        return cells
    down = min(down, -(-count // across))
    left, top = (width + _GAP - across * (wide + _GAP)) // 2, (height + 1 - down * (tall + 2)) // 2
    for number in range(min(count, across * down)):
        row, col = top + number // across * (tall + 2), left + number % across * (wide + _GAP)
        cells.blit(draw_image(shades[number], wide, tall, theme), row, col)
        caption = captions[number][:wide]
        cells.put(row + tall, col + (wide - len(caption)) // 2, caption, theme.style(theme.palette.muted))
    return cells
