"""Is the gradient right? The tape's, and what the expression itself does when an input moves a little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.operations import Array
from engine.tensor import no_grad
from scenarios.lessons.autodiff.evaluating import Evaluation
from scenarios.lessons.autodiff.recording import Program, Recording

EPSILON = 1e-6  # as `engine.gradcheck` moves an input and judges an error
TOLERANCE = 1e-6
KINK = 1e-3  # two sides that differ by more have different slopes


@dataclass(frozen=True, eq=False)
class Check:
    """The gradient of one variable, found twice."""

    node: int
    name: str
    by_tape: Array
    by_difference: Array  # (f(x + ε) − f(x − ε)) / 2ε for every entry of x
    error: float  # the largest |a − b| / max(1, |a|, |b|)
    kink: bool  # left and right of the value the slopes differ

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.error <= TOLERANCE


def check(program: Program, recording: Recording) -> list[Check]:
    """Every variable's gradient by the tape against the central difference, in double precision."""
    return [_check(program, recording, node.index) for node in recording.variables]


def _check(program: Program, recording: Recording, index: int) -> Check:
    node = recording.nodes[index]
    gradient = recording.gradient(index)
    by_tape = np.zeros_like(node.value) if gradient is None else gradient
    left, right = np.zeros_like(node.value), np.zeros_like(node.value)
    by_difference = np.zeros_like(node.value)
    middle = recording.loss
    with np.errstate(all="ignore"):
        for entry in np.ndindex(node.value.shape):
            step = EPSILON * max(1.0, abs(float(node.value[entry])))
            down, up = (_moved(program, recording, node.name, entry, sign * step) for sign in (-1, 1))
            by_difference[entry] = (up - down) / (2 * step)
            left[entry], right[entry] = (middle - down) / step, (up - middle) / step
        largest = np.maximum(1.0, np.maximum(np.abs(by_tape), np.abs(by_difference)))
        error = float(np.max(np.abs(by_tape - by_difference) / largest))
        kink = bool((np.abs(right - left) > KINK * np.maximum(1.0, np.abs(left) + np.abs(right))).any())
    return Check(index, node.name, by_tape, by_difference, error, kink)


def _moved(program: Program, recording: Recording, name: str, entry: tuple[int, ...], step: float) -> float:
    value = recording.values[name].copy()
    value[entry] += step
    with no_grad():
        return Evaluation(program.reading, {**recording.values, name: value}).result.item()
