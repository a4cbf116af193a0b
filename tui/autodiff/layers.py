"""Where the nodes of a graph stand: in layers from left to right, every node right of all that it is made of.

After Sugiyama, Tagawa and Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981): layers,
then points where long edges pass a layer, then an order in every layer by the mean place of the neighbours, then rows
as near to the neighbours as the distances allow. Nothing here knows what a node means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

SWEEPS = 8


@dataclass
class Item:
    """Something in a layer: a node, or a point where the edges of a node pass."""

    node: int
    layer: int
    height: int  # rows
    out: int  # row, from its own top, where what it gives leaves
    passing: bool = False
    place: int = 0  # in its layer
    row: int = 0
    uses: list[Use] = field(default_factory=list)  # of what it gives, in the next layer
    made_of: list[Use] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Use:
    """An edge between neighbouring layers: to which port of which item."""

    source: Item
    target: Item
    port: int  # row, from the target's own top
    part: int  # which input of a node; -1 for a point that is passed

    @property
    def start_row(self) -> int:
        """The row in which it leaves."""
        return self.source.row + self.source.out

    @property
    def end_row(self) -> int:
        """The row in which it arrives."""
        return self.target.row + self.port


@dataclass(frozen=True)
class Shape:
    """How a box is built: the row of its output, and those of its inputs, from its top; strict ones never meet."""

    framed: bool
    strict: bool = False  # all inputs arrive on rows of the other parity than those on which outputs leave

    def height(self, inputs: int) -> int:
        """Rows of a box."""
        return max(3, 2 * inputs - 1) + 2 * self.framed

    def out(self, inputs: int) -> int:
        """The row of the output."""
        middle = self.height(inputs) // 2
        return middle if middle % 2 == (not self.framed) else middle + 1

    @property
    def passage(self) -> tuple[int, int]:
        """The rows in which a line enters a layer that it passes, and leaves it."""
        return (int(self.framed), int(not self.framed)) if self.strict else (0, 0)

    def ports(self, inputs: int) -> list[int]:
        """The rows of the inputs."""
        if inputs == 1 and not self.strict:
            return [self.height(1) // 2]
        return [self.framed + 2 * i for i in range(inputs)]


def place(inputs: Sequence[Sequence[int]], shape: Shape, gap: int = 1) -> list[list[Item]]:
    """Layers of items, each from top to bottom, with their rows; `inputs` are those of every node, by number."""
    layers = _items(inputs, shape)
    _order(layers)
    _assign_rows(layers, gap, 2 if shape.strict else 1)
    return layers


def layer_numbers(inputs: Sequence[Sequence[int]]) -> list[int]:
    """The layer of every node; what is made of nothing stands right before its first use."""
    depth = [0] * len(inputs)
    for node, made_of in enumerate(inputs):
        depth[node] = 1 + max((depth[i] for i in made_of), default=-1)
    first_use: dict[int, int] = {}
    for node, made_of in enumerate(inputs):
        for i in made_of:
            first_use[i] = min(first_use.get(i, depth[node]), depth[node])
    return [first_use.get(node, 1) - 1 if not inputs[node] else depth[node] for node in range(len(inputs))]


def _items(inputs: Sequence[Sequence[int]], shape: Shape) -> list[list[Item]]:
    numbers = layer_numbers(inputs)
    layers: list[list[Item]] = [[] for _ in range(max(numbers) + 1)]
    items = []
    for node, made_of in enumerate(inputs):
        item = Item(node, numbers[node], shape.height(len(made_of)), shape.out(len(made_of)))
        items.append(item)
        layers[item.layer].append(item)
    points: dict[tuple[int, int], Item] = {}
    for node, made_of in enumerate(inputs):
        for part, (i, port) in enumerate(zip(made_of, shape.ports(len(made_of)), strict=True)):
            source = items[i]
            for layer in range(source.layer + 1, numbers[node]):
                if (i, layer) not in points:
                    enter, leave = shape.passage
                    point = points[i, layer] = Item(i, layer, 1 + shape.strict, leave, passing=True)
                    layers[layer].append(point)
                    _join(source, point, enter, -1)
                source = points[i, layer]
            _join(source, items[node], port, part)
    return layers


def _join(source: Item, target: Item, port: int, part: int) -> None:
    use = Use(source, target, port, part)
    source.uses.append(use)
    target.made_of.append(use)


def _order(layers: list[list[Item]]) -> None:
    """Put the items of every layer in an order in which few edges cross."""
    for layer in layers:
        _number(layer)
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(SWEEPS):
        back = sweep % 2 == 1
        for layer in reversed(layers) if back else layers:
            layer.sort(key=partial(_mean_place, back=back))
            _number(layer)
        count = _crossings(layers)
        if count < fewest:
            best, fewest = [list(layer) for layer in layers], count
    layers[:] = best


def _number(layer: list[Item]) -> None:
    for place, item in enumerate(layer):
        item.place = place


def _mean_place(item: Item, back: bool) -> float:
    """The mean place of the neighbours on one side; its own where there are none."""
    neighbours = [(use.target if back else use.source).place + use.port / 100 for use in _side(item, back)]
    return sum(neighbours) / len(neighbours) if neighbours else item.place


def _side(item: Item, back: bool) -> list[Use]:
    return item.uses if back else item.made_of


def _crossings(layers: list[list[Item]]) -> int:
    count = 0
    for layer in layers:
        ends = [end for item in layer for end in sorted((use.target.place, use.port) for use in item.uses)]
        count += sum(ends[i] > later for i in range(len(ends)) for later in ends[i + 1 :])
    return count


def _assign_rows(layers: list[list[Item]], gap: int, grid: int) -> None:
    """Rows that make edges straight where they can be, in the order that there is; rows are multiples of `grid`."""
    for layer in layers:
        _set_rows(layer, [0.0] * len(layer), gap, grid)
    for sweep in range(SWEEPS + 1):
        back = sweep % 2 == 1
        for layer in reversed(layers) if back else layers:
            _set_rows(layer, [_wanted_row(item, back) for item in layer], gap, grid)
    top = min(item.row for layer in layers for item in layer)
    for layer in layers:
        for item in layer:
            item.row -= top


def _wanted_row(item: Item, back: bool) -> float:
    if back:
        rows = [use.end_row - item.out for use in item.uses]
    else:
        rows = [use.start_row - use.port for use in item.made_of]
    return sum(rows) / len(rows) if rows else item.row


def _set_rows(layer: list[Item], wanted: list[float], gap: int, grid: int) -> None:
    """The rows nearest to those wanted that keep the order and the distances: pools of neighbours share a mean."""
    offsets = [0]
    for item in layer[:-1]:
        offsets.append(offsets[-1] + -(-(item.height + gap) // grid) * grid)
    pools: list[tuple[float, int]] = []  # mean of what is wanted, and of how many
    for row, offset in zip(wanted, offsets, strict=False):
        pool = (row - offset, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, count = pools.pop()
            pool = ((mean * count + pool[0] * pool[1]) / (count + pool[1]), count + pool[1])
        pools.append(pool)
    rows = [mean for mean, count in pools for _ in range(count)]
    for item, row, offset in zip(layer, rows, offsets, strict=True):
        item.row = round(row / grid) * grid + offset
