"""What a lesson of a deep learner remembers: every episode, every diagnostic, and what was seen lately.

Shapes: T steps of N environments in an event, O numbers an observation. Environment 0 is the one looked at closely.
"""

from __future__ import annotations

import bisect
import math
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from algorithms.contract import Experience, Floats, Floats32

MOST_EPISODES = 20_000  # a lesson's curves are flat long before; so its memory is bounded
MOST_LESSONS = 200_000  # updates of the network
TRAIL = 20_000  # steps of environment 0 that are looked back on at least; a lesson is seldom longer


class Episode(NamedTuple):
    """An episode that has ended, in whichever environment."""

    step: int  # number of the update with which it did
    total: float  # its return
    length: int


class Learnt(NamedTuple):
    """The diagnostics of one update of the network."""

    step: int
    metrics: Mapping[str, float]


class Seen(NamedTuple):
    """One step of environment 0."""

    step: int
    obs: Floats32  # [O] what was acted on
    a: Any  # a number, or [A]
    r: float
    last: bool


@dataclass(frozen=True)
class DeepCurve:
    """A quantity over time."""

    x: Floats
    y: Floats


class DeepLedger:
    """Folds events one by one; `rewind` takes it back to where a `snapshot` was taken."""

    def __init__(self, environments: int, *, acts: bool = True) -> None:
        """acts: it learns from what it does in environments, and not from examples."""
        self._acts = acts
        self.finished: list[Episode] = []
        self.learnt: list[Learnt] = []
        self.trail: list[Seen] = []
        self.env_steps = 0
        self._diagnostics: dict[str, tuple[array[float], array[float]]] = {}  # numbers of the updates, and values
        self._return_so_far = np.zeros(environments)
        self._length_so_far = np.zeros(environments, np.intp)

    @property
    def full(self) -> bool:
        """No more can be recorded, or nothing more can be learnt."""
        return self.diverged or len(self.finished) >= MOST_EPISODES or len(self.learnt) >= MOST_LESSONS

    @property
    def diverged(self) -> bool:
        """The latest update has left numbers that are not finite."""
        return bool(self.learnt) and not all(map(math.isfinite, self.learnt[-1].metrics.values()))

    @property
    def return_so_far(self) -> float:
        """Return of environment 0's episode under way."""
        return float(self._return_so_far[0])

    @property
    def length_so_far(self) -> int:
        """Steps of environment 0's episode under way."""
        return int(self._length_so_far[0])

    def fold(self, step: int, event: Experience) -> None:
        """Take in the event of update number `step`."""
        self.env_steps += event.r.size
        for t, r in enumerate(event.r):
            self._return_so_far += r
            self._length_so_far += 1
            for i in event.last[t].nonzero()[0].tolist():
                self.finished.append(Episode(step, float(self._return_so_far[i]), int(self._length_so_far[i])))
                self._return_so_far[i] = self._length_so_far[i] = 0
            if self._acts:
                self.trail.append(
                    Seen(step, event.obs[t, 0].copy(), event.a[t, 0], float(r[0]), bool(event.last[t, 0]))
                )
        if len(self.trail) > 2 * TRAIL:
            del self.trail[:-TRAIL]
        if event.metrics:
            self.learnt.append(Learnt(step, event.metrics))
            for name, value in event.metrics.items():
                x, y = self._diagnostics.setdefault(name, (array("d"), array("d")))
                x.append(len(self.learnt))
                y.append(value)

    def snapshot(self) -> dict[str, Any]:
        """Everything needed to come back to this moment; of what only grows, how long it is."""
        return {
            "finished": len(self.finished),
            "learnt": len(self.learnt),
            "env_steps": self.env_steps,
            "return_so_far": self._return_so_far.copy(),
            "length_so_far": self._length_so_far.copy(),
        }

    def rewind(self, step: int, snapshot: dict[str, Any]) -> None:
        """Go back to the moment of a snapshot taken after update number `step`."""
        del self.finished[snapshot["finished"] :]
        del self.learnt[snapshot["learnt"] :]
        for x, y in self._diagnostics.values():
            known = bisect.bisect_right(x, snapshot["learnt"])
            del x[known:], y[known:]
        del self.trail[bisect.bisect_right(self.trail, step, key=lambda seen: seen.step) :]
        self.env_steps = snapshot["env_steps"]
        self._return_so_far = snapshot["return_so_far"].copy()
        self._length_so_far = snapshot["length_so_far"].copy()

    def remembers(self, step: int) -> bool:
        """All that a lesson shows of the time before `step` is here; of the trail, what there is must do."""
        return True

    def end_before(self, step: int) -> int:
        """Number of the latest update before `step` with which an episode, or an epoch, ended; 0 if none did."""
        known = bisect.bisect_left(self.finished, step, key=lambda episode: episode.step)
        return self.finished[known - 1].step if known else 0

    def returns(self) -> DeepCurve:
        """Return per episode, in the order in which they ended."""
        return _per_episode([episode.total for episode in self.finished])

    def lengths(self) -> DeepCurve:
        """Steps per episode."""
        return _per_episode([float(episode.length) for episode in self.finished])

    def diagnostics(self, name: str) -> DeepCurve:
        """A diagnostic over the updates of the network that gave it."""
        x, y = self._diagnostics.get(name, (array("d"), array("d")))
        return DeepCurve(np.array(x), np.array(y))

    @property
    def names(self) -> tuple[str, ...]:
        """The diagnostics there are."""
        return tuple(self.learnt[-1].metrics) if self.learnt else ()

    def episode_under_way(self) -> list[Seen]:
        """The steps of environment 0 since its episode began; of one that has just ended, all of them."""
        first = len(self.trail)
        while first > 0 and (first == len(self.trail) or not self.trail[first - 1].last):
            first -= 1
        return self.trail[first:]


def _per_episode(values: list[float]) -> DeepCurve:
    return DeepCurve(np.arange(1.0, len(values) + 1), np.array(values, np.float64))
