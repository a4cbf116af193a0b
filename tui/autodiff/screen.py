"""The screen of the lesson of the engine: puts a session on the terminal, and hands it the learner's keys."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from tui.autodiff.drawings import Drawings
from tui.autodiff.editing import ExpressionScreen
from tui.autodiff.header import draw_header
from tui.autodiff.keys import COMMANDS, FOOTER, bindings
from tui.autodiff.layout import LOWER, PANES, arrange
from tui.autodiff.session import Session
from tui.autodiff.words import help_words
from tui.drawing.canvas import Canvas
from tui.drawing.theme import Direction
from tui.lesson.forms import screen_for
from tui.lesson.layout import Arrangement, is_small
from tui.lesson.lines import HeaderLine, KeysLine
from tui.lesson.pane import Pane
from tui.lesson.paned import PanedScreen
from tui.pacing import FRAMES, LinePacer


class AutodiffScreen(PanedScreen):
    """An expression on the engine's tape, forward and back, node by node. Starts paused, with its text."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.drawings = Drawings(session)
        self._last = 0.0
        self._owed = False  # something has changed that is not painted yet

    help_words = staticmethod(help_words)  # what the help says of this screen

    def compose(self) -> ComposeResult:
        """A line above, the panes, a line below."""
        yield HeaderLine(lambda width, theme: draw_header(self.session, width, theme))
        for name in PANES:
            yield Pane(name, self.drawings)
        yield KeysLine(lambda: FOOTER)

    def on_mount(self) -> None:
        """Be ready to let time pass."""
        self._pacer = LinePacer(self.app)
        self._clock = self.set_interval(1 / FRAMES, self._frame, pause=True)
        self.call_after_refresh(self.settle)

    # time

    def _frame(self) -> None:
        """Make the steps that are due, and paint when the line allows; while a dialog is open time stands still."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        if not self.is_active:
            return
        before = self.session.message
        self._owed |= self.session.frame(elapsed) or self.session.message != before
        if not self.session.playing:
            self.settle()
        elif self._owed and self._pacer.may_paint(now, moving=True):
            self._pacer.sent(self._paint_all(), moving=True)

    # keys

    def action_do(self, name: str) -> None:
        """Carry out a command of the key table."""
        command, session = COMMANDS[name], self.session
        self._hush()
        session.view.lower = command.shows or session.view.lower
        try:
            command.run(session)
        except ValueError as error:
            session.say(str(error))
            session.mistake = True
        self.settle()

    def action_choose(self, arrow: str) -> None:
        """Select the nearest node in a direction; the first arrow selects the node that is looked at."""
        session = self.session
        self._hush()
        node = session.looked_at.index
        if session.view.selected is not None:
            node = self.drawings.graph.neighbour(node, Direction[arrow.upper()])
        self._select(node)

    def action_escape(self) -> None:
        """Let go of something; where there is nothing, leave."""
        session = self.session
        self._hush()
        if session.playing:
            session.halt()
        elif session.view.selected is not None:
            session.select(None)
        elif session.checks:
            session.checks = []
        else:
            self.call_later(self.app.run_action, "leave")
        self.settle()

    def action_pane(self, by: int) -> None:
        """The focus to the next pane; where there is room for one only, that one changes."""
        view = self.session.view
        if is_small(*self.size):
            view.lower = LOWER[(LOWER.index(view.lower) + by) % len(LOWER)]
            self._arrange()
            self.query_one(f"#{view.lower}").focus()
            self.settle()
        else:
            self.query_one(f"#{self.arrangement.next_pane(self.focused_pane, by)}").focus()

    def _hush(self) -> None:
        self.session.message, self.session.mistake = "", False

    def _select(self, node: int) -> None:
        self.session.select(node)
        if self.session.view.lower in ("step", "inputs"):
            self.session.view.lower = "node"
        self.settle()

    def settle(self) -> None:
        """Bring the screen in line with the session after anything has happened."""
        session = self.session
        if session.dialog is not None:
            dialog, session.dialog = session.dialog, None
            self.app.push_screen(screen_for(dialog), lambda _: self.settle())
        if session.editing:
            session.editing = False
            window = ExpressionScreen(session.lesson.text)
            self.app.push_screen(window, lambda _: self._take(window.taken))
        if session.playing:
            self._last = time.monotonic()
            self._clock.resume()
        else:
            self._clock.pause()
        self._arrange()
        self._paint_all()

    def _take(self, text: str | None) -> None:
        """Open the expression that was typed."""
        if text is not None:
            self.session.open(text)
            self.session.view.lower = "step"
        self.settle()

    # mouse

    @on(Canvas.CellClicked)
    def _clicked(self, event: Canvas.CellClicked) -> None:
        if isinstance(event.canvas, Pane):
            node = event.canvas.cell_at(event.row, event.col)
            if node is not None:
                self._hush()
                self._select(node)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the graph; with shift to the right."""
        self.action_do("pan-right" if event.shift else "pan-down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the graph; with shift to the left."""
        self.action_do("pan-left" if event.shift else "pan-up")

    # drawing

    def _arrangement(self) -> Arrangement:
        return arrange(*self.size, self.session.view.lower)

    def _paint_all(self) -> float:
        self._owed = False
        return super()._paint_all()
