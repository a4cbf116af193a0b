"""What a partial update sends to the terminal: the cells that changed, and little else.

`Widget.refresh(region)` sounds like "send this region", but Textual's compositor cuts a changed span only on its
right: it moves the cursor to the left edge of the widget and sends the row up to the end of the span, each piece
of one style with its full colours and a reset. One cell at column 140 costs a row. The compositor here

- cuts a span on its left too,
- sends the pieces of an update style by style instead of row by row: moving the cursor costs 4 to 8 bytes, changing
  two colours 35,
- changes only the part of a style that differs from the last one, and of blanks only the background.

A changed cell costs about 50 bytes, ten more of the same style in its row 5 each.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.screen import Screen
from textual.strip import Strip

SGR = tuple[tuple[str, ...], str, str]  # the codes of attributes, foreground, background

_NO_STYLE: SGR = ((), "", "")
# The code that takes an attribute back (ECMA-48, 8.3.117); 22 takes back bold and dim together.
_OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
_OFF |= {"21": "24", "51": "54", "52": "54", "53": "55"}
_INVISIBLE_ON_BLANKS = {"1", "2", "3", "5", "6", "8"}


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


class _Pen:
    """Collects the pieces of an update and writes them style by style."""

    def __init__(self, console: Console) -> None:
        self.system = console._color_system or ColorSystem.TRUECOLOR
        self.pieces: dict[SGR, list[_Piece]] = {}
        self.blanks: dict[str, list[_Piece]] = {}  # by background

    def write(self, row: int, col: int, strip: Strip) -> None:
        """Take a strip that begins at (row, col) of the screen."""
        for segment in strip:
            text, style, _ = segment
            width = segment.cell_length
            sgr = _NO_STYLE
            if style is not None and style.link:
                text = Strip.render_style(style, text, self.system)
            elif style is not None:
                sgr = _sgr(style, self.system)
            piece = _Piece(row, col, width, text)
            if text.isspace() and _INVISIBLE_ON_BLANKS.issuperset(sgr[0]):
                self.blanks.setdefault(sgr[2], []).append(piece)
            else:
                self.pieces.setdefault(sgr, []).append(piece)
            col += width

    def lift(self) -> str:
        """The bytes of everything written; they leave the terminal without a style."""
        for sgr in self.pieces:  # blanks go with any style of their background
            if _INVISIBLE_ON_BLANKS.issuperset(sgr[0]):
                self.pieces[sgr] += self.blanks.pop(sgr[2], [])
        groups = [*self.pieces.items(), *((((), "", bg), blanks) for bg, blanks in self.blanks.items())]
        out: list[str] = []
        before, row, col = _NO_STYLE, -1, -1
        for index, (sgr, pieces) in enumerate(groups):
            if index >= len(self.pieces) and _INVISIBLE_ON_BLANKS.issuperset(before[0]):
                sgr = before[0], before[1], sgr[2]
            out.append(_change(before, sgr))
            before = sgr
            for piece in sorted(pieces):
                step = piece.col - col
                if piece.row != row or step < 0:
                    out.append(f"\x1b[{piece.row + 1};{piece.col + 1}H")
                elif step:
                    out.append(f"\x1b[{step}C")
                out.append(piece.text)
                row, col = piece.row, piece.col + piece.width
        return "".join(out) + ("\x1b[0m" if before != _NO_STYLE else "")


class ScreenUpdate(LayoutUpdate):
    """A full update, style by style."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        pen = _Pen(console)
        for row, strips in enumerate(self.strips, self.region.y):
            col = self.region.x
            for strip in strips:
                pen.write(row, col, strip)
                col += strip.cell_length
        return pen.lift()


class SpansUpdate(ChopsUpdate):
    """A partial update that sends its spans and not what is left of them."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        pen = _Pen(console)
        for row, left, right in self.spans:
            for end, (start, strip) in zip(self.chop_ends[row], self.chops[row].items(), strict=True):
                first, last = max(left, start), min(right, end)
                if strip is not None and first < last:
                    pen.write(row, first, strip.crop(first - start, last - start))
        return pen.lift()


class SpansCompositor(Compositor):
    """Textual's compositor, with updates that send what changed."""

    def render_full_update(self, simplify: bool = False) -> ScreenUpdate:
        """The update of the whole screen."""
        update = super().render_full_update(simplify)
        return ScreenUpdate(update.strips, update.region)

    def render_partial_update(self) -> SpansUpdate | None:
        """The update of the changed regions, or None."""
        update = super().render_partial_update()
        return None if update is None else SpansUpdate(update.chops, update.spans, update.chop_ends)


def send_spans_only(screen: Screen[object]) -> None:
    """Make the updates of this screen small; all its widgets profit. Harmless when repeated."""
    # The compositor is made by Screen.__init__ and offers no hook; its state stays, two methods change.
    screen._compositor.__class__ = SpansCompositor
