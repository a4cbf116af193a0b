"""Small grey images as cells, two pixels a cell where there is colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import Cells
from tui.drawing.theme import Theme

_GAP = 3  # columns between two images
_SHADES, _ASCII_SHADES = " ░▒▓█", " .:-=+*#%@"


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
    scale = max(1, min(height // (rows // 2 + 2), width // (2 * columns), 3)) if rows > 1 and columns else 1
    tall, wide = -(-rows * scale // 2), columns * scale
    across, down = (width + _GAP) // (wide + _GAP), (height + 1) // (tall + 2)
    if not (across and down and count):
        return cells
    down = min(down, -(-count // across))
    left, top = (width + _GAP - across * (wide + _GAP)) // 2, (height + 1 - down * (tall + 2)) // 2
    even = np.zeros((rows * scale + rows * scale % 2, wide))
    for number in range(min(count, across * down)):
        row, col = top + number // across * (tall + 2), left + number % across * (wide + _GAP)
        even[: rows * scale] = (
            np.nan_to_num(shades[number], posinf=0, neginf=0).clip(0, 1).repeat(scale, 0).repeat(scale, 1)
        )
        _draw(cells, row, col, even, theme)
        caption = captions[number][:wide]
        cells.put(row + tall, col + (wide - len(caption)) // 2, caption, theme.style(theme.palette.muted))
    return cells


def _draw(cells: Cells, row: int, col: int, shades: NDArray[np.floating], theme: Theme) -> None:
    """One image whose number of rows is even."""
    upper, lower = shades[0::2], shades[1::2]
    ascii_only = bool(theme.glyphs.lines)
    if theme.colour and not ascii_only:
        for (y, x), high in np.ndenumerate(upper):
            style = theme.style(theme.sequential(float(high)), theme.sequential(float(lower[y, x])))
            cells.put(row + y, col + x, theme.glyphs.upper_half, style)
        return
    table = _ASCII_SHADES if ascii_only else _SHADES
    for (y, x), shade in np.ndenumerate((upper + lower) / 2):
        cells.put(row + y, col + x, table[round(float(shade) * (len(table) - 1))], theme.style(theme.palette.text))
