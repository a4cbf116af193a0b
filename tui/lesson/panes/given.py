"""The values that a line of the source gave, as there is room for them beside it or below."""

from __future__ import annotations

from scenarios.lessons.explain import action_sign
from scenarios.lessons.tracing import RETURN, Line
from scenarios.lessons.values import Summary, Value
from scenarios.lessons.words import number
from scenarios.worlds.layout import ARROWS, Layout
from tui.drawing.theme import Theme
from tui.lesson.panes.text import length, written

ACTIONS = frozenset({"a", "a2", "best", "first"})  # names on the pages that hold an action
GAP = 2  # columns between code and values, and between values


class Given:
    """What a line gave; arrays can be described more or less fully."""

    def __init__(self, line: Line | None, layout: Layout | None, theme: Theme) -> None:
        values = {} if line is None else line.values
        self._forms = {name: _forms(name, value, layout) for name, value in values.items()}
        self._skipped = f"  … {line.skipped} left out" if line is not None and line.skipped else ""
        self._levels = max(map(len, self._forms.values()), default=0)
        self._summarised = any(isinstance(value, Summary) for value in values.values())
        self._theme = theme

    def __bool__(self) -> bool:
        return bool(self._forms)

    def beside(self, code: int, room: int) -> str:
        """Beside so much code in so much room: with the names where they fit, else the values in their order.

        Arrays are described as fully as there is room for; for those the code may be cut to half. What does not fit
        whole is left out.
        """
        if not self:
            return ""
        for least in (code, min(code, room // 2 - 2)) if self._summarised else (code,):
            if named := self._named(range(self._levels), room - least - GAP):
                return named
        room = max(0, room // 2 if self._summarised else room - 8)
        shortest = {name: forms[-1] for name, forms in self._forms.items()}
        named = self._first([_named(*item) for item in shortest.items()], "  ", room) if self._summarised else ""
        return named or self._first(list(shortest.values()), ", ", room)

    def fits(self, code: int, room: int) -> bool:
        """Whether there is room beside all of the code for more than the shapes of arrays."""
        levels = range(max(self._levels - 1, 1))
        return code <= room if not self else bool(self._named(levels, room - code - GAP))

    def rows(self, room: int) -> list[str]:
        """All of it with the names in rows of their own: one, described as fully as it has room for, or several."""
        if not self:
            return []
        if named := self._named(range(self._levels), room):
            return [named]
        rows = [""]
        for name, forms in self._forms.items():
            text = written(_named(name, forms[-1]), self._theme)
            further = f"{rows[-1]}{' ' * GAP}{text}" if rows[-1] else text
            rows = [*rows[:-1], further] if length(further) <= room else [*rows, text]
        return [row for row in (*rows, written(self._skipped.strip(), self._theme)) if row]

    def _named(self, levels: range, room: int) -> str:
        """All values with their names, by the fullest description of them that fits; empty where none does."""
        for level in levels:
            shown = (_named(name, form[min(level, len(form) - 1)]) for name, form in self._forms.items())
            text = written("  ".join(shown) + self._skipped, self._theme)
            if length(text) <= room:
                return text
        return ""

    def _first(self, texts: list[str], between: str, room: int) -> str:
        """As many of the texts, from the first one on, as there is room for; no part of one."""
        for count in range(len(texts), 0, -1):
            left_out = ["…"] if count < len(texts) else []
            text = written(between.join([*texts[:count], *left_out]) + self._skipped, self._theme)
            if length(text) <= room:
                return text
        return ""


def _named(name: str, value: str) -> str:
    return f"→ {value}" if name == RETURN else f"{name} = {value}"


def _forms(name: str, value: Value, layout: Layout | None) -> tuple[str, ...]:
    """What may be shown of a value, the longest first."""
    return value.forms if isinstance(value, Summary) else (_shown(name, value, layout),)


def _shown(name: str, value: Value, layout: Layout | None) -> str:
    if isinstance(value, bool | str | Summary):
        return str(value)
    if isinstance(value, tuple):
        return "[" + " ".join(number(x) for x in value) + "]"
    if layout is not None and name in ACTIONS and 0 <= value < len(layout.actions):
        sign = action_sign(layout, int(value))
        return f"{value} {sign}" if sign in ARROWS.values() else f"{value} ({sign})"
    return number(value)
