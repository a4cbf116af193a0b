"""Deep Q-networks: Q-learning where a network stands for the table.

Mnih et al., "Human-level control through deep reinforcement learning" (2015), algorithm 1; van Hasselt, Guez and
Silver, "Deep Reinforcement Learning with Double Q-learning" (2016). Shapes: N environments, O numbers an observation,
A actions, U updates of B samples each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from algorithms.contract import Environments, Experience, Floats, Floats32, Ints, Thoughts, check_range
from algorithms.networks import LOSSES, Network, hidden_sizes
from algorithms.replay import Replay
from algorithms.schedules import Constant, Linear, Schedule
from engine.optimisers import Adam

NOTHING: Mapping[str, float] = {}


@dataclass(frozen=True)
class DQNConfig:
    hidden: str = "128-128"
    """Sizes of the hidden layers, as in 120-84."""
    gamma: float = 0.99
    """Discount γ in [0, 1] per step."""
    learning_rate: Schedule = Constant(1e-3)
    """Step size of Adam; may be scheduled over environment steps."""
    epsilon: Schedule = Linear(1.0, 0.05, 10_000)
    """Exploration ε in [0, 1]: the share of uniformly random actions; may be scheduled over environment steps."""
    replay_size: int = 100_000
    """Environment steps that the replay memory holds."""
    learning_starts: int = 1_000
    """Environment steps before the first update."""
    train_every: int = 128
    """Environment steps between two rounds of updates."""
    updates: int = 64
    """Updates in one round."""
    batch: int = 64
    """Samples in one update."""
    target_every: int = 128
    """Environment steps after which the target network is copied from the online one."""
    n_step: int = 1
    """Rewards that a target sums up before it bootstraps."""
    double: bool = False
    """Whether the online network chooses the action that the target network values (Double DQN)."""
    loss: Literal["huber", "squared"] = "huber"
    """How an error is weighed: squared, or squared near 0 and linear beyond 1 (huber)."""
    max_gradient_norm: float = 10.0
    """Longest gradient; a longer one is scaled down to it."""
    environments: int = 1
    """Environments acted in side by side."""

    def __post_init__(self) -> None:
        hidden_sizes(self.hidden)
        check_range("gamma", self.gamma, 0, 1)
        for bound in self.learning_rate.bounds:
            check_range("learning_rate", bound, 0, 1)
        for bound in self.epsilon.bounds:
            check_range("epsilon", bound, 0, 1)
        for name in ("train_every", "updates", "batch", "target_every", "n_step", "environments", "learning_starts"):
            check_range(name, getattr(self, name), 1, 1e6)
        check_range("replay_size", self.replay_size, 1, 1e8)
        if not self.batch <= self.replay_size >= self.environments * self.n_step:
            raise ValueError(f"replay_size must hold a batch of {self.batch}, got {self.replay_size}")
        if self.learning_starts < self.environments * self.n_step:
            raise ValueError(f"learning_starts must be at least environments x n_step, got {self.learning_starts}")
        check_range("max_gradient_norm", self.max_gradient_norm, 0, above=True)


@dataclass
class DQNState:
    """All that changes."""

    q: Network  # Q(·, ·; θ)
    target: Network  # Q(·, ·; θ⁻)
    optimiser: Adam
    replay: Replay
    environments: Environments
    obs: Floats32  # [N, O]
    steps: int  # environment steps
    copied: int  # environment steps when θ⁻ ← θ
    rng: np.random.Generator


def initial_dqn(environments: Environments, config: DQNConfig, rng: np.random.Generator) -> DQNState:
    """θ⁻ = θ at random, the replay memory empty; every environment at the start of an episode."""
    sizes = (environments.observation_size, *hidden_sizes(config.hidden), environments.actions)
    q, target = Network(sizes, rng), Network(sizes, rng)
    target.copy(q)
    rows = max(1, config.replay_size // environments.count)
    replay = Replay(rows, environments.count, environments.observation_size)
    optimiser = Adam(q.vector, config.learning_rate.bounds[1])
    return DQNState(q, target, optimiser, replay, environments, environments.reset(), 0, 0, rng)


def dqn(environments: Environments, config: DQNConfig, state: DQNState) -> Iterator[Experience]:
    """Off-policy control with a network: θ ← θ − α ∇ (y − Q(s,a;θ))², y = r + γ max_a' Q(s',a';θ⁻).

    Mnih et al. (2015), algorithm 1.
    """
    q, replay, rng = state.q, state.replay, state.rng
    while True:
        s = state.obs  # [N, O]
        a = epsilon_greedy(q.values(s), config.epsilon(state.steps), rng)  # [N]
        step = environments.step(a)
        replay.append(s, a, step)
        state.obs, state.steps = step.obs, state.steps + environments.count
        metrics = NOTHING
        if state.steps >= config.learning_starts and state.steps % config.train_every < environments.count:
            metrics = learn(config, state)
        yield Experience(step.r[None], step.last[None], metrics, s[None], a[None])


def epsilon_greedy(q: Floats32, epsilon: float | Floats, rng: np.random.Generator) -> Ints:
    """A greedy action with probability 1 − ε, else a uniformly random one. [N, A] → [N]"""
    a: Ints = q.argmax(axis=1)
    for i in range(len(a)):
        if rng.random() < epsilon:
            a[i] = rng.integers(q.shape[1])
    return a


def dqn_target(g: Floats32, discount: Floats32, q_target: Floats32) -> Floats32:
    """y = r + γ max_a' Q(s',a';θ⁻), with G and γⁿ of n-step samples for r and γ. [...], [...], [A, ...] → [...]

    Mnih et al. (2015), equation 2.
    """
    y: Floats32 = g + discount * q_target.max(axis=0)
    return y


def double_dqn_target(g: Floats32, discount: Floats32, q_target: Floats32, q_online: Floats32) -> Floats32:
    """y = r + γ Q(s', argmax_a' Q(s',a';θ); θ⁻): who judges an action is not who chose it. See `dqn_target`.

    Van Hasselt et al. (2016), equation 4.
    """
    best = q_online.argmax(axis=0)[None]
    y: Floats32 = g + discount * np.take_along_axis(q_target, best, axis=0)[0]
    return y


def learn(config: DQNConfig, state: DQNState) -> dict[str, float]:
    """A round of updates, whose targets are all computed at once: θ⁻ does not change within it."""
    q, target, replay, optimiser = state.q, state.target, state.replay, state.optimiser
    if state.steps - state.copied >= config.target_every:
        target.copy(q)
        state.copied = state.steps
    optimiser.learning_rate = float(config.learning_rate(state.steps))
    loss = LOSSES[config.loss]
    s, a, g, discount, place = replay.sample((config.updates, config.batch), config.n_step, config.gamma, state.rng)
    places, own = replay.distinct(place)  # θ⁻ values every s' once, however often it was drawn
    q_target = target.values(replay.following(places)).T.take(own, axis=1)  # [A, U, B]
    y = dqn_target(g, discount, q_target)  # [U, B]
    for u in range(config.updates):
        if config.double:
            y[u] = double_dqn_target(g[u], discount[u], q_target[:, u], q.values(replay.following(place[u])).T)
        q.vector.zero_grad()
        error = q.backpropagate(s[u], a[u], y[u], loss)  # [B]
        norm = q.vector.clip_norm(config.max_gradient_norm)
        optimiser.step()
    return {
        "loss/value": float(np.add.reduce(loss.value(error))) / config.batch,
        "value/td_error": float(np.add.reduce(np.abs(error))) / config.batch,
        "value/q_mean": float(np.add.reduce(y[u] + error)) / config.batch,
        "exploration/epsilon": float(config.epsilon(state.steps)),
        "update/gradient_norm": norm,
    }


def greedy(config: DQNConfig, state: DQNState, obs: Floats32) -> Ints:
    """argmax_a Q(s, a; θ). [N, O] → [N]"""
    best: Ints = state.q.values(obs).argmax(axis=1)
    return best


def thoughts(config: DQNConfig, state: DQNState, obs: Floats32) -> Thoughts:
    """Q(s, ·; θ) and its maximum. [N, O]"""
    q = state.q.values(obs).copy()
    return Thoughts("q", q, q.max(axis=1))


def parameters(state: DQNState) -> dict[str, Floats32]:
    """The weights θ by name: the arrays themselves."""
    return state.q.weights()


def load_parameters(state: DQNState, weights: Mapping[str, Any]) -> None:
    """θ from named arrays; raises ValueError where names, shapes or numbers do not fit."""
    state.q.load_state(weights)
