"""The frame of a pane: a box with a title, or a title alone where there is little room."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped, length, written


def draw_framed(
    draw: Callable[[int, int], Cells],
    titles: Sequence[str],
    width: int,
    height: int,
    theme: Theme,
    *,
    boxed: bool,
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
    edge = int(boxed)
    cells.put(0, 0, box.horizontal * width, line)
    if boxed:
        for col in (0, width - 1):
            cells.fill(1, col, 1, height - 2, line, box.vertical)
        cells.put(0, 0, box.top[0], line)
        cells.put(0, width - 1, box.top[2], line)
        cells.put(height - 1, 0, box.bottom[0] + box.horizontal * (width - 2) + box.bottom[2], line)
    title = next((title for title in titles if length(written(title, theme)) <= width - 6), titles[-1])
    shown = clipped(title, width - 6, theme)
    style = theme.style(theme.palette.accent if focused else theme.palette.text, bold=True)
    if shown:
        cells.put(0, 1 + edge, " " * (length(shown) + 2), style)
        cells.put(0, 2 + edge, shown, style)
    inside = draw(max(0, width - 2 * edge), max(0, height - 1 - edge))
    cells.blit(inside, 1, edge)
    return cells


def inside(row: int, col: int, *, boxed: bool) -> tuple[int, int]:
    """A row and column of a framed pane as those of what is drawn inside."""
    return row - 1, col - int(boxed)


def room(width: int, height: int, *, boxed: bool) -> tuple[int, int]:
    """Columns and rows that a frame leaves."""
    return max(0, width - 2 * int(boxed)), max(0, height - 1 - int(boxed))
