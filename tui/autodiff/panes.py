"""The panes beside the graph as cells: the step, the inputs, a node looked at closely, and the engine's source."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from engine.operations import Array
from scenarios.lessons.autodiff.checking import Check, summary
from scenarios.lessons.autodiff.evaluating import shape_text
from scenarios.lessons.autodiff.explaining import Line, array_text, explain, label, operation_text, rule_text
from scenarios.lessons.autodiff.recording import Node
from scenarios.lessons.autodiff.source import Stretch, operation_source
from scenarios.lessons.explain import number
from scenarios.lessons.tracing import Source
from tui.autodiff.session import Session
from tui.drawing.cells import Cells, Style
from tui.drawing.sparkline import draw_sparkline
from tui.drawing.theme import Theme, mix
from tui.help.page import Paragraph, draw_page, page_lines
from tui.lesson.panes.folding import folded
from tui.lesson.panes.source import page_of
from tui.lesson.panes.text import Span, clipped, length, put_spans, spans_length, wrapped, written

FIRST_KEYS = "space plays, . makes one step and , takes it back; n takes an expression of yours, x the next example."
NAMES, VALUES = 12, 22  # characters of a column at most
GUTTER, INDENT = 5, 9
FAR = 50  # how many times the least result the largest is, for a curve of powers


# ---- the step -----------------------------------------------------------------------------------------


def draw_step(session: Session, width: int, height: int, theme: Theme) -> Cells:
    """The step that was made last, its rule filled in; at the start what the expression teaches."""
    lines = explain(session.lesson)
    if session.view.text or not lines:
        return _draw_text(session, width, height, theme)
    cells = Cells(width, height)
    shown = [spans for line in lines for spans in _spans(line, width, theme)]
    if len(shown) > height:  # the words go first
        shown = [spans for line in lines if line.look != "note" for spans in _spans(line, width, theme)]
    for row, spans in enumerate(shown[:height]):
        put_spans(cells, row, 1, spans, theme)
    return cells


def _spans(line: Line, width: int, theme: Theme) -> list[list[Span]]:
    palette = theme.palette
    style = {
        "heading": theme.style(palette.series[0], bold=True),
        "formula": theme.style(palette.text, bold=True),
        "numbers": theme.style(palette.accent),
        "note": theme.style(palette.muted),
    }[line.look]
    head, equals, result = line.text.rpartition("  =  ")
    parts = (
        [(head + equals, style), (result, theme.style(palette.accent, bold=True))] if equals else [(line.text, style)]
    )
    aside = [(f"   {line.aside}", theme.style(palette.muted))] if line.aside else []
    return folded(parts + aside, width - 2, theme)


def _draw_text(session: Session, width: int, height: int, theme: Theme) -> Cells:
    example, lesson = session.example, session.lesson
    teaches = example.teaches if example is not None else "An expression of your own, on the engine's tape."
    paragraphs = [
        Paragraph(session.title, "heading"),
        Paragraph(lesson.text, "formula"),
        *([Paragraph(f"change {lesson.epoch}: {lesson.epochs[lesson.epoch].why}", "current")] if lesson.epoch else []),
        Paragraph(""),
        Paragraph(teaches),
        Paragraph(""),
        Paragraph(FIRST_KEYS, "muted"),
    ]
    lines = page_lines([Paragraph(written(p.text, theme), p.look) for p in paragraphs], min(width - 3, 100))
    if len(lines) > height:
        lines = [line for line in lines if line[1]]
    cells = Cells(width, height)
    cells.blit(draw_page(lines, 0, width - 1, height, theme), 0, 1)
    return cells


# ---- the inputs ---------------------------------------------------------------------------------------


def draw_inputs(session: Session, width: int, height: int, theme: Theme) -> Cells:
    """Every variable with its value and gradient, and with the check where one was asked for; how the result fell."""
    cells = Cells(width, height)
    palette = theme.palette
    checks = {check.node: check for check in session.checks}
    titles = ("input", "∂ by tape", "by difference", "error") if checks else ("input", "value", "∂")
    inputs = _inputs(session, checks)
    wished = [[_shown(entry, VALUES) for entry in entries] for _, entries in inputs]
    columns = _columns([titles, *wished], width - 2, theme)
    col, room_for = 1, max(0, height - 2)
    shown = inputs if len(inputs) <= room_for else inputs[: max(0, room_for - 1)]
    for place, (title, room) in enumerate(zip(titles, columns, strict=True)):
        cells.put(0, col, clipped(title, room, theme), theme.style(palette.muted))
        for row, (node, entries) in enumerate(shown, 1):
            entry = _shown(entries[place], room)
            cells.put(row, col, clipped(entry, room, theme), _input_style(place, node, checks, session, theme))
        col += room + 2
    if len(shown) < len(inputs):
        more = f"{theme.glyphs.ellipsis} {len(inputs) - len(shown)} more"
        cells.put(height - 2, 1, more, theme.style(palette.muted))
    put_spans(cells, height - 1, 1, [(_verdict(session), theme.style(palette.muted))], theme)
    if len(session.lesson.epochs) > 1 and len(inputs) + 1 < height - 1:
        _draw_descent(cells, session, height - 2, theme)
    return cells


Entries = tuple[Array | str, ...]  # what stands in the row of an input


def _inputs(session: Session, checks: Mapping[int, Check]) -> list[tuple[Node | None, Entries]]:
    """Variables first, then what is given: the nodes, then what a loss aims at, which is none."""
    recording = session.lesson.recording
    nodes = [node for kind in ("variable", "given") for node in recording.nodes if node.kind == kind]
    found: list[tuple[Node | None, Entries]] = [(node, _entries(session, node, checks)) for node in nodes]
    for name, value in recording.targets.items():
        found.append((None, (name, "data", "", "") if checks else (name, value, "data")))
    return found


def _entries(session: Session, node: Node, checks: Mapping[int, Check]) -> Entries:
    """What stands in the row of a node."""
    gradient = session.lesson.gradient(node.index)
    if not checks:
        return node.name, node.value, "data" if not node.has_gradient else "" if gradient is None else gradient
    if node.index not in checks:
        return node.name, "data", "", ""
    check = checks[node.index]
    error = f"{check.error:.0e}".replace("-", "−") + " kink" * (check.verdict == "kink")
    return node.name, check.by_tape, check.by_difference, error if check.verdict != "digits" else "rounding"


def _shown(entry: Array | str, room: int) -> str:
    return entry if isinstance(entry, str) else array_text(entry, room)


def _columns(table: Sequence[Sequence[str]], width: int, theme: Theme) -> list[int]:
    """How wide every column is: as its texts are; the widest give way where that is too much."""
    columns = [max(length(written(row[place], theme)) for row in table) for place in range(len(table[0]))]
    while sum(columns) + 2 * (len(columns) - 1) > width and max(columns) > 4:
        columns[columns.index(max(columns))] -= 1
    return columns


def _input_style(place: int, node: Node | None, checks: Mapping[int, Check], session: Session, theme: Theme) -> Style:
    palette = theme.palette
    if place == 0:
        chosen = node is not None and node.index == session.view.selected
        return theme.style(palette.selection if chosen else palette.series[2], bold=True, underline=chosen)
    if node is None or node.kind == "given":
        return theme.style(palette.muted)
    if place == 3 and node.index in checks and not checks[node.index].agrees:
        return theme.style(palette.warning, bold=True)
    return theme.style(palette.text)


def _verdict(session: Session) -> str:
    """What the check says, or how to ask for it."""
    if not session.checks:
        return f"η {session.lesson.rate:g}: g steps down, c checks the gradients"
    return summary(session.checks)


def _draw_descent(cells: Cells, session: Session, row: int, theme: Theme) -> None:
    """The result after every change, as a small curve."""
    losses = [epoch.recording.loss for epoch in session.lesson.epochs[: session.lesson.epoch + 1]]
    text = f"result {number(losses[0])} … {number(losses[-1])}" if len(losses) > 1 else f"result {number(losses[0])}"
    col = 1 + put_spans(cells, row, 1, [(text, theme.style(theme.palette.text))], theme)
    if min(losses) > 0 and max(losses) > FAR * min(losses):
        losses = [math.log(loss) for loss in losses]  # a fall over several powers of ten looks like one
    cells.blit(draw_sparkline(losses, max(0, cells.width - col - 1), theme), row, col + 1)


# ---- one node -----------------------------------------------------------------------------------------


def draw_node(session: Session, width: int, height: int, theme: Theme) -> Cells:
    """A node looked at closely: value, gradient, shape, where it comes from and where it goes."""
    for rows in (True, False):  # arrays in rows where there is room, else on a line
        lines = _node_lines(session, width, rows, theme)
        if len(lines) <= height:
            break
    cells = Cells(width, height)
    for row, (name, text, style) in enumerate(lines[:height]):
        cells.put(row, 1, clipped(name, INDENT - 2, theme), theme.style(theme.palette.muted))
        cells.put(row, INDENT if name or row else 1, text, style)
    return cells


def _node_lines(session: Session, width: int, rows: bool, theme: Theme) -> list[tuple[str, str, Style]]:
    """Names, texts and their styles; the first line has no name and begins at the left."""
    lesson, node = session.lesson, session.looked_at
    recording, palette = lesson.recording, theme.palette
    title = f"{node.name} = {operation_text(recording, node)}" if node.kind == "operation" else session.describe(node)
    lines = [("", clipped(title, width - 2, theme), theme.style(palette.text, bold=True))]
    plain, quiet = theme.style(palette.text), theme.style(palette.muted)

    def add(name: str, parts: Sequence[str], style: Style) -> None:
        folded_parts = [line for part in parts for line in wrapped(part, width - INDENT - 1, theme)]
        lines.extend((name if i == 0 else "", part, style) for i, part in enumerate(folded_parts))

    known, gradient = lesson.has_value(node.index), lesson.gradient(node.index)
    add("shape", [shape_text(node.value.shape) + _range(node, known)], quiet)
    if node.operation is not None:
        add("rule", [rule_text(node.operation)], theme.style(palette.series[0]))
    if known:
        add("value", _array_lines(node.value, width - INDENT - 1, rows), plain)
    if gradient is not None:
        found = _array_lines(gradient, width - INDENT - 1, rows)
        found[-1] += "" if lesson.is_complete(node.index) else ", more will be added"
        add("∂", found, theme.style(palette.accent))
    if node.inputs:
        add("made of", [", ".join(dict.fromkeys(label(recording.nodes[i]) for i in node.inputs))], quiet)
    used = [other.name for other in recording.nodes if node.index in other.inputs]
    add("used by", [", ".join(used) or "nothing: it is the result"], quiet)
    return lines


def _array_lines(value: Array, width: int, rows: bool) -> list[str]:
    """A matrix in rows of equally wide numbers where that fits, else whatever it is on a line."""
    if rows and value.ndim == 2 and len(value) > 1:
        table = [[number(float(x)) for x in row] for row in value]
        widest = max(len(text) for row in table for text in row)
        if value.shape[1] * (widest + 1) <= width:
            return ["\u00a0".join(text.rjust(widest, "\u00a0") for text in row) for row in table]
    return [array_text(value, 400)]


def _range(node: Node, known: bool) -> str:
    finite = node.value[np.isfinite(node.value)] if known and node.value.ndim else np.empty(0)
    if finite.size < 2:
        return ""
    return f", from {number(float(finite.min()))} to {number(float(finite.max()))}, mean {number(float(finite.mean()))}"


# ---- the engine's source ------------------------------------------------------------------------------


def draw_source(session: Session, width: int, height: int, theme: Theme) -> Cells:
    """The row of the operation in the engine's table with the rule of this pass lit, and the functions it names."""
    cells = Cells(width, height)
    operation = session.operation
    if operation is None:
        text = (
            "A leaf: nothing computes it. Step on, or choose an operation with the arrows, to see the engine's source."
        )
        for row, line in enumerate(wrapped(text, width - 2, theme)):
            cells.put(row, 1, line, theme.style(theme.palette.muted))
        return cells
    source = operation_source(operation)
    lit = source.backward if session.lesson.phase == "backward" else source.forward
    row = 0
    for passage in source.passages:
        page = page_of(Source(source.file, operation.name, passage.first_line, passage.lines, loop=range(0)))
        for line in page.rows:
            if row < height:
                row += _draw_line(cells, row, line.number, line.pieces, lit, theme)
        row += 1
    return cells


