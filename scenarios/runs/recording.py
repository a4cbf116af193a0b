"""The recording of a run for those who watch: whole episodes of its first environment, or its tables, now and then.

What is recorded is told by the clock, what is learnt is not: a recorder reads, and changes nothing but its own file.
It takes a small share of the trainer's time, and a disk that refuses costs frames, never the run.
Shapes: T steps of N environments, O numbers an observation, K thoughts, S states, A actions; n frames.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Backup, Experience, Floats32, Update
from scenarios.experiment import ControlExperiment, DeepExperiment, Experiment
from scenarios.runs.files import RunError
from scenarios.runs.framelog import FrameLog
from scenarios.runs.frames import MAX_FRAMES_BYTES, Kind, Layout
from scenarios.runs.learners import DeepLearner, Learner
from scenarios.worlds.control import frames_per_second
from scenarios.worlds.scenes import NOTHING

FRAMES_A_SECOND = 15.0  # at most
TABLES_A_SECOND = 4.0
IMAGES_A_SECOND = 2.0
LONGEST = 1000  # frames of one recording; an episode that goes on longer is left
EVERY_SWEEP = 256  # sweeps of planning that are all recorded
SHARE = 0.005  # of the processor time that the trainer takes
CREDIT_SECONDS = 0.02  # of it that may be spent before
RETRY_SECONDS = 5.0  # after a disk has refused


# ── what the loop asks of a recorder ─────────────────────────────────────────────────────────────────────


class Recorder(Protocol):
    """Records a learner. The loop gives it every event while it is `watching`, before the learner takes it in."""

    watching: bool

    @property
    def fault(self) -> str | None:
        """Why nothing can be recorded just now."""
        ...

    def attend(self, *, closely: bool = False) -> None:
        """Write what is to be written, and begin to watch when it is time; `closely`: every step from here on."""
        ...

    def take(self, event: Any) -> None: ...

    def close(self) -> None:
        """Write what is left."""
        ...


def recorder_of(learner: Learner, path: Path, seconds: Callable[[], float]) -> Recorder:
    """A recorder that begins where the learner stands: later frames, of a run that was killed, are cut off."""
    book = Book(path, learner.log.sweeps or learner.log.env_steps, seconds)
    if isinstance(learner, DeepLearner):
        return EpisodeRecorder(learner, book, pace_of(learner.experiment))
    return TableRecorder(learner, book)


class Book:
    """Owns the file, the clock and the allowance of a recorder."""

    def __init__(self, path: Path, until: int, seconds: Callable[[], float]) -> None:
        self.log = FrameLog(path)
        self.seconds = seconds  # learnt so far
        self.fault: str | None = None
        self._began = time.process_time()
        self._spent = -CREDIT_SECONDS
        self._free = -math.inf  # when more may be written
        try:
            if path.exists():
                self.log.open(until)
        except (RunError, OSError) as error:
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        self.fault, self._free = str(error), time.perf_counter() + RETRY_SECONDS

    def is_free(self) -> bool:
        """Whether it is time to record."""
        return time.perf_counter() >= self._free and self._spent <= SHARE * (time.process_time() - self._began)

    def wait(self, seconds: float) -> None:
        """Record nothing more for so long."""
        self._free = max(self._free, time.perf_counter() + seconds)

    def write(self, make: Callable[[], tuple[Layout, NDArray[Any]]]) -> None:
        """Write the frames that `make` gives; where that cannot be, they are lost and `fault` says why."""
        with self.counted():
            layout, rows = make()
            try:
                if layout.fits:
                    self.log.append(layout, rows)
                self.fault = None
            except RunError as error:
                self._pause(error)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What is done here is part of what may be spent."""
        began = time.thread_time()
        yield
        self._spent += time.thread_time() - began

    def close(self) -> None:
        """Let go of the file."""
        try:
            self.log.close()
        except RunError as error:
            self._pause(error)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────────────


