"""Layers: parameters and what they do to a batch. Shapes: B rows, I inputs, O outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from engine.checks import load_arrays
from engine.initialisers import Initialiser, orthogonal, xavier
from engine.operations import Array, fused
from engine.tensor import DType, Tensor, record


class Layer:
    """A function of a batch with named parameters (none unless said otherwise)."""

    training = True

    def __call__(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def named_parameters(self) -> dict[str, Tensor]:
        return {}

    def parameters(self) -> list[Tensor]:
        return list(self.named_parameters().values())

    def train(self, training: bool = True) -> None:
        """Switch between training and use: dropout only drops in training."""
        self.training = training

    def state(self) -> dict[str, Array]:
        """A copy of every parameter by name."""
        return {name: parameter.data.copy() for name, parameter in self.named_parameters().items()}

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Take over what `state` gave; ValueError when names, shapes or dtypes differ or a value is not finite."""
        load_arrays({name: parameter.data for name, parameter in self.named_parameters().items()}, state)


class Linear(Layer):
    """y = activation(x W + b): x [..., I], W [I, O], b [O] (0 at first), y [..., O].

    activation: identity, relu, sigmoid or tanh; ValueError for another.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        rng: np.random.Generator,
        activation: str = "identity",
        initialise: Initialiser | None = None,
        dtype: DType = np.float32,
    ) -> None:
        if activation not in fused.ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(fused.ACTIVATIONS)}, got {activation!r}")
        weight = (initialise or xavier())(inputs, outputs, rng)
        self.weight = Tensor(weight, requires_grad=True, dtype=dtype)  # [I, O]
        self.bias = Tensor(np.zeros(outputs), requires_grad=True, dtype=dtype)  # [O]
        self.activation = activation
        self.rule = fused.LayerRule(self.weight, self.bias, activation)
        self._stack = fused.Stack(self.rule)

    def __call__(self, x: Tensor) -> Tensor:
        return _run(x, self._stack, (self.weight, self.bias))

    def named_parameters(self) -> dict[str, Tensor]:
        return {"weight": self.weight, "bias": self.bias}


class MLP(Layer):
    """Linear layers in a row, as one node of the tape; `Sequential(*mlp.layers)` is the same with one node each.
    Parameters are named `0.weight`, `0.bias`, ..."""

    def __init__(self, *layers: Linear) -> None:
        self.layers = layers
        self._stack = fused.Stack(*(layer.rule for layer in layers))
        self._parameters = tuple(self.parameters())

    def __call__(self, x: Tensor) -> Tensor:
        return _run(x, self._stack, self._parameters)

    def named_parameters(self) -> dict[str, Tensor]:
        return _numbered(self.layers)


def _run(x: Tensor, stack: fused.Stack, parameters: tuple[Tensor, ...]) -> Tensor:
    weight = parameters[0]
    if x.data.dtype != weight.data.dtype:
        raise TypeError(f"a graph has one precision, got {x.dtype} for a layer of {weight.dtype}")
    try:
        y, saved = fused.LAYERS.forward(x.data, stack)
    except (IndexError, ValueError):
        raise ValueError(f"the last axis of {x.shape} must have the {len(weight)} inputs of the layer") from None
    result = record(fused.LAYERS, y, (x, *parameters), saved)
    if result.operation is None:
        stack.end(saved[1])
    return result


class Dropout(Layer):
    """Set each element to 0 with probability `rate` and scale the others by 1/(1 - rate); nothing when not
    training.

    Source: Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting" (2014).
    """

    def __init__(self, rate: float, rng: np.random.Generator) -> None:
        if not 0 <= rate < 1:
            raise ValueError(f"rate must be in [0, 1), got {rate}")
        self.rate, self.rng = rate, rng

    def __call__(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        return x * ((self.rng.random(x.shape) >= self.rate) / (1 - self.rate))


class LayerNorm(Layer):
    """y = gain · (x - mean) / √(var + ε) + shift, mean and variance over the last axis.

    Source: Ba, Kiros and Hinton, "Layer Normalization" (2016).
    """

    def __init__(self, size: int, epsilon: float = 1e-5, dtype: DType = np.float32) -> None:
        self.gain = Tensor(np.ones(size), requires_grad=True, dtype=dtype)
        self.shift = Tensor(np.zeros(size), requires_grad=True, dtype=dtype)
        self.epsilon = epsilon

    def __call__(self, x: Tensor) -> Tensor:
        deviation = x - x.mean(-1, keepdims=True)
        return self.gain * deviation / (x.var(-1, keepdims=True) + self.epsilon).sqrt() + self.shift

    def named_parameters(self) -> dict[str, Tensor]:
        return {"gain": self.gain, "shift": self.shift}


class Sequential(Layer):
    """One layer after the other; parameters are named `0.weight`, `0.bias`, `1.weight`, ..."""

    def __init__(self, *layers: Layer) -> None:
        self.layers = layers

    def __call__(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x)
        return x

    def named_parameters(self) -> dict[str, Tensor]:
        return _numbered(self.layers)

    def train(self, training: bool = True) -> None:
        for layer in self.layers:
            layer.train(training)


def _numbered(layers: Sequence[Layer]) -> dict[str, Tensor]:
    return {
        f"{position}.{name}": parameter
        for position, layer in enumerate(layers)
        for name, parameter in layer.named_parameters().items()
    }


def mlp(
    sizes: Sequence[int],
    rng: np.random.Generator,
    activation: str = "tanh",
    initialise: Initialiser | None = None,
    initialise_last: Initialiser | None = None,
    dtype: DType = np.float32,
) -> MLP:
    """A multilayer perceptron: sizes (I, hidden ..., O), the activation after every layer but the last.

    Weights are orthogonal with gain √2, the last with gain 1, unless given.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes must be two or more numbers >= 1, got {tuple(sizes)}")
    hidden, last = initialise or orthogonal(math.sqrt(2)), initialise_last or orthogonal(1.0)
    layers = [Linear(inputs, outputs, rng, activation, hidden, dtype) for inputs, outputs in pairwise(sizes[:-1])]
    return MLP(*layers, Linear(sizes[-2], sizes[-1], rng, "identity", last, dtype))
