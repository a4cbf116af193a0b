"""What there is to say: diagnoses in words, what was asked from here, and the trainer's own log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tui.drawing.cells import Cells, safe_text
from tui.drawing.theme import Theme
from tui.lesson.panes.text import wrapped

_LONGEST = 400  # characters of a sentence


class Message(NamedTuple):
    """One sentence."""

    when: str
    text: str
    look: str = "plain"  # or note, warning, asked


def messages_of(log: Sequence[str], said: Sequence[tuple[str, str]]) -> list[Message]:
    """The lines of the trainer's log and what was asked from here, by their times, the latest last.

    What was asked stands before what the trainer said in the same second: that may be the answer.
    """
    found: list[tuple[str, int, Message]] = []
    latest = ""
    for line in log:
        when, _, text = _split(line)
        latest = when or latest
        found.append((latest, 1, Message(when[-8:], safe_text(text, _LONGEST))))
    day = latest[:10]
    for when, text in said:
        found.append((f"{day} {when}", 0, Message(when, safe_text(text, _LONGEST), "asked")))
    return [message for _, _, message in sorted(found, key=lambda entry: entry[:2])]


def _split(line: str) -> tuple[str, str, str]:
    """A line of the log as its time, a space and its text; a traceback has no time."""
    when = line[:19]
    timed = len(when) == 19 and when[4] == "-" and when[13] == ":" and when[10] == " "
    return (when, " ", line[20:]) if timed else ("", "", line)


def draw_messages(
    diagnoses: Sequence[Message], messages: Sequence[Message], scroll: int, width: int, height: int, theme: Theme
) -> Cells:
    """The diagnoses on top, and below them the latest messages that there is room for, before the last `scroll`."""
    cells = Cells(width, height)
    palette = theme.palette
    looks = {
        "plain": theme.style(palette.muted),
        "asked": theme.style(palette.text),
        "note": theme.style(palette.series[2]),
        "warning": theme.style(palette.warning, bold=True),
    }
    row = 0
    for message in diagnoses:
        for line in wrapped(f"{_sign(message, theme)} {message.text}", width, theme, "  "):
            cells.put(row, 0, line, looks[message.look])
            row += 1
    lines: list[tuple[str, str, str]] = []
    for message in messages:
        text = wrapped(message.text, max(1, width - 9), theme)
        for number, line in enumerate(text):
            lines.append((message.when if number == 0 else "", line, message.look))
    room = max(0, height - row)
    stop = max(min(len(lines), room), len(lines) - scroll)
    for when, line, look in lines[max(0, stop - room) : stop]:
        cells.put(row, 0, when, theme.style(palette.faint))
        cells.put(row, 9, line, looks[look])
        row += 1
    if not diagnoses and not lines:
        cells.put(0, 0, safe_text("nothing to say so far", width), theme.style(palette.muted))
    return cells


def _sign(message: Message, theme: Theme) -> str:
    return "!" if message.look == "warning" else theme.glyphs.point
