"""Asking for one value: what it means, what is allowed, and what was wrong with the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from tui.drawing.cells import safe_text
from tui.help.dialog import Dialog
from tui.picker.settings import Setting

MOST_TEXT = 1000


class ValueDialog(Dialog[str | None]):
    """Asks for the value of a setting until `check` has nothing against it; None where the asker gave up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "keep the old", id="dialog.cancel")]

    @dataclass
    class LookedAt(Message):
        """The answer was looked at; `complaint` is None where it can be used."""

        text: str
        complaint: str | None

    def __init__(self, setting: Setting, check: Callable[[str], str | None]) -> None:
        super().__init__()
        self.setting = setting
        self.check = check

    def compose(self) -> ComposeResult:
        """The setting's name, its sentence, the line to type in, what is allowed, and room for a complaint."""
        setting = self.setting
        allowed = f"allowed: {setting.allowed}, " if setting.allowed else ""
        offers = f"for example {', '.join(setting.offers)}, " if setting.offers else ""
        default = f"default {setting.default}" if setting.default else ""
        with Vertical() as box:
            box.border_title = Content(setting.key)
            box.border_subtitle = Content("enter takes it, esc keeps the old one")
            yield Static(setting.sentence, markup=False)
            line = Input(setting.value, max_length=MOST_TEXT, select_on_focus=True)
            line.cursor_blink = False
            yield line
            yield Static(safe_text(f"{allowed}{offers}{default}".removesuffix(", "), 400), id="allowed", markup=False)
            yield Static("", id="complaint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Look at the answer, off the screen's thread: a world may have to be built for it."""
        event.stop()
        self._look_at(event.value.strip())

    @work(thread=True, exclusive=True)
    def _look_at(self, text: str) -> None:
        self.post_message(self.LookedAt(text, self.check(text)))

    @on(LookedAt)
    def _looked_at(self, event: LookedAt) -> None:
        if event.complaint is None:
            self.dismiss(event.text)
        else:
            self.query_one("#complaint", Static).update(Content(safe_text(event.complaint, 400)))
