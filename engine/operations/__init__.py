"""The table of derivatives: every operation is a row with its forward rule and its derivative side by side.

The rows are numpy; where and when they run is the tape's business. In every rule `g` is the gradient of the final
scalar with respect to the result `y`, and what it returns is the gradient with respect to an input: `dx = g · ∂y/∂x`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from engine.tensor import Tensor

Array = np.ndarray[Any, np.dtype[Any]]
Rule = Callable[..., Any]
Gradients = Sequence[tuple["Tensor", Array]]


class Operation:
    """What every row has: a name, its derivative as a formula, and `forward(*inputs, *options) -> y`."""

    __slots__ = ("formula", "forward", "name")

    def __init__(self, name: str, formula: str, forward: Rule) -> None:
        self.name, self.formula, self.forward = name, formula, forward

    def gradients(self, node: Tensor) -> Gradients:
        """Of a node of the tape every input that wants a gradient, with its gradient to be added."""
        raise NotImplementedError(f"{self.name} has no derivative")

    def __repr__(self) -> str:
        return f"{self.name}: {self.formula}"


class Unary(Operation):
    """One input x: `derivative(g, y, x, *options) -> dx`."""

    __slots__ = ("derivative",)

    def __init__(self, name: str, formula: str, forward: Rule, derivative: Rule) -> None:
        super().__init__(name, formula, forward)
        self.derivative = derivative

    def gradients(self, node: Tensor) -> Gradients:
        (x,) = node.inputs
        return ((x, self.derivative(node.grad, node.data, x.data, *node.saved)),)


class Binary(Operation):
    """Two inputs a, b that broadcast: `da(g, y, a, b, *options)` and `db(...)`, written as if they did not."""

    __slots__ = ("da", "db")

    def __init__(self, name: str, formula: str, forward: Rule, da: Rule, db: Rule) -> None:
        super().__init__(name, formula, forward)
        self.da, self.db = da, db

    def gradients(self, node: Tensor) -> Gradients:
        values = (node.grad, node.data, *[tensor.data for tensor in node.inputs], *node.saved)
        return [
            (tensor, unbroadcast(rule(*values), tensor.data.shape))
            for tensor, rule in zip(node.inputs, (self.da, self.db), strict=True)
            if tensor.requires_grad
        ]


class Joint(Operation):
    """Any inputs, with one rule for all of them, `gradients(node)`: it shares work, and what forward has saved."""

    __slots__ = ("gradients",)

    def __init__(self, name: str, formula: str, forward: Rule, gradients: Callable[[Tensor], Gradients]) -> None:
        super().__init__(name, formula, forward)
        self.gradients = gradients  # type: ignore[assignment]


def unbroadcast(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum over the axes along which `shape` was repeated: the adjoint of broadcasting is a sum."""
    if gradient.shape == shape:
        return gradient
    lead = gradient.ndim - len(shape)
    repeated = tuple(lead + axis for axis, length in enumerate(shape) if length == 1)
    return np.asarray(gradient.sum((*range(lead), *repeated))).reshape(shape)