class TableRecorder:
    """Records what the first lane believes: at short intervals at first, later four times a second; when planning,
    after every one of the first sweeps."""

    def __init__(self, learner: Learner, book: Book) -> None:
        self.watching = False
        self._learner, self._book = learner, book
        assert isinstance(learner.experiment, Experiment)
        model, self._plans = learner.experiment.model, learner.experiment.algorithm.plans
        layouts = [Layout(kind, 0, model.actions, 0, 0, model.states, TABLES_A_SECOND) for kind in self._kinds()]
        self._layout = next((layout for layout in layouts if layout.fits), None)
        self._closely = False
        self._recorded = book.log.latest  # env_steps or sweeps of the last frame

    def _kinds(self) -> tuple[Kind, ...]:
        return ("v table",) if self._plans else ("q table", "v table")

    @property
    def fault(self) -> str | None:
        """Why nothing can be recorded just now."""
        return self._book.fault

    def attend(self, *, closely: bool = False) -> None:
        """Begin to watch when it is time."""
        self._closely = closely
        if self._layout and not self.watching and (closely or self._book.is_free()):
            self.watching = True
            if self._recorded is None:
                self._record(-1, -1, self._steps)

    @property
    def _steps(self) -> int:
        log = self._learner.log
        return log.sweeps if self._plans else log.env_steps

    def take(self, event: Update | Backup) -> None:
        """Record what is believed after an update, or after a sweep."""
        if isinstance(event, Backup):
            if event.last and not event.improvement:
                self._record(-1, -1, self._steps + 1)
                self.watching = self._steps < EVERY_SWEEP and self._book.is_free()
            return
        self._record(int(event.s[0]), int(event.a[0]), self._steps + event.s.size)
        self.watching = self._closely

    def _record(self, s: int, a: int, env_steps: int) -> None:
        self._book.write(lambda: self._row(s, a, env_steps))
        self._recorded = env_steps
        if not self._plans or env_steps >= EVERY_SWEEP:
            self._book.wait(min(1 / TABLES_A_SECOND, max(1 / FRAMES_A_SECOND, self._book.seconds() / 32)))

    def _row(self, s: int, a: int, env_steps: int) -> tuple[Layout, NDArray[Any]]:
        assert self._layout is not None
        row = np.zeros(1, self._layout.dtype)
        row["env_steps"], row["seconds"], row["s"], row["a"] = env_steps, self._book.seconds(), s, a
        if self._plans:
            row["v"] = self._learner.state.v
        else:
            q = self._learner.state.action_values(slice(self._layout.states))
            if self._layout.kind == "q table":
                row["q"] = q
            else:
                row["v"] = q.max(axis=1)
        return self._layout, row

    def close(self) -> None:
        """Record the final tables."""
        if self._layout and self._recorded != self._steps and self.fault is None:
            self._record(-1, -1, self._steps)
        self._book.close()


# ── episodes ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Pace:
    """How densely a deep run is recorded."""

    stride: int
    """Steps from one frame to the next."""
    rate: float
    """Frames per second in the environment's own time; no more are recorded in a second of ours."""
    longest: int
    """Frames of one recording."""
    patience: int
    """Steps to wait for an episode to begin; after that many a recording begins within one."""


def pace_of(experiment: DeepExperiment) -> Pace:
    """Every so many steps of an environment that about 15 of them are a second of its time; images one by one."""
    if not isinstance(experiment, ControlExperiment):
        return Pace(1, IMAGES_A_SECOND, 1, 0)
    fps = frames_per_second(experiment.scenario.environment_id, **experiment.options)
    stride = math.ceil(fps / FRAMES_A_SECOND)
    return Pace(stride, fps / stride, LONGEST, stride * LONGEST)


