"""ASCII only: a last gate for everything that the widgets draw, for terminals and fonts that know nothing else."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_LOOKALIKES = {
    **dict.fromkeys("│┃║╎╏┆┇┊┋▏▎▍▌▐▕▉▊▋█", "|"),
    **dict.fromkeys("─━═╌╍┄┅▔▁▂▃▄▅▆▇▀", "-"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼┏┓┗┛┣┫┳┻╋╔╗╚╝╠╣╦╩╬╭╮╰╯", "+"),
    **dict(zip("←→↑↓↗↘↙↖", "<>^vunby", strict=True)),
    **dict(zip("−·•′…≤≥∞×§⏎⌫▶►◀◄▲▴▼▾●○◆★✓", "-.o'.<>8x <<>><<^^vv*o**x", strict=True)),
    **dict(zip("αγεθδπλσ", "agetdpls", strict=True)),
}


@lru_cache(maxsize=4096)
def ascii_text(text: str) -> str:
    """The text in ASCII, cell for cell."""
    return text if text.isascii() else "".join(map(_ascii, text))


def _ascii(character: str) -> str:
    if character.isascii():
        return character
    if character in _LOOKALIKES:
        return _LOOKALIKES[character]
    plain, width = unicodedata.normalize("NFKD", character)[0], get_character_cell_size(character)
    return (plain if plain.isascii() else "?").ljust(width)[:width]


class AsciiFilter(LineFilter):
    """Replaces every character that is not ASCII by the nearest one that is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in ASCII, as wide as they were."""
        return [Segment(ascii_text(text), style, control) for text, style, control in segments]
