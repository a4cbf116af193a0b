"""An expression on the engine's tape: its nodes with their values, and the backward pass as the tape really makes it.

Nothing is computed here that the engine has not computed: values are the tensors' own, the gradients are what
`Tensor.backward_steps` has left in them, and what goes along an edge is what the operation's own rule gives.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from engine.operations import Array, Operation
from engine.tensor import Tensor
from scenarios.lessons.autodiff.evaluating import Evaluation, Span, Told, is_computed, shape_text
from scenarios.lessons.autodiff.reading import ExpressionError, Reading, read

MOST_INPUTS = 400  # numbers that gradients are asked of

Kind = Literal["variable", "given", "constant", "operation"]


@dataclass(frozen=True, eq=False)
class Node:
    """A tensor of the recording: what made it, from which nodes, and its value."""

    index: int  # in the order of creation, variables first
    kind: Kind
    name: str  # a variable's, or v1, v2 ... as in the survey that `engine.tensor` cites
    operation: Operation | None
    inputs: tuple[int, ...]
    saved: Any  # what the tape kept for the derivative: options, mostly
    told: tuple[Told, ...]  # what a loss aims at and its numbers, which the tape has no need to keep
    value: Array
    span: Span  # where it stands in the text
    has_gradient: bool


@dataclass(frozen=True, eq=False)
class Contribution:
    """What one use of a node adds to its gradient."""

    to: int
    part: int  # which input of the operation that is
    amount: Array
    local: Array  # the same rule with a gradient of ones from above
    before: Array | None  # the gradient until then
    after: Array


@dataclass(frozen=True, eq=False)
class Application:
    """One step of the backward pass: the gradient of a node is complete, and its rule hands it on."""

    node: int
    gradient: Array
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True, eq=False)
class Program:
    """A text that can be computed, with the values that its variables begin with."""

    reading: Reading
    values: Mapping[str, Array]

    def text(self, values: Mapping[str, Array]) -> str:
        """The text with other values."""
        parts: dict[bool, list[str]] = {False: [], True: []}
        for definition in self.reading.definitions:
            if definition.name in self.values:
                value = value_text(values[definition.name])
            else:
                value = definition.formula.text
            parts[definition.given].append(f"{definition.name}={value}")
        text = self.reading.formula.text
        for word, given in (("with", False), ("given", True)):
            text += f" {word} {', '.join(parts[given])}" if parts[given] else ""
        return text


@dataclass(frozen=True, eq=False)
class Recording:
    """The tape of one evaluation, forward and back."""

    nodes: tuple[Node, ...]
    forward: tuple[int, ...]  # the operations, in the order in which they are computed
    backward: tuple[Application, ...]
    values: Mapping[str, Array] = field(repr=False)  # of the variables and of what is given

    @property
    def result(self) -> Node:
        """The node that all gradients are of."""
        return self.nodes[self.forward[-1]]

    @property
    def loss(self) -> float:
        """Its value."""
        return float(self.result.value.item())

    @property
    def variables(self) -> tuple[Node, ...]:
        """The nodes that a gradient is asked of."""
        return tuple(node for node in self.nodes if node.kind == "variable")

    @property
    def targets(self) -> Mapping[str, Array]:
        """By name what is given and no node: what a loss aims at is kept by its operation, and is no input of it."""
        names = {node.name for node in self.nodes}
        return {name: value for name, value in self.values.items() if name not in names}

    def gradient(self, node: int) -> Array | None:
        """The whole gradient of a node; None where none reaches it."""
        for application in reversed(self.backward):
            for contribution in reversed(application.contributions):
                if contribution.to == node:
                    return contribution.after
        return self.backward[0].gradient if self.backward[0].node == node else None


def program(text: str) -> Program:
    """A text as something that can be recorded, tried out once.

    Raises ExpressionError for a text that cannot be used, or whose result has no gradient.
    """
    reading = read(text)
    evaluation = Evaluation(reading, {})
    result = evaluation.result
    place = reading.formula.span(reading.formula.tree)[0]
    if result.size != 1:
        shape = shape_text(result.shape)
        raise ExpressionError(
            f"gradients are of one number, this is {shape}: put sum(...) or mean(...) around it", place
        )
    if not result.requires_grad:
        raise ExpressionError("there is nothing to differentiate: use a variable, as in x**2 with x=3", place)
    if result.operation is None:
        raise ExpressionError("a variable alone has the gradient 1: use an operation, as in x**2", place)
    inputs = sum(leaf.size for leaf in evaluation.leaves.values() if leaf.requires_grad)
    if inputs > MOST_INPUTS:
        raise ExpressionError(f"variables have at most {MOST_INPUTS} numbers together, these {inputs}", place)
    values = {d.name: evaluation.leaves[d.name].data for d in reading.definitions if d.name in evaluation.leaves}
    unused = [d.name for d in reading.definitions if d.name not in values and not is_computed(d)]
    if unused:
        place = next(d.place for d in reading.definitions if d.name == unused[0])
        raise ExpressionError(f"{unused[0][:20]} is not used in the expression", place)
    return Program(reading, values)


def record(program: Program, values: Mapping[str, Array] | None = None) -> Recording:
    """Compute a program with some values, and keep what the tape does."""
    values = {**program.values, **(values or {})}
    evaluation = Evaluation(program.reading, values)
    tensors = _tensors(evaluation.result)
    numbers = {tensor.number: index for index, tensor in enumerate(tensors)}
    names = {tensor.number: name for name, tensor in evaluation.named.items()}
    letter = _letter(evaluation.named)
    nodes: list[Node] = []
    for index, tensor in enumerate(tensors):
        span = evaluation.spans.get(tensor.number, (0, 0))
        made = sum(node.kind == "operation" for node in nodes)
        inputs = tuple(numbers[x.number] for x in tensor.inputs)
        kind = _kind(tensor, evaluation)
        name = names.get(tensor.number) or (f"{letter}{made + 1}" if kind == "operation" else "")
        nodes.append(
            Node(
                *(index, kind, name, tensor.operation, inputs, tensor.saved),
                *(evaluation.told.get(tensor.number, ()), tensor.data.copy(), span),
                has_gradient=tensor.requires_grad,
            )
        )
    forward = tuple(node.index for node in nodes if node.kind == "operation")
    with np.errstate(all="ignore"):
        backward = tuple(_applications(evaluation.result, numbers))
    return Recording(tuple(nodes), forward, backward, values)


def _letter(taken: Iterable[str]) -> str:
    """What results without a name are called by: v1, v2 ... unless the learner has such names."""
    letters = ("v" + "_" * n for n in itertools.count())
    return next(letter for letter in letters if not any(re.fullmatch(rf"{letter}\d+", name) for name in taken))


def _kind(tensor: Tensor, evaluation: Evaluation) -> Kind:
    if tensor.operation is not None:
        return "operation"
    if tensor in evaluation.leaves.values():
        return "variable" if tensor.requires_grad else "given"
    return "constant"


def _tensors(result: Tensor) -> list[Tensor]:
    """Everything that the result depends on and itself: leaves first, each in the order of creation."""
    found = {result.number: result}
    waiting = [result]
    while waiting:
        for tensor in waiting.pop().inputs:
            if tensor.number not in found:
                found[tensor.number] = tensor
                waiting.append(tensor)
    return sorted(found.values(), key=lambda tensor: (tensor.operation is not None, tensor.number))


def _applications(result: Tensor, numbers: Mapping[int, int]) -> list[Application]:
    """The tape's own backward pass, each step looked at before it is made and when it is."""
    found: list[Application] = []
    so_far: dict[int, Array] = {}  # gradients by creation number, as they grow
    steps = result.backward_steps()
    node = next(steps, None)
    while node is not None:
        number, gradient = node.number, np.array(node.grad)
        uses = _uses(node)
        node = next(steps, None)  # now the tape has applied the rule
        contributions = []
        for i, (tensor, part, amount, local) in enumerate(uses):
            before = so_far.get(tensor.number)
            again = any(later is tensor for later, *_ in uses[i + 1 :])
            after = (amount if before is None else before + amount) if again else np.array(tensor.grad)
            so_far[tensor.number] = after
            contributions.append(Contribution(numbers[tensor.number], part, amount, local, before, after))
        found.append(Application(numbers[number], gradient, tuple(contributions)))
    return found


def _uses(node: Tensor) -> list[tuple[Tensor, int, Array, Array]]:
    """What the rule of a node gives: each input that gets some, which it is, how much, and with ones from above."""
    rule, gradient = node.operation, node.grad
    assert rule is not None
    amounts = rule.gradients(node)
    node.grad = np.ones_like(np.asarray(gradient))
    ones = rule.gradients(node)
    node.grad = gradient
    found: list[tuple[Tensor, int, Array, Array]] = []
    part = -1
    for (tensor, amount), (_, local) in zip(amounts, ones, strict=True):
        part = next(i for i in range(part + 1, len(node.inputs)) if node.inputs[i] is tensor)
        found.append((tensor, part, np.array(amount), np.array(local)))
    return found


def value_text(value: Array) -> str:
    """A value as a learner would type it: 2, [1, 2], [1, 2; 3, 4]."""
    if value.ndim == 0:
        return f"{value.item():.6g}"
    if value.ndim == 2:
        return (
            f"[{'; '.join(value_text(row)[1:-1] for row in value)}]" if len(value) > 1 else f"[{value_text(value[0])}]"
        )
    return f"[{', '.join(map(value_text, value))}]"
