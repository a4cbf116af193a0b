"""Cells: the grid of styled characters that every drawing function returns.

A character is a code point, a style is one packed integer, both in numpy arrays, so that comparing two frames
is one comparison of arrays. Nothing but printable characters of one or two cells ever gets in: a name with an
escape sequence or a bidirectional mark cannot reach the terminal through a `Cells`, nor shift what is beside it.

Shapes: H rows, W columns.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.cells import get_character_cell_size

RGB = tuple[int, int, int]

SPACE = 0x20
WIDE = 1 << 24  # set on the left half of a character two cells wide
TAIL = 0  # its right half
_CODE = WIDE - 1

_COLOUR_BITS = 25  # 24 for red, green and blue, one to say that there is a colour
_COLOUR_SET = 1 << 24
_COLOUR_MASK = (1 << _COLOUR_BITS) - 1

_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)  # two of them become one flag, of a width terminals disagree on
_SKIN_TONES = range(0x1F3FB, 0x1F400)


class Style(NamedTuple):
    """How a character looks; a colour of None is the one of the widget underneath."""

    fg: RGB | None = None
    bg: RGB | None = None
    bold: bool = False
    dim: bool = False
    underline: bool = False
    reverse: bool = False


PLAIN = Style()


def _pack_colour(colour: RGB | None) -> int:
    if colour is None:
        return 0
    red, green, blue = colour
    return _COLOUR_SET | red << 16 | green << 8 | blue


def _unpack_colour(bits: int) -> RGB | None:
    return (bits >> 16 & 255, bits >> 8 & 255, bits & 255) if bits & _COLOUR_SET else None


@lru_cache(maxsize=8192)
def pack(style: Style) -> int:
    """The style as one integer: 25 bits foreground, 25 bits background, 4 flags."""
    flags = sum(bool(flag) << bit for bit, flag in enumerate(style[2:]))
    return _pack_colour(style.fg) | _pack_colour(style.bg) << _COLOUR_BITS | flags << 2 * _COLOUR_BITS


@lru_cache(maxsize=8192)
def unpack(bits: int) -> Style:
    """The style that `pack` made `bits` of."""
    flags = bits >> 2 * _COLOUR_BITS
    return Style(
        _unpack_colour(bits & _COLOUR_MASK),
        _unpack_colour(bits >> _COLOUR_BITS & _COLOUR_MASK),
        *(bool(flags >> bit & 1) for bit in range(len(Style._fields) - 2)),
    )


@lru_cache(maxsize=8192)
def _printable(character: str) -> str:
    """What stands for `character` on the screen: itself, a space, "?" for a control, or nothing."""
    category = unicodedata.category(character)
    if character in "\t\n\v\f\r\x85" or category[0] == "Z":
        return " "
    if category == "Cf" or category[0] == "M":  # bidirectional and zero-width marks, accents without a letter
        return ""
    code = ord(character)
    if category[0] == "C" or code in _REGIONAL_INDICATORS or code in _SKIN_TONES:
        return "?"
    return character if get_character_cell_size(character) else ""


def safe_text(value: object, limit: int = 80, ellipsis: str = "…") -> str:
    """One line of at most `limit` cells that holds nothing but printable characters.

    The one gate for every string that does not come from our own source: run names, files, exceptions,
    environment ids. White space becomes a space, a control character (ESC, C1, surrogates) "?", zero-width and
    bidirectional characters vanish, what is too long ends in `ellipsis`. The result is text, never markup.
    """
    try:
        text = value if isinstance(value, str) else str(value)
    except Exception:  # an exception whose own __str__ fails must still be shown
        text = f"<{type(value).__name__}>"
    head = text[: 4 * max(0, limit) + 64]  # a line of 10 MB is not read to its end
    clean = "".join(map(_printable, unicodedata.normalize("NFC", head)))
    whole = len(head) == len(text)
    if whole and len(encode(clean)) <= limit:
        return clean
    room = max(0, limit - len(ellipsis))
    cut = encode(clean)[:room]
    return (decode(cut).rstrip() + ellipsis)[: max(0, limit)]


def _encode(text: str) -> NDArray[np.uint32]:
    if text.isascii() and text.isprintable():
        return np.frombuffer(text.encode("utf-32-le"), "<u4")
    codes: list[int] = []
    for character in "".join(map(_printable, text)):
        wide = get_character_cell_size(character) == 2
        codes += [ord(character) | WIDE, TAIL] if wide else [ord(character)]
    encoded = np.array(codes, "<u4")
    encoded.flags.writeable = False
    return encoded


_encode_cached = lru_cache(maxsize=4096)(_encode)


def encode(text: str) -> NDArray[np.uint32]:
    """The codes of the printable part of `text`, one per cell (two for a wide character): read only."""
    return _encode_cached(text) if len(text) <= 256 else _encode(text)


def decode(codes: NDArray[np.uint32]) -> str:
    """The text of some cells; half of a wide character becomes a space."""
    if codes.size and codes.max() < WIDE and codes.min() > TAIL:
        return str(codes.tobytes(), "utf-32-le")
    codes = codes.copy()
    mend(codes)
    return str((codes & _CODE).tobytes(), "utf-32-le").replace("\0", "")


def mend(codes: NDArray[np.uint32]) -> None:
    """Replace halves of wide characters that lost their other half by spaces, in place: [..., W]."""
    heads, tails = codes >= WIDE, codes == TAIL
    lonely_head, lonely_tail = heads.copy(), tails.copy()
    lonely_head[..., :-1] &= ~tails[..., 1:]
    lonely_tail[..., 1:] &= ~heads[..., :-1]
    codes[lonely_head | lonely_tail] = SPACE


class Cells:
    """A grid of `height` x `width` characters with their styles; everything put outside is clipped.

    `codes` [H, W] are code points, `styles` [H, W] packed styles (see `pack`).
    """

    __slots__ = ("_wide", "codes", "styles")

    def __init__(self, width: int, height: int, style: Style = PLAIN) -> None:
        shape = max(0, height), max(0, width)
        self.codes: NDArray[np.uint32] = np.full(shape, SPACE, "<u4")  # [H, W]
        self.styles: NDArray[np.uint64] = np.full(shape, pack(style), np.uint64)  # [H, W]
        self._wide = False  # whether a wide character was ever put: without one nothing can be cut in half

    @property
    def width(self) -> int:
        """Columns."""
        return int(self.codes.shape[1])

    @property
    def height(self) -> int:
        """Rows."""
        return int(self.codes.shape[0])

    def put(self, row: int, col: int, text: str, style: Style = PLAIN) -> None:
        """Write `text` from (row, col) to the right, replacing characters and styles."""
        height, width = self.codes.shape
        if not 0 <= row < height or col >= width:
            return
        codes = encode(text[: width - col])  # every character takes a cell or more
        start, stop = max(0, -col), min(len(codes), width - col)
        if start >= stop:
            return
        line = self.codes[row]
        line[col + start : col + stop] = codes[start:stop]
        self.styles[row, col + start : col + stop] = pack(style)
        self._wide = self._wide or not (text.isascii() or codes.all())
        if self._wide:
            mend(line)

    def fill(self, row: int, col: int, width: int, height: int, style: Style, character: str = " ") -> None:
        """Fill a rectangle with one character (of one cell) and style."""
        rows = slice(max(0, row), max(0, row + height))
        cols = slice(max(0, col), max(0, col + width))
        self.codes[rows, cols] = encode(character)[0]
        self.styles[rows, cols] = pack(style)
        if self._wide:
            mend(self.codes)

    def blit(self, other: Cells, row: int, col: int) -> None:
        """Copy `other` with its top left corner at (row, col)."""
        top, left = max(0, row), max(0, col)
        bottom, right = min(row + other.height, self.height), min(col + other.width, self.width)
        if top >= bottom or left >= right:
            return
        source = (slice(top - row, bottom - row), slice(left - col, right - col))
        self.codes[top:bottom, left:right] = other.codes[source]
        self.styles[top:bottom, left:right] = other.styles[source]
        self._wide = self._wide or other._wide
        if self._wide:
            mend(self.codes)

    def line(self, row: int) -> str:
        """The text of one row, without styles."""
        return decode(self.codes[row])

    def style_at(self, row: int, col: int) -> Style:
        """The style of one cell."""
        return unpack(int(self.styles[row, col]))

    def __str__(self) -> str:
        return "\n".join(self.line(row) for row in range(self.height))


class Run(NamedTuple):
    """`width` cells from (row, col) to the right."""

    row: int
    col: int
    width: int


def changes(before: Cells, after: Cells) -> list[Run]:
    """The cells of `after` that differ from `before`, of the same size, as runs from top to bottom, left to right."""
    different = (before.codes != after.codes) | (before.styles != after.styles)  # [H, W]
    # A wide character is sent whole.
    different[:, :-1] |= different[:, 1:] & (after.codes[:, 1:] == TAIL)
    different[:, 1:] |= different[:, :-1] & (after.codes[:, 1:] == TAIL)
    edges = np.diff(different.astype(np.int8), axis=1, prepend=0, append=0)  # [H, W + 1], 1 where a run begins
    rows, starts = np.nonzero(edges == 1)
    stops = np.nonzero(edges == -1)[1]
    return [Run(*run) for run in zip(rows.tolist(), starts.tolist(), (stops - starts).tolist(), strict=True)]


_RUN, _STYLE = 6, 26  # bytes that moving the cursor and changing the style cost


def estimated_bytes(cells: Cells, runs: list[Run]) -> float:
    """About what it takes to send some runs of the cells: up to a quarter too low."""
    if not runs:
        return 0.0
    codes, styles = (
        np.concatenate([part[run.row, run.col : run.col + run.width] for run in runs])
        for part in (cells.codes, cells.styles)
    )
    utf8 = len(codes) + 2 * np.count_nonzero(codes > 127)
    return float(_RUN * len(runs) + utf8 + _STYLE * len(np.unique(styles)))
