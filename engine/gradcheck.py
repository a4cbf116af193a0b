"""Is a derivative right? Compare it with what the function itself does when its input moves a little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from engine.operations import Array
from engine.randomness import generator
from engine.tensor import Tensor, no_grad


class GradientError(AssertionError):
    """The derivative of an operation does not match its finite difference."""


def gradcheck(
    function: Callable[..., Tensor],
    *inputs: Any,
    epsilon: float = 1e-6,
    tolerance: float = 1e-6,
    rng: np.random.Generator | None = None,
) -> float:
    """Check the gradient of `function(*tensors)` with respect to every input, in float64.

    The Jacobian J is projected on a random vector v of the result and a random direction u of one input at a
    time: backward gives (vᵀJ) u, the central difference vᵀ(f(x + εu) - f(x - εu)) / 2ε the same number. A wrong
    element of J escapes with probability 0, at the price of two evaluations.

    Arguments: inputs: arrays or tensors, taken as float64 and left as they are.
    Returns the largest error |a - b| / max(1, |a|, |b|).
    Raises GradientError when it exceeds the tolerance, naming the input.
    """
    rng = rng or generator(0)
    arrays = [np.asarray(x.data if isinstance(x, Tensor) else x, np.float64) for x in inputs]
    tensors = [Tensor(array, requires_grad=True, dtype=np.float64) for array in arrays]
    result = function(*tensors)
    v = np.asarray(rng.standard_normal(result.shape))
    result.backward(v)
    worst = 0.0
    for position, (tensor, array) in enumerate(zip(tensors, arrays, strict=True)):
        u = np.asarray(rng.standard_normal(array.shape))
        gradient = np.zeros_like(array) if tensor.grad is None else tensor.grad
        by_backward = float((gradient * u).sum())
        up, down = (_value(function, arrays, position, step * u) for step in (epsilon, -epsilon))
        by_difference = float((v * (up - down)).sum()) / (2 * epsilon)
        error = abs(by_backward - by_difference) / max(1.0, abs(by_backward), abs(by_difference))
        if not error <= tolerance:
            raise GradientError(
                f"input {position} of shape {array.shape}: backward gives {by_backward:.9g}, "
                f"the finite difference {by_difference:.9g}"
            )
        worst = max(worst, error)
    return worst


def _value(function: Callable[..., Tensor], arrays: list[Array], position: int, step: Array) -> Array:
    moved = [array + step if i == position else array for i, array in enumerate(arrays)]
    with no_grad():
        return function(*[Tensor(array, dtype=np.float64) for array in moved]).data
