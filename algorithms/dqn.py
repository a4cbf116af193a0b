"""Deep Q-networks: Q-learning where a network stands for the table.

Mnih et al., "Human-level control through deep reinforcement learning" (2015), algorithm 1; van Hasselt, Guez and
Silver, "Deep Reinforcement Learning with Double Q-learning" (2016). Shapes: N environments, O numbers an observation,
A actions, U updates of B samples each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from algorithms.contract import Environments, Experience, Floats, Floats32, Ints, check_range
from algorithms.networks import Inference, copy_weights, hidden_sizes, named_weights
from algorithms.replay import Replay
from algorithms.schedules import Constant, Linear, Schedule
from engine.checks import load_arrays
from engine.layers import mlp
from engine.losses import huber, mean_squared_error
from engine.optimisers import Adam
from engine.parameters import ParameterVector
from engine.tensor import Tensor

if TYPE_CHECKING:
    from engine.layers import MLP

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
        check_range("max_gradient_norm", self.max_gradient_norm, 0, above=True)


@dataclass
class DQNState:
    """All that changes."""

    q: MLP  # Q(·, ·; θ)
    target: MLP  # Q(·, ·; θ⁻)
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
    q, target = mlp(sizes, rng, "relu"), mlp(sizes, rng, "relu")
    copy_weights(q, target)
    rows = max(1, config.replay_size // environments.count)
    replay = Replay(rows, environments.count, environments.observation_size)
    optimiser = Adam(ParameterVector(q.parameters()), config.learning_rate.bounds[1])
    return DQNState(q, target, optimiser, replay, environments, environments.reset(), 0, 0, rng)


def dqn(environments: Environments, config: DQNConfig, state: DQNState) -> Iterator[Experience]:
    """Off-policy control with a network: θ ← θ − α ∇ (y − Q(s,a;θ))², y = r + γ max_a' Q(s',a';θ⁻).

    Mnih et al. (2015), algorithm 1.
    """
    replay, rng = state.replay, state.rng
    values = Inference(state.q, environments.count)
    while True:
        s = state.obs  # [N, O]
        a = epsilon_greedy(values, s, config.epsilon(state.steps), rng)  # [N]
        step = environments.step(a)
        replay.append(s, a, step)
        state.obs, state.steps = step.obs, state.steps + environments.count
        metrics = NOTHING
        if state.steps >= config.learning_starts and state.steps % config.train_every < environments.count:
            metrics = learn(config, state)
        yield Experience(step.r[None], step.last[None], metrics, s[None], a[None])


def epsilon_greedy(values: Inference, s: Floats32, epsilon: float | Floats, rng: np.random.Generator) -> Ints:
    """A greedy action with probability 1 − ε, else a uniformly random one. [N, O] → [N]"""
    q = values(s)  # [N, A]
    explores = rng.random(len(s)) < epsilon
    anything = (rng.random(len(s)) * q.shape[1]).astype(np.intp)
    chosen: Ints = np.where(explores, anything, q.argmax(axis=1))
    return chosen


def learn(config: DQNConfig, state: DQNState) -> dict[str, float]:
    """A round of updates, whose targets are all computed at once: θ⁻ does not change within it."""
    q, target, optimiser, theta = state.q, state.target, state.optimiser, state.optimiser.parameters
    if state.steps - state.copied >= config.target_every:
        copy_weights(q, target)
        state.copied = state.steps
    s, a, g, discount, s2 = state.replay.sample((config.updates, config.batch), config.n_step, config.gamma, state.rng)
    loss_of = huber if config.loss == "huber" else mean_squared_error
    optimiser.learning_rate = float(config.learning_rate(state.steps))
    q_next = Inference(target, config.batch * config.updates)(s2.reshape(-1, s2.shape[-1])).reshape(*a.shape, -1)
    rows = np.arange(config.batch)
    for u in range(config.updates):
        best = q(Tensor(s2[u])).data.argmax(-1) if config.double else q_next[u].argmax(-1)
        y = g[u] + discount[u] * q_next[u, rows, best]
        q_sa = q(Tensor(s[u]))[rows, a[u]]
        loss = loss_of(q_sa, y)
        theta.zero_grad()
        loss.backward()
        norm = theta.clip_norm(config.max_gradient_norm)
        optimiser.step()
    return {
        "loss/value": loss.item(),
        "value/td_error": float(np.abs(y - q_sa.data).mean()),
        "value/q_mean": float(q_sa.data.mean()),
        "exploration/epsilon": float(config.epsilon(state.steps)),
        "update/gradient_norm": norm,
    }


def greedy(config: DQNConfig, state: DQNState, obs: Floats32) -> Ints:
    """argmax_a Q(s, a; θ). [N, O] → [N]"""
    best: Ints = Inference(state.q, len(obs))(obs).argmax(axis=1)
    return best


def parameters(state: DQNState) -> dict[str, Floats32]:
    """The weights θ by name: the arrays themselves."""
    return named_weights(state.q)


def load_parameters(state: DQNState, weights: Mapping[str, Any]) -> None:
    """θ from named arrays; raises ValueError where names, shapes or numbers do not fit."""
    load_arrays(named_weights(state.q), weights)
