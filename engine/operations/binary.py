"""Binary operations: two inputs that broadcast against each other."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.operations import Array, Binary


def _swap(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def _matmul_da(g: Array, y: Array, a: Array, b: Array) -> Any:
    if b.ndim == 1:
        return g[..., None] * b
    if a.ndim == 1:
        return (b @ g[..., None])[..., 0]
    return g @ _swap(b)


def _matmul_db(g: Array, y: Array, a: Array, b: Array) -> Any:
    if a.ndim == 1:
        return a[:, None] * g[..., None, :] if b.ndim > 1 else g * a
    if b.ndim == 1:
        return (_swap(a) @ g[..., None])[..., 0]
    return _swap(a) @ g


def _wins(x: Array, y: Array) -> Any:
    """1 where x is strictly the result, ½ where both are."""
    return (x > y) + (x == y) * np.asarray(0.5, dtype=x.dtype)


ADD = Binary("add", "da = g, db = g", np.add, lambda g, y, a, b: g, lambda g, y, a, b: g)
SUB = Binary("sub", "da = g, db = -g", np.subtract, lambda g, y, a, b: g, lambda g, y, a, b: -g)
MUL = Binary("mul", "da = g·b, db = g·a", np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * a)
DIV = Binary("div", "da = g / b, db = -g·y / b", np.divide, lambda g, y, a, b: g / b, lambda g, y, a, b: -g * y / b)
POW = Binary(
    "pow",
    "da = g · b·aᵇ⁻¹, db = g · y·log a",
    np.power,
    lambda g, y, a, b: g * b * a ** np.where(b == 0, 1, b - 1),
    lambda g, y, a, b: g * y * np.log(np.where(a == 0, 1, a)),
)
MAXIMUM = Binary(
    "maximum",
    "da = g where a > b, ½·g where a = b; db likewise",
    np.maximum,
    lambda g, y, a, b: g * _wins(a, b),
    lambda g, y, a, b: g * _wins(b, a),
)
MINIMUM = Binary(
    "minimum",
    "da = g where a < b, ½·g where a = b; db likewise",
    np.minimum,
    lambda g, y, a, b: g * _wins(b, a),
    lambda g, y, a, b: g * _wins(a, b),
)
WHERE = Binary(
    "where",
    "da = g where the condition holds, db = g elsewhere",
    lambda a, b, condition: np.where(condition, a, b),
    lambda g, y, a, b, condition: np.where(condition, g, 0),
    lambda g, y, a, b, condition: np.where(condition, 0, g),
)
MATMUL = Binary("matmul", "da = g @ bᵀ, db = aᵀ @ g", np.matmul, _matmul_da, _matmul_db)
