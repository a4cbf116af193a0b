"""This update: the formula, its numbers, what went to what, and a sentence; or the question what will happen."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from scenarios.lessons.explain import Explanation, number
from tui.drawing.cells import RGB, Cells, Style
from tui.drawing.theme import Theme
from tui.lesson.panes.text import Span, clipped, length, put_spans, wrapped, written

_NUMBER = r"\(?−?[\d.]+(?:e[+−]?\d+)?\)?"
# what is what, by group name: the same colour in the formula and among the numbers
_LEARNING = re.compile(
    rf"(?P<entry>\S.*?\)) ← (?P<old>\S+) \+ (?P<alpha>\S+) "
    rf"\[(?P<r>\S+) \+ (?:(?P<gamma>[^\s·]+)·)?(?P<next>.+?) − (?P<old2>[^\s]+)\]$"
)
_LEARNT = re.compile(r"\s*= (?P<old>\S+) \+ (?P<alpha>\S+) · (?P<error>\S+)  =  (?P<new>\S+)$")
_BELLMAN = re.compile(r"(?P<r>r) \+ (?P<gamma>γ) (?P<next>V\(s′\))")
_LOOKAHEAD = re.compile(rf"(?P<r>{_NUMBER}) \+ (?P<gamma>{_NUMBER})·(?P<next>{_NUMBER})")
_RESULT = re.compile(rf" = (?P<new>{_NUMBER})$")
_PARTS = re.compile(r"\S+\s*")


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
    note = "" if score is None else f"{score[0]} of {score[1]} right"
    room = height - (1 if note and height > 2 else 0)
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


_NOTHING = "No update yet: step once, or play."


def _lines(explanation: Explanation, width: int, height: int, theme: Theme, prompt: str | None) -> list[list[Span]]:
    """Formula, numbers, change and sentence from top to bottom, as much of them as fits, in order of importance."""
    if prompt is not None:
        numbers = [_numbers_line(_covered(explanation), theme)]
        sentence = [[(line, theme.style(theme.palette.accent, bold=True))] for line in wrapped(prompt, width, theme)]
    else:
        numbers = [_numbers_line(line, theme) for line in explanation.numbers]
        sentence = [[(line, theme.style(theme.palette.text))] for line in wrapped(explanation.sentence, width, theme)]
    formula = [_coloured(explanation.formula, _FORMULA_PATTERNS, theme)]
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
    numbers = _fitting(numbers, width, height, theme)
    left = height - len(numbers)
    sentence = sentence[: max(0, left)]
    left -= len(sentence)
    change = change[: max(0, left)]
    left -= len(change)
    formula = _folded(formula[0], width, theme)
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


def _fitting(numbers: list[list[Span]], width: int, height: int, theme: Theme) -> list[list[Span]]:
    """The lines of numbers wrapped; where that is too much, each cut in its middle; the last one always there."""
    folded = [line for spans in numbers for line in _folded(spans, width, theme)]
    if len(folded) <= max(2, height - 3):
        return folded
    cut = [_cut(spans, width, theme) for spans in numbers]
    return cut if len(cut) <= height else [*cut[: max(0, height - 1)], cut[-1]][:height]


def _folded(spans: list[Span], width: int, theme: Theme) -> list[list[Span]]:
    """A line broken between words; what follows is indented to where the right-hand side begins."""
    if _width(spans, theme) <= width:
        return [spans]
    text = "".join(part for part, _ in spans)
    arrow = text.find("← ") + 2 if "← " in text else text.find("  ") + 2 if "  " in text[:12] else 2
    indent = min(arrow, max(0, width // 4))
    words = [(word, style) for part, style in spans for word in _PARTS.findall(part) or [part]]
    lines: list[list[Span]] = [[]]
    col = 0
    for word, style in words:
        size = length(written(word.rstrip(), theme))
        if col + size > width and col > indent:
            lines.append([(" " * indent, style)])
            col = indent
        lines[-1].append((word, style))
        col += length(written(word, theme))
    return lines


def _cut(spans: list[Span], width: int, theme: Theme) -> list[Span]:
    """A line without its middle, so that what it comes to is still there."""
    if _width(spans, theme) <= width:
        return spans
    text = "".join(part for part, _ in spans)
    tail_from = text.rfind(" = ")
    tail = text[tail_from:] if tail_from > 0 else ""
    ellipsis = theme.glyphs.ellipsis
    room = max(0, width - length(written(tail, theme)) - len(ellipsis))
    head: list[Span] = []
    for part, style in spans:
        piece = part[:room]
        head.append((piece, style))
        room -= length(written(piece, theme))
        if room <= 0:
            break
    muted = theme.style(theme.palette.muted)
    return [*head, (ellipsis, muted), (tail, theme.style(theme.palette.text, bold=True))]


def _width(spans: list[Span], theme: Theme) -> int:
    return sum(length(written(text, theme)) for text, _ in spans)


def _covered(explanation: Explanation) -> str:
    """The numbers with all that would give the result away covered: the reward and what follows it."""
    first = explanation.numbers[0]
    match = _LEARNING.match(first)
    if match is None:
        return explanation.numbers[-1].partition("←")[0] + "← ?"
    gamma = match["gamma"] or "?"
    return f"{match['entry']} ← {match['old']} + {match['alpha']} [? + {gamma}·? − {match['old2']}]"


def _colours(theme: Theme) -> Mapping[str, RGB]:
    palette = theme.palette
    orange, green, blue, pink = palette.series[1], palette.series[2], palette.series[0], palette.series[3]
    return {
        "alpha": orange,
        "r": green,
        "gamma": pink,
        "next": blue,
        "new": palette.accent,
        "error": palette.text,
        "old": palette.text,
        "old2": palette.text,
        "entry": palette.text,
    }


_Pattern = Callable[[str], list[re.Match[str]]]


def _matches(pattern: re.Pattern[str]) -> _Pattern:
    return lambda text: list(pattern.finditer(text))


_FORMULA_PATTERNS = (
    _matches(_LEARNING),
    _matches(re.compile(r"(?P<entry>)\[(?P<r>r) \+ (?P<gamma>γ) (?P<next>.+) − ")),
    _matches(re.compile(r"\+ (?P<alpha>α) \[")),
    _matches(_BELLMAN),
)
_NUMBER_PATTERNS = (_matches(_LEARNING), _matches(_LEARNT), _matches(_LOOKAHEAD), _matches(_RESULT))


def _numbers_line(text: str, theme: Theme) -> list[Span]:
    return _coloured(text, _NUMBER_PATTERNS, theme)


def _coloured(text: str, patterns: tuple[_Pattern, ...], theme: Theme) -> list[Span]:
    """The text with the named parts of what matches in their colours."""
    colours = _colours(theme)
    names = [""] * len(text)
    for pattern in patterns:
        for match in pattern(text):
            for name, part in match.groupdict().items():
                if part:
                    start, stop = match.span(name)
                    names[start:stop] = [name] * (stop - start)
    spans: list[Span] = []
    start = 0
    for stop in range(1, len(text) + 1):
        if stop == len(text) or names[stop] != names[start]:
            name = names[start]
            style = theme.style(colours.get(name, theme.palette.muted), bold=name == "new")
            spans.append((text[start:stop], style))
            start = stop
    return spans


def _change(explanation: Explanation, width: int, theme: Theme, *, hidden: bool) -> list[list[Span]]:
    """Before and after as bars from zero, with the direction as an arrow."""
    palette = theme.palette
    before, after = explanation.before, explanation.after
    rows: list[list[Span]] = []
    label = 7
    shown = {"before": number(before), "after": "?" if hidden else number(after)}
    digits = max(map(len, shown.values()))
    room = min(24, width - label - digits - 6)
    bound = max((abs(x) for x in ((before,) if hidden else (before, after)) if math.isfinite(x)), default=0.0)
    for name, value in (("before", before), ("after", after)):
        covered = hidden and name == "after"
        spans: list[Span] = [
            (name.ljust(label), theme.style(palette.muted)),
            (shown[name].rjust(digits) + " ", theme.style(palette.text, bold=name == "after")),
        ]
        if room > 3 and bound and not covered and math.isfinite(value):
            spans.append((theme.glyphs.swatch * max(0, round(room * abs(value) / bound)), _bar(value, theme)))
        if name == "after" and not hidden:
            spans.append((" " + _sign(explanation, theme), theme.style(palette.accent, bold=True)))
        rows.append(spans)
    return rows


def _bar(value: float, theme: Theme) -> Style:
    return theme.style(theme.palette.negative[-1] if value < 0 else theme.palette.positive[-1])


def _sign(explanation: Explanation, theme: Theme) -> str:
    up, down = theme.glyphs.heads[0], theme.glyphs.heads[2]
    return {"up": up, "down": down, "unchanged": "="}[explanation.direction]
