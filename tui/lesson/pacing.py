"""How time is shared between learning and painting, and which parts are worth painting how often."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from tui.lesson.layout import PANES, WORLDS

# Seconds between two paintings of a part while playing faster than so many updates a second: nobody reads formulas
# at ten a second, and every byte may have to go through a slow line.
UNHURRIED = 5.0
INTERVALS = {"header": 0.1, **dict.fromkeys(WORLDS, 0.1), "curves": 0.5}
OTHERS = 0.4


class Pacing:
    """Measures frames and paintings of one screen."""

    FRAMES: ClassVar[float] = 30.0  # a second
    SLICE: ClassVar[float] = 0.012  # seconds of learning a frame at most, so that a key never waits long
    LEAST: ClassVar[float] = 0.003

    def __init__(self) -> None:
        self._last = time.monotonic()
        self._cost = 0.0  # seconds that a painting takes, smoothed
        self._painted: dict[str, float] = {}
        self.owing = False  # something that has changed was not painted

    def start(self) -> None:
        """Time passes from now on."""
        self._last = time.monotonic()

    def tick(self) -> float:
        """Seconds since the frame before."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        return elapsed

    @property
    def budget(self) -> float:
        """Seconds of learning that leave half of a frame for keys: less of them where painting is dear."""
        return min(self.SLICE, max(self.LEAST, 0.5 / self.FRAMES - self._cost / 2))

    @contextmanager
    def painting(self) -> Iterator[None]:
        """Measures a painting."""
        begun = time.monotonic()
        yield
        self._cost += 0.1 * (time.monotonic() - begun - self._cost)

    def due(self, speed: float) -> list[str]:
        """The parts to paint now, while playing at a speed."""
        now = time.monotonic()
        names = ["header", *PANES]
        if speed > UNHURRIED:
            names = [name for name in names if now - self._painted.get(name, 0.0) >= INTERVALS.get(name, OTHERS) - 0.01]
        self._painted |= dict.fromkeys(names, now)
        self.owing = len(names) <= len(PANES)
        return names
