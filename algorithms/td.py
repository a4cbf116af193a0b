"""Temporal-difference control: SARSA, Q-learning, Expected SARSA, Double Q-learning.

Sutton & Barto, Reinforcement Learning: An Introduction (2018), chapter 6. Shapes: L lanes, S states, A actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from algorithms.contract import Bools, Floats, Ints, Update, World, check_range
from algorithms.exploration import TieBreak, epsilon_greedy, epsilon_soft, greatest
from algorithms.schedules import Constant, Schedule


@dataclass(frozen=True)
class TDConfig:
    alpha: Schedule = Constant(0.5)
    """Step size α in (0, 1]: the share of its error that an estimate takes on; may be scheduled over episodes."""
    gamma: float = 1.0
    """Discount γ in [0, 1] per step."""
    epsilon: Schedule = Constant(0.1)
    """Exploration ε in [0, 1]: the share of uniformly random actions; may be scheduled over episodes."""
    q0: float = 0.0
    """Initial value of every Q(s, a); an optimistic one makes the learner try everything once."""
    tie_break: TieBreak = "random"
    """Which of several equally good actions is taken: the first one or a random one."""

    def __post_init__(self) -> None:
        low, high = self.alpha.bounds
        check_range("alpha", high, 0, 1, above=True)
        check_range("alpha", low, 0, 1)
        check_range("gamma", self.gamma, 0, 1)
        for bound in self.epsilon.bounds:
            check_range("epsilon", bound, 0, 1)
        check_range("q0", self.q0, -1e9, 1e9)


@dataclass
class TDState:
    """All that changes: the table, where every lane stands in its world, and the generator."""

    q: Floats  # [L·S, A]
    s: Ints  # [L] state
    a: Ints  # [L] action already chosen for it (SARSA only)
    t: Ints  # [L] steps since the episode began
    episode: Ints  # [L] episodes ended
    rng: np.random.Generator

    def action_values(self, s: Ints | slice | int) -> Floats:
        """What every action is believed to be worth in some states. [..., A]"""
        values: Floats = self.q[s]
        return values

    def advance(self, world: World, s2: Ints, last: Bools) -> None:
        """Move on to s', or to a fresh start where the episode has ended."""
        self.s = np.where(last, world.start(self.rng), s2)
        self.t = np.where(last, 0, self.t + 1)
        self.episode = self.episode + last


@dataclass
class DoubleQState(TDState):
    """As TDState, with two tables: q is Q₁ and Q₂, [2, L·S, A]."""

    def action_values(self, s: Ints | slice | int) -> Floats:
        """The mean of both tables' beliefs. [..., A]"""
        mean: Floats = self.q[:, s].mean(axis=0)
        return mean


def initial_td(world: World, config: TDConfig, rng: np.random.Generator) -> TDState:
    """Q = q0 everywhere; every lane at a start."""
    s, zeros = world.start(rng), np.zeros(world.lanes, np.intp)
    q = np.full((world.lanes * world.states, world.actions), config.q0)
    return TDState(q, s, zeros, zeros.copy(), zeros.copy(), rng)


def initial_sarsa(world: World, config: TDConfig, rng: np.random.Generator) -> TDState:
    """As `initial_td`, with the first action of every lane chosen."""
    state = initial_td(world, config, rng)
    state.a = epsilon_greedy(state.q[state.s], config.epsilon(state.episode), config.tie_break, rng)
    return state


def initial_double_q(world: World, config: TDConfig, rng: np.random.Generator) -> DoubleQState:
    """Q₁ = Q₂ = q0 everywhere; every lane at a start."""
    single = initial_td(world, config, rng)
    q = np.stack([single.q, single.q])
    return DoubleQState(q, single.s, single.a, single.t, single.episode, rng)


