"""Text in panes: runs of styled text put into cells, wrapped, cut, and spelt out where only ASCII may be shown."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Iterable, Sequence

from tui.drawing.cells import Cells, Style, encode, safe_text
from tui.drawing.theme import Theme

Span = tuple[str, Style]

HEADLINE_GAP = 3  # columns between the parts of a headline

_BECOMES = re.compile(r"(^|\)) ← ")  # of a formula; elsewhere ← is an action
_ASCII = str.maketrans(
    {
        **dict(zip("αγεθπΔ", ("alpha", "gamma", "eps", "theta", "pi", "D"), strict=True)),
        **dict(zip("↑→↓←↗↘↙↖", "^>v<unby", strict=True)),
        **dict(zip("−·′–₁₂★", "-*'-12*", strict=True)),
        **dict(zip("Σ±…∞", ("sum", "+-", "...", "inf"), strict=True)),
        **dict(zip("∂ηω½ᵀᵢ", ("d", "eta", "w", "1/2", ".T", "_i"), strict=True)),
        **dict(zip("Âδρλ∇", ("A", "delta", "rho", "lambda", "grad"), strict=True)),
        **dict(zip("″²ⁿ", ("''", "^2", "^n"), strict=True)),
    }
)
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᶜᵇʸˣ]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᶜᵇʸˣ", "0123456789-cbyx")


def ascii_only(theme: Theme) -> bool:
    """Whether the theme shows nothing but ASCII."""
    return theme.glyphs.ellipsis.isascii()


def written(text: str, theme: Theme) -> str:
    """The text as the theme can show it: spelt out in ASCII where its glyphs are."""
    if not ascii_only(theme):
        return text
    powers = _RAISED.sub(lambda found: "^" + _lowered(found[0]), text)
    return _BECOMES.sub(r"\1 <- ", powers).translate(_ASCII)


def _lowered(exponent: str) -> str:
    """A raised exponent on the line; in brackets where it is more than a number."""
    plain = exponent.translate(_LOWERED)
    return f"({plain})" if "-" in plain[1:] else plain


def joined(parts: Iterable[str], theme: Theme) -> str:
    """Parts of a title with dots between them."""
    return (" - " if ascii_only(theme) else " · ").join(parts)


def length(text: str) -> int:
    """How many cells the text takes."""
    return len(text) if text.isascii() else len(encode(text))


def clipped(text: str, width: int, theme: Theme) -> str:
    """The text in at most `width` cells, with an ellipsis where it was cut."""
    return safe_text(written(text, theme), max(0, width), theme.glyphs.ellipsis)


def wrapped(text: str, width: int, theme: Theme, indent: str = "") -> list[str]:
    """The text in lines of at most `width` characters, the later ones indented."""
    if width < 1:
        return []
    return textwrap.wrap(written(text, theme), max(width, len(indent) + 1), subsequent_indent=indent)


def spans_length(spans: Iterable[Span], theme: Theme) -> int:
    """How many cells runs of text take as the theme shows them."""
    return sum(length(written(text, theme)) for text, _ in spans)


def put_spans(cells: Cells, row: int, col: int, spans: Iterable[Span], theme: Theme) -> int:
    """Write runs of styled text one after the other; returns the column behind them."""
    for text, style in spans:
        shown = written(text, theme)
        cells.put(row, col, shown, style)
        col += length(shown)
    return col


def draw_headline(lines: Sequence[Sequence[Span]], state: Span, width: int, theme: Theme) -> Cells:
    """One line: the first of `lines` that fits, else what there is room for of the last; the `state` on the right."""
    cells = Cells(width, 1)
    shown_state = written(state[0], theme)
    room = width - length(shown_state) - 2
    fits = (line for line in lines if spans_length(line, theme) + HEADLINE_GAP * (len(line) - 1) <= room)
    fitting = next(fits, lines[-1])
    col = 0
    for text, style in fitting:
        shown = clipped(text, max(0, room - col), theme)
        cells.put(0, col, shown, style)
        col += length(shown) + HEADLINE_GAP
    cells.put(0, max(0, width - length(shown_state)), shown_state, state[1])
    return cells


def bar(share: float, width: int, theme: Theme) -> str:
    """A line of |share| of the width: half a character counts as one."""
    return theme.glyphs.ring.horizontal * min(width, math.floor(abs(share) * width + 0.5))


def bar_style(value: float, theme: Theme) -> Style:
    """The style of a bar: below zero orange, else blue; the number beside it has the sign."""
    return theme.style(theme.palette.negative[-1] if value < 0 else theme.palette.positive[-1])
