"""Where everything is on the live screen: a pure function of its size and of what there is to show."""

from __future__ import annotations

from dataclasses import dataclass

from tui.lesson.layout import Arrangement, Place
from tui.terminal import why_too_small

LOWER = ("returns", "diagnostics", "messages", "numbers")  # one of them at a time where there is little room
PANES = ("world", "thoughts", "numbers", "returns", "diagnostics", "messages")
SHOWS = {  # what of a run is to be seen in which parts
    "status": ("header", "numbers"),
    "curves": ("returns", "diagnostics", "messages"),
    "frames": (),
    "log": ("messages",),
}

MEDIUM = 100, 30  # columns and rows from which on all panes are there
LARGE = 160, 44  # ... and stand in two columns


@dataclass(frozen=True)
class Wanted:
    """What there is to show."""

    scene: bool  # something that moves, or a board
    thoughts: bool  # of a network
    lower: str  # of LOWER, the pane in front where there is little room
    zoomed: str | None = None  # the pane that has the screen for itself


def is_small(width: int, height: int) -> bool:
    """Whether there is room for one pane below the scene only."""
    return width < MEDIUM[0] or height < MEDIUM[1]


def arrange(width: int, height: int, wanted: Wanted) -> Arrangement:
    """The arrangement for a screen of this size; in one too small there is but the header, to say so."""
    header, footer = Place(0, 0, width, 1), Place(0, height - 1, width, 1)
    if why_too_small(width, height):
        return Arrangement({"header": header})
    area = Place(0, 1, width, height - 2)
    small = is_small(width, height)
    if wanted.zoomed is not None:
        inside = {wanted.zoomed: area}
    elif small:
        inside = _small(area, wanted)
    else:
        inside = _large(area, wanted) if width >= LARGE[0] and height >= LARGE[1] else _medium(area, wanted)
    return Arrangement({"header": header, **inside, "footer": footer}, framed=not small)


def _small(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The scene with thoughts and numbers beside it, and one pane below; without a scene the numbers and a pane."""
    other = wanted.lower if wanted.lower != "numbers" else LOWER[0]
    if not wanted.scene:
        top, below = _rows(area, min(9, area.height // 2))
        return {"numbers": top, other: below}
    top, below = _rows(area, (area.height + 2) // 2)
    world, right = _columns(top, round(area.width * 0.56))
    if not wanted.thoughts:
        return {"world": world, "numbers": right, other: below}
    if wanted.lower == "numbers":
        return {"world": world, "thoughts": right, "numbers": below}
    thoughts, numbers = _rows(right, right.height - min(5, max(2, right.height - 5)))
    return {"world": world, "thoughts": thoughts, "numbers": numbers, wanted.lower: below}


def _medium(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The scene with thoughts and numbers beside it; return and diagnostics; messages."""
    top, rest = _rows(area, round(area.height * 0.46))
    middle, bottom = _rows(rest, rest.height - max(5, round(area.height * 0.16)))
    returns, diagnostics = _columns(middle, round(area.width * 0.5))
    below = {"returns": returns, "diagnostics": diagnostics, "messages": bottom}
    if not wanted.scene:
        returns, numbers = _columns(top, round(area.width * 0.64))
        return {"numbers": numbers, "returns": returns, "diagnostics": middle, "messages": bottom}
    world, right = _columns(top, round(area.width * 0.58))
    return {"world": world, **_beside(right, wanted, 10), **below}


def _large(area: Place, wanted: Wanted) -> dict[str, Place]:
    """What happens now on the left, how it got there on the right."""
    left, right = _columns(area, round(area.width * 0.48))
    returns, rest = _rows(right, round(area.height * 0.4))
    diagnostics, messages = _rows(rest, rest.height - max(7, round(area.height * 0.17)))
    history = {"returns": returns, "diagnostics": diagnostics, "messages": messages}
    if not wanted.scene:
        numbers, messages = _rows(left, 14)
        return {"numbers": numbers, **history, "messages": messages, "diagnostics": rest}
    world, below = _rows(left, left.height - 16)
    if not wanted.thoughts:
        return {"world": world, "numbers": below, **history}
    thoughts, numbers = _columns(below, below.width // 2)
    return {"world": world, "thoughts": thoughts, "numbers": numbers, **history}


def _beside(area: Place, wanted: Wanted, rows: int) -> dict[str, Place]:
    """The thoughts above the numbers, or the numbers alone."""
    if not wanted.thoughts:
        return {"numbers": area}
    thoughts, numbers = _rows(area, min(rows, max(7, area.height // 2)))
    return {"thoughts": thoughts, "numbers": numbers}


def _rows(area: Place, rows: int) -> tuple[Place, Place]:
    below = Place(area.col, area.row + rows, area.width, area.height - rows)
    return Place(area.col, area.row, area.width, rows), below


def _columns(area: Place, columns: int) -> tuple[Place, Place]:
    beside = Place(area.col + columns, area.row, area.width - columns, area.height)
    return Place(area.col, area.row, columns, area.height), beside
