"""A terminal small enough to check: cursor movement, SGR and text, as much as a partial update sends."""

import re

from rich.cells import get_character_cell_size

TOKEN = re.compile(
    r"\x1b\[([0-9;]*)([A-Za-z])"  # a control sequence
    r"|\x1b\[[?<>=][0-9;]*[$]?[A-Za-z]|\x1b[=>7-8]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # modes, titles and links
    r"|(.)",
    re.DOTALL,
)
OFF = {"22": {"1", "2"}, "23": {"3"}, "24": {"4", "21"}, "25": {"5", "6"}, "27": {"7"}, "28": {"8"}, "29": {"9"}}


class Terminal:
    """`screen[row][col]` is (character, foreground, background, attributes)."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.screen = [[(" ", "", "", frozenset())] * width for _ in range(height)]
        self.row = self.col = 0
        self.fg = self.bg = ""
        self.attributes = frozenset()

    def feed(self, data):
        """Do what the bytes say; whatever is not part of a partial update is ignored."""
        for match in TOKEN.finditer(data):
            parameters, command, character = match.groups()
            if character is not None:
                self._write(character)
            elif command == "H":
                row, col = ([int(p or 1) for p in parameters.split(";")] + [1, 1])[:2] if parameters else (1, 1)
                self.row, self.col = row - 1, col - 1
            elif command == "C":
                self.col += int(parameters or 1)
            elif command == "X":
                stop = self.col + int(parameters or 1)
                assert stop <= self.width, "erased beyond the right edge"
                self.screen[self.row][self.col : stop] = [(" ", "", self.bg, frozenset())] * (stop - self.col)
            elif command == "J":
                assert (parameters, self.row, self.col) == ("", 0, 0), "only all of the screen is wiped"
                self.screen = [[(" ", "", self.bg, frozenset())] * self.width for _ in range(self.height)]
            elif command == "m":
                self._style(parameters.split(";"))

    def _write(self, character):
        if character in "\r\n":
            self.row, self.col = (self.row + 1, self.col) if character == "\n" else (self.row, 0)
            return
        assert character.isprintable(), f"{character!r} reached the terminal"
        width = get_character_cell_size(character)
        assert self.col + width <= self.width, "written beyond the right edge"
        style = self.fg, self.bg, self.attributes
        self.screen[self.row][self.col] = (character, *style)
        if width == 2:
            self.screen[self.row][self.col + 1] = ("", *style)
        self.col += width

    def _style(self, codes):
        codes = iter(codes)
        for code in codes:
            if code in ("", "0"):
                self.fg = self.bg = ""
                self.attributes = frozenset()
            elif code in ("38", "48"):
                kind = next(codes)
                colour = ";".join([kind, *(next(codes) for _ in range(3 if kind == "2" else 1))])
                self.fg, self.bg = (colour, self.bg) if code == "38" else (self.fg, colour)
            elif code in ("39", "49"):
                self.fg, self.bg = ("", self.bg) if code == "39" else (self.fg, "")
            elif code in OFF:
                self.attributes -= OFF[code]
            else:
                self.attributes |= {code}

    def visible(self):
        """The screen as an eye sees it: of a blank only the background, of reversed cells the colours swapped."""
        return [[_visible(*cell) for cell in line] for line in self.screen]

    def text(self):
        """The characters, one line per row."""
        return ["".join(cell[0] for cell in line) for line in self.screen]


def _visible(character, fg, bg, attributes):
    if character == " " and attributes <= {"1", "2", "3"}:
        return " ", "", bg, frozenset()
    return character, fg, bg, attributes
