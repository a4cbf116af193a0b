"""Time in this lesson: forward node by node, backward rule by rule, and from one set of values to the next.

A moment is a number of steps. At 0 only the leaves have values; each step forward computes one operation, then each
step backward applies one rule. What there is to see at a moment is looked up in the recording, so going back is exact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.operations import Array
from scenarios.lessons.autodiff.evaluating import Evaluation, names_in
from scenarios.lessons.autodiff.reading import ExpressionError, read
from scenarios.lessons.autodiff.recording import Application, Program, Recording, program, record
from scenarios.lessons.words import number

MOST_EPOCHS = 1000
Phase = Literal["start", "forward", "backward"]


@dataclass(frozen=True)
class Epoch:
    """The expression with one set of values, and how these came about."""

    recording: Recording
    why: str


class Lesson:
    """An expression and where the learner is in it."""

    def __init__(self, text: str) -> None:
        """Raises ExpressionError for a text that cannot be used."""
        self.program: Program = program(text)
        self.epochs = [Epoch(record(self.program), "as it was typed")]
        self.epoch = 0
        self.position = 0
        self.rate = 0.1

    @property
    def recording(self) -> Recording:
        """The tape that is looked at."""
        return self.epochs[self.epoch].recording

    @property
    def text(self) -> str:
        """The expression with the values of this moment."""
        return self.program.text(self.recording.values)

    # Time

    @property
    def length(self) -> int:
        """Steps of both passes together."""
        return len(self.recording.forward) + len(self.recording.backward)

    @property
    def phase(self) -> Phase:
        """The pass of the step that was made last."""
        if self.position == 0:
            return "start"
        return "forward" if self.position <= len(self.recording.forward) else "backward"

    @property
    def current(self) -> int | None:
        """The node of the step that was made last."""
        application = self.application
        if application is not None:
            return application.node
        return self.recording.forward[self.position - 1] if self.position else None

    @property
    def application(self) -> Application | None:
        """The rule that was applied last; None in the forward pass."""
        number = self.position - len(self.recording.forward) - 1
        return self.recording.backward[number] if number >= 0 else None

    def forward(self) -> bool:
        """One step on; False at the end."""
        if self.position < self.length:
            self.position += 1
        elif self.epoch + 1 < len(self.epochs):
            self.epoch, self.position = self.epoch + 1, 0
        else:
            return False
        return True

    def back(self) -> bool:
        """One step back; False at the start."""
        if self.position > 0:
            self.position -= 1
        elif self.epoch > 0:
            self.epoch -= 1
            self.position = self.length
        else:
            return False
        return True

    def to_end(self) -> bool:
        """To the end of this pass, or of the next one at its end; False where there is nothing more."""
        if not self.forward():
            return False
        turn = len(self.recording.forward)
        self.position = turn if self.position <= turn else self.length
        return True

    def to_start(self) -> bool:
        """Back to the beginning of this pass, or of the one before; False at the start."""
        if not self.back():
            return False
        turn = len(self.recording.forward)
        self.position = turn if self.position >= turn else 0
        return True

    def restart(self) -> None:
        """To the values that were typed, before anything is computed."""
        del self.epochs[1:]
        self.epoch = self.position = 0

    # Values

    def has_value(self, node: int) -> bool:
        """Whether a node is computed by now."""
        recording = self.recording
        if recording.nodes[node].kind != "operation":
            return True
        return node in recording.forward[: self.position]

    def gradient(self, node: int) -> Array | None:
        """The gradient of a node as far as it has been added up by now; None before anything has arrived."""
        recording = self.recording
        done = self.position - len(recording.forward)
        if done >= 0 and node == recording.result.index:
            return recording.backward[0].gradient  # where the pass begins
        for application in reversed(recording.backward[: max(0, done)]):
            for contribution in reversed(application.contributions):
                if contribution.to == node:
                    return contribution.after
        return None

    def is_complete(self, node: int) -> bool:
        """Whether nothing more will be added to the gradient of a node."""
        recording = self.recording
        rest = recording.backward[max(0, self.position - len(recording.forward)) :]
        return not any(contribution.to == node for application in rest for contribution in application.contributions)

    # Changes

    def descend(self) -> None:
        """A step down the gradient: x ← x − η ∂/∂x for every variable; then both passes are made with the new values.

        Raises ValueError where the result or a gradient is not finite.
        """
        loss = self.recording.loss
        if not math.isfinite(loss):
            raise ValueError(f"the result is {number(loss)}, not finite: change the values first")
        changed = {}
        for node in self.recording.variables:
            gradient = self.recording.gradient(node.index)
            step = 0.0 if gradient is None else self.rate * gradient
            with np.errstate(all="ignore"):
                changed[node.name] = np.asarray(node.value - step)
            if not np.isfinite(changed[node.name]).all():
                raise ValueError(f"∂/∂{node.name} is not finite, or too large to follow: change the values first")
        self._begin(changed, f"a step of η = {self.rate:g} down the gradient")
        self.position = self.length

    def undo(self) -> bool:
        """Back to the values before these; False where there are none."""
        if self.epoch == 0:
            return False
        self.epoch -= 1
        del self.epochs[self.epoch + 1 :]
        self.position = min(self.position, self.length)
        return True

    def change(self, name: str, text: str) -> None:
        """Give a variable, or what is given, another value. Raises ExpressionError or ValueError, one sentence."""
        before = self.recording.values[name]
        value = _value(text)
        if value.shape != before.shape:
            old, new = ("x".join(map(str, shape)) or "a number" for shape in (before.shape, value.shape))
            raise ValueError(f"{name} must stay {old}, got {new}: change the expression for another shape")
        self._begin({name: value}, f"{name} was changed")
        self.position = 0

    def _begin(self, changed: Mapping[str, Array], why: str) -> None:
        if len(self.epochs) > MOST_EPOCHS:
            raise ValueError(f"a lesson keeps {MOST_EPOCHS} changes: begin anew")
        values = {**self.recording.values, **changed}
        del self.epochs[self.epoch + 1 :]
        self.epochs.append(Epoch(record(self.program, values), why))
        self.epoch += 1


def _value(text: str) -> Array:
    """A number or an array as it is typed. Raises ExpressionError where it needs a name or gives one a value."""
    reading = read(text)
    places = [reading.formula.span(name)[0] for name in names_in(reading.formula)]
    places += [definition.place for definition in reading.definitions]
    if places:
        raise ExpressionError("a number or an array is wanted here, as 2, 1/3 or [1, 2], without names", min(places))
    return Evaluation(reading, {}).result.data
