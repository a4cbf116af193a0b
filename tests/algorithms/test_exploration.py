"""Greedy and ε-greedy choice: ties, frequencies within 4 standard errors, and probabilities on paper."""

import numpy as np
import pytest

from algorithms.exploration import epsilon_greedy, epsilon_soft, greatest, greedy, tied
from engine.randomness import generator

N = 40_000
TWO_BEST = np.tile([1.0, 3.0, 3.0, 0.0], (N, 1))


def frequencies(actions):
    return np.bincount(actions, minlength=4) / len(actions)


def within_four_standard_errors(observed, expected):
    expected = np.asarray(expected)
    return (abs(observed - expected) <= 4 * np.sqrt(expected * (1 - expected) / N)).all()


def test_greedy_takes_the_first_of_equals_when_told_to():
    assert set(greedy(TWO_BEST, "first", generator(0))) == {1}


def test_greedy_splits_ties_evenly():
    assert within_four_standard_errors(frequencies(greedy(TWO_BEST, "random", generator(0))), [0, 0.5, 0.5, 0])


def test_greedy_breaks_ties_of_negative_values():
    """A product of a mask and a draw must not let a zero win over negative values."""
    chosen = greedy(np.tile([-5.0, -2.0, -2.0, -9.0], (N, 1)), "random", generator(0))
    assert within_four_standard_errors(frequencies(chosen), [0, 0.5, 0.5, 0])


@pytest.mark.parametrize("tie_break", ["first", "random"])
def test_epsilon_greedy_follows_its_own_probabilities(tie_break):
    expected = epsilon_soft(TWO_BEST[:1], 0.2, tie_break)[0]
    by_hand = {"first": [0.05, 0.85, 0.05, 0.05], "random": [0.05, 0.45, 0.45, 0.05]}[tie_break]
    np.testing.assert_allclose(expected, by_hand, atol=1e-15)
    assert within_four_standard_errors(frequencies(epsilon_greedy(TWO_BEST, 0.2, tie_break, generator(0))), expected)


def test_one_epsilon_per_lane():
    epsilon = np.repeat([0.0, 1.0], N // 2)
    actions = epsilon_greedy(TWO_BEST, epsilon, "first", generator(0))
    assert set(actions[: N // 2]) == {1}
    assert set(actions[N // 2 :]) == {0, 1, 2, 3}
    np.testing.assert_allclose(epsilon_soft(TWO_BEST, epsilon, "first")[[0, -1]], [[0, 1, 0, 0], [0.25] * 4])


def test_greatest_is_the_maximum_of_every_row():
    q = generator(1).normal(size=(50, 6))
    assert np.array_equal(greatest(q), q.max(axis=1))


def test_tied_counts_rounding_as_equal():
    assert tied(np.array([1.0, 1.0 - 1e-10, 1.0 - 1e-8])).tolist() == [True, True, False]
