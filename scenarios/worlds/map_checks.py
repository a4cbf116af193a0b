"""What makes a text map a world: every check raises WorldError with one sentence on what was given and is allowed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from scenarios.worlds.errors import WorldError
from scenarios.worlds.layout import Kind

if TYPE_CHECKING:
    from scenarios.worlds.maps import MapWorld

FREE, WALL, START, CLIFF = ".", "#", "S", "C"
KINDS = {FREE: Kind.FREE, WALL: Kind.WALL, START: Kind.START, CLIFF: Kind.CLIFF}
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)

MAX_CELLS = 1_000_000
MAX_TRANSITIONS = 16_000_000  # outcomes times cells: a quarter of a gigabyte of tables
LARGEST = 1e9  # magnitude of a reward, length of an episode, strength of a wind

Symbols = tuple[tuple[str, ...], ...]  # [rows][columns]


def check_world(world: MapWorld) -> None:
    """Raise WorldError unless the map and its options make a world."""
    check_symbols(world.symbols)
    check_options(world)
    check_falls(world)
    check_wind(world.wind, len(world.symbols[0]))
    check_jumps(world)


def check_keys(table: Mapping[str, Any], known: Iterable[str], what: str) -> None:
    for key in table:
        if key not in known:
            raise WorldError(f"unknown {what} {shown(key)!r}: {offer(key, sorted(known), 'known')}")


def check_symbols(symbols: Symbols) -> None:
    if not symbols:
        raise WorldError("the map is empty: write one row of cells a line, for example S . +1")
    columns = len(symbols[0])
    if len(symbols) * columns > MAX_CELLS:
        raise WorldError(f"the map has {len(symbols) * columns:,} cells: the limit is {MAX_CELLS:,}")
    for row, cells in enumerate(symbols):
        if len(cells) != columns:
            raise WorldError(
                f"row {row} of the map has {len(cells)} cells but row 0 has {columns}: "
                "all rows need as many cells, separated by spaces"
            )
    distinct = set(chain.from_iterable(symbols))
    for symbol in distinct - set(KINDS):
        if not NUMBER.fullmatch(symbol):
            raise WorldError(
                f"unknown symbol {shown(symbol)!r} {whereabouts(symbols, symbol)}: a cell is . free, # wall, "
                "S start, C cliff or a number, separated by spaces"
            )
        if not -LARGEST <= float(symbol) <= LARGEST:
            raise WorldError(
                f"the number {shown(symbol)} {whereabouts(symbols, symbol)} must lie in [-{LARGEST:g}, {LARGEST:g}]"
            )
    if START not in distinct:
        raise WorldError("the map has no start: mark at least one cell with S")


def check_options(world: MapWorld) -> None:
    if not isinstance(world.name, str) or len(world.name) > 100:
        raise WorldError("name must be a text of at most 100 characters")
    if not isinstance(world.king_moves, bool):
        raise WorldError(f"king_moves must be true or false, got {kind_of(world.king_moves)}")
    for key, low, high in (
        ("discount", 0, 1),
        ("noise", 0, 1),
        ("living_reward", -LARGEST, LARGEST),
        ("off_grid_reward", -LARGEST, LARGEST),
        ("cliff_reward", -LARGEST, LARGEST),
    ):
        check_number(key, getattr(world, key), low, high)
    if world.max_steps is not None:
        check_number("max_steps", world.max_steps, 1, LARGEST, whole=True)


def check_falls(world: MapWorld) -> None:
    starts = sum(cells.count(START) for cells in world.symbols)
    if starts > 1 and any(CLIFF in cells for cells in world.symbols):
        cells, outcomes = len(world.symbols) * len(world.symbols[0]), len(world.moves) * starts
        if cells * outcomes > MAX_TRANSITIONS:
            raise WorldError(
                f"{starts:,} starts to fall back to, {len(world.moves)} moves and {cells:,} cells make "
                f"{cells * outcomes:,} transitions: the limit is {MAX_TRANSITIONS:,}, so use fewer starts or no cliff"
            )


def check_wind(wind: Any, columns: int) -> None:
    if not isinstance(wind, tuple):
        raise WorldError(f"wind must be a list of {columns} whole numbers, one a column, got {kind_of(wind)}")
    if wind and len(wind) != columns:
        raise WorldError(f"wind has {len(wind)} numbers but the map has {columns} columns: give one a column")
    for column, strength in enumerate(wind):
        check_number(f"wind of column {column}", strength, 0, LARGEST, whole=True)


def check_jumps(world: MapWorld) -> None:
    sources: set[Any] = set()
    for number, jump in enumerate(world.jumps, start=1):
        for key, cell in (("from", jump.source), ("to", jump.target)):
            _check_jump_end(world.symbols, f"jump {number}: {key}", cell)
        check_number(f"jump {number}: reward", jump.reward, -LARGEST, LARGEST)
        row, column = jump.source
        symbol = world.symbols[row][column]
        if symbol not in (FREE, START):
            raise WorldError(f"jump {number}: from = [{row}, {column}] is {symbol}, a cell that no action is taken in")
        if jump.source in sources:
            raise WorldError(f"jump {number}: another jump already begins at row {row}, column {column}")
        sources.add(jump.source)


def _check_jump_end(symbols: Symbols, name: str, cell: Any) -> None:
    whole = isinstance(cell, tuple) and len(cell) == 2 and all(type(part) is int for part in cell)
    if not whole:
        raise WorldError(f"{name} must be [ROW, COLUMN], two whole numbers counted from 0")
    row, column = cell
    if not (0 <= row < len(symbols) and 0 <= column < len(symbols[0])):
        raise WorldError(f"{name} = [{row}, {column}] lies outside the map: {extent(symbols)}")
    if symbols[row][column] == WALL:
        raise WorldError(f"{name} = [{row}, {column}] is a wall")


def check_number(name: str, value: Any, low: float, high: float, whole: bool = False) -> None:
    expected = f"a {'whole ' if whole else ''}number in [{low:g}, {high:g}]"
    if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
        raise WorldError(f"{name} must be {expected}, got {kind_of(value)}")
    if not low <= value <= high:
        raise WorldError(f"{name} must be {expected}, got {shown(str(value))}")


def kind_of(value: Any) -> str:
    """A value of the wrong type in the words of TOML."""
    words = {bool: "true or false", str: "a text", list: "a list", tuple: "a list", dict: "a table"}
    number = f"the number {shown(str(value))}" if isinstance(value, int | float) else "something else"
    return words.get(type(value), number)


def shown(text: str) -> str:
    """User text fit for a sentence: printable and not endless."""
    printable = text if text.isprintable() else ascii(text)[1:-1]
    return printable if len(printable) <= 200 else printable[:100] + "…"


def offer(name: str, known: Iterable[str], word: str) -> str:
    known = list(known)
    near = difflib.get_close_matches(name[:100], known, 1)
    return f"did you mean {near[0]!r}?" if near else f"{word} are {', '.join(known)}"


def whereabouts(symbols: Symbols, symbol: str) -> str:
    row = next(row for row, cells in enumerate(symbols) if symbol in cells)
    return f"in row {row}, column {symbols[row].index(symbol)} of the map"


def extent(symbols: Symbols) -> str:
    return f"rows are 0 to {len(symbols) - 1} and columns 0 to {len(symbols[0]) - 1}"
