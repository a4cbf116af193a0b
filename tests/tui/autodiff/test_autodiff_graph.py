"""Layout and lines of graphs: nothing over anything else, whatever the graph; and the drawings at all sizes."""

import random

import numpy as np
import pytest

from scenarios.lessons.autodiff.checking import check
from scenarios.lessons.autodiff.examples import EXAMPLES
from scenarios.lessons.autodiff.recording import program, record
from tui.autodiff import commands
from tui.autodiff.drawings import Drawings
from tui.autodiff.graph import GraphPainter, draw_picture
from tui.autodiff.header import draw_header
from tui.autodiff.layers import Shape, layer_numbers, place
from tui.autodiff.layout import PANES, arrange
from tui.autodiff.routing import DOWN, LEFT, RIGHT, UP, Spacing, draw_graph, least_width
from tui.autodiff.session import Session
from tui.drawing.theme import Direction, make_theme

THEME, ASCII = make_theme(), make_theme(ascii_only=True, colour=False)
ACROSS, UPRIGHT = LEFT | RIGHT, UP | DOWN


def random_inputs(seed):
    """Nodes made of nodes before them; some of none, some of one twice."""
    rng = random.Random(seed)
    inputs = [()]
    for node in range(1, rng.randrange(2, 26)):
        inputs.append(tuple(rng.randrange(node) for _ in range(rng.choice((0, 1, 2, 2, 3)))))
    return inputs, [rng.randrange(5, 14) for _ in inputs]


def connected(line, start, stop):
    """Whether a line leads from one cell to another along its arms, and nowhere else."""
    steps = {UP: (-1, 0, DOWN), DOWN: (1, 0, UP), LEFT: (0, -1, RIGHT), RIGHT: (0, 1, LEFT)}
    seen, waiting, loose = {start}, [start], set()
    while waiting:
        row, col = waiting.pop()
        for arm, (down, right, back) in steps.items():
            if line[row, col] & arm:
                there = (row + down, col + right)
                if not line.get(there, 0) & back:
                    loose.add(there)
                elif there not in seen:
                    seen.add(there)
                    waiting.append(there)
    ends = {(start[0], start[1] - 1), (stop[0], stop[1] + 1)}
    return stop in seen and seen == set(line) and loose == ends


@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize("block", range(10))
def test_random_graphs(block, framed):
    for seed in range(12 * block, 12 * block + 12):
        inputs, widths = random_inputs(seed)
        graph = draw_graph(inputs, widths, framed=framed, spacing=Spacing(3 + seed % 5, 1 + seed % 2, 1 + seed % 3))
        owner = np.full((graph.height, graph.width), -1)
        for box in graph.boxes:  # boxes lie apart, inside
            area = owner[box.row : box.row + box.height, box.col : box.col + box.width]
            assert area.shape == (box.height, box.width)
            assert (area == -1).all()
            area[:] = box.node
        nets = {}
        for edge in graph.edges:
            source, target = graph.boxes[edge.source], graph.boxes[edge.target]
            cells = sorted(edge.line, key=lambda cell: cell[1])
            assert connected(edge.line, cells[0], cells[-1])
            assert cells[0][1] == source.col + source.width
            assert source.row <= cells[0][0] < source.row + source.height
            assert cells[-1][1] == target.col - 1
            assert target.row <= cells[-1][0] < target.row + target.height
            for cell, arms in edge.line.items():
                assert owner[cell] == -1  # no line through a box
                net = nets.setdefault(cell, {})
                net[edge.source] = net.get(edge.source, 0) | arms
        for net in nets.values():  # lines of two sources cross, and nothing else
            assert len(net) == 1 or sorted(net.values()) == [UPRIGHT, ACROSS]
        expected = sorted((source, node, part) for node, made in enumerate(inputs) for part, source in enumerate(made))
        assert [(edge.source, edge.target, edge.part) for edge in graph.edges] == expected
        ports = {
            (graph.edges[i].target, max(graph.edges[i].line, key=lambda cell: cell[1])) for i in range(len(expected))
        }
        assert len(ports) == len(expected)  # every input arrives at a place of its own
        assert graph.width >= least_width(inputs, widths, 3 + seed % 5)


