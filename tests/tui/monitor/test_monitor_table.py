"""The table of runs: what is in a row, which columns fit, and that ten thousand runs cost as much as those in sight."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from scenarios.runs.collection import STATUSES, RunRow
from tui.drawing.cells import encode
from tui.drawing.theme import make_theme
from tui.monitor.columns import SIGNS, age_text, columns_for, compact, cut_in_the_middle, name_width
from tui.monitor.table import MARK, Table, column_at, draw_table, rows_in_sight

UNICODE, ASCII, GREY = make_theme(), make_theme(ascii_only=True), make_theme(colour=False)
WIDTHS = [1, 2, 5, 10, 20, 40, 60, 80, 120, 200, 400]
HEIGHTS = [0, 1, 2, 5, 24, 60]


def row(name="cartpole-dqn-s1-001", **members):
    known = {"status": "running", "scenario": "cartpole", "algorithm": "dqn", "seed": 1, "lanes": 1}
    numbers = {"env_steps": 20_000, "return_mean": 487.25, "eval_mean": 500.0, "steps_per_second": 3391.0}
    return RunRow(
        Path("/runs") / name[:100].encode("ascii", "replace").decode(), name, **{**known, **numbers, **members}
    )


def lines(table, width=140, height=6, theme=UNICODE):
    return str(draw_table(table, width, height, theme)).splitlines()


def test_a_row_says_how_the_run_stands():
    titles, first, *_ = lines(Table([row()]))
    assert titles.split() == [
        "status",
        "run",
        "scenario",
        "algorithm",
        "seed",
        "steps",
        "return",
        "greedy",
        "steps/s",
        "age▾",
        "curve",
    ]
    assert first.split() == [
        "►",
        "running",
        "cartpole-dqn-s1-001",
        "cartpole",
        "dqn",
        "1",
        "20k",
        "487.2",
        "500.0",
        "3391",
        "-",
    ]


def test_every_status_has_a_glyph_and_a_word_of_its_own():
    assert set(STATUSES) == set(SIGNS)
    for number in (0, 1):
        signs = [sign[number] for sign in SIGNS.values()]
        assert all(len(encode(sign)) == 1 for sign in signs)
        assert len(set(signs)) == len(signs)
    assert all(signs[1].isascii() for signs in SIGNS.values())


def test_numbers_stand_under_their_titles():
    titles, first, *_ = lines(Table([row()]))
    for title, number in (("steps", "20k"), ("return", "487.2"), ("greedy", "500.0")):
        assert titles.index(title) + len(title) == first.index(number) + len(number)


def test_the_name_is_whole_before_columns_come_that_repeat_it():
    name = "frozenlake-value-iteration-s0-001"
    narrow = [column.title for column, _ in columns_for(90, len(name))]
    assert narrow == ["status", "run", "steps", "return", "greedy", "age", "curve"]
    wide = {column.title: width for column, width in columns_for(140, len(name))}
    assert wide["run"] >= len(name)
    assert {"seed", "algorithm", "scenario"} <= wide.keys()


@pytest.mark.parametrize("width", WIDTHS)
def test_columns_never_take_more_than_there_is(width):
    for name in (20, 33, 44):
        assert sum(wide + 2 for _, wide in columns_for(width, name)) <= max(0, width)


def test_a_long_name_is_cut_in_its_middle():
    assert cut_in_the_middle("cartpole-dqn-s1-001", 12, "…") == "car…n-s1-001"
    assert cut_in_the_middle("short", 12, "…") == "short"
    assert cut_in_the_middle("short", 0, "…") == ""
    assert name_width([]) == name_width(["a"]) == 20
    assert name_width(["a" * 1000]) == 44


def test_the_column_of_the_order_has_an_arrow():
    assert "return▴" in lines(Table([row()], sort="return_mean", descending=False))[0]
    assert "return▾" in lines(Table([row()], sort="return_mean"))[0]


def test_a_click_finds_its_column():
    titles = lines(Table([row()]), 120)[0]
    for title in ("status", "return", "greedy"):
        assert column_at(titles.index(title) + 1, 120, 20).title == title
    assert column_at(0, 120, 20) is None
    assert column_at(119, 30, 20) is None


def test_the_cursor_is_a_bar_over_the_whole_row_and_reversed_without_colour():
    cells = draw_table(Table([row(), row("b")], current=1), 100, 4, UNICODE)
    assert {cells.style_at(2, col).bg for col in range(100)} == {UNICODE.palette.faint}
    assert cells.style_at(1, 5).bg is None
    grey = draw_table(Table([row()], current=0), 100, 4, GREY)
    assert grey.style_at(1, 5).reverse


def test_marked_runs_carry_a_piece_of_their_line():
    first, second = row("a"), row("b")
    cells = draw_table(Table([first, second], marks={first.path: 0, second.path: None}), 100, 4, UNICODE)
    assert cells.line(1)[:2].strip()
    assert cells.style_at(1, 0).fg == UNICODE.palette.series[0]
    assert cells.line(2)[0] == UNICODE.glyphs.point


def test_a_damaged_run_says_why():
    fault = "run.json is damaged: restore it from a copy or delete the run"
    _, first, *_ = lines(Table([RunRow(Path("/r/x"), "x", "damaged", fault=fault)]), 160)
    assert "! damaged" in first
    assert fault in first


def test_a_spark_stands_in_its_column():
    one = row()
    titles, first, *_ = lines(Table([one], sparks={one.path: np.arange(8.0)}))
    assert first[titles.index("curve") :].startswith("▁▂▃▄▅▆▇▇")


class Counted(Sequence):
    """Ten thousand runs that count how often one is asked for."""

    def __init__(self):
        self.asked = 0

    def __len__(self):
        return 10_000

    def __getitem__(self, which):
        if isinstance(which, slice):
            return [self[i] for i in range(*which.indices(len(self)))]
        self.asked += 1
        return row(f"run-{which}")


def test_of_ten_thousand_runs_only_those_in_sight_are_looked_at():
    many = Counted()
    text = str(draw_table(Table(many, top=9_000, current=9_003), 120, 21, UNICODE))
    assert many.asked == 20 == rows_in_sight(21)
    assert "run-9000" in text
    assert "run-9019" in text
    assert "▴" in text.splitlines()[1]
    assert "▾" in text.splitlines()[-1]


def test_an_empty_table_says_why():
    assert "no run matches" in str(draw_table(Table([], empty="no run matches"), 60, 6, UNICODE))


@pytest.mark.parametrize("theme", [UNICODE, ASCII, GREY], ids=["unicode", "ascii", "grey"])
def test_every_size_and_bad_numbers(theme):
    bad = [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, None]
    rows = [row(str(n), return_mean=x, eval_mean=x, steps_per_second=x, share=x) for n, x in enumerate(bad)]
    rows.append(row("unknown", status="?", seed=None, env_steps=None))
    sparks = {rows[0].path: np.array(bad[:5]), rows[1].path: np.zeros(0)}
    for width in WIDTHS:
        for height in HEIGHTS:
            drawn = draw_table(Table(rows, 0, 3, {rows[1].path: 7}, sparks), width, height, theme)
            assert (drawn.width, drawn.height) == (width, height)
            assert theme is not ASCII or str(drawn).isascii()


def test_counts_and_ages_are_short():
    counts = [compact(n) for n in (0, 950, 9999, 10_000, 999_600, 1_250_000, 3e9)]
    assert counts == ["0", "950", "9999", "10k", "1M", "1.25M", "3G"]
    assert [compact(n) for n in (None, np.nan, np.inf)] == ["-"] * 3
    ages = [age_text(s) for s in (None, 0, 59, 60, 7199, 90_000)]
    assert ages == ["-", "<1 min", "<1 min", "1 min", "1 h", "1 d"]


def test_hostile_names_neither_shift_nor_steer():
    nasty = [
        "\x1b[2J\x1b]0;x\x07",
        "[bold]x[/]",
        "\u202eevil\u202c",
        "a\u200bb\n\r\tc",
        "方" * 50,
        "\ud800",
        "x" * 100_000,
    ]
    for text in nasty:
        one = row(text, scenario=text, algorithm=text)
        line = draw_table(Table([one], current=0), 140, 3, UNICODE).line(1)
        assert line.isprintable()
        assert len(encode(line)) == 140
        assert "487.2" in line


def test_the_lines_of_marked_runs_differ_without_colour():
    rows = [row(f"run-{n}") for n in range(6)]
    marks = {one.path: n for n, one in enumerate(rows)}
    for theme in (GREY, ASCII):
        drawn = lines(Table(rows, marks=marks), height=7, theme=theme)[1:]
        assert len({line[:MARK] for line in drawn}) == 6
