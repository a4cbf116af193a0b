"""The curves: return and length per episode, change per sweep."""

from __future__ import annotations

import numpy as np
import pytest

from algorithms.contract import Update
from tui.drawing.cells import Cells
from tui.drawing.theme import make_theme
from tui.lesson.panes.curves import CurveView, draw_curves

THEME = make_theme()


def lines(cells: Cells) -> list[str]:
    return [cells.line(row).rstrip() for row in range(cells.height)]


def episode(returns: list[float]) -> Update:
    """An update that ends an episode of one step in every lane."""
    lanes = len(returns)
    zeros, states = np.zeros(lanes), np.zeros(lanes, int)
    r, ends = np.array(returns, float), np.ones(lanes, bool)
    return Update(states, states, r, states, zeros, ends, 0.5, zeros, r, zeros, r)


def with_returns(play, algorithms: str, *returns: list[list[float]]):
    """A lesson whose steppers have had these returns, [episode][lane]."""
    lesson = play("cliffwalking", algorithms, lanes=len(returns[0][0]))
    for stepper, own in zip(lesson.steppers, returns, strict=True):
        for step, row in enumerate(own):
            stepper.ledger.fold(step + 1, episode(row))
    return lesson


def test_two_algorithms_are_compared_by_their_last_hundred_episodes(play):
    """Lanes at −49 and −51, and at −26 and −28: half-widths 12.706 · √2 / √2 either, 12.706 · √2 together."""
    bad = [[-1000.0, -1000.0]] * 20
    q = bad + [[-49.0, -51.0]] * 100
    sarsa = bad + [[-26.0, -28.0]] * 100
    cells, _ = draw_curves(with_returns(play, "q-learning,sarsa", q, sarsa), "return", CurveView(), 118, 10, THEME)
    drawn = lines(cells)
    assert drawn[-1] == (
        "online return of the last 100 episodes: Q-learning −50.0, SARSA −27.0: SARSA earns 23.0 ± 18.0 more"
    )
    assert drawn[0].startswith("return per episode")
    assert "Q-learning" in drawn[0]
    assert "SARSA" in drawn[0]


@pytest.mark.parametrize("episodes", [1, 2])
def test_there_is_no_half_of_an_episode(play, episodes):
    lesson = with_returns(play, "q-learning", [[-20.0, -30.0]] * episodes)
    drawn = lines(draw_curves(lesson, "return", CurveView(), 118, 12, THEME)[0])
    axis = next(line for line in drawn if line.endswith("episode"))
    assert axis.split() == ["0", "1", "2", "3", "4", "episode"]


def test_no_difference_is_made_of_nothing(play):
    same = [[-1.0, 1.0], [1.0, -1.0], [0.0, 1.0]]
    lesson = with_returns(play, "q-learning,sarsa", same, same)
    assert lines(draw_curves(lesson, "return", CurveView(), 118, 10, THEME)[0])[-1].endswith(
        "SARSA 0.167: no clear difference (0.000 ± 2.995)"
    )


def test_lengths_say_who_needs_fewer_steps(play):
    """Q-learning needs one step an episode, SARSA two."""
    lesson = with_returns(play, "q-learning,sarsa", [[0.0, 0.0]] * 9, [])
    last = episode([0.0, 0.0])
    for _ in range(9):
        lesson.steppers[1].ledger.fold(1, last._replace(last=np.zeros(2, bool)))
        lesson.steppers[1].ledger.fold(2, last)
    drawn = str(draw_curves(lesson, "length", CurveView(), 118, 10, THEME)[0])
    assert "length of the last 9 episodes: Q-learning 1.00, SARSA 2.00" in drawn
    assert "Q-learning takes 1.00 ± 0.00 steps fewer" in drawn


