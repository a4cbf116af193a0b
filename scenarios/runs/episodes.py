"""What a run remembers of its events: every episode's return and length, every sweep's largest change.

Shapes: L lanes, E episodes recorded, K sweeps.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Backup, Bools, Floats, Ints, Snapshot, Update

FIRST_ROWS = 128


class Point(NamedTuple):
    """A moment of a curve: where on the x axis, and the value of every metric there."""

    step: int
    values: dict[str, float]


class Log(Protocol):
    """What the loop asks of either log; `share` of the limits used is None where nobody knows how long it takes."""

    @property
    def env_steps(self) -> int: ...
    @property
    def episodes(self) -> int: ...
    @property
    def sweeps(self) -> int: ...
    @property
    def share(self) -> float | None: ...
    @property
    def largest_change(self) -> float | None: ...

    def add(self, event: Any) -> bool: ...
    def recent_return(self) -> float | None: ...
    def points(self, *, rest: bool = False) -> Iterator[Point]: ...
    def tables(self) -> dict[str, NDArray[Any]]: ...
    def dump(self) -> dict[str, Any]: ...
    def load(self, snapshot: Snapshot) -> None: ...


def block_end(told: int) -> int:
    """Where the next point of a curve ends that has told `told` entries.

    All of the first 1,000 are points, then every 10th, from 10,000 every 100th and so on: a curve grows with the
    logarithm of its length.
    """
    return told + int(10 ** max(0, len(str(told)) - 3))


class EpisodeLog:
    """The return and length of the first `most` episodes of every lane; folds one update after the other."""

    sweeps = 0
    largest_change = None

    def __init__(self, lanes: int, most: int, steps: int | None = None) -> None:
        self.most = most
        self.steps = steps  # after which it is enough, whatever `most` says
        self.updates = 0
        self.counts: Ints = np.zeros(lanes, np.intp)  # [L] episodes recorded
        self.unfinished = lanes  # lanes with fewer than `most`
        self._return: Floats = np.zeros(lanes)  # [L] of the episode under way
        self._began: Ints = np.zeros(lanes, np.intp)  # [L] the update it began with
        self._returns: Floats = np.full((min(most, FIRST_ROWS), lanes), np.nan)  # [rows, L], NaN before its end
        self._lengths: NDArray[np.int64] = np.zeros(self._returns.shape, np.int64)  # [rows, L], 0 before its end
        self._told = 0  # episodes that `points` has delivered
        self._clock: NDArray[np.int64] = np.zeros(lanes, np.int64)  # [L] updates those took

    def add(self, event: Update) -> bool:
        """Take in one update of every lane; True when it is enough."""
        self.updates += 1
        self._return += event.r
        if np.count_nonzero(event.last):
            self._end(event.last)
        return not self.unfinished or self.updates == self.steps

    def _end(self, last: Bools) -> None:
        lanes = (last & (self.counts < self.most)).nonzero()[0]
        rows = self.counts[lanes]
        if lanes.size and rows.max() >= len(self._returns):
            self._grow()
        self._returns[rows, lanes] = self._return[lanes]
        self._lengths[rows, lanes] = self.updates - self._began[lanes]
        self.counts[lanes] = rows + 1
        self.unfinished -= int(np.count_nonzero(rows + 1 == self.most))
        self._return[last] = 0.0
        self._began[last] = self.updates

    def _grow(self) -> None:
        more = min(max(FIRST_ROWS, len(self._returns)), self.most - len(self._returns))
        self._returns = np.pad(self._returns, ((0, more), (0, 0)), constant_values=np.nan)
        self._lengths = np.pad(self._lengths, ((0, more), (0, 0)))

    @property
    def env_steps(self) -> int:
        """Of all lanes together."""
        return self.updates * len(self.counts)

    @property
    def episodes(self) -> int:
        """Recorded of all lanes together."""
        return int(self.counts.sum())

    @property
    def share(self) -> float:
        """Of whichever limit is nearer, in [0, 1]."""
        return max(self.episodes / (self.most * len(self.counts)), self.updates / (self.steps or math.inf))

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
        if not self.episodes:
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
            values = {"episode/count": float(rows.stop), **{name: float(mean) for name, mean in means.items()}}
            yield Point(int(clock.max()) * len(clock), values)
            self._told, self._clock = rows.stop, clock

    def tables(self) -> dict[str, NDArray[Any]]:
        """What is kept of a finished run."""
        return {"episode_return_lanes": self.returns, "episode_length_lanes": self.lengths}

    def dump(self) -> dict[str, Any]:
        """All that changes, in named arrays and plain numbers."""
        return {
            "updates": self.updates,
            "counts": self.counts.copy(),
            "return": self._return.copy(),
            "began": self._began.copy(),
            "returns": self.returns.copy(),
            "lengths": self.lengths.copy(),
            "told": self._told,
            "clock": self._clock.copy(),
        }

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave; ValueError when it holds another number of episodes than it says."""
        rows, counts = len(snapshot["returns"]), snapshot["counts"]
        if not 0 <= snapshot["told"] <= counts.min() <= counts.max() == rows == len(snapshot["lengths"]) <= self.most:
            raise ValueError(f"the log of {rows} episodes does not fit its counts")
        self.updates, self._told = snapshot["updates"], snapshot["told"]
        self.counts, self._clock = counts.copy(), snapshot["clock"].copy()
        self.unfinished = int(np.count_nonzero(counts < self.most))
        self._return, self._began = snapshot["return"].copy(), snapshot["began"].copy()
        self._returns, self._lengths = snapshot["returns"].copy(), snapshot["lengths"].copy()


class SweepLog:
    """The largest change of the first `most` sweeps; folds one backup after the other."""

    env_steps = 0
    episodes = 0
    share = None

    def __init__(self, most: int) -> None:
        self.most = most
        self._deltas = array("d")  # [K]
        self._told = 0

    def add(self, event: Backup) -> bool:
        """Take in one backup; True when it is enough."""
        if event.last and not event.improvement:
            self._deltas.append(event.largest_change)
        return len(self._deltas) >= self.most

    def recent_return(self) -> None:
        """Planning takes no episodes."""

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

    def tables(self) -> dict[str, NDArray[Any]]:
        """What is kept of a finished run."""
        return {"deltas": np.array(self._deltas)}

    def dump(self) -> dict[str, Any]:
        """All that changes, in named arrays and plain numbers."""
        return {"deltas": np.array(self._deltas), "told": self._told}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave; ValueError when more is told than there is."""
        if not 0 <= snapshot["told"] <= len(snapshot["deltas"]) <= self.most:
            raise ValueError(f"the log of {len(snapshot['deltas'])} sweeps does not fit what it has told")
        self._deltas, self._told = array("d", snapshot["deltas"].tolist()), snapshot["told"]
