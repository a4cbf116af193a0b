"""Networks at work without a tape: the same numbers as with one, however many rows, whatever was there before."""

import numpy as np
import pytest

from algorithms.networks import CHUNK, LOSSES, Inference, Network, Regression, hidden_sizes, with_bias
from engine.layers import mlp
from engine.losses import huber, mean_squared_error
from engine.parameters import ParameterVector
from engine.randomness import generator
from engine.tensor import Tensor


@pytest.mark.parametrize(
    ("text", "sizes"), [("64", (64,)), ("120-84", (120, 84)), ("1-2-3-4-5-6-7-8", tuple(range(1, 9)))]
)
def test_sizes_are_read(text, sizes):
    assert hidden_sizes(text) == sizes


@pytest.mark.parametrize(
    "text", ["", "0", "-", "64-", "64,64", "4097", "1e3", "٣", "9" * 5000, "-".join("1" * 9), "6 4"]
)
def test_other_sizes_are_refused(text):
    with pytest.raises(ValueError, match="hidden must be 1 to 8 sizes"):
        hidden_sizes(text)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("rows", [1, 2, 7])
def test_inference_gives_what_the_tape_gives(activation, rows):
    rng = generator(1)
    network = mlp((3, 16, 8, 2), rng, activation)
    vector = ParameterVector(network.parameters())
    vector.values[...] = rng.standard_normal(vector.values.shape)  # biases too
    infer = Inference(network, 7)
    infer(np.full((7, 3), np.nan, np.float32))  # what was there before is not seen
    x = rng.standard_normal((rows, 3)).astype(np.float32)
    np.testing.assert_allclose(infer(x), network(Tensor(x)).data, rtol=1e-5, atol=1e-5)
    vector.values *= 0.5  # it follows the weights
    np.testing.assert_allclose(infer(x), network(Tensor(x)).data, rtol=1e-5, atol=1e-5)


def test_weights_and_bias_are_one_matrix_only_in_a_vector():
    network = mlp((3, 4, 2), generator(1))
    with pytest.raises(ValueError, match="must lie in one ParameterVector"):
        with_bias(network.layers[0])
    ParameterVector(network.parameters())
    for layer in network.layers:
        layer.bias.data[...] = 7
        matrix = with_bias(layer)
        assert np.array_equal(matrix, np.vstack([layer.weight.data, layer.bias.data]))
        assert np.shares_memory(matrix, layer.weight.data)


@pytest.mark.parametrize(("loss", "on_tape"), [("huber", huber), ("squared", mean_squared_error)])
@pytest.mark.parametrize("sizes", [(3, 2), (3, 16, 8, 2), (4, 120, 84, 3)])
def test_the_gradient_by_hand_is_the_one_on_the_tape(sizes, loss, on_tape):
    rng = generator(1)
    network = mlp(sizes, rng, "relu")
    vector = ParameterVector(network.parameters())
    vector.values[...] = 0.3 * rng.standard_normal(vector.values.shape)
    regression = Regression(network, 12)
    for _ in range(2):  # arrays are used again
        s, y = (rng.standard_normal(shape).astype(np.float32) for shape in ((12, sizes[0]), 12))
        a = rng.integers(0, sizes[-1], 12)
        vector.zero_grad()
        error = regression(s, a, y, LOSSES[loss])
        by_hand = vector.gradients.copy()
        vector.zero_grad()
        chosen = network(Tensor(s))[np.arange(12), a]
        tape_loss = on_tape(chosen, y)
        tape_loss.backward()
        np.testing.assert_allclose(error, chosen.data - y, rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(LOSSES[loss].value(error).mean(), tape_loss.item(), rtol=1e-5)
        np.testing.assert_allclose(by_hand, vector.gradients, rtol=1e-4, atol=1e-6)
        assert np.abs(error).max() > 1 > np.abs(error).min()
        assert np.abs(by_hand).max() > 0.1


@pytest.mark.parametrize("rows", [1, 3, 64, 65, CHUNK, CHUNK + 1, 2 * CHUNK + 100])
def test_any_number_of_rows(rows):
    network = Network((3, 16, 2), generator(1))
    x = generator(2).standard_normal((rows, 3)).astype(np.float32)
    np.testing.assert_allclose(network.values(x), network(x).data, rtol=1e-5, atol=1e-6)


def test_what_inference_keeps_is_bounded():
    network = Network((3, 16, 2), generator(1))
    for rows in range(1, 3 * CHUNK, 5):
        network.values(np.zeros((rows, 3), np.float32))
    assert len(network._inference) <= 14


def test_a_copy_is_its_own():
    network, target = Network((3, 16, 2), generator(1)), Network((3, 16, 2), generator(2))
    x = generator(3).standard_normal((5, 3)).astype(np.float32)
    target.copy(network)
    before = target.values(x).copy()
    assert np.array_equal(before, network.values(x))
    network.vector.values += 1
    assert np.array_equal(before, target.values(x))
    assert not np.allclose(before, network.values(x))
