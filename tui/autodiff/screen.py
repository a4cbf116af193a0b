"""The screen of the lesson of the engine: puts a session on the terminal, and hands it the learner's keys."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from tui.autodiff.drawings import Drawings
from tui.autodiff.editing import ExpressionScreen
from tui.autodiff.header import draw_header
from tui.autodiff.keys import ALWAYS, COMMANDS, FOOTER, bindings
from tui.autodiff.layout import LOWER, PANES, arrange
from tui.autodiff.session import Session
from tui.autodiff.words import help_words
from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells
from tui.drawing.theme import Direction
from tui.help.keys import key_displays
from tui.help.page import drawing_theme
from tui.lesson.footer import draw_footer, items
from tui.lesson.forms import screen_for
from tui.lesson.layout import Arrangement, is_small
from tui.lesson.pane import Pane, put
from tui.pacing import FRAMES, LinePacer
from tui.terminal import why_too_small


class AutodiffScreen(Screen[None]):
    """An expression on the engine's tape, forward and back, node by node. Starts paused, with its text."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = "AutodiffScreen Canvas { position: absolute; display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.drawings = Drawings(session)
        self.arrangement = Arrangement({})
        self._footer_ids: list[str | None] = []
        self._last = 0.0
        self._owed = False  # something has changed that is not painted yet

    help_words = staticmethod(help_words)  # what the help says of this screen

    def compose(self) -> ComposeResult:
        """A line above, the panes, a line below."""
        yield Canvas(id="header")
        for name in PANES:
            yield Pane(name, self.drawings)
        yield Canvas(id="footer")

    def on_mount(self) -> None:
        """Be ready to let time pass."""
        self._pacer = LinePacer(self.app)
        self._clock = self.set_interval(1 / FRAMES, self._frame, pause=True)
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._paint())
        self.call_after_refresh(self.settle)

    def on_resize(self) -> None:
        """Arrange everything anew."""
        self._arrange()
        self._paint()

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
            self._pacer.sent(self._paint(), moving=True)

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
        else:
            order = [name for name in self.arrangement.places if name in PANES]
            focused = self.focused.id if isinstance(self.focused, Pane) else None
            place = order.index(focused) + by if focused in order else min(by, 0)
            self.query_one(f"#{order[place % len(order)]}").focus()
        self.settle()

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
        self._paint()

    def _take(self, text: str | None) -> None:
        """Open the expression that was typed."""
        if text is not None:
            self.session.open(text)
            self.session.view.lower = "step"
        self.settle()

    # mouse

    @on(Canvas.CellClicked)
    async def _clicked(self, event: Canvas.CellClicked) -> None:
        if event.canvas.id == "footer":
            id = self._footer_ids[event.col] if event.col < len(self._footer_ids) else None
            active = next((a for a in self.active_bindings.values() if a.binding.id == id), None) if id else None
            if active is not None:
                await self.app.run_action(active.binding.action, active.node)
        elif isinstance(event.canvas, Pane):
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

    def _arrange(self) -> None:
        """Put everything where it belongs."""
        arrangement = arrange(*self.size, self.session.view.lower)
        if arrangement == self.arrangement:
            return
        self.arrangement = arrangement
        for name in ("header", "footer"):
            put(self.query_one(f"#{name}", Canvas), arrangement.places.get(name))
        for pane in self.query(Pane):
            pane.place(arrangement.places.get(str(pane.name)), arrangement.framed)

    def _paint(self) -> float:
        """Draw everything again; what did not change is not sent. Returns about how many bytes are."""
        self._owed = False
        sent = 0.0
        for name in self.arrangement.places:
            canvas = self.query_one(f"#{name}", Canvas)
            if isinstance(canvas, Pane):
                sent += canvas.repaint()
            else:
                sent += canvas.draw(self._header if name == "header" else self._footer)
        return sent

    def _header(self, width: int, height: int) -> Cells:
        theme, why = drawing_theme(self.app), why_too_small(*self.size)
        if why is None:
            return draw_header(self.session, width, theme)
        cells = Cells(width, height)
        cells.put(0, 0, why, theme.style(theme.palette.text))
        return cells

    def _footer(self, width: int, height: int) -> Cells:
        displays = key_displays(self)
        cells, self._footer_ids = draw_footer(
            items(FOOTER, displays), items(ALWAYS, displays), width, drawing_theme(self.app)
        )
        return cells
