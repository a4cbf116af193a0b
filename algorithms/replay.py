"""The replay memory: what N environments brought, row after row, in a ring of C rows. O numbers an observation.

Lin, "Self-improving reactive agents based on reinforcement learning, planning and teaching" (1992); Mnih et al.,
"Human-level control through deep reinforcement learning" (2015).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Floats32, Ints, Snapshot, Transition


class Samples(NamedTuple):
    """n-step transitions: from s, action a brought g on the way to s2, where the bootstrap counts `discount`."""

    s: Floats32  # [..., O]
    a: Ints  # [...]
    g: Floats32  # [...] Σ γᵏ r over the steps until s2
    discount: Floats32  # [...] γ to the number of steps, 0 where s2 is terminal
    s2: Floats32  # [..., O]


def n_step(r: Floats32, discount: Floats32, last: Bools, gamma: float) -> tuple[Floats32, Floats32, Ints]:
    """G = r₁ + γ r₂ + ... + γⁿ⁻¹ rₙ, cut where the episode ends: at a time limit as well as at a termination.

    Returns G, the discount of what follows (γ to the number of steps; 0 after a termination), and how many steps
    further than the first one it went. [n, B] each → [B] each

    Sutton & Barto (2018), equation 7.1.
    """
    g, bootstrap = r[0].copy(), gamma * discount[0]
    steps = np.zeros(len(g), np.intp)
    goes_on = ~last[0]
    for k in range(1, len(r)):
        g += goes_on * bootstrap * r[k]
        bootstrap = np.where(goes_on, bootstrap * (gamma * discount[k]), bootstrap)
        steps += goes_on
        goes_on &= ~last[k]
    return g, bootstrap, steps


class Replay:
    """Owns the ring: an append overwrites the oldest row. A structure of arrays; rows [C] of N environments."""

    def __init__(self, rows: int, environments: int, observation_size: int) -> None:
        self.rows, self.count = rows, environments
        self.size = 0  # rows filled
        self.next = 0  # row to be written next
        self.arrays: dict[str, NDArray[Any]] = {
            "s": np.zeros((rows, environments, observation_size), np.float32),
            "a": np.zeros((rows, environments), np.int32),
            "r": np.zeros((rows, environments), np.float32),
            "discount": np.zeros((rows, environments), np.float32),
            "last": np.zeros((rows, environments), np.bool_),
            "s2": np.zeros((rows, environments, observation_size), np.float32),
        }

    def append(self, s: Floats32, a: Ints, step: Transition) -> None:
        """Remember one step of every environment. s: [N, O], a: [N]"""
        arrays, row = self.arrays, self.next
        arrays["s"][row] = s
        arrays["a"][row] = a
        arrays["r"][row] = step.r
        arrays["discount"][row] = step.discount
        arrays["last"][row] = step.last
        arrays["s2"][row] = step.final
        self.next = (row + 1) % self.rows
        self.size = min(self.size + 1, self.rows)

    def sample(self, shape: tuple[int, ...], n: int, gamma: float, rng: np.random.Generator) -> Samples:
        """n-step transitions drawn uniformly, with replacement, of all whose n steps are known."""
        drawn = rng.integers(0, (self.size - n + 1) * self.count, shape)  # numpy rejects what would bias the draw
        age, lane = np.divmod(drawn.ravel(), self.count)
        first = (self.next - self.size + age) % self.rows  # [B] row of the first step
        each = first if n == 1 else (first + np.arange(n)[:, None]) % self.rows  # [n, B]
        each = each.reshape(n, -1) * self.count + lane
        r, discount, last = (self.arrays[key].reshape(-1)[each] for key in ("r", "discount", "last"))
        g, bootstrap, steps = n_step(r, discount, last, gamma)
        start = each[0]
        end = each[steps, np.arange(len(steps))]
        observations = self.arrays["s"].shape[2]
        return Samples(
            self.arrays["s"].reshape(-1, observations)[start].reshape(*shape, observations),
            self.arrays["a"].reshape(-1)[start].reshape(shape).astype(np.intp),
            g.reshape(shape),
            bootstrap.reshape(shape),
            self.arrays["s2"].reshape(-1, observations)[end].reshape(*shape, observations),
        )

    def dump(self) -> dict[str, Any]:
        """The rows filled, as named arrays, and where the ring stands."""
        return {"next": self.next, **{key: array[: self.size].copy() for key, array in self.arrays.items()}}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        self.next, self.size = snapshot["next"], len(snapshot["s"])
        for key, array in self.arrays.items():
            array[: self.size] = snapshot[key]
