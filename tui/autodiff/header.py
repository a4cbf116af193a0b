"""The line above: what is computed with the part of this step lit, how far it is, and whether it plays."""

from __future__ import annotations

from tui.autodiff.session import Session
from tui.drawing.cells import Cells, Style
from tui.drawing.theme import Theme
from tui.lesson.panes.text import Span, clipped, joined, length, put_spans, spans_length, written

_GAP = 3


def draw_header(session: Session, width: int, theme: Theme) -> Cells:
    """One line; a narrow one says less."""
    cells, palette = Cells(width, 1), theme.palette
    strong, plain = theme.style(palette.text, bold=True), theme.style(palette.muted)
    playback = written(f"{theme.glyphs.play if session.playing else theme.glyphs.pause} {session.speed_text}", theme)
    room = width - length(playback) - 2
    if session.message:
        style = theme.style(palette.warning if session.mistake else palette.text, bold=True)
        put_spans(cells, 0, 0, [(clipped(session.message, room, theme), style)], theme)
    else:
        name = joined(("rltop", "automatic differentiation", session.title), theme)
        clock: list[Span] = [(session.clock, plain)]
        formula = _formula(session, theme)
        for parts in ([[(name, strong)], formula, clock], [formula, clock], [clock]):
            if sum(spans_length(part, theme) + _GAP for part in parts) - _GAP <= room:
                col = 0
                for part in parts:
                    col = put_spans(cells, 0, col, part, theme) + _GAP
                break
    cells.put(0, max(0, width - length(playback)), playback, theme.style(palette.accent, bold=True))
    return cells


def _formula(session: Session, theme: Theme) -> list[Span]:
    """The expression as it was typed, what this step is about lit."""
    lesson, palette = session.lesson, theme.palette
    formula = lesson.program.reading.formula
    start = formula.places[0]
    first, last = 0, 0
    if lesson.current is not None:
        span = lesson.recording.nodes[lesson.current].span
        first, last = (min(max(place - start, 0), len(formula.text)) for place in span)
    quiet: Style = theme.style(palette.text)
    lit = theme.style(palette.accent, bold=True, underline=True)
    parts = ((formula.text[:first], quiet), (formula.text[first:last], lit), (formula.text[last:], quiet))
    return [(text.replace("\n", " ").replace("\t", " "), style) for text, style in parts if text]
