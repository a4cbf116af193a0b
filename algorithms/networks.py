"""What deep algorithms share: sizes of hidden layers, and networks at work without a tape. B rows of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from algorithms.contract import Floats32, Ints
from engine.layers import MLP, Linear, mlp
from engine.memory import aligned
from engine.parameters import ParameterVector
from engine.tensor import Tensor

WIDEST, DEEPEST = 4096, 8
CHUNK = 512  # rows whose activations fit the cache
ONE = np.float32(1)


def hidden_sizes(text: str) -> tuple[int, ...]:
    """The sizes of the hidden layers written as 120-84; raises ValueError, one sentence, for anything else."""
    parts = text.split("-")
    sizes = tuple(int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 0 for part in parts)
    if not all(1 <= size <= WIDEST for size in sizes) or len(sizes) > DEEPEST:
        raise ValueError(
            f"hidden must be 1 to {DEEPEST} sizes of layers in [1, {WIDEST}] as in 120-84, got {text[:100]!r}"
        )
    return sizes


def with_bias(layer: Linear) -> Floats32:
    """A layer's weights and bias as one matrix [I + 1, O], so that xW + b is the product of (x, 1) with it.

    Raises ValueError where it would be a copy: outside of a `ParameterVector`.
    """
    matrix = layer.rule.matrix()
    if matrix is None:
        raise ValueError("the network's parameters must lie in one ParameterVector")
    return matrix


class Inference:
    """y = network(x) for up to B rows at once, without a tape and in arrays that are used again and again.

    Rows of x become columns here, with a 1 below each: then every product is contiguous and the bias is part of it.
    """

    def __init__(self, network: MLP, rows: int) -> None:
        """network: an MLP of relu, tanh and identity, its parameters in a `ParameterVector`."""
        matrices = [with_bias(layer) for layer in network.layers]
        columns = [aligned((len(matrix), rows), matrix.dtype) for matrix in matrices]  # [I + 1, B]
        for column in columns:
            column[-1] = 1
        y = np.empty((matrices[-1].shape[1], rows), np.float32)  # [O, B]
        outs = [*(column[:-1] for column in columns[1:]), y]
        self._rows, self._x, self._y = rows, columns[0][:-1].T, y.T  # [B, I], [B, O]
        self.inputs = columns  # of every layer, [I + 1, B]
        self._layers = [
            (matrix.T, column, out, layer.activation, np.zeros_like(out))
            for layer, matrix, column, out in zip(network.layers, matrices, columns, outs, strict=True)
        ]

    def __call__(self, x: Floats32) -> Floats32:
        """[b, I] → [b, O], b <= B; the next call overwrites the result."""
        all_rows = len(x) == self._rows
        np.copyto(self._x if all_rows else self._x[: len(x)], x)
        for weights, column, out, activation, zeros in self._layers:
            weights.dot(column, out)
            if activation == "relu":
                np.maximum(out, zeros, out=out)  # numpy is slower at the maximum with a number
            elif activation == "tanh":
                np.tanh(out, out)
        return self._y if all_rows else self._y[: len(x)]


def outputs(network: MLP, x: Floats32) -> Floats32:
    """network(x) for any number of rows, so many at a time that their activations fit the cache. [N, I] → [N, O]"""
    infer = Inference(network, min(len(x), CHUNK))
    return np.concatenate([infer(x[i : i + CHUNK]).copy() for i in range(0, len(x), CHUNK)])


class Loss(NamedTuple):
    """ℓ of an error e and its slope ∂ℓ/∂e, element by element."""

    value: Callable[[Floats32], Floats32]
    slope: Callable[[Floats32], Floats32]


LOSSES = {
    "squared": Loss(lambda e: e * e, lambda e: 2 * e),
    "huber": Loss(  # ½e² up to |e| = 1, then |e| - ½
        lambda e: np.where(np.abs(e) <= 1, 0.5 * e * e, np.abs(e) - 0.5),
        lambda e: np.minimum(np.maximum(e, -ONE), ONE),
    ),
}


class Regression:
    """∂/∂θ mean ℓ(Q(s,a;θ) - y) for batches of B samples, by the chain rule written out from the last layer back.

    It is what the engine's tape finds for the same loss, in four fifths of its time: nothing is recorded, every array
    is used again, and rows are columns as in `Inference`.
    """

    def __init__(self, network: MLP, rows: int) -> None:
        """network: an MLP with relu, its parameters in a `ParameterVector`."""
        self._q = Inference(network, rows)
        self._samples = np.arange(rows)
        self._dq = np.zeros((network.layers[-1].bias.size, rows), np.float32)  # [A, B]
        dx = [np.empty_like(x[:-1]) for x in self._q.inputs]
        self._backward = list(zip(network.layers, self._q.inputs, dx, strict=True))[::-1]

    def __call__(self, s: Floats32, a: Ints, y: Floats32, loss: Loss) -> Floats32:
        """Write the gradient into a vector that `zero_grad` has emptied; returns Q(s,a) - y. [B, I], [B], [B] → [B]"""
        error: Floats32 = self._q(s)[self._samples, a] - y
        dz = self._dq
        dz.fill(0)
        dz[a, self._samples] = loss.slope(error) / len(error)
        for layer, x, dx in self._backward:
            layer.rule.gradients(x, dz)  # dW = x dzᵀ, db = Σ dz
            if x is not self._q.inputs[0]:
                layer.weight.data.dot(dz, dx)  # dx = W dz, and through relu only where x > 0
                dz = np.multiply(dx, x[:-1] > 0, dx)
        return error


class Network:
    """A multilayer perceptron with relu, its parameters in one vector: values to act by, gradients to learn from."""

    def __init__(self, sizes: tuple[int, ...], rng: np.random.Generator) -> None:
        """sizes: (I, hidden ..., O)."""
        self._mlp = mlp(sizes, rng, "relu")
        self.vector = ParameterVector(self._mlp.parameters())
        self._regression: dict[int, Regression] = {}  # by samples in a batch
        self._inference: dict[int, Inference] = {}  # by rows: 1, 2, 4, ... 64, 128, 192, ... 512

    def __call__(self, x: Floats32) -> Tensor:
        """The outputs on the engine's tape. [B, I] → [B, O]"""
        return self._mlp(Tensor(x))

    def values(self, x: Floats32) -> Floats32:
        """The outputs; the next call may overwrite them. [B, I] → [B, O]"""
        rows = len(x)
        if rows > CHUNK:
            return np.concatenate([self.values(x[i : i + CHUNK]).copy() for i in range(0, rows, CHUNK)])
        room = 1 << (rows - 1).bit_length() if rows <= CHUNK // 8 else -(-rows // (CHUNK // 8)) * (CHUNK // 8)
        if room not in self._inference:
            self._inference[room] = Inference(self._mlp, room)
        return self._inference[room](x)

    def backpropagate(self, s: Floats32, a: Ints, y: Floats32, loss: Loss) -> Floats32:
        """The gradient of mean ℓ(Q(s,a;θ) - y) into an emptied `vector`; returns Q(s,a) - y. See `Regression`."""
        if len(s) not in self._regression:
            self._regression[len(s)] = Regression(self._mlp, len(s))
        return self._regression[len(s)](s, a, y, loss)

    def copy(self, other: Network) -> None:
        """Take over the weights of a network of the same sizes: θ⁻ ← θ."""
        self.vector.values[...] = other.vector.values

    def weights(self) -> dict[str, Floats32]:
        """The parameters by name: the arrays themselves, so they change as the network learns."""
        return {name: parameter.data for name, parameter in self._mlp.named_parameters().items()}

    def state(self) -> dict[str, Floats32]:
        """A copy of every parameter by name."""
        return self._mlp.state()

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave; ValueError when names, shapes or dtypes differ or a value is not finite."""
        self._mlp.load_state(state)
