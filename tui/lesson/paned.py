"""A screen made of panes, with a line above and a line below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from textual import work
from textual.message import Message
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from scenarios.runs.files import RunError
from tui.lesson.layout import Arrangement
from tui.lesson.lines import HeaderLine, KeysLine
from tui.lesson.pane import Pane, put

_Memory = TypeVar("_Memory")


class Working(Protocol):
    """A session some of whose work takes a while."""

    background: Callable[[], str] | None
    """To be done off the screen's thread; a sentence comes of it, or a RunError."""

    def say(self, sentence: str, *, mistake: bool = False) -> None:
        """One sentence to the user."""
        ...


class PanedScreen(Screen[None]):
    """Puts its parts where they belong and draws them; which they are, and how time passes, is each screen's own."""

    AUTO_FOCUS = ""
    DEFAULT_CSS = "PanedScreen Canvas { position: absolute; display: none; }"

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """As every screen's; but what gains or loses the focus paints itself, and the rest is as it was."""

    def __init__(self) -> None:
        super().__init__()
        self.arrangement = Arrangement({})
        self._remembered: object = None  # how it was looked at when that was last told

    def on_mount(self) -> None:
        """Draw everything again in another theme. (Textual calls this beside a screen's own.)"""
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._paint_all())

    def on_resize(self) -> None:
        """Fit the new size."""
        self._resized()

    def _resized(self) -> None:
        """Arrange everything anew."""
        self._arrange()
        self._paint_all()

    @property
    def focused_pane(self) -> str | None:
        """The pane that has the focus, if one has."""
        return self.focused.id if isinstance(self.focused, Pane) else None

    def _arrangement(self) -> Arrangement:
        """Where everything belongs now."""
        raise NotImplementedError

    def _arrange(self) -> bool:
        """Put everything where it belongs; False where it is there already."""
        arrangement = self._arrangement()
        if arrangement == self.arrangement:
            return False
        self.arrangement, places = arrangement, arrangement.places
        for line in (self.query_one(HeaderLine), self.query_one(KeysLine)):
            put(line, places.get(str(line.id)))
        for pane in self.query(Pane):
            pane.place(places.get(str(pane.name)), arrangement.border_of(str(pane.name)))
        return True

    def _paint_all(self) -> float:
        """Draw everything again; returns about how many bytes that sends."""
        return sum(self._paint(name) for name in self.arrangement.places)

    def _paint(self, name: str) -> float:
        """Draw a part again; what did not change is not sent. Returns about how many bytes are."""
        part = self.query_one(f"#{name}")
        assert isinstance(part, HeaderLine | KeysLine | Pane)
        return part.repaint()

    def _remember(self, memory: _Memory, told: Callable[[_Memory], Message]) -> None:
        """Tell by a message how it is looked at, where that is in another way than before."""
        if memory != self._remembered:
            self._remembered = memory
            self.post_message(told(memory))

    def settle(self) -> None:
        """Bring the screen in line with its session after anything has happened."""
        raise NotImplementedError

    def _begin_background(self, session: Working) -> None:
        """Have what takes a while done off the screen's thread, if there is something."""
        what, session.background = session.background, None
        if what is not None:
            self._do_apart(session, what)

    @work(thread=True, group="background")
    def _do_apart(self, session: Working, what: Callable[[], str]) -> None:
        try:
            said, mistake = what(), False
        except RunError as error:
            said, mistake = str(error), True
        self.app.call_from_thread(self._done, session, said, mistake)

    def _done(self, session: Working, said: str, mistake: bool) -> None:
        """Say what came of what was done apart."""
        session.say(said, mistake=mistake)
        self.settle()
