"""A screen's table of keys, and what Textual and the footer are told of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual.binding import Binding

Entries = tuple[tuple[tuple[str, ...], str], ...]  # of a footer: the ids of bindings, and a word
ALWAYS: Entries = ((("app.help",), "help"), (("app.quit",), "quit"))
Session = TypeVar("Session")  # what the commands of a screen are about


@dataclass(frozen=True)
class Key(Generic[Session]):
    """A command and the keys that give it."""

    id: str  # that of its binding without the screen's name
    keys: str  # Textual's names, with commas
    does: str  # what the help says
    run: Callable[[Session], None]
    shows: str = ""  # the pane that it is about, brought up where there is room for one only


def bound(screen: str, keys: Iterable[Key[Any]]) -> list[Binding]:
    """The bindings of some keys, which have the screen do it."""
    return [Binding(key.keys, f"do('{key.id}')", key.does, id=f"{screen}.{key.id}") for key in keys]


def between_panes(screen: str) -> list[Binding]:
    """The keys that move the focus."""
    return [
        Binding("tab", "pane(1)", "next pane", id=f"{screen}.pane"),
        Binding("shift+tab", "pane(-1)", "pane before", id=f"{screen}.pane-back"),
    ]
