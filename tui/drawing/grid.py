"""The world as a grid: value, Q, policy, visits and TD error of every state, at any size.

`draw_board` is a pure function of (board, layer, width, height); the agent, the last update and the selected cell are
glyphs and frames, so that a terminal without colour shows them too.
"""

from __future__ import annotations

from tui.drawing.board import Board, Kind, Layer, Layout, fit
from tui.drawing.cells import Cells, Style
from tui.drawing.faces import face_of, layer_scale
from tui.drawing.place import Place, draw_face, draw_q, draw_star, has_all_q, has_brackets
from tui.drawing.theme import Box, Direction, Theme

_SWATCHES = 8


def draw_board(board: Board, layer: Layer, width: int, height: int, theme: Theme, focus: int | None = None) -> Cells:
    """The board on width x height characters, with the largest cells that fit (see `fit`)."""
    cells = Cells(width, height)
    layout = fit(board, width, height, focus)
    if layout.framed:
        _draw_lines(cells, layout, theme)
    scale = layer_scale(board, layer)
    for row in range(layout.first_row, layout.first_row + layout.rows):
        for col in range(layout.first_col, layout.first_col + layout.cols):
            state = row * board.cols + col
            place = _place(cells, board, layout, state, theme)
            _draw_state(place, board, layer, state, scale)
            if state in board.walls_right and layout.gap_x:
                _draw_wall(place)
    if layout.framed:
        palette, glyphs = theme.palette, theme.glyphs
        _draw_frame(cells, board, layout, board.selected, glyphs.selection, theme.style(palette.selection))
        _draw_frame(cells, board, layout, board.updated, glyphs.ring, theme.style(palette.accent, bold=True))
    if layout.rows < board.rows or layout.cols < board.cols:
        _draw_caption(cells, board, layout, theme)
    return cells


def _place(cells: Cells, board: Board, layout: Layout, state: int, theme: Theme) -> Place:
    row, col = divmod(state, board.cols)
    top, left = layout.corner(row, col)
    checked = not layout.framed and (row + col) % 2 == 1
    mark = ""
    if not layout.framed and state == board.updated:
        mark = theme.glyphs.ring_brackets
    elif not layout.framed and state == board.selected:
        mark = theme.glyphs.selection_brackets
    size = layout.cell_width, layout.cell_height
    return Place(cells, theme, top, left, *size, layout.framed, checked, state == board.agent, mark)


def _draw_state(place: Place, board: Board, layer: Layer, state: int, scale: float) -> None:
    face = face_of(board, layer, state, scale, place.theme)
    if face.text is None and layer is Layer.Q and draw_q(place, board, state, face, scale):
        return
    actions = [board.actions[a] for a in face.greedy]
    directions = {action for action in actions if isinstance(action, Direction)}
    large = place.width >= 5 and place.height >= 3 and len(directions) == len(actions)
    if layer is Layer.POLICY and large and face.text is None:
        draw_star(place, directions, face)
    else:
        draw_face(place, board, face)


def _draw_lines(cells: Cells, layout: Layout, theme: Theme) -> None:
    """The lines between and around the cells."""
    light = theme.glyphs.light
    style = theme.style(theme.palette.faint)
    y, x = layout.top - 1, layout.left - 1

    def ruled(ends: str, inside: str) -> str:
        return ends[0] + ends[1].join([inside * layout.cell_width] * layout.cols) + ends[2]

    for row in range(layout.rows * (layout.cell_height + 1) + 1):
        if row % (layout.cell_height + 1):
            cells.put(y + row, x, ruled(light.vertical * 3, " "), style)
        else:
            last = row == layout.rows * (layout.cell_height + 1)
            ends = light.top if row == 0 else light.bottom if last else light.middle
            cells.put(y + row, x, ruled(ends, light.horizontal), style)


def _draw_frame(cells: Cells, board: Board, layout: Layout, state: int | None, box: Box, style: Style) -> None:
    """A frame in place of the lines around one cell."""
    if state is None:
        return
    row, col = divmod(state, board.cols)
    inside = 0 <= row - layout.first_row < layout.rows and 0 <= col - layout.first_col < layout.cols
    if not inside:
        return
    y, x = layout.corner(row, col)
    width, height = layout.cell_width, layout.cell_height
    cells.put(y - 1, x - 1, box.top[0] + box.horizontal * width + box.top[2], style)
    cells.put(y + height, x - 1, box.bottom[0] + box.horizontal * width + box.bottom[2], style)
    for line in range(y, y + height):
        cells.put(line, x - 1, box.vertical, style)
        cells.put(line, x + width, box.vertical, style)


def _draw_wall(place: Place) -> None:
    """A wall between the cell and its right neighbour."""
    style = place.theme.style(place.theme.palette.muted)
    for line in range(place.height):
        place.cells.put(place.top + line, place.left + place.width, place.theme.glyphs.fence, style)


