"""What a greedy policy is worth, exactly: no episode is sampled. L lanes, S states, A actions, M outcomes."""

from __future__ import annotations

import numpy as np

from algorithms.contract import Floats
from algorithms.exploration import tied
from scenarios.worlds.model import TabularModel

SPENT = 1e-13  # probability below which an episode counts as over
AFFORDABLE = 300_000_000  # transitions followed, a few seconds, before a policy that does not end is given up on


def greedy_returns(model: TabularModel, q: Floats) -> Floats | None:
    """E[Σ_t r_t] of the policy greedy in q, from the start distribution, without a discount. [L·S, A] → [L]

    Ties within 1e-9 are split evenly. Episodes are followed up to the world's time limit, or for 10·S + 1000 steps
    where it has none: μ_{t+1}(s') = Σ_{s,a} μ_t(s) π(a|s) p(s'|s,a). None when the world is too large for that.
    """
    states, outcomes = model.states, len(model.next_state)
    lanes = len(q) // states
    best = tied(q)
    policy = (best / best.sum(axis=-1, keepdims=True)).reshape(lanes, states, -1)  # [L, S, A]
    weight = np.einsum("lsa,ams->lms", policy, np.broadcast_to(model.chance, (model.actions, outcomes, states)))
    reward = (weight * model.reward).sum(axis=1)  # [L, S] expected in one step
    weight *= ~model.ends
    target = model.next_state + np.arange(lanes)[:, None, None] * states  # [L, M, S]
    used = weight > 0
    origin = np.broadcast_to(np.arange(lanes * states).reshape(lanes, 1, states), weight.shape)[used]
    chance, target = weight[used], target[used]
    occupied = np.zeros((lanes, states))
    occupied[:, model.start_states] = model.start_chance
    total = np.zeros(lanes)
    for step in range(model.max_steps or 10 * states + 1000):
        total += (occupied * reward).sum(axis=1)
        arriving = np.asarray(np.bincount(target, occupied.ravel()[origin] * chance, lanes * states), np.float64)
        occupied = arriving.reshape(lanes, states)
        if occupied.sum(axis=1).max() < SPENT:
            break
        if step * len(target) > AFFORDABLE:
            return None
    return total
