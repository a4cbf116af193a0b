"""What stands beside the charts: the run under the cursor, in what it differs from another, and what may be wrong."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.lessons.words import grouped
from scenarios.runs.collection import RunRow
from scenarios.runs.comparison import Difference, change_texts, default_settings, differences_of
from scenarios.runs.diagnosis import Diagnosis
from tui.drawing.cells import Cells, encode, safe_text
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped, written
from tui.monitor.chart import seconds_text
from tui.monitor.columns import age_text, compact, status_sign

LONGEST = 300  # characters of a value
CHANGED = "changed while it learnt"
TITLES = {"what": "", "setting": "settings", "change": CHANGED, "limit": "limits", "machine": "made by"}


@dataclass(frozen=True)
class Item:
    """A line: a label and up to two values beside it, or a sentence over the whole width where there are none."""

    text: str
    values: tuple[str, ...] = ()
    look: str = "body"
    """body, heading, muted, strong, changed or warning; changed marks the first value."""


def details(row: RunRow, theme: Theme, damage: str | None = None) -> list[Item]:
    """Everything about one run; with what of it cannot be read."""
    if row.manifest is None:
        return [
            Item(row.name, look="heading"),
            Item(row.fault or "", look="warning"),
            Item(str(row.path), look="muted"),
        ]
    items = [Item(row.name, look="heading"), Item(f"{status_sign(row.status, theme)} {row.status}", look="strong")]
    if row.fault or row.message:
        items.append(Item(row.fault or row.message or "", look="warning" if _is_bad(row) else "muted"))
    if damage:
        items.append(Item(damage, look="warning"))
    items += [Item(""), *_numbers(row), Item(""), *_settings(row), Item("")]
    if changes := change_texts(row):
        items += [Item(CHANGED, look="heading"), *(Item(key, (value,)) for key, value in changes.items()), Item("")]
    packages = [f"{name} {version}" for name, version in row.manifest.packages.items() if version]
    items += [
        Item("limits", look="heading"),
        *(Item(key, (_value(limit),)) for key, limit in row.manifest.budget.items() if limit),
        Item(""),
    ]
    items += [
        Item("made by", look="heading"),
        Item(", ".join([f"python {row.manifest.python}", *packages]), look="muted"),
    ]
    return [*items, Item(""), Item(str(row.path), look="muted")]


def _is_bad(row: RunRow) -> bool:
    return row.fault is not None or row.status in ("diverged", "failed", "dead")


def _numbers(row: RunRow) -> list[Item]:
    pairs = (
        ("scenario", row.scenario),
        ("algorithm", row.algorithm),
        ("seed", None if row.seed is None else str(row.seed)),
        ("lanes", str(row.lanes) if row.lanes != 1 else None),
        ("progress", None if row.share is None else f"{row.share:.0%}"),
        ("steps", None if row.env_steps is None else grouped(row.env_steps)),
        ("episodes", None if row.episodes is None else grouped(row.episodes)),
        ("return, last 100", _decimal(row.return_mean)),
        ("greedy", _decimal(row.eval_mean)),
        ("learnt for", None if row.wall_seconds is None else seconds_text(row.wall_seconds)),
        ("speed", None if row.steps_per_second is None else f"{compact(row.steps_per_second)} steps/s"),
        ("created", row.created[:16].replace("T", " ")),
        ("age", age_text(row.age)),
        ("process", None if row.process is None else str(row.process)),
    )
    return [Item(label, (value,)) for label, value in pairs if value is not None]


def _settings(row: RunRow) -> list[Item]:
    """Every setting; one that is not the scenario's own is marked, with its default below it."""
    defaults = default_settings(row.scenario, row.algorithm)
    items = [Item("settings", look="heading")]
    for key, value in row.config.items():
        changed = key in defaults and defaults[key] != value
        items.append(Item(key, (_value(value),), "changed" if changed else "body"))
        if changed:
            items.append(Item("", (f"not {_value(defaults[key])}",), "muted"))
    return items


def differences(a: RunRow, b: RunRow | None) -> list[Item]:
    """In what two runs differ."""
    if b is None:
        return [
            Item("Mark another run: this then shows in what it differs from the one under the cursor.", look="muted"),
        ]
    found = differences_of(a, b)
    items = [Item("a", (a.name,), "strong"), Item("b", (b.name,), "strong")]
    if a.fault or b.fault:
        return [*items, Item("A damaged run tells nothing of itself.", look="muted")]
    items += [Item(""), Item("", ("a", "b"), look="heading")]
    for kind, title in TITLES.items():
        own = [one for one in found if one.kind == kind]
        if own and title:
            items += [Item(""), Item(title, look="heading")]
        items += [_difference(one) for one in own]
    same = [] if found else [Item("These two were run in the same way, from the same seed.", look="muted")]
    return [*items, *same, Item(""), Item("results", look="heading"), *_results(a, b)]


