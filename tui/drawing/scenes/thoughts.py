"""What the network thinks of a moment: its Q-values or probabilities as bars, the action it chose, and the value."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from algorithms.contract import Thoughts
from tui.drawing.cells import Cells, encode, safe_text
from tui.drawing.numbers import nice_ceil, nice_step
from tui.drawing.scenes.bars import label_width, number_text, put_bar, track_colour
from tui.drawing.strokes import Floats
from tui.drawing.theme import Theme

_TITLES = {"q": "Q(s,a)", "probability": "probability", "mean": "mean and spread"}
_VALUES = {"q": "best Q", "probability": "V(s)", "mean": "V(s)"}
_LARGEST = 1e300
_LEAST_COLUMN = 16  # columns of characters for one of several columns of actions


def draw_thoughts(
    thoughts: Thoughts | None,
    labels: Sequence[str],
    chosen: int | Sequence[float] | None,
    width: int,
    height: int,
    theme: Theme,
    *,
    worth: str = "",
) -> Cells:
    """The thoughts of one moment, `actions` [A]; `chosen` is the action's number, or its numbers if continuous.

    `worth` is what the value is called, if not by the kind of thoughts.
    """
    cells = Cells(width, height)
    if thoughts is None:
        text = safe_text("nothing thought yet", width, theme.glyphs.ellipsis)
        cells.put(height // 2, max(0, (width - len(text)) // 2), text, theme.style(theme.palette.muted))
        return cells
    numbers = np.asarray(thoughts.actions, np.float64).ravel()
    names = [
        safe_text(labels[n] if n < len(labels) else str(n), 24, theme.glyphs.ellipsis) for n in range(len(numbers))
    ]
    most = max(1, width // _LEAST_COLUMN)
    top = int(height > -(-len(numbers) // most))
    if top:
        _draw_title(cells, thoughts, worth or _VALUES[thoughts.kind], theme)
    columns = min(-(-len(numbers) // max(1, height - top)), most) or 1
    rows = -(-len(numbers) // columns)
    gap = 2 if height - top >= 2 * rows else 1
    top += height - top >= gap * rows + 3 - gap
    ends = _range_of(thoughts.kind, numbers)
    best = int(np.argmax(np.nan_to_num(numbers, nan=-np.inf))) if len(numbers) else -1
    share = width // columns
    for number in range(len(numbers)):
        part = Cells(share - (columns > 1), 1)
        _draw_one(part, thoughts, number, chosen, best, ends, names, theme)
        cells.blit(part, top + gap * (number % rows), number // rows * share)
    if thoughts.kind == "q" and columns == 1 and top + gap * rows < height:
        _draw_scale(cells, top + gap * rows, *ends, names, theme)
    return cells


def _draw_one(
    cells: Cells,
    thoughts: Thoughts,
    number: int,
    chosen: int | Sequence[float] | None,
    best: int,
    ends: tuple[float, float],
    names: list[str],
    theme: Theme,
) -> None:
    """One action, in one row."""
    value = _entry(thoughts.actions, number)
    if thoughts.kind == "mean":
        spread = 0.0 if thoughts.spread is None else _entry(thoughts.spread, number)
        taken = chosen[number] if isinstance(chosen, Sequence) and number < len(chosen) else math.nan
        _draw_mean(cells, 0, names[number], (value, spread, taken), names, theme)
    else:
        text = f"{value:.3f}" if thoughts.kind == "probability" and 0 <= value <= 1 else number_text(value, theme)
        _draw_action(cells, 0, (names[number], value, text), ends, (number == chosen, number == best), names, theme)


def _entry(values: ArrayLike, number: int) -> float:
    """One of some numbers, or NaN beyond them."""
    listed = np.asarray(values, np.float64).ravel()
    return float(listed[number]) if number < len(listed) else math.nan


def _range_of(kind: str, numbers: Floats) -> tuple[float, float]:
    """Between which values the bars lie: probabilities from 0 to 1, Q-values between round numbers around them."""
    finite = np.clip(numbers[np.isfinite(numbers)], -_LARGEST, _LARGEST)
    if kind == "probability" or not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    span = nice_ceil(max(1.5 * (high - low), max(abs(low), abs(high)) / 20, 1e-6))
    step = nice_step(span / 4)
    low = math.floor(low / step - 0.25) * step
    return low, max(low + span, math.ceil(high / step) * step)


def _draw_title(cells: Cells, thoughts: Thoughts, worth: str, theme: Theme) -> None:
    """What the bars are, and what the moment is worth."""
    palette = theme.palette
    value = f"{worth} {number_text(_entry(thoughts.value, 0), theme).strip()}"
    room = cells.width - len(encode(value))
    title = _TITLES[thoughts.kind]
    if len(title) < room:
        cells.put(0, 0, title, theme.style(palette.muted))
    cells.put(0, max(0, room), value, theme.style(palette.text, bold=True))


def _columns(cells: Cells, names: list[str]) -> tuple[int, int, int]:
    """Columns of the names, of the bars, and where the bars begin."""
    named = label_width(names, cells.width)
    left = named + (3 if named else 2)
    return named, max(0, cells.width - left - 8), left


def _draw_action(
    cells: Cells,
    row: int,
    shown: tuple[str, float, str],
    ends: tuple[float, float],
    mark: tuple[bool, bool],
    names: list[str],
    theme: Theme,
) -> None:
    """An action's bar: the chosen one has a mark and is bold, the best one the colour of good things."""
    (name, value, text), (chosen, best) = shown, mark
    palette = theme.palette
    named, room, left = _columns(cells, names)
    if chosen:
        cells.put(row, 0, theme.glyphs.play, theme.style(palette.accent, bold=True))
    bold = theme.style(palette.accent if chosen else palette.text, bold=chosen)
    cells.put(row, 2, safe_text(name, named, theme.glyphs.ellipsis), bold)
    share = (max(-_LARGEST, min(_LARGEST, value)) - ends[0]) / (ends[1] - ends[0]) if not math.isnan(value) else value
    colour = palette.accent if chosen else palette.series[2] if best else palette.series[0]
    put_bar(cells, row, left, room, 0.0, share, colour, theme)
    warned = theme.style(palette.warning) if not math.isfinite(value) else bold
    cells.put(row, max(2, cells.width - len(text)), text[: max(0, cells.width - 2)], warned)


