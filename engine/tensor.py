"""The tensor and its tape: reverse-mode automatic differentiation.

Every result remembers the operation that made it and its inputs, and has a creation number. An input is
always older than its result, so the numbers are a topological order: backward is one pass from the youngest
node to the oldest. It knows no operation; the derivatives are the table in `engine.operations`.

Source: Baydin, Pearlmutter, Radul and Siskind, "Automatic Differentiation in Machine Learning: a Survey"
(2018), section 3.2.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Any

import numpy as np

from engine.operations import Array, Operation, binary, movement, reduce, unary
from engine.operations.reduce import Axis

DType = type[np.floating[Any]] | np.dtype[Any]
PRECISIONS = (np.dtype(np.float32), np.dtype(np.float64))

_creation_numbers = itertools.count()


class _Recording(threading.local):
    on = True


_recording = _Recording()


@contextmanager
def no_grad() -> Iterator[None]:
    """Nothing computed inside is recorded (in this thread). A generator must not `yield` inside it: the
    switch would stay off for whoever asked for the value."""
    before, _recording.on = _recording.on, False
    try:
        yield
    finally:
        _recording.on = before


class _Freed(Operation):
    def gradients(self, node: Tensor) -> Any:
        raise RuntimeError("backward() freed this graph: compute it again")


FREED = _Freed("freed", "gone after backward", np.positive)


class Tensor:
    """An array that remembers how it was computed.

    `data` is the value; `grad` its gradient after `backward`; `operation`, `inputs` and `saved` say how it was
    made (None and empty for a leaf). Change `data` in place only, and not between a forward pass and its
    backward: the derivatives read it.

    Arguments: data: an array, number or nested list, of which no copy is made if it has the dtype already.
    requires_grad: whether `backward` should leave a gradient here. dtype: float32, or float64 to check gradients.
    Raises TypeError for another dtype, or for a tensor as data.
    """

    __slots__ = (
        "_gradient_buffer",
        "data",
        "grad",
        "inputs",
        "number",
        "operation",
        "requires_grad",
        "saved",
    )
    __array_ufunc__ = None  # array + tensor becomes tensor.__radd__(array)

    _gradient_buffer: Array | None
    data: Array
    grad: Array | None
    inputs: tuple[Tensor, ...]
    number: int
    operation: Operation | None
    requires_grad: bool
    saved: Any

    def __init__(self, data: Any, requires_grad: bool = False, dtype: DType = np.float32) -> None:
        if dtype is not np.float32 and np.dtype(dtype) not in PRECISIONS:
            raise TypeError(f"dtype must be float32 or float64, got {np.dtype(dtype)}")
        self.data = np.asarray(data, dtype)
        self.requires_grad = requires_grad
        self.grad, self._gradient_buffer = None, None
        self.number = next(_creation_numbers)
        self.operation, self.inputs, self.saved = None, (), ()

    # ---- the tape -------------------------------------------------------------------------------------

    def backward(self, gradient: Any = None) -> None:
        """Add ∂self/∂x to the `grad` of every leaf x that requires one, and free the graph on the way.

        gradient: what to start from, in the shape of self; 1 by default, for a tensor of one element.
        Raises ValueError for a missing or misshapen start, RuntimeError where there is no graph (any more).
        """
        for _ in self.backward_steps(gradient):
            pass

    def backward_steps(self, gradient: Any = None) -> Iterator[Tensor]:
        """The same pass one node at a time: every node comes when its `grad` is complete, just before its
        derivative is applied to it and it is freed."""
        self.grad = self._start(gradient)
        # Whoever uses a node is younger than it, so the youngest that waits has all of its gradient.
        waiting: list[tuple[int, Any]] = [(-self.number, self)]
        while waiting:
            node = heappop(waiting)[1]
            yield node
            for tensor, incoming in node.operation.gradients(node):
                if tensor.operation is None:
                    tensor._accumulate(incoming)
                elif tensor.grad is None:
                    tensor.grad = incoming  # a reference, others may hold it too: never added to in place
                    heappush(waiting, (-tensor.number, tensor))
                else:
                    tensor.grad = tensor.grad + incoming
            node.operation = FREED
            node.inputs = node.saved = ()
            node.grad = None

    def _start(self, gradient: Any) -> Array:
        if self.operation is None:
            raise RuntimeError("backward() needs a tensor computed from one with requires_grad=True")
        shape = self.data.shape
        if gradient is None:
            if self.data.size != 1:
                raise ValueError(f"backward() starts from one element; pass a gradient of shape {shape}")
            return np.ones(shape, self.data.dtype) if shape else self.data.dtype.type(1)
        start = np.asarray(gradient, self.data.dtype)
        if start.shape != shape:
            raise ValueError(f"gradient must have shape {shape}, got {start.shape}")
        return start

    def _accumulate(self, gradient: Array) -> None:
        """grad += gradient for a leaf, in an array of its own."""
        if self.grad is not None:
            self.grad += gradient
        elif self._gradient_buffer is None:
            self.grad = np.array(gradient)
        else:
            self.grad = self._gradient_buffer
            self.grad[...] = gradient

    def detach(self) -> Tensor:
        """The same value as a constant: no gradient flows through it."""
        return Tensor(self.data, dtype=self.data.dtype)

    # ---- what an array has ----------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.data.shape)

    @property
    def ndim(self) -> int:
        return self.data.ndim

    @property
    def size(self) -> int:
        return self.data.size

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.data.dtype

    def item(self) -> float:
        """The value of a tensor with one element."""
        return float(self.data.item())

    def __array__(self, *_: Any, **__: Any) -> Array:
        raise TypeError("numpy records nothing: use a method of the tensor, its .data or detach()")

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        how = "" if self.operation is None else f", {self.operation.name}"
        return f"Tensor({self.data}{how})"

    # ---- unary ----------------------------------------------------------------------------------------

    def __neg__(self) -> Tensor:
        return apply(unary.NEG, self)

    def exp(self) -> Tensor:
        return apply(unary.EXP, self)

    def log(self) -> Tensor:
        return apply(unary.LOG, self)

    def sqrt(self) -> Tensor:
        return apply(unary.SQRT, self)

    def abs(self) -> Tensor:
        return apply(unary.ABS, self)

    def relu(self) -> Tensor:
        return apply(unary.RELU, self)

    def leaky_relu(self, slope: float = 0.01) -> Tensor:
        return apply(unary.LEAKY_RELU, self, options=(float(slope),))

    def tanh(self) -> Tensor:
        return apply(unary.TANH, self)

    def sigmoid(self) -> Tensor:
        return apply(unary.SIGMOID, self)

    def softplus(self) -> Tensor:
        """log(1 + eˣ)."""
        return apply(unary.SOFTPLUS, self)

    def clip(self, low: float, high: float) -> Tensor:
        """min(max(x, low), high)."""
        return apply(unary.CLIP, self, options=(float(low), float(high)))

    # ---- reduce ---------------------------------------------------------------------------------------

    def sum(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        return apply(reduce.SUM, self, options=(axis, keepdims))

    def mean(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        return apply(reduce.MEAN, self, options=(axis, keepdims))

    def max(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        return apply(reduce.MAX, self, options=(axis, keepdims))

    def min(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        return apply(reduce.MIN, self, options=(axis, keepdims))

    def var(self, axis: Axis = None, keepdims: bool = False, ddof: int = 0) -> Tensor:
        """Σ (x - mean)² / (n - ddof)."""
        return apply(reduce.VAR, self, options=(axis, keepdims, ddof))

    def softmax(self, axis: Axis = -1) -> Tensor:
        """eˣ / Σ eˣ."""
        return apply(reduce.SOFTMAX, self, options=(axis,))

    def log_softmax(self, axis: Axis = -1) -> Tensor:
        """x - log Σ eˣ."""
        return apply(reduce.LOG_SOFTMAX, self, options=(axis,))

    def logsumexp(self, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """log Σ eˣ."""
        return apply(reduce.LOGSUMEXP, self, options=(axis, keepdims))

    # ---- binary ---------------------------------------------------------------------------------------

    def __add__(self, other: Operand) -> Tensor:
        return apply(binary.ADD, self, operand(other, self))

    def __radd__(self, other: Operand) -> Tensor:
        return apply(binary.ADD, operand(other, self), self)

    def __sub__(self, other: Operand) -> Tensor:
        return apply(binary.SUB, self, operand(other, self))

    def __rsub__(self, other: Operand) -> Tensor:
        return apply(binary.SUB, operand(other, self), self)

    def __mul__(self, other: Operand) -> Tensor:
        return apply(binary.MUL, self, operand(other, self))

    def __rmul__(self, other: Operand) -> Tensor:
        return apply(binary.MUL, operand(other, self), self)

    def __truediv__(self, other: Operand) -> Tensor:
        return apply(binary.DIV, self, operand(other, self))

    def __rtruediv__(self, other: Operand) -> Tensor:
        return apply(binary.DIV, operand(other, self), self)

    def __pow__(self, other: Operand) -> Tensor:
        if isinstance(other, int | float):
            return apply(unary.POWER, self, options=(float(other),))
        return apply(binary.POW, self, operand(other, self))

    def __rpow__(self, other: Operand) -> Tensor:
        return apply(binary.POW, operand(other, self), self)

    def __matmul__(self, other: Operand) -> Tensor:
        return apply(binary.MATMUL, self, operand(other, self))

    def __rmatmul__(self, other: Operand) -> Tensor:
        return apply(binary.MATMUL, operand(other, self), self)

    # ---- movement -------------------------------------------------------------------------------------

    def reshape(self, *shape: int) -> Tensor:
        return apply(movement.RESHAPE, self, options=(shape,))

    def transpose(self, *axes: int) -> Tensor:
        """The axes in the given order; reversed when none is given."""
        return apply(movement.TRANSPOSE, self, options=(axes or tuple(reversed(range(self.ndim))),))

    @property
    def T(self) -> Tensor:
        return self.transpose()

    def __getitem__(self, index: Any) -> Tensor:
        """Slices, integers and index arrays as in numpy; an element taken twice collects both gradients."""
        return apply(movement.INDEX, self, options=(index,))

    def gather(self, indices: Array, axis: int = -1) -> Tensor:
        """y[i, j] = x[i, indices[i, j]] for the last axis, as `numpy.take_along_axis`."""
        return apply(movement.GATHER, self, options=(np.asarray(indices), axis))


Operand = Tensor | Array | float


def operand(other: Operand, partner: Tensor) -> Tensor:
    """`other` as a tensor of the partner's precision: a number or array never promotes the graph to float64.

    Raises TypeError for a tensor of another precision.
    """
    if not isinstance(other, Tensor):
        return Tensor(other, dtype=partner.data.dtype)
    if other.data.dtype != partner.data.dtype:
        raise TypeError(f"a graph has one precision, got tensors of {partner.dtype} and {other.dtype}")
    return other


def record(operation: Operation, value: Any, inputs: tuple[Tensor, ...], saved: Any = ()) -> Tensor:
    """The result of an operation as a tensor, with its history when an input requires a gradient."""
    result = Tensor.__new__(Tensor)
    result.data = value if value.__class__ is np.ndarray else np.asarray(value)
    result.grad = result._gradient_buffer = None
    result.number = next(_creation_numbers)
    if _recording.on:
        for tensor in inputs:
            if tensor.requires_grad:
                result.requires_grad = True
                result.operation, result.inputs, result.saved = operation, inputs, saved
                return result
    result.requires_grad = False
    result.operation, result.inputs, result.saved = None, (), ()
    return result


def apply(operation: Operation, *inputs: Tensor, options: tuple[Any, ...] = ()) -> Tensor:
    """Run the forward rule of an operation that saves nothing but its options, and record the result."""
    value = operation.forward(*[tensor.data for tensor in inputs], *options)
    return record(operation, value, inputs, options)


def tape(root: Tensor) -> list[Tensor]:
    """All recorded results that `root` depends on and itself, oldest first. Each tells its `operation` (name
    and derivative formula), its `inputs` and its `data`."""
    found = {} if root.operation is None else {root.number: root}
    waiting = list(found.values())
    while waiting:
        for tensor in waiting.pop().inputs:
            if tensor.operation is not None and tensor.number not in found:
                found[tensor.number] = tensor
                waiting.append(tensor)
    return [found[number] for number in sorted(found)]


def maximum(a: Operand, b: Operand) -> Tensor:
    """The larger of two, element by element; where equal, each gets half of the gradient."""
    return apply(binary.MAXIMUM, *_pair(a, b))


def minimum(a: Operand, b: Operand) -> Tensor:
    """The smaller of two, element by element; where equal, each gets half of the gradient."""
    return apply(binary.MINIMUM, *_pair(a, b))


def where(condition: Array, a: Operand, b: Operand) -> Tensor:
    """a where the condition (a boolean array) holds, b elsewhere."""
    return apply(binary.WHERE, *_pair(a, b), options=(np.asarray(condition, bool),))


def _pair(a: Operand, b: Operand) -> tuple[Tensor, Tensor]:
    if isinstance(a, Tensor):
        return a, operand(b, a)
    if isinstance(b, Tensor):
        return operand(a, b), b
    raise TypeError("one of the two must be a tensor; for arrays and numbers use numpy")


def concatenate(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Join along an existing axis."""
    return apply(movement.CONCATENATE, *tensors, options=(axis,))


def stack(tensors: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Join along a new axis."""
    return apply(movement.STACK, *tensors, options=(axis,))
