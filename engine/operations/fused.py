"""Fused operations: several steps at the price of one node, where training spends its time.

Forward returns `(y, saved)`. Shapes: B rows of a batch, I inputs, O outputs, A classes or actions,
D dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.memory import aligned
from engine.operations import Array, Gradients, Joint, unbroadcast
from engine.operations.unary import logistic

if TYPE_CHECKING:
    from engine.tensor import Tensor

# ---- layers: y = activation(x W + b), one or several in a row ------------------------------------------


CACHED = 1 << 18  # elements of the largest constant that is kept


@lru_cache(maxsize=16)
def _constant(value: float, shape: tuple[int, ...], kind: str) -> Array:
    array = np.full(shape, value, kind)
    array.flags.writeable = False
    return array


def _relu(z: Array, out: Array) -> Array:
    # numpy takes the maximum with an array of zeros three times faster than with the number.
    return np.maximum(z, _constant(0, z.shape, z.dtype.char) if z.size <= CACHED else 0, out=out)


def _tanh_dz(g: Array, y: Array, out: Array | None) -> Array:
    dz = np.multiply(y, y, out)
    dz *= g
    return np.subtract(g, dz, dz)


# Each activation as f(z, out), and g · ∂y/∂z written with the result y alone, so that z need not be kept.
ACTIVATIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "identity": (lambda z, out: out, lambda g, y, out: g),
    "relu": (_relu, lambda g, y, out: np.multiply(g, y > 0, out)),
    "sigmoid": (
        lambda z, out: np.copyto(out, logistic(z)),
        lambda g, y, out: np.multiply(g * (1 - y), y, out),
    ),
    "tanh": (np.tanh, _tanh_dz),
}


class LayerRule:
    """A layer: W [I, O] and b [O], used as the one matrix [I + 1, O] whose product with (x, 1) is x W + b.

    In a `ParameterVector` b lies right behind W, and so do their gradients: then nothing is copied.
    """

    def __init__(self, w: Tensor, b: Tensor, activation: str) -> None:
        self.w, self.b = w, b
        self.activate, self.derivative = ACTIVATIONS[activation]
        self._gradient: Array | None = None

    def matrix(self) -> Array | None:
        """W with b below it as a view, [I + 1, O]; None where they lie apart."""
        self._gradient = _joined(self.w._gradient_buffer, self.b._gradient_buffer)
        return _joined(self.w.data, self.b.data)

    def gradients(self, x: Array, dz: Array) -> Gradients:
        """dW = xᵀ dz and db = Σ dz as one product, x being columns with a 1 below each. [I + 1, B], [O, B]

        Written straight into the parameters' buffers where these have no gradient yet; else to be added.
        """
        w, b = self.w, self.b
        if self._gradient is not None and w.grad is None and b.grad is None and w.requires_grad and b.requires_grad:
            x.dot(dz.T, self._gradient)
            w.grad, b.grad = w._gradient_buffer, b._gradient_buffer
            return ()
        product = x.dot(dz.T)
        return [(tensor, part) for tensor, part in ((w, product[:-1]), (b, product[-1])) if tensor.requires_grad]


def _joined(top: Array | None, row: Array | None) -> Array | None:
    """`top` [I, O] and the `row` [O] right behind it in the same array as one view [I + 1, O], if it is there."""
    if top is None or row is None or top.base is None or top.base is not row.base or not top.flags.c_contiguous:
        return None
    if row.ctypes.data != top.ctypes.data + top.nbytes:
        return None
    return np.lib.stride_tricks.as_strided(top, (len(top) + 1, *row.shape), top.strides)


class Pass:
    """What layers in a row work in: B rows of x become columns, with a 1 below each, so that every product is
    contiguous and the bias is part of it."""

    def __init__(self, rules: Sequence[LayerRule], rows: int) -> None:
        self.rows, pairs = rows, [(rule.w.data, rule.b.data) for rule in rules]
        self.seen = [(tensor, tensor.data) for rule in rules for tensor in (rule.w, rule.b)]
        matrices = [rule.matrix() for rule in rules]
        self.repeatable = all(matrix is not None for matrix in matrices)  # the views follow the parameters
        columns = [aligned((len(w) + 1, rows), w.dtype) for w, _ in pairs]  # [I + 1, B]
        for column in columns:
            column[-1] = 1
        hidden = [None, *(column[:-1] for column in columns[1:])]  # [O, B]
        self.x = columns[0][:-1]
        self.forward = [
            ((np.vstack(pair) if matrix is None else matrix).T, column, out, rule.activate)
            for rule, pair, matrix, column, out in zip(
                rules, pairs, matrices, columns, [*hidden[1:], None], strict=True
            )
        ]
        self.backward = list(zip(rules, columns, hidden, strict=True))[::-1]


class Stack:
    """Layers in a row. Keeps the arrays of the last pass, for the next one of as many rows."""

    def __init__(self, *rules: LayerRule) -> None:
        self._rules = rules
        self._idle: list[Pass] = []

    def begin(self, rows: int) -> Pass:
        """Arrays that no other pass is using."""
        if self._idle:
            found = self._idle.pop()
            if found.rows == rows:
                for tensor, data in found.seen:
                    if tensor.data is not data:  # a `ParameterVector` has taken it over since
                        break
                else:
                    return found
        return Pass(self._rules, rows)

    def end(self, done: Pass) -> None:
        """The pass needs its arrays no more."""
        if done.repeatable:
            self._idle = [done]


def _layers(x: Array, stack: Stack) -> tuple[Array, tuple[Any, ...]]:
    rows = x if x.ndim == 2 else x.reshape(-1, x.shape[-1])  # [B, I]
    run = stack.begin(len(rows))
    if rows.shape[1] != len(run.x):
        raise ValueError(f"{rows.shape[1]} inputs for a layer of {len(run.x)}")
    run.x[...] = rows.T
    for weights, column, out, activate in run.forward:
        y = weights.dot(column, out)  # [O, B]
        activate(y, y)
    return y.T if x.ndim == 2 else y.T.reshape(*x.shape[:-1], len(y)), (stack, run, y)


def _layers_gradients(node: Tensor) -> Gradients:
    first = node.inputs[0]
    stack, run, y = node.saved
    g: Any = node.grad
    g = (g if g.ndim == 2 else g.reshape(-1, len(y))).T  # [O, B]
    pairs: list[tuple[Tensor, Array]] = []
    out = None
    for rule, column, hidden in run.backward:
        dz = rule.derivative(g, y, out)  # [O, B]
        pairs += rule.gradients(column, dz)
        if hidden is not None or first.requires_grad:
            g = rule.w.data.dot(dz)
            y = out = hidden  # seen by nobody else, it is free for its own dz
    stack.end(run)
    if first.requires_grad:
        pairs.append((first, g.T.reshape(first.data.shape)))
    return pairs


LAYERS = Joint("layers", "dz = g · ∂y/∂z: dW = xᵀ dz, db = Σ dz, dx = dz Wᵀ", _layers, _layers_gradients)

# ---- categorical: everything from one softmax ---------------------------------------------------------


def log_softmax_columns(logits: Array) -> tuple[Array, Array]:
    """log p and p as [A, B] from logits [..., A]: with one column per row of the batch, every reduction over
    the few classes is a handful of long vector operations."""
    columns = logits.reshape(-1, logits.shape[-1]).T
    log_p = np.subtract(columns, np.maximum.reduce(columns), order="C")
    p = np.exp(log_p)
    total = np.add.reduce(p)
    log_p -= np.log(total)
    p /= total
    return log_p, p


def _log_prob_gradients(node: Tensor) -> Gradients:
    p, flat = node.saved
    g: Any = node.grad
    if g.ndim != 1:
        g = g.reshape(-1)
    gradient = p * -g
    gradient.ravel()[flat] += g
    (logits,) = node.inputs
    return ((logits, gradient.T.reshape(logits.data.shape)),)


CATEGORICAL_LOG_PROB = Joint(
    "categorical_log_prob",
    "dlogits = g · (1 at the class - p)",
    lambda log_p, flat: log_p.ravel()[flat],
    _log_prob_gradients,
)


def _mean_entropy(log_p: Array, p: Array) -> tuple[Any, tuple[Array, Array, Array]]:
    minus_h = np.add.reduce(p * log_p)  # [B]
    return -np.add.reduce(minus_h) / minus_h.size, (log_p, p, minus_h)


def _mean_entropy_gradients(node: Tensor) -> Gradients:
    log_p, p, minus_h = node.saved
    gradient = log_p - minus_h
    gradient *= p
    gradient *= node.grad * (-1 / minus_h.size)
    (logits,) = node.inputs
    return ((logits, gradient.T.reshape(logits.data.shape)),)


MEAN_ENTROPY = Joint("mean_entropy", "dlogits = -g · p (log p + H) / n", _mean_entropy, _mean_entropy_gradients)


def _cross_entropy(logits: Array, flat: Array) -> tuple[Any, tuple[Array, Array]]:
    log_p, p = log_softmax_columns(logits)
    return -np.add.reduce(log_p.ravel()[flat]) / flat.size, (p, flat)


def _cross_entropy_gradients(node: Tensor) -> Gradients:
    p, flat = node.saved
    scale = node.grad / flat.size
    gradient = p * scale
    gradient.ravel()[flat] -= scale
    (logits,) = node.inputs
    return ((logits, gradient.T.reshape(logits.data.shape)),)


CROSS_ENTROPY = Joint(
    "cross_entropy", "dlogits = g · (p - 1 at the class) / n", _cross_entropy, _cross_entropy_gradients
)

# ---- Gaussian -----------------------------------------------------------------------------------------


def _gaussian_log_prob(mean: Array, log_std: Array, x: Array) -> tuple[Array, tuple[Array, Array]]:
    inverse_std = np.exp(-log_std)
    z = (x - mean) * inverse_std  # [B, D]
    y = (z * z * -0.5 - log_std).sum(-1) - 0.5 * math.log(2 * math.pi) * z.shape[-1]
    return y, (z, inverse_std)


def _gaussian_log_prob_gradients(node: Tensor) -> Gradients:
    mean, log_std = node.inputs
    z, inverse_std = node.saved
    g = np.expand_dims(np.asarray(node.grad), -1)
    pairs = ((mean, g * z * inverse_std), (log_std, unbroadcast(g * (z * z - 1), log_std.data.shape)))
    return [(tensor, gradient) for tensor, gradient in pairs if tensor.requires_grad]


GAUSSIAN_LOG_PROB = Joint(
    "gaussian_log_prob",
    "z = (x - mean)/std: dmean = g · z/std, dlog_std = g · (z² - 1)",
    _gaussian_log_prob,
    _gaussian_log_prob_gradients,
)

# ---- losses, means over n elements: what is saved is the derivative itself, up to a factor --------------

Loss = tuple[Any, tuple[Array, float]]


def _slope_gradients(node: Tensor) -> Gradients:
    slope, factor = node.saved
    return ((node.inputs[0], slope * (node.grad * factor)),)


def _squared_error(x: Array, target: Array) -> Loss:
    error = x - target
    flat = error.ravel()
    return flat.dot(flat) / flat.size, (error, 2 / flat.size)


def _huber(x: Array, target: Array, delta: float) -> Loss:
    error = x - target
    clipped = np.minimum(np.maximum(error, -delta), delta)
    return (clipped * (error - 0.5 * clipped)).sum() / error.size, (clipped, 1 / error.size)


def _binary_cross_entropy(logits: Array, target: Array) -> Loss:
    loss = np.logaddexp(logits, 0) - logits * target
    return loss.sum() / loss.size, (logistic(logits) - target, 1 / loss.size)


def _clipped_value(v: Array, target: Array, old: Array, clip: float) -> Loss:
    step = v - old
    error = v - target
    clipped_error = old + np.minimum(np.maximum(step, -clip), clip) - target
    squared, clipped_squared = error * error, clipped_error * clipped_error
    slope = np.where(squared >= clipped_squared, error, clipped_error * (np.abs(step) <= clip))
    return np.maximum(squared, clipped_squared).sum() / v.size, (slope, 2 / v.size)


def _clipped_surrogate(log_p: Array, old_log_p: Array, a: Array, clip: float) -> Loss:
    # min(ρA, clip(ρ, 1 ± c) A) = min(ρA, A + c|A|): only the bound on A's side can be the smaller.
    slope = log_p - old_log_p
    np.exp(slope, slope)
    slope *= a  # ρA, and its own derivative, for ∂ρ/∂log_p = ρ
    bound = np.abs(a)
    bound *= clip
    bound += a
    loss = -np.add.reduce(np.minimum(slope, bound), axis=None) / a.size
    slope[slope > bound] = 0  # not times 0: a ratio may have overflowed
    return loss, (slope, -1 / a.size)


SQUARED_ERROR = Joint("squared_error", "dx = g · 2 (x - target) / n", _squared_error, _slope_gradients)
HUBER = Joint("huber", "dx = g · clip(x - target, ±delta) / n", _huber, _slope_gradients)
BINARY_CROSS_ENTROPY = Joint(
    "binary_cross_entropy", "dlogits = g · (sigmoid(logits) - target) / n", _binary_cross_entropy, _slope_gradients
)
CLIPPED_VALUE = Joint(
    "clipped_value",
    "dv = g · 2 (v - target) / n, 0 where the clipped value is further off and v beyond the clip",
    _clipped_value,
    _slope_gradients,
)
CLIPPED_SURROGATE = Joint(
    "clipped_surrogate",
    "dlog_p = -g · ρA / n where the unclipped term is the smaller, else 0",
    _clipped_surrogate,
    _slope_gradients,
)


def _weighted_sum(weights: list[float], values: list[Array]) -> Array:
    total = 0.0
    for weight, value in zip(weights, values, strict=True):
        if value.ndim:
            raise ValueError(f"a weighted sum is of scalars, got a value of shape {value.shape}")
        total += weight * value.item()
    return np.asarray(total, values[0].dtype)


def _weighted_sum_gradients(node: Tensor) -> Gradients:
    return [(x, w * node.grad) for x, w in zip(node.inputs, node.saved, strict=True) if x.requires_grad]


WEIGHTED_SUM = Joint("weighted_sum", "dxᵢ = g · wᵢ", _weighted_sum, _weighted_sum_gradients)
