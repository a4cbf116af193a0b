"""Moving a lesson by its keys: forward and back by line, update and episode, until, to a step, in time."""

from __future__ import annotations

import pytest

from scenarios.lessons.lesson import Lesson
from tests.scenarios.lessons.exactness import frozen
from tests.tui.driving import SMALL_FIRST
from tests.tui.lesson.lesson_app import experiments, opened
from tui.lesson.forms import ChoicesScreen, FormScreen
from tui.memory import ViewMemory

pytestmark = pytest.mark.parametrize("size", SMALL_FIRST, ids=["80x24", "120x40", "200x60"])


def state(lesson):
    return [(stepper.step, frozen(stepper.state.__dict__ | {"rng": None})) for stepper in lesson.steppers]


async def test_it_starts_paused_with_its_text_until_the_first_key(size):
    async with opened(size) as d:
        assert d.lesson.step == 0
        assert not d.session.busy
        assert "On-policy against off-policy" in d.text("text")
        assert "step 0" in d.text("header")
        await d.press("full_stop")
        assert d.text("text") == ""
        assert d.lesson.step == 1
        assert "Q(s,a) ←" in await d.show("update")
        assert "step 1" in d.text("header")


async def test_update_by_update(size):
    async with opened(size) as d:
        alone = Lesson(experiments("cliffwalking", "q-learning"))
        start = state(alone)
        await d.press("full_stop", "right", "full_stop")
        for _ in range(3):
            alone.forward()
        assert state(d.lesson) == state(alone)
        await d.press(",", "left")
        alone.jump(1, 1.0)
        assert state(d.lesson) == state(alone)
        await d.press(",")
        assert state(d.lesson) == start
        await d.press(",")
        assert "this is the start" in d.text("header")
        assert state(d.lesson) == start


async def test_line_by_line(size):
    async with opened(size) as d:
        await d.press("l")
        shown = await d.show("source")
        assert "► " in next(line for line in shown.split("\n") if "while True:" in line)
        while d.lesson.step == 0:
            if "greedy" in (line := d.lesson.focused.source.lines[current(d)]) and "a = " in line:
                rows = d.text("source").split("\n")
                first = next(i for i, row in enumerate(rows) if "►" in row)
                lit = " ".join(rows[first : first + 3])  # in as many rows as it needs
                assert "epsilon_greedy" in lit
                action = d.lesson.focused.lines[d.lesson.focused.line].values["a"]
                assert f"a = {action} " in lit
            await d.press("l")
        assert d.lesson.focused.line == -1
        await d.press("L")
        assert d.lesson.step == 0
        assert "yield" in d.lesson.focused.source.lines[current(d)]
        assert "yield" in next(row for row in (await d.show("source")).split("\n") if "►" in row)


def current(d):
    stepper = d.lesson.focused
    return stepper.lines[stepper.line].number - stepper.source.first_line


async def test_episode_by_episode(size):
    async with opened(size, "frozenlake", "q-learning") as d:
        await d.press("e")
        await d.until(lambda: not d.session.busy)
        first = d.lesson.step
        assert d.lesson.focused.ledger.episodes[0] == 1
        assert "episode 2" in d.text("header")
        await d.press("e")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.focused.ledger.episodes[0] == 2
        await d.press("E")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.step == first
        await d.press("E")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.step == 0


async def test_sweep_by_sweep(size):
    async with opened(size, "gridworld", "policy-evaluation") as d:
        for _ in range(2):
            await d.press("e")
            await d.until(lambda: not d.session.busy)
        assert d.lesson.step == 32
        assert "sweep 2" in d.text("header")
        await d.press("E")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.step == 16
        assert d.lesson.focused.ledger.sweep_changes == [1.0]
        assert d.text("world").count("-1") >= 14  # all cells but the two ends; the scale says it too


async def test_until_the_policy_changes(size):
    async with opened(size, "gridworld", "value-iteration") as d:
        before = [set(greedy) for greedy in d.lesson.focused.tables.policy]
        await d.press("u")
        assert isinstance(d.on_top, ChoicesScreen)
        await d.press("down", "enter")
        await d.until(lambda: not d.session.busy)
        assert d.on_top is d.screen
        assert [set(greedy) for greedy in d.lesson.focused.tables.policy] != before
        assert f"step {d.lesson.step}: the greedy policy has changed" in d.text("header")
        await d.press(",")
        assert [set(greedy) for greedy in d.lesson.focused.tables.policy] == before


async def test_until_the_episode_ends_and_a_cell_is_updated(size):
    async with opened(size, "frozenlake", "q-learning") as d:
        await d.press("u", "1")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.focused.event.last[0]
        await d.press("enter", "right", "enter")  # choose the cell beside the one just updated
        cell = d.session.view.selected
        await d.press("u", "4")
        await d.until(lambda: not d.session.busy)
        assert int(d.lesson.focused.event.s[0]) == cell


async def test_until_the_error_is_large(size):
    async with opened(size) as d:
        await d.press("u", "3")
        assert isinstance(d.on_top, FormScreen)
        assert "must be a number >= 0, got -3" in await d.fill_in("-3")
        assert "the threshold must be a number, got 'much'" in await d.fill_in("much")
        await d.fill_in("50")
        await d.until(lambda: not d.session.busy)
        assert d.on_top is d.screen
        event = d.lesson.focused.event
        assert abs(event.target[0] - event.old[0]) > 50


