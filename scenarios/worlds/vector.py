"""Gymnasium's own vector CartPole as `Environments`: N poles moved by a handful of long vector operations."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Snapshot, Transition
from engine.randomness import spawn
from scenarios.worlds.control import trusted
from scenarios.worlds.scenes import NOTHING

CART_POLE = "CartPole-v1"
MANY = 16  # from here on one vector of poles is faster than as many single ones


class VectorCartPole:
    """N copies of CartPole-v1 as one vector environment; episodes restart by themselves, from one generator."""

    observation_size, actions, continuous, scene = 4, 2, False, NOTHING

    def __init__(self, count: int, rng: np.random.Generator, **options: Any) -> None:
        import gymnasium

        self.count = count
        made: Any = gymnasium.make_vec(CART_POLE, count, vectorization_mode="vector_entry_point", **options)
        self._vector = made.unwrapped
        self._vector.action_space.contains = trusted
        self._vector.np_random = spawn(rng, 1)[0]

    def reset(self) -> NDArray[np.float32]:
        """Begin a new episode everywhere. [N, O]"""
        obs: NDArray[np.float32] = self._vector.reset()[0]
        return obs

    def step(self, a: NDArray[Any]) -> Transition:
        """One action in every environment."""
        final, r, terminated, truncated, _ = self._vector.step(a)
        last = terminated | truncated
        discount = np.where(terminated, np.float32(0), np.float32(1))
        return Transition(self._restarted(final, last) if last.any() else final, r, discount, last, final)

    def _restarted(self, final: NDArray[np.float32], last: Bools) -> NDArray[np.float32]:
        """New episodes where the last ones have ended, at once: gymnasium would waste the next action on it."""
        vector, obs = self._vector, final.copy()
        start = vector.np_random.uniform(vector.low, vector.high, (4, np.count_nonzero(last)))
        vector.state[:, last] = start
        vector.steps[last] = 0
        vector.prev_done[:] = False
        obs[last] = start.T
        return obs

    def dump(self) -> dict[str, Any]:
        """Where every pole stands."""
        vector = self._vector
        rng = copy.deepcopy(vector.np_random.bit_generator.state)
        return {"state": vector.state.copy(), "steps": vector.steps.copy(), "rng": rng}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave; ValueError for an episode that would have ended."""
        if not 0 <= snapshot["steps"].min() <= snapshot["steps"].max() < self._vector.max_episode_steps:
            raise ValueError(f"the steps of an episode of {CART_POLE} are below {self._vector.max_episode_steps}")
        self._vector.state, self._vector.steps = snapshot["state"].copy(), snapshot["steps"].copy()
        self._vector.np_random.bit_generator.state = copy.deepcopy(snapshot["rng"])
