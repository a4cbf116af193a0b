"""Where everything is on the screen of this lesson: a pure function of its size."""

from __future__ import annotations

from tui.lesson.layout import LARGE, Arrangement, Place, between_lines, is_small, split_columns, split_rows

LOWER = ("step", "inputs", "node", "source")  # one of them at a time where there is little room
PANES = ("graph", *LOWER)


def arrange(width: int, height: int, lower: str) -> Arrangement:
    """The arrangement for a screen of this size."""
    large = width >= LARGE[0] and height >= LARGE[1]

    def inside(area: Place) -> dict[str, Place]:
        if is_small(width, height):
            graph, below = split_rows(area, area.height - max(7, min(10, area.height * 9 // 20)))
            return {"graph": graph, lower: below}
        graph, below = split_rows(area, area.height - (24 if large else max(16, area.height * 48 // 100)))
        return {"graph": graph, **(_three(below) if large else _two(below))}

    return between_lines(width, height, inside)


def _two(area: Place) -> dict[str, Place]:
    left, right = split_columns(area, round(area.width * 0.54))
    step, node = split_rows(left, area.height - 7)
    inputs, source = split_rows(right, area.height // 2)
    return {"step": step, "inputs": inputs, "node": node, "source": source}


def _three(area: Place) -> dict[str, Place]:
    left, rest = split_columns(area, round(area.width * 0.36))
    middle, right = split_columns(rest, round(area.width * 0.3))
    inputs, node = split_rows(middle, area.height // 2)
    return {"step": left, "inputs": inputs, "node": node, "source": right}
