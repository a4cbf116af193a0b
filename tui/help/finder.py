"""Dialogs in which one of many things is found by typing."""

from __future__ import annotations

from typing import Generic

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input

from tui.help.dialog import Answer, Dialog
from tui.picker.menu import Menu


class Finder(Dialog[Answer], Generic[Answer]):
    """A line to type in, which has the focus, and a list of what fits; what that is each of its kind knows."""

    def __init__(self, title: str, keys: str, hint: str) -> None:
        super().__init__()
        self._title, self._keys, self._hint = title, keys, hint

    def compose(self) -> ComposeResult:
        """The line and the list."""
        with Vertical() as box:
            box.border_title, box.border_subtitle = self._title, self._keys
            line = Input(placeholder=self._hint)
            line.cursor_blink = False
            yield line
            menu = Menu()
            menu.can_focus = False
            yield menu

    def action_move(self, rows: int) -> None:
        """Up or down."""
        self.query_one(Menu).action_move(rows)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        self.query_one(Menu).action_choose()
