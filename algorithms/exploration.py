"""Acting: greedy actions with declared tie-breaking, and ε-greedy policies. Shapes: L lanes, A actions."""

from __future__ import annotations

from typing import Literal

import numpy as np

from algorithms.contract import Bools, Floats, Ints

TieBreak = Literal["first", "random"]


def greatest(q: Floats) -> Floats:
    """max_a q(a) of every row. [L, A] → [L]"""
    # numpy reduces over a contiguous first axis ten times faster than over a short last one
    best: Floats = np.ascontiguousarray(q.T).max(axis=0)
    return best


def tied(q: Floats, tolerance: float = 1e-9) -> Bools:
    """Which actions are greedy, ties within `tolerance` included. [..., A] → [..., A]"""
    ties: Bools = q >= q.max(axis=-1, keepdims=True) - tolerance
    return ties


def greedy(q: Floats, tie_break: TieBreak, rng: np.random.Generator) -> Ints:
    """argmax_a q(a); exact ties go to the first action or to a uniformly random one. [L, A] → [L]"""
    chosen: Ints = q.argmax(axis=-1)
    if tie_break == "random":
        by_action = np.ascontiguousarray(q.T)
        ties = by_action == by_action.max(axis=0)  # [A, L]
        several = np.flatnonzero(np.add.reduce(ties.view(np.int8), axis=0) > 1)  # the lanes that have a choice
        # among equals the largest of independent draws from (0, 1] is a uniform choice
        chosen[several] = (ties[:, several] * (1.0 - rng.random((q.shape[1], len(several))))).argmax(axis=0)
    return chosen


def epsilon_greedy(q: Floats, epsilon: float | Floats, tie_break: TieBreak, rng: np.random.Generator) -> Ints:
    """A greedy action with probability 1 − ε, else a uniformly random one (S&B section 2.2). [L, A] → [L]"""
    lanes, actions = q.shape
    chosen = greedy(q, tie_break, rng)
    explorers = np.flatnonzero(rng.random(lanes) < epsilon)
    chosen[explorers] = rng.random(len(explorers)) * actions  # rounded down
    return chosen


def epsilon_soft(q: Floats, epsilon: float | Floats, tie_break: TieBreak) -> Floats:
    """π(a) of the ε-greedy policy: ε/A for every action, and 1 − ε shared by the greedy ones. [L, A] → [L, A]

    With ties broken at random the greedy share is split evenly over exact ties; else the first has it all.
    """
    lanes, actions = q.shape
    if tie_break == "first":
        best = np.zeros_like(q)
        best[np.arange(lanes), q.argmax(axis=-1)] = 1.0
    else:
        best = (q == greatest(q)[:, None]).astype(np.float64)
        best /= best.sum(axis=-1, keepdims=True)
    epsilon = np.reshape(epsilon, (-1, 1))
    probabilities: Floats = epsilon / actions + (1.0 - epsilon) * best
    return probabilities
