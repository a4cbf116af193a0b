"""Axes: round ends, steps, ticks."""

import math
from itertools import pairwise

import numpy as np
import pytest

from tui.drawing.axes import LARGEST, Axis, step_x, step_y, tick_label, without_outliers

NASTY = [0.0, -0.0, 1.0, -1.0, 1e-300, -1e-300, 5e-324, 1e15 + 1, 1e300, -1e300, 1.7e308, -1.7e308, 123.456]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 480, (0, 500)),
        (1, 17, (0, 20)),
        (0, 0, (0, 1)),
        (1000, 1100, (1000, 1100)),
        (0, 501, (0, 700)),
        (3, 3, (3, 4)),
    ],
)
def test_the_x_axis_is_round(low, high, expected):
    axis = step_x(None, low, high)
    assert (axis.low, axis.high) == pytest.approx(expected)


def test_the_x_axis_grows_in_few_steps():
    axis, seen = None, []
    for high in range(1, 100_001):
        axis = step_x(axis, 0, high)
        assert axis.low <= 0
        assert axis.high >= high
        if not seen or seen[-1] != axis:
            seen.append(axis)
    assert len(seen) <= 6 * 5 + 1  # six steps a decade
    assert all(later.high >= 1.3 * earlier.high for earlier, later in pairwise(seen))


def test_the_x_axis_shrinks_when_the_data_were_reset():
    long = step_x(None, 0, 10_000)
    assert step_x(long, 0, 3000) is long
    assert step_x(long, 0, 10) == Axis(0, 10)


def test_the_y_axis_keeps_still():
    axis = step_y(None, -13.2, -1.0)
    assert (axis.low, axis.high) == (-14, 0)
    assert step_y(axis, -12, -3) is axis
    grown = step_y(axis, -15, -1)
    assert grown.low <= -15 - 0.1 * 14  # with headroom below
    assert grown.high == 0
    assert step_y(grown, -1.2, -1.0) != grown


def test_a_growing_curve_moves_the_y_axis_seldom():
    axis, moves = None, 0
    for value in np.linspace(1, 500, 5000):
        before, axis = axis, step_y(axis, 0, float(value))
        moves += axis is not before
    assert moves <= 40


@pytest.mark.parametrize("value", NASTY)
def test_a_constant_lies_inside(value):
    axis = step_y(None, value, value)
    assert axis.low < value < axis.high or abs(value) >= 1.5e308
    assert math.isfinite(axis.low)
    assert math.isfinite(axis.high)


@pytest.mark.parametrize("low", NASTY)
@pytest.mark.parametrize("high", NASTY)
def test_axes_hold_whatever_is_finite(low, high):
    low, high = min(low, high), max(low, high)
    for step in (step_x, step_y):
        axis = step(None, low, high)
        axis = step(axis, low, high)
        assert -math.inf < axis.low < axis.high < math.inf
        assert axis.low <= low
        assert axis.high >= high
        shares = axis.share(np.array([low, high]))
        assert (shares >= -1e-9).all()
        assert (shares <= 1 + 1e-9).all()
        ticks = axis.ticks(4)
        assert all(-1e-9 <= share <= 1 + 1e-9 for share, _ in ticks)
        assert len(ticks) <= 20


def test_the_logarithmic_axis_goes_by_decades():
    axis = step_y(None, math.log10(0.02), math.log10(300), log=True)
    assert (axis.low, axis.high) == (-2, 3)
    assert [label for _, label in axis.ticks(5)] == ["1e-2", "1e-1", "1e0", "1e1", "1e2", "1e3"]
    units = axis.units(np.array([100.0, 0.0, -1.0, np.nan, np.inf]))
    assert units[0] == 2
    assert units[1] == units[2] == -np.inf
    assert np.isnan(units[3])
    assert units[4] == np.inf
    assert axis.value(np.array([0.0, 1.0])) == pytest.approx([0.01, 1000])


def test_ticks_are_round_and_at_their_places():
    assert Axis(0, 500).ticks(5) == [(i / 5, label) for i, label in enumerate(["0", "100", "200", "300", "400", "500"])]
    assert [label for _, label in Axis(-0.6, 0.6).ticks(4)] == ["-0.5", "0", "0.5"]
    assert len(Axis(420, 540).ticks(1)) >= 2


@pytest.mark.parametrize(
    ("value", "step", "label"),
    [
        (0.25, 0.05, "0.25"),
        (-150, 50, "-150"),
        (20_000, 10_000, "20k"),
        (12_500, 500, "12.5k"),
        (1_500_000, 500_000, "1.5M"),
        (2e-6, 1e-6, "2e-6"),
        (1e308, 1e308, "1e308"),
        (-1.5e300, 5e299, "-1.5e300"),
        (0, 0.1, "0"),
    ],
)
def test_tick_labels(value, step, label):
    assert tick_label(value, step) == label
    assert LARGEST > 1e308


def test_a_few_outliers_have_no_say_in_the_limits():
    values = np.concatenate((np.linspace(-100.0, 0.0, 92), np.full(4, -2000.0), np.full(4, 5000.0)))
    assert without_outliers(values) == pytest.approx((-150.0, 50.0), abs=5)
    assert without_outliers(np.array([-2000.0, *range(18)]))[0] < -2000  # of few values all have
    assert without_outliers(np.append(np.full(99, 7.0), 9.0)) == (6.0, 10.0)  # or else there would be no height
    assert without_outliers(np.array([np.nan, np.inf])) is None
    assert without_outliers(np.array([-1.0, 10.0, 1000.0]), log=True) == pytest.approx((1.0, 10_000.0))


@pytest.mark.parametrize("log", [False, True])
def test_limits_of_any_values_are_in_order(log):
    for values in ([one, other] for one in NASTY for other in NASTY):
        limits = without_outliers(np.array(values), log)
        assert limits is None or limits[0] < limits[1]


@pytest.mark.parametrize("high", [1.0, 2.0, 3.0, 7.0, 480.0])
def test_what_is_counted_has_whole_ticks(high):
    axis = step_x(None, 1.0, high)
    assert not any("." in label for _, label in axis.ticks(9, whole=True))
    assert len(axis.ticks(9, whole=True)) >= 2
    assert high > 2 or any("." in label for _, label in axis.ticks(9))