def test_strict_graphs_leave_and_arrive_on_rows_of_different_parity():
    for framed in (True, False):
        for seed in range(20):
            inputs, _ = random_inputs(seed)
            for layer in place(inputs, Shape(framed, strict=True)):
                for item in layer:
                    assert all(use.start_row % 2 == (not framed) for use in item.uses)
                    assert all(use.end_row % 2 == framed for use in item.made_of)


def test_layers_on_paper():
    """x used by 1 and 3, a constant that only 3 needs stands right before it."""
    assert layer_numbers([(), (0,), (), (1, 2), (3, 0)]) == [0, 1, 1, 2, 3]


def test_a_chain_is_straight():
    graph = draw_graph([(), (0,), (1,), (2,)], [9] * 4, framed=True)
    assert {box.row for box in graph.boxes} == {0}
    assert all(set(edge.line.values()) == {ACROSS} for edge in graph.edges)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
@pytest.mark.parametrize("theme", [THEME, ASCII], ids=["unicode", "ascii"])
def test_values_appear_in_their_boxes(example, theme):
    session = Session(example.text)
    painter = GraphPainter()
    build, graph = painter.fitting(session.lesson, 400, 100, theme)
    blank = str(draw_picture(session, graph, build, theme))
    seen = [blank]
    while session.lesson.forward():
        picture = draw_picture(session, graph, build, theme)
        assert (picture.width, picture.height) == (graph.width, graph.height)
        seen.append(str(picture))
        if theme is ASCII:
            assert seen[-1].isascii()
    assert len(set(seen)) == len(seen)
    for node in session.lesson.recording.nodes:
        assert (node.name or "constant") in seen[-1]
    while session.lesson.back():
        assert str(draw_picture(session, graph, build, theme)) == seen[session.lesson.position]


def test_the_chain_rule_as_a_picture():
    session = Session("(a*b + c)**2 with a=2, b=-3, c=10")
    for _ in range(6):
        session.step()
    painter = GraphPainter()
    build, graph = painter.fitting(session.lesson, 60, 9, THEME)
    assert not build.framed
    assert [line.rstrip() for line in str(draw_picture(session, graph, build, THEME)).splitlines()] == [
        "│a        │",
        "│2        │◄┓",
        "│∂ −24    │ ┗━┃v1 = a·b ┃",
        "              ┃−6       ┃─┐",
        "│b        │ ┏━┃∂ 8      ┃ └─│v2 = v1 + c│   │v3 = v2² │",
        "│−3       │◄┛               │4          │───│16       │",
        "│∂ 16     │   │c        │ ┌─│∂ 8        │   │∂ 1      │",
        "              │10       │─┘",
        "              │∂ 8      │",
    ]


@pytest.mark.parametrize("example", [EXAMPLES[1], EXAMPLES[6]], ids=lambda example: example.title)
def test_every_pane_at_every_size(example):
    session = Session(example.text)
    session.view.text = False
    for _ in range(5):
        session.step()
    session.checks = check(session.lesson.program, session.lesson.recording)
    session.lesson.descend()
    drawings = Drawings(session)
    theme = THEME if example is EXAMPLES[1] else ASCII
    for width in (0, 1, 2, 5, 20, 80, 400):
        for height in (0, 1, 2, 10, 120):
            for name in PANES:
                cells = drawings.draw(name, width, height, theme)
                assert (cells.width, cells.height) == (width, height)
                assert drawings.titles(name, theme)
            draw_header(session, width, theme)


def test_a_graph_larger_than_its_pane_goes_with_the_step():
    session = Session(EXAMPLES[6].text)
    painter = GraphPainter()
    while session.lesson.forward():
        painter.draw(session, 60, 10, THEME)
        graph, row, col = painter._seen
        box = graph.boxes[session.lesson.current]
        assert row <= box.row < box.row + box.height <= row + 10
        assert col <= box.col < box.col + box.width <= col + 60
        assert painter.node_at(box.row - row, box.col - col) == box.node
    assert painter.node_at(0, 0) is None or painter.node_at(0, 0) != session.lesson.current


def test_moved_by_hand_it_stops_at_its_edges_and_comes_back():
    session = Session(EXAMPLES[6].text)
    painter = GraphPainter()
    painter.draw(session, 60, 10, THEME)
    session.view.pan = (1000, 1000)
    painter.draw(session, 60, 10, THEME)
    graph, row, col = painter._seen
    assert (row, col) == (graph.height - 10, graph.width - 60)
    session.view.pan = (session.view.pan[0], session.view.pan[1] - 1000)
    painter.draw(session, 60, 10, THEME)
    assert painter._seen[2] == 0
    session.step()
    assert session.view.pan == (0, 0)


