"""What the lesson screen tells the app."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from tui.memory import ViewMemory


@dataclass
class ViewChanged(Message):
    """The lesson is looked at in another way, which is worth remembering."""

    memory: ViewMemory
