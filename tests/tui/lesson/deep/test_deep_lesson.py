"""A deep lesson by its keys, at three sizes."""

from __future__ import annotations

import pytest

from algorithms.contract import dump
from tests.scenarios.lessons.deep import small
from tests.scenarios.lessons.exactness import frozen
from tests.tui.driving import SMALL_FIRST
from tests.tui.lesson.lesson_app import opened
from tui.lesson.forms import ChoicesScreen, FormScreen
from tui.lesson.keys import OF_TABLES
from tui.lesson.lines import KeysLine
from tui.memory import ViewMemory

sizes = pytest.mark.parametrize("size", SMALL_FIRST, ids=["80x24", "120x40", "200x60"])


def deep(size, name="dqn", **settings):
    return opened(size, prepared=[small(name, **settings).experiment])


def state(d):
    return frozen(dump(d.lesson.focused.state))


@sizes
async def test_it_starts_paused_with_its_text_and_its_world(size):
    async with deep(size) as d:
        assert d.lesson.step == 0
        assert "Learning from numbers instead of a table" in d.text("text")
        assert "Mnih et al., 2015" in d.text("text")
        assert "push left" in d.text("world")
        assert "step 0" in d.text("header")
        assert "ε 1" in d.text("header")
        await d.press("full_stop")
        assert d.text("text") == ""
        assert "r = 1" in await d.show("update")
        ids = d.screen.query_one(KeysLine).ids
        assert "lesson.out" in ids
        assert not OF_TABLES.intersection(ids)


@sizes
async def test_its_text_says_how_often_it_learns_from_a_rollout(size):
    async with deep(size, "ppo") as d:
        text = d.text("text")
        for _ in range(20):
            await d.press("down")
            text += d.text("text")
        assert "In this lesson it learns 2 times over" in text
        assert text.index("ten times over") < text.index("In this lesson") < text.index("Look for:")


@sizes
async def test_update_by_update_and_back(size):
    async with deep(size) as d:
        alone = small("dqn")
        for _ in range(26):
            alone.forward()
        await d.press("j")
        assert await d.fill_in("24") == ""
        await d.until(lambda: not d.session.busy)
        assert "y − Q(s,a;θ)" in await d.show("update")
        await d.press("full_stop", "right")
        assert state(d) == frozen(dump(alone.state))
        await d.press(",", "left", ",")
        alone.jump(23)
        assert state(d) == frozen(dump(alone.state))


@sizes
async def test_line_by_line_into_a_function_and_out_of_it(size):
    async with deep(size) as d:
        d.lesson.jump(23, 10.0)
        while d.lesson.focused.source.name != "learn":
            await d.press("l")
        assert d.lesson.step == 23
        text = await d.show("source")
        assert "def learn" in next(line for line in text.split("\n") if "►" in line and "learn" in line)
        title = d.screen.query_one("#source").cells.line(0)
        assert "algorithms/dqn.py: learn" in title
        await d.press("l", "l", "o")
        lit = [line for line in d.text("source").split("\n") if "►" in line]
        assert "metrics = learn(confi" in lit[-1]
        await d.press("L")
        assert d.lesson.focused.source.name == "learn"
        await d.press("o", "o")
        assert (d.lesson.step, d.lesson.focused.line) == (24, -1)


async def test_the_layers_and_the_curves():
    async with deep((80, 24), "ppo") as d:
        await d.press("full_stop", "full_stop", "full_stop")
        assert "V(s)" in d.text("world")
        await d.press("v")
        assert "step of the episode" in d.text("world")
        await d.press("V")
        assert "probability" in d.text("world")
        await d.show("curves")
        assert "return per episode" in d.text("curves")
        await d.press("c", "c")
        assert "policy loss" in d.text("curves")
        await d.press("c")
        assert "value loss" in d.text("curves")


async def test_predict_what_a_sample_does():
    async with deep((120, 40)) as d:
        d.lesson.jump(22, 10.0)
        await d.press("p", "full_stop")
        assert d.lesson.step == 23  # it acted: nothing to predict
        assert "the next one comes when it learns" in d.text("header")
        assert "no answer yet" in await d.show("update")
        await d.press("full_stop")
        assert d.lesson.step == 23
        assert "What will Q(s,a;θ) of the first sample do?" in d.text("header") + await d.show("update")
        question = d.session.quiz.question
        assert "y = ? + ?" in await d.show("update")
        await d.press({"up": "up", "down": "down", "unchanged": "="}[question.direction])
        assert d.lesson.step == 24
        assert "Right" in d.text("header")
        assert d.session.quiz.score == (1, 1)