def sarsa(world: World, config: TDConfig, state: TDState) -> Iterator[Update]:
    """On-policy TD control: Q(s,a) ← Q(s,a) + α [r + γ Q(s',a') − Q(s,a)].

    It values the policy it follows, exploration included: a' is the action it really takes next.

    Sutton & Barto (2018), section 6.4; Rummery & Niranjan (1994).
    """
    q, rng = state.q, state.rng
    while True:
        s, a = state.s, state.a  # [L] each
        alpha, epsilon = config.alpha(state.episode), config.epsilon(state.episode)
        s2, r, discount, last = world.step(s, a, state.t, rng)
        a2 = epsilon_greedy(q.take(s2, 0), epsilon, config.tie_break, rng)
        bootstrap = q[s2, a2]
        target = r + config.gamma * discount * bootstrap
        old = q[s, a]
        q[s, a] = new = old + alpha * (target - old)
        state.advance(world, s2, last)
        first = epsilon_greedy(q[state.s], config.epsilon(state.episode), config.tie_break, rng)
        state.a = np.where(last, first, a2)
        yield Update(s, a, r, s2, discount, last, alpha, bootstrap, target, old, new, a2=a2)


def q_learning(world: World, config: TDConfig, state: TDState) -> Iterator[Update]:
    """Off-policy TD control: Q(s,a) ← Q(s,a) + α [r + γ max_a' Q(s',a') − Q(s,a)].

    It values the greedy policy while following an exploring one: what it does next does not matter to the target.

    Sutton & Barto (2018), section 6.5; Watkins (1989).
    """
    q, rng = state.q, state.rng
    while True:
        s = state.s  # [L]
        alpha, epsilon = config.alpha(state.episode), config.epsilon(state.episode)
        a = epsilon_greedy(q.take(s, 0), epsilon, config.tie_break, rng)  # [L]
        s2, r, discount, last = world.step(s, a, state.t, rng)  # [L] each; discount is 0 where s2 is terminal
        bootstrap = greatest(q.take(s2, 0))
        target = r + config.gamma * discount * bootstrap
        old = q[s, a]
        q[s, a] = new = old + alpha * (target - old)
        state.advance(world, s2, last)
        yield Update(s, a, r, s2, discount, last, alpha, bootstrap, target, old, new)


def expected_sarsa(world: World, config: TDConfig, state: TDState) -> Iterator[Update]:
    """TD control by expectation: Q(s,a) ← Q(s,a) + α [r + γ Σ_a' π(a'|s') Q(s',a') − Q(s,a)].

    SARSA's target without the luck of which a' was drawn.

    Sutton & Barto (2018), section 6.6; van Seijen et al. (2009).
    """
    q, rng = state.q, state.rng
    while True:
        s = state.s  # [L]
        alpha, epsilon = config.alpha(state.episode), config.epsilon(state.episode)
        a = epsilon_greedy(q.take(s, 0), epsilon, config.tie_break, rng)
        s2, r, discount, last = world.step(s, a, state.t, rng)
        pi = epsilon_soft(q[s2], epsilon, config.tie_break)  # [L, A]
        bootstrap = (pi * q[s2]).sum(axis=-1)
        target = r + config.gamma * discount * bootstrap
        old = q[s, a]
        q[s, a] = new = old + alpha * (target - old)
        state.advance(world, s2, last)
        yield Update(s, a, r, s2, discount, last, alpha, bootstrap, target, old, new)


def double_q_learning(world: World, config: TDConfig, state: DoubleQState) -> Iterator[Update]:
    """Off-policy TD control with two tables: Q₁(s,a) ← Q₁(s,a) + α [r + γ Q₂(s', argmax_a' Q₁(s',a')) − Q₁(s,a)].

    A maximum over noisy estimates is too high on average; two independent tables undo that maximisation bias. A coin
    decides which table learns; the other one judges the action that the learning one likes best.

    Sutton & Barto (2018), section 6.7; van Hasselt (2010).
    """
    q, rng = state.q, state.rng  # q[0] is Q₁, q[1] is Q₂
    while True:
        s = state.s  # [L]
        alpha, epsilon = config.alpha(state.episode), config.epsilon(state.episode)
        a = epsilon_greedy(q[0][s] + q[1][s], epsilon, config.tie_break, rng)
        s2, r, discount, last = world.step(s, a, state.t, rng)
        i = (rng.random(len(s)) >= 0.5).astype(np.intp)  # [L] the table that learns: heads Q₁, tails Q₂
        best = q[i, s2].argmax(axis=-1)
        bootstrap = q[1 - i, s2, best]
        target = r + config.gamma * discount * bootstrap
        old = q[i, s, a]
        q[i, s, a] = new = old + alpha * (target - old)
        state.advance(world, s2, last)
        yield Update(s, a, r, s2, discount, last, alpha, bootstrap, target, old, new, table=i)
