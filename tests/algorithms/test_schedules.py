"""Schedules: values on paper, and the text they are written as."""

import numpy as np
import pytest

from algorithms.schedules import Constant, Cosine, Exponential, Harmonic, Linear, parse_schedule

EPISODES = np.array([0, 50, 100, 200])


@pytest.mark.parametrize(
    ("schedule", "values"),
    [
        (Constant(0.3), 0.3),
        (Linear(1.0, 0.0, 100), [1.0, 0.5, 0.0, 0.0]),
        (Cosine(1.0, 0.0, 200), [1.0, (1 + 0.5**0.5) / 2, 0.5, 0.0]),
        (Exponential(1.0, 0.2, 50), [1.0, 0.6, 0.4, 0.25]),
        (Harmonic(1.0, 100), [1.0, 2 / 3, 0.5, 1 / 3]),
    ],
)
def test_values(schedule, values):
    np.testing.assert_allclose(schedule(EPISODES), values)
    np.testing.assert_allclose([schedule(episode) for episode in EPISODES.tolist()], np.broadcast_to(values, 4))
    low, high = schedule.bounds
    assert ((low <= np.array(values)) & (np.array(values) <= high)).all()
    assert parse_schedule(str(schedule)) == schedule


@pytest.mark.parametrize("schedule", [Constant(1 / 3), Linear(0.123456789, 1e-9 / 7, 123456789), Harmonic(1, 2e20 / 3)])
def test_no_bit_is_lost_in_the_text(schedule):
    assert parse_schedule(str(schedule)) == schedule


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "nan", "inf", "1e400", "linear", "linear(1, 0)", "linear(1,0,0)", "linear(1,0,-5)"),
        *("linear(1,nan,5)", "linear(1,0,10", "harmonic(1,2,3)", "cosine(1,2)", "__import__('os')"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="expected a number, linear"):
        parse_schedule(text)
