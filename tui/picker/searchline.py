"""The line above the menu in which one searches."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input


class SearchLine(Input):
    """Where one types what to look for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep"),
        Binding("escape", "screen.clear", "clear", id="picker.clear"),
    ]

    def __init__(self) -> None:
        super().__init__(placeholder="search", id="search")
        self.cursor_blink = False

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """A slash is typed, too, and begins no search here: Textual has no character for its name."""
        return key == "slash" or super().check_consume_key(key, character)
