"""Returns and advantages of a rollout, every environment at once: T steps of N environments.

Where an episode ends by its time limit, the value of where it was cut off still counts: `discount` is 0 only at true
termination, and `v_next` is what the state is worth that the step led to, not the first one of the next episode.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from algorithms.contract import Bools, Floats, Floats32, Snapshot
from engine.operations import Array

MOST_DEVIATIONS = 10.0  # of a scaled reward


def gae(r: Array, v: Array, v_next: Array, discount: Array, last: Bools, gamma: float, lambda_: float) -> Array:
    """Generalised advantage estimation: Â_t = δ_t + γλ Â_{t+1} with δ_t = r_t + γ · discount_t · V(s'_t) − V(s_t).

    The sum is cut at the end of an episode, whatever ended it. Â + V is the λ-return, with λ = 1 the discounted
    return. r, v = V(s), v_next = V(s'), discount, last: [T, N] each → [T, N]

    Schulman et al., "High-Dimensional Continuous Control Using Generalized Advantage Estimation" (2016), equation 16.
    """
    delta = r + gamma * discount * v_next - v
    trace = gamma * lambda_ * (1 - last.astype(delta.dtype))
    advantage = np.empty_like(delta)
    following = np.zeros_like(delta[0])  # [N] Â of the step after
    for t in range(len(r) - 1, -1, -1):
        advantage[t] = following = delta[t] + trace[t] * following
    return advantage


class RewardScale:
    """Divides rewards by the running deviation of the discounted return, so that a critic learns numbers near 1.

    Owns the return so far of every environment, G_t = r_t + γ G_{t−1}, and the moments of all of them.

    Engstrom et al., "Implementation Matters in Deep Policy Gradients" (2020), section 3.
    """

    def __init__(self, environments: int) -> None:
        self.g = np.zeros(environments)  # [N]
        self.moments = np.zeros(3)  # count, mean and sum of squared deviations

    @property
    def deviation(self) -> float:
        """The standard deviation of all discounted returns so far; 1 before the first."""
        return math.sqrt(self.moments[2] / self.moments[0]) if self.moments[0] else 1.0

    def scaled(self, r: Array, last: Bools, gamma: float) -> Array:
        """Take in the rewards of a rollout, and return them in deviations, at most ±10. [T, N]"""
        returns = np.empty(r.shape)
        for t in range(len(r)):
            returns[t] = self.g = r[t] + gamma * self.g
            self.g = np.where(last[t], 0.0, self.g)
        self.moments = merged(self.moments, returns)
        in_deviations: Array = r / np.asarray(self.deviation + 1e-8, r.dtype)
        return np.clip(in_deviations, -MOST_DEVIATIONS, MOST_DEVIATIONS, out=in_deviations)

    def unscaled(self, v: Floats32) -> Floats32:
        """Values of scaled rewards as those of rewards as they are paid."""
        return v * np.float32(self.deviation)

    def dump(self) -> dict[str, Any]:
        """All that changes, in named arrays."""
        return {"g": self.g.copy(), "moments": self.moments.copy()}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        self.g, self.moments = snapshot["g"].copy(), snapshot["moments"].copy()


def merged(moments: Floats, x: Array) -> Floats:
    """The count, mean and sum of squared deviations of all numbers so far, with those of x. [3] → [3]

    Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for Computing Sample Variances" (1979).
    """
    n, mean, m2 = moments
    n_x, mean_x, m2_x = x.size, x.mean(), x.var() * x.size
    total, apart = n + n_x, mean_x - mean
    return np.array([total, mean + apart * n_x / total, m2 + m2_x + apart * apart * n * n_x / total])