def _draw_mean(
    cells: Cells, row: int, name: str, numbers: tuple[float, float, float], names: list[str], theme: Theme
) -> None:
    """A continuous action between -1 and 1, or a round bound: the mean and one deviation around it; taken as a mark."""
    mean, spread, taken = numbers
    palette = theme.palette
    named, room, left = _columns(cells, names)
    sizes = [abs(number) for number in (mean, taken) if math.isfinite(number)]
    bound = nice_ceil(max(1.0, min(_LARGEST, max(sizes, default=1.0))))
    low, middle, high, mark = ((number / bound + 1) / 2 for number in (mean - spread, mean, mean + spread, taken))
    cells.put(row, 2, safe_text(name, named, theme.glyphs.ellipsis), theme.style(palette.text))
    put_bar(cells, row, left, room, low, high, palette.series[0], theme)
    for share, glyph, colour in (
        (mark, theme.glyphs.point, palette.accent),
        (middle, theme.glyphs.agent, palette.text),
    ):
        if room and math.isfinite(share):
            column = left + min(room - 1, max(0, int(share * room)))
            cells.put(row, column, glyph, theme.style(colour, track_colour(theme), bold=True))
    text = number_text(mean, theme)
    cells.put(row, max(2, cells.width - len(text)), text[: max(0, cells.width - 2)], theme.style(palette.text))


def _draw_scale(cells: Cells, row: int, low: float, high: float, names: list[str], theme: Theme) -> None:
    """What the two ends of the bars stand for."""
    _, room, left = _columns(cells, names)
    style = theme.style(theme.palette.muted)
    start, end = f"{low:.4g}", f"{high:.4g}"
    if room >= len(start) + len(end) + 2:
        cells.put(row, left, start, style)
        cells.put(row, left + room - len(end), end, style)
