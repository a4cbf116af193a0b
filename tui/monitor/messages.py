"""What the monitor tells the app, and its parts tell the monitor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from tui.monitor.observer import Seen, Wanted


@dataclass
class RunOpened(Message):
    """A run is to be looked at closely."""

    path: Path


@dataclass
class Looked(Message):
    """The runs were looked at, off the screen's thread."""

    wanted: Wanted
    seen: Seen


@dataclass
class Pointed(Message):
    """The mouse did something on a part of the screen; row and column count inside its frame."""

    pane: str
    row: int
    col: int
    deed: str
    """over, away, click, drag, dropped, up or down (the wheel)."""
    from_col: int = 0
    """Where a drag began."""
