"""Deep lessons at three sizes: a round of learning by line, and a minibatch."""

from __future__ import annotations

import pytest

from scenarios.lessons.preparing import prepare_deep_lesson
from tests.tui.driving import SMALL_FIRST
from tests.tui.lesson.lesson_app import opened


@pytest.mark.parametrize("size", SMALL_FIRST, ids=["80x24", "120x40", "200x60"])
async def test_a_network_by_line(check_snapshot, size):
    async with opened(size, prepared=[prepare_deep_lesson("cartpole", ("dqn",), seed=3)]) as d:
        d.lesson.jump(1_023, 60.0)
        stepper = d.lesson.focused
        while stepper.line < 0 or "q_target" not in stepper.lines[stepper.line].values:
            d.lesson.line_forward()
        await d.press("l", "L")
        await d.show("source")
        check_snapshot(d.app, "deep-line-{}x{}".format(*size))


@pytest.mark.parametrize("size", SMALL_FIRST, ids=["80x24", "120x40", "200x60"])
async def test_a_minibatch(check_snapshot, size):
    async with opened(size, prepared=[prepare_deep_lesson("cartpole", ("ppo",), seed=3)]) as d:
        d.lesson.jump(54, 60.0)
        await d.press("full_stop")
        check_snapshot(d.app, "deep-minibatch-{}x{}".format(*size))
