"""How time is shared between learning and painting, and how many bytes a second a lesson may send.

Every byte may have to go through a slow line, and nobody reads formulas at ten updates a second. So while it plays,
what moves (the line above and the worlds) and what is read (all other panes) have a budget of bytes each. Within it
the part that has waited longest is painted; what is left over is painted a little later, at the latest when it stops.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import ClassVar

from tui.lesson.layout import WORLDS
from tui.pacing import ByteBudget

MOVING = frozenset({"header", *WORLDS})
READABLE = 2.0  # updates a second up to which everything is painted at once
FAST = 10.0  # updates a second above which there is no saving but for a tenth of a megabit
BYTES = {True: 1850.0, False: 550.0}  # a second, by whether it moves
BYTES_FAST = {True: 9000.0, False: 3000.0}


class Pacing:
    """The clock and the budgets of one screen."""

    FRAMES: ClassVar[float] = 30.0  # a second
    SLICE: ClassVar[float] = 0.008  # seconds of learning a frame at most, so that a key never waits long
    LEAST: ClassVar[float] = 0.003
    APART: ClassVar[float] = 0.06  # seconds between two paintings of a part above FAST

    def __init__(self) -> None:
        self._running = False
        self._last = time.monotonic()
        self._cost = 0.0  # seconds that the paintings of a frame take, smoothed
        self._budgets = {True: ByteBudget(), False: ByteBudget()}  # by whether it moves
        self._owed: dict[str, float] = {}  # parts that have changed, and since when they wait
        self._painted: dict[str, float] = {}  # when

    def start(self) -> None:
        """Time passes from now on, if it did not yet."""
        if not self._running:
            self._running, self._last = True, time.monotonic()

    def stop(self) -> None:
        """Time passes no more, and everything is painted."""
        self._running = False
        self._owed.clear()

    def tick(self) -> float:
        """Seconds since the frame before."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        return elapsed

    @property
    def budget(self) -> float:
        """Seconds of learning in a frame: half of it is left for keys, and what painting and sending take."""
        return min(self.SLICE, max(self.LEAST, 0.5 / self.FRAMES - self._cost))

    def changed(self, names: Iterable[str]) -> None:
        """These parts are to be painted again."""
        for name in names:
            self._owed.setdefault(name, self._last)

    def paint(self, elapsed: float, speed: float, paint: Callable[[str], float]) -> None:
        """Paint what is due by `paint`, which returns the bytes that a part took."""
        begun = time.monotonic()
        rates = BYTES if speed <= FAST else BYTES_FAST
        for moves, rate in rates.items():
            self._budgets[moves].earn(elapsed, rate)
        for name in sorted(self._owed, key=self._owed.__getitem__):
            moves = name in MOVING
            soon = speed > FAST and begun - self._painted.get(name, 0.0) < self.APART
            if speed <= READABLE or (self._budgets[moves].allows and not soon):
                del self._owed[name]
                self._painted[name] = begun
                self._budgets[moves].spend(paint(name))
                if speed > FAST and name != "header":  # one a frame: a key waits for what is being painted
                    break
        self._cost += 0.1 * (time.monotonic() - begun - self._cost)
