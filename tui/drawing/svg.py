"""Cells as a picture: SVG that looks the same in every viewer.

Text is text, set to the width of its cells whatever the font. Lines, bars and the dots of braille are drawn, because
fonts disagree on them: they meet without gaps.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import RGB, SPACE, WIDE, Cells, Style, decode, unpack
from tui.drawing.strokes import BRAILLE
from tui.drawing.theme import UNICODE, Palette

WIDTH, HEIGHT, MARGIN = 8, 17, 16  # of a cell and around all, in pixels
FONTS = "DejaVu Sans Mono, Menlo, Consolas, monospace"

_DOT = 1.1  # radius of a dot of braille
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
# Where a line leaves the middle of the cell: up, right, down, left.
_ARMS = dict(zip("─│┌┬┐├┼┤└┴┘", ("rl", "ud", "rd", "rdl", "dl", "urd", "urdl", "udl", "ur", "url", "ul"), strict=True))
_ENDS = {"u": (0.5, 0.0), "r": (1.0, 0.5), "d": (0.5, 1.0), "l": (0.0, 0.5)}


def to_svg(cells: Cells, palette: Palette, title: str = "") -> str:
    """The cells as an SVG document on the palette's background; `title` is what a reader of the picture is told."""
    width, height = (WIDTH * cells.width + 2 * MARGIN, HEIGHT * cells.height + 2 * MARGIN)
    body = [part for row in range(cells.height) for part in _row(cells, row, palette)]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'font-family="{FONTS}" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{width}" height="{height}" fill="{_hex(palette.background)}"/>',
            f'<g transform="translate({MARGIN} {MARGIN})">',
            *body,
            "</g>",
            "</svg>",
            "",
        ]
    )


def _row(cells: Cells, row: int, palette: Palette) -> Iterator[str]:
    """One row: first what lies behind, then what is drawn, then what is written."""
    codes, styles = cells.codes[row], cells.styles[row]
    splits = np.flatnonzero(styles[1:] != styles[:-1]) + 1
    bounds = [0, *splits.tolist(), cells.width] if cells.width else []
    pieces = [(start, stop, _shown(unpack(int(styles[start])), palette)) for start, stop in pairwise(bounds)]
    for start, stop, style in pieces:
        if style.bg is not None:
            x, wide = WIDTH * start, WIDTH * (stop - start)
            yield f'<rect x="{x}" y="{HEIGHT * row}" width="{wide}" height="{HEIGHT}" fill="{_hex(style.bg)}"/>'
    for start, stop, style in pieces:
        characters = list(enumerate((codes[start:stop] & (WIDE - 1)).tolist(), start))
        path = "".join(_stroke(chr(code), col, row) for col, code in characters)
        fill = "".join(_filled(code, col, row) for col, code in characters)
        ink = _hex(style.fg or palette.text)
        if path:
            yield f'<path d="{path}" stroke="{ink}" fill="none"/>'
        if fill:
            yield f'<path d="{fill}" fill="{ink}"/>'
        yield from _texts(codes[start:stop], start, row, style, ink)


def _shown(style: Style, palette: Palette) -> Style:
    """The style with reverse carried out."""
    if not style.reverse:
        return style
    return style._replace(fg=style.bg or palette.background, bg=style.fg or palette.text)


def _texts(codes: NDArray[np.uint32], start: int, row: int, style: Style, ink: str) -> Iterator[str]:
    """The phrases of a piece, each at its own column and as wide as its cells; two blanks part them."""
    words = [code != SPACE and not _is_drawn(code) for code in codes.tolist()]
    between = [code == SPACE and all(words[max(0, i - 1) : i + 2 : 2]) for i, code in enumerate(codes.tolist())]
    inner = [False, *between[1:-1], False]
    written = [word or blank for word, blank in zip(words, inner, strict=False)]
    look = ' font-weight="bold"' * style.bold + ' text-decoration="underline"' * style.underline
    look += ' opacity="0.6"' * style.dim
    for word, group in groupby(range(len(codes)), written.__getitem__):
        places = list(group)
        if word:
            text = decode(codes[places[0] : places[-1] + 1])
            x, wide = WIDTH * (start + places[0]), WIDTH * len(places)
            yield (
                f'<text x="{x}" y="{HEIGHT * row + 13}" textLength="{wide}" lengthAdjust="spacingAndGlyphs" '
                f'fill="{ink}"{look}>{escape(text)}</text>'
            )


def _is_drawn(code: int) -> bool:
    return BRAILLE <= code < BRAILLE + 256 or chr(code & (WIDE - 1)) in _ARMS or _share(code) is not None


def _stroke(character: str, col: int, row: int) -> str:
    """The arms of a character of lines."""
    arms = _ARMS.get(character)
    if arms is None:
        return ""
    left, top = WIDTH * col, HEIGHT * row
    center = f"M{left + WIDTH / 2} {top + HEIGHT / 2}"
    ends = (_ENDS[arm] for arm in arms)
    return "".join(f"{center}L{left + x * WIDTH} {top + y * HEIGHT}" for x, y in ends)


def _filled(code: int, col: int, row: int) -> str:
    """The dots of a character of braille, or a bar."""
    left, top = WIDTH * col, HEIGHT * row
    if BRAILLE <= code < BRAILLE + 256:
        return "".join(
            _circle(left + WIDTH * (0.25 + 0.5 * x), top + HEIGHT * (0.125 + 0.25 * y))
            for y, bits in enumerate(_BITS)
            for x, bit in enumerate(bits)
            if (code - BRAILLE) & bit
        )
    share = _share(code)
    if share is None:
        return ""
    begin, end = share
    return f"M{left} {top + begin * HEIGHT}h{WIDTH}v{(end - begin) * HEIGHT}h-{WIDTH}z"


def _circle(x: float, y: float) -> str:
    return f"M{x - _DOT:g} {y:g}a{_DOT} {_DOT} 0 1 0 {2 * _DOT} 0a{_DOT} {_DOT} 0 1 0 -{2 * _DOT} 0z"


def _share(code: int) -> tuple[float, float] | None:
    """From where to where a bar fills its cell, counted from the top."""
    character = chr(code & (WIDE - 1))
    if character in UNICODE.levels:
        return 1 - (UNICODE.levels.index(character) + 1) / 8, 1.0
    return (0.0, 0.5) if character == UNICODE.upper_half else None


def _hex(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
