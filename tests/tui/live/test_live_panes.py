"""The parts of the live screen as drawings: any size, any numbers, any text."""

import math

import numpy as np
import pytest

from scenarios.runs.frames import TableFrame
from scenarios.runs.tfevents import Series
from tests.tui.live.fake_run import lander, series, store_of
from tui.drawing.board import Layer
from tui.drawing.theme import make_theme
from tui.live.curves import Curves, places, shown_metric, small_metrics, smooth_curve, x_at_step
from tui.live.panes.charts import ChartMemory, Shown, draw_large, draw_small, grid, titles
from tui.live.panes.messages import Message, draw_messages, messages_of
from tui.live.panes.now import draw_moment, draw_table, draw_thinking, moment_titles
from tui.live.view import View, recalled

THEME, ASCII = make_theme(), make_theme(ascii_only=True)
SIZES = [(0, 0), (1, 1), (3, 2), (10, 5), (40, 8), (80, 22), (120, 30)]


def shown(found, at=None, solved=200.0, **view):
    return Shown(store_of(found), Curves(), View(**view), 0, at, solved)


def points(values):
    steps = np.arange(len(values)) * 10
    return Series(steps, steps / 100.0, np.array(values, np.float32))


def test_a_return_has_its_evaluations_and_the_line_of_success():
    found = {"episode/return": series(100), "evaluation/return": series(5, last=190)}
    text = str(draw_large(shown(found), "episode/return", 80, 20, THEME, ChartMemory()))
    assert "smoothed 0.9" in text
    assert "greedy evaluation" in text
    assert "solved" in text
    assert THEME.glyphs.reference * 3 in text
    other = str(draw_large(shown(found), "evaluation/return", 80, 20, THEME, ChartMemory()))
    assert "solved" not in other


def test_planning_goes_over_sweeps():
    name = "sweep/largest_change"
    text = str(draw_large(shown({name: series(50)}), name, 80, 20, THEME, ChartMemory()))
    assert text.rstrip().endswith("sweeps")


def test_the_raw_curve_is_a_ghost_behind_the_smoothed_one():
    cells = draw_large(shown({"episode/return": series(300)}), "episode/return", 80, 20, THEME, ChartMemory())
    colours = [cells.style_at(row, col).fg for row in range(1, 18) for col in range(8, 80)]
    assert colours.count(THEME.series(0)) > 20
    assert len(set(colours)) > 3
    plain = draw_large(shown({"a": series(300)}, smoothing=0.0), "a", 80, 20, THEME, ChartMemory())
    assert "smoothed" not in str(plain)


def test_what_is_never_above_0_keeps_its_linear_axis():
    below = {"episode/return": points([-200.0, -150.0, -120.0] * 20)}
    log, linear = (
        str(draw_large(shown(below, solved=None, log_y=log_y), "episode/return", 80, 20, THEME, ChartMemory()))
        for log_y in (True, False)
    )
    assert log == linear
    assert "-120" in log
    above = {"episode/return": points([1.0, 10.0, 100.0] * 20)}
    assert "1e1" in str(draw_large(shown(above, log_y=True), "episode/return", 80, 20, THEME, ChartMemory()))


def test_a_cursor_stands_at_the_moment_and_tells_the_value_there():
    found = {"policy/entropy": points([5.0] * 50 + [1.0] * 50)}
    assert titles(shown(found), "policy/entropy")[0].startswith("entropy: 1.")
    assert titles(shown(found, at=100), "policy/entropy")[0] == "entropy: 5.00 there"
    with_cursor = str(draw_small(shown(found, at=500), ["policy/entropy"], 60, 10, THEME, ChartMemory()))
    assert with_cursor != str(draw_small(shown(found), ["policy/entropy"], 60, 10, THEME, ChartMemory()))


