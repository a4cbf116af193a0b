"""Lessons: two steppers on one clock, changes for both, until conditions, the way back to the start."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.configuration import SettingError
from scenarios.experiment import prepare
from scenarios.lessons.lesson import Lesson
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.until import CellUpdated, ErrorAbove, GreedyPolicyChanges, episode_ends
from scenarios.lessons.words import direction
from scenarios.worlds.errors import WorldError
from tests.scenarios.lessons.exactness import corridor, frozen, in_map, seen


def lesson_of(*names, lanes=2, **settings):
    return Lesson([in_map(corridor(), name, lanes=lanes, **settings) for name in names])


def all_seen(lesson):
    return [seen(stepper) for stepper in lesson.steppers]


def test_two_learners_keep_step_forward_and_back():
    lesson = lesson_of("q-learning", "sarsa")
    story = [all_seen(lesson)]
    for _ in range(120):
        lesson.forward()
        assert {stepper.step for stepper in lesson.steppers} == {lesson.step}
        story.append(all_seen(lesson))
    for expected in reversed(story[:-1]):
        assert lesson.back()
        assert all_seen(lesson) == expected
    assert not lesson.back()


def test_each_of_two_learns_as_it_would_alone():
    lesson, alone = lesson_of("q-learning", "sarsa"), Stepper(in_map(corridor(), "sarsa", lanes=2))
    lesson.jump(200, 10.0)
    alone.jump(200)
    assert frozen(lesson.steppers[1].event) == frozen(alone.event)
    assert lesson.steppers[1].state.q.tobytes() == alone.state.q.tobytes()


def test_the_one_that_has_ended_waits_for_the_other():
    """Policy iteration needs more updates than value iteration; the clock stays common, also back and forth."""
    lesson = lesson_of("value-iteration", "policy-iteration", theta="1e-6", block="2")
    story = [all_seen(lesson)]
    while lesson.forward():
        story.append(all_seen(lesson))
    assert lesson.ended
    first, second = lesson.steppers
    assert first.step == second.step == len(story) - 1
    assert first.event is None
    assert second.event is not None
    for expected in reversed(story[:-1]):
        lesson.back()
        assert all_seen(lesson) == expected
    lesson.jump(len(story) + 100, 10.0)
    assert all_seen(lesson) == story[-1]


def test_a_change_wakes_the_one_that_waits():
    lesson = lesson_of("value-iteration", "policy-iteration", theta="1e-6", block="2")
    lesson.jump(100_000, 10.0)
    end = lesson.step
    lesson.set(gamma="0.5")
    assert not lesson.ended
    lesson.jump(100_000, 10.0)
    assert lesson.ended
    assert lesson.step > end
    assert {stepper.step for stepper in lesson.steppers} == {lesson.step}
    assert np.abs(lesson.difference()).max() < 1e-4
    finished = all_seen(lesson)
    lesson.jump(end // 2, 10.0)
    lesson.jump(100_000, 10.0)
    assert all_seen(lesson) == finished


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_of_steps_back_in_a_row_lead_exactly_to_the_start(count):
    lesson = Lesson([prepare("cliffwalking", "q-learning", seed=7, lanes=10)])
    start = all_seen(lesson)
    lesson.run(60.0, most=count)
    assert lesson.step == count
    middle = {}
    for _ in range(count):
        assert lesson.back()
        if lesson.step in (count - 1, count // 2, 63):
            middle[lesson.step] = all_seen(lesson)
    assert lesson.step == 0
    assert all_seen(lesson) == start
    for step in sorted(middle):
        lesson.jump(step, 60.0)
        assert all_seen(lesson) == middle[step]


def test_run_stops_at_its_slice():
    lesson = lesson_of("q-learning")
    assert not lesson.run(0.0)
    assert lesson.step == 1
    assert not lesson.jump(10**9, 0.005)
    assert lesson.step > 1
    assert lesson.jump(50, 60.0)
    assert lesson.jump(40, 0.0)
    assert lesson.step == 40


# until


def test_until_the_episode_ends_and_back_to_the_one_before():
    lesson = lesson_of("q-learning")
    ends = []
    for _ in range(3):
        assert lesson.run(10.0, until=episode_ends)
        assert lesson.focused.event.last[0]
        ends.append(lesson.step)
    assert lesson.focused.ledger.episodes[0] == 3
    for end in (ends[1], ends[0], 0):
        assert lesson.back_to_end()
        assert lesson.step == end
    assert not lesson.back_to_end()
    assert lesson.step == 0


def undone_until_an_end(lesson):
    """Everything seen where update after update was undone, at least one, until an episode or sweep ends; and where."""
    while lesson.back() and lesson.step > 0:
        if lesson.focused.event is not None and episode_ends(lesson.focused):
            break
    return lesson.step, all_seen(lesson)


@pytest.mark.parametrize("names", [("q-learning",), ("sarsa", "q-learning"), ("value-iteration", "policy-iteration")])
def test_back_to_an_end_is_where_undoing_comes_to_one(names):
    """From ends, from between them, where one of two waits, and across a wall that leaves an episode unfinished."""
    lesson, undoing = (lesson_of(*names, lanes=3, block="3") for _ in range(2))
    for each in (lesson, undoing):
        each.jump(60, 10.0)
        each.run(10.0, until=lambda stepper: int(getattr(stepper.event, "s2", [2])[0]) == 2)
        each.set_cell(2, "#")
        each.jump(150, 10.0)
        each.focus = len(names) - 1
    ends = []
    while lesson.step > 0:
        assert lesson.back_to_end()
        step, expected = undone_until_an_end(undoing)
        ends.append(lesson.step)
        assert lesson.step == step
        assert [entry | {"experiment": 0} for entry in all_seen(lesson)] == [e | {"experiment": 0} for e in expected]
        if step % 2:
            lesson.back()
            undoing.back()
    assert len(ends) > 5


def test_back_to_an_end_further_away_than_is_remembered_is_one_jump(monkeypatch):
    monkeypatch.setattr("scenarios.lessons.ledger.REMEMBERED_UPDATES", 200)
    lesson = Lesson([prepare("cliffwalking", "q-learning", {"epsilon": "1"}, seed=7, lanes=2)])
    lesson.run(60.0, until=episode_ends)
    end, expected = lesson.step, all_seen(lesson)
    lesson.run(60.0, most=600)
    assert lesson.focused.ledger.episodes[0] == 1
    jumps, jump = [], lesson.focused.jump
    monkeypatch.setattr(lesson.focused, "jump", lambda step: jumps.append(step) or jump(step))
    assert lesson.back_to_end()
    assert jumps == [end]
    assert all_seen(lesson) == expected


def test_until_a_sweep_ends():
    lesson = lesson_of("value-iteration", block="3")
    lesson.run(10.0, until=episode_ends)
    assert lesson.step == 3  # eight cells, three at a time
    lesson.run(10.0, until=episode_ends)
    lesson.back_to_end()
    assert lesson.step == 3
    assert lesson.focused.ledger.sweep_changes == [pytest.approx(0.8 - 0.1)]  # beside the +1, which 4 of 5 steps reach


@pytest.mark.parametrize("name", ["q-learning", "value-iteration"])
def test_until_the_greedy_policy_changes(name):
    def policy(stepper):
        return [set(greedy) for greedy in stepper.tables.policy]

    lesson = lesson_of(name)
    lesson.forward()
    before = policy(lesson.focused)
    lesson.run(10.0, until=GreedyPolicyChanges(lesson.focused))
    assert policy(lesson.focused) != before
    lesson.back()
    assert policy(lesson.focused) == before


@pytest.mark.parametrize("name", ["q-learning", "policy-evaluation"])
def test_until_the_error_is_large(name):
    lesson = lesson_of(name, block="1") if name == "policy-evaluation" else lesson_of(name)
    lesson.run(10.0, until=ErrorAbove(0.15))
    end = lesson.step
    errors = []
    lesson.reset()
    for _ in range(end):
        lesson.forward()
        event = lesson.focused.event
        errors.append(
            abs(float(event.target[0] - event.old[0]) if name == "q-learning" else float(event.new[0] - event.old[0]))
        )
    assert errors[-1] > 0.15
    assert all(error <= 0.15 for error in errors[:-1])
    for wrong in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="must be a number >= 0"):
            ErrorAbove(wrong)


def test_until_a_cell_is_updated():
    lesson = lesson_of("q-learning")
    lesson.run(10.0, until=CellUpdated(2))
    assert lesson.focused.event.s[0] == 2
    planning = lesson_of("value-iteration", block="3")
    planning.run(10.0, until=CellUpdated(4))
    assert planning.focused.event.states == slice(3, 6)


def test_until_asks_the_focused_one():
    lesson = lesson_of("value-iteration", "q-learning", block="1")
    lesson.focus = 1
    lesson.run(10.0, until=episode_ends)
    assert lesson.steppers[1].event.last[0]
    assert lesson.steppers[1].ledger.episodes[0] == 1


def test_until_does_not_ask_one_that_waits():
    lesson = lesson_of("value-iteration", "q-learning", theta="1e-2")
    lesson.run(10.0, most=200)
    assert lesson.focused.event is None
    assert not lesson.run(10.0, most=50, until=episode_ends)


# lines


def test_lines_take_the_other_one_along():
    lesson = lesson_of("q-learning", "sarsa")
    first, second = lesson.steppers
    while lesson.step == 0:
        assert lesson.line_forward()
        assert second.step == lesson.step
    assert (first.step, second.step) == (1, 1)
    assert lesson.line_back()
    assert (first.step, second.step) == (0, 0)
    assert first.line == len(first.lines) - 1
    while lesson.line_back():
        pass
    assert (first.line, second.line) == (-1, -1)


def test_lines_end_where_the_algorithm_does():
    lesson = lesson_of("value-iteration", theta="1e-2")
    lesson.jump(10_000, 10.0)
    end = lesson.step
    lesson.back()
    moves = 0
    while lesson.line_forward():
        moves += 1
    assert moves > 5
    assert lesson.step == end
    assert lesson.ended


# changes


def test_settings_go_to_whoever_has_them():
    lesson = lesson_of("value-iteration", "q-learning")
    lesson.jump(20, 10.0)
    lesson.set(alpha="linear(0.5, 0.1, 100)", gamma="0.7", theta="0.01")
    planner, learner = (stepper.experiment.config for stepper in lesson.steppers)
    assert (planner.gamma, planner.theta) == (0.7, 0.01)
    assert learner.gamma == 0.7
    assert str(learner.alpha) == "linear(0.5, 0.1, 100)"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"alpha": "2"}, r"alpha must be in \(0, 1\], got 2"),
        ({"epsilon": "-1"}, r"epsilon must be in \[0, 1\], got -1"),
        ({"gamma": "much"}, "gamma: expected a number, got 'much'"),
        ({"gamma": "0.5", "theta": "nan"}, "theta must be a finite number"),
        ({"gama": "0.5"}, "did you mean 'gamma'"),
    ],
)
def test_settings_out_of_range_change_nothing(settings, sentence):
    lesson = lesson_of("q-learning", "value-iteration")
    lesson.jump(30, 10.0)
    before = all_seen(lesson)
    with pytest.raises(SettingError, match=sentence):
        lesson.set(**settings)
    assert all_seen(lesson) == before


def test_a_new_alpha_is_live_from_here_on():
    lesson = lesson_of("q-learning", alpha="0.5")
    lesson.jump(10, 10.0)
    lesson.set(alpha="0.25")
    lesson.forward()
    event = lesson.focused.event
    assert np.allclose(event.new - event.old, 0.25 * (event.target - event.old))
    lesson.back()
    lesson.back()
    lesson.forward()
    event = lesson.focused.event
    assert lesson.step == 10
    assert np.allclose(event.new - event.old, 0.5 * (event.target - event.old))


def test_cells_are_changed_for_both_and_learning_goes_on():
    lesson = lesson_of("q-learning", "sarsa")
    lesson.jump(50, 10.0)
    beliefs = [stepper.state.q.copy() for stepper in lesson.steppers]
    lesson.set_cell(2, "+7")
    assert lesson.map.symbols[0][2] == "+7"
    assert [stepper.state.q.tolist() for stepper in lesson.steppers] == [q.tolist() for q in beliefs]
    rewards = set()
    for _ in range(300):
        lesson.forward()
        rewards |= {round(float(r), 6) for stepper in lesson.steppers for r in stepper.event.r}
    assert 6.9 in rewards  # 7 on entry, 0.1 for the step
    lesson.jump(49, 10.0)
    assert lesson.map.symbols[0][2] == "."


def test_what_makes_no_world_changes_nothing():
    lesson = lesson_of("q-learning")
    lesson.jump(20, 10.0)
    before = all_seen(lesson)
    for cell, symbol, sentence in ((0, "#", "no start"), (1, "x", "unknown symbol"), (99, ".", "no cell")):
        with pytest.raises(WorldError, match=sentence):
            lesson.set_cell(cell, symbol)
        assert all_seen(lesson) == before
    with pytest.raises(WorldError, match="only a gridworld of text"):
        Lesson([prepare("taxi", lanes=1)]).set_cell(0, "#")


def test_reset_keeps_settings_and_world_and_takes_another_seed():
    lesson = lesson_of("q-learning", "sarsa")
    lesson.jump(60, 10.0)
    lesson.set(gamma="0.3")
    lesson.set_cell(1, "#")
    lesson.reset(seed=9)
    assert lesson.step == 0
    for stepper in lesson.steppers:
        assert stepper.experiment.seed == 9
        assert stepper.experiment.config.gamma == 0.3
    assert lesson.map.symbols[0][1] == "#"
    lesson.jump(60, 10.0)
    story = all_seen(lesson)
    lesson.reset()
    lesson.jump(60, 10.0)
    assert all_seen(lesson) == story


def test_direction():
    assert direction(1.0, 2.0) == "up"
    assert direction(2.0, 1.0) == "down"
    assert direction(1.0, 1.0 + 1e-13) == "unchanged"
