"""How much may be sent to the terminal, and how often.

Every byte may have to go through a slow line. So what moves and what is read have a budget of bytes each, and nothing
is painted while earlier output still waits: a frame that cannot be sent at once is dropped, and the next one shows what
is true by then. On a terminal at hand the budgets are whole, over SSH about half.

Nor may what is painted keep others from learning: where all cores are busy, a quarter as many frames are painted.
"""

from __future__ import annotations

import fcntl
import os
import select
import struct
import termios
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Queue
from typing import Any

from textual.app import App

RATES = {True: 3900.0, False: 2250.0}  # bytes a second, by whether it moves
FRAMES = 16.0  # a second, of what moves
FAR = 0.5  # of both, over SSH
SAVED = 0.25  # seconds of budget that can be saved up

CROWDED = 0.2  # of the time that we run, waited for a core: from there on others want it
CROWDED_PACE = 0.25  # of what is painted otherwise
LOOK_SECONDS = 2.0  # between two looks


class ByteBudget:
    """Bytes that may be sent: they come in at a rate, a few can be saved up, and a debt is waited for."""

    def __init__(self) -> None:
        self.left = 0.0

    def earn(self, seconds: float, rate: float) -> None:
        """So much time has passed, at so many bytes a second."""
        self.left = min(self.left + seconds * rate, SAVED * rate)

    def spend(self, sent: float) -> None:
        """So many bytes were sent, whether there was a budget for them or not."""
        self.left -= sent

    @property
    def allows(self) -> bool:
        """Whether something may be sent."""
        return self.left > 0


def run_and_waited() -> tuple[int, int]:
    """Nanoseconds that this thread has run on a core, and waited for one; (1, 0) where the system does not tell."""
    try:
        ran, waited, _ = Path("/proc/thread-self/schedstat").read_text().split()
    except (OSError, ValueError):  # only Linux has it, and not all of them
        return 1, 0
    return int(ran), int(waited)


class Crowd:
    """Knows whether the cores are wanted by others: this thread waits for one, and not seldom, before it runs."""

    def __init__(self, clock: Callable[[], tuple[int, int]]) -> None:
        self._clock = clock
        self._looked, self._ran, self._waited = float("-inf"), 0, 0
        self._crowded = False

    def is_there(self, now: float) -> bool:
        """Whether this thread waited of late."""
        if now - self._looked >= LOOK_SECONDS:
            ran, waited = self._clock()
            self._crowded = waited - self._waited > CROWDED * (ran - self._ran)
            self._looked, self._ran, self._waited = now, ran, waited
        return self._crowded


class LinePacer:
    """Says when a screen may paint what moves, and what is read; one for each screen."""

    def __init__(
        self,
        app: App[Any],
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], tuple[int, int]] = run_and_waited,
    ) -> None:
        self._app = app
        self.far = any(name in environ for name in ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"))
        self._share = FAR if self.far else 1.0
        self._budgets = {True: ByteBudget(), False: ByteBudget()}
        self._now = float("-inf")
        self._moved = float("-inf")  # when what moves was painted
        self._crowd = Crowd(clock)

    @property
    def backlog(self) -> int:
        """How much waits to be sent: bytes where they can be counted, and at least 1 where the line is full."""
        driver = self._app._driver
        writer = getattr(driver, "_writer_thread", None)
        if writer is None:
            return 0
        return waiting_writes(writer._queue) + waiting_bytes(writer.fileno())

    def pace(self, now: float) -> float:
        """The share of what is painted on an idle machine that is painted on this one."""
        return CROWDED_PACE if self._crowd.is_there(now) else 1.0

    def may_paint(self, now: float, moving: bool) -> bool:
        """Whether it may be painted at this time: within its budget, in its turn, and nothing waits before it."""
        elapsed = now - self._now if self._now > float("-inf") else SAVED
        self._now = max(self._now, now)
        for moves, budget in self._budgets.items():
            budget.earn(max(0.0, elapsed), RATES[moves] * self._share)
        frames = FRAMES * min(self._share, self.pace(now))  # the one saves bytes, the other the cores: not twice
        if not self._budgets[moving].allows or (moving and now - self._moved < 1 / frames - 1e-6):
            return False
        return self.backlog == 0

    def sent(self, bytes: float, moving: bool) -> None:
        """Something was painted, which took about so many bytes."""
        self._budgets[moving].spend(bytes)
        if moving:
            self._moved = self._now


def waiting_writes(queue: Queue[str | None]) -> int:
    """Characters that wait in Textual's queue of writes."""
    with queue.mutex:
        return sum(map(len, filter(None, queue.queue)))


def waiting_bytes(fd: int) -> int:
    """Bytes that a terminal has not taken yet; a pseudo terminal counts none, but says when it is full."""
    try:
        count: int = struct.unpack("i", fcntl.ioctl(fd, termios.TIOCOUTQ, bytes(4)))[0]
        return count or int(not select.select([], [fd], [], 0)[1])
    except (OSError, ValueError):  # no terminal, or none any more
        return 0