@pytest.mark.parametrize("axis", ["steps", "episodes", "seconds"])
@pytest.mark.parametrize("log_y", [False, True])
def test_charts_of_anything_at_any_size(axis, log_y):
    with np.errstate(over="ignore"):
        hostile = {
            "a": points([]),
            "b": points([1.0]),
            "c": points([math.nan, math.inf, -math.inf, 1e38, -1e38]),
            "d": points([0.0] * 2000),
            "\x1b[31m[/b]": points([1, 2, math.nan] * 500),
        }
    for theme in (THEME, ASCII):
        memory = ChartMemory()
        for width, height in SIZES:
            given = shown(hostile, 17, axis=axis, log_y=log_y)
            small = draw_small(given, list(hostile), width, height, theme, memory)
            assert (small.width, small.height) == (width, height)
            assert "\x1b" not in str(small)
            for name in hostile:
                assert draw_large(given, name, width, height, theme, memory).width == width
                assert titles(given, name)


def test_small_charts_share_the_room():
    assert grid(10, 104, 24) == (4, 3)
    assert grid(4, 60, 14) == (2, 2)
    assert grid(1, 200, 60) == (1, 1)
    assert grid(7, 10, 2) == (1, 1)


def test_the_most_telling_metrics_come_first():
    names = ["loss/value", "episode/count", "policy/entropy", "own/thing", "evaluation/return", "episode/return"]
    assert shown_metric(names, "") == "episode/return"
    assert shown_metric(names, "policy/entropy") == "policy/entropy"
    assert shown_metric(names, "gone") == "episode/return"
    assert shown_metric([], "") == "episode/return"
    assert small_metrics(names, "episode/return") == ["policy/entropy", "loss/value", "own/thing"]
    assert small_metrics(names, "loss/value")[0] == "episode/return"
    assert shown_metric(["time/seconds", "loss/value"], "") == "loss/value"
    assert small_metrics(["time/seconds", "loss/value"], "loss/value") == []  # it is an axis


def test_many_points_are_smoothed_in_groups():
    many = points(np.tile([0.0, 2.0], 50_000))
    curve = Curves().curve(store_of({"a": many}), "a", "steps", 0.9, 0)
    assert len(curve.x) < 2000
    assert len(curve.smooth_x) <= 512
    assert curve.smooth_y[10:] == pytest.approx(1.0, abs=0.02)
    assert curve.smooth_x[-1] == curve.x[-1] == many.steps[-1]
    holes = points([1.0, math.nan, math.inf] * 1000)
    assert smooth_curve(store_of({"a": holes}), holes, "steps", 0.0)[1] == pytest.approx(1.0)


def test_a_curve_that_has_not_grown_is_not_made_again():
    curves, store = Curves(), store_of({"a": series(10)})
    first = curves.curve(store, "a", "steps", 0.9, 0)
    assert curves.curve(store, "a", "steps", 0.9, 0) is first
    assert curves.curve(store, "a", "steps", 0.9, 1) is not first
    store.extend({"a": series(1)})
    assert len(curves.curve(store, "a", "steps", 0.9, 1).x) == 11
    assert len(curves.curve(store, "gone", "steps", 0.9, 1).x) == 0


@pytest.mark.parametrize("clock", [{}, {"time/seconds": series(3)._replace(values=np.float32([7, 8, 20]))}])
def test_axes_agree_on_a_moment(clock):
    store = store_of({"a": series(100), **clock})
    for axis in ("steps", "episodes", "seconds"):
        at = x_at_step(int(store.series("a").steps[40]), store, axis)
        assert at == pytest.approx(store.places("a", axis)[40])
        assert places(store, store.series("a"), axis) == pytest.approx(store.places("a", axis))
    assert x_at_step(5, store_of({}), "seconds") is None


def test_messages_are_in_their_order_and_wrapped():
    log = ("2026-01-02 03:04:05 begun", "2026-01-02 03:04:30 the greedy policy earns 12 after 3 transitions")
    found = messages_of(log, [("03:04:10", "asked to pause")])
    assert [message.text.split()[0] for message in found] == ["begun", "asked", "the"]
    text = str(draw_messages([], found, 0, 30, 8, THEME))
    assert "03:04:10 asked to pause" in text
    warned = draw_messages([Message("", "Entropy fell. Raise it.", "warning")], found, 0, 60, 3, THEME)
    assert warned.line(0).startswith("! Entropy fell. Raise it.")
    assert "earns 12" in str(warned)
    assert "begun" in str(draw_messages([], found, 5, 60, 1, THEME))
    assert "nothing to say" in str(draw_messages([], [], 0, 40, 3, THEME))


