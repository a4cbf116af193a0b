"""What deep algorithms share: sizes of hidden layers, and a network at work without a tape. B rows of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from algorithms.contract import Floats32
from engine.layers import MLP, Linear, mlp
from engine.parameters import ParameterVector
from engine.tensor import Tensor

WIDEST, DEEPEST = 4096, 8
CHUNK = 512  # rows whose activations fit the cache


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

    In a `ParameterVector` the bias lies right behind the weights: nothing is copied. Raises ValueError elsewhere.
    """
    weight, bias = layer.weight.data, layer.bias.data
    inputs, outputs = weight.shape
    if bias.ctypes.data != weight.ctypes.data + weight.nbytes or not weight.flags.c_contiguous:
        raise ValueError("the network's parameters must lie in one ParameterVector")
    return np.lib.stride_tricks.as_strided(weight, (inputs + 1, outputs))


class Inference:
    """y = network(x) for up to B rows at once, without a tape and in arrays that are used again and again.

    Rows of x become columns here, with a 1 below each: then every product is contiguous and the bias is part of it.
    """

    def __init__(self, network: MLP, rows: int) -> None:
        """network: an MLP of relu, tanh and identity, its parameters in a `ParameterVector`."""
        matrices = [with_bias(layer) for layer in network.layers]
        columns = [np.ones((len(matrix), rows), np.float32) for matrix in matrices]  # [I + 1, B]
        y = np.empty((matrices[-1].shape[1], rows), np.float32)  # [O, B]
        outs = [*(column[:-1] for column in columns[1:]), y]
        self._rows, self._x, self._y = rows, columns[0][:-1].T, y.T  # [B, I], [B, O]
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


class Network:
    """A multilayer perceptron with relu whose parameters lie in one vector: with a tape to learn, without to act."""

    def __init__(self, sizes: tuple[int, ...], rng: np.random.Generator) -> None:
        """sizes: (I, hidden ..., O)."""
        self._mlp = mlp(sizes, rng, "relu")
        self.vector = ParameterVector(self._mlp.parameters())
        self._inference: dict[int, Inference] = {}  # by rows: 1, 2, 4, ... 64, 128, 192, ... 512

    def __call__(self, x: Floats32) -> Tensor:
        """The outputs on the tape. [B, I] → [B, O]"""
        return self._mlp(Tensor(x))

    def values(self, x: Floats32) -> Floats32:
        """The outputs as numbers; the next call may overwrite them. [B, I] → [B, O]"""
        rows = len(x)
        if rows > CHUNK:
            return np.concatenate([self.values(x[i : i + CHUNK]).copy() for i in range(0, rows, CHUNK)])
        room = 1 << (rows - 1).bit_length() if rows <= CHUNK // 8 else -(-rows // (CHUNK // 8)) * (CHUNK // 8)
        if room not in self._inference:
            self._inference[room] = Inference(self._mlp, room)
        return self._inference[room](x)

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
