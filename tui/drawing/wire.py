"""What a partial update sends to the terminal: the cells that changed, and little else.

`Widget.refresh(region)` sounds like "send this region", but Textual's compositor cuts a changed span only on its
right: it moves the cursor to the left edge of the widget and sends the row up to the end of the span, each piece
of one style with its full colours and a reset. One cell at column 140 costs a row. The compositor here cuts on the
left too, moves within a row by a relative step, and sends only the part of a style that differs from the last one:
a changed cell costs about 50 bytes, ten more of the same style in its row 5 each.
"""

from __future__ import annotations

from functools import lru_cache

from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.screen import Screen
from textual.strip import Strip

SGR = tuple[str, str, str]  # the codes of attributes, foreground, background

_NO_STYLE: SGR = ("", "", "")


@lru_cache(maxsize=8192)
def _sgr(style: Style, system: ColorSystem) -> SGR:
    """The codes of SGR (ECMA-48 8.3.117) that set `style`, by part."""
    colour, background = style.color, style.bgcolor
    return (
        Strip.render_ansi(style.without_color, system),
        "" if colour is None else ";".join(colour.downgrade(system).get_ansi_codes(True)),
        "" if background is None else ";".join(background.downgrade(system).get_ansi_codes(False)),
    )


class _Pen:
    """Where the cursor is and how it writes, so that only differences are sent."""

    def __init__(self, system: ColorSystem) -> None:
        self.system = system
        self.out: list[str] = []
        self.row = self.col = -1
        self.sgr = _NO_STYLE

    def move(self, row: int, col: int) -> None:
        """Go to (row, col)."""
        step = col - self.col
        if row != self.row or step < 0:
            self.out.append(f"\x1b[{row + 1};{col + 1}H")
        elif step:
            self.out.append(f"\x1b[{step}C")
        self.row, self.col = row, col

    def change_style(self, sgr: SGR) -> None:
        """Switch to the style of these codes."""
        codes: list[str] = []
        if sgr[0] != self.sgr[0]:  # an attribute can only be taken back together with the colours
            codes = ["0", *filter(None, sgr)]
        else:
            codes += [sgr[1] or "39"] if sgr[1] != self.sgr[1] else []
            codes += [sgr[2] or "49"] if sgr[2] != self.sgr[2] else []
        if codes:
            self.out.append(f"\x1b[{';'.join(codes)}m")
        self.sgr = sgr

    def write(self, strip: Strip) -> None:
        """Write the strip at the cursor."""
        for text, style, _ in strip:
            if style is not None and style.link:
                self.change_style(_NO_STYLE)
                self.out.append(Strip.render_style(style, text, self.system))
            else:
                self.change_style(_NO_STYLE if style is None else _sgr(style, self.system))
                self.out.append(text)
        self.col += strip.cell_length

    def lift(self) -> str:
        """Everything written, leaving the terminal without a style."""
        self.change_style(_NO_STYLE)
        return "".join(self.out)


def _pen(console: Console) -> _Pen:
    return _Pen(console._color_system or ColorSystem.TRUECOLOR)


class ScreenUpdate(LayoutUpdate):
    """A full update with each style sent where it changes."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        pen = _pen(console)
        for row, strips in enumerate(self.strips, self.region.y):
            pen.move(row, self.region.x)
            for strip in strips:
                pen.write(strip)
        return pen.lift()


class SpansUpdate(ChopsUpdate):
    """A partial update that sends its spans and not what is left of them."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        pen = _pen(console)
        for row, left, right in self.spans:
            for end, (start, strip) in zip(self.chop_ends[row], self.chops[row].items(), strict=True):
                first, last = max(left, start), min(right, end)
                if strip is not None and first < last:
                    pen.move(row, first)
                    pen.write(strip.crop(first - start, last - start))
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
