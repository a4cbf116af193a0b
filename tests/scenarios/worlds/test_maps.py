"""Text maps: what every option means, what is refused and how, and that a world written is the world read."""

from __future__ import annotations

import dataclasses
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scenarios.worlds.errors import WorldError
from scenarios.worlds.layout import Kind
from scenarios.worlds.maps import (
    Jump,
    MapWorld,
    build_map,
    find_world,
    load_map,
    parse_map,
    read_map,
    shipped_worlds,
    to_toml,
)
from scenarios.worlds.model import TabularModel

UP, RIGHT, DOWN, LEFT, UP_RIGHT, DOWN_RIGHT, DOWN_LEFT, UP_LEFT = range(8)


def model_of(rows: str, **options: Any) -> TabularModel:
    symbols = tuple(tuple(line.split()) for line in rows.strip().split("\n"))
    return build_map(MapWorld(symbols, **options))


def transitions(model: TabularModel, s: int, a: int) -> dict[tuple[int, float, bool], float]:
    """(s', r, ends) -> probability."""
    found: dict[tuple[int, float, bool], float] = {}
    for m in range(len(model.next_state)):
        p = float(model.chance[a, m, 0])
        if p:
            key = int(model.next_state[m, s]), float(model.reward[m, s]), bool(model.ends[m, s])
            found[key] = found.get(key, 0.0) + p
    return found


def only(model: TabularModel, s: int, a: int) -> tuple[int, float, bool]:
    (outcome,) = transitions(model, s, a)
    return outcome


# What the options mean. States are numbered row by row.


def test_moves_bumps_walls_and_terminals() -> None:
    model = model_of("S . #\n . +5 .", living_reward=-1, off_grid_reward=-3)
    assert only(model, 0, RIGHT) == (1, -1, False)
    assert only(model, 0, UP) == (0, -4, False)  # the edge: stay, and pay for the bump as well
    assert only(model, 1, RIGHT) == (1, -1, False)  # a wall: stay
    assert only(model, 1, DOWN) == (4, 4, True)  # the number on top of the living reward
    for a in range(4):
        assert only(model, 4, a) == (4, 0, True)  # nothing comes after the end
        assert only(model, 2, a) == (2, 0, False)  # nobody is in a wall
    assert model.start_states.tolist() == [0]


def test_noise_slips_to_the_perpendicular_moves() -> None:
    model = model_of(". . .\n. S .\n. . .", noise=0.2)
    assert transitions(model, 4, UP) == {(1, 0, False): 0.8, (3, 0, False): 0.1, (5, 0, False): 0.1}
    assert transitions(model, 0, LEFT) == {(0, 0, False): pytest.approx(0.9), (3, 0, False): 0.1}
    king = model_of(". . .\n. S .\n. . .", noise=0.2, king_moves=True)
    assert transitions(king, 4, UP_RIGHT) == {(2, 0, False): 0.8, (0, 0, False): 0.1, (8, 0, False): 0.1}
    assert transitions(king, 4, LEFT) == {(3, 0, False): 0.8, (1, 0, False): 0.1, (7, 0, False): 0.1}


def test_kings_moves_in_their_order() -> None:
    model = model_of(". . .\n. S .\n. . .", king_moves=True)
    assert [only(model, 4, a)[0] for a in range(8)] == [1, 5, 7, 3, 2, 8, 6, 0]
    assert only(model, 2, UP_LEFT)[0] == 2  # over the edge: stay, not slide
    assert model.layout.actions == ("up", "right", "down", "left", "up-right", "down-right", "down-left", "up-left")


def test_wind_blows_in_the_column_left_and_stops_at_edges_and_walls() -> None:
    model = model_of(". . .\n# . .\n. . .\nS . 7", wind=(2, 1, 0), off_grid_reward=-1)
    assert only(model, 9, RIGHT) == (4, 0, False)  # from column 0: two up after the move
    assert only(model, 10, RIGHT) == (8, 0, False)  # one up, past the terminal cell
    assert only(model, 8, DOWN) == (11, 7, True)  # no wind in column 2
    assert only(model, 1, UP) == (1, -1, False)  # bumps and is held by the edge
    assert only(model, 9, UP) == (6, 0, False)  # held by the wall at row 1
    assert only(model, 6, UP) == (6, 0, False)  # bumps into the wall, which also stops the wind
    assert only(model, 10, LEFT) == (6, 0, False)
    assert only(model, 10, DOWN) == (7, -1, False)  # the wind blows after a bump as well
    assert only(model, 3, RIGHT) == (3, 0, False)  # nobody is in a wall, whatever the wind
    assert model.layout.wind == (2, 1, 0)


