"""Losses and distributions against numbers on paper, against the reference file, and against what breaks them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.distributions import Categorical, DiagonalGaussian
from engine.losses import (
    binary_cross_entropy,
    clipped_surrogate_loss,
    clipped_value_loss,
    cross_entropy,
    huber,
    mean_squared_error,
    weighted_sum,
)
from engine.randomness import generator
from engine.tensor import Tensor

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "ppo_dqn_adam_scalars.json").read_text())
GIVEN, EXPECTED = REFERENCE["parameters"], REFERENCE["expected"]


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True, dtype=np.float64)


# ---- the reference ------------------------------------------------------------------------------------


def surrogate(ratio: list[float], advantage: list[float]) -> float:
    log_prob = np.log(ratio)
    return clipped_surrogate_loss(leaf(log_prob), np.zeros_like(log_prob), np.array(advantage), GIVEN["clip"]).item()


def test_clipped_surrogate_of_the_reference() -> None:
    ratio, advantage = GIVEN["ratio"], GIVEN["advantage"]
    each = [-surrogate([r], [a]) for r, a in zip(ratio, advantage, strict=True)]
    assert each == pytest.approx(EXPECTED["clipped_surrogate_per_sample"], abs=1e-9)
    assert surrogate(ratio, advantage) == pytest.approx(EXPECTED["policy_loss"], abs=1e-9)


def test_clipping_alone_is_not_the_clipped_surrogate() -> None:
    """Without the minimum the pessimist's bound is lost: ρ = 0.5 at A = 1 would count 0.8."""
    ratio, advantage = np.array(GIVEN["ratio"]), np.array(GIVEN["advantage"])
    clipped = np.clip(ratio, 1 - GIVEN["clip"], 1 + GIVEN["clip"]) * advantage
    assert np.abs(clipped - EXPECTED["clipped_surrogate_per_sample"]).max() > 0.1


@pytest.mark.parametrize(
    ("ratio", "advantage", "gradient"),
    [
        (1.5, 1, 0),
        (1.1, 1, -1.1),
        (0.5, 1, -0.5),  # below the clip but worse than before: it may come back
        (1.5, -1, 1.5),
        (0.9, -1, 0.9),
        (0.5, -1, 0),
    ],
)
def test_where_the_clipped_surrogate_lets_the_gradient_through(ratio: float, advantage: float, gradient: float) -> None:
    log_prob = leaf([np.log(ratio)])
    clipped_surrogate_loss(log_prob, np.zeros(1), np.array([float(advantage)]), 0.2).backward()
    np.testing.assert_allclose(log_prob.grad, [gradient], atol=1e-12)


def test_a_ratio_that_overflows_is_clipped_like_any_other() -> None:
    log_prob = leaf([2e4, -2e4])
    with np.errstate(over="ignore"):
        loss = clipped_surrogate_loss(log_prob, np.zeros(2), np.ones(2), 0.2)
    loss.backward()
    assert loss.item() == -0.6
    np.testing.assert_array_equal(log_prob.grad, [0, 0])


def test_log_softmax_and_entropy_of_the_reference() -> None:
    logits = leaf(GIVEN["logits"])
    np.testing.assert_allclose(logits.log_softmax().data, EXPECTED["log_softmax"], atol=1e-9)
    policy = Categorical(logits)
    log_probs = [policy.log_prob(np.array(a)).item() for a in range(3)]
    assert log_probs == pytest.approx(EXPECTED["log_softmax"], abs=1e-9)
    assert policy.mean_entropy().item() == pytest.approx(EXPECTED["entropy"], abs=1e-9)
    assert cross_entropy(logits, np.array(1)).item() == pytest.approx(-EXPECTED["log_softmax"][1], abs=1e-9)


def test_huber_of_the_reference() -> None:
    x, delta = GIVEN["huber"]["x"], GIVEN["huber"]["delta"]
    each = [huber(leaf([value]), np.zeros(1), delta).item() for value in x]
    assert each == pytest.approx(EXPECTED["huber"], abs=1e-9)
    assert huber(leaf(x), np.zeros(5), delta).item() == pytest.approx(np.mean(EXPECTED["huber"]), abs=1e-9)


# ---- on paper -----------------------------------------------------------------------------------------


