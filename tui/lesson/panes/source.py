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
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.tracing import Line, Source
from scenarios.worlds.layout import Layout
from tui.drawing.cells import RGB, Cells
from tui.drawing.theme import Theme, mix
from tui.lesson.panes.folding import folded
from tui.lesson.panes.given import GAP, Given
from tui.lesson.panes.text import Span, length, put_spans, spans_length, written

Token = Literal["code", "keyword", "comment", "string", "number"]
_CALLER = 5  # rows from which on a caller is shown above what it has called
_LIT, _WAITING = 0.18, 0.07  # share of the accent in the background of a line that is lit
_NUMBERED_FROM = 36  # narrower panes leave the line numbers out


class Row(NamedTuple):
    """A line of the page: its number in the file and its text in coloured pieces."""

    number: int
    pieces: tuple[tuple[str, Token], ...]


Unfolded = tuple[list[Span], str]  # one of the rows of a line: code, and values on the right


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
    shown = executed if values else []
    unfolded: list[Unfolded] | None = _unfolded(stepper, executed[-1], values, width, height, theme)
    calls = _calls(executed)
    for line, caller in zip(calls, [*calls[1:], None], strict=True):
        rows = min(below, len(page_of(line.source).rows) + len((unfolded or [])[1:]))
        if caller is None or below - rows - 1 < _CALLER:
            rows = below
        function = _draw_function(stepper, line.source, line, shown, width, rows, theme, unfolded)
        cells.blit(function, below - rows, 0)
        below -= rows + 1
        unfolded = None
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
    unfolded: list[Unfolded] | None = None,
) -> Cells:
    """A function with its line lit, and its values beside the lines.

    `unfolded` are the rows of the lit line where it needs several; None where it waits for what it has called, and is
    less lit.
    """
    cells = Cells(width, height)
    page = page_of(source)
    current = None if line is None else line.number
    given = {line.number: line for line in executed if line.source is source}  # the last time round counts
    y = 0
    for row in _window(page, source, current, height - len((unfolded or [])[1:])):
        lit = row.number == current
        if lit and unfolded:
            y += _draw_unfolded(cells, y, row, unfolded, theme)
            continue
        code = _length(_without_comment(row), theme)
        beside = Given(given.get(row.number), _layout(stepper), theme).beside(code, width - _gutter(width))
        _draw_row(cells, y, row, beside, lit, row.number in source.loop, theme, _WAITING if unfolded is None else _LIT)
        y += 1
    return cells


def _layout(stepper: Stepper) -> Layout | None:
    """The cells of the world, where there are any."""
    experiment = stepper.experiment
    return experiment.model.layout if isinstance(experiment, Experiment) else None


def _without_comment(row: Row) -> Row:
    pieces = [piece for piece in row.pieces if piece[1] != "comment"]
    last = [(text.rstrip(), kind) for text, kind in pieces[-1:]]
    return Row(row.number, (*pieces[:-1], *last))


def _unfolded(stepper: Stepper, line: Line, values: bool, width: int, height: int, theme: Theme) -> list[Unfolded]:
    """The rows that the lit line needs to be read whole with its values; none where one will do, or has to."""
    row = next(row for row in page_of(line.source).rows if row.number == line.number)
    room, whole = width - _gutter(width), _length(row, theme)
    given = Given(line if values else None, _layout(stepper), theme)
    if given.fits(_length(_without_comment(row), theme) if given else whole, room):
        return []
    (first, style), *others = _cut(row, whole, True, line.number in line.source.loop, _background(_LIT, theme), theme)
    indent = len(first) - len(first.lstrip())
    code = folded([(first[indent:], style), *others], room - indent, theme)
    code = [[(" " * indent, style), *spans] for spans in code]
    texts = given.rows(room)
    beside = texts[:1] if texts and spans_length(code[-1], theme) + GAP + length(texts[0]) <= room else [""]
    below = texts if beside == [""] else texts[1:]
    rows = [*((spans, "") for spans in code[:-1]), (code[-1], beside[0]), *(([], text) for text in below)]
    return rows if len(rows) <= height // 2 else []


def _background(light: float, theme: Theme) -> RGB:
    return mix(theme.palette.background, theme.palette.accent, light)


def _draw_unfolded(cells: Cells, y: int, row: Row, unfolded: list[Unfolded], theme: Theme) -> int:
    """Draw the lit line in several rows; returns how many."""
    bg = _background(_LIT, theme)
    _draw_head(cells, y, len(unfolded), row, bg, theme)
    for i, (code, beside) in enumerate(unfolded):
        put_spans(cells, y + i, _gutter(cells.width), code, theme)
        cells.put(y + i, cells.width - length(beside), beside, theme.style(theme.palette.accent, bg, bold=True))
    return len(unfolded)


def _draw_head(cells: Cells, y: int, rows: int, row: Row, bg: RGB | None, theme: Theme) -> None:
    """The number of a line, and where it is lit (where it has a background) the light behind all of its rows."""
    palette = theme.palette
    if bg is not None:
        cells.fill(y, 0, cells.width, rows, theme.style(palette.text, bg))
        cells.put(y, 0, theme.glyphs.play, theme.style(palette.accent, bg, bold=True))
    if _gutter(cells.width) > 2:
        cells.put(y, 1, f"{row.number:>4}", theme.style(palette.faint if bg is None else palette.text, bg))


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
    palette, gutter = theme.palette, _gutter(cells.width)
    bg = _background(light, theme) if lit else None
    _draw_head(cells, y, 1, row, bg, theme)
    room = cells.width - gutter - (length(beside) + 2 if beside else 0)
    col = gutter
    if beside and _length(row, theme) > room:
        row = _without_comment(row)
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