def _draw_line(
    cells: Cells,
    row: int,
    line: int,
    pieces: Sequence[tuple[str, str]],
    lit: Sequence[Stretch],
    theme: Theme,
) -> int:
    """One line of source, folded where it is long; returns the rows that it took."""
    palette = theme.palette
    colours = {
        "keyword": palette.series[0],
        "comment": palette.muted,
        "string": palette.series[2],
        "number": palette.series[1],
    }
    tint = mix(palette.background, palette.accent, 0.22)
    stretches = [stretch for stretch in lit if stretch.line == line]
    spans: list[Span] = []
    col = 0
    for text, kind in pieces:
        for part, on in _cut(text, col, stretches):
            spans.append((part, theme.style(colours.get(kind, palette.text), tint if on else None, bold=on)))
        col += len(text)
    cells.put(row, 0, f"{line:>4}", theme.style(palette.faint))
    indent = length("".join(text for text, _ in pieces)) - length("".join(text for text, _ in pieces).lstrip())
    rows = _broken(spans, cells.width - GUTTER - 1, indent + 4, theme)
    for number_, part in enumerate(rows):
        put_spans(cells, row + number_, GUTTER + (indent + 4 if number_ else 0), part, theme)
    return len(rows)


def _cut(text: str, col: int, stretches: Sequence[Stretch]) -> list[tuple[str, bool]]:
    """A piece of a line that begins at a column, cut where stretches begin and end; whether each part is in one."""
    ends = {min(max(end - col, 0), len(text)) for s in stretches for end in (s.start, s.stop)} | {0, len(text)}
    return [
        (text[start:stop], any(s.start <= col + start < s.stop for s in stretches))
        for start, stop in pairwise(sorted(ends))
    ]


def _broken(spans: list[Span], width: int, indent: int, theme: Theme) -> list[list[Span]]:
    """Spans in rows of so many cells, broken behind spaces; later rows are shorter by the indent."""
    rows: list[list[Span]] = [[]]
    for text, style in spans:
        for word in text.replace(" ", " \0").split("\0"):
            room = width - (indent if len(rows) > 1 else 0)
            if rows[-1] and spans_length(rows[-1], theme) + length(written(word.rstrip(), theme)) > room:
                rows.append([])
            rows[-1].append((word, style))
    return rows
