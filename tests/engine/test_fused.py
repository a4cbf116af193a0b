"""Derivatives of the fused operations: layers, losses, distributions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.distributions import Categorical, DiagonalGaussian
from engine.gradcheck import GradientError, gradcheck
from engine.layers import Dropout, LayerNorm, Linear, Sequential, mlp
from engine.losses import (
    binary_cross_entropy,
    clipped_surrogate_loss,
    clipped_value_loss,
    cross_entropy,
    huber,
    mean_squared_error,
    weighted_sum,
)
from engine.operations import Array, Joint, fused
from engine.parameters import ParameterVector
from engine.randomness import generator
from engine.tensor import Tensor, record

RNG = generator(1)
SHAPES = [(3,), (1, 3), (5, 3), (2, 4, 3), (0, 3)]


def layers(x: Tensor, *parameters: Tensor, activations: tuple[str, ...]) -> Tensor:
    rules = map(fused.LayerRule, parameters[::2], parameters[1::2], activations)
    y, saved = fused.LAYERS.forward(x.data, fused.Stack(*rules))
    return record(fused.LAYERS, y, (x, *parameters), saved)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("depth", [1, 2, 3])
@pytest.mark.parametrize("activation", list(fused.ACTIVATIONS))
def test_layers(shape: tuple[int, ...], depth: int, activation: str) -> None:
    sizes = (3, 4, 2, 5)[: depth + 1]
    parameters = [RNG.standard_normal(s) for i, o in pairwise(sizes) for s in ((i, o), (o,))]
    for x in (RNG.standard_normal(shape), RNG.standard_normal(shape[::-1]).T):
        gradcheck(lambda *t: layers(*t, activations=(activation,) * depth), x, *parameters)


@pytest.mark.parametrize("activation", list(fused.ACTIVATIONS))
def test_layers_with_computed_weights(activation: str) -> None:
    """Weights that are themselves results get their gradient through the tape, not written in place."""
    gradcheck(
        lambda x, w, b: layers(x, w * 2, b.exp(), activations=(activation,)),
        *(RNG.standard_normal(shape) for shape in ((4, 3), (3, 2), (2,))),
    )


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_layers_in_a_row_are_one_node_or_several_with_the_same_bits(shape: tuple[int, ...]) -> None:
    x = RNG.standard_normal(shape).astype(np.float32)
    network = mlp((3, 6, 6, 2), generator(4))
    gradients = []
    for function in (network, Sequential(*network.layers)):
        for parameter in network.parameters():
            parameter.grad = None
        (function(Tensor(x)) ** 2).sum().backward()
        gradients.append([parameter.grad for parameter in network.parameters()])
    for one, several in zip(*gradients, strict=True):
        np.testing.assert_array_equal(one, several)


def test_a_backward_pass_changes_no_value_that_can_be_seen() -> None:
    network = mlp((3, 6, 2), generator(4), activation="tanh")
    x = Tensor(RNG.standard_normal((5, 3)))
    y = network(x)
    before = x.data.copy(), y.data.copy()
    (y * y).sum().backward()
    np.testing.assert_array_equal(x.data, before[0])
    np.testing.assert_array_equal(y.data, before[1])
    np.testing.assert_array_equal(network(x).data, before[1])


def test_a_frozen_layer_gets_no_gradient() -> None:
    layer = Linear(3, 2, generator(0))
    layer.weight.requires_grad = False
    layer(Tensor(np.ones((4, 3)))).sum().backward()
    assert layer.weight.grad is None
    np.testing.assert_array_equal(layer.bias.grad, [4, 4])


@pytest.mark.parametrize("owned", [False, True])
def test_gradients_of_two_uses_and_two_passes_add_up(owned: bool) -> None:
    layer = Linear(3, 3, generator(0), dtype=np.float64)
    x = Tensor(RNG.standard_normal((4, 3)), dtype=np.float64)
    if owned:
        ParameterVector(layer.parameters())
    layer(layer(x)).sum().backward()
    once = [np.array(parameter.grad) for parameter in layer.parameters()]
    layer(layer(x)).sum().backward()
    for parameter, gradient in zip(layer.parameters(), once, strict=True):
        np.testing.assert_allclose(parameter.grad, 2 * gradient, rtol=1e-12)
    gradcheck(
        lambda x, w, b: layers(layers(x, w, b, activations=("tanh",)), w, b, activations=("tanh",)),
        *(value.data for value in (x, layer.weight, layer.bias)),
    )


def test_layer_norm_and_dropout() -> None:
    norm = LayerNorm(4, dtype=np.float64)
    gradcheck(norm, RNG.standard_normal((3, 4)))
    gradcheck(lambda x: Dropout(0.5, generator(3))(x), RNG.standard_normal((3, 4)))


LOGITS, OTHER = RNG.standard_normal((5, 3)) * 2, RNG.standard_normal((5, 3))
CLASSES = RNG.integers(3, size=5)
SCALAR_FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean_squared_error": lambda x: mean_squared_error(x, OTHER),
    "huber": lambda x: huber(x, OTHER, 0.8),
    "binary_cross_entropy": lambda x: binary_cross_entropy(x, np.abs(OTHER) % 1),
    "cross_entropy": lambda x: cross_entropy(x, CLASSES),
    "clipped_value": lambda x: clipped_value_loss(x, OTHER, LOGITS + 0.3 * OTHER, 0.2),
    "clipped_surrogate": lambda x: clipped_surrogate_loss(x * 0.1, LOGITS * 0.07, OTHER, 0.1),
    "log_prob": lambda x: Categorical(x).log_prob(CLASSES),
    "mean_entropy": lambda x: Categorical(x).mean_entropy(),
    "log_prob and entropy": lambda x: (
        Categorical(x).log_prob(CLASSES).sum() * 0.3 - (p := Categorical(x)).mean_entropy() + p.log_prob(CLASSES).mean()
    ),
    "gaussian mean": lambda x: DiagonalGaussian(x, Tensor(OTHER[0], dtype=np.float64)).log_prob(OTHER),
    "gaussian log_std": lambda x: DiagonalGaussian(Tensor(OTHER, dtype=np.float64), x * 0.2).log_prob(LOGITS),
    "gaussian shared log_std": lambda x: DiagonalGaussian(Tensor(OTHER, dtype=np.float64), x[0] * 0.2).log_prob(LOGITS),
    "gaussian entropy": lambda x: DiagonalGaussian(Tensor(OTHER, dtype=np.float64), x).mean_entropy(),
    "weighted_sum": lambda x: weighted_sum((2, x.mean()), (-0.5, (x * x).sum())),
}


@pytest.mark.parametrize("layout", [lambda x: x, lambda x: x[::-1], lambda x: np.asfortranarray(x)])
@pytest.mark.parametrize("name", SCALAR_FUNCTIONS)
def test_losses_and_distributions(name: str, layout: Callable[[Array], Array]) -> None:
    gradcheck(SCALAR_FUNCTIONS[name], layout(LOGITS))


@pytest.mark.parametrize("shape", [(3,), (1, 3), (2, 4, 3), (4, 1)])
def test_categorical_and_cross_entropy_over_any_leading_axes(shape: tuple[int, ...]) -> None:
    logits, classes = RNG.standard_normal(shape), RNG.integers(shape[-1], size=shape[:-1])
    gradcheck(lambda x: Categorical(x).log_prob(classes), logits)
    gradcheck(lambda x: Categorical(x).mean_entropy(), logits)
    gradcheck(lambda x: cross_entropy(x, classes), logits)


def test_a_fused_derivative_that_is_wrong_fails() -> None:
    right = fused.CLIPPED_SURROGATE

    def unclipped(log_p: Array, old: Array, advantages: Array, clip: float) -> tuple[Any, Any]:
        loss, _ = right.forward(log_p, old, advantages, clip)
        return loss, (np.exp(log_p - old) * advantages, -1 / log_p.size)

    wrong = Joint("wrong", "", unclipped, right.gradients)

    def loss(x: Tensor) -> Tensor:
        value, saved = wrong.forward(x.data, LOGITS * 0.7, OTHER, 0.1)
        return record(wrong, value, (x,), saved)

    with pytest.raises(GradientError):
        gradcheck(loss, LOGITS)