def test_losses_on_paper() -> None:
    assert mean_squared_error(leaf([1.0, 3.0]), np.array([0.0, 1.0])).item() == 2.5
    assert huber(leaf([3.0]), np.zeros(1), delta=2.0).item() == 2 * (3 - 1)
    assert binary_cross_entropy(leaf([0.0]), np.ones(1)).item() == pytest.approx(np.log(2))
    assert cross_entropy(leaf([[0.0, 0.0, 0.0, 0.0]]), np.array([2])).item() == pytest.approx(np.log(4))


@pytest.mark.parametrize(
    ("value", "old", "target", "loss", "gradient"),
    [
        (1.0, 1.0, 3.0, 4.0, -4.0),  # not moved: the plain squared error
        (2.0, 1.0, 3.0, 1.8**2, 0.0),  # moved towards the target beyond the clip: no more pull
        (0.0, 1.0, 3.0, 9.0, -6.0),  # moved away: the full error pulls it back
    ],
)
def test_clipped_value_loss_on_paper(value: float, old: float, target: float, loss: float, gradient: float) -> None:
    v = leaf([value])
    result = clipped_value_loss(v, np.array([target]), np.array([old]), 0.2)
    result.backward()
    assert result.item() == pytest.approx(loss)
    np.testing.assert_allclose(v.grad, [gradient], atol=1e-12)


def test_gaussian_on_paper() -> None:
    """At the mean of two standard normals the density is 1/2π; the entropy of one is ½ log 2πe."""
    normal = DiagonalGaussian(leaf([[0.0, 0.0]]), leaf([0.0, 0.0]))
    assert normal.log_prob(np.zeros((1, 2))).data == pytest.approx(-np.log(2 * np.pi))
    assert normal.mean_entropy().item() == pytest.approx(np.log(2 * np.pi * np.e))
    np.testing.assert_array_equal(normal.mode(), [[0, 0]])
    per_row = DiagonalGaussian(leaf(np.zeros((3, 2))), leaf(np.ones((3, 2))))
    assert per_row.mean_entropy().item() == pytest.approx(2 + np.log(2 * np.pi * np.e))


def test_weighted_sum() -> None:
    x, y = leaf(2.0), leaf(3.0)
    total = weighted_sum((1, x * 1), (-0.5, y * y))
    total.backward()
    assert (total.item(), x.grad, y.grad) == (-2.5, 1, -3)
    with pytest.raises(ValueError, match=r"of scalars, got a value of shape \(2,\)"):
        weighted_sum((1, leaf([1.0, 2.0])))


# ---- stability and precision --------------------------------------------------------------------------

