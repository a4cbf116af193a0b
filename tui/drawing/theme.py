"""Theme: the glyphs and colours of every drawing; unicode or ASCII, dark or light, with or without colour.

Sign and identity are never said by colour alone: a number has its sign, a series its line style, a kind of cell its
glyph. Without colour (NO_COLOR) every colour is None and the drawings are still complete.

The qualitative colours follow Okabe and Ito, "Color Universal Design" (2008); the sequential scale follows cividis,
Nuñez, Anderton and Renslow, "Optimizing colormaps with consideration for color vision deficiency" (2018).
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from tui.drawing.cells import RGB, Style


class Direction(IntEnum):
    """Where an action leads; the numbers are the actions of a gridworld with king's moves."""

    UP = 0
    RIGHT = 1
    DOWN = 2
    LEFT = 3
    UP_RIGHT = 4
    DOWN_RIGHT = 5
    DOWN_LEFT = 6
    UP_LEFT = 7

    @property
    def step(self) -> tuple[int, int]:
        """Rows down and columns right."""
        return _STEPS[self]


_STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))

# Several arrows are written as they lie: those to the left first.
_WRITING_ORDER = (3, 7, 6, 0, 2, 4, 5, 1)


@dataclass(frozen=True)
class Box:
    """The characters of a frame."""

    horizontal: str
    vertical: str
    top: str  # left corner, junction, right corner
    middle: str
    bottom: str


@dataclass(frozen=True)
class Glyphs:
    """Every character a drawing is made of; each takes one cell."""

    arrows: tuple[str, ...]  # by Direction
    heads: tuple[str, ...]  # of arrows drawn large, by Direction
    shafts: tuple[str, ...]  # by Direction
    ties: dict[frozenset[int], str]  # several directions in one cell
    many: str  # any other set of directions
    agent: str
    wall: str
    fence: str  # a wall between two cells
    start: str
    goal: str
    terminal: str
    cliff: str
    hole: str
    jump: str
    play: str
    pause: str
    ellipsis: str
    infinity: str
    cross: str  # a value that is not a number
    above: str  # a value beyond the upper end
    below: str
    point: str
    reference: str  # a horizontal reference line
    band: str  # a confidence band where there is no colour
    upper_half: str
    levels: str  # bars from low to high
    lines: tuple[str, ...]  # one character of a line per series; empty where braille is drawn
    light: Box
    ring: Box
    selection: Box
    ring_brackets: str
    selection_brackets: str


def _ties(up_down: str, left_right: str, joints: str) -> dict[frozenset[int], str]:
    up, right, down, left = range(4)
    corners = ({up, right}, {right, down}, {down, left}, {left, up})
    threes = ({up, right, down}, {right, down, left}, {down, left, up}, {left, up, right})
    table = dict(zip(map(frozenset, (*corners, *threes)), joints, strict=False))
    four = frozenset({up, right, down, left})
    return table | {frozenset({up, down}): up_down, frozenset({left, right}): left_right, four: joints[-1]}


UNICODE = Glyphs(
    arrows=("↑", "→", "↓", "←", "↗", "↘", "↙", "↖"),
    heads=("▲", "►", "▼", "◄", "◥", "◢", "◣", "◤"),
    shafts=("┃", "━", "┃", "━", "╱", "╲", "╱", "╲"),
    ties=_ties("↕", "↔", "└┌┐┘├┬┤┴┼"),
    many="*",
    agent="●",
    wall="▒",
    fence="█",
    start="S",
    goal="★",
    terminal="◆",
    cliff="╱",
    hole="○",
    jump="»",
    play="►",
    pause="❚❚",
    ellipsis="…",
    infinity="∞",
    cross="×",
    above="▴",
    below="▾",
    point="•",
    reference="-",
    band="░",
    upper_half="▀",
    levels="▁▂▃▄▅▆▇█",
    lines=(),
    light=Box("─", "│", "┌┬┐", "├┼┤", "└┴┘"),
    ring=Box("━", "┃", "┏┳┓", "┣╋┫", "┗┻┛"),
    selection=Box("═", "║", "╔╦╗", "╠╬╣", "╚╩╝"),
    ring_brackets="[]",
    selection_brackets="()",
)

ASCII = Glyphs(
    arrows=("^", ">", "v", "<", "u", "n", "b", "y"),  # the diagonals are the keys of rogue
    heads=("^", ">", "v", "<", "*", "*", "*", "*"),
    shafts=("|", "-", "|", "-", "/", "\\", "/", "\\"),
    ties=_ties("|", "-", "+++++++++"),
    many="+",
    agent="@",
    wall="#",
    fence="#",
    start="S",
    goal="$",
    terminal="T",
    cliff="/",
    hole="o",
    jump="J",
    play=">",
    pause="||",
    ellipsis="...",
    infinity="inf",
    cross="x",
    above="^",
    below="v",
    point="o",
    reference="-",
    band=":",
    upper_half="^",
    levels="_.-=+*#@",
    lines=("*", "+", "o", "x", "#", "%"),
    light=Box("-", "|", "+++", "+++", "+++"),
    ring=Box("=", "!", "***", "***", "***"),
    selection=Box("~", ":", "ooo", "ooo", "ooo"),
    ring_brackets="[]",
    selection_brackets="()",
)


def arrow_text(directions: Collection[int], width: int, glyphs: Glyphs) -> str:
    """All `directions` as arrows side by side, or as one character for the tie where they do not fit.

    Directions are values of `Direction`; of an empty collection the text is empty.
    """
    listed = [direction for direction in _WRITING_ORDER if direction in directions]
    if len(listed) <= max(1, width):
        return "".join(glyphs.arrows[direction] for direction in listed)
    return glyphs.ties.get(frozenset(listed), glyphs.many)