async def test_jump(size):
    async with opened(size) as d:
        await d.press("j")
        await d.fill_in("300")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.step == 300
        await d.press("j")
        await d.fill_in("7")
        assert d.lesson.step == 7
        await d.press("j")
        for wrong, sentence in (
            ("-1", "must be in"),
            ("1e3", "must be a whole number"),
            ("", "must be a whole number"),
        ):
            assert sentence in await d.fill_in(wrong)
        await d.press("escape")
        assert d.lesson.step == 7


async def test_a_long_way_shows_how_far_it_is_and_can_be_cut_short(size):
    async with opened(size) as d:
        await d.press("j")
        await d.fill_in("1000000000")
        await d.until(lambda: d.lesson.step > 1000)
        assert "to step 1000000000: step" in d.text("header")
        assert "esc stops" in d.text("header")
        assert "stop" in d.text("footer")
        await d.press("escape")
        stopped = d.lesson.step
        assert not d.session.busy
        await d.pilot.pause(0.1)
        assert d.lesson.step == stopped
        assert d.app.left == 0


async def test_playing_in_time(size):
    async with opened(size, memory=ViewMemory(speed=30.0)) as d:
        await d.press(" ")
        assert d.session.player.playing
        await d.until(lambda: d.lesson.step > 5)
        assert f"step {d.lesson.step}" in d.text("header") or d.session.busy
        await d.press(" ")
        stopped = d.lesson.step
        assert f"step {stopped}" in d.text("header")
        await d.pilot.pause(0.2)
        assert d.lesson.step == stopped


async def test_a_step_by_hand_pauses(size):
    async with opened(size, memory=ViewMemory(speed=0.5)) as d:
        await d.press(" ")
        await d.until(lambda: d.lesson.step == 1)
        await d.press("full_stop")
        assert d.lesson.step == 2
        assert not d.session.busy


async def test_speed(size):
    async with opened(size, memory=ViewMemory(speed=0.5)) as d:
        shown = []
        for _ in range(9):
            shown.append(d.text("header").split("❚❚")[1].strip())
            await d.press("]")
        assert shown == ["1 in 2 s", "1/s", "2/s", "5/s", "10/s", "30/s", "100/s", "1000/s", "as fast as possible"]
        assert d.app.told[-1].speed == 0
        await d.press("[")
        assert d.app.told[-1].speed == 1000


async def test_full_speed_to_the_end(size):
    async with opened(size, "gridworld", "value-iteration", memory=ViewMemory(speed=0)) as d:
        await d.press(" ")
        await d.until(lambda: d.lesson.ended)
        await d.until(lambda: not d.session.busy)
        assert "Value iteration has settled" in d.text("header")
        await d.press(" ")
        assert not d.session.busy
        await d.press("full_stop")
        assert "has settled" in d.text("header")
        end = d.lesson.step
        await d.press(",")
        assert d.lesson.step == end - 1


async def test_two_keep_step_and_one_waits(size):
    async with opened(size, "gridworld", "value-iteration", "policy-iteration", theta=0.01) as d:
        await d.press("j")
        await d.fill_in("100000")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.ended
        first, second = d.lesson.steppers
        assert first.step == second.step
        assert first.event is None
        assert "has settled" in await d.show("update")
        await d.press(",")
        assert first.step == second.step == d.lesson.step


# predict, then reveal


async def test_predict_then_reveal(size):
    async with opened(size) as d:
        await d.press("p")
        assert d.session.quiz.on
        await d.press("full_stop")
        assert d.lesson.step == 0
        asked = await d.show("update")
        assert "What will Q(36," in asked
        assert "?" in asked
        assert "−0.5" not in asked
        assert "-50" not in asked
        assert "?" in d.text("world")
        assert "rises" in d.text("footer")
        await d.press("full_stop")  # not before the answer
        assert d.lesson.step == 0
        truth = d.session.quiz.question.direction
        await d.press({"up": "up", "down": "down", "unchanged": "="}[truth])
        assert d.lesson.step == 1
        assert d.session.quiz.score == (1, 1)
        assert "Right: it" in d.text("header")
        assert "1 of 1 right" in d.text("update")
        await d.press("right")
        truth = d.session.quiz.question.direction
        await d.press("up" if truth != "up" else "down")
        assert d.lesson.step == 2
        assert d.session.quiz.score == (1, 2)
        assert "No: it" in d.text("header")
        await d.press("p", "full_stop")
        assert d.lesson.step == 3


async def test_playing_waits_for_every_answer(size):
    async with opened(size, "gridworld", "policy-evaluation", memory=ViewMemory(speed=100)) as d:
        await d.press("p", " ")
        for step in range(1, 4):  # state 0 is an end, where nothing can be predicted
            await d.until(lambda: d.session.quiz.question is not None)
            await d.pilot.pause(0.05)
            assert d.lesson.step == step
            assert f"What will V({step}) do?" in await d.show("update")
            await d.press("=")
            assert d.lesson.step == step + 1
        assert d.session.player.playing
        await d.until(lambda: d.session.quiz.question is not None)
        await d.press("escape")
        assert d.session.quiz.question is None
        assert not d.session.busy


async def test_lines_of_a_predicted_update_are_shown_after_the_answer(size):
    async with opened(size) as d:
        await d.press("p", "l")
        assert d.lesson.focused.line == -1
        assert d.session.quiz.question is not None
        await d.press("down")
        assert (d.lesson.step, d.lesson.focused.line) == (0, 0)
        await d.press("l")
        assert d.lesson.focused.line == 1
        await d.press("full_stop")
        assert d.lesson.step == 1
        assert d.session.quiz.question is None


async def test_an_answer_without_a_question_explains_itself(size):
    async with opened(size) as d:
        await d.press("full_stop", "up")
        assert "p asks before every update" in d.text("header")
        assert d.lesson.step == 1
