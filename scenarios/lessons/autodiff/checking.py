"""Is the gradient right? The tape's, and what the expression itself does when an input moves a little."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from engine.operations import Array
from engine.tensor import no_grad
from scenarios.lessons.autodiff.evaluating import Evaluation
from scenarios.lessons.autodiff.recording import Program, Recording

EPSILON = 1e-6  # as `engine.gradcheck` moves an input and judges an error
TOLERANCE = 1e-6
KINK = 1e-3  # two sides that differ by more may have different slopes
STEPS = 7  # at most, each smaller than the one before
LEAST = 1e-10, 1e-18  # the smallest step: of a value, and at 0
ROUGH = 10.0  # times what rounding may do: an error that is no larger says nothing

Verdict = Literal["agrees", "middle", "kink", "digits", "wrong", "nothing"]  # from good to bad
SENTENCES: dict[Verdict, str] = {
    "agrees": "tape and difference agree",
    "middle": "{}: both agree on the middle of two slopes",
    "kink": "{}: at a kink the slope is another on each side",
    "digits": "{}: rounding leaves too few digits to compare",
    "wrong": "{}: tape and difference do not agree",
    "nothing": "not finite here: there is nothing to compare",
}


@dataclass(frozen=True, eq=False)
class Check:
    """The gradient of one variable, found twice."""

    node: int
    name: str
    by_tape: Array
    by_difference: Array  # (f(x + ε) − f(x − ε)) / 2ε for every entry of x
    error: float  # the largest |a − b| / max(1, |a|, |b|)
    verdict: Verdict  # of the entry that it is worst for

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.verdict in ("agrees", "middle")


@dataclass(frozen=True)
class _Nudge:
    """What the result does when one entry moves by a step to both sides."""

    step: float
    difference: float
    error: float
    gap: float  # how much the slopes of the two sides differ; 0 where that is little


def check(program: Program, recording: Recording) -> list[Check]:
    """Every variable's gradient by the tape against the central difference, in double precision."""
    rounding = _rounding(recording)
    return [_check(program, recording, node.index, rounding) for node in recording.variables]


def summary(checks: Sequence[Check]) -> str:
    """What the checks of all variables come to: one sentence, about those that it is worst for."""
    worst = _worst([check.verdict for check in checks])
    return SENTENCES[worst].format(", ".join(check.name for check in checks if check.verdict == worst))


def _worst(verdicts: Sequence[Verdict]) -> Verdict:
    order = list(SENTENCES)
    return max(verdicts, key=order.index)


def _check(program: Program, recording: Recording, index: int, rounding: float) -> Check:
    node = recording.nodes[index]
    gradient = recording.gradient(index)
    by_tape = np.zeros_like(node.value) if gradient is None else gradient
    by_difference, errors = np.zeros_like(node.value), np.zeros_like(node.value)
    verdicts: list[Verdict] = []
    for entry in np.ndindex(node.value.shape):
        result = partial(_moved, program, recording, node.name, entry)
        nudge, verdict = _compare(result, float(node.value[entry]), recording.loss, float(by_tape[entry]), rounding)
        by_difference[entry], errors[entry] = nudge.difference, nudge.error
        verdicts.append(verdict)
    return Check(index, node.name, by_tape, by_difference, float(np.max(errors)), _worst(verdicts))


def _moved(program: Program, recording: Recording, name: str, entry: tuple[int, ...], x: float) -> float:
    value = recording.values[name].copy()
    value[entry] = x
    with no_grad():
        return Evaluation(program.reading, {**recording.values, name: value}).result.item()


def _rounding(recording: Recording) -> float:
    """By how much rounding may move the result: each operation errs by ε of its value, and its gradient says how far
    that is felt. A gradient of 0 may be that of a kink: it counts as 1."""
    felt = 0.0
    for index in recording.forward:
        gradient = recording.gradient(index)
        if gradient is not None:
            with np.errstate(all="ignore"):
                felt += float(np.sum(np.abs(recording.nodes[index].value * np.where(gradient == 0, 1, gradient))))
    return float(np.finfo(np.float64).eps) * felt


def _compare(
    result: Callable[[float], float], x: float, middle: float, tape: float, rounding: float
) -> tuple[_Nudge, Verdict]:
    """One entry, moved by smaller and smaller steps until both sides agree or the digits run out."""
    tolerance = TOLERANCE * max(1.0, abs(tape))
    found: list[_Nudge] = []
    least = LEAST[0] * abs(x) if x else LEAST[1]
    for step in np.geomspace(EPSILON * max(1.0, abs(x)), least, STEPS):
        if found and rounding / step > max(tolerance, found[-1].gap / ROUGH):
            break
        found.append(_nudge(result, x, float(step), middle, tape))
        if found[-1].error <= TOLERANCE and not found[-1].gap:
            break
    exact = [nudge for nudge in found if rounding / nudge.step <= tolerance] or found[:1]
    best = min(exact, key=lambda nudge: math.inf if math.isnan(nudge.error) else nudge.error)
    return best, _verdict(best, _gap_stays(found), ROUGH * rounding / best.step / max(1.0, abs(tape)))


def _nudge(result: Callable[[float], float], x: float, step: float, middle: float, tape: float) -> _Nudge:
    down, up = x - step, x + step
    with np.errstate(all="ignore"):
        lower, upper, centre = np.float64(result(down)), np.float64(result(up)), np.float64(middle)
        left, right = (centre - lower) / (x - down), (upper - centre) / (up - x)
        difference = (upper - lower) / (up - down)
        error = np.abs(tape - difference) / max(1.0, abs(tape), np.abs(difference))
        gap = np.abs(right - left)
        large = gap > KINK * max(1.0, np.abs(left) + np.abs(right))
    return _Nudge(step, float(difference), float(error), float(gap) if large else 0.0)


def _gap_stays(found: Sequence[_Nudge]) -> bool:
    """Whether two slopes stay apart when the step shrinks: those of a curve come together as fast as it does."""
    if len(found) < 2 or not found[-2].gap:
        return False
    before, last = found[-2:]
    return last.gap > before.gap * math.sqrt(last.step / before.step)


def _verdict(nudge: _Nudge, kink: bool, rough: float) -> Verdict:
    if math.isnan(nudge.error):
        return "nothing"
    if nudge.error <= TOLERANCE:
        return "middle" if kink else "agrees"
    if kink:
        return "kink"
    return "digits" if nudge.error <= rough else "wrong"
