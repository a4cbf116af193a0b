"""Following a run: all that can be read of it, as it grows. Who follows never writes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from scenarios.runs.checkpoint import newest_checkpoint
from scenarios.runs.collection import DAMAGED
from scenarios.runs.control import Change, changes_of
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import Result, Run
from scenarios.runs.files import RunError, look, open_regular
from scenarios.runs.frames import FrameReader
from scenarios.runs.progress import Heartbeat
from scenarios.runs.resume import CAN_GO_ON
from scenarios.runs.standing import standing_of

LOG_BYTES = 32 << 10  # of the end of a log
LOG_LINES = 200
LONGEST_LINE = 1000  # characters
LOCK_SECONDS = 1.0  # between two looks whether a process that works is still there

NOT_LEARNING = ("solved", "finished", "stopped", "diverged", "failed", "dead", DAMAGED)


class _Fault(NamedTuple):
    """Why a part cannot be read."""

    sentence: str
    files: tuple[tuple[int, ...], ...]  # what they looked like


class RunFollower:
    """All that can be read of a run. Its parts are as the last poll found them.

    A file that cannot be read leaves its part as it was, and `fault` says why.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.curves = CurveStore(run.path)
        self.frames = FrameReader(run.frames)
        self.said: Heartbeat | None = None  # what its trainer last told
        self.result: Result | None = None
        self.status = ""  # as `collection.STATUSES` name it; empty before the first poll
        self.checkpoint: int | None = None  # transitions of the newest one, of a run that can be resumed
        self.log: Sequence[str] = ()  # the last lines of trainer.log
        self._log = _Tail(run.log)
        self._faults: dict[str, _Fault] = {}  # by part
        self._stood: tuple[tuple[int, ...], ...] = ()  # what the files that say how it stands looked like
        self._asked = 0.0  # when the lock was last looked at

    @property
    def generation(self) -> int:
        """Grows when a resume has cut the run back: the curves are other ones then."""
        return self.curves.generation

    @property
    def fault(self) -> str | None:
        """Why something of it cannot be read just now; first of all how it stands."""
        first = self._faults.get("status") or next(iter(self._faults.values()), None)
        return None if first is None else first.sentence

    @property
    def changes(self) -> tuple[Change, ...]:
        """The settings that were changed while it learnt, in the order in which they took effect."""
        return self._changes[0]

    @property
    def _changes(self) -> tuple[tuple[Change, ...], str | None]:
        """The changes, and why they cannot be read."""
        try:
            return changes_of(self.run.changes), None
        except RunError as fault:
            return (), str(fault)

    @property
    def damage(self) -> tuple[str, ...]:
        """What of a run that has ended can be read in part only; of one that learns more may be on its way."""
        if self.status not in NOT_LEARNING:
            return ()
        found = self.curves.damage, self.frames.damage, self._changes[1]
        return tuple(damage for damage in found if damage)

    def poll(self) -> frozenset[str]:
        """Read what is new; which of "status", "curves", "frames" and "log" have changed.

        Of a run that does nothing it takes but a look at the sizes and times of its files.
        """
        run = self.run
        parts = (
            ("status", self._poll_status, (run.status, run.result, run.lock, run.path)),
            ("curves", self.curves.poll, (run.events,)),
            ("frames", self.frames.poll, (run.frames,)),
            ("log", self._poll_log, (run.log,)),
        )
        return frozenset(name for name, poll, files in parts if self._polled(name, poll, files))

    def _polled(self, name: str, poll: Callable[[], bool], files: tuple[Path, ...]) -> bool:
        """Whether a part has changed, for better or worse; where it could not be read, once its files have changed."""
        fault = self._faults.get(name)
        if fault and fault.files == tuple(map(look, files)):
            return False
        try:
            changed = poll()
        except RunError as error:
            self._faults[name] = _Fault(str(error), tuple(map(look, files)))
            return True
        if fault:
            del self._faults[name]
        return changed or fault is not None

    def _poll_status(self) -> bool:
        run, now = self.run, time.monotonic()
        files = tuple(map(look, (run.status, run.result, run.lock, run.path)))
        rests = self.status in NOT_LEARNING or now < self._asked + LOCK_SECONDS
        if files == self._stood and self.status and rests:
            return False
        self._stood, self._asked = files, now
        before = self.status, self.said, self.result
        try:
            found = standing_of(run)
            self.checkpoint = newest_checkpoint(run.path) if found.status in CAN_GO_ON else None
        except RunError:
            self.status = DAMAGED
            raise
        self.status, self.said, self.result = found.status, found.said, found.result
        return (self.status, self.said, self.result) != before

    def _poll_log(self) -> bool:
        if not self._log.poll():
            return False
        self.log = self._log.lines
        return True


class _Tail:
    """The last lines of a text that grows; bytes of any kind, until they are drawn."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] = ()
        self.lines: tuple[str, ...] = ()

    def poll(self) -> bool:
        """Read the end if there is something new; raises RunError when that cannot be."""
        seen = look(self._path)
        if seen == self._seen:
            return False
        self._seen = seen
        lines = self._read() if seen else ()
        changed, self.lines = lines != self.lines, lines
        return changed

    def _read(self) -> tuple[str, ...]:
        with open_regular(self._path) as fd:
            skipped = max(0, os.fstat(fd).st_size - LOG_BYTES)
            data = os.pread(fd, LOG_BYTES, skipped)
        lines = data.decode(errors="replace").removesuffix("\n").split("\n") if data else []
        return tuple(line[:LONGEST_LINE] for line in lines[bool(skipped) :][-LOG_LINES:])
