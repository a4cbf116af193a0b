"""The live screen: follows one run, whoever started it, and hands it what is asked for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType

from scenarios.runs.directory import Run
from scenarios.runs.following import RunFollower
from tui.drawing.canvas import Canvas
from tui.lesson.changing import MISTAKES
from tui.lesson.forms import screen_for
from tui.lesson.layout import Arrangement
from tui.lesson.lines import HeaderLine, KeysLine
from tui.lesson.pane import Pane
from tui.lesson.paned import PanedScreen, Working
from tui.live import asking, scrubbing
from tui.live.drawings import Drawings
from tui.live.facts import Facts
from tui.live.keys import COMMANDS, always, bindings, footer_entries
from tui.live.layout import PANES, SHOWS, Wanted, arrange
from tui.live.looking import next_pane
from tui.live.messages import CommandSent
from tui.live.pacing import Clocks, Turns
from tui.live.session import Session
from tui.live.watch import Follower, Watch
from tui.memory import Plain
from tui.messages import ScreenViewChanged
from tui.pacing import LinePacer
from tui.picker.screen import PickerScreen

TICKS, FEW_TICKS = 12.0, 4.0  # a second; few where others want the cores


class LiveScreen(PanedScreen):
    """One run: what it does now, how it got there, and what it can be asked for. It only reads, and asks."""

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
        self.started_here = started_here
        self._remembered = self.session.view.remembered()
        self._news: deque[frozenset[str]] = deque()  # what the watch has told of since the last tick
        self._last = time.monotonic()
        self._stood = ""  # how the run stood at the last tick

    def compose(self) -> ComposeResult:
        """A line above, the panes, a line below."""
        yield HeaderLine(self.drawings.header)
        for name in PANES:
            yield Pane(name, self.drawings)
        yield KeysLine(lambda: footer_entries(self.session), always(self._below()))

    def _below(self) -> str:
        """The screen that leaving comes back to; empty where it ends the app."""
        stack = self.app.screen_stack
        at = stack.index(self)
        return "" if at < 2 else "picker" if isinstance(stack[at - 1], PickerScreen) else "runs"

    def on_mount(self) -> None:
        """Begin to follow the run."""
        self._pacer = LinePacer(self.app)
        self._turns = Turns(self._pacer)
        self._clocks = Clocks(*(self.set_interval(1 / ticks, self.tick) for ticks in (TICKS, FEW_TICKS)))
        self.session.watch.start()

    def on_unmount(self) -> None:
        """Follow it no more; the run does not notice."""
        self.session.watch.stop()

    # time

    def _told(self, news: frozenset[str]) -> None:
        """The run has changed: called in the watching thread."""
        self._news.append(news)

    def tick(self) -> None:
        """Let time pass, take in what is new, and paint what is due; while a dialog is open it waits."""
        now = time.monotonic()
        elapsed, self._last = now - self._last, now
        self._clocks.run(few=self._pacer.pace(now) < 1)
        if not self.is_active:
            return
        news: set[str] = set()
        while self._news:
            news |= self._news.popleft()
        if self.session.fade(elapsed):
            self._turns.changed(["header"])
        if not news and not self.session.moves and not self._turns.owes:
            return
        known, stood = bool(self.session.names), self._stood
        if self.session.tick(elapsed):
            self._turns.changed(("world", "thoughts") if self.session.playback.live else self.arrangement.places)
        self._stood = self.session.seen.status
        if self._stood != stood or bool(self.session.names) != known:  # no change of numbers: one that is waited for
            self._turns.changed(("header", *PANES), soon=True)
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
        chosen = next_pane(self.session.view, by, self.focused_pane, self.arrangement, *self.size)
        moved = self._arrange()
        if chosen in self.arrangement.places:
            self.query_one(f"#{chosen}").focus()
        if moved:
            self.settle()

    def action_zoom(self) -> None:
        """The pane in focus, or the large chart, on the whole screen; and back."""
        view = self.session.view
        view.zoomed = None if view.zoomed else self.focused_pane or view.lower
        self.settle()

    def action_back(self) -> None:
        """Back to all panes where one has the whole screen, else leave."""
        if self.session.view.zoomed:
            self.action_zoom()
        else:
            self.action_leave_run()

    def action_leave_run(self) -> None:
        """Leave; asks where the run was started from here and still learns."""
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
        self._begin_background(session)
        self._arrange()
        self._paint_soon()
        for command in session.sent:
            self.post_message(CommandSent(session.facts.run.path, command))
        session.sent.clear()
        self._remember(session.view.remembered(), lambda view: ScreenViewChanged("live", view))

    def _done(self, session: Working, said: str, mistake: bool) -> None:
        self.session.watch.hurry()
        super()._done(session, said, mistake)

    # mouse

    @on(Canvas.CellClicked)
    def _clicked(self, event: Canvas.CellClicked) -> None:
        pane = event.canvas
        if isinstance(pane, Pane):
            scrubbing.to_step(self.session, self.drawings.step_at(str(pane.name), *pane.inside(event.row, event.col)))
            self.settle()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls the messages."""
        self.action_do("down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls the messages."""
        self.action_do("up")

    # drawing

    def _arrangement(self) -> Arrangement:
        view, drawings = self.session.view, self.drawings
        wanted = Wanted(drawings.has_scene, drawings.has_thoughts, view.lower, view.zoomed)
        return arrange(*self.size, wanted)

    def _paint_soon(self) -> None:
        """Draw all parts again: now where the line is free, the small charts last; else what is true by then."""
        later = [name for name in self.arrangement.places if name == "diagnostics" or not self._turns.free]
        for name in set(self.arrangement.places).difference(later):
            self._paint(name)
        self._turns.changed(later, soon=True)
