"""Layers and initialisers: shapes, laws of the weights, state."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.initialisers import Initialiser, kaiming, orthogonal, xavier
from engine.layers import Dropout, Layer, LayerNorm, Linear, Sequential, mlp
from engine.randomness import generator
from engine.tensor import Tensor, no_grad, tape


def test_linear_on_paper() -> None:
    layer = Linear(2, 1, generator(0))
    layer.weight.data[...] = [[1], [10]]
    layer.bias.data[...] = [100]
    np.testing.assert_array_equal(layer(Tensor([[2, 3], [4, 5]])).data, [[132], [154]])
    np.testing.assert_array_equal(layer(Tensor([2, 3])).data, [132])


@pytest.mark.parametrize("shape", [(8,), (1, 8), (5, 8), (2, 3, 8), (0, 8)])
def test_any_leading_axes(shape: tuple[int, ...]) -> None:
    assert mlp((8, 16, 4), generator(0))(Tensor(np.zeros(shape))).shape == (*shape[:-1], 4)


def test_a_network_is_one_node_and_its_layers_are_several() -> None:
    network = mlp((3, 4, 4, 2), generator(0), activation="relu")
    x = Tensor(np.ones((2, 3)))
    assert [node.operation.name for node in tape(network(x)) if node.operation] == ["layers"]
    names = [node.operation.name for node in tape(Sequential(*network.layers)(x)) if node.operation]
    assert names == ["layers"] * 3


def test_the_seed_decides_the_weights() -> None:
    first, again, other = (mlp((3, 4, 2), generator(seed)).state() for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not np.array_equal(first["0.weight"], other["0.weight"])
    assert list(first) == ["0.weight", "0.bias", "1.weight", "1.bias"]


@pytest.mark.parametrize("size", [(64, 64), (64, 4), (8, 64)])
def test_orthogonal_weights_keep_lengths(size: tuple[int, int]) -> None:
    weight = orthogonal(2.0)(*size, generator(0))
    assert weight.shape == size
    small = weight.T @ weight if size[0] >= size[1] else weight @ weight.T
    np.testing.assert_allclose(small, 4 * np.eye(min(size)), atol=1e-12)


@pytest.mark.parametrize(
    ("initialise", "deviation"),
    [(xavier(), np.sqrt(2 / 500)), (xavier(3.0), 3 * np.sqrt(2 / 500)), (kaiming(), np.sqrt(2 / 200))],
)
def test_the_deviation_of_initial_weights(initialise: Initialiser, deviation: float) -> None:
    weight = initialise(200, 300, generator(0))
    assert weight.std() == pytest.approx(deviation, rel=4 / np.sqrt(2 * weight.size))
    assert abs(weight.mean()) < 4 * deviation / np.sqrt(weight.size)


def test_kaiming_keeps_the_size_of_relu_activations_and_xavier_does_not() -> None:
    sizes, x = [256] * 9, generator(1).standard_normal((64, 256))
    kept = mlp(sizes, generator(0), "relu", kaiming(), kaiming(1.0))(Tensor(x)).data.std()
    lost = mlp(sizes, generator(0), "relu", xavier(), xavier())(Tensor(x)).data.std()
    assert 0.5 < kept < 2
    assert lost < 0.2


def test_dropout_scales_what_it_keeps_and_rests_when_not_training() -> None:
    n, rate = 10_000, 0.25
    dropout = Dropout(rate, generator(0))
    y = dropout(Tensor(np.ones(n))).data
    assert set(y) == {0, np.float32(1 / (1 - rate))}
    assert abs((y == 0).mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / n)
    network = Sequential(dropout, LayerNorm(n))
    network.train(False)
    np.testing.assert_array_equal(dropout(Tensor(np.ones(n))).data, np.ones(n))
    network.train()
    assert (dropout(Tensor(np.ones(n))).data == 0).any()
    with pytest.raises(ValueError, match=r"rate must be in \[0, 1\), got 1"):
        Dropout(1, generator(0))


def test_layer_norm_has_mean_0_and_deviation_1() -> None:
    norm = LayerNorm(100, dtype=np.float64)
    y = norm(Tensor(generator(0).standard_normal((3, 100)) * 7 + 5, dtype=np.float64)).data
    np.testing.assert_allclose(y.mean(-1), 0, atol=1e-12)
    np.testing.assert_allclose(y.std(-1), 1, atol=1e-6)


def test_state_is_a_copy_and_loads_bit_for_bit() -> None:
    source, target = (Sequential(mlp((3, 4, 2), generator(seed)), LayerNorm(2)) for seed in (1, 2))
    state = source.state()
    assert list(state) == ["0.0.weight", "0.0.bias", "0.1.weight", "0.1.bias", "1.gain", "1.shift"]
    x = Tensor(np.ones((5, 3)))
    target.load_state(state)
    np.testing.assert_array_equal(source(x).data, target(x).data)
    state["0.0.weight"][...] = 0
    np.testing.assert_array_equal(source(x).data, target(x).data)


def _damaged(change: dict[str, Any], drop: str | None = None) -> dict[str, Any]:
    state = {**Linear(2, 3, generator(0)).state(), **change}
    return {name: array for name, array in state.items() if name != drop}


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (_damaged({}, drop="bias"), r"missing \['bias'\]"),
        (_damaged({"more": np.zeros(1)}), r"unknown \['more'\]"),
        (_damaged({"bias": np.zeros(4, np.float32)}), r"bias must be float32 \(3,\), got float32 \(4,\)"),
        (_damaged({"bias": np.zeros(3)}), r"bias must be float32 \(3,\), got float64 \(3,\)"),
        (_damaged({"bias": [0, 0, 0]}), r"bias must be float32 \(3,\), got list"),
        (_damaged({"bias": np.float32([0, np.nan, 0])}), "bias is not finite"),
        (_damaged({"bias": np.float32([0, np.inf, 0])}), "bias is not finite"),
    ],
)
def test_state_that_does_not_fit_changes_nothing(state: dict[str, Any], message: str) -> None:
    layer = Linear(2, 3, generator(1))
    before = layer.state()
    with pytest.raises(ValueError, match=message):
        layer.load_state(state)
    assert all(np.array_equal(before[name], array) for name, array in layer.state().items())


def test_errors_say_what_to_do() -> None:
    layer = Linear(3, 2, generator(0))
    with pytest.raises(ValueError, match="activation must be one of identity, relu, sigmoid, tanh, got 'gelu'"):
        Linear(3, 2, generator(0), "gelu")
    for shape in ((4, 2), (2, 4, 5), (), (2,)):
        with pytest.raises(ValueError, match="must have the 3 inputs of the layer"):
            layer(Tensor(np.zeros(shape)))
    with pytest.raises(TypeError, match="one precision, got float64 for a layer of float32"):
        layer(Tensor(np.zeros((4, 3)), dtype=np.float64))
    with pytest.raises(ValueError, match="sizes must be two or more numbers >= 1"):
        mlp((3,), generator(0))
    with pytest.raises(NotImplementedError):
        Layer()(Tensor(1.0))


def test_acting_without_a_gradient_records_nothing() -> None:
    network = mlp((3, 4, 2), generator(0))
    with no_grad():
        assert network(Tensor(np.zeros(3))).operation is None
