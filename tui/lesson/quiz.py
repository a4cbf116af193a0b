"""Predict, then reveal: before an update is made the learner says which way the estimate will go."""

from __future__ import annotations

from typing import Any

from algorithms.contract import Backup
from scenarios.lessons.explain import NOTHING_FOLLOWS, explain
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import Direction, Explanation

VERBS: dict[Direction, str] = {"up": "rises", "down": "falls", "unchanged": "stays"}


class Quiz:
    """Asks about updates, one at a time, and keeps the score."""

    def __init__(self) -> None:
        self.on = False
        self.question: Explanation | None = None  # of the update to come
        self.event: Any = None  # that update
        self.right = 0
        self.asked = 0

    @property
    def score(self) -> tuple[int, int] | None:
        """(right, asked), or None while nothing is asked."""
        return (self.right, self.asked) if self.on else None

    @property
    def prompt(self) -> str | None:
        """The open question in words."""
        if self.question is None:
            return None
        return f"What will {self.question.entry} do? ↑ rises, ↓ falls, = stays."

    def ask(self, stepper: Stepper) -> bool:
        """Ask about a stepper's next update; False where there is none, or nothing that could be predicted."""
        event = stepper.peek()
        if event is None or (isinstance(event, Backup) and _changes_nothing(stepper, event)):
            return False
        question = explain(stepper, event)
        if question.before is None:
            return False
        self.question, self.event = question, event
        return True

    def answer(self, said: Direction) -> str:
        """Take the answer to the open question; returns the verdict."""
        assert self.question is not None
        truth = self.question.direction
        self.drop()
        self.asked += 1
        self.right += said == truth
        return f"{'Right' if said == truth else 'No'}: it {VERBS[truth]}."

    def drop(self) -> None:
        """Leave the open question unanswered."""
        self.question = self.event = None


def _changes_nothing(stepper: Stepper, event: Backup) -> bool:
    """It improves a policy and no value, or is about a cell where nothing follows."""
    layout = stepper.experiment.model.layout
    return event.improvement or layout.kinds[layout.cell(event.states.start)] in NOTHING_FOLLOWS
