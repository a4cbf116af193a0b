"""What explanations are made of: numbers as a formula shows them, and which way an estimate went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

Direction = Literal["up", "down", "unchanged"]
NOTHING = 1e-12  # a change smaller than this is none


@dataclass(frozen=True)
class Explanation:
    """An update of the first lane, of the first state of a backup, or of a network on its first sample, in words."""

    formula: str
    numbers: tuple[str, ...]  # the formula with its numbers, a line each
    sentence: str
    before: float | None  # of what the update changes; None where that is no single number
    after: float | None
    entry: str = ""  # what goes from before to after
    covered: tuple[str, ...] = ()  # the numbers without those that give the result away, where they are not cut by form

    @property
    def direction(self) -> Direction:
        """Which way the estimate went; one that there is none of stays."""
        return "unchanged" if self.before is None or self.after is None else direction(self.before, self.after)


def direction(before: float, after: float) -> Direction:
    """Which way an estimate went."""
    if abs(after - before) <= NOTHING:
        return "unchanged"
    return "up" if after > before else "down"


def number(value: float, decimals: int | None = None) -> str:
    """A number as a formula shows it: a true minus sign, no trailing zeros, no more digits than help.

    Decimals are those of the number alone, or as many as the numbers beside it have: see `decimals_of`.
    """
    if not np.isfinite(value):
        return str(value).replace("inf", "∞").replace("-", "−")
    magnitude = abs(value)
    if 0 < magnitude < 1e-4:
        return f"{value:.1e}".replace("-", "−")
    digits = (0 if magnitude >= 1e4 else 2 if magnitude >= 1 or magnitude == 0 else 4) if decimals is None else decimals
    text = f"{value:.{digits}f}" if magnitude < 1e7 else f"{value:.3g}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    return ("0" if text in ("-0", "") else text).replace("-", "−")


def decimals_of(*values: float) -> int:
    """How many decimals the numbers of one formula have, so that what they come to can be worked out from them."""
    greatest = max((abs(value) for value in values if np.isfinite(value)), default=0.0)
    return 4 if greatest < 100 else 2 if greatest < 1e4 else 0


def bracketed(value: float, decimals: int | None = None) -> str:
    """A number inside a formula: in brackets where its sign would be misread."""
    text = number(value, decimals)
    return f"({text})" if text.startswith("−") else text


def listed(values: Iterable[float], most: int = 8) -> str:
    """A vector: [0.02, −0.5, 0.1], to three decimals, cut off where it is long."""
    numbers = [number(round(float(value), 3)) for value in values]
    more = ", …" if len(numbers) > most else ""
    return f"[{', '.join(numbers[:most])}{more}]"


def grouped(count: int) -> str:
    """A count in groups of three digits: 12 345."""
    return f"{count:,}".replace(",", " ")


def counted(count: int, thing: str) -> str:
    """1 step, 2 steps, 12 345 steps."""
    return f"{grouped(count)} {thing}{'' if count == 1 else 's'}"
