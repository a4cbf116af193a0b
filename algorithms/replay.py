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
    """n-step transitions: from s, action a brought g on the way to the s2 at `place`, whose value counts `discount`."""

    s: Floats32  # [..., O]
    a: Ints  # [...]
    g: Floats32  # [...] Σ γᵏ r over the steps until s2
    discount: Floats32  # [...] γ to the number of steps, 0 where s2 is terminal
    place: Ints  # [...] see `Replay.following`; many samples may share one


def n_step(r: Floats32, discount: Floats32, last: Bools, gamma: float) -> tuple[Floats32, Floats32, Ints]:
    """G = r₁ + γ r₂ + ... + γⁿ⁻¹ rₙ, cut where the episode ends: at a time limit as well as at a termination.

    Returns G, the discount of what follows (γ to the number of steps; 0 after a termination), and how many steps
    further than the first one it went. [n, ...] each → [...] each

    Sutton & Barto (2018), equation 7.1.
    """
    g, bootstrap = r[0].copy(), gamma * discount[0]
    steps = np.zeros(g.shape, np.intp)
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
        first = drawn + (self.next - self.size) * self.count  # negative places lie at the end of the ring
        steps = first + np.arange(0, n * self.count, self.count).reshape(n, *[1] * len(shape))  # [n, ...]
        r, discount, last = (self._flat(key).take(steps, mode="wrap") for key in ("r", "discount", "last"))
        g, bootstrap, further = n_step(r, discount, last, gamma)
        s = self._flat("s").take(first, 0, mode="wrap")
        a = self._flat("a").take(first, mode="wrap")
        return Samples(s, a, g, bootstrap, (first + further * self.count) % (self.rows * self.count))

    def _flat(self, key: str) -> NDArray[Any]:
        """Row after row, environment after environment. [C·N] or [C·N, O]"""
        array = self.arrays[key]
        return array.reshape(self.rows * self.count, *array.shape[2:])

    def following(self, places: Ints) -> Floats32:
        """The observations that the steps at these places led to. [..., O]"""
        s2: Floats32 = self._flat("s2").take(places, 0)
        return s2

    def dump(self) -> dict[str, Any]:
        """The rows filled, as named arrays, and where the ring stands."""
        return {"next": self.next, **{key: array[: self.size].copy() for key, array in self.arrays.items()}}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave; ValueError where it does not fit this memory."""
        place, size = snapshot["next"], len(snapshot["s"])
        if not (size <= self.rows and (place == size % self.rows or size == self.rows > place >= 0)):
            raise ValueError(f"{size} rows, the next one at {place}, do not fit a replay memory of {self.rows} rows")
        for key, array in self.arrays.items():
            stored = np.asarray(snapshot[key])
            if stored.dtype != array.dtype or stored.shape != (size, *array.shape[1:]):
                raise ValueError(f"stored {key} must be {array.dtype} {(size, *array.shape[1:])}, got {stored.shape}")
            array[:size] = stored
        self.next, self.size = place, size
