"""Place: one cell of a board on the canvas, and how a face is laid out in it, from 1x1 to 11x5 characters."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from functools import lru_cache

from tui.drawing.board import Board
from tui.drawing.cells import RGB, Cells, decode, encode
from tui.drawing.faces import Face, arrows_of, share_of
from tui.drawing.numbers import format_value
from tui.drawing.theme import Direction, Theme, mix


@lru_cache(maxsize=1024)
def _checked(bg: RGB, grey: RGB) -> RGB:
    return mix(bg, grey, 0.16)


@dataclass(frozen=True)
class Place:
    """Where a cell lies, and what marks it."""

    cells: Cells
    theme: Theme
    top: int
    left: int
    width: int
    height: int
    framed: bool  # whether lines divide the cells
    checked: bool  # whether it is one of every second cell, to be told from its neighbours
    agent: bool  # whether the agent is here
    brackets: str  # around the updated or selected cell where it has no frame; empty for every other

    @property
    def bracketed(self) -> bool:
        """Whether the mark is drawn as brackets or corners."""
        return bool(self.brackets) and has_brackets(self.width, self.height)

    def put(self, line: int, col: int, text: str, bg: RGB, fg: RGB | None = None, **flags: bool) -> None:
        """Write inside the cell; where brackets have no room the mark is reverse video, bold for the update."""
        if self.brackets and not self.bracketed:
            flags["reverse"] = True
            flags["bold"] = self.brackets == self.theme.glyphs.ring_brackets
        if self.checked:
            bg = _checked(bg, self.theme.palette.faint)
        if len(codes := encode(text)) > self.width - col:
            text = decode(codes[: max(0, self.width - col)])
        self.cells.put(self.top + line, self.left + col, text, self.theme.style(fg, bg, **flags))

    def put_agent(self, line: int, col: int, width: int) -> None:
        """The agent in the middle of `width` characters."""
        bg = self.theme.palette.agent
        style = self.theme.style(bg=bg, bold=True, reverse=not self.theme.colour)
        self.cells.put(self.top + line, self.left + col, self.theme.glyphs.agent.center(width), style)

    def clear(self, bg: RGB, fill: str = " ", fg: RGB | None = None) -> None:
        """Fill the whole cell."""
        for line in range(self.height):
            self.put(line, 0, fill * self.width, bg, fg)


def has_brackets(width: int, height: int) -> bool:
    """Whether a cell without a frame has room for a mark of brackets, or of corners: else it is reversed."""
    return width >= (6 if height == 1 else 3)


def draw_face(place: Place, board: Board, face: Face) -> None:
    """Number, arrows, badge and agent, as much of them as there is room for."""
    if place.height > 1 or face.fill != " ":
        place.clear(face.bg, face.fill, face.fill_fg)
    if place.height == 1:
        _draw_line(place, board, face)
        return
    middle = (place.height - 1) // 2
    width = place.width
    has_number = face.text is not None or face.value is not None
    if place.height > 2:
        place.put(0, 0, face.badge[:width], face.bg)
        _draw_corners(place, face.bg)
        if place.agent:
            place.put_agent(middle - 1, 1 if width > 4 else 0, min(width - 2, 3) if width > 4 else width)
    if has_number:
        # Cells that touch leave a column between their numbers.
        text = face.number(width - int(not place.framed and width > 3), place.theme.glyphs)
        place.put(middle, (width - len(text) + 1) // 2, text, face.bg, bold=face.text is not None)
    _draw_arrow_row(place, board, face, middle + int(has_number or place.height == 2))


def _mark_colour(place: Place) -> RGB:
    palette, updated = place.theme.palette, place.brackets == place.theme.glyphs.ring_brackets
    return palette.accent if updated else palette.selection


def _draw_corners(place: Place, bg: RGB) -> None:
    """The corners of the mark's frame, in a cell of three lines and more."""
    if not place.bracketed:
        return
    box = place.theme.glyphs.selection
    if place.brackets == place.theme.glyphs.ring_brackets:
        box = place.theme.glyphs.ring
    for line, corners in ((0, box.top), (place.height - 1, box.bottom)):
        place.put(line, 0, corners[0], bg, _mark_colour(place), bold=True)
        place.put(line, place.width - 1, corners[2], bg, _mark_colour(place), bold=True)