def test_a_cliff_pays_instead_of_the_living_reward_and_returns_to_the_start() -> None:
    model = model_of(". .\nS C", living_reward=-1)
    assert only(model, 1, DOWN) == (2, -100, False)
    assert only(model_of(". .\nS C", living_reward=-1, cliff_reward=-7.5), 2, RIGHT) == (2, -7.5, False)


def test_a_fall_with_several_starts_leads_to_each_as_often() -> None:
    model = model_of("S . S\n. C .\n. . S", noise=0.2)
    fall = {s2: p for (s2, r, _), p in transitions(model, 3, RIGHT).items() if r == -100}
    assert fall == {0: pytest.approx(0.8 / 3), 2: pytest.approx(0.8 / 3), 8: pytest.approx(0.8 / 3)}
    assert sum(transitions(model, 3, RIGHT).values()) == pytest.approx(1)
    assert only(model_of("S . S\n. . .", living_reward=-1), 0, DOWN) == (3, -1, False)
    assert len(model_of("S . S\n. . .").next_state) == 4  # no cliff, no need to draw a start


def test_jumps_take_every_action_and_act_like_entering() -> None:
    rows = "S A + .\n. C . #".replace("A", ".").replace("+", "3")
    jump = (Jump((0, 1), (1, 2), 10.0),)
    model = model_of(rows, jumps=jump, living_reward=-1, off_grid_reward=-5, wind=(0, 1, 0, 0), noise=0.5)
    for a in range(4):
        assert only(model, 1, a) == (6, 9, False)  # no bump, no wind, no slip
    into_terminal = model_of(rows, jumps=(Jump((0, 0), (0, 2), 1.0),), living_reward=-1)
    assert only(into_terminal, 0, UP) == (2, 3, True)  # reward, number and living reward
    off_the_cliff = model_of(rows, jumps=(Jump((1, 0), (1, 1), 1.0),), living_reward=-1)
    assert only(off_the_cliff, 4, UP) == (0, -99, False)
    onto_itself = model_of(rows, jumps=(Jump((1, 0), (1, 0), 1.0),))
    assert only(onto_itself, 4, UP) == (4, 1, False)


def test_the_layout_of_a_map() -> None:
    layout = model_of("S . # +1\n. . C -2", jumps=(Jump((0, 1), (1, 1), 1.0),)).layout
    kinds = [Kind.START, Kind.JUMP, Kind.WALL, Kind.TERMINAL, Kind.FREE, Kind.FREE, Kind.CLIFF, Kind.TERMINAL]
    assert (layout.rows, layout.columns, layout.kinds.tolist()) == (2, 4, kinds)
    assert layout.labels == ("S", "A", "", "+1", "", "A'", "C", "-2")
    assert layout.walls.tolist() == [False, False, True] + [False] * 5


def test_a_file_sets_everything(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        'name = "mine"\nmap = """\n. S\n\n 1e1 .5\r\n"""\ndiscount = 0.9\nnoise = 0.2\nliving_reward = -0.04\n'
        "max_steps = 50\noff_grid_reward = -1\ncliff_reward = -10\nking_moves = true\nwind = [0, 1]\n"
        "[[jump]]\nfrom = [0, 0]\nto = [1, 1]\nreward = 2\n"
    )
    assert read_map(path) == MapWorld(
        symbols=((".", "S"), ("1e1", ".5")),
        name="mine",
        discount=0.9,
        noise=0.2,
        living_reward=-0.04,
        off_grid_reward=-1,
        cliff_reward=-10,
        king_moves=True,
        wind=(0, 1),
        max_steps=50,
        jumps=(Jump((0, 0), (1, 1), 2),),
    )
    model = load_map(str(path))
    assert (model.states, model.actions, model.discount, model.max_steps) == (4, 8, 0.9, 50)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())  # a byte order mark, as some editors write
    assert read_map(path).name == "mine"


def test_the_defaults_of_a_bare_map() -> None:
    world = parse_map('map = "S . 1"', "bare")
    assert (world.discount, world.noise, world.living_reward, world.off_grid_reward) == (1.0, 0.0, 0.0, 0.0)
    assert (world.cliff_reward, world.king_moves, world.wind, world.max_steps) == (-100.0, False, (), None)


# Shipped worlds, writing, editing


