"""The graph pane: nodes as boxes with operation, value and gradient, edges between them, the step that was made lit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from scenarios.lessons.autodiff.explaining import array_text, operation_sign, operation_text
from scenarios.lessons.autodiff.lesson import Lesson
from scenarios.lessons.autodiff.recording import Node, Recording
from tui.autodiff.routing import CLOSE, DOWN, LEFT, RIGHT, UP, Box, Dots, Graph, Spacing, draw_graph, least_width
from tui.autodiff.session import Session
from tui.drawing.cells import RGB, SPACE, Cells, Style, pack
from tui.drawing.theme import Box as Frame
from tui.drawing.theme import Direction, Theme, mix
from tui.lesson.panes.text import clipped, length, written

NARROW, SCALAR = 7, 9  # characters inside a box at least; and for a number
MARGIN = 2  # columns and rows kept free around what has to be seen


@dataclass(frozen=True)
class Build:
    """How roomy a graph is drawn."""

    framed: bool
    widest: int  # characters inside a box at most
    spacing: Spacing = CLOSE
    terse: bool = False  # a title is a name and a sign, not an equation


BUILDS = (
    Build(True, 24, Spacing(channel=9, spread=2, gap=2)),
    Build(True, 22, Spacing(channel=5, spread=2)),
    Build(True, 22),
    Build(True, 15),
    Build(True, 12),
    Build(False, 18),
    Build(False, 12),
    Build(False, 8, terse=True),
)  # the roomiest first
PANNED = Build(False, 15)  # where none fits as a whole


class GraphPainter:
    """Draws the graph of a session; keeps the geometry of an expression, and where it lies in the pane."""

    def __init__(self) -> None:
        self._graphs: dict[tuple[int, Build, bool], Graph] = {}
        self._recording: Recording | None = None
        self._seen: tuple[Graph, int, int] | None = None  # and the row and column at the pane's top left
        self._followed = (0, 0)  # the same if it were not moved by hand

    def draw(self, session: Session, width: int, height: int, theme: Theme) -> Cells:
        """The graph, or the part of it around what is looked at."""
        build, graph = self.fitting(session.lesson, width, height, theme)
        row, col = self._corner(session, graph, width, height)
        self._seen = (graph, row, col)
        picture = draw_picture(session, graph, build, theme)
        cells = Cells(width, height)
        cells.blit(picture, -row, -col)
        _mark_more(cells, graph, row, col, theme)
        return cells

    def fitting(self, lesson: Lesson, width: int, height: int, theme: Theme) -> tuple[Build, Graph]:
        """The roomiest graph that fits, or one to be moved."""
        first = lesson.epochs[0].recording
        inputs = [node.inputs for node in first.nodes]
        for build in BUILDS:
            widths = [_width(first, node, build, theme) for node in first.nodes]
            if least_width(inputs, widths, build.spacing.channel) > width:
                continue
            graph = self._graph(lesson, build, theme)
            if graph.width <= width and graph.height <= height:
                return build, graph
        panned = Build(True, 15) if height >= 20 else PANNED
        return panned, self._graph(lesson, panned, theme)

    def _graph(self, lesson: Lesson, build: Build, theme: Theme) -> Graph:
        first = lesson.epochs[0].recording  # its shapes and names are those of all
        if first is not self._recording:
            self._recording = first
            self._graphs.clear()
            self._seen, self._followed = None, (0, 0)
        key = id(first), build, theme.glyphs.ellipsis.isascii()
        if key not in self._graphs:
            inputs = [node.inputs for node in first.nodes]
            widths = [_width(first, node, build, theme) for node in first.nodes]
            self._graphs[key] = draw_graph(inputs, widths, framed=build.framed, spacing=build.spacing)
        return self._graphs[key]

    def _corner(self, session: Session, graph: Graph, width: int, height: int) -> tuple[int, int]:
        """The row and column of the graph at the pane's top left; what is looked at is in sight, unless moved away."""
        watched = session.lesson.current if session.view.watched is None else session.view.watched
        box = graph.boxes[watched or 0]
        pan = session.view.pan
        self._followed = (
            _followed(graph.height, height, self._followed[0], box.row, box.height),
            _followed(graph.width, width, self._followed[1], box.col, box.width),
        )
        row = _bounded(self._followed[0] + pan[0], graph.height, height)
        col = _bounded(self._followed[1] + pan[1], graph.width, width)
        session.view.pan = (row - self._followed[0], col - self._followed[1])
        return row, col

    def node_at(self, row: int, col: int) -> int | None:
        """The node drawn at a place of the pane."""
        if self._seen is None:
            return None
        graph, top, left = self._seen
        row, col = row + top, col + left
        return next(
            (b.node for b in graph.boxes if b.row <= row < b.row + b.height and b.col <= col < b.col + b.width), None
        )

    def neighbour(self, node: int, direction: Direction) -> int:
        """The nearest node in a direction, or the node itself."""
        if self._seen is None:
            return node
        boxes = self._seen[0].boxes
        down, right = direction.step
        here = boxes[node]
        best, nearest = node, float("inf")
        for box in boxes:
            rows = (box.row + box.height / 2) - (here.row + here.height / 2)
            cols = ((box.col + box.width / 2) - (here.col + here.width / 2)) / 2
            along, aside = rows * down + cols * right, abs(rows * right) + abs(cols * down)
            if along > 0.5 and along + 2 * aside < nearest:
                best, nearest = box.node, along + 2 * aside
        return best