async def test_playing_says_why_there_is_no_question():
    memory = ViewMemory(speed=100, predict=True)
    async with opened((80, 24), prepared=[small("dqn").experiment], memory=memory) as d:
        await d.press("space")
        await d.until(lambda: d.lesson.step > 2)
        assert "the next one comes when it learns" in d.text("header")
        await d.until(lambda: d.session.quiz.question is not None)
        assert "the next one comes" not in d.text("header")


async def test_prediction_goes_by_the_first_step_of_a_minibatch():
    async with deep((120, 40), "ppo") as d:
        await d.press("full_stop", "p", "full_stop")
        question = d.session.quiz.question
        assert question.entry == "π(a|s) of the first step"
        assert "Â = ?" in d.text("update")
        assert question.covered[1].startswith("first step:  a = ")
        await d.press("up")
        assert d.lesson.step == 2


async def test_settings_change_from_here_on():
    async with deep((80, 24)) as d:
        await d.press("full_stop", "a")
        assert isinstance(d.on_top, ChoicesScreen)
        assert any("learning_rate" in text for text, _ in d.on_top.choices.options)
        place = next(i for i, (text, _) in enumerate(d.on_top.choices.options) if text.startswith("gamma"))
        await d.press(str(place + 1))
        await d.settle()
        assert isinstance(d.on_top, FormScreen)
        assert "must be in [0, 1]" in await d.fill_in("3")
        assert await d.fill_in("0.5") == ""
        assert d.lesson.focused.experiment.config.gamma == 0.5
        assert "γ 0.5" in d.text("header") or "gamma = 0.5" in d.text("header")
        await d.press(",")
        assert d.lesson.focused.experiment.config.gamma == 0.99


async def test_until_something_happens():
    async with deep((120, 40)) as d:
        await d.press("full_stop", "u")
        await d.press("2")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.step == 24
        assert "the network was updated" in d.text("header")
        await d.press("u", "3")
        await d.settle()
        assert await d.fill_in("15") == ""
        await d.until(lambda: not d.session.busy)
        assert d.lesson.focused.ledger.finished[-1].total >= 15
        await d.press("u", "6")
        await d.settle()
        assert isinstance(d.on_top, FormScreen)
        assert "number >= 0" in await d.fill_in("-1")
        await d.press("escape")
        await d.press("e")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.focused.event.last.any()


async def test_what_there_is_not_is_said():
    async with deep((200, 60)) as d:
        said = {
            "enter": "no cells to select",
            "w": "no cells to change",
            "d": "two algorithms",
            "shift+up": "no cells to select",
        }
        for key, sentence in said.items():
            await d.press(key)
            assert sentence in d.text("header")
        await d.press("ctrl+s")
        assert "only a gridworld" in d.text("header")


async def test_playing_and_restarting():
    async with deep((80, 24), "ppo") as d:
        await d.press("]", "]", "]", "]", "space")
        await d.until(lambda: d.lesson.step > 30)
        await d.press("space")
        assert not d.session.busy
        await d.press("r")
        assert d.lesson.step == 0
        await d.press("R")
        await d.settle()
        assert await d.fill_in("5") == ""
        assert d.lesson.focused.experiment.seed == 5


async def test_images_are_a_lesson_too():
    async with deep((120, 40), "classification") as d:
        await d.press("full_stop")
        assert "images 1 to 96 of 1440" in d.text("update")
        assert "epoch 1" in d.text("header")
        await d.press("e")
        await d.until(lambda: not d.session.busy)
        assert d.lesson.step == 15
        assert "accuracy per epoch" in d.text("curves")
        await d.press("v")
        assert "no episode" in d.text("world")


@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value).*:RuntimeWarning")
@pytest.mark.parametrize("name", ["dqn", "ppo"])
async def test_a_network_that_diverges_is_said_and_can_be_gone_back_from(name):
    async with deep((120, 40), name) as d:
        d.lesson.jump({"dqn": 23, "ppo": 1}[name], 10.0)
        step, state = d.lesson.step, d.lesson.focused.state
        if name == "dqn":
            state.q.vector.values[...] = 1e30
        else:
            state.batch.returns[...] = float("inf")
        await d.press("full_stop", "v", "v", "c", "c", "c", "full_stop", "space")
        assert "has diverged" in d.text("header")
        assert not d.session.busy
        assert d.lesson.step == step + 1
        await d.press(",", "full_stop")
        assert d.lesson.step == step + 1
        assert not d.lesson.focused.ledger.diverged
