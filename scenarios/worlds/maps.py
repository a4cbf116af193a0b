"""Gridworlds from text maps: the TOML a learner writes becomes a tabular model. S states, A actions, M outcomes."""

from __future__ import annotations

import dataclasses
import json
import stat
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Floats, Ints
from scenarios.worlds.errors import WorldError
from scenarios.worlds.layout import DIRECTIONS, Kind, Layout
from scenarios.worlds.map_checks import (
    FREE,
    KINDS,
    MAX_CELLS,
    START,
    WALL,
    Symbols,
    check_keys,
    check_world,
    extent,
    kind_of,
    offer,
    shown,
)
from scenarios.worlds.model import TabularModel

MAX_BYTES = 16_000_000  # of a world file

Cell = tuple[int, int]  # (row, column), counted from 0 at the top left


@dataclass(frozen=True)
class Jump:
    """Every action in `source` goes to `target` and pays `reward` on top of the living reward."""

    source: Cell
    target: Cell
    reward: float = 0.0


@dataclass(frozen=True)
class MapWorld:
    """A text map and its options, checked; raises WorldError, one sentence, when they make no world."""

    symbols: Symbols  # [rows][columns] . free, # wall, S start, C cliff, a number: terminal
    name: str = ""
    discount: float = 1.0  # γ that the world suggests
    noise: float = 0.0  # probability of slipping, half to each perpendicular direction
    living_reward: float = 0.0  # paid on every step
    off_grid_reward: float = 0.0  # paid for bumping the edge, on top of the living reward
    cliff_reward: float = -100.0  # paid for entering C instead of the living reward; on to S
    king_moves: bool = False  # eight directions
    wind: tuple[int, ...] = ()  # per column left, cells pushed up; () for none
    max_steps: int | None = None  # time limit
    jumps: tuple[Jump, ...] = ()

    def __post_init__(self) -> None:
        check_world(self)

    @property
    def moves(self) -> tuple[str, ...]:
        """The actions' names, in their order."""
        return tuple(DIRECTIONS)[: 8 if self.king_moves else 4]

    def with_cell(self, row: int, column: int, symbol: str) -> MapWorld:
        """The same world with one cell changed, checked again; a number makes the cell terminal.

        What entering a terminal cell brings is its number plus the living reward.
        """
        rows = [list(cells) for cells in self.symbols]
        if not (0 <= row < len(rows) and 0 <= column < len(rows[0])):
            raise WorldError(f"there is no cell at row {row}, column {column}: {extent(self.symbols)}")
        rows[row][column] = symbol
        return dataclasses.replace(self, symbols=tuple(map(tuple, rows)))


# Reading


def load_map(path: str | Path) -> TabularModel:
    """The model of a world file; raises WorldError, one sentence naming the file."""
    return build_map(read_map(path))


