"""The lines of a graph: every edge from box to box through the channels between the layers, and none over another.

In a channel all edges of one source share an upright trunk. Trunks that would touch stand in different columns; where
one source leaves in the row in which an edge of another arrives, its trunk stands further left. Lines may cross, but
never run in each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tui.autodiff.layers import Item, Shape, Use, layer_numbers, place

UP, RIGHT, DOWN, LEFT = 1, 2, 4, 8  # the arms of a piece of a line

Key = tuple[int, int, int]  # of an edge: source, target and part
Dots = dict[tuple[int, int], int]  # (row, column): arms


@dataclass(frozen=True)
class Box:
    """The place of a node."""

    node: int
    row: int
    col: int
    width: int
    height: int


@dataclass(frozen=True)
class Edge:
    """The line from a node to where it is used."""

    source: int
    target: int
    part: int  # which input of the target
    line: Dots


@dataclass(frozen=True)
class Graph:
    """Boxes and edges in a plane of so many columns and rows."""

    boxes: tuple[Box, ...]  # by number of the node
    edges: tuple[Edge, ...]
    width: int
    height: int


@dataclass(frozen=True)
class Spacing:
    """The distances in a graph."""

    channel: int = 3  # columns between two layers at least
    spread: int = 1  # columns from trunk to trunk
    gap: int = 1  # rows between two boxes


CLOSE = Spacing()


def least_width(inputs: Sequence[Sequence[int]], widths: Sequence[int], channel: int = Spacing.channel) -> int:
    """Columns that a graph has at least: the widest box of every layer, and the channels between them."""
    widest: dict[int, int] = {}
    for layer, width in zip(layer_numbers(inputs), widths, strict=True):
        widest[layer] = max(widest.get(layer, 0), width)
    return sum(widest.values()) + channel * (len(widest) - 1)


class _Knot(Exception):
    """Trunks that would each have to stand left of the other."""


def draw_graph(
    inputs: Sequence[Sequence[int]], widths: Sequence[int], *, framed: bool, spacing: Spacing = CLOSE
) -> Graph:
    """The graph of nodes made of `inputs`, each in a box of its width."""
    for strict in (False, True):
        layers = place(inputs, Shape(framed, strict), spacing.gap)
        try:
            return _route(layers, widths, spacing)
        except _Knot:
            continue
    raise AssertionError("edges that leave and arrive on rows of different parity cannot meet")


def _route(layers: list[list[Item]], widths: Sequence[int], spacing: Spacing) -> Graph:
    boxes: dict[int, Box] = {}
    lines: dict[Key, Dots] = {}
    known: dict[int, list[Key]] = {}
    col = 0
    for layer in layers:
        width = max((widths[item.node] for item in layer if not item.passing), default=1)
        for item in layer:
            if not item.passing:
                boxes[item.node] = Box(item.node, item.row, col, widths[item.node], item.height)
        tracks = _tracks(layer)
        channel = spacing.channel + spacing.spread * max(tracks.values(), default=0)
        for item in layer:
            start = col if item.passing else col + widths[item.node]
            if item.passing:
                _pass(lines, item, col, width, known)
                start = col + width
            trunk = col + width + spacing.channel // 2 + spacing.spread * tracks.get(id(item), 0)
            for use in item.uses:
                line = _line(start, use.start_row, trunk, col + width + channel, use.end_row)
                for key in _edges_through(use, known):
                    _add(lines.setdefault(key, {}), line)
        col += width + channel
    rows = [item.row + item.height for layer in layers for item in layer]
    edges = tuple(Edge(*key, line) for key, line in sorted(lines.items()))
    right = max(box.col + box.width for box in boxes.values())
    return Graph(tuple(boxes[node] for node in range(len(boxes))), edges, right, max(rows))


def _tracks(layer: list[Item]) -> dict[int, int]:
    """The track of every trunk in the channel behind a layer, by the id of its item; straight edges need none."""
    spans = {}
    for item in layer:
        rows = [use.start_row for use in item.uses] + [use.end_row for use in item.uses]
        if rows and min(rows) < max(rows):
            spans[id(item)] = (min(rows), max(rows))
    leaves = {use.start_row: id(item) for item in layer for use in item.uses}
    left_of: dict[int, set[int]] = {key: set() for key in spans}  # those that stand further left
    for item in layer:
        for use in item.uses:
            other = leaves.get(use.end_row)
            if other is not None and other != id(item):
                left_of[id(item)].add(other)
    tracks: dict[int, int] = {}
    while len(tracks) < len(spans):
        ready = [key for key in spans if key not in tracks and left_of[key] & spans.keys() <= tracks.keys()]
        if not ready:
            raise _Knot
        for key in sorted(ready, key=spans.__getitem__):
            track = 1 + max((tracks[other] for other in left_of[key] if other in tracks), default=-1)
            while any(track == tracks[other] and _touch(spans[key], spans[other]) for other in tracks):
                track += 1
            tracks[key] = track
    return tracks


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]


def _edges_through(use: Use, known: dict[int, list[Key]]) -> list[Key]:
    """All edges that go this way; `known` are those through points that were asked about before, by their ids."""
    if use.part >= 0:
        return [(use.source.node, use.target.node, use.part)]
    point = id(use.target)
    if point not in known:
        known[point] = [edge for later in use.target.uses for edge in _edges_through(later, known)]
    return known[point]


def _line(start: int, start_row: int, trunk: int, stop: int, end_row: int) -> Dots:
    """From a column and row to the right, along a trunk, and on to the column before `stop`."""
    dots: Dots = {}
    if start_row == end_row:
        _across(dots, start_row, start, stop)
        return dots
    _across(dots, start_row, start, trunk)
    _across(dots, end_row, trunk + 1, stop)
    low, high = sorted((start_row, end_row))
    for row in range(low, high + 1):
        arms = (UP if row > low else 0) | (DOWN if row < high else 0)
        dots[row, trunk] = dots.get((row, trunk), 0) | arms
    dots[start_row, trunk] |= LEFT
    dots[end_row, trunk] |= RIGHT
    return dots


def _across(dots: Dots, row: int, start: int, stop: int) -> None:
    for col in range(start, stop):
        dots[row, col] = dots.get((row, col), 0) | LEFT | RIGHT


def _pass(lines: dict[Key, Dots], item: Item, col: int, width: int, known: dict[int, list[Key]]) -> None:
    """Through the layer of a point, a row further down where its edges leave on another row."""
    dots: Dots = {}
    enter, leave = item.made_of[0].end_row, item.row + item.out
    if enter == leave:
        _across(dots, enter, col, col + width)
    else:
        dots = _line(col, enter, col, col + width, leave)
    for use in item.uses:
        for key in _edges_through(use, known):
            _add(lines.setdefault(key, {}), dots)


def _add(line: Dots, more: Dots) -> None:
    for place_, arms in more.items():
        line[place_] = line.get(place_, 0) | arms
