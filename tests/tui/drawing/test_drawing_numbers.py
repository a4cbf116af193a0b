"""Numbers in a width, and round numbers."""

import math

import numpy as np
import pytest

from tui.drawing.numbers import format_value, nice_ceil, nice_step


@pytest.mark.parametrize(
    ("value", "width", "text"),
    [
        (-13.0, 5, "-13.0"),
        (-13.0, 4, "-13"),
        (-13.25, 7, "-13.2"),
        (0.5421, 7, "0.542"),
        (0.5421, 3, ".54"),
        (-0.5, 3, "-.5"),
        (1.5, 2, "2"),
        (0.0, 5, "0"),
        (-0.0, 5, "0"),
        (0.00004, 5, "4e-5"),
        (0.00004, 3, "~0"),
        (-0.00004, 3, "-0"),
        (1234.0, 5, "1234"),
        (1234.0, 4, "1234"),
        (1234.0, 3, "1k"),
        (-1000.0, 4, "-1k"),
        (12345.0, 4, "12k"),
        (1234567.0, 4, "1.2M"),
        (-3e20, 5, "-3e20"),
        (1e308, 5, "1e308"),
        (1e308, 4, "####"),
        (-1e308, 4, "-###"),
        (math.nan, 5, "nan"),
        (math.inf, 5, "∞"),
        (-math.inf, 5, "-∞"),
        (math.inf, 0, ""),
        (17, 6, "17"),
        (123456, 4, "123k"),
    ],
)
def test_format_value(value, width, text):
    assert format_value(value, width) == text


def test_signs_and_ascii_infinity():
    assert format_value(0.25, 6, signed=True) == "+0.250"
    assert format_value(-0.25, 6, signed=True) == "-0.250"
    assert format_value(math.inf, 4, signed=True, infinity="inf") == "+inf"
    assert format_value(math.inf, 2, infinity="inf") == "##"


def test_a_number_never_exceeds_its_width_and_never_lies():
    rng = np.random.default_rng(5)
    values = [*rng.normal(size=300), *(rng.normal(size=300) * 10.0 ** rng.integers(-300, 300, 300)), 1e308, 5e-324]
    units = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
    for value in values:
        for width in range(12):
            text = format_value(value, width)
            assert len(text) <= width
            if not text or "#" in text or text in ("~", "~0", "-0", "-"):
                continue
            read = float(text.rstrip("kMGT")) * units.get(text[-1], 1)
            assert (read < 0) == (value < 0)
            assert abs(read - value) <= max(0.5, 0.51 * abs(value))


@pytest.mark.parametrize(
    ("value", "ceil", "step"),
    [(1, 1, 1), (1.1, 1.5, 2), (4, 5, 5), (0.3, 0.3, 0.5), (6, 7, 10), (480, 500, 500), (8e307, 1e308, 1e308)],
)
def test_round_bounds(value, ceil, step):
    assert nice_ceil(value) == ceil
    assert nice_step(value) == step


def test_round_bounds_at_the_ends_of_floating_point():
    assert nice_ceil(1.79e308) == 1.79e308
    assert nice_step(math.inf) == 1e308
    assert nice_ceil(5e-324) >= 5e-324
