"""A session with the lesson of the engine: plays, selects and changes; how that is drawn it does not know."""

from __future__ import annotations

from dataclasses import dataclass

from engine.operations import Operation
from scenarios.lessons.autodiff.checking import Check
from scenarios.lessons.autodiff.examples import EXAMPLES, Example
from scenarios.lessons.autodiff.explaining import label
from scenarios.lessons.autodiff.lesson import Lesson
from scenarios.lessons.autodiff.recording import Node
from tui.autodiff.layout import LOWER
from tui.lesson.dialogs import Dialog

SPEEDS = (0.5, 1.0, 2.0, 5.0, 10.0)  # steps a second
READ = 4.0  # seconds that a message stands while it plays


@dataclass
class View:
    """How the graph is looked at."""

    selected: int | None = None  # a node; without one the node of the last step is looked at
    watched: int | None = None  # the node that is kept in sight; without one that of the last step
    pan: tuple[int, int] = (0, 0)  # rows and columns that the graph was moved by hand
    lower: str = LOWER[0]  # the pane below the graph where there is room for one
    text: bool = True  # what the expression teaches stands in place of the step


class Session:
    """One lesson after the other, and what there is to say about it."""

    def __init__(self, text: str | None = None) -> None:
        """Begins with an expression, or with the first example. Raises ExpressionError."""
        self.lesson = Lesson(EXAMPLES[0].text if text is None else text)
        self.example = _example_of(self.lesson)
        self.view = View()
        self.playing = False
        self.speed = 2  # of SPEEDS
        self.checks: list[Check] = []  # of this moment's values
        self.message, self.mistake = "", False
        self.dialog: Dialog | None = None  # wants to be opened
        self.editing = False  # the expression wants to be edited
        self._due, self._shown = 0.0, 0.0

    def open(self, text: str) -> None:
        """Another expression. Raises ExpressionError, and leaves everything as it is."""
        lesson = Lesson(text)
        lesson.rate = self.lesson.rate
        self.lesson, self.example = lesson, _example_of(lesson)
        self.playing, self.checks = False, []
        self.view = View(lower=self.view.lower)

    @property
    def looked_at(self) -> Node:
        """The node whose source and values are shown: the selected one, or that of the last step, or the result."""
        lesson, selected = self.lesson, self.view.selected
        current = lesson.current if lesson.current is not None else lesson.recording.result.index
        return lesson.recording.nodes[current if selected is None else selected]

    @property
    def operation(self) -> Operation | None:
        """The operation whose source is shown: of the node that is looked at, or else of the last step."""
        current = self.lesson.current
        own = self.looked_at.operation
        return self.lesson.recording.nodes[current].operation if own is None and current is not None else own

    @property
    def title(self) -> str:
        """What the expression is called."""
        return self.example.title if self.example is not None else "an expression of yours"

    @property
    def clock(self) -> str:
        """How far it is, in words."""
        lesson = self.lesson
        turn, done = len(lesson.recording.forward), lesson.position
        where = {
            "start": "before the first step",
            "forward": f"forward {done} of {turn}",
            "backward": f"backward {done - turn} of {lesson.length - turn}",
        }[lesson.phase]
        return where if lesson.epoch == 0 else f"change {lesson.epoch} · {where}"

    @property
    def speed_text(self) -> str:
        """Steps a second, in words."""
        speed = SPEEDS[self.speed]
        return f"{speed:g}/s" if speed >= 1 else f"1 in {1 / speed:g} s"

    def play(self) -> None:
        """Play; the first step is due at once."""
        self.playing, self._due = True, 1.0

    def frame(self, elapsed: float) -> bool:
        """Let time pass while it plays; whether a step was made."""
        self._shown = self._shown + elapsed if self.message else 0.0
        if self._shown > READ and not self.mistake:
            self.message = ""
        self._due = min(self._due + elapsed * SPEEDS[self.speed], 2.0)
        moved = False
        while self.playing and self._due >= 1:
            self._due -= 1
            self.step()
            moved = True
        return moved

    def step(self) -> None:
        """One step forward; at the end it stops, and says so."""
        if self.lesson.forward():
            self.moved()
        else:
            self.playing = False
            self.message = "every gradient is complete: g takes a step down, c checks, r begins anew"

    def back(self) -> None:
        """One step back."""
        if self.lesson.back():
            self.moved()
        else:
            self.message = "this is the start"

    def moved(self) -> None:
        """After a step: it is shown, and the graph goes with it."""
        self.view.text = False
        self.view.watched, self.view.pan = None, (0, 0)

    def halt(self) -> None:
        """Stop playing, because the learner moves by hand."""
        self.playing = False

    def select(self, node: int | None) -> None:
        """Look at a node; None follows the steps again."""
        self.view.selected = self.view.watched = node
        self.view.pan = (0, 0)

    def say(self, message: str) -> None:
        """Say something in the line above."""
        self.message, self._shown = message, 0.0

    def describe(self, node: Node) -> str:
        """A node in a few words."""
        kinds = {"variable": "variable", "given": "given, data", "constant": "constant", "operation": "computed"}
        return f"{label(node)}, {kinds[node.kind]}"


def _example_of(lesson: Lesson) -> Example | None:
    """The example that an expression is, if it is one."""
    return next((example for example in EXAMPLES if example.text == lesson.program.reading.text), None)
