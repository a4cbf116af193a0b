"""The command palette: every command of the screen below by its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from tui.help.dialog import Dialog
from tui.help.keys import KeyLine
from tui.picker.menu import Menu, Row


class Palette(Dialog[str | None]):
    """Finds a command by the words in its name; the answer is the id of its binding."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "give up", id="palette.close"),
        Binding("up", "move(-1)", "up", show=False, id="palette.up"),
        Binding("down", "move(1)", "down", show=False, id="palette.down"),
    ]

    def __init__(self, commands: Sequence[KeyLine]) -> None:
        super().__init__()
        self.commands = commands

    def compose(self) -> ComposeResult:
        """A line to type in, and what fits it."""
        with Vertical() as box:
            box.border_title = "Commands"
            box.border_subtitle = "enter runs it, esc gives up"
            line = Input(placeholder="words of its name")
            line.cursor_blink = False
            yield line
            menu = Menu()
            menu.can_focus = False
            yield menu

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

    def action_move(self, rows: int) -> None:
        """Up or down."""
        self.query_one(Menu).action_move(rows)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.query_one(Menu).action_choose()

    @on(Menu.Chosen)
    def _chosen(self, event: Menu.Chosen) -> None:
        self.dismiss(event.row.key)