def read_map(path: str | Path) -> MapWorld:
    """The map of a world file; raises WorldError, one sentence naming the file."""
    name = shown(str(path))
    try:
        status = Path(path).stat()
        if stat.S_ISDIR(status.st_mode):
            raise WorldError(f"{name} is a directory: name a world file, TOML with a map")
        if not stat.S_ISREG(status.st_mode):
            raise WorldError(f"{name} is not a regular file: name a world file, TOML with a map")
        with open(path, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise WorldError(f"there is no world file {name}: {offer(str(path), shipped_worlds(), 'shipped')}") from None
    except (OSError, ValueError) as error:
        if isinstance(error, WorldError):
            raise
        reason = getattr(error, "strerror", None) or error
        raise WorldError(f"the world file {name} cannot be read: {reason}") from None
    if len(content) > MAX_BYTES:
        raise WorldError(
            f"{name} is too large: a world has at most {MAX_CELLS:,} cells and its file {MAX_BYTES // 1_000_000} MB"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WorldError(f"{name} is not text: a world file is TOML in UTF-8") from None
    return parse_map(text, str(path))


def parse_map(text: str, source_name: str) -> MapWorld:
    """The map that a TOML text describes; raises WorldError, one sentence that begins with the source's name."""
    try:
        return _map_of(_table(text))
    except WorldError as error:
        raise WorldError(f"{shown(source_name)}: {error}") from None


def shipped_worlds() -> tuple[str, ...]:
    """Names of the world files that come with rltop."""
    return tuple(sorted(file.name.removesuffix(".toml") for file in _shipped().iterdir() if file.suffix == ".toml"))


def is_shipped(name: str) -> bool:
    """Whether a name means a world that comes with rltop: a file of one's own of that name goes first."""
    return name.removesuffix(".toml") in shipped_worlds() and not Path(name).exists()


def find_world(name: str) -> Path:
    """The file that a name means: a world that comes with rltop, or else the path."""
    return _shipped() / f"{name.removesuffix('.toml')}.toml" if is_shipped(name) else Path(name)


def _shipped() -> Path:
    return Path(str(resources.files("scenarios.worlds"))) / "files"


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise WorldError("invalid TOML: it is nested too deeply") from None
    except ValueError as error:
        raise WorldError(f"invalid TOML: {error}") from None


def _map_of(table: dict[str, Any]) -> MapWorld:
    options = {f.name for f in dataclasses.fields(MapWorld)} - {"symbols", "jumps"}
    check_keys(table, options | {"map", "jump"}, "key")
    if "map" not in table:
        raise WorldError('there is no map: write map = """ ... """ with one row of cells a line')
    if not isinstance(table["map"], str):
        raise WorldError(f"map must be a text of rows, got {kind_of(table['map'])}")
    symbols = tuple(tuple(line.split()) for line in table["map"].split("\n") if line.strip())
    settings = {key: value for key, value in table.items() if key in options}
    if isinstance(wind := settings.get("wind"), list):
        settings["wind"] = tuple(wind)
    return MapWorld(symbols, **settings, jumps=_jumps_of(table.get("jump", [])))


def _jumps_of(tables: Any) -> tuple[Jump, ...]:
    if not (isinstance(tables, list) and all(isinstance(table, dict) for table in tables)):
        raise WorldError("jump must be written as [[jump]] tables with from, to and reward")
    jumps = []
    for number, table in enumerate(tables, start=1):
        check_keys(table, {"from", "to", "reward"}, f"key in jump {number}")
        for key in ("from", "to"):
            if key not in table:
                raise WorldError(f"jump {number} has no {key}: write {key} = [ROW, COLUMN]")
        source, target = (tuple(v) if isinstance(v, list) else v for v in (table["from"], table["to"]))
        jumps.append(Jump(source, target, table.get("reward", 0.0)))
    return tuple(jumps)


# Building


def build_map(world: MapWorld) -> TabularModel:
    """The model of a map: one outcome a move, or one a move and start where a fall from a cliff has several ends."""
    kinds, numbers = _cells(world)
    starts = np.flatnonzero(kinds == Kind.START)
    landing, reward = _moves(world, kinds)  # [M, S] each
    falls = kinds[landing] == Kind.CLIFF
    reward += np.where(falls, world.cliff_reward, world.living_reward)
    reward += numbers[landing]
    returns = starts if falls.any() else starts[:1]
    next_state = np.repeat(landing, len(returns), axis=0)
    reward = np.repeat(reward, len(returns), axis=0)
    np.copyto(next_state, np.tile(returns, len(landing))[:, None], where=np.repeat(falls, len(returns), axis=0))
    stays = (kinds == Kind.TERMINAL) | (kinds == Kind.WALL)
    next_state[:, stays] = np.flatnonzero(stays)
    reward[:, stays] = 0.0
    model = TabularModel(
        next_state=next_state.astype(np.int32),
        reward=reward,
        ends=kinds[next_state] == Kind.TERMINAL,
        chance=np.repeat(_chance(world), len(returns), axis=1)[:, :, None] / len(returns),
        start_states=starts,
        start_chance=np.full(len(starts), 1.0 / len(starts)),
        layout=_layout(world, kinds),
        discount=float(world.discount),
        max_steps=world.max_steps,
        origin=world,
    )
    return dataclasses.replace(model, warnings=_warnings(world, model))


def _cells(world: MapWorld) -> tuple[NDArray[np.int8], Floats]:
    """What every cell is, and what entering it pays. [S] each"""
    flat = list(chain.from_iterable(world.symbols))
    distinct = list(dict.fromkeys(flat))
    code = {symbol: index for index, symbol in enumerate(distinct)}
    codes = np.fromiter(map(code.__getitem__, flat), np.intp, len(flat))
    kinds = np.array([KINDS.get(symbol, Kind.TERMINAL) for symbol in distinct], np.int8)
    numbers = np.array([0.0 if symbol in KINDS else float(symbol) for symbol in distinct])
    return kinds[codes], numbers[codes]


def _moves(world: MapWorld, kinds: NDArray[np.int8]) -> tuple[Ints, Floats]:
    """Where every move lands, and what bumping the edge or jumping pays on top. [M, S] each"""
    rows, columns = len(world.symbols), len(world.symbols[0])
    row, column = np.divmod(np.arange(rows * columns), columns)
    wall = kinds == Kind.WALL
    # the highest cell that the wind can push to: just below the nearest wall above
    nearest_wall = np.maximum.accumulate(np.where(wall, row, -1).reshape(rows, columns), axis=0).ravel()
    wind = np.minimum(world.wind or (0,) * columns, rows)[column]
    landing = np.empty((len(world.moves), rows * columns), np.intp)
    paid = np.zeros(landing.shape)
    for move, (down, right) in enumerate(DIRECTIONS[name] for name in world.moves):
        to_row, to_column = row + down, column + right
        outside = (to_row < 0) | (to_row >= rows) | (to_column < 0) | (to_column >= columns)
        target = np.where(outside, 0, to_row * columns + to_column)
        target = np.where(outside | wall[target], row * columns + column, target)
        at_row = target // columns
        blown_to = np.minimum(np.maximum(at_row - wind, nearest_wall[target] + 1), at_row)
        landing[move] = blown_to * columns + target % columns
        paid[move] = world.off_grid_reward * outside
    for jump in world.jumps:
        source = jump.source[0] * columns + jump.source[1]
        landing[:, source] = jump.target[0] * columns + jump.target[1]
        paid[:, source] = jump.reward
    return landing, paid


def _chance(world: MapWorld) -> Floats:
    """How likely each move is under each action: 1 − noise as meant, noise/2 for each perpendicular. [A, M]"""
    actions = np.arange(len(world.moves))
    chance = np.diag(np.full(len(actions), 1.0 - world.noise))
    for turn in (1, 3):  # straight moves 0 to 3 and diagonal ones 4 to 7 are circles of right angles
        chance[actions, actions // 4 * 4 + (actions + turn) % 4] = world.noise / 2
    return chance


def _layout(world: MapWorld, kinds: NDArray[np.int8]) -> Layout:
    rows, columns = len(world.symbols), len(world.symbols[0])
    labels = ["" if symbol in (FREE, WALL) else symbol for symbol in chain.from_iterable(world.symbols)]
    kinds = kinds.copy()
    for letter, jump in zip(_letters(), world.jumps, strict=False):
        source, target = (row * columns + column for row, column in (jump.source, jump.target))
        kinds[source], labels[source] = Kind.JUMP, letter
        if labels[target] in ("", START):
            labels[target] = f"{letter}'"
    return Layout(rows, columns, kinds, tuple(labels), world.moves, wind=tuple(world.wind))


def _letters() -> Iterable[str]:
    """A, B, ... Z, J27, J28, ...: the jumps' names, as in figure 3.2 of Sutton & Barto (2018)."""
    yield from "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    number = 26
    while True:
        number += 1
        yield f"J{number}"


def _warnings(world: MapWorld, model: TabularModel) -> tuple[str, ...]:
    """What is allowed but probably not meant: goals out of reach, values that grow for ever."""
    warnings = []
    terminals = bool(model.ends.any())
    stuck = ~_reaches_the_end(model.next_state, model.ends) & ~model.layout.walls
    starts = model.start_states[stuck[model.start_states]]
    if terminals and len(starts):
        row, column = divmod(int(starts[0]), len(world.symbols[0]))
        others = f" and from {len(starts) - 1:,} more" if len(starts) > 1 else ""
        fate = "never ends" if world.max_steps is None else f"ends only by its limit of {world.max_steps} steps"
        warnings.append(
            f"no terminal cell can be reached from the start in row {row}, column {column}{others}: "
            f"an episode from there {fate}"
        )
    if world.discount == 1 and model.reward[:, stuck].any():
        warnings.append(
            f"no terminal cell can be reached from {stuck.sum():,} of the cells and the discount is 1: "
            "values there may grow for ever, so set a discount below 1 or limit max_sweeps"
        )
    return tuple(warnings)


def _reaches_the_end(next_state: NDArray[np.int32], ends: Bools) -> Bools:
    """From which states some sequence of outcomes ends the episode. [S]"""
    states = next_state.shape[1]
    order = np.argsort(next_state, axis=None, kind="stable")
    first = np.searchsorted(next_state.ravel()[order], np.arange(states + 1)).data
    before = (order % states).astype(np.int32).data  # states with an outcome leading to 0, to 1, ...
    terminal = ends.all(axis=0)
    reaches, frontier = bytearray(terminal.tobytes()), np.flatnonzero(terminal).tolist()
    while frontier:
        state = frontier.pop()
        for previous in before[first[state] : first[state + 1]]:
            if not reaches[previous]:
                reaches[previous] = 1
                frontier.append(previous)
    return np.frombuffer(reaches, np.bool_)


# Writing


def to_toml(world: MapWorld) -> str:
    """The world as a text that `parse_map` turns into the same world again."""
    width = max(map(len, chain.from_iterable(world.symbols)))
    rows = "\n".join(" ".join(symbol.ljust(width) for symbol in cells).rstrip() for cells in world.symbols)
    lines = [f'map = """\n{rows}\n"""']
    for field in dataclasses.fields(world):
        value = getattr(world, field.name)
        if field.name not in ("symbols", "jumps") and value != field.default:
            lines.append(f"{field.name} = {_toml_value(value)}")
    for jump in world.jumps:
        lines.append(f"\n[[jump]]\nfrom = {list(jump.source)}\nto = {list(jump.target)}")
        lines.append(f"reward = {_toml_value(jump.reward)}")
    return "\n".join(lines) + "\n"


def _toml_value(value: bool | float | str | tuple[int, ...]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return str(list(value)) if isinstance(value, tuple) else repr(value)
