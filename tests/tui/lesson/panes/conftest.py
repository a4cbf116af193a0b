"""Lessons to draw: played so far, on a fixed seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scenarios.experiment import prepare
from scenarios.lessons.lesson import Lesson

Play = Callable[..., Lesson]


@pytest.fixture
def play() -> Play:
    """play(scenario, algorithms, updates, lanes=..., **settings): a lesson after so many updates."""

    def played(scenario: str, algorithms: str, updates: int = 0, lanes: int = 3, **settings: Any) -> Lesson:
        names = algorithms.split(",")
        lesson = Lesson([prepare(scenario, name, settings, seed=7, lanes=lanes) for name in names])
        for _ in range(updates):
            lesson.forward()
        return lesson

    return played
