"""Reductions: `axis` is None (all), an integer or a tuple; softmax and its relatives reduce inside."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.operations import Array, Unary

Axis = int | tuple[int, ...] | None


def keep(reduced: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """Give `reduced` back the axes it lost, with length 1, so that it broadcasts against `x`."""
    if keepdims or axis is None or x.ndim == 0:
        return reduced
    return np.expand_dims(reduced, axis)


def spread(g: Array, x: Array, axis: Axis, keepdims: bool) -> Array:
    """Copy `g` along the reduced axes: the adjoint of a sum is a broadcast."""
    gradient = np.empty_like(x)
    gradient[...] = keep(g, x, axis, keepdims)
    return gradient


def count(x: Array, axis: Axis) -> int:
    """How many elements a reduction over `axis` merges into one."""
    if axis is None or x.ndim == 0:
        return x.size
    axes = axis if isinstance(axis, tuple) else (axis,)
    return int(np.prod([x.shape[a] for a in axes], dtype=int))


def _count_some(x: Array, axis: Axis, fewer: int, name: str) -> int:
    n = count(x, axis) - fewer
    if n <= 0:
        raise ValueError(f"{name} over {count(x, axis)} elements of shape {x.shape}, axis {axis}, is undefined")
    return n


def _mean(x: Array, axis: Axis, keepdims: bool) -> Any:
    return x.sum(axis=axis, keepdims=keepdims) / _count_some(x, axis, 0, "mean")


def _var(x: Array, axis: Axis, keepdims: bool, ddof: int) -> Any:
    deviation = x - _mean(x, axis, True)
    n = _count_some(x, axis, ddof, "var")
    return (deviation * deviation).sum(axis=axis, keepdims=keepdims) / n


def _var_dx(g: Array, y: Array, x: Array, axis: Axis, keepdims: bool, ddof: int) -> Any:
    return keep(g, x, axis, keepdims) * (x - _mean(x, axis, True)) * (2 / (count(x, axis) - ddof))


def _extreme_dx(g: Array, y: Array, x: Array, axis: Axis, keepdims: bool) -> Any:
    attained = x == keep(y, x, axis, keepdims)
    ties = attained.sum(axis=axis, keepdims=True, dtype=x.dtype)  # ties share the gradient
    return attained * (keep(g, x, axis, keepdims) / ties)


SUM = Unary(
    "sum",
    "dx = g, copied along the axis",
    lambda x, axis, keepdims: x.sum(axis=axis, keepdims=keepdims),
    lambda g, y, x, axis, keepdims: spread(g, x, axis, keepdims),
)
MEAN = Unary(
    "mean",
    "dx = g / n, copied along the axis",
    _mean,
    lambda g, y, x, axis, keepdims: spread(g / count(x, axis), x, axis, keepdims),
)
MAX = Unary(
    "max",
    "dx = g where x = y, shared by ties",
    lambda x, axis, keepdims: x.max(axis=axis, keepdims=keepdims),
    _extreme_dx,
)
MIN = Unary(
    "min",
    "dx = g where x = y, shared by ties",
    lambda x, axis, keepdims: x.min(axis=axis, keepdims=keepdims),
    _extreme_dx,
)
VAR = Unary("var", "dx = g · 2 (x - mean) / (n - ddof)", _var, _var_dx)


def _shifted_exp(x: Array, axis: Axis) -> tuple[Array, Array]:
    """e^(x - max) and max: the largest exponent is 0, so nothing overflows whatever the size of x."""
    top = x.max(axis=axis, keepdims=True)
    return np.exp(x - top), top


def softmax(x: Array, axis: Axis) -> Any:
    """eˣ / Σ eˣ."""
    e, _ = _shifted_exp(x, axis)
    return e / e.sum(axis=axis, keepdims=True)


def log_softmax(x: Array, axis: Axis) -> Any:
    """x - log Σ eˣ."""
    e, top = _shifted_exp(x, axis)
    return (x - top) - np.log(e.sum(axis=axis, keepdims=True))


def _logsumexp(x: Array, axis: Axis, keepdims: bool) -> Any:
    e, top = _shifted_exp(x, axis)
    y = top + np.log(e.sum(axis=axis, keepdims=True))
    return y if keepdims or x.ndim == 0 else np.squeeze(y, axis)


SOFTMAX = Unary(
    "softmax",
    "dx = y (g - Σ g y)",
    softmax,
    lambda g, y, x, axis: y * (g - (g * y).sum(axis=axis, keepdims=True)),
)
LOG_SOFTMAX = Unary(
    "log_softmax",
    "dx = g - eʸ Σ g",
    log_softmax,
    lambda g, y, x, axis: g - np.exp(y) * g.sum(axis=axis, keepdims=True),
)
LOGSUMEXP = Unary(
    "logsumexp",
    "dx = g · softmax(x)",
    _logsumexp,
    lambda g, y, x, axis, keepdims: keep(g, x, axis, keepdims) * softmax(x, axis),
)
