"""Pages of text: paragraphs drawn as cells, and the widget that scrolls them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.app import App

from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells, Style, encode
from tui.drawing.theme import Theme, make_theme

MORE = 2  # columns kept free on the right for what says that there is more


@dataclass(frozen=True)
class Paragraph:
    """Text of one look: heading, body, muted, formula, current or warning; `name` stands in its indent."""

    text: str
    look: str = "body"
    name: str = ""
    indent: int = 0


def drawing_theme(app: App[Any]) -> Theme:
    """The glyphs and colours that fit the app's theme and terminal."""
    return make_theme(
        dark=app.current_theme.dark, ascii_only=getattr(app, "ascii_only", False), colour=not app.no_color
    )


def page_lines(paragraphs: Sequence[Paragraph], width: int) -> list[tuple[str, str, str]]:
    """The paragraphs wrapped to a width: (name, text, look) of every line."""
    lines: list[tuple[str, str, str]] = []
    for paragraph in paragraphs:
        wrapped = textwrap.wrap(paragraph.text, max(8, width - paragraph.indent)) or [""]
        for number, line in enumerate(wrapped):
            lines.append((paragraph.name if number == 0 else "", " " * paragraph.indent + line, paragraph.look))
    return lines


def draw_page(lines: Sequence[tuple[str, str, str]], offset: int, width: int, height: int, theme: Theme) -> Cells:
    """The lines from `offset` on, with a mark in the corner where there is more."""
    cells = Cells(width, height)
    for row, (name, text, look) in enumerate(lines[offset : offset + height]):
        cells.put(row, 0, text, _style(look, theme))
        cells.put(row, 0, name, theme.style(theme.palette.accent, bold=True))
    if offset > 0:
        _mark(cells, 0, theme.glyphs.above, theme)
    if offset + height < len(lines):
        _mark(cells, height - 1, theme.glyphs.below, theme)
    return cells


def _mark(cells: Cells, row: int, glyph: str, theme: Theme) -> None:
    cells.put(row, cells.width - len(encode(glyph)), glyph, theme.style(theme.palette.accent, bold=True))


def _style(look: str, theme: Theme) -> Style:
    palette = theme.palette
    return {
        "heading": theme.style(palette.series[0], bold=True),
        "muted": theme.style(palette.muted),
        "formula": theme.style(palette.accent),
        "warning": theme.style(palette.warning, bold=True),
        "current": theme.style(palette.text, bold=True),
    }.get(look, theme.style(palette.text))


class Page(Canvas):
    """A page that scrolls by lines."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.paragraphs: Sequence[Paragraph] = ()
        self.offset_line = 0

    def on_mount(self) -> None:
        """Draw, and draw again in another theme."""
        super().on_mount()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.draw(self._paint))
        self.draw(self._paint)

    def write(self, paragraphs: Sequence[Paragraph], line: int = 0) -> None:
        """Show other paragraphs, from a line on."""
        self.paragraphs = paragraphs
        self.offset_line = line
        if self.is_attached:
            self.draw(self._paint)

    def scroll_lines(self, lines: int) -> None:
        """Move on by so many lines, or back."""
        self.offset_line += lines
        self.draw(self._paint)

    def _paint(self, width: int, height: int) -> Cells:
        lines = page_lines(self.paragraphs, width - MORE)
        self.offset_line = max(0, min(self.offset_line, len(lines) - height))
        return draw_page(lines, self.offset_line, width, height, drawing_theme(self.app))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_lines(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls."""
        event.stop()
        self.scroll_lines(-3)