def _draw_caption(cells: Cells, board: Board, layout: Layout, theme: Theme) -> None:
    """Which part of the board is shown, in the last line."""
    rows = f"rows {layout.first_row}-{layout.first_row + layout.rows - 1} of {board.rows}"
    cols = f"columns {layout.first_col}-{layout.first_col + layout.cols - 1} of {board.cols}"
    cells.put(cells.height - 1, 0, f"{rows}, {cols}", theme.style(theme.palette.muted))


def draw_legend(board: Board, layer: Layer, width: int, theme: Theme, layout: Layout | None = None) -> Cells:
    """One line that says what the colours and glyphs of a layer mean; what does not fit is left out.

    With the `layout` of the board (see `fit`) it also says what is drawn in smaller cells: digits that stand for
    numbers, the largest Q alone, and another mark of what was updated.
    """
    cells = Cells(width, 1)
    glyphs, palette = theme.glyphs, theme.palette
    col = _draw_scale(cells, board, layer, layer_name(board, layer, layout), theme)
    names = {
        Kind.START: (glyphs.start, "start"),
        Kind.GOAL: (glyphs.goal, "goal"),
        Kind.TERMINAL: (glyphs.terminal, "end"),
        Kind.CLIFF: (glyphs.cliff, "cliff"),
        Kind.HOLE: (glyphs.hole, "hole"),
        Kind.JUMP: (glyphs.jump, "jump"),
    }
    items: list[tuple[str, str]] = []
    if layout is not None and layout.cell_width < 3 and layer is not Layer.POLICY:
        items += [("0-9", "tenths of it" + (", underlined: below 0" if layout.cell_width == 1 else ""))]
    items += [(glyphs.agent, "agent")] if board.agent is not None else []
    items += [(_update_mark(board, layer, layout, theme), "updated")] if board.updated is not None else []
    items += [name for kind, name in names.items() if (board.kinds == kind).any()]
    if glyphs.arrows[Direction.UP_RIGHT].isalpha():  # a letter does not say where it points
        diagonals = [a for a in board.actions if isinstance(a, Direction) and a > Direction.LEFT]
        items += [(glyphs.arrows[action], action.name.lower().replace("_", " ")) for action in diagonals]
    for glyph, name in items:
        if col + len(glyph) + len(name) + 1 > width:
            break
        cells.put(0, col, glyph, theme.style(palette.text, bold=True, reverse=not glyph.strip()))
        cells.put(0, col + len(glyph) + 1, name, theme.style(palette.muted))
        col += len(glyph) + len(name) + 3
    return cells


def layer_name(board: Board, layer: Layer, layout: Layout | None) -> str:
    """What the layer is called where its cells are laid out like this."""
    all_q = layer is not Layer.Q or layout is None or has_all_q(board, layout.cell_width, layout.cell_height)
    return layer if all_q else f"max {layer}"


def _update_mark(board: Board, layer: Layer, layout: Layout | None, theme: Theme) -> str:
    """What tells the updated cell from the others: corners of its frame, brackets, or blanks where it is reversed."""
    if layout is None:
        return theme.glyphs.ring_brackets
    width, height = layout.cell_width, layout.cell_height
    corners = layout.framed or (height > 2 and has_brackets(width, height))
    if corners and (layout.framed or layer is not Layer.Q or not has_all_q(board, width, height)):
        return theme.glyphs.ring.top[0] + theme.glyphs.ring.top[2]
    return theme.glyphs.ring_brackets if has_brackets(width, height) else "  "


def _draw_scale(cells: Cells, board: Board, layer: Layer, name: str, theme: Theme) -> int:
    """The name of the layer and its scale of colours; returns the column after it."""
    palette = theme.palette
    cells.put(0, 0, name, theme.style(palette.text, bold=True))
    col = len(name) + 1
    if layer is Layer.POLICY or not theme.colour:
        return col + 1
    scale = layer_scale(board, layer)
    low, high = (0.0, scale) if layer is Layer.VISITS else _signs(board, layer, scale)
    start, end = (f"{bound:.3g}" for bound in (low, high))
    cells.put(0, col, start, theme.style(palette.muted))
    col += len(start) + 1
    for step in range(_SWATCHES):
        share = (low + (high - low) * step / (_SWATCHES - 1)) / scale
        colour = theme.sequential(share) if layer is Layer.VISITS else theme.diverging(share)
        cells.put(0, col + step, " ", theme.style(bg=colour))
    col += _SWATCHES + 1
    cells.put(0, col, end, theme.style(palette.muted))
    return col + len(end) + 3


def _signs(board: Board, layer: Layer, scale: float) -> tuple[float, float]:
    """The ends of the scale: without the half that no value is in."""
    values = {Layer.TD_ERROR: board.td_errors, Layer.Q: board.q}.get(layer, board.values)
    if values is None or not values.size:
        return -scale, scale
    low = -scale if (values < 0).any() else 0.0
    return low, scale if (values > 0).any() or low == 0 else 0.0