def _difference(one: Difference) -> Item:
    look = "changed" if one.kind == "setting" and not one.first_is_default else "body"
    return Item(one.key, (_value(one.first), _value(one.second)), look)


def _results(a: RunRow, b: RunRow) -> list[Item]:
    return [
        Item("return", (_decimal(a.return_mean) or "-", _decimal(b.return_mean) or "-")),
        Item("greedy", (_decimal(a.eval_mean) or "-", _decimal(b.eval_mean) or "-")),
        Item("steps", (compact(a.env_steps), compact(b.env_steps))),
        Item("speed", (compact(a.steps_per_second), compact(b.steps_per_second))),
    ]


def diagnosis(row: RunRow, found: Sequence[Diagnosis], damage: str | None = None) -> list[Item]:
    """What may be wrong with a run, and what to try."""
    items = [Item(row.name, look="heading")]
    if damage:
        items += [Item(""), Item(damage, look="warning"), Item("What it learnt is kept elsewhere, in its checkpoints.")]
    elif not found:
        return [*items, Item("Nothing stands out in its curves.", look="muted")]
    for one in found:
        items += [
            Item(""),
            Item(one.sentence, look="warning" if one.severity == "warning" else "strong"),
            Item(one.advice),
            Item(one.metric, look="muted"),
        ]
    return items


def _decimal(value: float | None) -> str | None:
    return None if value is None else f"{value:,.2f}".replace(",", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.6g}"
    return "none" if value is None else safe_text(value, LONGEST)


def draw_side(items: Sequence[Item], scroll: int, width: int, height: int, theme: Theme) -> Cells:
    """The items from a line on, with a mark in the corner where there is more."""
    cells = Cells(width, height)
    lines = _lines(items, max(1, width - 2), theme)
    top = max(0, min(scroll, len(lines) - height))
    for row, line in enumerate(lines[top : top + height]):
        for col, text, look in line:
            cells.put(row, col, text, _style(look, theme))
    mark = theme.style(theme.palette.accent, bold=True)
    if top > 0:
        cells.put(0, width - 1, theme.glyphs.above, mark)
    if top + height < len(lines):
        cells.put(height - 1, width - 1, theme.glyphs.below, mark)
    return cells


def lines_hidden(items: Sequence[Item], width: int, height: int, theme: Theme) -> int:
    """How far the items can be scrolled."""
    return max(0, len(_lines(items, max(1, width - 2), theme)) - height)


_Line = list[tuple[int, str, str]]  # column, text and look of each piece


def _lines(items: Iterable[Item], width: int, theme: Theme) -> list[_Line]:
    found: list[_Line] = []
    items = list(items)
    longest = max((len(encode(item.text)) for item in items if item.values and item.look != "heading"), default=0)
    label = min(longest + 2, width // 2)
    for item in items:
        if len(item.values) == 1:
            found += _below(item, label, width, theme)
        elif item.values:
            found.append(_beside(item, label, width, theme))
        else:
            text = written(safe_text(item.text, 2000), theme)
            found += [[(0, line, item.look)] for line in textwrap.wrap(text, width) or [""]]
    return found


def _below(item: Item, label: int, width: int, theme: Theme) -> list[_Line]:
    """A label with its one value, in as many lines as that takes."""
    parts = textwrap.wrap(written(item.values[0], theme), max(1, width - label)) or [""]
    lines: list[_Line] = [[(label, part, item.look)] for part in parts]
    lines[0].append((0, clipped(item.text, label - 1, theme), "muted"))
    return lines


def _beside(item: Item, label: int, width: int, theme: Theme) -> _Line:
    """A label, and its values in columns."""
    values = item.values
    wide = (width - label) // len(values)
    heading = item.look == "heading"
    line = [(0, clipped(item.text, label - 1, theme), "heading" if heading else "muted")]
    for number, value in enumerate(values):
        look = "muted" if heading or (item.look == "changed" and number) else item.look
        line.append((label + number * wide, clipped(value, wide - (number + 1 < len(values)), theme), look))
    return line


def _style(look: str, theme: Theme) -> Any:
    palette = theme.palette
    return {
        "heading": theme.style(palette.series[0], bold=True),
        "muted": theme.style(palette.muted),
        "strong": theme.style(palette.text, bold=True),
        "changed": theme.style(palette.accent, bold=True),
        "warning": theme.style(palette.warning, bold=True),
    }.get(look, theme.style(palette.text))
