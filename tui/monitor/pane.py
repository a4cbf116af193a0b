"""A part of the monitor that can have the focus and feels the mouse."""

from __future__ import annotations

from textual import events

from tui.lesson.frame import room
from tui.lesson.pane import Drawn, Pane
from tui.monitor.messages import Pointed

DRAG = 3  # columns from which on a click was a drag


class FeelingPane(Pane):
    """A pane that says what the mouse does on it."""

    def __init__(self, name: str, drawings: Drawn) -> None:
        super().__init__(name, drawings)
        self._pressed: int | None = None  # the column where the button went down

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows inside the frame."""
        return room(*self.extent, self.frame)

    def _tell(self, event: events.MouseEvent, deed: str, from_col: int = 0) -> None:
        event.stop()
        row, col = self.inside(event.y, event.x)
        self.post_message(Pointed(str(self.name), row, col, deed, from_col))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """The mouse is over a cell, with or without a button."""
        col = self.inside(event.y, event.x)[1]
        if self._pressed is not None and abs(col - self._pressed) >= DRAG:
            self._tell(event, "drag", self._pressed)
        else:
            self._tell(event, "over")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click or a drag begins."""
        self._pressed = self.inside(event.y, event.x)[1]
        self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """A click, or the end of a drag."""
        begun, self._pressed = self._pressed, None
        self.release_mouse()
        if begun is not None:
            col = self.inside(event.y, event.x)[1]
            self._tell(event, "dropped" if abs(col - begun) >= DRAG else "click", begun)

    def on_leave(self, event: events.Leave) -> None:
        """The mouse is elsewhere."""
        if event.node is self:
            self.post_message(Pointed(str(self.name), 0, 0, "away"))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel."""
        self._tell(event, "down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel."""
        self._tell(event, "up")
