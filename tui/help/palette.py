"""The command palette: every command of the screen below by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from tui.help.finder import Finder
from tui.help.keys import KeyLine
from tui.picker.menu import Menu, Row


class Palette(Finder[str | None]):
    """Finds a command by the words in its name; the answer is the id of its binding."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "give up", id="palette.close"),
        Binding("up", "move(-1)", "up", show=False, id="palette.up"),
        Binding("down", "move(1)", "down", show=False, id="palette.down"),
    ]

    def __init__(self, commands: Sequence[KeyLine]) -> None:
        super().__init__("Commands", "enter runs it, esc gives up", "words of its name")
        self.commands = commands

    def on_mount(self) -> None:
        """All commands."""
        self._list("")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._list(event.value)

    def _list(self, words: str) -> None:
        words = words.lower().strip()
        found = [line for line in self.commands if all(word in line.does.lower() for word in words.split())]
        found.sort(key=lambda line: (line.does.lower() != words, not line.does.lower().startswith(words)))
        rows = [Row(line.does, "command", line.id, note=line.keys) for line in found]
        self.query_one(Menu).list_rows(rows, "")

    @on(Menu.Chosen)
    def _chosen(self, event: Menu.Chosen) -> None:
        self.dismiss(event.row.key)
