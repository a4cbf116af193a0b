"""What a lesson sends to the terminal: at most 3 kB a second at ten updates a second, nothing while it rests."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[3])
PROGRAM = """
import sys
from scenarios.catalog import any_scenario_named
from scenarios.catalog.scenario import Scenario
from scenarios.lessons.preparing import prepare_deep_lesson
from tests.tui.lesson.lesson_app import LessonApp, experiments
from tui.memory import ViewMemory
name, *algorithms = sys.argv[1:]
tables = isinstance(any_scenario_named(name), Scenario)
prepared = experiments(name, *algorithms, lanes=100) if tables else [prepare_deep_lesson(name, algorithms)]
LessonApp(prepared, ViewMemory(speed=10.0)).run()
"""
LESSONS = {
    "two learners": ("cliffwalking", "q-learning", "sarsa"),
    "a planner": ("gridworld", "policy-evaluation"),
    "a network": ("cartpole", "dqn"),
}


@pytest.mark.parametrize(
    ("lesson", "seconds"),
    [("two learners", 2.0), *(pytest.param(lesson, 4.0, marks=pytest.mark.slow) for lesson in LESSONS)],
)
def test_ten_updates_a_second_take_3_kb_a_second(terminal, lesson, seconds):
    seen = {"columns": 120, "rows": 40, "COLORTERM": "truecolor", "PYTHONPATH": ROOT}
    app = terminal(*LESSONS[lesson], program=("-c", PROGRAM), **seen)
    app.read_until(b"step", seconds=60)
    app.settle(0.5, 60)
    app.type(b"i")
    app.read(0.3)
    assert app.read(0.4) == b""  # at rest
    app.type(b" ")
    app.read(1.5)
    sent = app.read(seconds)
    assert len(sent) <= 3000 * seconds
    assert len(sent) >= 300 * seconds  # it does play
    app.type(b" ")
    app.read(0.5)
    assert app.read(0.5) == b""
    assert app.process.poll() is None  # silent, not gone
