"""What a run remembers of a deep learner's experience: every episode in order of completion, and its diagnostics.

Shapes: N environments, T steps of an event, E episodes.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Experience, Floats, Floats32, Snapshot
from scenarios.runs.episodes import Point, block_end

MOST_WAITING = 2000  # points that nobody has taken
_COLUMNS = {"returns": "d", "lengths": "q", "ends": "q"}


class ExperienceLog:
    """The return, length and last step of every episode, and the means of the diagnostics; folds event after event."""

    sweeps = 0
    largest_change = None

    def __init__(self, environments: int, most: int, steps: int | None = None) -> None:
        self.most = most  # episodes after which it is enough
        self.steps = steps  # environment steps after which it is enough
        self.env_steps = 0
        self.returns, self.lengths, self.ends = array("d"), array("q"), array("q")  # [E] each; the step it ended at
        self._return: Floats = np.zeros(environments)  # [N] of the episode under way
        self._length: NDArray[np.int64] = np.zeros(environments, np.int64)  # [N]
        self._sums: dict[str, float] = {}  # of the diagnostics since the last point
        self._learnt, self._told_learnt, self._told = 0, 0, 0  # updates; of them in points; episodes in points
        self._points: list[Point] = []  # not yet delivered

    def add(self, event: Experience) -> bool:
        """Take in one transition; True when it is enough."""
        r, last = event.r, event.last
        if r.size == 1:  # the same as below, for one step of one environment, where it must be quick
            self._return[0] += r.item()
            self._length[0] += 1
            if last.item():
                self._end(last[0], self.env_steps + 1)
        elif r.size:
            self._add_steps(r, last)
        self.env_steps += r.size
        if event.metrics:
            self._average(event.metrics)
        return len(self.returns) >= self.most or (self.steps is not None and self.env_steps >= self.steps)

    def _add_steps(self, r: Floats32, last: Bools) -> None:
        """Add steps to the episodes under way and record those that have ended. [T, N] each"""
        first = 0
        for t in np.logical_or.reduce(last, axis=1).nonzero()[0].tolist():
            self._return = _added(self._return, r[first : t + 1])
            self._length += t + 1 - first
            self._end(last[t], self.env_steps + (t + 1) * r.shape[1])
            first = t + 1
        self._return = _added(self._return, r[first:])
        self._length += len(r) - first

    def _end(self, last: Bools, env_steps: int) -> None:
        """Record the episodes that ended with the step before `env_steps`. [N]"""
        ended = last.nonzero()[0]
        self.returns.extend(self._return[ended].tolist())
        self.lengths.extend(self._length[ended].tolist())
        self.ends.extend([env_steps] * len(ended))
        self._return[ended], self._length[ended] = 0.0, 0

    def _average(self, metrics: Mapping[str, float]) -> None:
        sums = self._sums
        for name, value in metrics.items():
            sums[name] = sums.get(name, 0.0) + value
        self._learnt += 1
        if self._learnt == block_end(self._told_learnt):
            self._end_block()

    def _end_block(self) -> None:
        count = self._learnt - self._told_learnt
        self._wait(Point(self.env_steps, {name: total / count for name, total in self._sums.items()}))
        self._sums, self._told_learnt = {}, self._learnt

    def note(self, values: Mapping[str, float]) -> None:
        """A point of its own, as it is."""
        self._wait(Point(self.env_steps, dict(values)))

    def _wait(self, point: Point) -> None:
        """Queue a point; where nobody takes them, as while the disk is full, every other one is given up."""
        self._points.append(point)
        if len(self._points) > MOST_WAITING:
            del self._points[1::2]

    @property
    def under_way(self) -> tuple[int, float]:
        """Steps and return so far of the first environment's episode."""
        return int(self._length[0]), float(self._return[0])

    @property
    def episodes(self) -> int:
        """Recorded so far."""
        return len(self.returns)

    @property
    def share(self) -> float:
        """Of whichever limit is nearer, in [0, 1]."""
        return min(1.0, max(self.episodes / self.most, self.env_steps / (self.steps or math.inf)))

    def recent_return(self, episodes: int = 100) -> float | None:
        """Mean return of the last episodes; None before the first has ended."""
        recent = self.returns[-episodes:]
        return math.fsum(recent) / len(recent) if recent else None

    def points(self, *, rest: bool = False) -> Iterator[Point]:
        """The points of all curves since the last call, see `EpisodeLog.points`; the step is the environment step."""
        if rest and self._learnt > self._told_learnt:
            self._end_block()
        while self._points:
            yield self._points[0]
            del self._points[0]
        while (end := block_end(self._told)) <= self.episodes or (rest and self._told < self.episodes):
            block = slice(self._told, min(end, self.episodes))
            means = {"episode/return": np.mean(self.returns[block]), "episode/length": np.mean(self.lengths[block])}
            values = {"episode/count": float(block.stop), **{name: float(mean) for name, mean in means.items()}}
            yield Point(self.ends[block.stop - 1], values)
            self._told = block.stop

    def tables(self) -> dict[str, NDArray[Any]]:
        """What is kept of a finished run: one column, since there is one learner."""
        returns, lengths = np.array(self.returns, np.float64), np.array(self.lengths, np.int64)
        return {"episode_return_lanes": returns[:, None], "episode_length_lanes": lengths[:, None]}

    def dump(self) -> dict[str, Any]:
        """All that changes, in named arrays and plain numbers."""
        return {
            **{name: np.array(getattr(self, name)) for name in _COLUMNS},
            "return": self._return.copy(),
            "length": self._length.copy(),
            "sums": dict(self._sums),
            "points": [(point.step, dict(point.values)) for point in self._points],
            **{name: getattr(self, name) for name in _NUMBERS},
        }

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        for name, kind in _COLUMNS.items():
            setattr(self, name, array(kind, snapshot[name].tolist()))
        for name in _NUMBERS:
            setattr(self, name, snapshot[name])
        self._return, self._length = snapshot["return"].copy(), snapshot["length"].copy()
        self._sums = dict(snapshot["sums"])
        self._points = [Point(step, dict(values)) for step, values in snapshot["points"]]


def _added(total: Floats, r: Floats32) -> Floats:
    """One row after the other, so that it is rounded alike wherever the rows were cut. [N], [T, N] → [N]"""
    running: Floats = np.add.accumulate(np.concatenate([total[None], r]))[-1]
    return running


_NUMBERS = ("env_steps", "_learnt", "_told_learnt", "_told")
