"""What a session wants to know from the learner before it can go on: plain descriptions, no widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A line to type in."""

    label: str
    value: str = ""
    hint: str = ""  # what is allowed


@dataclass(frozen=True)
class Form:
    """Lines to fill in. `take` gets their texts; what it raises is shown as a sentence and the form stays."""

    title: str
    fields: tuple[Field, ...]
    take: Callable[[Sequence[str]], None]


@dataclass(frozen=True)
class Choices:
    """One of several things to do."""

    title: str
    options: tuple[tuple[str, Callable[[], None]], ...]


Dialog = Form | Choices
