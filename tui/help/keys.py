"""The keys: as they are bound, and as a user's keys.toml would have them.

    # keys.toml: a binding's id, and the keys that take the place of its own
    lesson.step = "n"
    lesson.back = "p,left"

The ids stand beside the keys on the help screen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.app import App
from textual.binding import Binding, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character
from textual.screen import Screen

from scenarios.runs.files import RunError, read_bounded
from tui.drawing.cells import safe_text

MOST_BYTES = 64_000
MODIFIERS = ("ctrl", "shift", "alt", "super", "hyper", "meta")
NAMED_KEYS = frozenset(key.value for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())
EVERYWHERE = "app"  # the first part of the ids that hold on every screen


@dataclass(frozen=True)
class KeyLine:
    """One line of a key table: the keys, what they do, and the id by which they can be set."""

    keys: str
    does: str
    id: str


def key_lines(screen: Screen[Any]) -> list[KeyLine]:
    """What can be pressed on a screen now, from the tables that the keys themselves are read from; its own first."""
    found: dict[tuple[str, str], list[str]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.id is not None and binding.description and active.enabled:
            found.setdefault((binding.id, binding.description), []).append(screen.app.get_key_display(binding))
    lines = [KeyLine("  ".join(dict.fromkeys(keys)), does, id) for (id, does), keys in found.items()]
    return sorted(lines, key=lambda line: line.id.startswith(f"{EVERYWHERE}."))


def key_displays(screen: Screen[Any]) -> dict[str, str]:
    """The first key of everything that can be pressed on a screen now, as it is written, by the binding's id."""
    displays: dict[str, str] = {}
    for active in screen.active_bindings.values():
        if active.binding.id:
            displays.setdefault(active.binding.id, screen.app.get_key_display(active.binding))
    return displays


def keys_file() -> Path:
    """Where a user's keys are looked for on this platform."""
    from platformdirs import user_config_path

    return user_config_path("rltop", appauthor=False) / "keys.toml"


def apply_keys(app: App[Any], bindings: Callable[[], Iterable[Binding]], path: Path | None = None) -> list[str]:
    """Put the keys of the user's file, if there is one, in force among all `bindings`.

    What cannot be used is a sentence each, and keeps its default.
    """
    path = path or keys_file()
    try:
        if not path.exists():
            return []
        table = _flat(tomllib.loads(read_bounded(path, MOST_BYTES).decode("utf-8-sig")))
    except (RunError, OSError, ValueError, RecursionError) as error:
        return [f"the keys stay as they are: {safe_text(path, 200)} cannot be used ({safe_text(error, 200)})"]
    keymap, problems = usable_keys(table, bindings())
    app.set_keymap(keymap)
    return problems


def usable_keys(table: Mapping[str, Any], bindings: Iterable[Binding]) -> tuple[dict[str, str], list[str]]:
    """The entries that name a binding, keys that exist, and keys that are still free; a sentence for every other."""
    bound: dict[str, set[str]] = {}
    for binding in bindings:
        if binding.id:
            bound.setdefault(binding.id, set()).update(_names(binding.key))
    keymap: dict[str, str] = {}
    problems: list[str] = []
    for name, keys in table.items():
        wanted = _names(keys) if isinstance(keys, str) else set()
        shown = safe_text(name, 60)
        if name not in bound:
            problems.append(f"there is nothing called {shown} to set a key for: the help screen lists the names")
        elif not wanted or not all(map(_exists, wanted)):
            problems.append(f"{shown} keeps its key: {safe_text(keys, 60)} names no key")
        elif taken := _taken(name, wanted, bound):
            problems.append(f"{shown} keeps its key: {safe_text(keys, 60)} is taken by {taken}")
        else:
            keymap[name], bound[name] = ",".join(sorted(wanted)), wanted
    return keymap, problems


def _taken(name: str, wanted: set[str], bound: Mapping[str, set[str]]) -> str | None:
    """Which other binding that can be active at the same time has one of these keys."""
    scope = name.partition(".")[0]
    for other, keys in bound.items():
        scopes = {scope, other.partition(".")[0]}
        together = len(scopes) == 1 or EVERYWHERE in scopes
        if other != name and together and wanted & keys:
            return other
    return None


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Nested tables with dotted names: `[lesson] step` and `lesson.step` are the same."""
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


def _names(keys: str) -> set[str]:
    """The keys of a list with commas by Textual's names for them: `/` is slash."""
    try:
        return {binding.key for binding in Binding.make_bindings([(keys, "")])}
    except InvalidBinding:
        return set()


def _exists(key: str) -> bool:
    *modifiers, name = key.split("+")
    known = name.isprintable() and (name in NAMED_KEYS or key_to_character(name) is not None)
    return known and set(modifiers) <= set(MODIFIERS)
