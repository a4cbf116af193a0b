"""The replay memory: what N environments brought, step after step, in a ring. O numbers an observation.

Lin, "Self-improving reactive agents based on reinforcement learning, planning and teaching" (1992); Mnih et al.,
"Human-level control through deep reinforcement learning" (2015).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Floats32, Ints, Snapshot, Transition


class Samples(NamedTuple):
    """n-step samples: from s, action a brought g on the way to the s2 at `place`, whose value counts `discount`."""

    s: Floats32  # [..., O]
    a: NDArray[np.int32]  # [...]
    g: Floats32  # [...] Σ γᵏ r over the steps until s2
    discount: Floats32  # [...] γ to the number of steps, 0 where s2 is terminal
    place: Ints  # [...] see `Replay.following`; several samples may share one


def n_step(r: Floats32, discount: Floats32, last: Bools, gamma: float) -> tuple[Floats32, Floats32, Ints]:
    """G = r₁ + γ r₂ + ... + γⁿ⁻¹ rₙ, cut where the episode ends: at a time limit as well as at a termination.

    Returns G, the discount of what follows (γ to the number of steps; 0 after a termination), and how many steps
    further than the first one it went. [n, ...] each → [...] each

    Sutton & Barto (2018), equation 7.1.
    """
    g, bootstrap = r[0], gamma * discount[0]
    further = np.zeros(g.shape, np.intp)
    goes_on = ~last[0]
    for k in range(1, len(r)):
        g = g + goes_on * bootstrap * r[k]
        bootstrap = np.where(goes_on, bootstrap * (gamma * discount[k]), bootstrap)
        further += goes_on
        goes_on = goes_on & ~last[k]
    return g, bootstrap, further


class Replay:
    """Owns the ring of at most C rows, one step of all N environments each; a full one overwrites the oldest."""

    def __init__(self, rows: int, environments: int, observation_size: int) -> None:
        self.rows, self.count = rows, environments
        self.size = 0  # rows filled
        self.next = 0  # row to be written next
        self.s = np.zeros((rows, environments, observation_size), np.float32)
        self.a = np.zeros((rows, environments), np.int32)
        self.r = np.zeros((rows, environments), np.float32)
        self.discount = np.zeros((rows, environments), np.float32)
        self.last = np.zeros((rows, environments), np.bool_)
        self.s2 = np.zeros((rows, environments, observation_size), np.float32)

    def append(self, s: Floats32, a: Ints, step: Transition) -> None:
        """Remember one step of every environment. s: [N, O], a: [N]"""
        row = self.next
        self.s[row], self.a[row], self.s2[row] = s, a, step.final
        self.r[row], self.discount[row], self.last[row] = step.r, step.discount, step.last
        self.next = (row + 1) % self.rows
        self.size = min(self.size + 1, self.rows)

    def sample(self, shape: tuple[int, ...], n: int, gamma: float, rng: np.random.Generator) -> Samples:
        """n-step samples drawn uniformly, with replacement, of all whose n steps are known."""
        cells = self.rows * self.count  # of the ring, environment after environment within a row
        drawn = rng.integers((self.size - n + 1) * self.count, size=shape)  # numpy rejects what would bias the draw
        place = (drawn + (self.next - self.size) * self.count) % cells
        s, a = self.s.reshape(cells, -1).take(place, 0), self.a.ravel().take(place)
        r, discount, last = self.r.ravel(), self.discount.ravel(), self.last.ravel()
        if n == 1:
            return Samples(s, a, r.take(place), gamma * discount.take(place), place)
        steps = np.stack([(place + k * self.count) % cells for k in range(n)])  # [n, ...]
        g, bootstrap, further = n_step(r.take(steps), discount.take(steps), last.take(steps), gamma)
        return Samples(s, a, g, bootstrap, (place + further * self.count) % cells)

    def following(self, place: Ints) -> Floats32:
        """The observations that the steps at these places led to. [...] → [..., O]"""
        s2: Floats32 = self.s2.reshape(self.rows * self.count, -1).take(place, 0)
        return s2

    def distinct(self, place: Ints) -> tuple[Ints, Ints]:
        """Places without repetition [M], and where in them each sample finds its own [...].

        Where few samples are drawn from many, repetitions are too rare to look for.
        """
        if place.size * 8 < self.size * self.count:
            return place.ravel(), np.arange(place.size).reshape(place.shape)
        drawn = np.zeros(self.rows * self.count, np.bool_)
        drawn[place] = True
        places = drawn.nonzero()[0]
        number = np.empty(len(drawn), np.intp)
        number[places] = np.arange(len(places))
        return places, number.take(place)

    def dump(self) -> dict[str, Any]:
        """The rows filled, as named arrays, and where the ring stands."""
        return {"next": self.next, **{key: getattr(self, key)[: self.size].copy() for key in _ARRAYS}}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave; ValueError where it does not fit this memory."""
        place, size = snapshot["next"], len(snapshot["s"])
        if not (size <= self.rows and (place == size % self.rows or size == self.rows > place >= 0)):
            raise ValueError(f"{size} rows, the next one at {place}, do not fit a replay memory of {self.rows} rows")
        for key in _ARRAYS:
            own, stored = getattr(self, key), np.asarray(snapshot[key])
            if stored.dtype != own.dtype or stored.shape != (size, *own.shape[1:]):
                raise ValueError(f"stored {key} must be {own.dtype} {(size, *own.shape[1:])}, got {stored.shape}")
            own[:size] = stored
        self.next, self.size = place, size


_ARRAYS = ("s", "a", "r", "discount", "last", "s2")
