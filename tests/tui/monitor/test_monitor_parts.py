"""The arrangement, what is remembered of a view, the search for a metric, and the lines of a chart."""

import math
from dataclasses import fields
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from tui.lesson.layout import is_small
from tui.monitor.fuzzy import fuzzy_find
from tui.monitor.layout import CHARTS, Wanted, arrange
from tui.monitor.lines import NOTHING, Bundle, Style, lines_of, thinned
from tui.monitor.view import MOST_METRICS, View, recalled, remember

WIDTHS = [1, 2, 5, 10, 20, 40, 60, 80, 100, 120, 160, 200, 400]
HEIGHTS = [1, 2, 5, 10, 18, 24, 30, 48, 60, 120]
A, B, C = Path("/r/a"), Path("/r/b"), Path("/r/c")


# The arrangement


@pytest.mark.parametrize("room", ["both", "charts", "table"])
@pytest.mark.parametrize("lower", ["charts", "side"])
@pytest.mark.parametrize("charts", [1, 3, 6])
def test_at_every_size_all_is_inside_and_nothing_lies_over_anything(room, lower, charts):
    for width in WIDTHS:
        for height in HEIGHTS:
            for rows, searching in ((0, False), (5, True), (10_000, False)):
                places = arrange(width, height, Wanted(rows, charts, searching, room, lower)).places
                taken = np.zeros((height, width), int)
                for col, row, wide, high in places.values():
                    assert col >= 0 <= row
                    assert col + wide <= width
                    assert row + high <= height
                    assert wide > 0 < high
                    taken[row : row + high, col : col + wide] += 1
                assert taken.max() == 1
                if "footer" in places:
                    assert taken.min() == 1


def names(width, height, rows=20, charts=4, room="both", lower="charts"):
    return list(arrange(width, height, Wanted(rows, charts, False, room, lower)).places)


def test_where_there_is_little_room_one_pane_stands_below_the_table():
    assert names(80, 24) == ["header", "table", "chart0", "footer"]
    assert names(80, 24, lower="side") == ["header", "table", "side", "footer"]
    assert is_small(80, 24)


def test_where_there_is_more_room_all_stand_beside_each_other():
    assert names(120, 40) == ["header", "table", "chart0", "chart1", "side", "footer"]
    assert names(200, 60) == ["header", "table", *CHARTS[:4], "side", "footer"]


def test_charts_or_table_can_have_the_room_of_both():
    assert names(200, 60, room="charts", charts=6) == ["header", *CHARTS, "footer"]
    assert names(120, 40, room="table") == ["header", "table", "side", "footer"]
    assert names(80, 24, room="table") == ["header", "table", "footer"]


def test_a_table_of_few_runs_leaves_its_room_to_the_charts():
    few, many = (arrange(120, 40, Wanted(rows, 2, False, "both", "charts")).places["table"].height for rows in (3, 99))
    assert few < many


def test_a_window_too_small_has_but_a_line_to_say_so():
    assert names(59, 17) == ["header"]


# What is remembered


def test_a_view_comes_back_as_it_was():
    view = View("algo=ppo", "return_mean", False, ("loss/value", "a/b"), "episodes", 0.9, False, True, True)
    again = recalled(remember(view))
    assert again == view
    assert all(type(value) in (str, int, float, bool) for value in remember(view).values())


def test_marks_cursor_and_zoom_are_not_remembered():
    view = View(marked={A: None}, current=B, window=(1.0, 2.0), at=3.0, chart=2)
    assert recalled(remember(view)) == View()


@pytest.mark.parametrize("junk", [None, 7, "x", math.nan, -1.0, [], {"a": 1}, True])
def test_whatever_was_kept_a_view_comes_of_it(junk):
    view = recalled({field.name: junk for field in fields(View)})
    assert view.x in ("steps", "episodes", "seconds")
    assert 0 <= view.smoothing < 1
    assert isinstance(view.query, str)
    assert view.room == "both"


