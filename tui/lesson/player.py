"""Playing: how many updates are due as time passes, and long ways that are gone a slice at a time."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from dataclasses import dataclass

from scenarios.lessons.lesson import Lesson

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 100.0, 1000.0, math.inf)  # updates a second
BACKLOG = 0.1  # seconds of updates that a slow machine may lag behind; what is older is let go


@dataclass(frozen=True)
class Way:
    """A way too long for one key press: gone in slices until `go_on` says that it is done."""

    title: str
    go_on: Callable[[float], bool]  # for so many seconds
    arrived: Callable[[], str]  # a message


class Player:
    """Plays a lesson at a speed."""

    def __init__(self, lesson: Lesson, speed: float) -> None:
        """`speed` is in updates a second, 0 for as fast as possible; it becomes the next of SPEEDS."""
        self.lesson = lesson
        self.playing = False
        self.way: Way | None = None
        self._due = 0.0
        self._speed = bisect.bisect_left(SPEEDS[:-1], speed) if speed > 0 else len(SPEEDS) - 1

    @property
    def speed(self) -> float:
        """Updates a second; infinite for as fast as possible."""
        return SPEEDS[self._speed]

    @property
    def speed_text(self) -> str:
        """The speed in words."""
        if math.isinf(self.speed):
            return "as fast as possible"
        return f"{self.speed:g}/s" if self.speed >= 1 else f"1 in {1 / self.speed:g} s"

    @property
    def busy(self) -> bool:
        """Time has to pass for it."""
        return self.playing or self.way is not None

    def change_speed(self, by: int) -> None:
        """Faster or slower by so many notches."""
        self._speed = min(max(self._speed + by, 0), len(SPEEDS) - 1)
        self._due = 0.0

    def play(self) -> None:
        """Begin to play; the first update is due at once."""
        self.playing, self._due = True, 1.0

    def pause(self) -> None:
        """Stop playing, and whatever way is being gone."""
        self.playing, self.way = False, None

    def due(self, elapsed: float) -> float:
        """How many updates are to be made after so many more seconds."""
        if math.isinf(self.speed):
            return math.inf
        self._due = min(self._due + elapsed * self.speed, max(1.0, BACKLOG * self.speed))
        return math.floor(self._due)

    def made(self, updates: int) -> None:
        """So many of the updates that were due are made."""
        self._due -= updates

    def advance(self, elapsed: float, budget: float) -> None:
        """Make the updates that are due, as many as fit the budget of seconds; pauses at the end of the lesson."""
        due = self.due(elapsed)
        if due < 1:
            return
        before = self.lesson.step
        self.lesson.run(budget, most=None if math.isinf(due) else int(due))
        self.made(self.lesson.step - before)
        if self.lesson.ended:
            self.playing = False
