"""The source of an algorithm as it is run: the line about to be left, and the values that the lines gave."""

from __future__ import annotations

import io
import keyword
import textwrap
import tokenize
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Literal, NamedTuple

from scenarios.experiment import Experiment
from scenarios.lessons.explain import action_sign
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.tracing import RETURN, Line, Source
from scenarios.lessons.values import Summary, Value
from scenarios.lessons.words import number
from scenarios.worlds.layout import ARROWS, Layout
from tui.drawing.cells import RGB, Cells
from tui.drawing.theme import Theme, mix
from tui.lesson.panes.text import Span, length, written

Token = Literal["code", "keyword", "comment", "string", "number"]
ACTIONS = frozenset({"a", "a2", "best", "first"})  # names on the pages that hold an action
_CALLER = 5  # rows from which on a caller is shown above what it has called
_LIT, _WAITING = 0.18, 0.07  # share of the accent in the background of a line that is lit
_NUMBERED_FROM = 36  # narrower panes leave the line numbers out


class Row(NamedTuple):
    """A line of the page: its number in the file and its text in coloured pieces."""

    number: int
    pieces: tuple[tuple[str, Token], ...]


class Page(NamedTuple):
    """A source ready to be drawn."""

    rows: tuple[Row, ...]
    docstring: range  # indices of its rows


@lru_cache(maxsize=32)
def page_of(source: Source) -> Page:
    """The source in coloured pieces, without the indentation that all of it has."""
    lines = textwrap.dedent("\n".join(source.lines)).split("\n")
    kinds: list[list[Token]] = [["code"] * len(line) for line in lines]
    docstring = range(0)
    before = tokenize.ENCODING
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        kind = _kind(token)
        if kind != "code":
            _mark(kinds, token, kind)
        if token.type == tokenize.STRING and before == tokenize.INDENT and not docstring:
            docstring = range(token.start[0] - 1, token.end[0])
        before = token.type
    rows = (Row(source.first_line + i, _pieces(lines[i], kinds[i])) for i in range(len(lines)))
    return Page(tuple(rows), docstring)


def _kind(token: tokenize.TokenInfo) -> Token:
    if token.type == tokenize.COMMENT:
        return "comment"
    if token.type == tokenize.STRING:
        return "string"
    if token.type == tokenize.NUMBER:
        return "number"
    return "keyword" if token.type == tokenize.NAME and keyword.iskeyword(token.string) else "code"


def _mark(kinds: list[list[Token]], token: tokenize.TokenInfo, kind: Token) -> None:
    """Give all characters of a token their kind, on all its lines."""
    (first, start), (last, stop) = token.start, token.end
    for row in range(first - 1, last):
        left = start if row == first - 1 else 0
        right = stop if row == last - 1 else len(kinds[row])
        kinds[row][left:right] = [kind] * (right - left)


def _pieces(line: str, kinds: list[Token]) -> tuple[tuple[str, Token], ...]:
    """The line cut where the kind changes."""
    runs = groupby(zip(kinds, line, strict=True), key=itemgetter(0))
    return tuple(("".join(character for _, character in run), kind) for kind, run in runs)


def draw_source(stepper: Stepper, width: int, height: int, theme: Theme, *, values: bool = True) -> Cells:
    """The page with the line that is being stepped, and beside the lines the values they gave in this update.

    Where that line is in a function that the page has called, and there is room, the callers stand above it.
    """
    cells = Cells(width, height)
    executed = stepper.lines[: stepper.line + 1]
    if not executed:
        return _draw_function(stepper, stepper.source, None, [], width, height, theme)
    below = height  # rows that are left, above what is drawn
    calls = _calls(executed)
    for line, caller in zip(calls, [*calls[1:], None], strict=True):
        rows = min(below, len(page_of(line.source).rows))
        if caller is None or below - rows - 1 < _CALLER:
            rows = below
        shown = executed if values else []
        waits = line is not executed[-1]
        cells.blit(_draw_function(stepper, line.source, line, shown, width, rows, theme, waits=waits), below - rows, 0)
        below -= rows + 1
        if below < 1:
            break
    return cells


def _calls(executed: list[Line]) -> list[Line]:
    """The line that is lit, then the one that has called its function, and so on to one of the page."""
    callers = (line for depth in reversed(range(executed[-1].depth)) for line in [_latest(executed, depth)])
    return [executed[-1], *callers]


def _latest(executed: list[Line], depth: int) -> Line:
    return next(line for line in reversed(executed) if line.depth == depth)


def _draw_function(
    stepper: Stepper,
    source: Source,
    line: Line | None,
    executed: list[Line],
    width: int,
    height: int,
    theme: Theme,
    *,
    waits: bool = False,
) -> Cells:
    """A function with its line lit, less so where it waits for what it has called; beside the lines their values."""
    cells = Cells(width, height)
    page = page_of(source)
    current = None if line is None else line.number
    given = {line.number: line for line in executed if line.source is source}  # the last time round counts
    experiment = stepper.experiment
    layout = experiment.model.layout if isinstance(experiment, Experiment) else None
    for y, row in enumerate(_window(page, source, current, height)):
        lit = row.number == current
        looped = row.number in source.loop
        beside = _values(given.get(row.number), row, width - _gutter(width), layout, theme)
        _draw_row(cells, y, row, beside, lit, looped, theme, _WAITING if waits else _LIT)
    return cells


def _gutter(width: int) -> int:
    return 6 if width >= _NUMBERED_FROM else 2


