"""Dynamic programming: policy evaluation, policy iteration, value iteration.

Sutton & Barto, Reinforcement Learning: An Introduction (2018), chapter 4. Shapes: S states, A actions, n states of
one backup. A sweep passes over all states in order, a few at a time: one when the sweep is in place, so that every
backup sees the newest values; as many as the processor's cache holds when it is synchronous, where the order within
a sweep does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from algorithms.contract import Backup, Floats, Model, check_range
from algorithms.exploration import tied

CACHED_STATES = 8192
ROUNDING = 2.0**-51  # a change below four units in the last place of the largest value is rounding


@dataclass(frozen=True)
class DPConfig:
    gamma: float = 1.0
    """Discount γ in [0, 1] per step."""
    theta: float = 1e-8
    """Stop after a sweep in which no value changes by more than θ >= 0."""
    max_sweeps: int = 1_000_000
    """Stop after so many sweeps, whatever θ says."""
    in_place: bool = False
    """Sweep in place, each backup seeing the newest values; otherwise all see those of the sweep before."""
    block: int = 0
    """States backed up in one update; 0 chooses: 1 in place, else as many as fit the cache."""

    def __post_init__(self) -> None:
        check_range("gamma", self.gamma, 0, 1)
        check_range("theta", self.theta, 0)
        check_range("max_sweeps", self.max_sweeps, 0)
        check_range("block", self.block, 0)

    @property
    def states_per_update(self) -> int:
        return self.block or (1 if self.in_place else CACHED_STATES)


@dataclass
class DPState:
    """All that changes: the values, the sweep under way, and the policy where there is one."""

    v: Floats  # [S] what backups read
    v_next: Floats  # [S] what a synchronous sweep writes
    policy: Floats  # [A, S] π(a|s)
    cursor: int = 0  # the next state to back up
    sweeps: int = 0  # sweeps of evaluation finished
    largest_change: float = 0.0  # in this sweep
    improving: bool = False  # policy iteration: this sweep improves the policy
    stable: bool = True  # policy iteration: this improvement has changed nothing yet
    converged: bool = False

    def next_states(self, config: DPConfig) -> slice:
        """The states of the next backup."""
        return slice(self.cursor, min(self.cursor + config.states_per_update, len(self.v)))

    def write(self, states: slice, new: Floats, config: DPConfig) -> float:
        """Store backed-up values; returns the largest change of this sweep so far."""
        change = float(np.abs(new - self.v[states]).max())
        self.largest_change = max(self.largest_change, change)
        (self.v if config.in_place else self.v_next)[states] = new
        return self.largest_change

    def pass_on(self, states: slice) -> bool:
        """Move the cursor behind a backup; True when that ended the sweep."""
        self.cursor = states.stop % len(self.v)
        return self.cursor == 0

    def end_sweep(self, config: DPConfig) -> bool:
        """Make a finished sweep's values current; True when they have settled: largest change <= θ."""
        if not config.in_place:
            self.v, self.v_next = self.v_next, self.v
        largest_value = max(float(self.v.max()), -float(self.v.min()))
        settled = self.largest_change <= max(config.theta, ROUNDING * largest_value)
        self.sweeps, self.largest_change = self.sweeps + 1, 0.0
        return settled

    def goes_on(self, config: DPConfig) -> bool:
        return not self.converged and (self.improving or self.sweeps < config.max_sweeps)


def initial_dp(model: Model, config: DPConfig, rng: np.random.Generator) -> DPState:
    """V = 0 everywhere, and the equiprobable policy; chance plays no part."""
    policy = np.full((model.actions, model.states), 1.0 / model.actions)
    return DPState(np.zeros(model.states), np.zeros(model.states), policy)


def average(policy: Floats, q: Floats) -> Floats:
    """Σ_a π(a|s) q(s, a), added up action by action so that a state alone is rounded as within a block. [n]"""
    total: Floats = sum((pi * q_a for pi, q_a in zip(policy, q, strict=True)), np.zeros(q.shape[1]))
    return total


def policy_evaluation(model: Model, config: DPConfig, state: DPState) -> Iterator[Backup]:
    """Prediction by dynamic programming: V(s) ← Σ_a π(a|s) Σ_{s',r} p(s',r|s,a) [r + γ V(s')].

    Sutton & Barto (2018), section 4.1, equation 4.5; π is the equiprobable policy of figure 4.1.
    """
    while state.goes_on(config):
        states, sweep = state.next_states(config), state.sweeps
        old = state.v[states].copy()  # [n]
        q = model.lookahead(state.v, config.gamma, states)  # [A, n]
        new = average(state.policy[:, states], q)  # [n]
        change = state.write(states, new, config)
        last = state.pass_on(states)
        if last:
            state.converged = state.end_sweep(config)
        yield Backup(states, q, old, new, sweep, change, last)


def policy_iteration(model: Model, config: DPConfig, state: DPState) -> Iterator[Backup]:
    """Control by turns: evaluate the policy, then improve it, π(s) ← argmax_a Σ_{s',r} p(s',r|s,a) [r + γ V(s')].

    An improved policy is shared evenly by all greedy actions: ties can then not make it change for ever
    (exercise 4.4), and it still reaches the goal wherever the policy before did.

    Sutton & Barto (2018), section 4.3; Howard (1960).
    """
    while state.goes_on(config):
        states, sweep = state.next_states(config), state.sweeps
        old = state.v[states].copy()  # [n]
        q = model.lookahead(state.v, config.gamma, states)  # [A, n]
        if state.improving:
            best = tied(q.T).T  # [A, n]
            state.stable = state.stable and bool((best == (state.policy[:, states] > 0)).all())
            state.policy[:, states] = best / best.sum(axis=0)
            new, change = old, 0.0
            last = state.pass_on(states)
            if last:
                state.converged, state.improving = state.stable, False
        else:
            new = average(state.policy[:, states], q)
            change = state.write(states, new, config)
            last = state.pass_on(states)
            if last:
                state.improving, state.stable = state.end_sweep(config), True
        improvement = new is old
        yield Backup(states, q, old, new, sweep, change, last, improvement)


def value_iteration(model: Model, config: DPConfig, state: DPState) -> Iterator[Backup]:
    """Control by dynamic programming: V(s) ← max_a Σ_{s',r} p(s',r|s,a) [r + γ V(s')].

    Evaluation cut short to one backup per state, with the improvement inside the maximum.

    Sutton & Barto (2018), section 4.4, equation 4.10; Bellman (1957).
    """
    while state.goes_on(config):
        states, sweep = state.next_states(config), state.sweeps
        old = state.v[states].copy()  # [n]
        q = model.lookahead(state.v, config.gamma, states)  # [A, n]
        new = q.max(axis=0)  # [n]
        change = state.write(states, new, config)
        last = state.pass_on(states)
        if last:
            state.converged = state.end_sweep(config)
        yield Backup(states, q, old, new, sweep, change, last)
