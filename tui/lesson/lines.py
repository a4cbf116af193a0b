"""The lines above and below the panes of a screen: what it is about, and the keys that matter now."""

from __future__ import annotations

from collections.abc import Callable

from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.help.keys import key_displays
from tui.help.page import drawing_theme
from tui.lesson.binding import ALWAYS, Entries
from tui.lesson.footer import draw_footer, items
from tui.terminal import why_too_small


class HeaderLine(Canvas):
    """What the screen is about; in a window too small for anything else, that."""

    def __init__(self, header: Callable[[int, Theme], Cells]) -> None:
        super().__init__(id="header")
        self._header = header

    def repaint(self) -> float:
        """Draw it again; returns about how many bytes that sends."""
        return self.draw(self._paint)

    def _paint(self, width: int, height: int) -> Cells:
        theme, why = drawing_theme(self.app), why_too_small(*self.screen.size)
        if why is None:
            return self._header(width, theme)
        cells = Cells(width, height)
        cells.put(0, 0, why, theme.style(theme.palette.text))
        return cells


class KeysLine(Canvas):
    """The keys that matter now, and those that `always` do; a click on one is as good as pressing it."""

    def __init__(self, wanted: Callable[[], Entries], always: Entries = ALWAYS) -> None:
        super().__init__(id="footer")
        self._wanted, self._always = wanted, always
        self.ids: list[str | None] = []  # of the binding whose key stands in every column

    def repaint(self) -> float:
        """Draw it again; returns about how many bytes that sends."""
        return self.draw(self._paint)

    def _paint(self, width: int, height: int) -> Cells:
        displays = key_displays(self.screen)
        left, right = items(self._wanted(), displays), items(self._always, displays)
        cells, self.ids = draw_footer(left, right, width, drawing_theme(self.app))
        return cells

    async def on_canvas_cell_clicked(self, event: Canvas.CellClicked) -> None:
        """Do what the key under the mouse does."""
        event.stop()
        id = self.ids[event.col] if event.col < len(self.ids) else None
        found = next((a for a in self.screen.active_bindings.values() if id and a.binding.id == id), None)
        if found is not None:
            await self.app.run_action(found.binding.action, found.node)