def test_an_answer_stands_below_what_was_asked():
    log = ("2026-01-02 03:04:09 begun", "2026-01-02 03:04:10 the greedy policy earns 12", "no time", "nor here")
    found = messages_of(log, [("03:04:10", "asked for an evaluation"), ("03:04:10", "asked to pause")])
    assert [message.text.split()[0] for message in found] == ["begun", "asked", "asked", "the", "no", "nor"]


@pytest.mark.parametrize("line", ["\x1b]0;owned\x07", "[/b][red]", "a" * 10_000_000, "‮​", "", "9" * 19, "2026-01-02 0"])
def test_hostile_messages_are_text(line):
    for width, height in SIZES:
        text = str(draw_messages([], messages_of([line], [("", line)]), 3, width, height, THEME))
        assert "\x1b" not in text
        assert "\x07" not in text


def test_a_frame_says_which_moment_it_is():
    titles = moment_titles(lander(3, 1), "LunarLander-v3")
    assert titles[0] == "recorded episode 2, step 15, return 9"
    assert moment_titles(lander(19), "LunarLander-v3")[0].endswith(", the end")
    assert "main engine" in str(draw_thinking(lander(3), "LunarLander-v3", 60, 8, THEME))
    assert "nothing thought yet" in str(draw_thinking(None, "", 60, 8, THEME))


def test_an_image_is_drawn_where_there_is_no_environment():
    frame = lander(0)
    image = np.zeros(64, np.float32)
    image[:8] = 1.0  # its first line
    object.__setattr__(frame, "obs", image)
    cells = draw_moment(frame, "", 40, 10, THEME)
    bright = [row for row in range(10) if cells.style_at(row, 20).fg == THEME.palette.text]
    assert bright == [1]
    for width, height in SIZES:
        draw_moment(frame, "", width, height, ASCII)


def test_a_table_is_the_board_of_its_world(tmp_path):
    from tests.tui.live.fake_run import new_run
    from tui.live.facts import Facts

    facts = Facts(new_run(tmp_path, "cliffwalking", "q-learning"))
    assert facts.board is not None
    q = np.zeros((48, 4), np.float32)
    q[0, 1] = 1.0
    frame = TableFrame(12, 0.1, 5, 1, q.max(axis=1), q)
    text = str(draw_table(frame, facts.board, Layer.VALUE, 100, 20, THEME))
    assert THEME.glyphs.agent in text
    assert "1" in text
    greedy = str(draw_table(frame, facts.board, Layer.POLICY, 100, 20, THEME))
    assert THEME.glyphs.heads[1] in greedy
    for width, height in SIZES:
        for value in (math.nan, math.inf, 1e38):
            hostile = TableFrame(12, 0.1, -1, -1, np.full(48, value, np.float32), None)
            draw_table(hostile, facts.board, Layer.VALUE, width, height, ASCII)
    short = TableFrame(12, 0.1, 0, 0, np.zeros(3, np.float32), None)
    assert not str(draw_table(short, facts.board, Layer.VALUE, 20, 5, THEME)).strip()


def test_a_view_is_recalled_as_far_as_it_makes_sense():
    view = View(axis="seconds", smoothing=0.97, layer=Layer.POLICY, lower="messages")
    assert recalled(view.remembered()) == view
    assert recalled({}) == View()
    assert recalled({"log_y": True}) == recalled(View(log_y=True).remembered()) == View()  # as another run is another
    assert recalled({"axis": "sideways", "log_y": 1, "smoothing": -3, "layer": "x", "lower": 7}) == View()


@pytest.mark.parametrize("name", ["exploration/epsilon", "learning/alpha", "evaluation/length", "sweep/largest_change"])
def test_what_is_not_left_to_chance_is_not_smoothed(name):
    found = shown({name: series(50), "loss/value": series(50)})
    exact = found.curve(name)
    assert exact.smooth_y.tolist() == exact.y.tolist()
    smooth = found.curve("loss/value")
    assert smooth.smooth_y.tolist() != smooth.y.tolist()
