"""A screen's table of keys as Textual binds them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from textual.binding import Binding

Entries = tuple[tuple[tuple[str, ...], str], ...]  # of a footer: the ids of bindings, and a word
ALWAYS: Entries = ((("app.help",), "help"), (("app.quit",), "quit"))


class Key(Protocol):
    """A command and the keys that give it."""

    @property
    def id(self) -> str:
        """Its name, that of its binding without the screen's."""
        ...

    @property
    def keys(self) -> str:
        """Textual's names, with commas."""
        ...

    @property
    def does(self) -> str:
        """What the help says."""
        ...


def bound(screen: str, keys: Iterable[Key]) -> list[Binding]:
    """The bindings of some keys, which have the screen do it."""
    return [Binding(key.keys, f"do('{key.id}')", key.does, id=f"{screen}.{key.id}") for key in keys]


def between_panes(screen: str) -> list[Binding]:
    """The keys that move the focus."""
    return [
        Binding("tab", "pane(1)", "next pane", id=f"{screen}.pane"),
        Binding("shift+tab", "pane(-1)", "pane before", id=f"{screen}.pane-back"),
    ]
