"""Whatever is pressed, typed and resized in a deep lesson: nothing raises, and it can be gone back to its start."""

from __future__ import annotations

import random

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.widgets import Input

from algorithms.contract import dump
from scenarios.lessons.lesson import Lesson
from tests.scenarios.lessons.deep import small
from tests.scenarios.lessons.exactness import frozen
from tests.tui.lesson.lesson_app import opened
from tests.tui.lesson.test_lesson_random_keys import ANSWERS, KEYS


@pytest.mark.parametrize("count", [30, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("name", "size"), [("dqn", (80, 24)), ("ppo", (120, 40))])
async def test_random_keys_never_raise(name, size, count, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = random.Random(size[0])
    async with opened(size, prepared=[small(name).experiment]) as d:
        for number in range(count):
            key = rng.choice(KEYS)
            pressed = _character_to_key(key) if len(key) == 1 else key
            d.app._driver.send_message(events.Key(pressed, key if len(key) == 1 else None))
            if number % 10 == 0 or d.on_top is not d.screen:
                await d.settle()
            if d.on_top is not d.screen:
                for line in d.on_top.query(Input):
                    line.value = rng.choice(ANSWERS)
                await d.press(rng.choice(("enter", "enter", "escape", "1", "2", "6")))
            if number % 30 == 29:
                await d.pilot.resize_terminal(rng.randrange(1, 220), rng.randrange(1, 70))
                await d.settle()
                await d.pilot.resize_terminal(*size)
        await d.settle()
        while d.on_top is not d.screen:
            await d.press("escape")
        d.session.halt()
        d.lesson.jump(0, 1.0)
        fresh = Lesson([stepper.experiment for stepper in d.lesson.steppers])
        assert frozen(dump(d.lesson.focused.state)) == frozen(dump(fresh.focused.state))