EXTREME = np.array([[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_ten_thousand(dtype: type) -> None:
    logits = Tensor(EXTREME, requires_grad=True, dtype=dtype)
    policy = Categorical(logits)
    np.testing.assert_allclose(policy.probabilities, [[1, 0, 0], [0, 0.5, 0.5]])
    log_prob, entropy = policy.log_prob(np.array([1, 0])), policy.mean_entropy()
    np.testing.assert_allclose(log_prob.data, [-2e4, -2e4 - np.log(2)], rtol=1e-6)
    assert entropy.item() == pytest.approx(np.log(2) / 2)
    loss = weighted_sum((1, log_prob.sum()), (1, entropy), (1, cross_entropy(logits, np.array([2, 0]))))
    loss.backward()
    assert np.isfinite(logits.grad).all()
    z = Tensor(EXTREME, requires_grad=True, dtype=dtype)
    crossed = binary_cross_entropy(z, (EXTREME < 0).astype(dtype))
    crossed.backward()
    assert crossed.item() == pytest.approx(5e4 / 6 + np.log(2) / 6, rel=1e-6)
    assert np.isfinite(z.grad).all()


def test_numpy_scalars_do_not_promote() -> None:
    x = Tensor(np.ones((2, 2)), requires_grad=True)
    number, ones = np.float64(0.5), np.ones((2, 2))
    for loss in (
        huber(x, ones, number),
        clipped_value_loss(x, ones, ones * 2, number),
        clipped_surrogate_loss(x, ones, ones, number),
        weighted_sum((number, mean_squared_error(x, ones))),
        (x.leaky_relu(number) + x.clip(-number, number)).sum(),
        DiagonalGaussian(x, x).mean_entropy(),
    ):
        x.grad = None
        assert loss.dtype == np.float32
        loss.backward()
        assert x.grad is not None
        assert x.grad.dtype == np.float32


# ---- sampling -----------------------------------------------------------------------------------------


def test_samples_follow_the_probabilities_within_four_standard_errors() -> None:
    n, p = 20_000, np.array([0.5, 0.2, 0.3, 0.0])
    with np.errstate(divide="ignore"):
        logits = np.maximum(np.log(p), -1e4)
    classes = Categorical(Tensor(np.tile(logits, (n, 1)))).sample(generator(1))
    frequencies = np.bincount(classes, minlength=4) / n
    assert (np.abs(frequencies - p) <= 4 * np.sqrt(p * (1 - p) / n)).all()
    assert classes.shape == (n,)


def test_quantile_is_the_inverse_of_the_distribution_function() -> None:
    policy = Categorical(Tensor(np.log(np.tile([0.25, 0.5, 0.25], (5, 1)))))
    np.testing.assert_array_equal(policy.quantile(np.array([1e-9, 0.24, 0.26, 0.74, 1.0])), [0, 0, 1, 1, 2])
    impossible_first = Categorical(Tensor([-1e4, 0.0, -1e4]))
    assert impossible_first.quantile(np.array(1e-300)) == 1
    assert impossible_first.quantile(np.array(1.0)) == 1


def test_the_mode_is_the_first_of_the_most_probable() -> None:
    np.testing.assert_array_equal(Categorical(Tensor([[0, 1, 1], [2, 1, 0]])).mode(), [1, 0])
    assert Categorical(Tensor([0, 1, 1])).mode().shape == ()


def test_gaussian_samples_within_four_standard_errors() -> None:
    n = 20_000
    normal = DiagonalGaussian(Tensor(np.tile(np.float32([1, -2]), (n, 1))), Tensor(np.log(np.float32([0.5, 2]))))
    samples = normal.sample(generator(1))
    assert samples.dtype == np.float32
    assert (np.abs(samples.mean(0) - [1, -2]) <= 4 * np.array([0.5, 2]) / np.sqrt(n)).all()
    assert (np.abs(samples.std(0) - [0.5, 2]) <= 4 * np.array([0.5, 2]) / np.sqrt(2 * n)).all()


# ---- errors -------------------------------------------------------------------------------------------

TWO = leaf([1.0, 2.0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_squared_error(TWO, np.zeros((2, 1))), r"must have the shape \(2,\), got \(2, 1\)"),
        (lambda: mean_squared_error(TWO, 1.0), r"must have the shape \(2,\), got \(\)"),
        (lambda: mean_squared_error(leaf(np.zeros((0, 2))), np.zeros((0, 2))), r"shape \(0, 2\) is undefined"),
        (lambda: cross_entropy(leaf(np.zeros((0, 2))), np.zeros(0, int)), r"shape \(0, 2\) is undefined"),
        (lambda: huber(TWO, np.zeros(2), 0.0), "delta must be > 0, got 0.0"),
        (lambda: huber(TWO, np.zeros(2), float("nan")), "delta must be > 0, got nan"),
        (lambda: clipped_surrogate_loss(TWO, np.zeros(2), np.zeros(2), -0.1), "clip must be >= 0, got -0.1"),
        (lambda: clipped_value_loss(TWO, np.zeros(2), np.zeros(3), 0.1), r"got \(3,\)"),
        (lambda: cross_entropy(TWO, np.array(2)), r"integers in 0 .. 1, got array\(2\)"),
        (lambda: cross_entropy(TWO, np.array(-1)), "integers in 0 .. 1"),
        (lambda: cross_entropy(TWO, np.array(0.0)), "integers in 0 .. 1"),
        (lambda: cross_entropy(TWO, np.array([0])), r"classes must have the shape \(\), got \(1,\)"),
        (lambda: Categorical(leaf(np.zeros((3, 2)))).log_prob(np.array([0, 1, -1])), "integers in 0 .. 1"),
        (lambda: Categorical(leaf(np.zeros((3, 2)))).log_prob(np.array([0, 1, 2])), "integers in 0 .. 1"),
        (lambda: Categorical(leaf(0.0)), "at least one class"),
        (lambda: Categorical(leaf(np.zeros((3, 0)))), "at least one class"),
    ],
)
def test_refused(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_target_with_a_history_is_refused() -> None:
    with pytest.raises(TypeError, match="numpy records nothing"):
        mean_squared_error(TWO, TWO * 2)  # type: ignore[arg-type]
