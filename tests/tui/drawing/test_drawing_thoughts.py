"""What a network thinks, as bars and numbers: of any kind, any size, any values."""

from __future__ import annotations

import math

import numpy as np
import pytest

from algorithms.contract import Thoughts
from tui.drawing.cells import changes
from tui.drawing.scenes.thoughts import draw_thoughts
from tui.drawing.theme import make_theme

THEME = make_theme()
LABELS = ("coast", "push left", "main engine", "push right")


def thoughts(kind="probability", actions=(0.05, 0.1, 0.8, 0.05), value=123.4, spread=None):
    deviation = None if spread is None else np.array(spread, np.float32)
    return Thoughts(kind, np.array(actions, np.float32), np.array(value, np.float32), deviation)


def drawn(found, chosen=2, width=40, height=10, theme=THEME, labels=LABELS):
    return draw_thoughts(found, labels, chosen, width, height, theme)


def bar(cells, row):
    return cells.line(row).count(THEME.glyphs.ring.horizontal)


def rows_of(cells, *names):
    lines = str(cells).splitlines()
    return [next(row for row, line in enumerate(lines) if name in line) for name in names]


def test_probabilities_are_as_long_as_they_are_large():
    cells = drawn(thoughts())
    rows = rows_of(cells, *LABELS)
    lengths = [bar(cells, row) for row in rows]
    assert lengths[2] > lengths[1] >= lengths[0] == lengths[3] > 0
    assert "0.800" in cells.line(rows[2])
    assert "V(s) 123.4" in cells.line(0)


def test_the_chosen_action_is_marked_without_colour_too():
    cells = drawn(thoughts(), chosen=1, theme=make_theme(colour=False))
    marked = [line for line in str(cells).splitlines() if line.startswith(THEME.glyphs.play)]
    assert len(marked) == 1
    assert "push left" in marked[0]


def test_q_values_close_to_each_other_differ_in_their_bars():
    cells = drawn(thoughts("q", (88.2, 91.5), 91.5), labels=("push left", "push right"))
    left, right = rows_of(cells, "push left", "push right")
    assert bar(cells, right) > bar(cells, left) + 3
    assert "best Q 91.5" in cells.line(0)
    assert "86" in str(cells)  # where the bars begin


def test_bars_of_q_values_stay_while_the_values_move_a_little():
    before, after = drawn(thoughts("q", (88.2, 91.5), 91.5)), drawn(thoughts("q", (88.21, 91.49), 91.5))
    assert sum(run.width for run in changes(before, after)) < 12


def test_a_continuous_action_shows_its_mean_within_its_spread():
    cells = drawn(thoughts("mean", (0.3, -0.6), -12, (0.2, 0.5)), [0.4, -1.0], labels=("main engine", "sideways"))
    (row,) = rows_of(cells, "main engine")
    line = cells.line(row)
    assert line.index(THEME.glyphs.agent) < line.index(THEME.glyphs.point)
    assert "0.300" in line


@pytest.mark.parametrize("kind", ["q", "probability", "mean"])
@pytest.mark.parametrize("theme", [THEME, make_theme(ascii_only=True), make_theme(colour=False)])
def test_any_size_and_any_number(kind, theme):
    many = ((), (1.0,), (math.nan, math.inf, -math.inf, 1e38), (-3e38, 3e38), (0.0,) * 50, (5.0, 5.0))
    choices = (None, 0, 99, [], [math.nan, 1e308, -math.inf], [1.0])
    spreads = (None, (), (math.inf,), (1.0, math.nan), (0.0,), (-1.0, 1e38))
    for width, height in ((0, 0), (1, 1), (3, 2), (12, 3), (40, 4), (100, 30)):
        for values, chosen, spread in zip(many, choices, spreads, strict=True):
            cells = drawn(thoughts(kind, values, math.nan, spread), chosen, width, height, theme)
            assert (cells.width, cells.height) == (width, height)
            assert str(cells).isascii() or not theme.glyphs.lines


def test_without_thoughts_it_says_so():
    assert "nothing thought yet" in str(drawn(None))


def test_a_hostile_name_is_only_text():
    cells = drawn(thoughts("q", (1.0,), 1.0), 0, labels=("\x1b[31mred[/b]‮",))
    assert "\x1b" not in str(cells)
    assert "?[31mred[/b]" in str(cells)
