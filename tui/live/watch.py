"""Watching a run: its files are read in a thread of their own: a disk that does not answer keeps no key waiting.

Whoever draws takes a short look at what has been read; while the thread is at it, or waits for the disk, there is
nothing to look at, and what is on the screen stays.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from scenarios.runs.control import Change
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import Result
from scenarios.runs.frames import FrameReader, TableFrame
from scenarios.runs.progress import Heartbeat

BUSY, IDLE = 0.25, 0.5  # seconds between two polls, of a run that learns and of one that has ended
SHARE, LONGEST = 0.003, 1.0  # of a core that polls may take: what takes longer waits longer, up to so many seconds
EAGER, EAGERLY = 0.05, 2.0  # seconds between two polls after something was asked of the run, and for how long
PATIENCE = 0.005  # seconds that a look waits for a poll
LEARNING = ("running", "paused", "waiting")  # a process works on it


class Follower(Protocol):
    """What is read of a run, see `scenarios.runs.following.RunFollower`."""

    curves: CurveStore
    frames: FrameReader
    said: Heartbeat | None
    result: Result | None
    status: str
    checkpoint: int | None
    log: Sequence[str]

    @property
    def generation(self) -> int: ...

    @property
    def fault(self) -> str | None: ...

    @property
    def changes(self) -> tuple[Change, ...]: ...

    @property
    def damage(self) -> tuple[str, ...]: ...

    def poll(self) -> frozenset[str]: ...


@dataclass(frozen=True)
class Seen:
    """What was true of a run when it was last looked at."""

    looks: int = 0
    """Polls that found something new."""
    status: str = ""
    """As `rltop ls` says it; empty before the first look."""
    said: Heartbeat | None = None
    result: Result | None = None
    log: tuple[str, ...] = ()
    generation: int = 0
    frames: int = 0
    newest: range = range(0)
    """The frames of the newest episode that is whole, or of the newest where none is."""
    fault: str | None = None
    """Why nothing can be read just now."""
    changes: tuple[Change, ...] = ()
    """Of settings, that have taken effect."""
    damage: tuple[str, ...] = ()
    """What can be read in part only."""
    checkpoint: int | None = None
    """Updates before the newest checkpoint of a run that can be resumed; None where it has none."""

    @property
    def learns(self) -> bool:
        """Whether a process works on the run."""
        return self.status in LEARNING

    @property
    def share(self) -> float | None:
        """Of its budget that is used, in [0, 1]; None where nobody knows."""
        if self.result is not None:
            return self.result.share
        return None if self.said is None else self.said.progress.share

    @property
    def trouble(self) -> str | None:
        """Why its trainer could not write everything when it last told."""
        return None if self.said is None else self.said.progress.trouble


class Watch:
    """Owns the thread that follows a run; `told` is called in it whenever something is new."""

    def __init__(self, follow: Callable[[], Follower], told: Callable[[frozenset[str]], None]) -> None:
        self._follow, self._told = follow, told
        self._follower: Follower | None = None
        self._lock = threading.Lock()  # of the follower
        self._wake, self._ended = threading.Event(), False
        self._eager_until = float("-inf")
        self.seen = Seen()

    def start(self) -> None:
        """Begin to look."""
        threading.Thread(target=self._run, daemon=True, name="watch").start()

    def stop(self) -> None:
        """Look no more; a thread that waits for the disk is left to it."""
        self._ended = True
        self._wake.set()

    def hurry(self) -> None:
        """Look again at once, and often for a while: something was asked of the run."""
        self._eager_until = time.monotonic() + EAGERLY
        self._wake.set()

    @contextmanager
    def look(self) -> Iterator[Follower | None]:
        """What has been read of the run, for as short as possible; None while it is being read."""
        free = self._lock.acquire(timeout=PATIENCE)
        try:
            yield self._follower if free else None
        finally:
            if free:
                self._lock.release()

    def poll(self) -> None:
        """Read what is new, once."""
        with self._lock:
            self._follower = self._follower or self._follow()
            changed = self._follower.poll()
            if not changed and self.seen.looks:
                return
            self.seen = describe(self._follower, self.seen.looks + 1)
        self._told(changed)

    def _run(self) -> None:
        while not self._ended:
            began = time.thread_time()
            try:
                self.poll()
            except Exception as error:  # nobody hears what a thread raises
                why = f"the run cannot be followed any more ({type(error).__name__}: {error}): open it again"
                self.seen = replace(self.seen, fault=why)
                self._told(frozenset({"status", "log"}))
                return
            self._wake.wait(self._pause(time.thread_time() - began))
            self._wake.clear()

    def _pause(self, taken: float) -> float:
        """Seconds until the next poll, after one that took so many of a core."""
        if time.monotonic() < self._eager_until:
            return EAGER
        pause = BUSY if self.seen.learns or not self.seen.status else IDLE
        return max(pause, min(taken / SHARE, LONGEST))


def newest_whole(frames: FrameReader) -> range:
    """The frames of the newest episode that has ended, or of the newest one where none has; of tables the newest."""
    count = len(frames)
    if not count:
        return range(0)
    latest = frames[count - 1]
    if isinstance(latest, TableFrame):
        return range(count - 1, count)
    newest = frames.episode_of(count - 1)
    if newest.start > 0 and not latest.last:
        return frames.episode_of(newest.start - 1)
    return newest


def describe(found: Follower, looks: int) -> Seen:
    """What is true of a run now."""
    frames = found.frames
    return Seen(
        looks,
        found.status,
        found.said,
        found.result,
        tuple(found.log),
        found.generation,
        len(frames),
        newest_whole(frames),
        found.fault,
        found.changes,
        found.damage,
        found.checkpoint,
    )
