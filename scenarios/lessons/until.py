"""What a lesson can run until. A condition is asked after every update: has it happened?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from algorithms.contract import Backup, Bools, Experience
from algorithms.exploration import tied
from scenarios.lessons.stepper import Stepper


def episode_ends(stepper: Stepper) -> bool:
    """The first lane's episode, or the sweep, ended with the latest update; of a network's, any that it was in."""
    if isinstance(stepper.event, Experience):
        return bool(stepper.event.last.any())
    return bool(np.ravel(stepper.event.last)[0])


def learns(stepper: Stepper) -> bool:
    """The network was updated."""
    return bool(stepper.event.metrics)


@dataclass(frozen=True)
class ReturnOf:
    """An episode ended with the latest update whose return is at least a threshold."""

    threshold: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.threshold):
            raise ValueError(f"the return must be a finite number, got {self.threshold:g}")

    def __call__(self, stepper: Stepper) -> bool:
        for episode in reversed(stepper.ledger.finished):
            if episode.step < stepper.step:
                return False
            if episode.total >= self.threshold:
                return True
        return False


@dataclass(frozen=True)
class MetricAbove:
    """A diagnostic of the latest update is larger than a threshold in either direction."""

    name: str
    threshold: float

    def __post_init__(self) -> None:
        if not 0 <= self.threshold < math.inf:
            raise ValueError(f"the threshold must be a number >= 0, got {self.threshold:g}")

    def __call__(self, stepper: Stepper) -> bool:
        return abs(float(stepper.event.metrics.get(self.name, 0.0))) > self.threshold


@dataclass(frozen=True)
class ErrorAbove:
    """The latest error, target − estimate of the first lane, is larger than a threshold in either direction."""

    threshold: float

    def __post_init__(self) -> None:
        if not 0 <= self.threshold < math.inf:
            raise ValueError(f"the threshold must be a number >= 0, got {self.threshold:g}")

    def __call__(self, stepper: Stepper) -> bool:
        return bool(np.abs(latest_errors(stepper)).max() > self.threshold)


@dataclass(frozen=True)
class CellUpdated:
    """The latest update was one of this cell."""

    cell: int

    def __call__(self, stepper: Stepper) -> bool:
        layout, event = stepper.experiment.model.layout, stepper.event
        states = event.states if isinstance(event, Backup) else slice(int(event.s[0]), int(event.s[0]) + 1)
        first, last = layout.cell(states.start), layout.cell(states.stop - 1)
        return bool(first <= self.cell <= last)


class GreedyPolicyChanges:
    """Some state's set of greedy actions differs from what it was when the condition was made."""

    def __init__(self, stepper: Stepper) -> None:
        self._policy = self._greedy(stepper)

    def __call__(self, stepper: Stepper) -> bool:
        return not np.array_equal(self._greedy(stepper), self._policy)

    @staticmethod
    def _greedy(stepper: Stepper) -> Bools:
        return tied(stepper.tables.q)


def latest_errors(stepper: Stepper) -> np.ndarray:
    """target − estimate of the first lane's latest update, or of every state of the latest backup."""
    event = stepper.event
    if isinstance(event, Backup):
        return event.new - event.old
    return np.asarray(event.target[:1] - event.old[:1])