def _draw_arrow_row(place: Place, board: Board, face: Face, line: int) -> None:
    """The arrows; in a cell of two lines also the mark's brackets, and the agent or the badge."""
    start, room = (1, place.width - 2) if place.bracketed else (0, place.width)
    if place.height == 2:
        start, room = _draw_brackets(place, line, face.bg)
        if place.agent:
            place.put_agent(line, start, 1)
            start, room = start + 1, room - 1
        elif face.badge and room > 4:
            place.put(line, start, face.badge[:1], face.bg)
    arrows = arrows_of(board, face.greedy, room, place.theme.glyphs)
    place.put(line, start + (room - len(arrows) + 1) // 2, arrows, face.bg, bold=True)


def _draw_brackets(place: Place, line: int, bg: RGB) -> tuple[int, int]:
    """Draw the mark's brackets, if any; returns the first column and the number of columns left between."""
    if not place.bracketed:
        return 0, place.width
    place.put(line, 0, place.brackets[0], bg, _mark_colour(place), bold=True)
    place.put(line, place.width - 1, place.brackets[1], bg, _mark_colour(place), bold=True)
    return 1, place.width - 2


def _draw_line(place: Place, board: Board, face: Face) -> None:
    """A cell of one line: brackets, then agent or badge, number, and arrow."""
    glyphs = place.theme.glyphs
    start, room = _draw_brackets(place, 0, face.bg)
    if place.agent:
        alone = room < 4
        place.put_agent(0, start, room if alone else 1)
        start, room = start + 1, 0 if alone else room - 1
    elif face.badge and room > (1 if face.value is None else 5):
        place.put(0, start, face.badge[:1], face.bg)
        start, room = start + 1, room - 1
    if room < 1:
        return
    has_number = face.text is not None or face.value is not None
    arrow_room = 0 if not face.greedy or (has_number and room < 4) else 1 if has_number else room
    arrows = arrows_of(board, face.greedy, arrow_room, glyphs)
    if has_number:
        room -= len(arrows)
        text = face.number(room, glyphs)
        tiny = room == 1 and face.share < 0  # one digit has no room for its sign
        if text or face.fill == " ":
            place.put(0, start, _centred(text, room), face.bg, bold=face.text is not None, underline=tiny)
        place.put(0, start + room, arrows, face.bg, bold=True)
    else:
        single = face.badge[:1] if place.width == 1 else ""
        place.put(0, start, _centred(arrows or single, room), face.bg, bold=True)


def _centred(text: str, width: int) -> str:
    """The text with blanks around it, half a cell to the right if it must be."""
    pad = width - len(text)
    return " " * (pad - pad // 2) + text + " " * (pad // 2)


def draw_star(place: Place, directions: Set[Direction], face: Face) -> None:
    """Greedy directions as one large arrow, or as several from the middle, in a cell of 5x3 and more."""
    glyphs, palette = place.theme.glyphs, place.theme.palette
    bg = face.bg
    place.clear(bg)
    place.put(0, 0, face.badge[: place.width], bg)
    y, x = place.height // 2, place.width // 2
    for direction in sorted(directions):
        down, right = direction.step
        reach = y if down else min(x, 2 * y)
        back = reach if len(directions) == 1 else 0
        for step in range(-back, reach + 1):
            glyph = glyphs.heads[direction] if step == reach else glyphs.shafts[direction]
            place.put(y + down * step, x + right * step, glyph, bg, palette.text, bold=True)
    if place.agent:
        place.put_agent(y, x - 1, 3)
    elif len(directions) > 1:
        place.put(y, x, glyphs.point, bg, palette.text, bold=True)
    _draw_corners(place, bg)


@dataclass(frozen=True)
class _Slot:
    """Where the value of one action is drawn in a cell: a rectangle, and the line and column of its text."""

    top: int
    left: int
    width: int
    height: int
    line: int


def _q_slots(actions: tuple[Direction | str, ...], width: int, height: int) -> dict[int, _Slot] | None:
    """The place of each action's value around the middle of the cell, or None where there is no room."""
    directions = {action for action in actions if not isinstance(action, str)}
    diagonal = any(direction > Direction.LEFT for direction in directions)
    extras = [a for a, action in enumerate(actions) if isinstance(action, str)]
    enough = width >= (11 if diagonal else 7) and height >= (5 if extras else 3)
    if not enough or len(extras) > 2 or len(actions) != len(directions) + len(extras):
        return None
    band = 1 if extras or diagonal else height // 2  # lines above and below the middle
    side = 3 if diagonal else width // 2
    slots: dict[int, _Slot] = {}
    for a, action in enumerate(actions):
        if isinstance(action, str):
            slots[a] = _Slot(1 + 2 * extras.index(a), 0, width, 1, 1 + 2 * extras.index(a))
            continue
        down, right = action.step
        left = 0 if right < 0 else width - side if right > 0 else side + 1 if diagonal else 0
        across = side if right or diagonal else width
        if down:
            top = 0 if down < 0 else height - band
            slots[a] = _Slot(top, left, across, band, 0 if down < 0 else height - 1)
        else:
            slots[a] = _Slot(height // 2, left, across, 1, height // 2)
    return slots


def has_all_q(board: Board, width: int, height: int) -> bool:
    """Whether a cell has room for the values of all actions: else it shows the largest of them."""
    return board.q is not None and _q_slots(board.actions, width, height) is not None


def draw_q(place: Place, board: Board, state: int, face: Face, scale: float) -> bool:
    """The value of every action on its side of the cell, the greedy ones bold with their arrow; False if no room."""
    slots = _q_slots(board.actions, place.width, place.height)
    if slots is None or board.q is None:
        return False
    background = place.theme.palette.background
    place.clear(background)
    for a, slot in slots.items():
        value = float(board.q[state, a])
        bg = place.theme.diverging(share_of(value, scale))
        for line in range(slot.top, slot.top + slot.height):
            place.put(line, slot.left, " " * slot.width, bg)
        text = _q_text(board.actions[a], value, a in face.greedy, slot.width, place.theme)
        start = slot.left + len(text) - len(text.lstrip())
        place.put(slot.line, start, text.strip(), bg, bold=a in face.greedy, underline=a in face.greedy)
    if place.agent:
        place.put_agent(place.height // 2, place.width // 2, 1)
    elif place.brackets:  # between the numbers there is room for half of the mark
        place.put(place.height // 2, place.width // 2, place.brackets[0], background, _mark_colour(place), bold=True)
    return True


def _q_text(action: Direction | str, value: float, greedy: bool, width: int, theme: Theme) -> str:
    """One action's value in its slot, aligned to its side; a greedy direction with its arrow where it fits."""
    letter = action if isinstance(action, str) else ""
    arrow = theme.glyphs.arrows[action] if greedy and width > 3 and not isinstance(action, str) else ""
    number = format_value(value, width - len(arrow + letter), infinity=theme.glyphs.infinity)
    right = 0 if isinstance(action, str) else action.step[1]
    if right > 0:
        return (number + arrow).rjust(width)
    return (arrow + letter + number).ljust(width) if right < 0 else (arrow + letter + number).center(width)
