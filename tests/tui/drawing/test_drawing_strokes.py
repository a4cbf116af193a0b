"""Strokes: reduction that changes no dot, traces without holes, braille."""

from itertools import pairwise

import numpy as np
import pytest

from tui.drawing.sparkline import draw_sparkline
from tui.drawing.strokes import braille, dots, reduce_columns, sorted_points, trace
from tui.drawing.theme import make_theme

UNICODE, ASCII = make_theme(), make_theme(ascii_only=True)


def random_curve(rng, count):
    """A rough walk with some values that are not finite."""
    y = rng.normal(size=count).cumsum()
    y[rng.random(count) < 0.01] = rng.choice([np.nan, np.inf, -np.inf])
    return np.sort(rng.random(count)) * 79, y


@pytest.mark.parametrize("count", [1, 2, 50, 400, 5000])
def test_a_reduced_curve_touches_the_same_dots(count):
    rng = np.random.default_rng(count)
    for _ in range(20):
        x, y = random_curve(rng, count)
        reduced_x, reduced_y = reduce_columns(x, y, np.arange(79) + 0.5)
        assert len(reduced_x) == len(reduced_y) <= max(count if count <= 320 else 0, 80 * 8)
        full, less = (dots(*trace(*curve, 80), 40) for curve in ((x, y), (reduced_x, reduced_y)))
        assert (full == less).all()


def test_reducing_keeps_ends_extremes_and_kinds():
    x = np.arange(10_000.0)
    y = np.sin(x / 500)
    y[1234], y[5000], y[7777] = 9.0, np.nan, -np.inf
    less_x, less_y = reduce_columns(x, y, np.arange(100.0, 10_000.0, 100.0))
    assert len(less_x) <= 420
    assert (less_x[0], less_x[-1]) == (0, 9999)
    assert np.nanmax(less_y) == 9
    assert np.isnan(less_y).sum() == 1
    assert (less_y == -np.inf).sum() == 1
    assert (np.diff(less_x) >= 0).all()


def test_few_points_are_left_alone():
    x, y = np.arange(5.0), np.array([1, np.nan, 3, 4, 5])
    for edges in (np.array([2.5]), np.arange(100.0)):
        assert reduce_columns(x, y, edges)[1] is y
    assert len(reduce_columns(np.zeros(0), np.zeros(0), np.zeros(0))[0]) == 0


def test_points_out_of_order_are_sorted_and_those_nowhere_dropped():
    x, y = sorted_points(np.array([3.0, np.nan, 1.0, np.inf, 2.0]), np.arange(5.0))
    assert x.tolist() == [1, 2, 3]
    assert y.tolist() == [2, 4, 0]


def test_a_line_has_no_holes():
    rng = np.random.default_rng(1)
    for _ in range(100):
        x = np.sort(rng.choice(np.arange(0, 60, 0.5), 12, replace=False))
        y = rng.random(12) * 30
        picture = dots(*trace(x, y, 60), 31)
        columns = np.flatnonzero(picture.any(axis=0))
        assert (np.diff(columns) == 1).all()
        for left, right in pairwise(columns):
            a, b = np.flatnonzero(picture[:, left]), np.flatnonzero(picture[:, right])
            assert a[0] - 1 <= b[-1]
            assert b[0] - 1 <= a[-1]


def test_a_diagonal_is_one_dot_wide():
    x = np.arange(8.0)
    assert (dots(*trace(x, x, 8), 8) == np.eye(8, dtype=bool)[::-1]).all()


def test_a_gap_interrupts_and_a_lone_point_is_a_dot():
    x, y = np.array([0.0, 1, 2, 3, 6, 7]), np.array([0.0, np.nan, 2, np.nan, 1, 1])
    assert dots(*trace(x, y, 8), 3).astype(int).tolist() == [
        [0, 0, 1, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 1],
        [1, 0, 0, 0, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize("bit", range(8))
def test_braille_dots(bit):
    row, col = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)][bit]
    picture = np.zeros((4, 2), bool)
    picture[row, col] = True
    assert braille(picture).tolist() == [[1 << bit]]  # dot n is bit n - 1


@pytest.mark.parametrize(
    ("values", "width", "text"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, "▁▂▃▄▅▆▇█"),
        ([1, 2, np.nan, 4], 6, "▁▃×█  "),
        ([3, 3], 3, "▄▄ "),
        ([0, 0, 7, 7], 2, "▁█"),
        ([], 3, "   "),
        ([np.nan, np.inf], 2, "××"),
        ([-1.7e308, 1.7e308], 2, "▁█"),
        ([5], 0, ""),
    ],
)
def test_sparklines(values, width, text):
    assert draw_sparkline(values, width, UNICODE).line(0) == text


def test_a_sparkline_in_ascii():
    assert draw_sparkline(range(8), 8, ASCII).line(0) == "_.-=+*#@"


def test_bars_of_a_sparkline_stay_while_values_are_appended():
    values = np.concatenate((np.zeros(64), np.full(64, 10.0), np.random.default_rng(0).random(500) * 10))
    before, moved = None, 0
    for count in range(128, 600):
        text = draw_sparkline(values[:count], 20, UNICODE).line(0).rstrip()
        moved += before is not None and not text.startswith(before[:-1])
        before = text
    assert moved == 2  # when a bar begins to hold 16, and then 32 values
