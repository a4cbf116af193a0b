"""The pen: strips as the bytes that show them, grouped by style, without what the terminal shows already.

- The pieces of an update are sent style by style instead of row by row: moving the cursor costs 4 to 8 bytes, changing
  two colours 35.
- Only the part of a style that differs from the last one is changed, and of blanks only the background.
- What the terminal shows is remembered, and what is there already left out: Textual paints a screen that is opened four
  or five times over, and all of it again when something moves behind a dialog.
- Where another screen takes the place of one, all is wiped and what is not blank written, if that is shorter than to
  take away piece by piece what stood there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from rich.cells import get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual.strip import Strip

SGR = tuple[tuple[str, ...], str, str]  # the codes of attributes, foreground, background

_NO_STYLE: SGR = ((), "", "")
# The code that takes an attribute back (ECMA-48, 8.3.117); 22 takes back bold and dim together.
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_OFF |= {"21": "24", "51": "54", "52": "54", "53": "55"}
_INVISIBLE_ON_BLANKS = {"1", "2", "3", "5", "6", "8"}
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


def _blank(sgr: SGR) -> tuple[str, SGR]:
    """A blank of a style as it is seen: of most styles nothing but the background."""
    return " ", ((), "", sgr[2]) if _INVISIBLE_ON_BLANKS.issuperset(sgr[0]) else sgr


class Shown:
    """What the terminal shows, cell by cell, as far as it was told by us."""

    GAP = 4  # cells that are cheaper to send again than to step over

    def __init__(self) -> None:
        self._rows: dict[int, list[tuple[str, SGR] | None]] = {}  # None is unknown
        self.synchronised = False  # whether it shows all of an update at once, when told where one begins and ends
        self.erases = False  # whether it can make blanks of the background out of cells (ECMA-48, ECH and ED)
        self.size = 0, 0  # its columns and rows, as far as they are known

    def forget(self) -> None:
        """Someone else has written to the terminal, or its size is another: nothing is known."""
        self._rows.clear()

    def news(self, row: int, col: int, text: str, width: int, sgr: SGR) -> list[tuple[int, str, int]]:
        """The parts of a text that are not there yet, from then on thought to be: (column, text, cells)."""
        blank = _blank(sgr)
        cells: list[tuple[str, SGR] | None] = [blank if character == " " else (character, sgr) for character in text]
        if len(cells) != width:
            wide = [(cell, get_character_cell_size(character)) for cell, character in zip(cells, text, strict=True)]
            cells = [part for cell, size in wide for part in (cell, *[("", sgr)] * (size - 1)) if size]
        line = self._rows.setdefault(row, [])
        line.extend([None] * (col + width - len(line)))
        before = line[col : col + width]
        if before == cells:
            return []
        line[col : col + width] = cells
        found: list[tuple[int, str, int]] = []
        for start, stop in self._runs(before, cells):
            found.append((col + start, "".join(cell[0] for cell in cells[start:stop] if cell), stop - start))
        return found

    def again(self, row: int, start: int, stop: int, sgr: SGR) -> str | None:
        """What is there from one column to another, if it can be written in this style and stay what it is."""
        cells, blank = self._rows.get(row, [])[start:stop], _blank(sgr)
        fitting = [cell[0] for cell in cells if cell and cell[0] and (cell[1] == sgr or cell == blank)]
        return "".join(fitting) if len(fitting) == stop - start else None

    def stands_out(self, background: str) -> list[tuple[int, int, str, int, SGR]] | None:
        """All but the blanks of a background: (row, column, text, cells, style); None where something is unknown."""
        columns, rows = self.size
        blank = " ", ((), "", background)
        found: list[tuple[int, int, str, int, SGR]] = []
        for row in range(rows):
            line = self._rows.get(row, [])[:columns]
            if len(line) < columns:
                return None
            text, start, stop, style = "", 0, 0, _NO_STYLE
            for col, cell in enumerate(line):
                if cell is None:
                    return None
                if cell == blank:
                    continue
                if text and cell[1] == style and col - stop <= (self.GAP if _blank(style) == blank else 0):
                    text += " " * (col - stop) + cell[0]
                else:
                    found += [(row, start, text, stop - start, style)] if text else []
                    text, start, style = cell[0], col, cell[1]
                stop = col + 1
            found += [(row, start, text, stop - start, style)] if text else []
        return found

    def unknown(self, row: int, col: int, width: int) -> None:
        """Something was written there that cannot be told apart by cells."""
        line = self._rows.setdefault(row, [])
        line.extend([None] * (col + width - len(line)))
        line[col : col + width] = [None] * width

    def _runs(
        self, before: list[tuple[str, SGR] | None], after: list[tuple[str, SGR] | None]
    ) -> Iterator[tuple[int, int]]:
        """Where two rows differ, with small gaps closed and no wide character cut in half."""
        differ = [index for index, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        start = stop = differ[0]
        for index in differ:
            if index > stop + self.GAP:
                yield _whole(after, start, stop)
                start = index
            stop = index
        yield _whole(after, start, stop)


def _whole(cells: list[tuple[str, SGR] | None], first: int, last: int) -> tuple[int, int]:
    """From the cell where the first character begins to the one behind the last."""
    while first > 0 and cells[first] is not None and not cells[first][0]:  # type: ignore[index]
        first -= 1
    stop = last + 1
    while stop < len(cells) and cells[stop] is not None and not cells[stop][0]:  # type: ignore[index]
        stop += 1
    return first, stop


_shown: WeakKeyDictionary[Console, Shown] = WeakKeyDictionary()  # what the terminals of some consoles show


def remember_what_is_shown(console: Console) -> Shown:
    """From now on send to the terminal of this console only what it does not show already."""
    return _shown.setdefault(console, Shown())


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
        self.shown = _shown.get(console)
        self.erases = self.shown is not None and self.shown.erases
        self.pieces: dict[SGR, list[_Piece]] = {}
        self.blanks: dict[str, list[_Piece]] = {}  # by background

    def write(self, row: int, col: int, segments: Iterable[Segment]) -> None:
        """Take what begins at (row, col) of the screen, such as a strip."""
        for segment in segments:
            text, style, _ = segment
            width = segment.cell_length
            if style is not None and style.link:
                self._put(row, col, width, Strip.render_style(style, text, self.system), _NO_STYLE)
                if self.shown is not None:
                    self.shown.unknown(row, col, width)
            else:
                sgr = _NO_STYLE if style is None else _sgr(style, self.system)
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
        if text.isspace() and _INVISIBLE_ON_BLANKS.issuperset(sgr[0]):
            self.blanks.setdefault(sgr[2], []).append(piece)
        else:
            self.pieces.setdefault(sgr, []).append(piece)

    def lift(self) -> str:
        """The bytes of everything written; they leave the terminal without a style."""
        shown = self.shown
        background = self._mostly_blank() if self.erases else None
        text = self._spelt(_NO_STYLE)
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
        return f"{_change(_NO_STYLE, paper)}\x1b[H\x1b[J{pen._spelt(paper)}"

    def _spelt(self, before: SGR) -> str:
        """All pieces, style by style, after a style has been set."""
        for sgr in self.pieces:  # blanks go with any style of their background
            if _INVISIBLE_ON_BLANKS.issuperset(sgr[0]):
                self.pieces[sgr] += self.blanks.pop(sgr[2], [])
        groups = [*self.pieces.items(), *((((), "", bg), blanks) for bg, blanks in self.blanks.items())]
        out: list[str] = []
        row = col = -1
        for index, (sgr, pieces) in enumerate(groups):
            if index >= len(self.pieces) and _INVISIBLE_ON_BLANKS.issuperset(before[0]):
                sgr = before[0], before[1], sgr[2]
            out.append(_change(before, sgr))
            before = sgr
            erases = self.erases and _INVISIBLE_ON_BLANKS.issuperset(sgr[0])
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
        out.append("\x1b[0m" if before != _NO_STYLE else "")
        return "".join(out)