def _width(recording: Recording, node: Node, build: Build, theme: Theme) -> int:
    """Columns of a box: its title, or a value of its shape."""
    title = length(written(_title(recording, node, build), theme))
    value = SCALAR if node.value.ndim == 0 else 2 + 7 * node.value.size
    inside = min(max(title, value, NARROW), build.widest)
    return inside + (4 if build.framed else 2)


def _title(recording: Recording, node: Node, build: Build) -> str:
    if node.kind == "operation" and build.terse:
        return f"{node.name} {operation_sign(node)}"
    if node.kind == "operation":
        return f"{node.name} = {operation_text(recording, node)}"
    return node.name or "constant"


def _followed(whole: int, room: int, at: int, start: int, size: int) -> int:
    """Where a graph begins in one direction: all of it in the middle, or moved as little as shows the box."""
    if size + 2 * MARGIN > room:
        return _bounded(start, whole, room)
    return _bounded(max(min(at, start - MARGIN), start + size + MARGIN - room), whole, room)


def _bounded(at: int, whole: int, room: int) -> int:
    """The beginning so that no room is left empty; in the middle where there is too much of it."""
    return -((room - whole) // 2) if whole <= room else max(0, min(at, whole - room))


def draw_example(width: int, height: int, theme: Theme) -> Cells:
    """The first example with all its values and gradients, as a preview."""
    session = Session()
    while session.lesson.forward():
        pass
    return GraphPainter().draw(session, width, height, theme)


# ---- the picture --------------------------------------------------------------------------------------


def draw_picture(session: Session, graph: Graph, build: Build, theme: Theme) -> Cells:
    """The whole graph at this moment."""
    cells = Cells(graph.width, graph.height)
    _draw_edges(cells, session.lesson, graph, theme)
    for box in graph.boxes:
        _draw_box(cells, session, box, build, theme)
    return cells


def _glyphs(frame: Frame) -> dict[int, str]:
    """The pieces of a line by their arms."""
    corners = zip(
        (DOWN | RIGHT, DOWN | LEFT, UP | RIGHT, UP | LEFT), (*frame.top[::2], *frame.bottom[::2]), strict=True
    )
    joints = (DOWN | LEFT | RIGHT, frame.top[1]), (UP | LEFT | RIGHT, frame.bottom[1]), (15, frame.middle[1])
    sides = (UP | DOWN | RIGHT, frame.middle[0]), (UP | DOWN | LEFT, frame.middle[2]), (UP | DOWN, frame.vertical)
    return dict((*corners, *joints, *sides, (LEFT | RIGHT, frame.horizontal)))


def _draw_edges(cells: Cells, lesson: Lesson, graph: Graph, theme: Theme) -> None:
    """Quiet lines where nothing has passed, brighter ones where it has, and heavy ones for the step just made."""
    palette = theme.palette
    lit = _lit_edges(lesson)
    nets: dict[tuple[int, int], dict[int, int]] = {}
    bright: set[tuple[int, int]] = set()
    for edge in graph.edges:
        for place, arms in edge.line.items():
            net = nets.setdefault(place, {})
            net[edge.source] = net.get(edge.source, 0) | arms
        if lesson.has_value(edge.target):
            bright.update(edge.line)
    light = _glyphs(theme.glyphs.light)
    passed, still = pack(theme.style(palette.muted)), pack(theme.style(palette.faint))
    for place, net in nets.items():
        arms = next(iter(net.values())) if len(net) == 1 else UP | DOWN  # a line that crosses goes over the other
        cells.codes[place] = ord(light[arms])
        cells.styles[place] = passed if place in bright else still
    heavy, accent = _glyphs(theme.glyphs.ring), pack(theme.style(palette.accent, bold=True))
    for place, arms in _together(edge.line for edge in graph.edges if (edge.source, edge.target, edge.part) in lit):
        cells.codes[place] = ord(heavy[arms])
        cells.styles[place] = accent
    _draw_heads(cells, lesson, graph, lit, theme)


def _lit_edges(lesson: Lesson) -> set[tuple[int, int, int]]:
    """The edges of the step that was made last: source, target and part."""
    if lesson.current is None:
        return set()
    node = lesson.recording.nodes[lesson.current]
    if lesson.application is None:
        return {(source, node.index, part) for part, source in enumerate(node.inputs)}
    return {(share.to, node.index, share.part) for share in lesson.application.contributions}


def _together(lines: Iterable[Dots]) -> Iterable[tuple[tuple[int, int], int]]:
    all_of_them: Dots = {}
    for line in lines:
        for place, arms in line.items():
            all_of_them[place] = all_of_them.get(place, 0) | arms
    return all_of_them.items()


def _draw_heads(cells: Cells, lesson: Lesson, graph: Graph, lit: set[tuple[int, int, int]], theme: Theme) -> None:
    """Where the step has led: values to the right, gradients to the left."""
    style, heads = theme.style(theme.palette.accent, bold=True), theme.glyphs.heads
    for edge in graph.edges:
        if (edge.source, edge.target, edge.part) not in lit:
            continue
        if lesson.application is None:
            row, col = max(edge.line, key=lambda place: place[1])
            cells.put(row, col, heads[Direction.RIGHT], style)
        else:
            row, col = min(edge.line, key=lambda place: place[1])
            cells.put(row, col, heads[Direction.LEFT], style)


def _draw_box(cells: Cells, session: Session, box: Box, build: Build, theme: Theme) -> None:
    lesson = session.lesson
    node = lesson.recording.nodes[box.node]
    frame, style, background = _frame(session, node, build, theme)
    cells.fill(box.row, box.col, box.width, box.height, theme.style(theme.palette.text, background))
    right, bottom = box.col + box.width - 1, box.row + box.height - 1
    for row in range(box.row, box.row + box.height):
        cells.put(row, box.col, frame.vertical, style)
        cells.put(row, right, frame.vertical, style)
    if build.framed:
        inner = frame.horizontal * (box.width - 2)
        cells.put(box.row, box.col, frame.top[0] + inner + frame.top[2], style)
        cells.put(bottom, box.col, frame.bottom[0] + inner + frame.bottom[2], style)
    edge = 2 if build.framed else 1
    first = box.row + (box.height - 3) // 2
    for row, (text, look) in enumerate(_rows(lesson, node, box.width - 2 * edge, build, background, theme), first):
        cells.put(row, box.col + edge, clipped(text, box.width - 2 * edge, theme), look)


def _frame(session: Session, node: Node, build: Build, theme: Theme) -> tuple[Frame, Style, RGB | None]:
    """The frame of a box, its style, and the colour behind it."""
    palette, glyphs = theme.palette, theme.glyphs
    current = node.index == session.lesson.current
    tint = None if build.framed else mix(palette.background, palette.faint, 0.45)
    if current:
        tint = mix(palette.background, palette.accent, 0.16)
    if node.index == session.view.selected:
        return glyphs.selection, theme.style(palette.selection, tint, bold=True), tint
    if current:
        return glyphs.ring, theme.style(palette.accent, tint, bold=True), tint
    known = session.lesson.has_value(node.index)
    return glyphs.light, theme.style(palette.muted if known else palette.faint, tint), tint


def _rows(
    lesson: Lesson, node: Node, width: int, build: Build, background: RGB | None, theme: Theme
) -> Sequence[tuple[str, Style]]:
    """Title, value and gradient of a node, with their styles."""
    palette = theme.palette
    known = lesson.has_value(node.index)
    colours = {
        "variable": palette.series[2],
        "operation": palette.text,
        "given": palette.muted,
        "constant": palette.muted,
    }
    title = theme.style(colours[node.kind] if known else palette.muted, background, bold=known)
    whole = _title(lesson.recording, node, build)
    if length(written(whole, theme)) > width:
        whole = _title(lesson.recording, node, replace(build, terse=True))
    rows = [(whole, title)]
    value = array_text(node.value, width) if known else ""
    rows.append((value, theme.style(palette.text if known else palette.faint, background)))
    if not node.has_gradient:
        word = "data" if node.kind == "given" else ""
        return [*rows, (word, theme.style(palette.muted, background))]
    gradient = lesson.gradient(node.index)
    if gradient is None:
        return rows
    more = "" if lesson.is_complete(node.index) else " …"
    colour = palette.series[1] if gradient.ndim == 0 and gradient < 0 else palette.series[0]
    text = f"∂ {array_text(gradient, max(4, width - 2 - len(more)), shaped=False)}{more}"
    return [*rows, (text, theme.style(colour, background, bold=not more))]


def _mark_more(cells: Cells, graph: Graph, row: int, col: int, theme: Theme) -> None:
    """Arrows at the edges beyond which there is more, where the edge is free, as near to its middle as can be."""
    heads, style = theme.glyphs.heads, theme.style(theme.palette.accent, bold=True)
    right, bottom = cells.width - 1, cells.height - 1
    if right < 0 or bottom < 0:
        return
    edges = (
        (Direction.LEFT, col > 0, [(y, 0) for y in range(cells.height)]),
        (Direction.RIGHT, col + cells.width < graph.width, [(y, right) for y in range(cells.height)]),
        (Direction.UP, row > 0, [(0, x) for x in range(cells.width)]),
        (Direction.DOWN, row + cells.height < graph.height, [(bottom, x) for x in range(cells.width)]),
    )
    for direction, more, places in edges:
        free = [place for place in range(len(places)) if cells.codes[places[place]] == SPACE]
        if more and free:
            middle = min(free, key=lambda place: abs(place - len(places) // 2))
            cells.put(*places[middle], heads[direction], style)
