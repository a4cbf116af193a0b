"""The picker's menu: one list of scenarios, algorithms and settings, drawn as cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells, Style, decode, encode, safe_text
from tui.drawing.theme import Theme
from tui.help.page import drawing_theme

MARK_WIDTH = 4
AIRY = 30  # rows from which there is room for blank lines


@dataclass(frozen=True)
class Row:
    """One line of the menu; without a key it is a heading."""

    label: str
    kind: str = "heading"  # heading, lesson, algorithm or setting
    key: str = ""
    mark: str = ""
    note: str = ""  # on the right
    strong: bool = False
    grey: bool = False  # there, but not to be had

    @property
    def can_be_chosen(self) -> bool:
        """Whether the cursor stops here."""
        return bool(self.key)


def draw_menu(rows: Sequence[Row], cursor: int, width: int, height: int, theme: Theme, *, active: bool) -> Cells:
    """The rows around the cursor; a bar shows where the cursor is, bright where the menu has the focus."""
    cells = Cells(width, height)
    shown = rows_shown(rows, cursor, height)
    for line, index in enumerate(shown):
        if index is not None:
            _draw_row(cells, line, rows[index], theme, under_cursor=index == cursor, active=active)
    glyphs = theme.glyphs
    above, below = bool(shown) and shown[0] != 0, bool(shown) and shown[-1] != len(rows) - 1
    for line, glyph, more in ((0, glyphs.above, above), (height - 1, glyphs.below, below)):
        if more:
            cells.put(line, width - len(encode(glyph)), glyph, theme.style(theme.palette.accent, bold=True))
    return cells


def rows_shown(rows: Sequence[Row], cursor: int, height: int) -> list[int | None]:
    """Which row every line shows: all, or a part around the cursor; with a blank line before a heading if high."""
    airy: list[int | None] = []
    for index, row in enumerate(rows):
        airy += [index] if row.can_be_chosen or index == 0 else [None, index]
    lines = airy if height >= AIRY or len(airy) <= height else list(range(len(rows)))
    here = lines.index(cursor) if cursor in lines else 0
    first = max(0, min(here - height // 2, len(lines) - height))
    return lines[first : first + height]


def _draw_row(cells: Cells, line: int, row: Row, theme: Theme, *, under_cursor: bool, active: bool) -> None:
    palette = theme.palette
    width = cells.width - 1
    if not row.can_be_chosen:
        label = safe_text(row.label, width)
        cells.put(line, 1, label, theme.style(palette.series[0], bold=True))
        if len(label) + len(row.note) + 3 <= width:
            cells.put(line, len(label) + 2, row.note, theme.style(palette.muted))
        return
    style = theme.style(palette.muted if row.grey else palette.text, bold=row.strong, dim=row.grey)
    note_style = theme.style(palette.accent, bold=True) if row.strong and row.note else theme.style(palette.muted)
    mark_style = theme.style(palette.accent, bold=True)
    if under_cursor:
        bar = _bar(theme, active)
        style, note_style, mark_style = bar, bar, bar
        cells.put(line, 0, " " * width, bar)
    note = _note(row.note, max(4, width - MARK_WIDTH - len(encode(row.label)) - 4), theme)
    cells.put(line, 1, row.mark, mark_style)
    cells.put(line, 1 + MARK_WIDTH, safe_text(row.label, max(0, width - MARK_WIDTH - len(note) - 3)), style)
    cells.put(line, width - 1 - len(encode(note)), note, note_style)


def _note(text: str, room: int, theme: Theme) -> str:
    """A text in so many cells; of a path that is too long the end says most."""
    clean, ellipsis = safe_text(text, 300), theme.glyphs.ellipsis
    if len(encode(clean)) <= room or "/" not in clean:
        return safe_text(clean, room, ellipsis)
    return ellipsis + decode(encode(clean)[-max(1, room - len(ellipsis)) :])


def _bar(theme: Theme, active: bool) -> Style:
    if not theme.colour:
        return Style(reverse=active, bold=True, underline=not active)
    return theme.style(bg=theme.palette.series[0] if active else theme.palette.faint, bold=True)


class Menu(Canvas, can_focus=True):
    """A list with a cursor. It says what the cursor is on and what is chosen; what that means its owner knows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.start", "lesson", id="picker.start"),
        Binding("space", "choose", "set", id="picker.choose"),
        Binding("tab,right,l", "next_group(1)", "next", id="picker.next"),
        Binding("shift+tab,left,h", "next_group(-1)", "the group before", show=False, id="picker.before"),
        Binding("up,k", "move(-1)", "up", show=False, id="picker.up"),
        Binding("down,j", "move(1)", "down", show=False, id="picker.down"),
        Binding("home,g", "move(-10000)", "to the top", show=False, id="picker.first"),
        Binding("end,G", "move(10000)", "to the end", show=False, id="picker.last"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        row: Row

    @dataclass
    class Chosen(Message):
        """The row under the cursor was chosen, with the space bar or the mouse."""

        row: Row

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.cursor = 0

    @property
    def current(self) -> Row | None:
        """The row under the cursor, None in an empty menu."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def on_mount(self) -> None:
        """Draw, and draw again in another theme."""
        super().on_mount()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self.draw(self._paint))
        self.draw(self._paint)

    def list_rows(self, rows: Sequence[Row], key: str | None = None) -> None:
        """Show other rows; the cursor goes to the row of that key, or stays on the row it is on."""
        current = self.current
        wanted = key if key is not None else current.key if current else ""
        self.rows = rows
        stops = [index for index, row in enumerate(rows) if row.can_be_chosen]
        same = [index for index in stops if rows[index].key == wanted]
        self.cursor = (same or stops or [0])[0]
        self.draw(self._paint)

    def _paint(self, width: int, height: int) -> Cells:
        return draw_menu(
            self.rows, self.cursor, width, height, drawing_theme(self.app), active=self.has_focus or not self.can_focus
        )

    def on_focus(self) -> None:
        """The bar is bright."""
        self.draw(self._paint)

    def on_blur(self) -> None:
        """The bar is pale."""
        self.draw(self._paint)

    def _go(self, cursor: int) -> None:
        if cursor != self.cursor:
            self.cursor = cursor
            self.draw(self._paint)
            self.post_message(self.Moved(self.rows[cursor]))

    def action_move(self, rows: int) -> None:
        """Move the cursor by so many rows; it chooses a lesson by resting on it, so it does not run out of them."""
        stops = [index for index, row in enumerate(self.rows) if row.can_be_chosen]
        if self.cursor not in stops:
            return
        here = self.rows[self.cursor].kind
        if here == "lesson":
            stops = [index for index in stops if self.rows[index].kind == here]
        to = stops[max(0, min(stops.index(self.cursor) + rows, len(stops) - 1))]
        self._go(self._chosen_of_group(to) if self.rows[to].kind != here else to)

    def _chosen_of_group(self, index: int) -> int:
        """The lesson that is chosen, if the row is a lesson, else the row."""
        chosen = [i for i, row in enumerate(self.rows) if row.kind == "lesson" and row.strong]
        return chosen[0] if chosen and self.rows[index].kind == "lesson" else index

    def action_next_group(self, groups: int) -> None:
        """Move the cursor to the first row of the next group, or of the one before; all lessons are one group."""
        headings = [index for index, row in enumerate(self.rows[:-1]) if not row.can_be_chosen]
        lessons = [index for index in headings if self.rows[index + 1].kind == "lesson"]
        headings = [index for index in headings if index not in lessons[1:]]
        if headings:
            mine = max((number for number, index in enumerate(headings) if index < self.cursor), default=0)
            self._go(self._chosen_of_group(headings[(mine + groups) % len(headings)] + 1))

    def action_choose(self) -> None:
        """Choose the row under the cursor."""
        if (row := self.current) is not None and row.can_be_chosen:
            self.post_message(self.Chosen(row))

    def on_canvas_cell_clicked(self, event: Canvas.CellClicked) -> None:
        """The mouse moves the cursor and chooses."""
        event.stop()
        shown = rows_shown(self.rows, self.cursor, self.size.height)
        index = shown[event.row] if event.row < len(shown) else None
        if index is not None and self.rows[index].can_be_chosen:
            self._go(index)
            self.action_choose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.action_move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel moves the cursor."""
        event.stop()
        self.action_move(-1)
