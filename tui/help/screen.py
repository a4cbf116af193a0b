"""The help screen: the keys of the screen below, how to read the board and the curves, and the words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.widgets import Footer

from tui.drawing.cells import encode
from tui.help.dialog import Dialog
from tui.help.glossary import BOARD, GLOSSARY, HEALTH, NUMBERS, glyph_meanings, metric_meanings
from tui.help.keys import KeyLine, keys_file
from tui.help.page import Page, Paragraph

WIDE = 110  # columns from which there is room for two pages


def key_paragraphs(lines: Sequence[KeyLine]) -> list[Paragraph]:
    """The keys of a screen with what they do and by which name they can be set."""
    found = [Paragraph("Keys", "heading")]
    indent = 2 + max((len(encode(line.keys)) for line in lines), default=0)
    found += [Paragraph(f"{line.does}  ({line.id})", name=line.keys, indent=indent) for line in lines]
    found.append(Paragraph(""))
    found.append(Paragraph(f"Other keys, by the names in brackets: {keys_file()}", "muted"))
    return found


def word_paragraphs(ascii_only: bool) -> list[Paragraph]:
    """How to read the board, and what the words mean."""
    board = [Paragraph(text, name=name, indent=16) for name, text in BOARD]
    board += [Paragraph(text, name=name, indent=16) for name, text in glyph_meanings(ascii_only)]
    words = [Paragraph(text, name=name, indent=16) for name, text in GLOSSARY]
    return [Paragraph("The board", "heading"), *board, Paragraph(""), Paragraph("Words and signs", "heading"), *words]


def curve_paragraphs() -> list[Paragraph]:
    """What the numbers of a run are, and what every curve means, how it looks when all is well, and when it is not."""
    found = [Paragraph("The curves", "heading"), *(Paragraph(text, name=name, indent=16) for name, text in HEALTH)]
    found += [Paragraph(""), Paragraph("The numbers of a run", "heading")]
    found += [Paragraph(text, name=name, indent=16) for name, text in NUMBERS]
    found += [Paragraph(""), Paragraph("Curve by curve", "heading")]
    for metric, sentences in metric_meanings():
        found += [Paragraph(""), Paragraph(metric, "formula")]
        found += [Paragraph(text, name=name, indent=9 if name else 0) for name, text in sentences]
    return found


class HelpScreen(Dialog[None]):
    """Explains the screen below it."""

    CSS_PATH = "help.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "back", id="help.close"),
        Binding("down,j", "scroll_page(1)", "down", show=False, id="help.down"),
        Binding("up,k", "scroll_page(-1)", "up", show=False, id="help.up"),
        Binding("pagedown,space", "scroll_page(15)", "more", id="help.page-down"),
        Binding("pageup,b", "scroll_page(-15)", "back a page", show=False, id="help.page-up"),
    ]

    def __init__(
        self, lines: Sequence[KeyLine], *, curves_first: bool = False, words: Sequence[Paragraph] = ()
    ) -> None:
        """curves_first: whether the screen below shows the curves of runs rather than a lesson; words: what it has to
        say itself, in place of these."""
        super().__init__()
        self.words = words
        self.lines = lines
        self.curves_first = curves_first

    def compose(self) -> ComposeResult:
        """Keys and words side by side where there is room, else one after the other."""
        self.add_class("-wide" if self.app.size.width >= WIDE else "-narrow")  # and not only once it is laid out
        with Grid():
            yield Page(id="keys")
            yield Page(id="words")
        yield Footer()

    def on_mount(self) -> None:
        """Write the pages."""
        self._write()

    def on_resize(self) -> None:
        """One page or two."""
        self._write()

    def _write(self) -> None:
        keys, words = self.query_one("#keys", Page), self.query_one("#words", Page)
        keys.border_title = "Help"
        words.border_title = "Reading the curves" if self.curves_first and not self.words else "Reading a lesson"
        ascii_only = getattr(self.app, "ascii_only", False)
        lessons, curves = word_paragraphs(ascii_only), curve_paragraphs()
        first = key_paragraphs(self.lines)
        both = [*curves, Paragraph(""), *lessons] if self.curves_first else [*lessons, Paragraph(""), *curves]
        second = self.words or both
        if self.app.size.width < WIDE:
            first, second = [*first, Paragraph(""), *second], []
        keys.write(first, keys.offset_line)
        words.write(second, words.offset_line)

    def action_scroll_page(self, lines: int) -> None:
        """Scroll both pages."""
        for page in self.query(Page):
            page.scroll_lines(lines)
