"""Dialogs: screens over the screen that are closed once."""

from __future__ import annotations

from typing import Generic, TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

Answer = TypeVar("Answer")


class Dialog(ModalScreen[Answer], Generic[Answer]):
    """A modal screen that may be told twice to close, by two keys in one packet, say, and closes nothing else.

    What lies behind it keeps its colours: to dim it would send every cell of the screen, twice.
    """

    DEFAULT_CSS = "Dialog { background: $background 0%; }"

    def dismiss(self, result: Answer | None = None) -> AwaitComplete:
        """Close with an answer; nothing where it is closed already, or covered."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
