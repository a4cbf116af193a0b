"""A session: what a learner does with a lesson. It plays, looks and changes; how that is drawn it does not know."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple, dataclass

from scenarios.lessons.lesson import Lesson
from scenarios.lessons.subjects import DEEP
from scenarios.lessons.words import Direction, grouped
from tui.drawing.board import Layer
from tui.lesson.deep.layers import DeepLayer
from tui.lesson.dialogs import Dialog
from tui.lesson.layout import LOWER
from tui.lesson.panes.curves import Metric
from tui.lesson.player import Player, Way
from tui.lesson.quiz import Quiz
from tui.memory import ViewMemory

SCENE_ROWS = 8  # of an environment that is drawn
LONG_ENOUGH = 4.0  # seconds to read a message in
ONLY_ACTS = "no question while it acts: the next one comes when it learns"


@dataclass
class View:
    """How the lesson is looked at."""

    layer: Layer = Layer.VALUE
    deep_layer: DeepLayer = DeepLayer.WORLD  # of a network
    curve: str = "return"  # of a network: return, length, or the name of a diagnostic
    metric: Metric = "return"
    difference: bool = False
    selected: int | None = None  # a cell
    choosing: bool = False  # arrows move the selection
    text: bool = True  # the lesson's text is shown
    scroll: int = 0  # lines of it above the first one shown
    lower: str = LOWER[0]  # the pane below the worlds where there is room for one


class Session:
    """One lesson, its player and quiz, how it is looked at, and what there is to say about it."""

    def __init__(self, lesson: Lesson, memory: ViewMemory) -> None:
        self.lesson = lesson
        self.player = Player(lesson, memory.speed)
        self.quiz = Quiz()
        self.view = View()
        if memory.layer in tuple(Layer):
            self.view.layer = Layer(memory.layer)
        self.view.metric = "length" if memory.metric == "length" else "return"
        self.view.curve = self.view.metric
        if memory.pane in LOWER[:-1]:  # the text goes with the first key
            self.view.lower = memory.pane
        self.quiz.on = memory.predict
        self.message = ""
        self.mistake = False  # the message says what cannot be
        self._fading, self._shown = "", 0.0  # a message and the seconds it has been shown while playing
        self.dialog: Dialog | None = None  # wants to be opened
        self._after_answer: Callable[[], object] = lesson.forward

    @property
    def memory(self) -> ViewMemory:
        """What is worth remembering of how the lesson is looked at."""
        speed = 0.0 if math.isinf(self.player.speed) else self.player.speed
        view = self.view
        return ViewMemory(view.layer.value, speed, view.metric, self.quiz.on, view.lower)

    @property
    def look(self) -> object:
        """Equal before and after a command that changes nothing of what the panes show."""
        return astuple(self.view), self.lesson.focus, self.quiz.on, self.quiz.question

    @property
    def deep(self) -> bool:
        """What learns is a network, not a table."""
        return self.lesson.focused.subject is DEEP

    @property
    def world_rows(self) -> int:
        """Rows that the world needs to be seen at all."""
        return SCENE_ROWS if self.deep else int(self.lesson.focused.experiment.model.layout.rows)

    @property
    def busy(self) -> bool:
        """Time has to pass for it: it plays, or goes a long way."""
        return self.player.busy and self.quiz.question is None

    # time

    def frame(self, elapsed: float, budget: float) -> None:
        """Let time pass: make what updates are due, within a budget of seconds; messages of success fade."""
        self._shown = self._shown + elapsed if self.message == self._fading else 0.0
        self._fading = self.message
        if self._shown > LONG_ENOUGH and not self.mistake:
            self.message = ""
        if self.player.way is not None:
            self._go_on(self.player.way, budget)
        elif self.player.playing and self.quiz.on:
            if self.player.due(elapsed) >= 1 and self.quiz.question is None:
                self.player.made(1)
                self.ask_or_do(self.lesson.forward)
        elif self.player.playing:
            self.player.advance(elapsed, budget)
            if not self.player.playing:
                self.message = self.why_ended()

    def go(self, way: Way, budget: float) -> None:
        """Go a long way; the first slice at once."""
        self.halt()
        self.player.way = way
        self._go_on(way, budget)

    def _go_on(self, way: Way, budget: float) -> None:
        if way.go_on(budget):
            self.player.way = None
            self.message = way.arrived()
        else:
            self.message = f"{way.title}: step {grouped(self.lesson.step)} · esc stops"

    def halt(self) -> None:
        """Stop playing and asking, because the learner moves by hand."""
        self.player.pause()
        self.quiz.drop()

    # questions

    def ask_or_do(self, move: Callable[[], object]) -> None:
        """Ask about the next update before the move, or make it where there is nothing to ask."""
        asks = self.quiz.on and self.lesson.focused.line < 0
        if asks and self.quiz.ask(self.lesson.focused):
            self._after_answer = move
            if self.message == ONLY_ACTS:
                self.message = ""
        elif move() is False:
            self.player.pause()
            self.message = self.why_ended()
        elif asks and self.deep:
            self.message = self.message or ONLY_ACTS

    def answer(self, said: Direction) -> None:
        """Answer the open question, and see."""
        self.message = self.quiz.answer(said)
        self._after_answer()

    # words

    def why_ended(self) -> str:
        """What to say where there is nothing more to play."""
        stepper = self.lesson.focused
        if not self.lesson.ended:
            return f"{stepper.experiment.algorithm.title} has settled and waits for the other"
        if self.deep and stepper.ledger.diverged:
            return "the network has diverged: its numbers are not finite any more; go back, or r begins anew"
        if stepper.ledger.full:
            return "all that a lesson can remember has been played: r begins anew"
        return f"{stepper.experiment.algorithm.title} has settled: nothing changes any more"
