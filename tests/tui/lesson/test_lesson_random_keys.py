"""Whatever is pressed, typed and resized: nothing raises, and the lesson can still be gone back to its start."""

from __future__ import annotations

import random

import pytest
from textual.widgets import Input

from algorithms.contract import dump
from scenarios.lessons.lesson import Lesson
from tests.scenarios.lessons.deep import small
from tests.scenarios.lessons.exactness import frozen
from tests.tui.driving import send_key
from tests.tui.lesson.lesson_app import experiments, opened
from tui.lesson.keys import bindings

KEYS = [key for binding in bindings() for key in binding.key.split(",")] + ["z", "0", "5", "home", "f5", "ctrl+a", "x"]
LESSONS = {
    "80x24": lambda: experiments("gridworld", "q-learning", "value-iteration", world="book"),
    "120x40": lambda: experiments("gridworld", "policy-iteration", world="jumps"),
    "200x60": lambda: experiments("cliffwalking", "double-q-learning", "sarsa"),
    "80x24 deep": lambda: [small("dqn").experiment],
    "120x40 deep": lambda: [small("ppo").experiment],
}
ANSWERS = ("7", "0.5", "-1", "#", ".", "+3", "", "linear(0.5, 0.1, 50)", "nan", "[/b]", "\x1b[31m", "9" * 30)


@pytest.mark.parametrize("count", [50, pytest.param(500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("lesson", LESSONS)
async def test_random_keys_never_raise(lesson, count, tmp_path, monkeypatch):
    """Many keys; dialogs are filled in at random, the window changes its size now and then."""
    monkeypatch.chdir(tmp_path)
    width, height = map(int, lesson.split()[0].split("x"))
    rng = random.Random(width)
    async with opened((width, height), prepared=LESSONS[lesson]()) as d:
        for number in range(count):
            send_key(d.app, rng.choice(KEYS))
            if number % 10 == 0 or d.on_top is not d.screen:
                await d.settle()
            if d.on_top is not d.screen:
                for line in d.on_top.query(Input):
                    line.value = rng.choice(ANSWERS)
                await d.press(rng.choice(("enter", "enter", "escape", "1", "2", "3", "6")))
            if number % 30 == 29:
                await d.pilot.resize_terminal(rng.randrange(1, 220), rng.randrange(1, 70))
                await d.settle()
                await d.pilot.resize_terminal(width, height)
        await d.settle()
        while d.on_top is not d.screen:
            await d.press("escape")
        d.session.halt()
        d.lesson.jump(0, 1.0)
        fresh = Lesson([stepper.experiment for stepper in d.lesson.steppers])
        for stepper, other in zip(d.lesson.steppers, fresh.steppers, strict=True):
            assert frozen(dump(stepper.state)) == frozen(dump(other.state))
