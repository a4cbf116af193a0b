"""The curves of a run as they grow: points into the event file, by a clock that stands still while the run does."""

from __future__ import annotations

import time
from pathlib import Path

from scenarios.runs.episodes import Point
from scenarios.runs.files import RunError
from scenarios.runs.learners import Learner
from scenarios.runs.progress import Progress
from scenarios.runs.resources import rss_mb
from scenarios.runs.tfevents import EventWriter

SPEED_SECONDS = 1.0  # between two points of the speed
MOST_NOTES = 100  # that wait while the disk refuses


class Curves:
    """Owns the clock and the event file of a run: writes the curves as they grow, and says how far it is.

    What is a point depends on what was learnt alone, never on the clock; only `time/...` is about the clock. Before a
    point that lies further than all others `time/seconds` is told, so that every step has its time of learning.
    """

    def __init__(self, path: Path, learner: Learner, seconds: float = 0.0, keep: int | None = None) -> None:
        """seconds: learnt before; keep: bytes of the file to go on from, None for a new one."""
        self._learner, self._writer = learner, EventWriter(path, keep)
        self._timed = time.perf_counter()
        self._began = self._timed - seconds
        self._timed_steps = learner.log.env_steps
        self._clocked = self._far  # where `time/seconds` was told last
        self._notes: list[Point] = []  # that have nothing to do with what is learnt, and are not written yet
        self.fault: str | None = None  # why the metrics cannot be written just now

    @property
    def seconds(self) -> float:
        """Learnt so far."""
        return time.perf_counter() - self._began

    @property
    def _far(self) -> int:
        """The step of a point of just now: the environment step, or the sweep."""
        log = self._learner.log
        return log.env_steps or log.sweeps

    def stand_still(self, seconds: float) -> None:
        """These last seconds were not spent on learning."""
        self._began += seconds
        self._timed += seconds

    def note(self, values: dict[str, float]) -> None:
        """A point of its own: what was asked for, as it is. A run that goes on from before it knows nothing of it."""
        self._notes = [*self._notes[-MOST_NOTES:], Point(self._far, values)]

    def sync(self) -> int:
        """Make all that is written durable; returns how many bytes that are. Raises RunError when that cannot be."""
        self._writer.sync()
        return self._writer.size

    def close(self) -> Progress:
        """Write what is left; returns how far it came."""
        self.tell(rest=True)
        try:
            self._writer.close()
        except RunError as error:
            self.fault = str(error)
        return self.progress()

    def tell(self, *, rest: bool = False) -> Progress:
        """Write the points that are due, and `rest` those cut short by an end; returns how far it is."""
        log, now = self._learner.log, time.perf_counter()
        try:
            for step, values in log.points(rest=rest):
                self._write(step, values)
            while self._notes:
                self._write(*self._notes[0])
                del self._notes[0]
            if (rest or now >= self._timed + SPEED_SECONDS) and log.env_steps > self._timed_steps:
                speed = (log.env_steps - self._timed_steps) / (now - self._timed)
                self._tell_time({"time/steps_per_second": speed})
                self._timed, self._timed_steps = now, log.env_steps
            self.fault = None
        except RunError as error:  # points that could not be written come again the next time
            self.fault = str(error)
        return self.progress()

    def _write(self, step: int, values: dict[str, float]) -> None:
        if step > self._clocked:
            self._tell_time({})
        self._writer.scalars(step, values)

    def _tell_time(self, values: dict[str, float]) -> None:
        """Write how long it has learnt until just now, with what else there is of the clock."""
        self._writer.scalars(self._far, {"time/seconds": self.seconds, **values})
        self._clocked = self._far

    def progress(self) -> Progress:
        """How far it is."""
        log = self._learner.log
        return Progress(
            self.seconds,
            log.env_steps,
            log.episodes,
            log.sweeps,
            log.share,
            log.recent_return(),
            log.largest_change,
            self.fault,
            self._learner.eval_mean,
            rss_mb=rss_mb(),
        )
