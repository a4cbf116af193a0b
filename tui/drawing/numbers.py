"""Numbers as text: in a given width, and at the round places of an axis."""

from __future__ import annotations

import math
from collections.abc import Iterator

_SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MANTISSAS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)


def _fixed(value: float, decimals: int, width: int) -> str:
    text = f"{value:.{decimals}f}"
    if width <= 4 and decimals:  # -0.5 is written -.5 where room is scarce
        text = text.replace("0.", ".", 1) if text.lstrip("-").startswith("0.") else text
    return text


def _decimals(value: float) -> tuple[int, ...]:
    size = abs(value)
    if isinstance(value, int) or size >= 1000:
        return (0,)
    return (3, 2, 1, 0) if size < 1 else (2, 1, 0) if size < 10 else (1, 0)


def _candidates(value: float, width: int) -> Iterator[str]:
    """Ways to write a finite value, the best first."""
    size = abs(value)
    if size < 10 ** min(width, 7):
        for decimals in _decimals(value):
            text = _fixed(value, decimals, width)
            if any(digit in "123456789" for digit in text):
                yield text
    for unit, suffix in _SUFFIXES:
        if unit <= size < 1000 * unit:
            yield from (f"{value / unit:.{decimals}f}{suffix}" for decimals in (1, 0))
    mantissa, exponent = f"{value:.1e}".split("e")
    yield f"{mantissa}e{int(exponent)}"
    mantissa, exponent = f"{value:.0e}".split("e")
    yield f"{mantissa}e{int(exponent)}"


def format_value(value: float, width: int, *, signed: bool = False, infinity: str = "∞") -> str:
    """`value` in at most `width` characters: -13.0, 0.54, .5, 1.2k, -1e3, nan, -∞.

    As many decimals as fit, three at most, none for an int; "~0" is a value that is not zero but rounds to it, "#" a
    number that does not fit. `signed` writes the sign of a positive value too.
    """
    if width <= 0:
        return ""
    if math.isnan(value):
        return "nan"[:width]
    plus = "+" if signed and value > 0 else ""
    if math.isinf(value):
        text = ("-" if value < 0 else plus) + infinity
        return text if len(text) <= width else "#" * width
    if value == 0:
        return "0"
    for text in _candidates(value, width - len(plus)):
        if len(plus + text) <= width:
            return plus + text
    sign = "-" if value < 0 else plus
    return (sign or "~")[:width] + "0" * (width > 1) if abs(value) < 1 else sign[:width] + "#" * (width - len(sign))


def nice_ceil(value: float) -> float:
    """The smallest of 1, 1.5, 2, 3, 5, 7, 10 times a power of ten that is not below `value` > 0."""
    exponent = math.floor(math.log10(value))
    for mantissa in _MANTISSAS:
        bound = _times_power(mantissa, exponent)
        if value * (1 - 1e-12) <= bound < math.inf:
            return bound
    return value


def _times_power(mantissa: float, exponent: int) -> float:
    return float(f"{mantissa}e{exponent}")  # read as decimal: 3e-1, not 0.30000000000000004


def nice_step(value: float) -> float:
    """The smallest of 1, 2, 5 times a power of ten that is not below `value` > 0; at most 1e308."""
    if value >= 1e308:
        return 1e308
    exponent = math.floor(math.log10(value))
    for mantissa in (1.0, 2.0, 5.0):
        if (step := _times_power(mantissa, exponent)) >= value * (1 - 1e-12):
            return step
    return _times_power(1.0, exponent + 1)