def mix(low: RGB, high: RGB, share: float) -> RGB:
    """`low` where `share` is 0, `high` where it is 1, interpolated in between."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue


def luminance(colour: RGB) -> float:
    """Relative luminance, 0 to 1 (WCAG 2.1)."""
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=1024)
def contrast(background: RGB | None) -> RGB | None:
    """Black or white, whichever reads better on `background`; None on no background."""
    if background is None:
        return None
    bright = luminance(background)  # contrast of two luminances: (lighter + 0.05) / (darker + 0.05)
    return (255, 255, 255) if 1.05 / (bright + 0.05) >= (bright + 0.05) / 0.05 else (0, 0, 0)


@dataclass(frozen=True)
class Palette:
    """The colours; a scale is a tuple of stops at equal distances."""

    text: RGB
    muted: RGB  # labels and axes
    faint: RGB  # grid lines
    background: RGB  # of an empty cell
    accent: RGB  # what was updated last
    selection: RGB
    agent: RGB
    wall: RGB
    goal: RGB
    terminal: RGB
    cliff: RGB
    hole: RGB
    jump: RGB
    warning: RGB
    series: tuple[RGB, ...]
    negative: tuple[RGB, ...]  # from zero to -1
    positive: tuple[RGB, ...]
    sequential: tuple[RGB, ...]


DARK = Palette(
    text=(224, 226, 230),
    muted=(140, 146, 158),
    faint=(66, 71, 82),
    background=(32, 35, 42),
    accent=(255, 214, 64),
    selection=(120, 230, 235),
    agent=(255, 255, 255),
    wall=(74, 79, 90),
    goal=(0, 104, 84),
    terminal=(84, 62, 110),
    cliff=(84, 34, 30),
    hole=(10, 12, 16),
    jump=(56, 66, 92),
    warning=(240, 110, 90),
    series=((86, 180, 233), (230, 159, 0), (0, 190, 140), (214, 140, 190), (240, 228, 66), (225, 110, 60)),
    negative=((32, 35, 42), (104, 64, 34), (176, 92, 16)),
    positive=((32, 35, 42), (30, 70, 122), (38, 108, 196)),
    sequential=((32, 35, 42), (20, 54, 104), (87, 92, 109), (160, 150, 112), (244, 222, 84)),
)

LIGHT = Palette(
    text=(32, 34, 38),
    muted=(104, 110, 120),
    faint=(196, 200, 208),
    background=(240, 241, 244),
    accent=(176, 0, 120),
    selection=(0, 96, 110),
    agent=(10, 10, 10),
    wall=(168, 172, 180),
    goal=(150, 222, 196),
    terminal=(216, 198, 236),
    cliff=(246, 196, 184),
    hole=(196, 206, 222),
    jump=(206, 218, 242),
    warning=(190, 40, 20),
    series=((0, 100, 170), (190, 100, 0), (0, 125, 92), (160, 70, 130), (120, 110, 0), (190, 60, 20)),
    negative=((240, 241, 244), (252, 212, 160), (244, 160, 72)),
    positive=((240, 241, 244), (182, 212, 248), (104, 168, 244)),
    sequential=((240, 241, 244), (214, 204, 140), (150, 148, 130), (84, 92, 112), (0, 40, 90)),
)

_LEVELS = 24  # shades of a scale: a value that moves a little keeps its colour, and its cell is not sent again


@lru_cache(maxsize=1024)
def _shade(stops: tuple[RGB, ...], level: int) -> RGB:
    place = level / _LEVELS * (len(stops) - 1)
    below = min(int(place), len(stops) - 2)
    return mix(stops[below], stops[below + 1], place - below)


@dataclass(frozen=True, eq=False)
class Theme:
    """Glyphs and colours; `make_theme` makes one of each kind. Styles asked of a theme without colour have none, but
    keep bold, dim and reverse."""

    glyphs: Glyphs
    palette: Palette
    colour: bool = True

    def style(
        self,
        fg: RGB | None = None,
        bg: RGB | None = None,
        *,
        bold: bool = False,
        dim: bool = False,
        underline: bool = False,
        reverse: bool = False,
    ) -> Style:
        """A style of these colours if the theme has colour; without `fg` the text contrasts with `bg`."""
        if not self.colour:
            return Style(None, None, bold, dim, underline, reverse)
        return Style(contrast(bg) if fg is None else fg, bg, bold, dim, underline, reverse)

    def diverging(self, share: float) -> RGB:
        """The colour of a value in [-1, 1]: orange below zero, blue above; not a number is grey."""
        if math.isnan(share):
            return self.palette.faint
        stops = self.palette.negative if share < 0 else self.palette.positive
        return _shade(stops, round(_LEVELS * min(1.0, abs(share))))

    def sequential(self, share: float) -> RGB:
        """The colour of an amount in [0, 1]; not a number is grey."""
        if math.isnan(share):
            return self.palette.faint
        return _shade(self.palette.sequential, round(_LEVELS * min(1.0, max(0.0, share))))

    def series(self, index: int) -> RGB:
        """The colour of the series of this number."""
        return self.palette.series[index % len(self.palette.series)]


@lru_cache(maxsize=8)
def make_theme(*, dark: bool = True, ascii_only: bool = False, colour: bool = True) -> Theme:
    """The theme for a dark or light terminal, with unicode or ASCII glyphs, with or without colour (NO_COLOR)."""
    return Theme(ASCII if ascii_only else UNICODE, DARK if dark else LIGHT, colour)
