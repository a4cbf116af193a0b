"""What the live screen tells the app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from textual.message import Message

from scenarios.runs.control import Command


@dataclass
class CommandSent(Message):
    """A run was asked for something: the command is in its control file."""

    path: Path
    command: Command