def test_arrows_reach_every_node():
    for example in EXAMPLES:
        session = Session(example.text)
        painter = GraphPainter()
        painter.draw(session, 120, 20, THEME)
        reached, waiting = {0}, [0]
        while waiting:
            node = waiting.pop()
            for direction in (Direction.UP, Direction.RIGHT, Direction.DOWN, Direction.LEFT):
                there = painter.neighbour(node, direction)
                if there not in reached:
                    reached.add(there)
                    waiting.append(there)
        assert reached == set(range(len(session.lesson.recording.nodes)))


def test_a_hundred_operations():
    text = "x" + "".join(f"*y{n % 7} + x" for n in range(45)) + ", x=1" + "".join(f", y{n}=0.5" for n in range(7))
    session = Session(text)
    assert len(session.lesson.recording.forward) == 90
    assert record(program(text)).loss == session.lesson.recording.loss
    session.lesson.to_end()
    cells = GraphPainter().draw(session, 100, 20, THEME)
    assert "v90" in str(cells)


@pytest.mark.parametrize("lower", ["step", "inputs", "node", "source"])
@pytest.mark.parametrize("size", [(60, 18), (80, 24), (99, 29), (100, 30), (120, 40), (160, 48), (200, 60), (400, 120)])
def test_the_parts_cover_the_screen_once(size, lower):
    width, height = size
    covered = np.zeros((height, width), int)
    for where in arrange(width, height, lower).places.values():
        assert min(where.width, where.height) > 0
        covered[where.row : where.row + where.height, where.col : where.col + where.width] += 1
    assert (covered == 1).all()


@pytest.mark.parametrize("size", [(1, 1), (59, 18), (60, 17)])
def test_too_little_room(size):
    assert set(arrange(*size, "step").places) == {"header"}


def test_a_pane_says_where_there_is_more_and_covers_nothing():
    session = Session(EXAMPLES[6].text)
    painter = GraphPainter()
    for _ in range(5):
        session.step()
    for pan in ((0, 0), (3, 10), (-3, -10), (2, 30)):
        session.view.pan = pan
        cells = painter.draw(session, 50, 9, THEME)
        graph, row, col = painter._seen
        build, _ = painter.fitting(session.lesson, 50, 9, THEME)
        picture = draw_picture(session, graph, build, THEME)
        more = {
            THEME.glyphs.heads[Direction.LEFT]: col > 0,
            THEME.glyphs.heads[Direction.RIGHT]: col + 50 < graph.width,
            THEME.glyphs.heads[Direction.UP]: row > 0,
            THEME.glyphs.heads[Direction.DOWN]: row + 9 < graph.height,
        }
        added = ""
        for y in range(9):
            for x in range(50):
                drawn = picture.codes[y + row, x + col] if y + row < graph.height and x + col < graph.width else 32
                if cells.codes[y, x] != drawn:
                    assert drawn == 32
                    added += chr(cells.codes[y, x])
        assert sorted(added) == sorted(head for head, there in more.items() if there)


def test_a_matrix_is_shown_in_rows_where_there_is_room():
    session = Session("sum(m*m) with m=[1, -2.5; 30, 4]")
    session.select(0)
    lines = [line.rstrip() for line in str(Drawings(session).draw("node", 60, 8, THEME)).splitlines()]
    assert lines[:4] == [
        " m, variable",
        " shape   2x2, from −2.5 to 30, mean 8.12",
        " value      1 −2.5",
        "           30    4",
    ]
    assert " value   [1 −2.5; 30 4]" in str(Drawings(session).draw("node", 60, 4, THEME))


@pytest.mark.parametrize("text", ["log(x)*y, x=0, y=2", "exp(x), x=1000", "sqrt(x), x=-1", "x*1e300*1e300*y, x=1, y=0"])
def test_what_is_not_finite_is_drawn_as_what_it_is(text):
    session = Session(text)
    commands.check(session)
    assert "not finite" in session.message
    drawings = Drawings(session)
    while session.lesson.forward():
        session.view.text = False
        shown = "".join(str(drawings.draw(name, 70, 12, THEME)) for name in PANES)
    assert "∞" in shown or "nan" in shown
    assert "not finite here" in shown
