"""This update: the formula, its numbers, what went to what, and a sentence; or the question what will happen."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from itertools import groupby

from scenarios.lessons.words import Direction as Went
from scenarios.lessons.words import Explanation, decimals_of, number
from tui.drawing.cells import RGB, Cells
from tui.drawing.theme import Direction, Theme
from tui.lesson.panes.folding import folded, without_middle
from tui.lesson.panes.text import Span, bar, bar_style, clipped, length, put_spans, spans_length, wrapped, written

# What is what, by the name of the group: it has the same colour in the formula as among the numbers.
_ENTRY = r"(?P<entry>(?:Q.?|V|π)\([^)]*\)) ← "
_FORMULA = (
    re.compile(_ENTRY),
    re.compile(r" \+ (?P<alpha>α) \["),
    re.compile(r"\[(?P<r>r) \+ (?P<gamma>γ) (?P<next>V\(s′\)|.+(?= − ))"),
)
_NUMBER = r"\(?−?[\d.]+(?:e[+−]?\d+)?\)?"
_NUMBERS = (
    re.compile(_ENTRY + r"(?!.* = )(?P<old>\S+) \+ (?P<alpha>\S+) \["),
    re.compile(r" = (?P<old>\S+) \+ (?P<alpha>\S+) · (?P<error>\S+)  =  (?P<new>\S+)$"),
    re.compile(rf"(?:\[|^\S.{{,9}}  )(?P<r>[^\s\[]+) \+ (?P<gamma>{_NUMBER})·(?P<next>{_NUMBER})"),
    re.compile(r"^(?P<entry>[Vπ]\(\d+\)) ← (?:.* = )?(?P<new>\S.*)$"),
    re.compile(r" = (?P<q>\S+)$"),
)
_SAMPLE = (re.compile(r" = (?P<new>\S+)$"), re.compile(rf"(?<![\w.])(?P<old>{_NUMBER})"))  # of a network
_LEARNING = re.compile(r"(?P<head>.* ← \S+ \+ \S+) \[\S+ \+ .+ − (?P<old>\S+)\]$")
_NOTHING = "No update yet: step once, or play."


def draw_update(
    explanation: Explanation | None,
    width: int,
    height: int,
    theme: Theme,
    *,
    prompt: str | None = None,
    score: tuple[int, int] | None = None,
) -> Cells:
    """An update in words and numbers.

    With a `prompt` (a question) the result and all that gives it away are covered; `score` is (right, asked).
    """
    cells = Cells(width, height)
    note = _scored(*score) if score is not None and height > 2 else ""
    room = height - bool(note)
    if explanation is None:
        lines = [[(text, theme.style(theme.palette.muted))] for text in wrapped(prompt or _NOTHING, width, theme)]
    else:
        lines = _lines(explanation, width, room, theme, prompt)
    for row, spans in enumerate(lines[:room]):
        put_spans(cells, row, 0, spans, theme)
    if note:
        note = clipped(note, width, theme)
        cells.put(height - 1, max(0, width - length(note)), note, theme.style(theme.palette.muted))
    return cells


def _scored(right: int, asked: int) -> str:
    return f"{right} of {asked} right" if asked else "no answer yet"


def _lines(explanation: Explanation, width: int, height: int, theme: Theme, prompt: str | None) -> list[list[Span]]:
    """Formula, numbers, change and sentence from top to bottom, as much of them as fits, in order of importance."""
    patterns = _SAMPLE if explanation.covered else _NUMBERS
    if prompt is not None:
        shown = explanation.covered or (_covered(explanation),)
        numbers = [_coloured(line, patterns, theme) for line in shown]
        sentence = [[(line, theme.style(theme.palette.accent, bold=True))] for line in wrapped(prompt, width, theme)]
    else:
        numbers = [_coloured(line, patterns, theme) for line in explanation.numbers]
        sentence = [[(line, theme.style(theme.palette.text))] for line in wrapped(explanation.sentence, width, theme)]
    formula = [_coloured(explanation.formula, _FORMULA, theme)]
    change = _change(explanation, width, theme, hidden=prompt is not None)
    return _arranged(formula, numbers, change, sentence, width, height, theme)


def _arranged(
    formula: list[list[Span]],
    numbers: list[list[Span]],
    change: list[list[Span]],
    sentence: list[list[Span]],
    width: int,
    height: int,
    theme: Theme,
) -> list[list[Span]]:
    """The parts that fit: numbers first, then the sentence, the change, the formula, and air between them."""
    numbers = _fitting(numbers, width, height, len(sentence) + len(change), theme)
    left = height - len(numbers)
    sentence = sentence[: max(0, left)]
    left -= len(sentence)
    change = change if len(change) <= left else []
    left -= len(change)
    formula = folded(formula[0], width, theme)
    formula = formula if len(formula) <= left else []
    left -= len(formula)
    parts = [part for part in (formula, numbers, change, sentence) if part]
    lines: list[list[Span]] = []
    for part in parts:
        if lines and left > 0:
            lines.append([])
            left -= 1
        lines += part
    return lines


def _fitting(numbers: list[list[Span]], width: int, height: int, others: int, theme: Theme) -> list[list[Span]]:
    """The lines of numbers wrapped; where that leaves no room for the others, each cut in its middle.

    The last one, the result, is always there.
    """
    whole = [line for spans in numbers for line in folded(spans, width, theme)]
    if len(whole) <= max(2, height - others):
        return whole[: max(0, height)]
    cut = [without_middle(spans, width, theme) for spans in numbers]
    return cut if len(cut) <= height else [*cut[: max(0, height - 1)], cut[-1]][: max(0, height)]


def _covered(explanation: Explanation) -> str:
    """The numbers with all that would give the result away covered: the reward and what follows it."""
    match = _LEARNING.match(explanation.numbers[0])
    if match is None:
        return explanation.numbers[-1].partition("←")[0] + "← ?"
    return f"{match['head']} [? + ? − {match['old']}]"


def _colours(theme: Theme) -> Mapping[str, RGB]:
    palette = theme.palette
    named = {"alpha": palette.series[1], "r": palette.series[2], "gamma": palette.series[3], "next": palette.series[0]}
    return named | {"new": palette.accent} | dict.fromkeys(("entry", "old", "error", "q"), palette.text)


def _coloured(text: str, patterns: tuple[re.Pattern[str], ...], theme: Theme) -> list[Span]:
    """The text with the named parts of what matches in their colours."""
    colours = _colours(theme)
    names = [""] * len(text)
    for pattern in patterns:
        for match in pattern.finditer(text):
            for name, (start, stop) in {name: match.span(name) for name in match.groupdict()}.items():
                if start >= 0 and not any(names[start:stop]):
                    names[start:stop] = [name] * (stop - start)
    spans: list[Span] = []
    for name, run in groupby(zip(names, text, strict=True), key=lambda pair: pair[0]):
        style = theme.style(colours.get(name, theme.palette.muted), bold=name == "new")
        spans.append(("".join(character for _, character in run), style))
    return spans


def _change(explanation: Explanation, width: int, theme: Theme, *, hidden: bool) -> list[list[Span]]:
    """Before and after as bars from zero, with the direction as an arrow and the size of the change."""
    before, after = explanation.before, explanation.after
    if before is None or after is None:
        return []
    decimals = decimals_of(before)
    before_text, after_text = number(before, decimals), "?" if hidden else number(after, decimals)
    digits = max(length(before_text), length(after_text))
    change = "" if hidden else _change_text(explanation.direction, number(abs(after - before), decimals), theme)
    room = min(24, width - 8 - digits - 1 - length(change) - 1)
    values = (before,) if hidden else (before, after)
    bound = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    rows = []
    for name, text, value in (("before", before_text, before), ("after", after_text, after)):
        palette = theme.palette
        spans = [
            (f"{name:<7} ", theme.style(palette.muted)),
            (text.rjust(digits), theme.style(palette.text, bold=True)),
        ]
        if room > 3 and bound and math.isfinite(value) and text != "?":
            spans.append((" " + bar(value / bound, room, theme), bar_style(value, theme)))
        if name == "after" and change and spans_length(spans, theme) + 1 + length(written(change, theme)) <= width:
            spans.append((" " + change, theme.style(palette.accent, bold=True)))
        rows.append(spans)
    return rows


def _change_text(went: Went, far: str, theme: Theme) -> str:
    """▲ or ▼ with how far, = where nothing changed."""
    up, down = theme.glyphs.heads[Direction.UP], theme.glyphs.heads[Direction.DOWN]
    sign = {"up": up, "down": down, "unchanged": "="}[went]
    return f"{sign} by {far}" if went != "unchanged" else f"{sign} unchanged"
