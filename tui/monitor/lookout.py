"""When the runs are looked at: about once a second, at once after a key that asks for something else, one at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from tui.monitor.observer import Observer, Seen, Wanted

EVERY = 1.0  # seconds between two looks at the disk ...
SHARE = 0.1  # ... or so much more that looking takes no larger share of the time


class Lookout:
    """Sends looks off one by one; `send` runs a function in a thread and says what it has returned to `back`."""

    def __init__(self, paths: Sequence[Path], send: Callable[[Callable[[], tuple[Wanted, Seen]]], object]) -> None:
        self._observer = Observer(paths)
        self._send = send
        self._due = 0.0  # when to look at the disk again
        self._latest: Wanted | None = None  # what the latest look was for
        self.looking = False  # a look is on its way
        self.asked = False  # somebody waits for another one

    @property
    def is_due(self) -> bool:
        """Whether it is time to look at the disk again."""
        return not self.looking and time.monotonic() >= self._due

    def look(self, wanted: Wanted, *, known: bool) -> None:
        """Have the runs looked at; a wish that comes while a look is on its way waits for it to come back.

        `known` says that what the latest look brought is all there is: to look for the same again would be in vain.
        """
        if self.looking:
            self.asked = True
            return
        self.asked = False
        same = self._latest == replace(wanted, again=False)
        if wanted.again or not (same and known):
            self.looking, self._latest = True, replace(wanted, again=False)
            self._send(lambda: self._look(wanted))

    def _look(self, wanted: Wanted) -> tuple[Wanted, Seen]:
        begun = time.monotonic()
        seen = self._observer.look(wanted)
        now = time.monotonic()
        self._due = now + max(EVERY, (now - begun) / SHARE)
        return wanted, seen
