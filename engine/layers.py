"""Layers: parameters and what they do to a batch. Shapes: B rows, I inputs, O outputs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.checks import load_arrays
from engine.initialisers import Initialiser, orthogonal, xavier
from engine.operations import Array, fused
from engine.tensor import Tensor, record


def linear(x: Tensor, weight: Tensor, bias: Tensor, activation: str = "identity") -> Tensor:
    """y = activation(x W + b) as one node: x [..., I], W [I, O], b [O], y [..., O].

    activation: identity, relu, sigmoid or tanh. Raises ValueError for another name or shapes that do not fit.
    """
    if activation not in fused.LINEAR:
        raise ValueError(f"activation must be one of {', '.join(fused.LINEAR)}, got {activation!r}")
    if x.data.shape[-1:] != weight.data.shape[:1]:
        raise ValueError(f"the last axis of {x.shape} must have the {len(weight)} inputs of the layer")
    if x.data.dtype != weight.data.dtype:
        raise TypeError(f"a graph has one precision, got {x.dtype} for a layer of {weight.dtype}")
    operation = fused.LINEAR[activation]
    y, saved = operation.forward(x.data, weight.data, bias.data)
    return record(operation, y, (x, weight, bias), saved)


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
    """y = activation(x W + b), with b = 0 at first."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        rng: np.random.Generator,
        activation: str = "identity",
        initialise: Initialiser | None = None,
        dtype: type[np.floating[Any]] = np.float32,
    ) -> None:
        weight = (initialise or xavier())(inputs, outputs, rng)
        self.weight = Tensor(weight.astype(dtype), requires_grad=True)  # [I, O]
        self.bias = Tensor(np.zeros(outputs, dtype), requires_grad=True)  # [O]
        self.activation = activation

    def __call__(self, x: Tensor) -> Tensor:
        return linear(x, self.weight, self.bias, self.activation)

    def named_parameters(self) -> dict[str, Tensor]:
        return {"weight": self.weight, "bias": self.bias}


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

    def __init__(self, size: int, epsilon: float = 1e-5, dtype: type[np.floating[Any]] = np.float32) -> None:
        self.gain = Tensor(np.ones(size, dtype), requires_grad=True)
        self.shift = Tensor(np.zeros(size, dtype), requires_grad=True)
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
        return {
            f"{position}.{name}": parameter
            for position, layer in enumerate(self.layers)
            for name, parameter in layer.named_parameters().items()
        }

    def train(self, training: bool = True) -> None:
        for layer in self.layers:
            layer.train(training)


def mlp(
    sizes: Sequence[int],
    rng: np.random.Generator,
    activation: str = "tanh",
    initialise: Initialiser | None = None,
    initialise_last: Initialiser | None = None,
    dtype: type[np.floating[Any]] = np.float32,
) -> Sequential:
    """A multilayer perceptron: sizes (I, hidden ..., O), the activation after every layer but the last.

    Weights are orthogonal with gain √2, the last with gain 1, unless given.
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(f"sizes must be two or more numbers >= 1, got {tuple(sizes)}")
    hidden, last = initialise or orthogonal(math.sqrt(2)), initialise_last or orthogonal(1.0)
    layers = [
        Linear(inputs, outputs, rng, activation, hidden, dtype)
        for inputs, outputs in zip(sizes[:-2], sizes[1:-1], strict=True)
    ]
    return Sequential(*layers, Linear(sizes[-2], sizes[-1], rng, "identity", last, dtype))
