"""The tabular model: what every tabular world becomes. Shapes: S states, A actions, M outcomes, L lanes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Bools, Floats, Ints, Step
from scenarios.worlds.layout import Layout


@dataclass(frozen=True)
class TabularModel:
    """p(s', r | s, a) in factors: an action makes one of M outcomes happen, an outcome moves every state somewhere.

    A slippery grid has four outcomes, the four moves, and `chance` says how likely each is under each action: four
    numbers a state where a list of transitions needs three times four, and one matrix product a sweep.
    """

    next_state: NDArray[np.int32]  # [M, S]
    reward: Floats  # [M, S]
    ends: Bools  # [M, S] the outcome terminates the episode
    chance: Floats  # [A, M, 1], or [A, M, S] where it depends on the state
    start_states: Ints  # states an episode may begin in
    start_chance: Floats  # their probabilities
    layout: Layout
    discount: float = 1.0  # γ that the world itself suggests
    max_steps: int | None = None  # time limit
    warnings: tuple[str, ...] = field(default=())
    origin: Any = None  # the text map it was built from, where it was: a learner may edit it

    @property
    def states(self) -> int:
        return len(self.next_state[0])

    @property
    def actions(self) -> int:
        return len(self.chance)

    @cached_property
    def _ends_are_absorbing(self) -> bool:
        """Every ending leads to a state that only returns to itself and pays nothing: its value stays 0."""
        own = np.arange(self.states)
        absorbing = ((self.next_state == own) & (self.reward == 0)).all(axis=0)
        return bool(absorbing[self.next_state[self.ends]].all())

    def lookahead(self, v: Floats, gamma: float, states: slice = slice(None)) -> Floats:
        """q(s, a) = Σ_m p(m | s, a) [r + γ V(s')] of a slice of n states; V(s') counts 0 after an ending. [A, n]"""
        worth = v.take(self.next_state[:, states], mode="clip")  # [M, n]
        if not self._ends_are_absorbing:
            worth[self.ends[:, states]] = 0.0
        worth *= gamma
        worth += self.reward[:, states]
        if self.chance.shape[2] == 1:
            q: Floats = self.chance[:, :, 0] @ worth
            return q
        mixed: Floats = (self.chance[:, :, states] * worth).sum(axis=1)
        return mixed


class TabularWorld:
    """A model to act in, L lanes at once; lane l's states are offset by l·S."""

    def __init__(self, model: TabularModel, lanes: int) -> None:
        self.model = model
        self.lanes = lanes
        self.states = model.states
        self.actions = model.actions
        self._offset = np.arange(lanes) * model.states  # [L]
        self._next_state = model.next_state.ravel().astype(np.intp)  # [M·S]
        self._reward = model.reward.ravel()
        self._ends = model.ends.ravel()
        self._cumulative = np.cumsum(model.chance, axis=1)  # [A, M, 1 or S]
        self._starts_cumulative = np.cumsum(model.start_chance)
        self._outcome_of_action = _deterministic_outcomes(model.chance)

    def start(self, rng: np.random.Generator) -> Ints:
        """One starting state for every lane, lane offsets included. [L]"""
        starts = self.model.start_states
        if len(starts) == 1:
            only: Ints = self._offset + starts[0]
            return only
        drawn = self._starts_cumulative.searchsorted(rng.random(self.lanes), side="right")
        chosen: Ints = self._offset + starts[np.minimum(drawn, len(starts) - 1)]
        return chosen

    def step(self, s: Ints, a: Ints, t: Ints, rng: np.random.Generator) -> Step:
        """Take action a in state s, t steps after the episode began; time limits end without zeroing the discount."""
        own = s - self._offset
        transition = self._outcome(own, a, rng) * self.states + own  # [L] into the flat [M·S] tables
        ends = self._ends.take(transition)
        last = ends if self.model.max_steps is None else ends | (t + 1 >= self.model.max_steps)
        s2 = self._next_state.take(transition) + self._offset
        discount = np.subtract(1.0, ends)
        return Step(s2, self._reward.take(transition), discount, last)

    def _outcome(self, own: Ints, a: Ints, rng: np.random.Generator) -> Ints:
        if self._outcome_of_action is not None:
            certain: Ints = self._outcome_of_action[a]
            return certain
        state = own if self._cumulative.shape[2] > 1 else 0
        reached: Bools = rng.random(self.lanes)[:, None] >= self._cumulative[a, :, state]  # [L, M]
        drawn: Ints = np.minimum(reached.sum(axis=1), self._cumulative.shape[1] - 1)
        return drawn


def _deterministic_outcomes(chance: Floats) -> Ints | None:
    """The one outcome of every action [A], or None where chance has a say."""
    if chance.shape[2] > 1 or not ((chance == 0) | (chance == 1)).all():
        return None
    outcomes: Ints = chance[:, :, 0].argmax(axis=1)
    return outcomes
