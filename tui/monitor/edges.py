"""The lines above and below the panes: what the screen is, what is searched for, and the keys that matter now."""

from __future__ import annotations

from textual.widgets import Input

from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells
from tui.help.keys import key_displays
from tui.help.page import drawing_theme
from tui.lesson.binding import Entries
from tui.lesson.footer import draw_footer, items
from tui.lesson.layout import Place
from tui.monitor.drawings import Drawings
from tui.monitor.keys import ALWAYS, FOOTER
from tui.terminal import why_too_small

LONGEST = 1000  # characters of a query


class HeaderLine(Canvas):
    """What the screen is, how the runs stand, and the latest message."""

    def __init__(self, drawings: Drawings) -> None:
        super().__init__(id="header")
        self.drawings = drawings

    def repaint(self) -> float:
        """Draw it again; returns about how many bytes that sends."""
        why = why_too_small(*self.app.size)
        return self.draw(lambda width, _: self.drawings.header(width, drawing_theme(self.app), why))


class KeysLine(Canvas):
    """The keys that matter now; a click on one is as good as pressing it."""

    def __init__(self) -> None:
        super().__init__(id="footer")
        self.wanted: Entries = FOOTER
        self._ids: list[str | None] = []

    def repaint(self) -> float:
        """Draw it again; returns about how many bytes that sends."""
        return self.draw(self._paint)

    def _paint(self, width: int, height: int) -> Cells:
        displays = key_displays(self.screen)
        left, right = items(self.wanted, displays), items(ALWAYS, displays)
        cells, self._ids = draw_footer(left, right, width, drawing_theme(self.app))
        return cells

    async def on_canvas_cell_clicked(self, event: Canvas.CellClicked) -> None:
        """Do what the key under the mouse does."""
        event.stop()
        id = self._ids[event.col] if event.col < len(self._ids) else None
        found = next((a for a in self.screen.active_bindings.values() if id and a.binding.id == id), None)
        if found is not None:
            await self.app.run_action(found.binding.action, found.node)


class SearchLine(Input):
    """Where one types what to look for."""

    DEFAULT_CSS = """
    SearchLine, SearchLine:focus {
        position: absolute; display: none; border: none; height: 1; padding: 0 1; background: $boost;
    }
    SearchLine:focus { background: $primary 30%; }
    """

    def __init__(self) -> None:
        hint = "words, algo=ppo, lr>=1e-3, status=running"
        super().__init__(placeholder=hint, id="search", max_length=LONGEST, select_on_focus=False)
        self.cursor_blink = False

    def place(self, place: Place | None) -> None:
        """Go to a place of the screen, or out of sight."""
        self.display = place is not None
        if place is not None:
            self.styles.offset, self.styles.width = (place.col, place.row), place.width

    def take_up(self, query: str) -> None:
        """Go on with a query, or begin one; where one is typed already it is left as it is."""
        if not self.has_focus:
            self.value = query
            self.cursor_position = len(query)
            self.screen.set_focus(self)