def test_before_the_first_episode_and_before_the_last_lane(play):
    lesson = play("cliffwalking", "q-learning", 7)
    drawn = "\n".join(lines(draw_curves(lesson, "return", CurveView(), 80, 9, THEME)[0]))
    assert "the first episode is not over yet: return so far " in drawn
    stepper = with_returns(play, "q-learning", [[-5.0, -6.0, -7.0]] * 3).focused
    stepper.ledger.episodes[2] = 0
    lesson.steppers[0] = stepper
    drawn = "\n".join(lines(draw_curves(lesson, "return", CurveView(), 80, 9, THEME)[0]))
    assert "the mean begins when all 3 learners have finished an episode" in drawn


def test_huge_first_episodes_are_marked_and_do_not_flatten_the_rest(play):
    learning = [[-9000.0]] * 3 + [[-60.0 + (i % 7)] for i in range(97)]
    lesson = with_returns(play, "q-learning", learning)
    cells, view = draw_curves(lesson, "return", CurveView(), 118, 12, THEME)
    assert view.axes is not None
    assert -100 < view.axes.y.low < -60
    assert "▾" in str(cells)
    gently = with_returns(play, "q-learning", [[-100.0 + i] for i in range(97)])
    cells, view = draw_curves(gently, "return", CurveView(), 118, 12, THEME)
    assert view.axes is not None
    assert view.axes.y.low <= -100
    assert "▾" not in str(cells)


def test_axes_stay_while_episodes_come(play):
    lesson = with_returns(play, "q-learning", [[-60.0 + (i % 7)] for i in range(60)])
    _, view = draw_curves(lesson, "return", CurveView(), 118, 10, THEME)
    for step in range(5):
        lesson.focused.ledger.fold(100 + step, episode([-58.0]))
        _, after = draw_curves(lesson, "return", view, 118, 10, THEME)
        assert after == view


def test_long_series_become_means_of_a_power_of_two_episodes(play):
    lesson = with_returns(play, "q-learning", [[float(i % 2)] for i in range(1000)])
    cells, _ = draw_curves(lesson, "return", CurveView(), 118, 10, THEME)
    assert lines(cells)[-1].endswith("episode, means of 16")
    dots = [sum(0x2800 < int(code) < 0x2900 for code in cells.codes[1:8, column]) for column in range(10, 70)]
    assert set(dots) == {1}  # every mean is 0.5: one thin line


def test_planning_shows_the_largest_change_of_every_sweep_down_to_theta(play):
    lesson = play("gridworld", "policy-evaluation", 20)
    cells, _ = draw_curves(lesson, "return", CurveView(), 118, 10, THEME)
    drawn = lines(cells)
    change = lesson.focused.ledger.sweep_changes[-1]
    assert drawn[0].startswith("largest change")
    assert drawn[0].endswith(f"Policy evaluation: {change:.4f}".rstrip("0") + " in sweep 20")
    assert drawn[-1].endswith("sweep")
    assert "θ" in drawn[0]
    assert any("---" in line for line in drawn[1:])
    lesson.run(9.0)
    assert "settled" in str(draw_curves(lesson, "return", CurveView(), 118, 10, THEME)[0])
    start = play("gridworld", "policy-evaluation", in_place="true", updates=3)
    assert "the first sweep is not over yet" in str(draw_curves(start, "return", CurveView(), 60, 8, THEME)[0])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_none_do_not_stop_the_drawing(play, bad):
    lesson = with_returns(play, "q-learning,sarsa", [[bad], [1.0], [2.0]], [[2.0], [bad], [3.0]])
    for metric in ("return", "length"):
        cells, view = draw_curves(lesson, metric, CurveView(), 80, 10, THEME)
        draw_curves(lesson, metric, view, 80, 10, THEME)
        assert "Q-learning" in str(cells)


def test_where_a_chart_has_no_room_the_caption_says_how_it_is(play):
    lesson = with_returns(play, "q-learning", [[-3.0], [-5.0]])
    drawn = lines(draw_curves(lesson, "return", CurveView(), 60, 2, THEME)[0])
    assert drawn == ["online return of the last 2 episodes: Q-learning −4.00", ""]
