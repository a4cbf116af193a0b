"""The engine's operations that an expression may call, in order of increasing difficulty."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from engine.losses import binary_cross_entropy, cross_entropy, huber, mean_squared_error
from engine.operations import Array
from engine.tensor import Tensor, concatenate, maximum, minimum, stack

MANY = 8  # tensors or numbers at most


@dataclass(frozen=True)
class Function:
    """How a function is called: so many tensors, then constant arrays, then plain numbers."""

    usage: str
    call: Callable[..., Tensor]
    tensors: tuple[int, int] = (1, 1)  # at least, at most
    constants: int = 0
    numbers: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """What it is called by."""
        return self.usage.partition("(")[0]


def _whole(number: float) -> int:
    if number != int(number):
        raise ValueError(f"expected a whole number, got {number:g}")
    return int(number)


def _along(method: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A reduction, over everything or along an axis."""

    def call(x: Tensor, *axis: float) -> Tensor:
        return method(x, *map(_whole, axis))

    return call


def _reshape(x: Tensor, *shape: float) -> Tensor:
    if min(shape) < 1:
        raise ValueError("expected lengths of at least 1")
    return x.reshape(*map(_whole, shape))


def _cross_entropy(logits: Tensor, classes: Array) -> Tensor:
    if not (classes == np.rint(classes)).all():
        raise ValueError("classes are whole numbers from 0 on")
    return cross_entropy(logits, classes.astype(np.int64))


_FUNCTIONS = (
    Function("exp(x)", Tensor.exp),
    Function("log(x)", Tensor.log),
    Function("sqrt(x)", Tensor.sqrt),
    Function("abs(x)", Tensor.abs),
    Function("relu(x)", Tensor.relu),
    Function("leaky_relu(x, slope)", Tensor.leaky_relu, numbers=(0, 1)),
    Function("tanh(x)", Tensor.tanh),
    Function("sigmoid(x)", Tensor.sigmoid),
    Function("softplus(x)", Tensor.softplus),
    Function("clip(x, low, high)", Tensor.clip, numbers=(2, 2)),
    Function("maximum(a, b)", maximum, (2, 2)),
    Function("minimum(a, b)", minimum, (2, 2)),
    Function("sum(x, axis)", _along(Tensor.sum), numbers=(0, 1)),
    Function("mean(x, axis)", _along(Tensor.mean), numbers=(0, 1)),
    Function("max(x, axis)", _along(Tensor.max), numbers=(0, 1)),
    Function("min(x, axis)", _along(Tensor.min), numbers=(0, 1)),
    Function("var(x, axis)", _along(Tensor.var), numbers=(0, 1)),
    Function("softmax(x, axis)", _along(Tensor.softmax), numbers=(0, 1)),
    Function("log_softmax(x, axis)", _along(Tensor.log_softmax), numbers=(0, 1)),
    Function("logsumexp(x, axis)", _along(Tensor.logsumexp), numbers=(0, 1)),
    Function("transpose(x)", lambda x: x.transpose()),
    Function("reshape(x, rows, columns)", _reshape, numbers=(1, 4)),
    Function("concatenate(a, b)", lambda *parts: concatenate(parts), (1, MANY)),
    Function("stack(a, b)", lambda *parts: stack(parts), (1, MANY)),
    Function("mse(x, target)", mean_squared_error, constants=1),
    Function("huber(x, target, delta)", huber, constants=1, numbers=(0, 1)),
    Function("binary_cross_entropy(logits, target)", binary_cross_entropy, constants=1),
    Function("cross_entropy(logits, class)", _cross_entropy, constants=1),
)
FUNCTIONS: Mapping[str, Function] = MappingProxyType({function.name: function for function in _FUNCTIONS})

Value = float | Tensor  # a plain number, or what the tape knows


def as_tensor(value: Value) -> Tensor:
    """A number as a constant of the tape."""
    return value if isinstance(value, Tensor) else Tensor(value, dtype=np.float64)


def arguments_of(function: Function, values: list[Value]) -> list[Any]:
    """The values as a function takes them. Raises ValueError, one sentence, where they do not fit."""
    least = function.tensors[0] + function.constants + function.numbers[0]
    most = function.tensors[1] + function.constants + function.numbers[1]
    if not least <= len(values) <= most:
        count = f"{least}" if least == most else f"{least} to {most}"
        raise ValueError(f"call it as {function.usage}, with {count} in brackets, got {len(values)}")
    tensors = max(function.tensors[0], min(function.tensors[1], len(values) - function.constants - function.numbers[0]))
    found: list[Any] = [as_tensor(value) for value in values[:tensors]]
    for value in values[tensors : tensors + function.constants]:
        target = as_tensor(value)
        if target.requires_grad:
            raise ValueError(f"call it as {function.usage}, where what is aimed at is a number or stands behind given")
        found.append(target.data)
    for value in values[tensors + function.constants :]:
        if isinstance(value, Tensor):
            raise ValueError(f"call it as {function.usage}, with plain numbers behind the first")
        found.append(value)
    return found
