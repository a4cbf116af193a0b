"""The frame of a pane: a box with a title, or a title alone where there is little room.

Boxes that stand on each other share a line, the upper one of the box below.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped, length, written


class Border(NamedTuple):
    """Which lines there are around a pane, beside the one with its title."""

    sides: bool
    bottom: bool
    joints: frozenset[int] = frozenset()  # columns where a line from above meets the one with the title

    @property
    def edge(self) -> int:
        """Columns that it takes on each side."""
        return int(self.sides)

    @property
    def rows(self) -> int:
        """Rows that it takes."""
        return 1 + int(self.bottom)


BOX, RULE = Border(sides=True, bottom=True), Border(sides=False, bottom=False)


def draw_framed(
    draw: Callable[[int, int], Cells],
    titles: Sequence[str],
    width: int,
    height: int,
    theme: Theme,
    border: Border,
    *,
    focused: bool,
) -> Cells:
    """What `draw` draws in the room left, with a frame: heavy and coloured where it has the focus.

    The title is the first of `titles` that fits.
    """
    cells = Cells(width, height)
    if width < 1 or height < 1:
        return cells
    box = theme.glyphs.ring if focused else theme.glyphs.light
    colour = theme.palette.accent if focused else theme.palette.faint
    line = theme.style(colour, bold=focused)
    edge = border.edge
    cells.put(0, 0, box.horizontal * width, line)
    for col in border.joints:
        cells.put(0, col, box.bottom[1], line)
    if border.sides:
        for col, side in ((0, 0), (width - 1, 2)):
            cells.put(0, col, (box.middle if col in border.joints else box.top)[side], line)
            cells.fill(1, col, 1, height - 1, line, box.vertical)
    if border.bottom:
        cells.put(height - 1, 0, box.bottom[0] + box.horizontal * (width - 2) + box.bottom[2], line)
    title = next((title for title in titles if length(written(title, theme)) <= width - 6), titles[-1])
    shown = clipped(title, width - 6, theme)
    style = theme.style(theme.palette.accent if focused else theme.palette.text, bold=True)
    if shown:
        cells.put(0, 1 + edge, " " * (length(shown) + 2), style)
        cells.put(0, 2 + edge, shown, style)
    inside = draw(*room(width, height, border))
    cells.blit(inside, 1, edge)
    return cells


def inside(row: int, col: int, border: Border) -> tuple[int, int]:
    """A row and column of a framed pane as those of what is drawn inside."""
    return row - 1, col - border.edge


def room(width: int, height: int, border: Border) -> tuple[int, int]:
    """Columns and rows that a frame leaves."""
    return max(0, width - 2 * border.edge), max(0, height - border.rows)
