"""The line below everything: the keys that matter now, and which of them was clicked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped, length, written

_GAP = 2


class Item(NamedTuple):
    """A key in the footer."""

    id: str
    keys: str
    word: str


def items(wanted: Sequence[tuple[Sequence[str], str]], displays: Mapping[str, str]) -> list[Item]:
    """The wanted entries whose bindings have a key; one of several bindings stands for all when it is clicked."""
    found = []
    for ids, word in wanted:
        keys = " ".join(displays[name] for name in ids if name in displays)
        if keys:
            found.append(Item(ids[-1], keys, word))
    return found


def draw_footer(
    left: Sequence[Item], right: Sequence[Item], width: int, theme: Theme
) -> tuple[Cells, list[str | None]]:
    """As many keys as fit, the first ones first, and those on the right always; with the id at every column."""
    cells = Cells(width, 1)
    ids: list[str | None] = [None] * width
    end = width - sum(_width(item, theme) + _GAP for item in right) + _GAP
    col = 0
    for item in left:
        if col + _width(item, theme) + _GAP > end:
            break
        col = _put(cells, ids, col, item, theme)
    col = max(0, end)
    for item in right:
        col = _put(cells, ids, col, item, theme)
    return cells, ids


def _width(item: Item, theme: Theme) -> int:
    return length(written(item.keys, theme)) + 1 + length(item.word)


def _put(cells: Cells, ids: list[str | None], col: int, item: Item, theme: Theme) -> int:
    keys = written(clipped(item.keys, 20, theme), theme)
    stop = col + length(keys) + 1 + length(item.word)
    cells.put(0, col, keys, theme.style(theme.palette.accent, bold=True))
    cells.put(0, col + length(keys) + 1, item.word, theme.style(theme.palette.muted))
    ids[col:stop] = [item.id] * len(ids[col:stop])
    return stop + _GAP
