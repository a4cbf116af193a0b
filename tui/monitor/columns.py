"""The columns of the table: what each says of a run, and which of them there is room for."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scenarios.runs.collection import RunRow
from tui.commands.progress import short
from tui.drawing.cells import RGB, decode, encode, safe_text
from tui.drawing.numbers import format_value
from tui.drawing.theme import Theme

# By status: in Unicode, in ASCII, and whether it is good (1), a warning (-1) or neither.
SIGNS: dict[str, tuple[str, str, int]] = {
    "running": ("►", ">", 1),
    "paused": ("‖", "=", 0),
    "waiting": ("○", "o", 0),
    "solved": ("★", "*", 1),
    "finished": ("✓", "+", 1),
    "stopped": ("■", "#", 0),
    "dead": ("†", "%", -1),
    "diverged": ("▲", "^", -1),
    "failed": ("×", "x", -1),
    "damaged": ("!", "!", -1),
}
_AGES = ((86_400.0, "d"), (3600.0, "h"), (60.0, "min"))
NONE = "-"


@dataclass(frozen=True)
class Column:
    """One column; `key` is what runs are sorted by."""

    key: str
    title: str
    width: int
    text: Callable[[RunRow, int], str]
    right: bool = True
    most: int = 0
    """Columns of the screen that it may grow to; 0 for as wide as it is."""


def status_sign(status: str, theme: Theme) -> str:
    """The glyph of a status."""
    unicode, plain, _ = SIGNS.get(status, ("?", "?", 0))
    return plain if theme.glyphs.ellipsis.isascii() else unicode


def status_colour(status: str, theme: Theme) -> RGB:
    """Green, red, or the colour of a label; the glyph and the word say the same."""
    good = SIGNS.get(status, ("", "", 0))[2]
    return theme.palette.series[2] if good > 0 else theme.palette.warning if good < 0 else theme.palette.accent


def compact(count: float | None) -> str:
    """A count in at most five characters or so: 950, 20k, 1.25M."""
    return NONE if count is None or not math.isfinite(count) else short(count)


def age_text(seconds: float | None) -> str:
    """How long ago, in whole units, so that it seldom changes."""
    if seconds is None:
        return NONE
    return next((f"{seconds // unit:.0f} {word}" for unit, word in _AGES if seconds >= unit), "<1 min")


def _number(value: float | None, width: int) -> str:
    return NONE if value is None else format_value(value, width, infinity="inf")


STATUS = Column("status", "status", 11, lambda row, _: row.status, right=False)
NAME = Column("name", "run", 20, lambda row, _: row.name, right=False, most=44)
SCENARIO = Column("scenario", "scenario", 12, lambda row, _: row.scenario or NONE, right=False, most=16)
ALGORITHM = Column("algorithm", "algorithm", 10, lambda row, _: row.algorithm or NONE, right=False, most=18)
SEED = Column("seed", "seed", 5, lambda row, width: _number(row.seed, width))
STEPS = Column("env_steps", "steps", 6, lambda row, _: compact(row.env_steps))
RETURN = Column("return_mean", "return", 7, lambda row, width: _number(row.return_mean, width))
GREEDY = Column("eval_mean", "greedy", 7, lambda row, width: _number(row.eval_mean, width))
SPEED = Column("steps_per_second", "steps/s", 7, lambda row, _: compact(row.steps_per_second))
AGE = Column("created", "age", 6, lambda row, _: age_text(row.age))
SPARK = Column("", "curve", 10, lambda row, _: "", right=False, most=28)

COLUMNS = (STATUS, NAME, SCENARIO, ALGORITHM, SEED, STEPS, RETURN, GREEDY, SPEED, AGE, SPARK)
_FIRST = (STATUS, NAME, RETURN, STEPS, GREEDY, SPARK, AGE)
_THEN = (SEED, ALGORITHM, SCENARIO, SPEED)  # where names are whole: they say most of this, too
GAP = 2


def columns_for(width: int, name: int) -> list[tuple[Column, int]]:
    """The columns that fit, the most important ones first, and how wide each is; `name` is what names would take."""
    widths: dict[str, int] = {}
    left = width
    for column in _FIRST:
        if column.width + GAP <= left:
            widths[column.title] = column.width
            left -= column.width + GAP
    left -= _grow(widths, NAME, min(left, name - NAME.width))
    if widths.get(NAME.title, 0) >= name:
        for column in _THEN:
            if column.width + GAP <= left:
                widths[column.title] = column.width
                left -= column.width + GAP
    for column in (SPARK, ALGORITHM, SCENARIO):
        left -= _grow(widths, column, min(left, column.most - column.width))
    return [(column, widths[column.title]) for column in COLUMNS if column.title in widths]


def _grow(widths: dict[str, int], column: Column, by: int) -> int:
    """Make a column wider, if it is there; by how much it was."""
    more = max(0, by) if column.title in widths else 0
    if more:
        widths[column.title] += more
    return more


def name_width(names: Iterable[str]) -> int:
    """How wide the names would like to be: as the longest of them, within reason."""
    longest = max(map(len, names), default=0)
    return max(NAME.width, min(NAME.most, longest))


def cut_in_the_middle(text: str, width: int, ellipsis: str) -> str:
    """A name in so many cells: of one that is too long the beginning, and the end that tells it from others."""
    clean = safe_text(text, 400, ellipsis)
    codes = encode(clean)
    if len(codes) <= width:
        return clean
    room = width - len(ellipsis)
    head = max(0, room // 3)
    return decode(codes[:head]) + ellipsis + decode(codes[len(codes) - (room - head) :]) if room > 0 else ""


def title_of(key: str) -> str:
    """What the table calls the column of a key, or the key itself."""
    return next((column.title for column in COLUMNS if column.key == key), key)
