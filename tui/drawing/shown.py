"""What the terminal shows, as far as it was told by us, so that nothing is sent twice."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from rich.cells import get_character_cell_size
from rich.console import Console

SGR = tuple[tuple[str, ...], str, str]  # the codes of attributes, foreground, background
NO_STYLE: SGR = ((), "", "")

INVISIBLE_ON_BLANKS = {"1", "2", "3", "5", "6", "8"}  # attributes


def _blank(sgr: SGR) -> tuple[str, SGR]:
    """A blank of a style as it is seen: of most styles nothing but the background."""
    return " ", ((), "", sgr[2]) if INVISIBLE_ON_BLANKS.issuperset(sgr[0]) else sgr


class Shown:
    """What the terminal shows, cell by cell, as far as it was told by us."""

    GAP = 4  # cells that are cheaper to send again than to step over

    def __init__(self) -> None:
        self._rows: dict[int, list[tuple[str, SGR] | None]] = {}  # None is unknown
        self.synchronised = False  # whether it shows all of an update at once, when told where one begins and ends
        self.erases = False  # whether it can make blanks of the background out of cells (ECMA-48, ECH and ED)
        self.size = 0, 0  # its columns and rows, as far as they are known

    def forget(self) -> None:
        """Someone else has written to the terminal, or its size is another: nothing is known."""
        self._rows.clear()

    def news(self, row: int, col: int, text: str, width: int, sgr: SGR) -> list[tuple[int, str, int]]:
        """The parts of a text that are not there yet, from then on thought to be: (column, text, cells)."""
        blank = _blank(sgr)
        cells: list[tuple[str, SGR] | None] = [blank if character == " " else (character, sgr) for character in text]
        if len(cells) != width:
            wide = [(cell, get_character_cell_size(character)) for cell, character in zip(cells, text, strict=True)]
            cells = [part for cell, size in wide for part in (cell, *[("", sgr)] * (size - 1)) if size]
        line = self._rows.setdefault(row, [])
        line.extend([None] * (col + width - len(line)))
        before = line[col : col + width]
        if before == cells:
            return []
        line[col : col + width] = cells
        found: list[tuple[int, str, int]] = []
        for start, stop in self._runs(before, cells):
            found.append((col + start, "".join(cell[0] for cell in cells[start:stop] if cell), stop - start))
        return found

    def again(self, row: int, start: int, stop: int, sgr: SGR) -> str | None:
        """What is there from one column to another, if it can be written in this style and stay what it is."""
        cells, blank = self._rows.get(row, [])[start:stop], _blank(sgr)
        fitting = [cell[0] for cell in cells if cell and cell[0] and (cell[1] == sgr or cell == blank)]
        return "".join(fitting) if len(fitting) == stop - start else None

    def stands_out(self, background: str) -> list[tuple[int, int, str, int, SGR]] | None:
        """All but the blanks of a background: (row, column, text, cells, style); None where something is unknown."""
        columns, rows = self.size
        blank = " ", ((), "", background)
        found: list[tuple[int, int, str, int, SGR]] = []
        for row in range(rows):
            line = self._rows.get(row, [])[:columns]
            if len(line) < columns:
                return None
            text, start, stop, style = "", 0, 0, NO_STYLE
            for col, cell in enumerate(line):
                if cell is None:
                    return None
                if cell == blank:
                    continue
                if text and cell[1] == style and col - stop <= (self.GAP if _blank(style) == blank else 0):
                    text += " " * (col - stop) + cell[0]
                else:
                    found += [(row, start, text, stop - start, style)] if text else []
                    text, start, style = cell[0], col, cell[1]
                stop = col + 1
            found += [(row, start, text, stop - start, style)] if text else []
        return found

    def unknown(self, row: int, col: int, width: int) -> None:
        """Something was written there that cannot be told apart by cells."""
        line = self._rows.setdefault(row, [])
        line.extend([None] * (col + width - len(line)))
        line[col : col + width] = [None] * width

    def _runs(
        self, before: list[tuple[str, SGR] | None], after: list[tuple[str, SGR] | None]
    ) -> Iterator[tuple[int, int]]:
        """Where two rows differ, with small gaps closed and no wide character cut in half."""
        differ = [index for index, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
        start = stop = differ[0]
        for index in differ:
            if index > stop + self.GAP:
                yield _whole(after, start, stop)
                start = index
            stop = index
        yield _whole(after, start, stop)


def _whole(cells: list[tuple[str, SGR] | None], first: int, last: int) -> tuple[int, int]:
    """From the cell where the first character begins to the one behind the last."""
    while first > 0 and cells[first] is not None and not cells[first][0]:  # type: ignore[index]
        first -= 1
    stop = last + 1
    while stop < len(cells) and cells[stop] is not None and not cells[stop][0]:  # type: ignore[index]
        stop += 1
    return first, stop


_shown: WeakKeyDictionary[Console, Shown] = WeakKeyDictionary()  # what the terminals of some consoles show


def remember_what_is_shown(console: Console) -> Shown:
    """From now on send to the terminal of this console only what it does not show already."""
    return _shown.setdefault(console, Shown())


def what_is_shown(console: Console) -> Shown | None:
    """What its terminal shows, if that is remembered."""
    return _shown.get(console)
