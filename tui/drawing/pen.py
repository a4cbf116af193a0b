"""The pen: strips as the bytes that show them, grouped by style, without what the terminal shows already.

- The pieces of an update are sent style by style instead of row by row: moving the cursor costs 4 to 8 bytes, changing
  two colours 35.
- Only the part of a style that differs from the last one is changed, and of blanks only the background.
- What the terminal shows already (`tui.drawing.shown`) is left out: Textual paints a screen that is opened four or five
  times over, and all of it again when something moves behind a dialog.
- Where another screen takes the place of one, all is wiped and what is not blank written, if that is shorter than to
  take away piece by piece what stood there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.strip import Strip

from tui.drawing.shown import INVISIBLE_ON_BLANKS, NO_STYLE, SGR, what_is_shown

# The code that takes an attribute back (ECMA-48, 8.3.117); 22 takes back bold and dim together.
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_OFF |= {"21": "24", "51": "54", "52": "54", "53": "55"}
_ERASED = 8  # blanks in a row beyond which they are erased rather than written
_WIPED = 1 / 8  # of the screen: where more cells than this become blank, wiping all of it may be shorter
_PARTS = re.compile(f" {{{_ERASED + 1},}}|(?:[^ ]| (?! {{{_ERASED}}}))+")


@lru_cache(maxsize=8192)
def _sgr(style: Style, system: ColorSystem) -> SGR:
    """The codes that set `style`, by part."""
    colour, background = style.color, style.bgcolor
    attributes = Strip.render_ansi(style.without_color, system)
    return (
        tuple(attributes.split(";")) if attributes else (),
        "" if colour is None else ";".join(colour.downgrade(system).get_ansi_codes(True)),
        "" if background is None else ";".join(background.downgrade(system).get_ansi_codes(False)),
    )


@lru_cache(maxsize=8192)
def _change(before: SGR, after: SGR) -> str:
    """The shortest sequence that changes one style into another."""
    off = {_OFF[code] for code in before[0] if code not in after[0]}
    codes = sorted(off) + [code for code in after[0] if code not in before[0] or _OFF[code] in off]
    codes += [after[1] or "39"] if after[1] != before[1] else []
    codes += [after[2] or "49"] if after[2] != before[2] else []
    return f"\x1b[{';'.join(codes)}m" if codes else ""


class _Piece(NamedTuple):
    row: int
    col: int
    width: int
    text: str


def _split(text: str, cells: int) -> Iterator[tuple[str, int, int]]:
    """A text with its long blanks apart: (part, columns before it, cells)."""
    if len(text) <= _ERASED or len(text) != cells:  # or wide characters
        yield text, 0, cells
        return
    for match in _PARTS.finditer(text):
        yield match[0], match.start(), len(match[0])


def _jump(row: int, piece: _Piece) -> str:
    """The way from a row, or from nowhere (-1), to a piece in another one or to the left."""
    if piece.col:
        return f"\x1b[{piece.row + 1};{piece.col + 1}H"
    return "\r\n" if 0 <= row == piece.row - 1 else f"\x1b[{piece.row + 1}H"


class Pen:
    """Collects the pieces of an update and writes them style by style."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.system = console._color_system or ColorSystem.TRUECOLOR
        self.shown = what_is_shown(console)
        self.erases = self.shown is not None and self.shown.erases
        self.pieces: dict[SGR, list[_Piece]] = {}
        self.blanks: dict[str, list[_Piece]] = {}  # by background

    def write(self, row: int, col: int, segments: Iterable[Segment]) -> None:
        """Take what begins at (row, col) of the screen, such as a strip."""
        for segment in segments:
            text, style, _ = segment
            width = segment.cell_length
            if style is not None and style.link:
                self._put(row, col, width, Strip.render_style(style, text, self.system), NO_STYLE)
                if self.shown is not None:
                    self.shown.unknown(row, col, width)
            else:
                sgr = NO_STYLE if style is None else _sgr(style, self.system)
                news = [(col, text, width)] if self.shown is None else self.shown.news(row, col, text, width, sgr)
                for start, part, cells in news:
                    self._lay(row, start, part, cells, sgr)
            col += width

    def _lay(self, row: int, col: int, text: str, width: int, sgr: SGR) -> None:
        for piece, at, size in _split(text, width) if self.erases else [(text, 0, width)]:
            self._put(row, col + at, size, piece, sgr)

    def _step(self, row: int, start: int, stop: int, sgr: SGR) -> str:
        """The shortest way to the right within a row: the cursor is moved, or what is there is written again."""
        move = f"\x1b[{stop - start}C"
        text = None if self.shown is None or stop - start > len(move) else self.shown.again(row, start, stop, sgr)
        return move if text is None or len(text.encode()) > len(move) else text

    def _put(self, row: int, col: int, width: int, text: str, sgr: SGR) -> None:
        piece = _Piece(row, col, width, text)
        if text.isspace() and INVISIBLE_ON_BLANKS.issuperset(sgr[0]):
            self.blanks.setdefault(sgr[2], []).append(piece)
        else:
            self.pieces.setdefault(sgr, []).append(piece)

    def lift(self) -> str:
        """The bytes of everything written; they leave the terminal without a style."""
        shown = self.shown
        background = self._mostly_blank() if self.erases else None
        text = self._spelt(NO_STYLE)
        if background is not None:
            anew = self._over(background)
            text = anew if anew and len(anew.encode()) < len(text.encode()) else text
        return f"{SYNC_START}{text}{SYNC_END}" if text and shown is not None and shown.synchronised else text

    def _mostly_blank(self) -> str | None:
        """The background of which so many blanks are to be written that wiping everything may be shorter."""
        columns, rows = (0, 0) if self.shown is None else self.shown.size
        cells = {background: sum(piece.width for piece in blanks) for background, blanks in self.blanks.items()}
        background = max(cells, key=cells.__getitem__, default=None)
        return background if background is not None and cells[background] > _WIPED * columns * rows > 0 else None

    def _over(self, background: str) -> str:
        """The bytes that wipe everything and write the whole screen anew; none where not all of it is known."""
        assert self.shown is not None
        pen, paper = Pen(self.console), ((), "", background)
        everything = self.shown.stands_out(background)
        if everything is None:
            return ""
        for row, col, text, width, sgr in everything:
            pen._lay(row, col, text, width, sgr)
        return f"{_change(NO_STYLE, paper)}\x1b[H\x1b[J{pen._spelt(paper)}"

    def _spelt(self, before: SGR) -> str:
        """All pieces, style by style, after a style has been set."""
        for sgr in self.pieces:  # blanks go with any style of their background
            if INVISIBLE_ON_BLANKS.issuperset(sgr[0]):
                self.pieces[sgr] += self.blanks.pop(sgr[2], [])
        groups = [*self.pieces.items(), *((((), "", bg), blanks) for bg, blanks in self.blanks.items())]
        out: list[str] = []
        row = col = -1
        for index, (sgr, pieces) in enumerate(groups):
            if index >= len(self.pieces) and INVISIBLE_ON_BLANKS.issuperset(before[0]):
                sgr = before[0], before[1], sgr[2]
            out.append(_change(before, sgr))
            before = sgr
            erases = self.erases and INVISIBLE_ON_BLANKS.issuperset(sgr[0])
            for piece in sorted(pieces):
                step = piece.col - col
                if piece.row != row or step < 0:
                    out.append(_jump(row, piece))
                elif step:
                    out.append(self._step(row, col, piece.col, sgr))
                if erases and piece.width > _ERASED and piece.text.isspace():
                    out.append(f"\x1b[{piece.width}X")  # and the cursor stays
                    row, col = piece.row, piece.col
                else:
                    out.append(piece.text)
                    row, col = piece.row, piece.col + piece.width
        out.append("\x1b[0m" if before != NO_STYLE else "")
        return "".join(out)
