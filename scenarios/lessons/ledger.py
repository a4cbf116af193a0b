"""What a lesson remembers of the updates it has played: returns, lengths, sweeps, visits, errors, recent history.

Shapes: L lanes, S states, A actions, E episodes. The first lane is the one looked at closely.
"""

from __future__ import annotations

import bisect
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Backup, Floats, Ints, Update

MOST_EPISODES = 10_000  # a lesson's curves are flat long before; so its memory is bounded
MOST_SWEEPS = 100_000
RECENT_EPISODES = 100
REMEMBERED_UPDATES = 5_000
ENOUGH_HISTORY, RECALLED_HISTORY = 100, 1_000  # updates: so few behind us make us look up so many


class Record(NamedTuple):
    """One update of the first lane. A backup has no action, reward and next state: they are -1, 0 and -1."""

    step: int
    s: int
    a: int
    r: float
    s2: int
    target: float
    old: float
    new: float
    last: bool

    @property
    def error(self) -> float:
        return self.target - self.old


@dataclass(frozen=True)
class Curve:
    """A quantity per episode or sweep: the first lane, and mean with 95 % band over the lanes that all got there."""

    first: Floats  # [episodes of the first lane]
    mean: Floats  # [episodes that every lane has finished]
    low: Floats
    high: Floats
    recent: Floats  # [L] every lane's own mean over the last of these episodes; lanes are independent, episodes not
    lanes: int


