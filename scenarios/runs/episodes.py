"""What a run remembers of its events: every episode's return and length, every sweep's largest change.

Shapes: L lanes, E episodes recorded, K sweeps.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Backup, Bools, Floats, Ints, Update

FIRST_ROWS = 128


class Point(NamedTuple):
    """A moment of a curve: where on the x axis, and the value of every metric there."""

    step: int
    values: dict[str, float]


def block_end(told: int) -> int:
    """Where the next point of a curve ends that has told `told` entries: all of the first 1,000, then every 10th,
    from 10,000 every 100th and so on, so that a curve grows with the logarithm of its length."""
    return told + 10 ** max(0, len(str(told)) - 3)


class EpisodeLog:
    """The return and length of the first `most` episodes of every lane; folds one update after the other."""

    def __init__(self, lanes: int, most: int) -> None:
        self.most = most
        self.updates = 0
        self.counts: Ints = np.zeros(lanes, np.intp)  # [L] episodes recorded
        self.unfinished = lanes  # lanes with fewer than `most`
        self._return: Floats = np.zeros(lanes)  # [L] of the episode under way
        self._began: Ints = np.zeros(lanes, np.intp)  # [L] the update it began with
        self._returns: Floats = np.full((min(most, FIRST_ROWS), lanes), np.nan)  # [rows, L], NaN before its end
        self._lengths: NDArray[np.int64] = np.zeros(self._returns.shape, np.int64)  # [rows, L], 0 before its end
        self._told = 0  # episodes that `points` has delivered
        self._clock: NDArray[np.int64] = np.zeros(lanes, np.int64)  # [L] updates those took

    def add(self, event: Update) -> None:
        """Take in one update of every lane."""
        self.updates += 1
        self._return += event.r
        if np.count_nonzero(event.last):
            self._end(event.last)

    def _end(self, last: Bools) -> None:
        lanes = (last & (self.counts < self.most)).nonzero()[0]
        rows = self.counts[lanes]
        if lanes.size and rows.max() >= len(self._returns):
            self._grow()
        self._returns[rows, lanes] = self._return[lanes]
        self._lengths[rows, lanes] = self.updates - self._began[lanes]
        self.counts[lanes] = rows + 1
        self.unfinished -= np.count_nonzero(rows + 1 == self.most)
        self._return[last] = 0.0
        self._began[last] = self.updates

    def _grow(self) -> None:
        more = min(len(self._returns), self.most - len(self._returns))
        self._returns = np.pad(self._returns, ((0, more), (0, 0)), constant_values=np.nan)
        self._lengths = np.pad(self._lengths, ((0, more), (0, 0)))

    @property
    def total(self) -> int:
        """Episodes recorded of all lanes together."""
        return int(self.counts.sum())

    @property
    def returns(self) -> Floats:
        """The return of every episode, NaN where a lane has not got so far. [E, L]"""
        return self._returns[: self.counts.max()]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """The length of every episode, 0 where a lane has not got so far. [E, L]"""
        return self._lengths[: self.counts.max()]

    def recent_return(self, episodes: int = 100) -> float | None:
        """Mean return of each lane's last episodes; None before the first has ended."""
        if not self.total:
            return None
        rows = np.arange(max(0, int(self.counts.min()) - episodes), self.counts.max())[:, None]  # [rows, 1]
        recent = (rows >= self.counts - episodes) & (rows < self.counts)  # [rows, L]
        return float(self._returns[rows[:, 0]][recent].mean())

    def points(self, *, rest: bool = False) -> Iterator[Point]:
        """The curve of the episodes that every lane has finished since the last call: means over lanes and blocks.

        The step is the environment step, of all lanes together, at which the slowest lane had finished. A point
        counts as delivered when the next one is asked for. `rest` also delivers a last block cut short.
        """
        complete = int(self.counts.min())
        while (end := block_end(self._told)) <= complete or (rest and self._told < complete):
            rows = slice(self._told, min(end, complete))
            clock = self._clock + self._lengths[rows].sum(axis=0)
            means = {"episode/return": self._returns[rows].mean(), "episode/length": self._lengths[rows].mean()}
            yield Point(int(clock.max()) * len(clock), {name: float(mean) for name, mean in means.items()})
            self._told, self._clock = rows.stop, clock

    def tables(self) -> dict[str, NDArray[np.generic]]:
        """What is kept of a finished run."""
        return {"episode_return_lanes": self.returns, "episode_length_lanes": self.lengths}


class SweepLog:
    """The largest change of every sweep; folds one backup after the other."""

    def __init__(self) -> None:
        self.backups = 0
        self._deltas = array("d")  # [K]
        self._told = 0

    def add(self, event: Backup) -> None:
        """Take in one backup."""
        self.backups += 1
        if event.last and not event.improvement:
            self._deltas.append(event.largest_change)

    @property
    def sweeps(self) -> int:
        """Sweeps finished."""
        return len(self._deltas)

    @property
    def largest_change(self) -> float | None:
        """Of the last finished sweep; None before the first."""
        return self._deltas[-1] if self._deltas else None

    def points(self, *, rest: bool = False) -> Iterator[Point]:
        """The curve of the sweeps finished since the last call; the step is the sweep. See `EpisodeLog.points`."""
        while (end := block_end(self._told)) <= self.sweeps or (rest and self._told < self.sweeps):
            end = min(end, self.sweeps)
            yield Point(end, {"sweep/largest_change": self._deltas[end - 1]})
            self._told = end

    def tables(self) -> dict[str, NDArray[np.generic]]:
        """What is kept of a finished run."""
        return {"deltas": np.array(self._deltas)}
