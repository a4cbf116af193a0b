"""Where everything is on the screen of this lesson: a pure function of its size."""

from __future__ import annotations

from tui.lesson.layout import LARGE, Arrangement, Place, is_small, split_columns, split_rows
from tui.terminal import why_too_small

LOWER = ("step", "inputs", "node", "source")  # one of them at a time where there is little room
PANES = ("graph", *LOWER)


def arrange(width: int, height: int, lower: str) -> Arrangement:
    """The arrangement for a screen of this size; in one too small there is but the header, to say so."""
    header, footer = Place(0, 0, width, 1), Place(0, height - 1, width, 1)
    if why_too_small(width, height):
        return Arrangement({"header": header})
    area = Place(0, 1, width, height - 2)
    if is_small(width, height):
        graph, below = split_rows(area, area.height - max(7, min(10, area.height * 9 // 20)))
        return Arrangement({"header": header, "graph": graph, lower: below, "footer": footer}, framed=False)
    large = width >= LARGE[0] and height >= LARGE[1]
    graph, below = split_rows(area, area.height - (24 if large else max(16, area.height * 48 // 100)))
    inside = _three(below) if large else _two(below)
    return Arrangement({"header": header, "graph": graph, **inside, "footer": footer})


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
