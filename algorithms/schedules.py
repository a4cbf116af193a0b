"""Schedules: a step size or an exploration rate as a function of the episode, [L] or a number.

Deep algorithms count environment steps instead of episodes. The curves themselves are the engine's.
"""

from __future__ import annotations

import math
import re
from dataclasses import astuple, dataclass
from typing import Protocol

from algorithms.contract import Floats, Ints
from engine import schedules


class Schedule(Protocol):
    """A number per episode; `bounds` are the smallest and largest value it can take."""

    @property
    def bounds(self) -> tuple[float, float]: ...

    def __call__(self, episode: Ints | int) -> float | Floats: ...


@dataclass(frozen=True)
class Constant:
    """x(e) = value"""

    value: float

    @property
    def bounds(self) -> tuple[float, float]:
        return self.value, self.value

    def __call__(self, episode: Ints | int) -> float:
        return self.value

    def __str__(self) -> str:
        return _exactly(self.value)


@dataclass(frozen=True)
class Ramp:
    """From `start` to `end` in so many episodes."""

    start: float
    end: float
    episodes: float

    @property
    def bounds(self) -> tuple[float, float]:
        return min(self.start, self.end), max(self.start, self.end)

    def __str__(self) -> str:
        return f"{type(self).__name__.lower()}({_exactly(*astuple(self))})"


class Linear(Ramp):
    """x(e) = start + (end − start) · min(e / episodes, 1)"""

    def __call__(self, episode: Ints | int) -> float | Floats:
        return schedules.linear(episode / self.episodes, self.start, self.end)


class Cosine(Ramp):
    """x(e) = end + ½ (start − end) (1 + cos(π · min(e / episodes, 1)))"""

    def __call__(self, episode: Ints | int) -> float | Floats:
        return schedules.cosine(episode / self.episodes, self.start, self.end)


@dataclass(frozen=True)
class Exponential:
    """x(e) = end + (start − end) · 2^(−e / half_life)"""

    start: float
    end: float
    half_life: float

    @property
    def bounds(self) -> tuple[float, float]:
        return min(self.start, self.end), max(self.start, self.end)

    def __call__(self, episode: Ints | int) -> float | Floats:
        return schedules.exponential(episode / self.half_life, self.start, self.end)

    def __str__(self) -> str:
        return f"exponential({_exactly(self.start, self.end, self.half_life)})"


@dataclass(frozen=True)
class Harmonic:
    """x(e) = start / (1 + e / half_life): sums to infinity while its squares do not (S&B equation 2.7)."""

    start: float
    half_life: float

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, self.start

    def __call__(self, episode: Ints | int) -> float | Floats:
        return self.start / (1.0 + episode / self.half_life)

    def __str__(self) -> str:
        return f"harmonic({_exactly(self.start, self.half_life)})"


def _exactly(*numbers: float) -> str:
    """Numbers as short as they can be read back without losing a bit."""
    return ", ".join(f"{x:g}" if float(f"{x:g}") == x else repr(float(x)) for x in numbers)


FORMS: dict[str, type[Linear] | type[Cosine] | type[Exponential] | type[Harmonic]] = {
    "linear": Linear,
    "cosine": Cosine,
    "exponential": Exponential,
    "harmonic": Harmonic,
}
SYNTAX = (
    "a number, linear(START, END, LENGTH), cosine(START, END, LENGTH), exponential(START, END, HALF_LIFE) "
    "or harmonic(START, HALF_LIFE)"
)


def parse_schedule(text: str) -> Schedule:
    """The schedule written as `SYNTAX` says.

    Raises ValueError with one sentence when the text is none of these forms.
    """
    form = re.fullmatch(r"\s*([a-z]+)\((.*)\)\s*", text)
    try:
        if form and form[1] in FORMS:
            numbers = [float(number) for number in form[2].split(",")]
            if all(map(math.isfinite, numbers)) and numbers[-1] > 0:
                return FORMS[form[1]](*numbers)
        elif math.isfinite(value := float(text)):
            return Constant(value)
    except (TypeError, ValueError):
        pass
    raise ValueError(f"expected {SYNTAX}, got {text!r}")
