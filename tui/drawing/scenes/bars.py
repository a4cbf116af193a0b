"""Bars with a name and a number: an observation that nobody has drawn a picture for, and what a network thinks."""

from __future__ import annotations

import math

from tui.drawing.cells import RGB, Cells, encode, safe_text
from tui.drawing.numbers import format_value
from tui.drawing.theme import Theme, mix

_NUMBER = 7  # columns of a number
_LEAST = 14  # columns of a bar with its name and its number


def track_colour(theme: Theme) -> RGB | None:
    """The colour behind bars, from one end to the other; None where it is drawn with characters."""
    if not theme.colour or theme.glyphs.lines:
        return None
    return mix(theme.palette.background, theme.palette.faint, 0.4)


def put_bar(cells: Cells, row: int, left: int, width: int, start: float, end: float, colour: RGB, theme: Theme) -> None:
    """A bar between two shares of `width` columns, on a faint track; a share that is no number draws the track only."""
    track = track_colour(theme)
    if track is not None:
        cells.fill(row, left, width, 1, theme.style(bg=track))  # blanks: a third of the bytes of a line
    else:
        line = "." if theme.glyphs.lines else theme.glyphs.light.horizontal
        cells.put(row, left, line * max(0, width), theme.style(theme.palette.faint))
    if width < 1 or math.isnan(start) or math.isnan(end):
        return
    low, high = sorted(round(max(0.0, min(1.0, share)) * width) for share in (start, end))
    cells.put(row, left + low, theme.glyphs.ring.horizontal * (high - low), theme.style(colour, track, bold=True))


def number_text(value: float, theme: Theme, *, signed: bool = False) -> str:
    """A number in the columns that one has, to the right."""
    return format_value(value, _NUMBER, signed=signed, infinity=theme.glyphs.infinity).rjust(_NUMBER)


def label_width(labels: list[str], width: int) -> int:
    """Columns for the longest of the labels, at most two fifths of the width."""
    return min(max((len(encode(label)) for label in labels), default=0), 2 * width // 5)


def draw_observation(values: list[float], width: int, height: int, theme: Theme) -> Cells:
    """The numbers of an observation as bars to both sides of zero, in several columns where they are many."""
    cells = Cells(width, height)
    if not values:
        cells.put(height // 2, max(0, (width - 14) // 2), "nothing to see", theme.style(theme.palette.muted))
    if not values or width < 1 or height < 1:
        return cells
    columns = max(1, min(-(-len(values) // height), width // _LEAST))
    rows = min(height, -(-len(values) // columns))
    gap = 2 if columns == 1 and 2 * rows <= height else 1
    share = width // columns
    for number, value in enumerate(values[: columns * rows]):
        column, row = divmod(number, rows)
        _draw_value(cells, row * gap, column * share, share - (column < columns - 1), f"o{number}", value, theme)
    if (more := len(values) - columns * rows) > 0:
        text = safe_text(f"and {more + 1} more", share, theme.glyphs.ellipsis).ljust(share)
        cells.put(height - 1, (columns - 1) * share, text, theme.style(theme.palette.muted))
    return cells


def _draw_value(cells: Cells, row: int, left: int, width: int, name: str, value: float, theme: Theme) -> None:
    """One number; its bar grows fast near zero and slowly far from it, so that any size can be seen to move."""
    palette = theme.palette
    names = 4 if width >= 12 else 0
    cells.put(row, left, safe_text(name, names, theme.glyphs.ellipsis), theme.style(palette.muted))
    text = number_text(value, theme)[: max(0, width - names)]
    room = width - names - _NUMBER - 1
    share = math.tanh(value) if math.isfinite(value) else math.copysign(1.0, value) if math.isinf(value) else value
    colour = palette.series[1] if value < 0 else palette.series[0]
    put_bar(cells, row, left + names, room, 0.5, 0.5 + share / 2, colour, theme)
    warned = palette.text if math.isfinite(value) else palette.warning
    cells.put(row, left + width - len(text), text, theme.style(warned))
