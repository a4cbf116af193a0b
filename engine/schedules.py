"""Schedules: a number as a function of progress in [0, 1]; progress outside is held at the ends."""

from __future__ import annotations

import math


def linear(progress: float, start: float, end: float) -> float:
    """start + progress · (end - start)."""
    return start + _held(progress) * (end - start)


def exponential(progress: float, start: float, end: float) -> float:
    """start · (end / start)^progress, for start, end > 0."""
    if not (start > 0 and end > 0):
        raise ValueError(f"an exponential schedule needs start > 0 and end > 0, got {start} and {end}")
    return float(start * (end / start) ** _held(progress))


def cosine(progress: float, start: float, end: float) -> float:
    """end + ½ (start - end) (1 + cos(π progress)).

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017).
    """
    return end + 0.5 * (start - end) * (1 + math.cos(math.pi * _held(progress)))


def _held(progress: float) -> float:
    return min(max(progress, 0.0), 1.0)
