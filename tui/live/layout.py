"""Where everything is on the live screen: a pure function of its size and of what there is to show."""

from __future__ import annotations

from dataclasses import dataclass

from tui.lesson.layout import Arrangement, Place, between_lines, is_small, split_columns, split_rows

LOWER = ("returns", "diagnostics", "messages", "numbers")  # one of them at a time where there is little room
PANES = ("world", "thoughts", "numbers", "returns", "diagnostics", "messages")
SHOWS = {  # what of a run is to be seen in which parts
    "status": ("header", "numbers"),
    "curves": ("returns", "diagnostics", "messages", "numbers"),
    "frames": (),
    "log": ("messages",),
}

LARGE = 160, 44  # columns and rows from which on the panes stand in two columns


@dataclass(frozen=True)
class Wanted:
    """What there is to show."""

    scene: bool  # something that moves, or a board
    thoughts: bool  # of a network
    lower: str  # of LOWER, the pane in front where there is little room
    zoomed: str | None = None  # the pane that has the screen for itself


def arrange(width: int, height: int, wanted: Wanted) -> Arrangement:
    """The arrangement for a screen of this size."""
    zoomed, large = wanted.zoomed, width >= LARGE[0] and height >= LARGE[1]
    if zoomed is not None:
        return between_lines(width, height, lambda area: {zoomed: area})
    inside = _small if is_small(width, height) else _large if large else _medium
    return between_lines(width, height, lambda area: inside(area, wanted))


def _small(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The scene with thoughts and numbers beside it, and one pane below; without a scene the numbers and a pane."""
    other = wanted.lower if wanted.lower != "numbers" else LOWER[0]
    if not wanted.scene:
        top, below = split_rows(area, min(9, area.height // 2))
        return {"numbers": top, other: below}
    top, below = split_rows(area, (area.height + 2) // 2)
    world, right = split_columns(top, round(area.width * 0.56))
    if not wanted.thoughts:
        return {"world": world, "numbers": right, other: below}
    if wanted.lower == "numbers":
        return {"world": world, "thoughts": right, "numbers": below}
    thoughts, numbers = split_rows(right, right.height - min(5, max(2, right.height - 5)))
    return {"world": world, "thoughts": thoughts, "numbers": numbers, wanted.lower: below}


def _medium(area: Place, wanted: Wanted) -> dict[str, Place]:
    """The scene with thoughts and numbers beside it; return and diagnostics; messages."""
    top, rest = split_rows(area, round(area.height * 0.46))
    middle, bottom = split_rows(rest, rest.height - max(5, round(area.height * 0.16)))
    returns, diagnostics = split_columns(middle, round(area.width * 0.5))
    below = {"returns": returns, "diagnostics": diagnostics, "messages": bottom}
    if not wanted.scene:
        returns, numbers = split_columns(top, round(area.width * 0.64))
        return {"numbers": numbers, "returns": returns, "diagnostics": middle, "messages": bottom}
    world, right = split_columns(top, round(area.width * 0.58))
    return {"world": world, **_beside(right, wanted, 10), **below}


def _large(area: Place, wanted: Wanted) -> dict[str, Place]:
    """What happens now on the left, how it got there on the right."""
    left, right = split_columns(area, round(area.width * 0.48))
    returns, rest = split_rows(right, round(area.height * 0.4))
    diagnostics, messages = split_rows(rest, rest.height - max(7, round(area.height * 0.17)))
    history = {"returns": returns, "diagnostics": diagnostics, "messages": messages}
    if not wanted.scene:
        numbers, messages = split_rows(left, 14)
        return {"numbers": numbers, **history, "messages": messages, "diagnostics": rest}
    world, below = split_rows(left, left.height - 16)
    if not wanted.thoughts:
        return {"world": world, "numbers": below, **history}
    thoughts, numbers = split_columns(below, below.width // 2)
    return {"world": world, "thoughts": thoughts, "numbers": numbers, **history}


def _beside(area: Place, wanted: Wanted, rows: int) -> dict[str, Place]:
    """The thoughts above the numbers, or the numbers alone."""
    if not wanted.thoughts:
        return {"numbers": area}
    thoughts, numbers = split_rows(area, min(rows, max(7, area.height // 2)))
    return {"thoughts": thoughts, "numbers": numbers}
