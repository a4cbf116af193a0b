"""What every screen may tell the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message

from tui.memory import Plain


@dataclass
class ScreenViewChanged(Message):
    """A screen of that name (`live`, `monitor`) is looked at in another way, which is worth remembering."""

    name: str
    view: Mapping[str, Plain]