def test_every_shipped_world_builds_without_a_warning_and_explains_itself() -> None:
    assert set(shipped_worlds()) == {"fig4-1", "book", "jumps", "windy", "windy-king"}
    for name in shipped_worlds():
        assert load_map(find_world(name)).warnings == ()
        assert find_world(name).read_text().startswith("# ")


def test_a_file_of_ones_own_goes_before_a_shipped_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_world("book").parent.name == "files"
    Path("book").write_text('map = "S 1"')
    assert read_map(find_world("book")).symbols == (("S", "1"),)


@pytest.mark.parametrize("name", shipped_worlds())
def test_a_shipped_world_written_and_read_is_the_same(name: str) -> None:
    world = read_map(find_world(name))
    assert parse_map(to_toml(world), "again") == world


def test_a_written_world_is_the_same_to_the_last_bit() -> None:
    world = MapWorld(
        symbols=(("S", "#", "-0.1"), ("C", ".", "+1e-07")),
        name='quotes " \\ \t \n ünïcode 🐍 \x7f',
        discount=0.1 + 0.2,
        noise=1 / 3,
        living_reward=-1e-17,
        off_grid_reward=5,
        cliff_reward=-99.9,
        king_moves=True,
        wind=(0, 3, 1),
        max_steps=7,
        jumps=(Jump((0, 0), (1, 0), 1e9), Jump((1, 1), (1, 1), -1 / 3)),
    )
    assert parse_map(to_toml(world), "again") == world


def test_a_cell_can_be_changed() -> None:
    world = parse_map('map = """\nS . 1\n. . .\n"""\nliving_reward = -1', "mine")
    assert only(build_map(world.with_cell(1, 1, "#")), 1, DOWN) == (1, -1, False)
    assert only(build_map(world.with_cell(1, 1, "+4")), 1, DOWN) == (4, 3, True)
    assert world.symbols[1][1] == "."
    for row, column, symbol, complaint in [
        (0, 0, ".", "no start"),
        (2, 0, ".", "no cell at row 2, column 0"),
        (0, -1, ".", "no cell at row 0, column -1"),
        (0, 1, "x", "unknown symbol 'x' in row 0, column 1"),
        (0, 1, "nan", "unknown symbol"),
        (0, 1, "1e999", "must lie in"),
    ]:
        with pytest.raises(WorldError, match=complaint):
            world.with_cell(row, column, symbol)


def test_a_jump_is_not_walled_in() -> None:
    world = MapWorld((("S", ".", "1"),), jumps=(Jump((0, 0), (0, 1)),))
    with pytest.raises(WorldError, match="is a wall"):
        world.with_cell(0, 1, "#")


# What is probably not meant


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ('map = "S 1"', []),
        ('map = "S # 1"', ["no terminal cell can be reached from the start in row 0, column 0: .* never ends"]),
        ('map = "S # 1 S"\nmax_steps = 9', ["the start in row 0, column 0: .* only by its limit of 9 steps"]),
        ('map = "S # 1 # S"', ["from the start in row 0, column 0 and from 1 more"]),
        ('map = "S # 1"\nliving_reward = -1\ndiscount = 0.9', ["never ends"]),
        ('map = "S # 1"\nliving_reward = -1', ["never ends", "from 1 of the cells and the discount is 1"]),
        ('map = "S 1 # ."\nliving_reward = -1', ["from 1 of the cells and the discount is 1"]),
        ('map = "S ."\nliving_reward = -1', ["from 2 of the cells and the discount is 1"]),
        ('map = "S ."\nliving_reward = -1\ndiscount = 0.9', []),
        ('map = "S ."', []),
        ('map = """\nS # 1\n. . .\n"""\n', []),
        ('map = """\nS # 1\n. . .\n"""\nwind = [1, 0, 0]', ["never ends"]),  # the wind blows every step down back
    ],
)
def test_warnings(text: str, warnings: list[str]) -> None:
    found = build_map(parse_map(text, "map")).warnings
    assert len(found) == len(warnings)
    for warning, pattern in zip(found, warnings, strict=True):
        assert re.search(pattern, warning)


# What is refused


