"""The lesson screen: puts a session on the terminal, hands it the learner's keys, and lets time pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from scenarios.experiment import AnyExperiment
from scenarios.lessons.lesson import Lesson
from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.changing import MISTAKES
from tui.lesson.drawings import Drawings
from tui.lesson.forms import screen_for
from tui.lesson.keys import COMMANDS, KEEP_TEXT, bindings, footer_entries
from tui.lesson.layout import LOWER, PANES, WORLDS, Arrangement, Wanted, arrange, is_small
from tui.lesson.lines import HeaderLine, KeysLine
from tui.lesson.looking import deselect, select_cell
from tui.lesson.messages import ViewChanged
from tui.lesson.pacing import Pacing
from tui.lesson.pane import Pane
from tui.lesson.paned import PanedScreen
from tui.lesson.session import Session
from tui.memory import ViewMemory


class LessonScreen(PanedScreen):
    """One algorithm, or two side by side, forward and back through its own source. Starts paused, with its text."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, experiments: Sequence[AnyExperiment], memory: ViewMemory) -> None:
        super().__init__()
        self.session = Session(Lesson(experiments), memory)
        self.drawings = Drawings(self.session)
        self._pacing = Pacing()
        self._remembered = self.session.memory

    def compose(self) -> ComposeResult:
        """A line above, the panes, a line below."""
        yield HeaderLine(self._header)
        for name in PANES:
            yield Pane(name, self.drawings)
        yield KeysLine(lambda: footer_entries(self.session))

    def on_mount(self) -> None:
        """Be ready to let time pass."""
        self._clock = self.set_interval(1 / Pacing.FRAMES, self._frame, pause=True)
        self.call_after_refresh(self.settle)

    # time

    def _frame(self) -> None:
        """Learn for a slice, and paint what is due; while a dialog is open time stands still."""
        elapsed = self._pacing.tick()
        if not self.is_active:
            return
        session = self.session
        before = session.lesson.step, session.message
        session.frame(elapsed, self._pacing.budget)
        if not session.busy:
            self.settle()
            return
        if (session.lesson.step, session.message) != before:
            self._pacing.changed(name for name in self.arrangement.places if name != "footer")
        self._pacing.paint(elapsed, math.inf if session.player.way else session.player.speed, self._paint)

    # keys

    def action_do(self, name: str) -> None:
        """Carry out a command of the key table."""
        command, session = COMMANDS[name], self.session
        session.message, session.mistake = "", False
        before = session.look
        if name not in KEEP_TEXT:
            session.view.text = False
        session.view.lower = command.shows or session.view.lower
        try:
            command.run(session)
        except MISTAKES as error:
            session.message, session.mistake = str(error), True
        self.settle(session.look == before)

    def action_escape(self) -> None:
        """Stop, or let go of something; where there is nothing, leave."""
        session = self.session
        session.message, session.mistake = "", False
        if session.player.way is not None or session.quiz.question is not None:
            session.halt()
        elif session.view.text and session.lesson.step > 0:
            session.view.text = False
        elif session.view.selected is not None:
            deselect(session)
        else:
            self.call_later(self.app.run_action, "leave")
        self.settle()

    def action_pane(self, by: int) -> None:
        """The focus to the next pane; where there is room for one only, that one changes."""
        if is_small(*self.size):
            view = self.session.view
            shown = LOWER.index("text" if view.text else view.lower)
            chosen = LOWER[(shown + by) % len(LOWER)]
            view.text = chosen == "text"
            view.lower = LOWER[0] if view.text else chosen  # what comes after the text when a key takes it away
            self._arrange()
            self.query_one(f"#{chosen}").focus()
            self.settle()
        else:
            self.query_one(f"#{self.arrangement.next_pane(self.focused_pane, by)}").focus()

    def settle(self, same_look: bool = False) -> None:
        """Bring the screen in line with the session after anything has happened.

        While it plays on the worlds are drawn at once if they look different, and all other panes at their pace.
        """
        session = self.session
        if session.dialog is not None:
            dialog, session.dialog = session.dialog, None
            self.app.push_screen(screen_for(dialog), lambda _: self.settle())
        if session.busy:
            self._pacing.start()
            self._clock.resume()
        else:
            self._pacing.stop()
            self._clock.pause()
        if self._arrange() or not session.busy:
            self._paint_all()
        else:
            now = {"header", "footer"} if same_look else {"header", "footer", *WORLDS}
            for name in self.arrangement.places:
                if name in now:
                    self._paint(name)
                else:
                    self._pacing.changed([name])
        self._remember(session.memory, ViewChanged)

    # mouse

    @on(Canvas.CellClicked)
    def _clicked(self, event: Canvas.CellClicked) -> None:
        name = str(event.canvas.id)
        if isinstance(event.canvas, Pane) and name in WORLDS:
            self.session.lesson.focus = WORLDS.index(name)
            cell = event.canvas.cell_at(event.row, event.col)
            if cell is not None:
                select_cell(self.session, cell)
                self.session.view.lower = "inspector"
            self.settle()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls the text."""
        self.action_do("page-down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls the text."""
        self.action_do("page-up")

    # drawing

    def _arrangement(self) -> Arrangement:
        session = self.session
        selected = session.view.selected is not None
        wanted = Wanted(
            len(session.lesson.steppers), session.world_rows, session.view.text, selected, session.view.lower
        )
        return arrange(*self.size, wanted)

    def _header(self, width: int, theme: Theme) -> Cells:
        return self.drawings.header(width, theme, asks="update" not in self.arrangement.places)
