"""Values and gradients against torch in float64, to 1e-10. Skipped where torch is not installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gradient_cases import NAMES, OURS, THEIRS, cases_of, named

from engine.distributions import Categorical, DiagonalGaussian
from engine.layers import LayerNorm, Linear, mlp
from engine.losses import (
    binary_cross_entropy,
    clipped_surrogate_loss,
    clipped_value_loss,
    cross_entropy,
    huber,
    mean_squared_error,
)
from engine.operations import Array
from engine.optimisers import SGD, Adam, AdamW, Optimiser, RMSprop
from engine.parameters import ParameterVector
from engine.randomness import generator
from engine.tensor import Tensor, maximum, minimum

torch: Any = pytest.importorskip("torch")
CLOSE = {"rtol": 0, "atol": 1e-10}


def our_leaf(x: Array) -> Tensor:
    return Tensor(x, requires_grad=True, dtype=np.float64)


def leaf(x: Array) -> Any:
    return torch.tensor(np.array(x), dtype=torch.float64, requires_grad=True)


def assert_same(ours: Tensor, theirs: Any, our_inputs: list[Tensor], their_inputs: list[Any]) -> None:
    """The same value, and the same gradients for one random gradient of the result."""
    np.testing.assert_allclose(ours.data, theirs.detach().numpy(), **CLOSE)
    g = np.asarray(generator(5).standard_normal(ours.shape))
    ours.backward(g)
    theirs.backward(torch.tensor(g, dtype=torch.float64))
    for a, b in zip(our_inputs, their_inputs, strict=True):
        their_gradient = np.zeros(a.shape) if b.grad is None else b.grad.numpy()
        our_gradient = np.zeros(a.shape) if a.grad is None else a.grad
        np.testing.assert_allclose(our_gradient, their_gradient, **CLOSE)


@pytest.mark.filterwarnings("ignore:var\\(\\)")  # torch warns of an empty batch
@pytest.mark.parametrize("name", NAMES)
def test_operation(name: str) -> None:
    for case in cases_of(name):
        ours = [our_leaf(x) for x in case.inputs]
        theirs = [leaf(x) for x in case.inputs]
        with named(case):
            assert_same(OURS[name](*ours, *case.options), THEIRS[name](torch, *theirs, *case.options), ours, theirs)


TIES = np.array([[0.0, 1.0, 1.0, -1.0], [2.0, 2.0, 2.0, -2.0]])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda x: x.max(1), lambda x: x.amax(1)),
        (lambda x: x.min(0), lambda x: x.amin(0)),
        (lambda x: x.max(), lambda x: x.amax()),
        (lambda x: maximum(x, np.ones((2, 4))), lambda x: torch.maximum(x, torch.ones(2, 4, dtype=torch.float64))),
        (lambda x: minimum(x, np.ones((2, 4))), lambda x: torch.minimum(x, torch.ones(2, 4, dtype=torch.float64))),
        (lambda x: x.clip(-1.0, 1.0), lambda x: x.clamp(-1.0, 1.0)),
        (lambda x: x.relu(), torch.relu),
        (lambda x: x.abs(), torch.abs),
    ],
)
def test_ties_and_kinks(ours: Any, theirs: Any) -> None:
    x, y = our_leaf(TIES), leaf(TIES)
    assert_same(ours(x), theirs(y), [x], [y])


RNG = generator(11)
LOGITS, TARGETS = RNG.standard_normal((6, 4)) * 3, RNG.random((6, 4))
CLASSES = RNG.integers(4, size=6)
LOSSES = {
    "mean_squared_error": (
        lambda x: mean_squared_error(x, TARGETS),
        lambda x: torch.nn.functional.mse_loss(x, torch.tensor(TARGETS)),
    ),
    "huber": (
        lambda x: huber(x, TARGETS, 0.7),
        lambda x: torch.nn.functional.huber_loss(x, torch.tensor(TARGETS), delta=0.7),
    ),
    "binary_cross_entropy": (
        lambda x: binary_cross_entropy(x, TARGETS),
        lambda x: torch.nn.functional.binary_cross_entropy_with_logits(x, torch.tensor(TARGETS)),
    ),
    "cross_entropy": (
        lambda x: cross_entropy(x, CLASSES),
        lambda x: torch.nn.functional.cross_entropy(x, torch.tensor(CLASSES)),
    ),
    "categorical log_prob": (
        lambda x: Categorical(x).log_prob(CLASSES),
        lambda x: torch.distributions.Categorical(logits=x).log_prob(torch.tensor(CLASSES)),
    ),
    "categorical entropy": (
        lambda x: Categorical(x).mean_entropy(),
        lambda x: torch.distributions.Categorical(logits=x).entropy().mean(),
    ),
    "clipped surrogate": (
        lambda x: clipped_surrogate_loss(x * 0.1, LOGITS * 0.05, TARGETS - 0.5, 0.2),
        lambda x: (
            -torch.min(
                (ratio := (x * 0.1 - torch.tensor(LOGITS * 0.05)).exp()) * torch.tensor(TARGETS - 0.5),
                ratio.clamp(0.8, 1.2) * torch.tensor(TARGETS - 0.5),
            ).mean()
        ),
    ),
    "clipped value": (
        lambda x: clipped_value_loss(x, TARGETS, LOGITS * 0.5, 0.2),
        lambda x: torch.max(
            (x - torch.tensor(TARGETS)) ** 2,
            (torch.tensor(LOGITS * 0.5) + (x - torch.tensor(LOGITS * 0.5)).clamp(-0.2, 0.2) - torch.tensor(TARGETS))
            ** 2,
        ).mean(),
    ),
}


@pytest.mark.parametrize("name", LOSSES)
def test_loss(name: str) -> None:
    ours, theirs = LOSSES[name]
    x, y = our_leaf(LOGITS), leaf(LOGITS)
    assert_same(ours(x), theirs(y), [x], [y])


@pytest.mark.parametrize("rows", [(6,), (2, 3)])
def test_gaussian(rows: tuple[int, ...]) -> None:
    values = [RNG.standard_normal((*rows, 3)), RNG.standard_normal(3) * 0.3, RNG.standard_normal((*rows, 3))]
    mean, log_std = (our_leaf(x) for x in values[:2])
    torch_mean, torch_log_std = (leaf(x) for x in values[:2])
    theirs = torch.distributions.Normal(torch_mean, torch_log_std.exp())
    ours = DiagonalGaussian(mean, log_std)
    their_loss = theirs.log_prob(torch.tensor(values[2])).sum(-1).mean() + theirs.entropy().sum(-1).mean()
    our_loss = ours.log_prob(values[2]).mean() + ours.mean_entropy()
    assert_same(our_loss, their_loss, [mean, log_std], [torch_mean, torch_log_std])


@pytest.mark.parametrize("activation", ["identity", "relu", "sigmoid", "tanh"])
def test_networks(activation: str) -> None:
    network = mlp((3, 5, 5, 2), RNG, activation, dtype=np.float64)
    one = Linear(2, 4, RNG, activation, dtype=np.float64)
    norm = LayerNorm(4, dtype=np.float64)
    parameters = [*network.parameters(), *one.parameters(), *norm.parameters()]
    copies = [leaf(parameter.data) for parameter in parameters]
    obs = RNG.standard_normal((7, 3))
    x, y = our_leaf(obs), leaf(obs)
    function = {"identity": lambda z: z, "relu": torch.relu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}[activation]
    hidden = function(y @ copies[0] + copies[1])
    hidden = function(hidden @ copies[2] + copies[3])
    hidden = function((hidden @ copies[4] + copies[5]) @ copies[6] + copies[7])
    theirs = torch.nn.functional.layer_norm(hidden, (4,), copies[8], copies[9])
    assert_same(norm(one(network(x))), theirs, [x, *parameters], [y, *copies])


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda p: SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1)),
        (lambda p: SGD(p, 0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        (lambda p: RMSprop(p, 0.01), lambda p: torch.optim.RMSprop(p, 0.01)),
        (lambda p: Adam(p, 0.01, epsilon=1e-5), lambda p: torch.optim.Adam(p, 0.01, eps=1e-5)),
        (lambda p: AdamW(p, 0.01, weight_decay=0.1), lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1)),
    ],
    ids=["SGD", "momentum", "RMSprop", "Adam", "AdamW"],
)
def test_fifty_steps_of_an_optimiser_with_clipping(ours: Any, theirs: Any) -> None:
    start = generator(2).standard_normal(7)
    x, y = our_leaf(start), leaf(start)
    vector = ParameterVector([x])
    our_optimiser: Optimiser = ours(vector)
    their_optimiser = theirs([y])
    for step in range(50):
        weights = generator(step).standard_normal(7) * 2
        vector.zero_grad()
        their_optimiser.zero_grad()
        ((x * x - weights) * x).sum().backward()
        ((y * y - torch.tensor(weights)) * y).sum().backward()
        norm = float(y.grad.norm())
        assert vector.clip_norm(1.0) == pytest.approx(norm, abs=1e-10)
        y.grad.mul_(min(1.0, 1.0 / norm))  # torch's own clipping divides by norm + 1e-6
        our_optimiser.step()
        their_optimiser.step()
    np.testing.assert_allclose(x.data, y.detach().numpy(), **CLOSE)
