"""The window in which an expression is typed: what is wrong with it, and where, is said while it is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from scenarios.lessons.autodiff.functions import FUNCTIONS
from scenarios.lessons.autodiff.reading import LONGEST, ExpressionError
from scenarios.lessons.autodiff.recording import program, record
from scenarios.lessons.explain import number
from tui.drawing.cells import safe_text
from tui.lesson.forms import Box

HINT = "variables as x=2, w=[1, 2; 3, 4] behind the expression; data behind given"
BEFORE, BEHIND = 50, 30  # characters shown before a mistake, and from it on


class ExpressionScreen(Box):
    """Asks for an expression; enter takes one without a mistake."""

    DEFAULT_CSS = """
    ExpressionScreen Vertical { width: 96; }
    ExpressionScreen Input, ExpressionScreen Input:focus { border: none; height: 1; padding: 0 1; background: $boost; }
    ExpressionScreen Input:focus { background: $primary 30%; }
    ExpressionScreen .hint { color: $text-muted; }
    ExpressionScreen #found { height: 4; margin: 1 0; }
    ExpressionScreen #found.-wrong { color: $text-error; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "keep the old one", id="expression.cancel")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.taken: str | None = None  # the expression that was accepted

    def compose(self) -> ComposeResult:
        """The line, what is found in it, and what may be typed."""
        with Vertical() as box:
            box.border_title = Content("Expression")
            box.border_subtitle = Content("enter takes it, esc keeps the old one")
            line = Input(self.text, max_length=LONGEST, select_on_focus=False)
            line.cursor_blink = False
            yield line
            yield Static("", id="found", markup=False)
            yield Static(Content(HINT), classes="hint")
            yield Static(Content("+ - * / ** @ .T [0]  " + "  ".join(FUNCTIONS)), classes="hint")

    def on_mount(self) -> None:
        """Look at what is there."""
        self._look_at(self.text)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._look_at(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.is_active and self._look_at(event.value):
            self.taken = event.value
            self.dismiss()

    def _look_at(self, text: str) -> bool:
        """Say what is found; whether it can be taken."""
        found = self.query_one("#found", Static)
        wrong = mistake_in(text)
        found.set_class(wrong is not None, "-wrong")
        found.update(Content(wrong if wrong is not None else outcome_of(text)))
        return wrong is None


def mistake_in(text: str) -> str | None:
    """What is wrong with an expression and a pointer to where, in lines; None where nothing is."""
    try:
        program(text)
    except ExpressionError as error:
        start = max(0, error.place - BEFORE)
        before = "… " * (start > 0) + safe_text(text[start : error.place], BEFORE)
        behind = safe_text(text[error.place :], BEHIND)
        return f"{before}{behind}\n{' ' * len(before)}^\n{safe_text(error.sentence, 180)}"
    return None


def outcome_of(text: str) -> str:
    """What a good expression comes to."""
    recording = record(program(text))
    variables = ", ".join(node.name for node in recording.variables)
    return f"= {number(recording.loss)}\n\ngradients by {safe_text(variables, 60)}, {len(recording.forward)} operations"
