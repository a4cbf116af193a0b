"""What is shown while the window is too small for anything else."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.terminal import why_too_small


class TooSmallScreen(ModalScreen[None]):
    """Asks for room."""

    DEFAULT_CSS = "TooSmallScreen { background: $background; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.exit", "quit", show=False, id="small.quit")]

    def compose(self) -> ComposeResult:
        """One sentence."""
        yield Static()

    def on_mount(self) -> None:
        """Say how much is missing."""
        self.on_resize()

    def on_resize(self) -> None:
        """Say how much is missing now."""
        self.query_one(Static).update(Content(why_too_small(*self.app.size) or ""))
