"""When the panes of a live screen are painted: what moves in its turn, what is read when it has waited longest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence

from textual.timer import Timer

from tui.pacing import LinePacer

MOVING = ("world", "thoughts")
# seconds between two paintings of a part at least
APART = {"world": 0.0, "thoughts": 0.25, "numbers": 0.5, "returns": 1.0, "diagnostics": 2.0}
OTHERS_APART = 0.5
TOGETHER = ("header", "numbers")  # say the same, and so at the same time


class Clocks:
    """Two clocks, one of which runs: a screen wakes up less often where it is to do little."""

    def __init__(self, often: Timer, seldom: Timer) -> None:
        self._often, self._seldom = often, seldom
        self._few: bool | None = None
        self.run(few=False)

    def run(self, *, few: bool) -> None:
        """Have the right one run."""
        if few is self._few:
            return
        self._few = few
        rests, runs = (self._often, self._seldom) if few else (self._seldom, self._often)
        rests.pause()
        runs.resume()


class Turns:
    """Owns what is still to be painted."""

    def __init__(self, pacer: LinePacer) -> None:
        self._pacer = pacer
        self._owed: dict[str, float] = {}  # parts that have changed, and since when they wait
        self._painted: dict[str, float] = {}  # when

    @property
    def owes(self) -> bool:
        """Whether something is to be painted."""
        return bool(self._owed)

    @property
    def free(self) -> bool:
        """Whether what is painted now is sent at once: nothing waits before it."""
        return self._pacer.backlog == 0

    def changed(self, names: Iterable[str], *, soon: bool = False) -> None:
        """These parts are to be painted again; `soon`, because a key was pressed, however lately they were."""
        now = time.monotonic()
        for name in names:
            self._owed.setdefault(name, now)
            if soon:
                self._painted.pop(name, None)

    def forget(self, names: Iterable[str]) -> None:
        """These parts have been painted, or are not to be seen."""
        for name in names:
            self._owed.pop(name, None)

    def take(self, paint: Callable[[str], float]) -> None:
        """Paint what is due by `paint`, which returns the bytes that a part took."""
        now = time.monotonic()
        for moving in (True, False):
            due = [name for name in self._owed if (name in MOVING) == moving and self._is_due(name, now)]
            if not due or not self._pacer.may_paint(now, moving):
                continue
            # what moves is painted together; of what is read the part that has waited longest
            for name in due if moving else self._next(due):
                del self._owed[name]
                self._painted[name] = now
                self._pacer.sent(paint(name), moving)

    def _next(self, due: Sequence[str]) -> list[str]:
        """Of these parts the one that has waited longest, and the other one that says the same."""
        first = min(due, key=self._owed.__getitem__)
        return [name for name in TOGETHER if name in self._owed] if first in TOGETHER else [first]

    def _is_due(self, name: str, now: float) -> bool:
        apart = APART.get(name, OTHERS_APART) / self._pacer.pace(now)
        return now - self._painted.get(name, float("-inf")) >= apart
