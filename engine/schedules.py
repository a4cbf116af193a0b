"""Schedules: a number, or an array of them, as a function of progress.

For `linear` and `cosine` progress is in [0, 1] and held at the ends outside of it; for `exponential` it is counted in
half-lives and has no end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = float | NDArray[np.float64]


def linear(progress: Numbers, start: float, end: float) -> Numbers:
    """start + (end − start) · progress"""
    return start + (end - start) * _held(progress)


def cosine(progress: Numbers, start: float, end: float) -> Numbers:
    """end + ½ (start − end) (1 + cos(π · progress)): slow at both ends.

    Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts" (2017), equation 5.
    """
    left: Numbers = 0.5 * (1 + np.cos(np.pi * _held(progress)))
    return end + (start - end) * left


def exponential(half_lives: Numbers, start: float, end: float) -> Numbers:
    """end + (start − end) · 2^(−half_lives)"""
    left: Numbers = np.exp2(-half_lives)
    return end + (start - end) * left


def _held(progress: Numbers) -> Numbers:
    if isinstance(progress, np.ndarray):
        return np.clip(progress, 0.0, 1.0)
    return 0.0 if progress < 0 else 1.0 if progress > 1 else progress