def refuse(content: str | bytes, path: Path) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(WorldError) as caught:
        load_map(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    assert message.isprintable()
    return message


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('map = """\nS . .\n. .\n"""', "row 1 of the map has 2 cells but row 0 has 3"),
        ('map = ". 1"', "no start: mark at least one cell with S"),
        ('map = ""', "the map is empty"),
        ('map = "\\n  \\n"', "the map is empty"),
        ("", "there is no map"),
        ("noise = 0.1", "there is no map"),
        ("map = 3", "map must be a text of rows, got the number 3"),
        ('map = ["S"]', "map must be a text of rows, got a list"),
        ('map = """\nS .\n. X\n"""', "unknown symbol 'X' in row 1, column 1"),
        ('map = "S..."', r"unknown symbol 'S...' .* separated by spaces"),
        ('map = "S nan"', "unknown symbol 'nan'"),
        ('map = "S inf"', "unknown symbol 'inf'"),
        ('map = "S 1_0"', "unknown symbol '1_0'"),
        ('map = "S \\u0661"', "unknown symbol"),
        ('map = "S \\u001b[31m"', re.escape("unknown symbol '\\\\x1b[31m'")),
        (f'map = "S {"x" * 10_000}"', "unknown symbol 'x{100}…'"),
        ('map = "S 1e999"', "the number 1e999 in row 0, column 1 of the map must lie in"),
        (f'map = "S {"9" * 5000}"', "must lie in"),
        ('map = "S"\nnoize = 0.1', "unknown key 'noize': did you mean 'noise'?"),
        ('map = "S"\nzzz = 1', "unknown key 'zzz': known are cliff_reward, discount"),
        ('map = "S"\n[[jump]]\nfrom = [0, 0]\ntoo = [0, 0]', "unknown key in jump 1 'too': did you mean 'to'?"),
        ('map = "S"\nnoise = 1.5', r"noise must be a number in \[0, 1\], got 1.5"),
        ('map = "S"\nnoise = -0.1', "noise must be"),
        ('map = "S"\ndiscount = 1.01', r"discount must be a number in \[0, 1\], got 1.01"),
        ('map = "S"\ndiscount = nan', "discount must be .* got nan"),
        ('map = "S"\nliving_reward = inf', "living_reward must be .* got inf"),
        ('map = "S"\nliving_reward = -inf', "living_reward must be"),
        ('map = "S"\nliving_reward = "much"', "living_reward must be a number .* got a text"),
        ('map = "S"\nliving_reward = true', "living_reward must be a number .* got true or false"),
        ('map = "S"\ncliff_reward = {a = 1}', "cliff_reward must be a number .* got a table"),
        ('map = "S"\noff_grid_reward = 2020-01-01', "off_grid_reward must be a number .* got something else"),
        ('map = "S"\nking_moves = 1', "king_moves must be true or false, got the number 1"),
        ('map = "S"\nmax_steps = 0', r"max_steps must be a whole number in \[1, 1e\+09\], got 0"),
        ('map = "S"\nmax_steps = 1.5', "max_steps must be a whole number"),
        ('map = "S"\nmax_steps = true', "max_steps must be a whole number"),
        (f'map = "S"\nmax_steps = {"9" * 300}', "max_steps must be .* got 9{100}…"),
        ('map = "S"\nname = 5', "name must be a text"),
        (f'map = "S"\nname = "{"n" * 101}"', "at most 100 characters"),
        ('map = "S ."\nwind = [1]', "wind has 1 numbers but the map has 2 columns"),
        ('map = "S ."\nwind = 1', "wind must be a list of 2 whole numbers"),
        ('map = "S ."\nwind = [0, -1]', "wind of column 1 must be a whole number"),
        ('map = "S ."\nwind = [0, 0.5]', "wind of column 1 must be a whole number"),
        ('map = "S ."\nwind = [0, [1]]', "wind of column 1 must be a whole number .* got a list"),
        ('map = "S ."\njump = 1', r"jump must be written as \[\[jump\]\] tables"),
        ('map = "S ."\njump = [1]', r"jump must be written as \[\[jump\]\] tables"),
        ('map = "S ."\n[[jump]]\nfrom = [0, 0]', r"jump 1 has no to: write to = \[ROW, COLUMN\]"),
        ('map = "S ."\n[[jump]]\nto = [0, 0]', "jump 1 has no from"),
        ('map = "S ."\n[[jump]]\nfrom = [0, 0]\nto = [0, 2]', r"jump 1: to = \[0, 2\] lies outside the map: rows"),
        ('map = "S ."\n[[jump]]\nfrom = [-1, 0]\nto = [0, 1]', "jump 1: from .* lies outside"),
        ('map = "S ."\n[[jump]]\nfrom = [0, 0]\nto = [0, 1.0]', "jump 1: to must be"),
        ('map = "S ."\n[[jump]]\nfrom = [0, 0]\nto = [true, 0]', "jump 1: to must be"),
        ('map = "S ."\n[[jump]]\nfrom = 3\nto = [0, 1]', "jump 1: from must be"),
        ('map = "S #"\n[[jump]]\nfrom = [0, 0]\nto = [0, 1]', r"jump 1: to = \[0, 1\] is a wall"),
        ('map = "S #"\n[[jump]]\nfrom = [0, 1]\nto = [0, 0]', r"jump 1: from = \[0, 1\] is a wall"),
        ('map = "S 1"\n[[jump]]\nfrom = [0, 1]\nto = [0, 0]', "a cell that no action is taken in"),
        ('map = "S C"\n[[jump]]\nfrom = [0, 1]\nto = [0, 0]', "a cell that no action is taken in"),
        ('map = "S ."\n[[jump]]\nfrom = [0, 0]\nto = [0, 1]\nreward = nan', "jump 1: reward must be a number"),
        (
            'map = "S ."\n' + "[[jump]]\nfrom = [0, 0]\nto = [0, 1]\n" * 2,
            "jump 2: another jump already begins at row 0, column 0",
        ),
        ("\nmap = \nnoise = 1", r"invalid TOML: .* \(at line 2, column 7\)"),
        ('map = "S"\nnoise = 0.1\nnoise = 0.2\n\n', r"invalid TOML: .* \(at line 3"),
        ('map = """\nS', "invalid TOML"),
        (f"a = {'[' * 100_000}", "invalid TOML: it is nested too deeply"),
        (f"a = {'9' * 5000}", "invalid TOML"),
        (b"\x89PNG\r\n\x1a\n\x00\xff\xfe", "is not text: a world file is TOML in UTF-8"),
        (b"map = 'S'\n\x00", "invalid TOML"),
    ],
)
def test_one_sentence_says_what_is_wrong(content: str | bytes, complaint: str, tmp_path: Path) -> None:
    assert re.search(complaint, refuse(content, tmp_path / "wrong.toml"))


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(WorldError, match=r"there is no world file boook: did you mean 'book'\?"):
        load_map("boook")
    with pytest.raises(WorldError, match=r"there is no world file .*: shipped are book, fig4-1"):
        load_map(tmp_path / "missing.toml")
    with pytest.raises(WorldError, match="is a directory"):
        load_map(tmp_path)
    with pytest.raises(WorldError, match="is not a regular file"):
        load_map("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WorldError, match="is not a regular file"):
        load_map(tmp_path / "pipe")
    for name in ("a\0b", "x" * 5000, str(tmp_path / "missing.toml" / "below")):
        with pytest.raises(WorldError, match="world file"):
            load_map(name)
    with pytest.raises(WorldError) as caught:
        load_map("\x1b[31m.toml")
    assert str(caught.value).isprintable()


def test_a_world_too_large_is_refused_at_once_with_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with open(path, "wb") as file:
        file.write(b'map = """\n')
        file.truncate(200_000_000)
    with pytest.raises(WorldError, match=r"huge.toml is too large: a world has at most 1,000,000 cells .* 16 MB"):
        load_map(path)
    rows = "\n".join([" ".join("S" * 1001)] * 1000)
    assert "1,001,000 cells: the limit is 1,000,000" in refuse(f'map = """\n{rows}\n"""', path)


def test_a_fall_to_very_many_starts_is_refused(tmp_path: Path) -> None:
    rows = "\n".join([" ".join("S" * 199 + "C")] * 200)
    message = refuse(f'map = """\n{rows}\n"""', tmp_path / "falls.toml")
    assert "39,800 starts to fall back to" in message
    assert "the limit is 16,000,000" in message


@pytest.mark.parametrize("side", [300, pytest.param(1000, marks=pytest.mark.slow)])
def test_a_million_cells_become_a_model(side: int) -> None:
    cells = np.full((side, side), ".", dtype=object)
    cells[np.random.default_rng(0).random(cells.shape) < 0.1] = "#"
    cells[0, 0], cells[0, 1], cells[-1, -1] = "S", "C", "+1"
    text = 'map = """\n' + "\n".join(" ".join(row) for row in cells) + '\n"""\nnoise = 0.2\n'
    model = build_map(parse_map(text, "large"))
    assert model.states == side * side
    assert model.chance.shape == (4, 4, 1)


def test_the_world_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_map('map = "S"', "x").noise = 1  # type: ignore[misc]
