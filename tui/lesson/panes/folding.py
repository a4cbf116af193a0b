"""Formulas in less width than they need: folded at their spaces, or without their middle."""

from __future__ import annotations

from tui.drawing.theme import Theme
from tui.lesson.panes.text import Span, length, spans_length, written


def folded(spans: list[Span], width: int, theme: Theme) -> list[list[Span]]:
    """A line broken at spaces, outside brackets where possible; what follows is indented to the right-hand side."""
    spans = [(written(text, theme), style) for text, style in spans]
    text = "".join(part for part, _ in spans)
    if length(text) <= width:
        return [spans]
    side = next((text.find(mark) + len(mark) for mark in ("← ", "<- ", "  ") if mark in text[:16]), 2)
    indent = min(side, max(0, width // 4))
    lines: list[list[Span]] = []
    start = 0
    while start < len(text):
        room = max(1, width - (indent if lines else 0))
        stop = len(text) if len(text) - start <= room else start + _break(text[start:], room)
        margin: list[Span] = [(" " * indent, spans[0][1])] if lines else []
        lines.append(margin + _sliced(spans, start, stop))
        start = stop + (text[stop : stop + 1] == " ")
    return lines


def _break(text: str, room: int) -> int:
    """Where to break a text that is longer than there is room: a late space outside brackets, else any, else here."""
    depth, outside, anywhere = 0, 0, 0
    for i, character in enumerate(text[: room + 1]):
        depth += (character in "([") - (character in ")]")
        if character == " " and i:
            anywhere = i
            outside = outside if depth > 0 or text[i - 1] in "+−-=" else i
    return outside if outside > room // 3 else anywhere or room


def _sliced(spans: list[Span], start: int, stop: int) -> list[Span]:
    """The part of a line between two columns."""
    parts: list[Span] = []
    at = 0
    for text, style in spans:
        part = text[max(0, start - at) : max(0, stop - at)]
        if part:
            parts.append((part, style))
        at += len(text)
    return parts


def without_middle(spans: list[Span], width: int, theme: Theme) -> list[Span]:
    """A line without its middle, so that what it comes to is still there."""
    if spans_length(spans, theme) <= width:
        return spans
    text = "".join(part for part, _ in spans)
    tail_from = text.rfind(" = ")
    tail = text[tail_from:] if tail_from > 0 else ""
    ellipsis = theme.glyphs.ellipsis
    room = max(0, width - length(written(tail, theme)) - len(ellipsis))
    head: list[Span] = []
    for part, style in spans:
        piece = part[:room]
        head.append((piece, style))
        room -= length(written(piece, theme))
        if room <= 0:
            break
    muted = theme.style(theme.palette.muted)
    return [*head, (ellipsis, muted), (tail, theme.style(theme.palette.text, bold=True))]
