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
    numbers a state where a list of transitions needs three times four.
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

    @cached_property
    def _actions_are_outcomes(self) -> bool:
        """Nothing is left to chance: action a always makes outcome a happen."""
        certain = _deterministic_outcomes(self.chance)
        return certain is not None and np.array_equal(certain, np.arange(len(self.next_state)))

    def lookahead(self, v: Floats, gamma: float, states: slice = slice(None)) -> Floats:
        """q(s, a) = Σ_m p(m | s, a) [r + γ V(s')] of a slice of n states; V(s') counts 0 after an ending. [A, n]"""
        worth = v.take(self.next_state[:, states], mode="clip")  # [M, n]
        if not self._ends_are_absorbing:
            worth[self.ends[:, states]] = 0.0
        worth *= gamma
        worth += self.reward[:, states]
        if self._actions_are_outcomes:
            return worth
        chance = self.chance if self.chance.shape[2] == 1 else self.chance[:, :, states]  # [A, M, 1 or n]
        # summed outcome by outcome, so that a state alone is rounded as within a block: a matrix product would not
        if worth.shape[1] == 1:  # nor would einsum, which adds up a single column in pairs
            single: Floats = sum(chance[:, m] * worth[m] for m in range(len(worth)))
            return single
        q: Floats = np.einsum("amn,mn->an", chance, worth)
        return q


class TabularWorld:
    """A model to act in, L lanes at once; lane l's states are offset by l·S."""

    def __init__(self, model: TabularModel, lanes: int) -> None:
        self.model = model
        self.lanes = lanes
        self.states = model.states
        self.actions = model.actions
        self._offset = np.arange(lanes) * model.states  # [L]
        self._next_state = model.next_state.ravel()  # [M·S]
        self._reward = model.reward.ravel()
        self._ends = model.ends.ravel()
        self._discount: Floats = np.where(self._ends, 0.0, 1.0)
        self._outcome_of_action = _deterministic_outcomes(model.chance)
        self._chance_rows = _Distributions(model.chance.transpose(0, 2, 1))  # one for every a, or every (a, s)
        self._starts = _Distributions(model.start_chance[None, None])

    def start(self, rng: np.random.Generator) -> Ints:
        """One starting state for every lane, lane offsets included. [L]"""
        starts = self.model.start_states
        if len(starts) == 1:
            only: Ints = self._offset + starts[0]
            return only
        return self._offset + starts[self._starts.draw(np.zeros(self.lanes, np.intp), rng)]

    def step(self, s: Ints, a: Ints, t: Ints, rng: np.random.Generator) -> Step:
        """Take action a in state s, t steps after the episode began; time limits end without zeroing the discount."""
        own = s - self._offset
        transition = self._outcome(own, a, rng) * self.states + own  # [L] into the flat [M·S] tables
        last = self._ends.take(transition)
        if self.model.max_steps is not None:
            last |= t + 1 >= self.model.max_steps
        s2 = self._next_state.take(transition) + self._offset
        return Step(s2, self._reward.take(transition), self._discount.take(transition), last)

    def _outcome(self, own: Ints, a: Ints, rng: np.random.Generator) -> Ints:
        """Which outcome happens in every lane. [L]"""
        if self._outcome_of_action is not None:
            certain: Ints = self._outcome_of_action.take(a)
            return certain
        return self._chance_rows.draw(a if self.model.chance.shape[2] == 1 else a * self.states + own, rng)


class _Distributions:
    """Many distributions over the same number of outcomes, to draw from by inverting their cumulative sums.

    The sums of all rows lie in one increasing list, row i's between 2i and 2i + 1, so one binary search serves all.
    """

    def __init__(self, chance: Floats) -> None:
        """chance: [..., M], each row adding up to 1."""
        rows = chance.reshape(-1, chance.shape[-1])
        cumulative = rows.cumsum(axis=1)
        no_more = np.flip(np.flip(rows, axis=1).cumsum(axis=1), axis=1) - rows <= 0  # rows · chance after this one
        cumulative[no_more] = 1.5  # rounding must not leave a gap behind the last outcome that can happen
        self._outcomes = rows.shape[1]
        self._bounds = (cumulative + 2.0 * np.arange(len(rows))[:, None]).ravel()

    def draw(self, row: Ints, rng: np.random.Generator) -> Ints:
        """One outcome of each of the given rows. [L]"""
        place = self._bounds.searchsorted(rng.random(len(row)) + 2.0 * row, side="right")
        drawn: Ints = place - row * self._outcomes
        return drawn


def _deterministic_outcomes(chance: Floats) -> Ints | None:
    """The one outcome of every action [A], or None where chance has a say."""
    if chance.shape[2] > 1 or not ((chance == 0) | (chance == 1)).all():
        return None
    outcomes: Ints = chance[:, :, 0].argmax(axis=1)
    return outcomes
