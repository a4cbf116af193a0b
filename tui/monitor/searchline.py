"""The line above the panes in which one searches."""

from __future__ import annotations

from textual.widgets import Input

from tui.lesson.layout import Place

LONGEST = 1000  # characters of a query


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
