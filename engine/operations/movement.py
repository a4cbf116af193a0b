"""Movement: values change their place, never their size; the gradient travels back the same way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.operations import Array, Gradients, Joint, Unary

if TYPE_CHECKING:
    from engine.tensor import Tensor


def _is_basic(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is Ellipsis or isinstance(part, int | slice) for part in parts)


def _index_dx(g: Array, y: Array, x: Array, index: Any) -> Array:
    gradient = np.zeros_like(x)
    if _is_basic(index):
        gradient[index] = g
    else:
        np.add.at(gradient, index, g)  # an index given twice collects two gradients
    return gradient


def _gather_dx(g: Array, y: Array, x: Array, indices: Array, axis: int) -> Array:
    gradient = np.zeros_like(x)
    places = list(np.ogrid[tuple(slice(n) for n in indices.shape)])
    places[axis] = indices
    np.add.at(gradient, tuple(places), g)
    return gradient


def _unjoin(node: Tensor, pieces: Iterable[Array]) -> Gradients:
    return [(tensor, piece) for tensor, piece in zip(node.inputs, pieces, strict=True) if tensor.requires_grad]


def _concatenate_gradients(node: Tensor) -> Gradients:
    (axis,) = node.saved
    ends = np.cumsum([tensor.data.shape[axis] for tensor in node.inputs])
    return _unjoin(node, np.split(np.asarray(node.grad), ends[:-1], axis))


def _stack_gradients(node: Tensor) -> Gradients:
    return _unjoin(node, np.moveaxis(np.asarray(node.grad), node.saved[0], 0))


RESHAPE = Unary(
    "reshape",
    "dx = g, in the shape of x",
    lambda x, shape: x.reshape(shape),
    lambda g, y, x, shape: g.reshape(x.shape),
)
TRANSPOSE = Unary(
    "transpose",
    "dx = g, axes put back",
    lambda x, axes: x.transpose(axes),
    lambda g, y, x, axes: g.transpose(np.argsort([axis % x.ndim for axis in axes])),
)
INDEX = Unary("index", "dx[index] += g", lambda x, index: x[index], _index_dx)
GATHER = Unary(
    "gather",
    "dx[indices along axis] += g",
    lambda x, indices, axis: np.take_along_axis(x, indices, axis),
    _gather_dx,
)
CONCATENATE = Joint(
    "concatenate",
    "each input gets its part of g",
    lambda *parts_axis: np.concatenate(parts_axis[:-1], parts_axis[-1]),
    _concatenate_gradients,
)
STACK = Joint(
    "stack",
    "each input gets its layer of g",
    lambda *parts_axis: np.stack(parts_axis[:-1], parts_axis[-1]),
    _stack_gradients,
)
