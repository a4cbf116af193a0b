"""The screen of many runs: puts a session on the terminal, hands it keys and mouse, and looks at the runs again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Input

from tui.lesson.layout import Arrangement, Place
from tui.lesson.lines import HeaderLine, KeysLine
from tui.lesson.paned import PanedScreen
from tui.messages import ScreenViewChanged
from tui.monitor import charting, choosing, mousing, observer
from tui.monitor.drawings import Drawings
from tui.monitor.keys import FOOTER, MOVES, WHILE_SEARCHING, bindings, carry_out
from tui.monitor.layout import CHARTS, PANES, Wanted, arrange, charts_in, edges_of, runs_in_sight
from tui.monitor.lookout import Lookout
from tui.monitor.messages import Looked, Pointed, RunOpened
from tui.monitor.pane import FeelingPane
from tui.monitor.search import window_for
from tui.monitor.searchline import SearchLine
from tui.monitor.session import Session
from tui.pacing import LinePacer

TICKS = 10.0  # a second, at which what is owed is painted
REST = 0.15  # seconds after which a cursor that has moved is at rest
PATIENCE = 0.2  # seconds that other charts may take to be found before the screen is painted without them


class MonitorScreen(PanedScreen):
    """The runs below some paths as a table, their curves over each other, and what is to be known of each."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings()]

    def __init__(self, paths: Sequence[Path], view: Mapping[str, Any]) -> None:
        super().__init__()
        self.session = Session(paths, view)
        self.drawings = Drawings(self.session)
        self.lookout = Lookout(paths, self._send)
        self.ready = False  # there is something to be shown: an empty screen is not worth its bytes
        self._moved = 0.0  # when the cursor did
        self._room = 0  # charts there was room for when everything was put in its place
        self._awaited = 0.0  # since when the charts for another room are waited for; 0 while none are
        self._hurry = False  # all is to be painted as soon as the line has taken what came before
        self._owed: dict[str, None] = {}  # parts to be painted, those that wait longest first
        self._remembered = self.session.memory

    def compose(self) -> ComposeResult:
        """A line above, a line to search in, the panes, a line below."""
        yield HeaderLine(self.drawings.header)
        yield SearchLine()
        for name in PANES:
            yield FeelingPane(name, self.drawings)
        yield KeysLine(lambda: WHILE_SEARCHING if self.session.searching else FOOTER)

    def on_mount(self) -> None:
        """Begin to look."""
        self._pacer = LinePacer(self.app)
        self.set_interval(1 / TICKS, self._tick)
        self.call_after_refresh(self.settle)

    def _resized(self) -> None:
        """Bring everything in line, once all parts are there."""
        if self.is_mounted:
            self.settle()

    # Looking

    def _tick(self) -> None:
        """Look at the disk again when it is time to, and paint what is owed as far as the line has room."""
        if not self.is_active:
            return
        if self.lookout.is_due:
            self._look(again=True)
        if 0 < self._awaited < time.monotonic() - PATIENCE:
            self._show()
        if self._hurry and time.monotonic() >= self._moved + REST:
            self.settle()
        elif self._hurry:
            self._paint("table")
        while self._owed and self._pacer.may_paint(time.monotonic(), moving=False):
            name = next(iter(self._owed))
            del self._owed[name]
            self._pacer.sent(self._paint(name), moving=False)

    def _look(self, *, again: bool) -> None:
        """Have the runs looked at: the disk `again`, or only what is known of it."""
        charts = self._room_for_charts()
        columns = 2 * (self.size.width if len(charts) < 2 else max(place.width for place in charts))
        wanted = self.session.wanted(max(1, len(charts)), columns, again=again or not self.session.looked)
        self.lookout.look(wanted, known=self.session.looked and not self.session.seen.unfinished)

    def _send(self, look: Callable[[], tuple[observer.Wanted, observer.Seen]]) -> None:
        self.run_worker(lambda: self.post_message(Looked(*look())), thread=True, group="look")

    @on(Looked)
    def _looked(self, event: Looked) -> None:
        session, lookout = self.session, self.lookout
        first, prompt = not session.looked, lookout.asked or not event.wanted.again
        news = event.seen is not session.seen
        session.take(event.seen, event.wanted.style)
        lookout.looking = False
        self.ready = bool(self.ready or not first or not session.rows)  # the first look finds the runs, no curve yet
        if self._awaited and lookout.asked:
            self._look(again=False)
            if lookout.looking:  # for the charts that are waited for
                return
        arranged = self._arrange()
        if lookout.asked or event.seen.unfinished or first:
            self._look(again=False)
        if arranged or prompt:
            self._paint_now()
        elif news:
            self._owed = self._owed | dict.fromkeys(self.arrangement.places)

    # Keys

    def action_do(self, name: str) -> None:
        """Carry out a command of the key table."""
        carry_out(name, self.session)
        before, self._moved = self._moved, time.monotonic() if name in MOVES else 0.0
        self._hurry = name in MOVES and self._moved < before + REST  # on the way: what is passed by is not shown
        if not self._hurry:
            self.settle()
        elif not self._pacer.far:
            self._paint("table")

    def action_open(self) -> None:
        """Look closely at the run under the cursor."""
        path = choosing.chosen(self.session)
        if path is not None:
            self.post_message(RunOpened(path))
        self.settle()

    def action_escape(self) -> None:
        """Let go of something; where there is nothing, leave."""
        self.session.say("")
        if charting.let_go(self.session):
            self.query_one(SearchLine).value = self.session.view.query
        else:
            self.call_later(self.app.run_action, "leave")
        self.settle()

    def action_pane(self, by: int) -> None:
        """The focus to the next pane; where there is room for one below the table only, that one changes."""
        session, before = self.session, self.session.chart
        moved, session.searching = session.searching or session.small, False
        if session.small:
            session.view.lower = "charts" if session.view.lower == "side" else "side"
        elif self.arrangement.panes:  # else nothing has its place yet
            self._focus_on(self.arrangement.next_pane(self.focused_pane, by))
        if moved:
            self.settle()
        elif session.chart != before:
            self._owed |= dict.fromkeys([CHARTS[before], "table"])  # which has the colours of the chart's lines

    def _focus_on(self, name: str) -> None:
        self.query_one(f"#{name}").focus()
        if name in CHARTS:
            self.session.view.chart = CHARTS.index(name)

    # Searching

    @on(Input.Changed, "#search")
    def _typed(self, event: Input.Changed) -> None:
        if event.value != self.session.view.query:
            self.session.search(event.value)
            self.settle()

    @on(Input.Submitted, "#search")
    def _submitted(self) -> None:
        self.session.searching = False
        self.settle()

    # Mouse

    @on(Pointed)
    def _pointed(self, event: Pointed) -> None:
        pane = self.query_one(f"#{event.pane}", FeelingPane)
        if event.deed == "click":
            self._focus_on(event.pane)
        if mousing.opens(self.session, event, pane.room):
            self.action_open()
        elif mousing.point(self.session, self.drawings, event, pane.room):
            self.settle(looks=event.deed not in ("over", "away", "drag"))

    # Drawing

    def settle(self, *, looks: bool = True) -> None:
        """Bring the screen in line with the session after anything has happened; `looks` at the runs if need be."""
        session = self.session
        if session.dialog is not None:
            dialog, session.dialog = session.dialog, None
            self.app.push_screen(window_for(dialog, session), lambda _: self.settle())
        self._begin_background(session)
        if looks and self.ready and not session.searching and len(self._room_for_charts()) != self._room:
            self._wait_for_charts()
        else:
            self._show()
            if looks:
                self._look(again=False)
        self._remember(session.memory, lambda view: ScreenViewChanged("monitor", view))

    def _wait_for_charts(self) -> None:
        """Have the charts found that there is room for now, so that everything is painted once."""
        self._arrangement()  # other runs may be in sight, too
        self._look(again=False)
        self._awaited = self._awaited or time.monotonic()
        if not self.lookout.looking:
            self._show()

    def _show(self) -> None:
        """Put everything in its place and paint it."""
        self._arrange()
        line = self.query_one(SearchLine)
        if self.session.searching:
            line.take_up(self.session.view.query)
        elif line.has_focus:
            self.set_focus(None)
        self._paint_now()

    def _places(self, charts: int) -> Arrangement:
        session, view = self.session, self.session.view
        wanted = Wanted(len(session.rows), charts, session.searching, view.room, view.lower)
        return arrange(*self.size, wanted)

    def _room_for_charts(self) -> list[Place]:
        """Where charts would be if there were as many as there can be."""
        return charts_in(self._places(len(CHARTS)))

    def _arrangement(self) -> Arrangement:
        arrangement = self._places(max(1, len(self.session.seen.charts)))
        self.session.height, self.session.small = runs_in_sight(arrangement), not arrangement.framed
        return arrangement if self.ready else edges_of(arrangement)

    def _arrange(self) -> bool:
        """Put everything where it belongs, the line to search in too; False where it is there already."""
        changed = super()._arrange()
        self._room, self._awaited = len(self._room_for_charts()), 0.0
        if changed:
            self.query_one(SearchLine).place(self.arrangement.places.get("search"))
        return changed

    def _paint_now(self) -> None:
        """Paint all at once, or when the line has taken what came before."""
        self._hurry = self._pacer.backlog > 0
        if not self._hurry:
            self._paint_all()

    def _paint_all(self) -> float:
        self._owed.clear()
        return super()._paint_all()

    def _paint(self, name: str) -> float:
        """Draw a part again, if it has a place; the line to search in draws itself."""
        return super()._paint(name) if name in self.arrangement.places and name != "search" else 0.0