class EpisodeRecorder:
    """Records whole episodes of the first environment, one after the other as the allowance permits."""

    def __init__(self, learner: DeepLearner, book: Book, pace: Pace) -> None:
        self.watching = False
        self._learner, self._book, self._pace = learner, book, pace
        self._layout: Layout | None = None
        self._episode = book.log.episodes  # number of the recording under way, or of the next
        self._recording = self._closely = False
        self._left = self._frames = 0  # frames that the recording may still have, and has
        self._waited = 0  # steps since watching began
        self._scene = NOTHING  # of the episode that the next event goes on with, where events are single steps
        self._rows: list[dict[str, Any]] = []  # not yet written, of n frames each

    @property
    def fault(self) -> str | None:
        """Why nothing can be recorded just now."""
        return self._book.fault

    def attend(self, *, closely: bool = False) -> None:
        """Write the frames there are, and begin to watch when it is time."""
        self._write()
        self._closely = closely
        if not self.watching and (closely or self._book.is_free()) and self._longest:
            self.watching, self._waited = True, 0
            self._scene = getattr(self._surroundings, "scene", NOTHING)

    @property
    def _longest(self) -> int:
        """Frames that a recording may have: a small part of the file, and none where one is too large."""
        if self._layout is None:
            return self._pace.longest
        return self._layout.fits * min(self._pace.longest, MAX_FRAMES_BYTES // 8 // self._layout.dtype.itemsize)

    @property
    def _surroundings(self) -> Any:
        return getattr(self._learner.state, "environments", None)

    def take(self, event: Experience) -> None:
        """Record what of an event belongs to the episode that is recorded, or begin with one."""
        if event.r.size:
            with self._book.counted():
                self._look(event)

    def _look(self, event: Experience) -> None:
        """Look for the episode that is recorded in an event of at least one step."""
        step, total = self._learner.log.under_way
        ends = event.last[:, 0].nonzero()[0].tolist()
        scenes = self._scenes(len(ends))
        first = 0
        for scene, stop in zip(scenes, [*(end + 1 for end in ends), len(event.r)], strict=False):
            if self.watching and stop > first:
                self._take(event, slice(first, stop), step, total, scene)
            first, step, total = stop, 0, 0.0
        self._scene = scenes[-1]

    def _scenes(self, ends: int) -> list[Floats32]:
        """Of the episode that the event went on with, and of every one that began in it."""
        here = self._surroundings
        if hasattr(here, "scenes"):
            told: list[Floats32] = here.scenes
            return told
        return [self._scene, *[getattr(here, "scene", NOTHING)] * ends]

    def _take(self, event: Experience, which: slice, step: int, total: float, scene: Floats32) -> None:
        """Some steps of one episode, of which `step` came before and brought `total`."""
        length, stride = which.stop - which.start, 1 if self._closely else self._pace.stride
        if not self._recording:
            self._waited += length
            if step and not self._closely and self._waited <= self._pace.patience:
                return
            self._recording, self._left, self._frames = True, self._longest, 0
        ended = bool(event.last[which.stop - 1, 0])
        chosen = np.arange(-step % stride, length, stride)  # of these steps
        if ended and (not chosen.size or chosen[-1] != length - 1):
            chosen = np.append(chosen, length - 1)
        chosen = chosen[: self._left]
        if chosen.size:
            self._rows.append(self._moments(event, which, chosen, step, total, scene))
        self._left -= len(chosen)
        self._frames += len(chosen)
        if ended or self._left <= 0:
            self._end()

    def _moments(
        self, event: Experience, which: slice, chosen: NDArray[np.intp], step: int, total: float, scene: Floats32
    ) -> dict[str, Any]:
        """What is known of the chosen steps; copies."""
        r = event.r[which, 0]
        totals = np.add.accumulate(np.concatenate([[total], r], dtype=np.float64))[1:]
        rows = which.start + chosen
        return {
            "env_steps": self._learner.log.env_steps + (rows + 1) * event.r.shape[1],
            "episode": np.full(len(rows), self._episode),
            "step": step + chosen,
            "seconds": np.full(len(rows), self._book.seconds()),
            "total": totals[chosen],
            "reward": r[chosen],
            "last": event.last[rows, 0],
            "obs": event.obs[rows, 0],
            "action": event.a[rows, 0].reshape(len(rows), -1),
            "scene": np.tile(scene, (len(rows), 1)),
        }

    def _end(self) -> None:
        """The recording is whole; the next one waits until it can have been played."""
        self._recording = False
        self._episode += 1
        self._book.wait(self._frames / self._pace.rate)
        self.watching, self._waited = self._closely or self._book.is_free(), 0

    def _write(self) -> None:
        if self._rows:
            self._book.write(self._made)
            if self.fault or not self._longest:
                self._recording = self.watching = False

    def _made(self) -> tuple[Layout, NDArray[Any]]:
        """What is to be written, with what the network thinks of it now."""
        moments = {name: np.concatenate([row[name] for row in self._rows]) for name in self._rows[0]}
        self._rows = []
        experiment, obs = self._learner.experiment, moments["obs"]
        thoughts = experiment.algorithm.thoughts(experiment.config, self._learner.state, obs)
        action, thought, scene = (x.shape[1] for x in (moments["action"], thoughts.actions, moments["scene"]))
        self._layout = Layout(thoughts.kind, obs.shape[1], action, thought, scene, 0, self._pace.rate)
        if not self._layout.fits:
            return self._layout, np.empty(0)
        rows = np.zeros(len(obs), self._layout.dtype)
        for name, values in moments.items():
            rows[name] = values
        rows["value"], rows["thoughts"] = thoughts.value, thoughts.actions
        if thoughts.spread is not None:
            rows["spread"] = thoughts.spread
        return self._layout, rows[: self._longest]

    def close(self) -> None:
        """Write the frames there are."""
        self._write()
        self._book.close()