def test_metrics_are_remembered_within_reason():
    assert recalled({"metrics": "a,,b,a"}).metrics == ("a", "b")
    assert len(recalled({"metrics": ",".join(map(str, range(100)))}).metrics) == MOST_METRICS
    assert remember(View(metrics=("a,b", "c")))["metrics"] == "c"
    assert len(remember(View(query="x" * 10_000))["query"]) == 200


# Finding a metric


def test_letters_find_names():
    known = ["episode/return", "evaluation/return", "loss/policy", "policy/entropy", "policy/kl"]
    assert fuzzy_find("", known) == known
    assert fuzzy_find("pent", known)[0] == "policy/entropy"
    assert fuzzy_find("entropy", known) == ["policy/entropy"]
    assert fuzzy_find("er", known)[:2] == ["episode/return", "evaluation/return"]
    assert set(fuzzy_find("policy", known)) == {"loss/policy", "policy/entropy", "policy/kl"}
    assert fuzzy_find("xyz", known) == []


# Lines


def curve(points, slope=1.0):
    x = np.arange(float(points))
    return x, slope * x


def test_a_run_is_the_points_that_can_be_seen():
    (line,) = lines_of([Bundle("a", (A,))], lambda _: pytest.fail("not all are needed"), lambda _: curve(5), Style())
    assert line.curve[1].tolist() == [0, 1, 2, 3, 4]
    assert line.band is line.ghost is None


def test_a_smoothed_run_has_its_own_points_as_a_ghost():
    (line,) = lines_of([Bundle("a", (A,))], lambda _: curve(5), lambda _: curve(5), Style(smoothing=0.5))
    assert line.curve[1].tolist() == pytest.approx([0, 2 / 3, 10 / 7, 34 / 15, 98 / 31])
    assert line.ghost[1].tolist() == [0, 1, 2, 3, 4]


def test_seeds_together_are_their_mean_with_a_band():
    curves = {A: curve(5, 1.0), B: curve(5, 3.0)}
    (line,) = lines_of([Bundle("both", (A, B))], curves.__getitem__, curves.__getitem__, Style())
    assert line.curve[1][-1] == pytest.approx(8.0)
    low, high = line.band
    assert low[-1] < 8.0 < high[-1]
    assert "2 seeds" in line.method


def test_a_run_without_the_metric_is_an_empty_line_so_that_numbers_stay():
    curves = {A: NOTHING, B: curve(3), C: NOTHING}
    bundles = [Bundle("a", (A,)), Bundle("b", (B,)), Bundle("ac", (A, C)), Bundle("bc", (B, C))]
    lines = lines_of(bundles, curves.__getitem__, curves.__getitem__, Style())
    assert [len(line.curve[0]) for line in lines] == [0, 3, 0, 3]
    assert lines[3].band is None


def test_a_long_curve_is_means_of_neighbours():
    x, y = thinned((np.arange(100.0), np.arange(100.0)), 30)
    assert len(x) == 25
    assert y.tolist() == pytest.approx(x.tolist())
    assert x.tolist() == pytest.approx((np.arange(25) * 4 + 1.5).tolist())


def test_thinning_survives_what_is_no_number():
    y = np.array([np.nan, 1.0, np.inf, 2.0, -np.inf, 3.0, np.nan, np.nan, 1e308, 1e308])
    x, thin = thinned((np.arange(10.0) * 1e300, y), 5)
    assert thin.tolist()[:3] == pytest.approx([1.0, np.inf, -np.inf])
    assert np.isnan(thin[3])
    assert thin[4] == pytest.approx(1e308)
    assert np.isfinite(x).all()
    assert thinned(NOTHING) == NOTHING


def test_all_kinds_of_bad_curves_become_lines():
    bad = [np.array([np.nan]), np.array([np.inf, -np.inf]), np.full(5, 1e308), np.zeros(0), np.zeros(3)]
    curves = {Path(str(n)): (np.arange(float(len(y))), y) for n, y in enumerate(bad)}
    pairs = [Bundle("pair", pair) for pair in combinations(curves, 2)]
    for smoothing in (0.0, 0.9):
        style = Style(smoothing=smoothing)
        lines = lines_of(
            [*(Bundle("one", (path,)) for path in curves), *pairs], curves.__getitem__, curves.__getitem__, style
        )
        assert len(lines) == 15