class Ledger:
    """Folds events one by one; `rewind` takes it back to where a `snapshot` was taken."""

    def __init__(self, lanes: int, states: int, actions: int) -> None:
        self.lanes = lanes
        self.episodes = np.zeros(lanes, np.intp)  # [L] finished
        self.visits = np.zeros((states, actions), np.intp)  # of the first lane; backups count as action 0
        self.errors = np.zeros(states)  # the latest target − old of the first lane
        self.history: deque[Record] = deque(maxlen=REMEMBERED_UPDATES)
        self.sweep_changes: list[float] = []
        self._ends: list[int] = []  # numbers of the updates with which the first lane's episodes, or the sweeps, ended
        self._return_so_far = np.zeros(lanes)
        self._length_so_far = np.zeros(lanes, np.intp)
        self._returns = np.zeros((64, lanes), np.float32)  # [E, L], rows beyond `episodes` are stale
        self._lengths = np.zeros((64, lanes), np.float32)
        self._bands: dict[str, Floats] = {}  # [3, E] mean, low and high of every quantity so far

    @property
    def full(self) -> bool:
        """No more episodes or sweeps can be recorded."""
        return int(self.episodes.max()) >= MOST_EPISODES or len(self.sweep_changes) >= MOST_SWEEPS

    def fold(self, step: int, event: Update | Backup) -> None:
        """Take in the event of update number `step`."""
        if isinstance(event, Backup):
            self._fold_backup(step, event)
        else:
            self._fold_update(step, event)
        if self.history[-1].last:
            self._ends.append(step)

    def _fold_update(self, step: int, event: Update) -> None:
        self._return_so_far += event.r
        self._length_so_far += 1
        if event.last.any():
            self._end_episodes(event.last.nonzero()[0])
        s, a = int(event.s[0]), int(event.a[0])
        numbers = float(event.target[0]), float(event.old[0]), float(event.new[0])
        record = Record(step, s, a, float(event.r[0]), int(event.s2[0]), *numbers, bool(event.last[0]))
        self.visits[s, a] += 1
        self.errors[s] = record.error
        self.history.append(record)

    def _end_episodes(self, ended: Ints) -> None:
        if self.episodes.max() >= len(self._returns):
            self._returns = np.concatenate([self._returns, np.zeros_like(self._returns)])
            self._lengths = np.concatenate([self._lengths, np.zeros_like(self._lengths)])
        episode = self.episodes[ended]
        self._returns[episode, ended] = self._return_so_far[ended]
        self._lengths[episode, ended] = self._length_so_far[ended]
        self.episodes[ended] += 1
        self._return_so_far[ended] = 0.0
        self._length_so_far[ended] = 0

    def _fold_backup(self, step: int, event: Backup) -> None:
        self.visits[event.states, 0] += 1
        self.errors[event.states] = event.new - event.old
        first, last = event.states.start, event.last
        old, new = float(event.old[0]), float(event.new[0])
        self.history.append(Record(step, first, -1, 0.0, -1, new, old, new, last))
        if last and not event.improvement:
            self.sweep_changes.append(event.largest_change)

    def abandon(self, lanes: Ints) -> None:
        """Forget the episodes under way in some lanes: their worlds have changed and others begin."""
        self._return_so_far[lanes] = 0.0
        self._length_so_far[lanes] = 0
        if self.history and 0 in lanes:
            self.history[-1] = self.history[-1]._replace(last=True)

    def snapshot(self) -> dict[str, Any]:
        """Everything needed to come back to this moment, history aside: that is cut where `rewind` says."""
        return {
            "episodes": self.episodes.copy(),
            "visits": self.visits.copy(),
            "errors": self.errors.copy(),
            "return_so_far": self._return_so_far.copy(),
            "length_so_far": self._length_so_far.copy(),
            "sweeps": len(self.sweep_changes),
        }

    def rewind(self, step: int, snapshot: dict[str, Any]) -> None:
        """Go back to the moment of a snapshot taken after update number `step`."""
        self.episodes = snapshot["episodes"].copy()
        self.visits = snapshot["visits"].copy()
        self.errors = snapshot["errors"].copy()
        self._return_so_far = snapshot["return_so_far"].copy()
        self._length_so_far = snapshot["length_so_far"].copy()
        del self.sweep_changes[snapshot["sweeps"] :]
        self._bands = {name: bands[:, : self.episodes.min()] for name, bands in self._bands.items()}
        del self._ends[bisect.bisect_right(self._ends, step) :]
        while self.history and self.history[-1].step > step:
            self.history.pop()

    def remembers(self, step: int) -> bool:
        """The history reaches back far enough from `step`, or to the start."""
        return bool(self.history) and self.history[0].step <= max(step - ENOUGH_HISTORY, 1)

    def end_before(self, step: int) -> int:
        """Number of the latest update before `step` that ended an episode of the first lane, or a sweep; 0 if none."""
        known = bisect.bisect_left(self._ends, step)
        return self._ends[known - 1] if known else 0

    @property
    def return_so_far(self) -> float:
        """Return of the first lane's episode under way."""
        return float(self._return_so_far[0])

    def returns(self) -> Curve:
        """Return per episode."""
        return self._curve("return", self._returns)

    def lengths(self) -> Curve:
        """Steps per episode."""
        return self._curve("length", self._lengths)

    def _curve(self, name: str, table: NDArray[np.float32]) -> Curve:
        """The curve of a table [E, L]; only episodes that have ended since it was last asked for are computed."""
        bands = self._bands.get(name, np.empty((3, 0)))
        fresh = table[bands.shape[1] : self.episodes.min()].astype(np.float64)
        bands = self._bands[name] = np.concatenate([bands, band(fresh)], axis=1)
        mean, low, high = bands
        recent = table[max(0, len(mean) - RECENT_EPISODES) : len(mean)].astype(np.float64).sum(axis=0)
        recent /= max(1, min(len(mean), RECENT_EPISODES))
        return Curve(table[: self.episodes[0], 0].astype(np.float64), mean, low, high, recent, self.lanes)

    def path(self) -> list[int]:
        """States the first lane has passed through in the episode under way, oldest first."""
        return [record.s for record in self._this_episode()][::-1]

    def _this_episode(self) -> Iterator[Record]:
        for record in reversed(self.history):
            if record.last:
                return
            yield record

    def updates_of(self, state: int) -> list[Record]:
        """The remembered updates of one state by the first lane, newest first."""
        return [record for record in reversed(self.history) if record.s == state]


# 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, the normal's 1.96 with its first correction
STUDENT_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


def student_t(freedom: Ints) -> Floats:
    """The 97.5 % quantile of Student's t for so many degrees of freedom; none (NaN) without any. [...] → [...]"""
    most = len(STUDENT_T)
    known: Floats = np.array([np.nan, *STUDENT_T])[np.clip(freedom, 0, most)]
    return np.where(freedom <= most, known, 1.96 + 2.4 / np.maximum(freedom, 1))


def band(table: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean over lanes with its 95 % t interval, per row; one lane has no interval (NaN). [E, L] → 3 x [E]"""
    rows, lanes = table.shape
    mean: Floats = table.mean(axis=1)
    if lanes < 2:
        return mean, np.full(rows, np.nan), np.full(rows, np.nan)
    t = student_t(np.array(lanes - 1))
    half: Floats = t * table.std(axis=1, ddof=1) / np.sqrt(lanes)
    return mean, mean - half, mean + half
