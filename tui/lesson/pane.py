"""A part of the lesson screen with a frame and a title, that can have the focus."""

from __future__ import annotations

from typing import Protocol

from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.help.page import drawing_theme
from tui.lesson.frame import BOX, Border, draw_framed, inside, room
from tui.lesson.layout import Place


class Drawn(Protocol):
    """What can be shown in panes, each by its name."""

    def draw(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """What is inside the frame of a pane."""
        ...

    def titles(self, name: str, theme: Theme) -> list[str]:
        """What may stand in its frame, the longest first."""
        ...

    def cell_at(self, name: str, width: int, height: int, row: int, col: int) -> int | None:
        """The world's cell that is drawn at a place inside the frame, if there is one."""
        ...


class Pane(Canvas, can_focus=True):
    """Shows one of several drawings; its id is the drawing's name."""

    def __init__(self, name: str, drawings: Drawn) -> None:
        super().__init__(id=name, name=name)
        self.drawings = drawings
        self.frame = BOX

    def place(self, place: Place | None, frame: Border) -> None:
        """Go to a place of the screen, or out of sight."""
        self.frame = frame
        put(self, place)

    def repaint(self) -> float:
        """Draw what is inside again; returns about how many bytes that sends."""
        return self.draw(self._paint) if self.display else 0.0

    def _paint(self, width: int, height: int) -> Cells:
        name, theme = str(self.name), self.theme
        drawn = self.drawings.draw(name, *room(width, height, self.frame), theme)  # first: the title may depend on it
        return draw_framed(
            lambda *_: drawn,
            self.drawings.titles(name, theme),
            width,
            height,
            theme,
            self.frame,
            focused=self.screen.focused is self,
        )

    @property
    def theme(self) -> Theme:
        """Glyphs and colours that fit the app."""
        return drawing_theme(self.app)

    def inside(self, row: int, col: int) -> tuple[int, int]:
        """A row and column of this pane as those of what is drawn inside its frame."""
        return inside(row, col, self.frame)

    def cell_at(self, row: int, col: int) -> int | None:
        """The world's cell that is drawn at a place of this pane."""
        row, col = self.inside(row, col)
        width, height = room(*self.extent, self.frame)
        return self.drawings.cell_at(str(self.name), width, height, row, col)

    def on_focus(self) -> None:
        """Show that it has the focus."""
        self.repaint()

    def on_blur(self) -> None:
        """Show that it has it no more."""
        self.repaint()


def put(canvas: Canvas, place: Place | None) -> None:
    """Put a canvas to a place of the screen, or out of sight."""
    canvas.display = place is not None
    if place is not None:
        canvas.styles.offset = place.col, place.row
        canvas.styles.width, canvas.styles.height = place.width, place.height
        canvas.promise(place.width, place.height)
