"""Where everything is on the screen: a pure function of its size and of what there is to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tui.lesson.frame import RULE, Border
from tui.terminal import why_too_small

WORLDS = ("world", "world2")
LOWER = ("update", "source", "curves", "inspector", "text")  # one of them at a time where there is little room
PANES = (*WORLDS, "source", "update", "curves", "inspector", "text")

LINES = ("header", "search", "footer")  # above and below the panes of a screen

MEDIUM = 100, 30  # columns and rows from which on the panes stand beside each other
LARGE = 160, 48  # ... and all of them at once


class Place(NamedTuple):
    """A rectangle of the screen."""

    col: int
    row: int
    width: int
    height: int


def _in_common(one: Place, other: Place) -> int:
    """Columns that belong to both."""
    return max(0, min(one.col + one.width, other.col + other.width) - max(one.col, other.col))


@dataclass(frozen=True)
class Arrangement:
    """The place of every part that is shown, in the order of the tab key; and whether panes have a whole frame."""

    places: Mapping[str, Place]
    framed: bool = True

    @property
    def panes(self) -> list[str]:
        """The parts that can have the focus."""
        return [name for name in self.places if name not in LINES]

    def border_of(self, name: str) -> Border:
        """The lines around a pane: at its bottom there is one where no other pane follows with its own."""
        if not self.framed or name not in self.places:
            return RULE
        place = self.places[name]
        others = [self.places[pane] for pane in self.panes if pane != name]
        above = [other for other in others if other.row + other.height == place.row]
        below = [other for other in others if other.row == place.row + place.height]
        joints = {col - place.col for other in above for col in (other.col, other.col + other.width - 1)}
        return Border(
            sides=True,
            bottom=sum(_in_common(place, other) for other in below) < place.width,
            joints=frozenset(col for col in joints if 0 <= col < place.width),
        )

    def next_pane(self, focused: str | None, by: int) -> str:
        """The pane after the one that has the focus, or before it; the first or the last where none has it."""
        panes = self.panes
        place = panes.index(focused) + by if focused in panes else min(by, 0)
        return panes[place % len(panes)]


@dataclass(frozen=True)
class Wanted:
    """What there is to show."""

    worlds: int
    board_rows: int
    text: bool  # the lesson's text
    selected: bool  # some cell is
    lower: str  # of LOWER, the pane in front where there is little room


def is_small(width: int, height: int) -> bool:
    """Whether there is room for few panes only: in a lesson for one below the worlds."""
    return width < MEDIUM[0] or height < MEDIUM[1]


def between_lines(width: int, height: int, inside: Callable[[Place], Mapping[str, Place]]) -> Arrangement:
    """A line above, a line below, and what is `inside`; in a screen too small there is but the header, to say so."""
    header, footer = Place(0, 0, width, 1), Place(0, height - 1, width, 1)
    if why_too_small(width, height):
        return Arrangement({"header": header})
    places = {"header": header, **inside(Place(0, 1, width, height - 2)), "footer": footer}
    return Arrangement(places, framed=not is_small(width, height))


def arrange(width: int, height: int, wanted: Wanted) -> Arrangement:
    """The arrangement for a screen of this size."""
    large = width >= LARGE[0] and height >= LARGE[1]
    inside = _small if is_small(width, height) else _large if large else _medium
    return between_lines(width, height, lambda area: inside(area, wanted))


def _small(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The worlds, and one pane below them."""
    upper = (area.height + 2) // 2
    if wanted.text:
        upper = min(upper, max(wanted.board_rows + 1, 5))
    worlds, below = split_rows(area, upper)
    return {**_worlds(worlds, wanted.worlds), "text" if wanted.text else wanted.lower: below}


def _medium(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The worlds, or one world and the inspector; the source and this update; the curves."""
    top, rest = split_rows(area, round(area.height * 0.4))
    middle, bottom = split_rows(rest, round(area.height * 0.34))
    source, update = split_columns(middle, round(area.width * 0.54))
    inspector: Place | None = None
    if wanted.worlds == 1:
        top, inspector = split_columns(top, round(area.width * 0.6))
    elif wanted.selected and not wanted.text:
        bottom, inspector = split_columns(bottom, round(area.width * 0.6))
    below = {"text": rest} if wanted.text else {"source": source, "update": update, "curves": bottom}
    beside = {} if inspector is None else {"inspector": inspector}
    return {**_worlds(top, wanted.worlds), **below, **beside}


def _large(area: Place, wanted: Wanted) -> dict[str, Place]:
    """All panes at once."""
    worlds, bottom = split_rows(area, round(area.height * 0.46))
    source, right = split_columns(bottom, round(area.width * 0.52))
    if wanted.worlds == 1:
        worlds, inspector = split_columns(worlds, area.width - min(64, round(area.width * 0.3)))
    else:
        source, inspector = split_rows(source, round(bottom.height * 0.66))
    update, curves = split_rows(right, round(bottom.height * 0.45))
    beside = {"text": right} if wanted.text else {"update": update, "curves": curves}
    return {**_worlds(worlds, wanted.worlds), "source": source, **beside, "inspector": inspector}


def _worlds(area: Place, count: int) -> dict[str, Place]:
    if count == 1:
        return {WORLDS[0]: area}
    return dict(zip(WORLDS, split_columns(area, area.width // 2), strict=True))


def split_rows(area: Place, rows: int) -> tuple[Place, Place]:
    """The upper so many rows, and what is left."""
    below = Place(area.col, area.row + rows, area.width, area.height - rows)
    return Place(area.col, area.row, area.width, rows), below


def split_columns(area: Place, columns: int) -> tuple[Place, Place]:
    """The left so many columns, and what is left."""
    beside = Place(area.col + columns, area.row, area.width - columns, area.height)
    return Place(area.col, area.row, columns, area.height), beside