def _window(page: Page, source: Source, current: int | None, height: int) -> list[Row]:
    """The rows to show: all; else with the docstring folded; else the loop; else what is around the current line."""
    rows = list(page.rows)
    if len(rows) > height and page.docstring:
        keep = max(1, height - (len(rows) - len(page.docstring)))
        rows = _fold(page, min(keep, len(page.docstring)))
    if len(rows) <= height:
        return rows
    loop = [i for i, row in enumerate(rows) if row.number in source.loop]
    start = max(0, loop[-1] + 1 - height)
    if len(loop) > height:
        focus = next((i for i, row in enumerate(rows) if row.number == current), loop[0])
        start = min(max(loop[0], focus - height // 2), loop[-1] + 1 - height)
    return rows[start : start + height] if height > 0 else []


def _fold(page: Page, keep: int) -> list[Row]:
    """The rows with `keep` lines of the docstring, the last of them ending in an ellipsis."""
    kept = page.docstring.start + keep
    while not page.rows[kept - 1].pieces:
        kept -= 1
    last = page.rows[kept - 1]
    if kept < page.docstring.stop:
        last = Row(last.number, (*last.pieces, (" …", "string")))
    return [*page.rows[: kept - 1], last, *page.rows[page.docstring.stop :]]


def _draw_row(cells: Cells, y: int, row: Row, beside: str, lit: bool, looped: bool, theme: Theme, light: float) -> None:
    palette = theme.palette
    bg = mix(palette.background, palette.accent, light) if lit else None
    if lit:
        cells.fill(y, 0, cells.width, 1, theme.style(palette.text, bg))
        cells.put(y, 0, theme.glyphs.play, theme.style(palette.accent, bg, bold=True))
    gutter = _gutter(cells.width)
    if gutter > 2:
        cells.put(y, 1, f"{row.number:>4}", theme.style(palette.text if lit else palette.faint, bg))
    room = cells.width - gutter - (length(beside) + 2 if beside else 0)
    col = gutter
    if beside and _length(row, theme) > room:
        row = Row(row.number, tuple(piece for piece in row.pieces if piece[1] != "comment"))
    for text, style in _cut(row, room, lit, looped, bg, theme):
        cells.put(y, col, text, style)
        col += length(text)
    value = theme.style(palette.accent if lit else palette.muted, bg, bold=lit, dim=not lit and not theme.colour)
    cells.put(y, cells.width - length(beside), beside, value)


def _length(row: Row, theme: Theme) -> int:
    return sum(length(written(text, theme)) for text, _ in row.pieces)


def _cut(row: Row, room: int, lit: bool, looped: bool, bg: RGB | None, theme: Theme) -> Iterator[Span]:
    """The pieces of a row in `room` cells, ending in an ellipsis where something is lost."""
    palette = theme.palette
    colours = {
        "code": palette.text if looped else palette.muted,
        "keyword": palette.series[0] if looped else palette.muted,
        "comment": palette.faint if not looped else palette.muted,
        "string": palette.muted,
        "number": palette.series[1] if looped else palette.muted,
    }
    whole = _length(row, theme)
    left = room if whole <= room else room - len(theme.glyphs.ellipsis)
    for text, kind in row.pieces:
        shown = written(text, theme)[: max(0, left)]
        style = theme.style(colours[kind], bg, bold=(kind == "keyword" and looped) or (lit and not theme.colour))
        yield shown, style
        left -= length(shown)
        if left <= 0:
            break
    if whole > room > 0:
        yield theme.glyphs.ellipsis, theme.style(palette.muted, bg)


def _values(line: Line | None, row: Row, room: int, layout: Layout | None, theme: Theme) -> str:
    """What a line gave, with the names where there is room beside the code, else the values in their order.

    Arrays are described as fully as there is room for; for those the code may be cut to half. What does not fit whole
    is left out.
    """
    if line is None or not line.values:
        return ""
    forms = {name: _forms(name, value, layout) for name, value in line.values.items()}
    skipped = f"  … {line.skipped} left out" if line.skipped else ""
    code = length("".join(text for text, kind in row.pieces if kind != "comment").rstrip())
    summarised = any(isinstance(value, Summary) for value in line.values.values())
    for least in (code, min(code, room // 2 - 2)) if summarised else (code,):
        for level in range(max(map(len, forms.values()))):
            shown = {name: form[min(level, len(form) - 1)] for name, form in forms.items()}
            named = written("  ".join(_named(name, value) for name, value in shown.items()) + skipped, theme)
            if least + 2 + length(named) <= room:
                return named
    room = max(0, room // 2 if summarised else room - 8)
    named = [_named(name, form[-1]) for name, form in forms.items()] if summarised else []
    return _whole(named, "  ", skipped, room, theme) or _whole(
        [form[-1] for form in forms.values()], ", ", skipped, room, theme
    )


def _whole(texts: list[str], between: str, after: str, room: int, theme: Theme) -> str:
    """As many of the texts, from the first one on, as there is room for; no part of one."""
    for count in range(len(texts), 0, -1):
        left_out = ["…"] if count < len(texts) else []
        text = written(between.join([*texts[:count], *left_out]) + after, theme)
        if length(text) <= room:
            return text
    return ""


def _named(name: str, value: str) -> str:
    return f"→ {value}" if name == RETURN else f"{name} = {value}"


def _forms(name: str, value: Value, layout: Layout | None) -> tuple[str, ...]:
    """What may be shown of a value, the longest first."""
    return value.forms if isinstance(value, Summary) else (_shown(name, value, layout),)


def _shown(name: str, value: Value, layout: Layout | None) -> str:
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, Summary):
        return str(value)
    if isinstance(value, tuple):
        return "[" + " ".join(number(x) for x in value) + "]"
    if layout is not None and name in ACTIONS and 0 <= value < len(layout.actions):
        sign = action_sign(layout, int(value))
        return f"{value} {sign}" if sign in ARROWS.values() else f"{value} ({sign})"
    return number(value)
