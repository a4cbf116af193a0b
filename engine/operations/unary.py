"""Unary operations: one input, every element by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.operations import Array, Unary


def logistic(x: Array) -> Any:
    """1 / (1 + e⁻ˣ), exact in both tails: the exponential is only ever taken of -|x|."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def _power_dx(g: Array, y: Array, x: Array, c: float) -> Array:
    return g * (c * x ** (c - 1)) if c else np.zeros_like(x)  # 0 · 0⁻¹ would be no number


NEG = Unary("neg", "dx = -g", np.negative, lambda g, y, x: -g)
POWER = Unary("power", "dx = g · c·xᶜ⁻¹", lambda x, c: x**c, _power_dx)
EXP = Unary("exp", "dx = g · y", np.exp, lambda g, y, x: g * y)
LOG = Unary("log", "dx = g / x", np.log, lambda g, y, x: g / x)
SQRT = Unary("sqrt", "dx = g / (2·y)", np.sqrt, lambda g, y, x: g / (2 * y))
ABS = Unary("abs", "dx = g · sign(x)", np.abs, lambda g, y, x: g * np.sign(x))
RELU = Unary("relu", "dx = g where x > 0", lambda x: np.maximum(x, 0), lambda g, y, x: g * (x > 0))
LEAKY_RELU = Unary(
    "leaky_relu",
    "dx = g where x > 0, else slope·g",
    lambda x, slope: np.where(x > 0, x, slope * x),
    lambda g, y, x, slope: np.where(x > 0, g, slope * g),
)
TANH = Unary("tanh", "dx = g · (1 - y²)", np.tanh, lambda g, y, x: g * (1 - y * y))
SIGMOID = Unary("sigmoid", "dx = g · y·(1 - y)", logistic, lambda g, y, x: g * y * (1 - y))
SOFTPLUS = Unary("softplus", "dx = g · sigmoid(x)", lambda x: np.logaddexp(x, 0), lambda g, y, x: g * logistic(x))
CLIP = Unary(
    "clip",
    "dx = g where low <= x <= high",
    lambda x, low, high: np.minimum(np.maximum(x, low), high),
    lambda g, y, x, low, high: g * ((x >= low) & (x <= high)),
)
