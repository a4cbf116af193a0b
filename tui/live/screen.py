"""The live screen: follows one run, whoever started it, and hands it what is asked for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from scenarios.runs.directory import Run
from scenarios.runs.following import RunFollower
from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells
from tui.help.keys import key_displays
from tui.help.page import drawing_theme
from tui.lesson.changing import MISTAKES
from tui.lesson.footer import draw_footer, items
from tui.lesson.forms import screen_for
from tui.lesson.layout import Arrangement
from tui.lesson.pane import Pane, put
from tui.live import asking, scrubbing
from tui.live.drawings import Drawings
from tui.live.facts import Facts
from tui.live.keys import ALWAYS, COMMANDS, bindings, footer_entries
from tui.live.layout import PANES, SHOWS, Wanted, arrange
from tui.live.looking import next_pane
from tui.live.messages import CommandSent
from tui.live.pacing import Turns
from tui.live.session import Session
from tui.live.watch import Follower, Watch
from tui.memory import Plain
from tui.messages import ScreenViewChanged
from tui.pacing import LinePacer
from tui.terminal import why_too_small

TICKS = 24.0  # a second


class LiveScreen(Screen[None]):
    """One run: what it does now, how it got there, and what it can be asked for. It only reads, and asks."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = "LiveScreen Canvas { position: absolute; display: none; }"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(
        self,
        run: Run,
        memory: Mapping[str, Plain],
        *,
        follow: Callable[[Run], Follower] = RunFollower,
        started_here: bool = False,
    ) -> None:
        super().__init__()
        self.session = Session(Facts(run), Watch(lambda: follow(run), self._told), memory)
        self.drawings = Drawings(self.session)
        self.arrangement = Arrangement({})
        self.started_here = started_here
        self._remembered = self.session.view.remembered()
        self._news: deque[frozenset[str]] = deque()  # what the watch has told of since the last tick
        self._last = time.monotonic()
        self._footer_ids: list[str | None] = []

    def compose(self) -> ComposeResult:
        """A line above, the panes, a line below."""
        yield Canvas(id="header")
        for name in PANES:
            yield Pane(name, self.drawings)
        yield Canvas(id="footer")

    def on_mount(self) -> None:
        """Begin to follow the run."""
        self._turns = Turns(LinePacer(self.app))
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._paint_all())
        self.set_interval(1 / TICKS, self.tick)
        self.session.watch.start()

    def on_unmount(self) -> None:
        """Follow it no more; the run does not notice."""
        self.session.watch.stop()

    def on_resize(self) -> None:
        """Arrange everything anew."""
        self._arrange()
        self._paint_all()

    # time

    def _told(self, news: frozenset[str]) -> None:
        """The run has changed: called in the watching thread."""
        self._news.append(news)

    def tick(self) -> None:
        """Let time pass, take in what is new, and paint what is due; while a dialog is open it waits."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        if not self.is_active:
            return
        news: set[str] = set()
        while self._news:
            news |= self._news.popleft()
        if self.session.fade(elapsed):
            self._turns.changed(["header"])
        if not news and not self.session.moves and not self._turns.owes:
            return
        if self.session.tick(elapsed):
            self._turns.changed(("world", "thoughts") if self.session.playback.live else self.arrangement.places)
        self._turns.changed(part for kind in news for part in SHOWS.get(kind, ()))
        if news and self._arrange():
            self._paint_all()
        elif "status" in news:
            self._paint("footer")
        self._turns.forget(set(PANES) - set(self.arrangement.places))
        if self._turns.owes:
            self._turns.take(self._paint)

    # keys

    def action_do(self, name: str) -> None:
        """Carry out a command of the key table."""
        command, session = COMMANDS[name], self.session
        session.message, session.mistake = "", False
        session.view.lower = command.shows or session.view.lower
        try:
            command.run(session)
        except MISTAKES as error:
            session.say(str(error), mistake=True)
        self.settle()

    def action_pane(self, by: int) -> None:
        """The focus to the next pane; where there is room for one only, that one changes."""
        chosen = next_pane(self.session.view, by, self._focused, self.arrangement, *self.size)
        self._arrange()
        if chosen in self.arrangement.places:
            self.query_one(f"#{chosen}").focus()
        self.settle()

    @property
    def _focused(self) -> str | None:
        return self.focused.id if isinstance(self.focused, Pane) else None

    def action_zoom(self) -> None:
        """The pane in focus, or the large chart, on the whole screen; and back."""
        view = self.session.view
        view.zoomed = None if view.zoomed else self._focused or view.lower
        self.settle()

    def action_leave_run(self) -> None:
        """Leave; asks where the run was started from here and still learns."""
        if self.session.view.zoomed:
            self.session.view.zoomed = None
        else:
            asking.leave(self.session, ask=self.started_here)
        self.settle()

    def settle(self) -> None:
        """Bring the screen in line with the session after anything has happened."""
        session = self.session
        if session.leaving:
            self.call_later(self.app.run_action, "leave")
        if session.dialog is not None:
            dialog, session.dialog = session.dialog, None
            self.app.push_screen(screen_for(dialog), lambda _: self.settle())
        if session.background is not None:
            self._do_apart(session.background)
            session.background = None
        self._arrange()
        self._paint_soon()
        for command in session.sent:
            self.post_message(CommandSent(session.facts.run.path, command))
        session.sent.clear()
        if session.view.remembered() != self._remembered:
            self._remembered = session.view.remembered()
            self.post_message(ScreenViewChanged("live", self._remembered))

    @work(thread=True, group="background")
    def _do_apart(self, what: Callable[[], str]) -> None:
        """Do what takes a while off the screen's thread, and say what came of it."""
        self.app.call_from_thread(self._done, what())

    def _done(self, sentence: str) -> None:
        self.session.say(sentence)
        self.session.watch.hurry()
        self.settle()

    # mouse

    @on(Canvas.CellClicked)
    async def _clicked(self, event: Canvas.CellClicked) -> None:
        pane = event.canvas
        if isinstance(pane, Pane):
            scrubbing.to_step(self.session, self.drawings.step_at(str(pane.name), *pane.inside(event.row, event.col)))
            self.settle()
        if pane.id != "footer" or event.col >= len(self._footer_ids):
            return
        id = self._footer_ids[event.col]
        binding = next((a for a in self.active_bindings.values() if a.binding.id == id), None) if id else None
        if binding is not None:
            await self.app.run_action(binding.binding.action, binding.node)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls the messages."""
        self.action_do("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls the messages."""
        self.action_do("up")

    # drawing

    def _arrange(self) -> bool:
        """Put everything where it belongs; False where it is there already."""
        view, drawings = self.session.view, self.drawings
        wanted = Wanted(drawings.has_scene, drawings.has_thoughts, view.lower, view.zoomed)
        arrangement = arrange(*self.size, wanted)
        if arrangement == self.arrangement:
            return False
        self.arrangement = arrangement
        for name in ("header", "footer"):
            put(self.query_one(f"#{name}", Canvas), arrangement.places.get(name))
        for pane in self.query(Pane):
            pane.place(arrangement.places.get(str(pane.name)), arrangement.framed)
        return True

    def _paint_soon(self) -> None:
        """Draw all parts again: now where the line is free, the small charts last; else what is true by then."""
        later = [name for name in self.arrangement.places if name == "diagnostics" or not self._turns.free]
        for name in set(self.arrangement.places).difference(later):
            self._paint(name)
        self._turns.changed(later, soon=True)

    def _paint_all(self) -> None:
        for name in self.arrangement.places:
            self._paint(name)

    def _paint(self, name: str) -> float:
        """Draw a part again; what did not change is not sent. Returns about how many bytes are."""
        canvas = self.query_one(f"#{name}", Canvas)
        if isinstance(canvas, Pane):
            return canvas.repaint()
        return canvas.draw(self._header if name == "header" else self._footer)

    def _header(self, width: int, height: int) -> Cells:
        return self.drawings.header(width, drawing_theme(self.app), why_too_small(*self.size))

    def _footer(self, width: int, height: int) -> Cells:
        displays = key_displays(self)
        left, right = items(footer_entries(self.session), displays), items(ALWAYS, displays)
        cells, self._footer_ids = draw_footer(left, right, width, drawing_theme(self.app))
        return cells
