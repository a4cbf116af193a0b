"""What deep algorithms share: sizes of hidden layers, and a network at work without a tape. B rows of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from algorithms.contract import Floats32
from engine.layers import Linear

if TYPE_CHECKING:
    from engine.layers import MLP

WIDEST, DEEPEST = 4096, 8


def hidden_sizes(text: str) -> tuple[int, ...]:
    """The sizes of the hidden layers written as 120-84; raises ValueError, one sentence, for anything else."""
    parts = text.split("-")
    sizes = tuple(int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 0 for part in parts)
    if not all(1 <= size <= WIDEST for size in sizes) or len(sizes) > DEEPEST:
        raise ValueError(
            f"hidden must be 1 to {DEEPEST} sizes of layers in [1, {WIDEST}] as in 120-84, got {text[:100]!r}"
        )
    return sizes


def named_weights(network: MLP) -> dict[str, Floats32]:
    """The parameters by name: the arrays themselves, so they change as the network learns."""
    return {name: parameter.data for name, parameter in network.named_parameters().items()}


def copy_weights(source: MLP, to: MLP) -> None:
    """θ⁻ ← θ: let a network of the same shape have the same weights."""
    for old, new in zip(to.parameters(), source.parameters(), strict=True):
        old.data[...] = new.data


class Inference:
    """y = network(x) for batches of B rows, without a tape and into arrays that are used again and again."""

    def __init__(self, network: MLP, rows: int) -> None:
        """network: layers of `Linear` with the activations relu, tanh or identity."""
        self._layers = []
        for layer in network.layers:
            assert isinstance(layer, Linear)
            out = np.empty((rows, layer.bias.size), np.float32)
            self._layers.append((layer.weight.data, layer.bias.data, layer.activation, out))

    def __call__(self, x: Floats32) -> Floats32:
        """[B, I] → [B, O]; the next call overwrites the result."""
        for weight, bias, activation, out in self._layers:
            x = np.dot(x, weight, out)
            x += bias
            if activation == "relu":
                np.maximum(x, 0, x)
            elif activation == "tanh":
                np.tanh(x, x)
        return x
