"""Every pane of a deep lesson at every size and in every theme, at the start, on the way, by line and when asked."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from scenarios.lessons.explain import explain
from scenarios.lessons.lesson import Lesson
from scenarios.lessons.moments import moment_of
from scenarios.lessons.preparing import prepare_deep_lesson
from scenarios.lessons.words import number
from tests.scenarios.lessons.deep import small
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme, make_theme
from tui.lesson.deep.curves import SMOOTHED, draw_deep_curve, running_mean
from tui.lesson.deep.layers import curve_names
from tui.lesson.deep.network import draw_network
from tui.lesson.deep.world import draw_episode, draw_moment
from tui.lesson.panes.curves import CurveView
from tui.lesson.panes.header import draw_header
from tui.lesson.panes.source import draw_source
from tui.lesson.panes.update import draw_update

WIDTHS, HEIGHTS = (1, 2, 5, 10, 20, 40, 80, 120, 200), (1, 2, 5, 10, 24, 60)
THEMES = (make_theme(), make_theme(ascii_only=True), make_theme(dark=False, colour=False))
NAMES = ("dqn", "ppo", "classification")
THEME = THEMES[0]


def lesson_at(name: str, step: int) -> Lesson:
    lesson = Lesson([small(name).experiment])
    lesson.jump(step, 60.0)
    return lesson


def panes(lesson: Lesson, which: int, width: int, height: int, theme: Theme) -> list[Cells]:
    stepper = lesson.focused
    event = stepper.under_way if stepper.line >= 0 else stepper.event
    explanation = explain(stepper, event) if event is not None else None
    names = curve_names(stepper.ledger)
    asked = "up?" if which % 2 else None
    return [
        draw_moment(stepper, moment_of(stepper, event), width, height, theme),
        draw_episode(stepper, None, width, height, theme)[0],
        draw_source(stepper, width, height, theme, values=which % 2 == 0),
        draw_update(explanation, width, height, theme, prompt=asked, score=(1, 2)),
        draw_deep_curve(stepper, names[which % len(names)], CurveView(), width, height, theme)[0],
        draw_network(stepper, width, height, theme),
    ]


@pytest.mark.parametrize("name", NAMES)
def test_every_pane_has_the_size_asked_for_and_only_characters_of_its_theme(name):
    by_line = lesson_at(name, 23)
    for _ in range(18):
        by_line.line_forward()
    lessons = [lesson_at(name, 0), lesson_at(name, 1), lesson_at(name, 60), by_line]
    for i, (width, height) in enumerate(product(WIDTHS, HEIGHTS)):
        lesson, theme = lessons[(i + i // 6) % 4], THEMES[i // 4 % 3]
        for cells in panes(lesson, i, width, height, theme):
            assert (cells.width, cells.height) == (width, height)
            assert theme is not THEMES[1] or str(cells).isascii()
        header = draw_header(lesson, width, theme, playing=True, speed="10/s")
        assert (header.width, header.height) == (width, 1)


def test_the_moment_of_a_step_is_what_was_acted_on():
    stepper = small("dqn")
    assert moment_of(stepper, None).obs.tobytes() == stepper.state.obs[0].tobytes()
    event = stepper.forward()
    moment = moment_of(stepper, event)
    assert moment.obs.tobytes() == event.obs[0, 0].tobytes()
    assert moment.action.tolist() == [float(event.a[0, 0])]
    q = stepper.state.q.values(event.obs[0])[0]
    assert moment.thoughts.actions.tolist() == q.tolist()
    text = str(draw_moment(stepper, moment, 80, 12, THEME))
    assert "push left" in text
    assert "the step just made" in text
    chosen = next(line for line in text.split("\n") if "►" in line)
    assert ("push left", "push right")[int(event.a[0, 0])] in chosen


def test_the_moment_of_a_minibatch_is_its_first_step():
    stepper = small("ppo")
    rollout = stepper.forward()
    assert moment_of(stepper, rollout).obs.tobytes() == rollout.obs[-1, 0].tobytes()
    shown = stepper.peek()
    foreseen = moment_of(stepper, shown)
    made = moment_of(stepper, stepper.forward())
    assert foreseen.obs.tobytes() == made.obs.tobytes() == stepper.state.batch.obs[0].tobytes()
    assert made.action.tolist() == [float(stepper.state.batch.a[0])]


def test_the_moment_of_images_is_the_first_of_the_minibatch():
    stepper = small("classification")
    start = moment_of(stepper, None)
    assert start.obs.shape == (64,)
    event = stepper.forward()
    assert moment_of(stepper, event).obs.tobytes() == event.obs[0, 0].tobytes()
    assert len(moment_of(stepper, event).thoughts.actions) == 10
    text = str(draw_moment(stepper, moment_of(stepper, event), 80, 14, THEME))
    assert "probability" in text
    assert "V(s)" not in text


def test_the_episode_under_way_is_valued_by_the_network_of_now():
    stepper = small("dqn")
    stepper.jump(40)
    steps = stepper.ledger.episode_under_way()
    text = str(draw_episode(stepper, None, 80, 12, THEME)[0])
    assert "max Q(s,·)" in text
    assert "step of the episode" in text
    assert 0 < len(steps) <= 40
    assert "no episode has begun" in str(draw_episode(small("dqn"), None, 40, 5, THEME)[0])


def test_curves_say_what_they_are():
    stepper = small("dqn")
    nothing = str(draw_deep_curve(stepper, "return", CurveView(), 80, 10, THEME)[0])
    assert "the first episode is not over yet: return 0 in 0 steps" in nothing
    assert "nothing has been learnt yet" in str(draw_deep_curve(stepper, "loss/value", CurveView(), 80, 10, THEME)[0])
    stepper.jump(120)
    returns = stepper.ledger.returns().y
    text = str(draw_deep_curve(stepper, "return", CurveView(), 100, 12, THEME)[0])
    assert f"best of all {number(returns.max())}" in text
    assert "return per episode" in text
    assert "value loss" in str(draw_deep_curve(stepper, "loss/value", CurveView(), 100, 12, THEME)[0])
    images = small("classification")
    images.jump(20)
    assert "accuracy per epoch" in str(draw_deep_curve(images, "return", CurveView(), 100, 12, THEME)[0])


def test_the_longest_episode_is_not_called_the_best():
    stepper, images = small("dqn"), small("classification")
    stepper.jump(120)
    images.jump(40)
    longest = number(stepper.ledger.lengths().y.max())
    text = str(draw_deep_curve(stepper, "length", CurveView(), 100, 12, THEME)[0])
    assert f"longest of all {longest}" in text
    assert "best" not in text
    assert "best of all 0." in str(draw_deep_curve(images, "return", CurveView(), 100, 12, THEME)[0])
    for name in ("length", "loss/value"):
        text = str(draw_deep_curve(images, name, CurveView(), 100, 12, THEME)[0])
        assert "of all" not in text


def test_running_means_are_those_of_the_last_values():
    y = np.arange(50.0) ** 2
    expected = [y[max(0, i + 1 - SMOOTHED) : i + 1].mean() for i in range(50)]
    np.testing.assert_allclose(running_mean(y), expected)
    assert np.isnan(running_mean(np.array([1.0, np.inf, -np.inf]))).any()


def test_what_is_said_fits_where_there_is_little_room():
    dqn = Lesson([prepare_deep_lesson("cartpole", ("dqn",), seed=3)]).focused
    dqn.state.steps, dqn.state.copied = 1_024, 24
    assert "; 1 000 steps old" in str(draw_network(dqn, 46, 12, THEME))  # at 120x40
    for name, caption in (("ppo", "first step of the minibatch"), ("classification", "first image of the minibatch")):
        stepper = lesson_at(name, 2).focused
        assert caption in str(draw_moment(stepper, moment_of(stepper, stepper.event), 60, 8, THEME))  # at 60x18
    rollout = lesson_at("ppo", 1).focused
    assert "last step of the rollout" in str(draw_moment(rollout, moment_of(rollout, rollout.event), 60, 8, THEME))


def test_the_network_is_listed_by_layer():
    stepper = small("dqn")
    stepper.jump(48)
    text = str(draw_network(stepper, 60, 14, THEME))
    assert "48 of 60 steps" in text
    assert "ε           100 % of its actions are random" in str(draw_network(small("dqn", epsilon="1"), 60, 14, THEME))
    assert "58 weights" in text  # 4·8 + 8 + 8·2 + 2
    assert "4 x 8" in text
    weights = stepper.experiment.algorithm.parameters(stepper.state)["0.weight"]
    assert f"{number(float(weights.min()))} … {number(float(weights.max()))}" in text
    ppo = small("ppo")
    assert "none yet" in str(draw_network(ppo, 60, 14, THEME))
    ppo.jump(3)
    assert "2 of 4 minibatches" in str(draw_network(ppo, 60, 20, THEME))
    assert "rows 17 to 32 of 32" in str(draw_network(ppo, 60, 20, THEME))


def test_a_caller_stands_above_what_it_has_called_where_there_is_room():
    lesson = lesson_at("ppo", 1)
    while lesson.focused.line < 0 or lesson.focused.source.name != "normalised":
        lesson.line_forward()
    large = str(draw_source(lesson.focused, 100, 40, THEME)).split("\n")
    lit = [line for line in large if line.startswith("►")]
    assert ["def normalised" in line for line in lit] == [False, True]
    assert "advantage = normalised(batch.advantage)" in lit[0]
    little = str(draw_source(lesson.focused, 100, 6, THEME))
    assert little.count("►") == 1


def test_arrays_are_described_as_fully_as_there_is_room_for():
    lesson = lesson_at("ppo", 1)
    while not (lesson.focused.line >= 0 and "obs" in lesson.focused.lines[lesson.focused.line].values):
        lesson.line_forward()
    lines = {}
    for width in (140, 70, 44):
        rows = str(draw_source(lesson.focused, width, 26, THEME)).split("\n")
        lit = max(i for i, row in enumerate(rows) if "►" in row)
        lines[width] = rows[lit + 1 if width == 44 else lit]  # below the code where both are too long for one row
    assert "obs = float32[16, 4]" in lines[140]
    assert lines[140].rstrip().endswith("…]")
    assert "obs = " in lines[70]
    assert "obs = float32[16, 4]  " in lines[44]
    assert "advantage = 16 numbers" in str(draw_source(lesson.focused, 70, 26, THEME))
    assert all(len(line) == width for width, line in lines.items())


def test_of_many_arrays_those_that_fit_are_there_whole_with_their_names():
    lesson = lesson_at("dqn", 23)
    while lesson.focused.line < 0 or "place" not in lesson.focused.lines[lesson.focused.line].values:
        lesson.line_forward()
    lesson.line_forward()
    for width, expected in ((70, "s = 4x4x4  a = 4x4  g = 4x4  …"), (44, "s = 4x4x4  …")):
        rows = str(draw_source(lesson.focused, width, 40, THEME)).split("\n")
        assert next(row for row in rows if "s, a, g" in row).rstrip().endswith(f"…  {expected}")
