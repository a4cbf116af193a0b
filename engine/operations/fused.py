"""Fused operations: several steps at the price of one node, where training spends its time.

Forward returns `(y, saved)`. Shapes: B rows of a batch, I inputs, O outputs, A classes or actions,
D dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.operations import Array, Joint, Unary, unbroadcast
from engine.operations.unary import logistic

if TYPE_CHECKING:
    from engine.tensor import Tensor

# ---- a layer: y = activation(x W + b) -----------------------------------------------------------------


def _linear(activation: str, in_place: Callable[[Array, Array], Any], derivative: Callable[..., Any]) -> Joint:
    """A row for one activation: `in_place(z, out)`, and `derivative(g, y)` = g · ∂y/∂z written with the result y
    alone, so that z need not be kept."""

    def forward(x: Array, w: Array, b: Array) -> tuple[Array, tuple[Array, Array]]:
        rows = x if x.ndim == 2 else x.reshape(-1, w.shape[0])  # [B, I]
        y = np.dot(rows, w)  # [B, O]
        y += b
        in_place(y, y)
        return y if x.ndim == 2 else y.reshape(*x.shape[:-1], w.shape[1]), (rows, y)

    def backward(node: Tensor) -> tuple[Array | None, None, None]:
        x, w, b = node.inputs
        rows, y = node.saved
        g: Any = node.grad
        dz = derivative(g if g.ndim == 2 else g.reshape(y.shape), y)  # [B, O]
        if w.requires_grad:
            w.accumulate_product(rows.T, dz)
        if b.requires_grad:
            # A product with ones is a sum over the rows, several times faster than sum(axis=0).
            b.accumulate_product(_ones(len(dz), dz.dtype.char), dz)
        if not x.requires_grad:
            return None, None, None
        dx = np.dot(dz, w.data.T)
        return dx if g.ndim == 2 else dx.reshape(x.data.shape), None, None

    name = "linear" if activation == "identity" else f"linear + {activation}"
    formula = "dx = dz Wᵀ, dW = xᵀ dz, db = Σ dz, with dz = g · ∂y/∂z"
    return Joint(name, formula, forward, backward)


@lru_cache(maxsize=64)
def _ones(n: int, kind: str) -> Array:
    ones = np.ones(n, kind)
    ones.flags.writeable = False
    return ones


def _tanh_dz(g: Array, y: Array) -> Array:
    dz = y * y
    dz *= g
    return np.subtract(g, dz, dz)


LINEAR = {
    "identity": _linear("identity", lambda z, out: out, lambda g, y: g),
    "relu": _linear("relu", lambda z, out: np.maximum(z, 0, out), lambda g, y: g * (y > 0)),
    "sigmoid": _linear("sigmoid", lambda z, out: np.copyto(out, logistic(z)), lambda g, y: g * y * (1 - y)),
    "tanh": _linear("tanh", np.tanh, _tanh_dz),
}

# ---- categorical: everything from one softmax ---------------------------------------------------------


def log_softmax_columns(logits: Array) -> tuple[Array, Array]:
    """log p and p as [A, B] from logits [..., A]: with one column per row of the batch, every reduction over
    the few classes is a handful of long vector operations."""
    log_p = logits.reshape(-1, logits.shape[-1]).T.copy()
    log_p -= np.maximum.reduce(log_p)
    p = np.exp(log_p)
    total = np.add.reduce(p)
    log_p -= np.log(total)
    p /= total
    return log_p, p


def flat_indices(classes: Array) -> Array:
    """Where class c of row i lies in a flat [A, B] array: c·B + i."""
    flat = classes.ravel() * classes.size
    flat += np.arange(classes.size)
    return flat


def _log_prob_dlogits(g: Array, y: Array, logits: Array, p: Array, flat: Array) -> Array:
    g = g.reshape(-1)
    gradient = p * -g
    gradient.ravel()[flat] += g
    return gradient.T.reshape(logits.shape)


def _entropy_dlogits(g: Array, y: Array, logits: Array, log_p: Array, p: Array) -> Array:
    gradient = log_p + y.reshape(-1)
    gradient *= p
    gradient *= -g.reshape(-1)
    return gradient.T.reshape(logits.shape)


CATEGORICAL_LOG_PROB = Unary(
    "categorical_log_prob",
    "dlogits = g · (1 at the class - p)",
    lambda log_p, flat: log_p.ravel()[flat],
    _log_prob_dlogits,
)
CATEGORICAL_ENTROPY = Unary(
    "categorical_entropy",
    "dlogits = -g · p (log p + H)",
    lambda log_p, p: -np.add.reduce(p * log_p),
    _entropy_dlogits,
)


def _cross_entropy(logits: Array, flat: Array) -> tuple[Any, tuple[Array, Array]]:
    log_p, p = log_softmax_columns(logits)
    return -np.add.reduce(log_p.ravel()[flat]) / flat.size, (p, flat)


def _cross_entropy_backward(node: Tensor) -> tuple[Array]:
    p, flat = node.saved
    scale = node.grad / flat.size
    gradient = p * scale
    gradient.ravel()[flat] -= scale
    return (gradient.T.reshape(node.inputs[0].shape),)


CROSS_ENTROPY = Joint(
    "cross_entropy", "dlogits = g · (p - 1 at the class) / n", _cross_entropy, _cross_entropy_backward
)

# ---- Gaussian -----------------------------------------------------------------------------------------


def _gaussian_log_prob(mean: Array, log_std: Array, x: Array) -> tuple[Array, tuple[Array, Array]]:
    inverse_std = np.exp(-log_std)
    z = (x - mean) * inverse_std  # [B, D]
    y = (z * z * -0.5 - log_std).sum(-1) - 0.5 * math.log(2 * math.pi) * z.shape[-1]
    return y, (z, inverse_std)


def _gaussian_log_prob_backward(node: Tensor) -> tuple[Array, Array]:
    z, inverse_std = node.saved
    g = np.expand_dims(np.asarray(node.grad), -1)
    return g * z * inverse_std, unbroadcast(g * (z * z - 1), node.inputs[1].shape)


GAUSSIAN_LOG_PROB = Joint(
    "gaussian_log_prob",
    "z = (x - mean)/std: dmean = g · z/std, dlog_std = g · (z² - 1)",
    _gaussian_log_prob,
    _gaussian_log_prob_backward,
)

# ---- losses, means over n elements: what is saved is the derivative itself ----------------------------


def _saved_slope(g: Array, y: Array, x: Array, slope: Array) -> Array:
    return slope * g


def _squared_error(x: Array, target: Array) -> tuple[Any, tuple[Array]]:
    error = x - target
    flat = error.ravel()
    loss = np.dot(flat, flat) / flat.size
    error *= 2 / flat.size
    return loss, (error,)


def _huber(x: Array, target: Array, delta: float) -> tuple[Any, tuple[Array]]:
    error = x - target
    clipped = np.minimum(np.maximum(error, -delta), delta)
    return (clipped * (error - 0.5 * clipped)).sum() / error.size, (clipped / error.size,)


def _binary_cross_entropy(logits: Array, target: Array) -> tuple[Any, tuple[Array]]:
    loss = np.logaddexp(logits, 0) - logits * target
    return loss.sum() / loss.size, ((logistic(logits) - target) / loss.size,)


def _clipped_value(v: Array, target: Array, old: Array, clip: float) -> tuple[Any, tuple[Array]]:
    step = v - old
    error = v - target
    clipped_error = old + np.minimum(np.maximum(step, -clip), clip) - target
    squared, clipped_squared = error * error, clipped_error * clipped_error
    worse = squared >= clipped_squared
    slope = np.where(worse, error, clipped_error * (np.abs(step) <= clip))
    return np.maximum(squared, clipped_squared).sum() / v.size, (slope * (2 / v.size),)


def _clipped_surrogate(log_p: Array, old_log_p: Array, a: Array, clip: float) -> tuple[Any, tuple[Array]]:
    # min(ρA, clip(ρ, 1 ± c) A) = min(ρA, A + c|A|): only the bound on A's side can be the smaller.
    slope = log_p - old_log_p
    np.exp(slope, slope)
    slope *= a  # ρA, and its own derivative, for ∂ρ/∂log_p = ρ
    bound = np.abs(a)
    bound *= clip
    bound += a
    loss = -np.add.reduce(np.minimum(slope, bound)) / a.size
    slope *= slope <= bound
    slope *= -1 / a.size
    return loss, (slope,)


SQUARED_ERROR = Unary("squared_error", "dx = g · 2 (x - target) / n", _squared_error, _saved_slope)
HUBER = Unary("huber", "dx = g · clip(x - target, ±delta) / n", _huber, _saved_slope)
BINARY_CROSS_ENTROPY = Unary(
    "binary_cross_entropy", "dlogits = g · (sigmoid(logits) - target) / n", _binary_cross_entropy, _saved_slope
)
CLIPPED_VALUE = Unary(
    "clipped_value",
    "dv = g · 2 (v - target) / n, 0 where the clipped value is further off and v beyond the clip",
    _clipped_value,
    _saved_slope,
)
CLIPPED_SURROGATE = Unary(
    "clipped_surrogate",
    "dlog_p = -g · ρA / n where the unclipped term is the smaller, else 0",
    _clipped_surrogate,
    _saved_slope,
)
WEIGHTED_SUM = Joint(
    "weighted_sum",
    "dxᵢ = g · wᵢ",
    lambda values, weights: sum(w * x.item() for w, x in zip(weights, values, strict=True)),
    lambda node: [w * node.grad for w in node.saved],
)
