"""Proximal policy optimisation: several epochs of gradient steps on one rollout, none of them too far.

Schulman, Wolski, Dhariwal, Radford and Klimov, "Proximal Policy Optimization Algorithms" (2017), algorithm 1; the
details and their numbers as in Huang et al., "The 37 Implementation Details of Proximal Policy Optimization" (2022).
Shapes: T steps of N environments, B rows of a minibatch, O numbers an observation, A actions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.actor_critic import ActorCritic
from algorithms.contract import Experience, Floats32, Thoughts, check_range
from algorithms.networks import Inference, hidden_sizes
from algorithms.returns import RewardScale, gae
from algorithms.rollouts import Actors, Batch, empty_rollout, flat_batch
from algorithms.schedules import Constant, Schedule
from engine.checks import load_arrays
from engine.losses import clipped_surrogate_loss, clipped_value_loss, mean_squared_error, weighted_sum
from engine.optimisers import Adam
from engine.tensor import Tensor

NOTHING: Mapping[str, float] = {}


@dataclass(frozen=True)
class PPOConfig:
    hidden: str = "64-64"
    """Sizes of the hidden layers of the actor and of the critic, as in 64-64."""
    gamma: float = 0.99
    """Discount γ in [0, 1] per step."""
    gae_lambda: float = 0.95
    """λ in [0, 1]: how far an advantage trusts rewards (1) rather than the critic (0)."""
    learning_rate: Schedule = Constant(3e-4)
    """Step size of Adam; may be scheduled over environment steps."""
    clip: Schedule = Constant(0.2)
    """How far the probability of an action may move from 1 in ratio before it earns no more; may be scheduled."""
    entropy_bonus: Schedule = Constant(0.0)
    """Weight of the policy's entropy, which keeps it exploring; may be scheduled over environment steps."""
    environments: int = 16
    """Environments acted in side by side."""
    groups: int = 2
    """Batches in which the environments act; worker processes share them out among themselves."""
    rollout_steps: int = 256
    """Steps of every environment in one rollout."""
    epochs: int = 10
    """Times that every step of a rollout is learnt from."""
    batch: int = 256
    """Steps in one minibatch; it divides the steps of a rollout."""
    value_weight: float = 0.5
    """Weight of the critic's squared error beside the actor's loss."""
    value_clip: float | None = None
    """How far a value may move in one rollout before it is clipped; none for no limit."""
    target_kl: float | None = None
    """Leave a rollout as soon as the policy has moved further than this, as a KL divergence; none for no limit."""
    max_gradient_norm: float = 0.5
    """Longest gradient; a longer one is scaled down to it."""
    normalise_advantages: bool = True
    """Whether the advantages of every minibatch are shifted and scaled to mean 0 and deviation 1."""
    scale_rewards: bool = True
    """Whether rewards are divided by the running deviation of the discounted return."""

    def __post_init__(self) -> None:
        hidden_sizes(self.hidden)
        for name, most in (("gamma", 1.0), ("gae_lambda", 1.0), ("value_weight", 1e3)):
            check_range(name, getattr(self, name), 0, most)
        for name in ("learning_rate", "clip", "entropy_bonus"):
            for bound in getattr(self, name).bounds:
                check_range(name, bound, 0, 1)
        for name in ("environments", "groups", "rollout_steps", "epochs", "batch"):
            check_range(name, getattr(self, name), 1, 1e6)
        for name in ("value_clip", "target_kl", "max_gradient_norm"):
            if getattr(self, name) is not None:
                check_range(name, getattr(self, name), 0, above=True)
        if self.environments % self.groups:
            raise ValueError(f"groups must divide the {self.environments} environments, got {self.groups}")
        if self.rollout_size % self.batch:
            raise ValueError(f"batch must divide the {self.rollout_size} steps of a rollout, got {self.batch}")

    @property
    def rollout_size(self) -> int:
        """Steps of all environments in one rollout, T·N."""
        return self.rollout_steps * self.environments


@dataclass
class PPOState:
    """All that changes."""

    network: ActorCritic  # θ
    optimiser: Adam
    environments: Actors
    batch: Batch  # the rollout that is learnt from
    left: int  # minibatches of it to come
    explained_variance: float  # by the critic, of its returns
    scale: RewardScale
    steps: int  # environment steps
    rng: np.random.Generator


def initial_ppo(environments: Actors, config: PPOConfig, rng: np.random.Generator) -> PPOState:
    """θ at random; every environment at the start of an episode, nothing learnt from."""
    network = ActorCritic(
        environments.observation_size, environments.actions, environments.continuous, config.hidden, rng
    )
    optimiser = Adam(network.theta, config.learning_rate.bounds[1], epsilon=1e-5)  # detail 3 of Huang et al.
    nothing = empty_rollout(0, environments)
    batch = flat_batch(nothing.obs, nothing.a, *[nothing.v] * 4)
    return PPOState(network, optimiser, environments, batch, 0, 0.0, RewardScale(environments.count), 0, rng)


def ppo(environments: Actors, config: PPOConfig, state: PPOState) -> Iterator[Experience]:
    """On-policy control: maximise E[min(ρ Â, clip(ρ, 1 − ε, 1 + ε) Â)] with ρ = π(a|s; θ) / π(a|s; θ_old).

    One event is a rollout, or one step of Adam on a minibatch of it.

    Schulman et al. (2017), algorithm 1 and equation 9.
    """
    nothing = empty_rollout(0, environments)
    without_steps = Experience(nothing.r, nothing.last, NOTHING, nothing.obs, nothing.a)
    while True:
        if not state.left:
            yield roll_out(environments, config, state)
        state.optimiser.learning_rate = float(config.learning_rate(state.steps))
        clip, entropy_bonus = float(config.clip(state.steps)), float(config.entropy_bonus(state.steps))
        while state.left:
            yield without_steps._replace(metrics=improve(config, state, clip, entropy_bonus))


def roll_out(environments: Actors, config: PPOConfig, state: PPOState) -> Experience:
    """Act for T steps with θ_old, and judge every action by its advantage."""
    rollout = environments.collect(state.network, config.rollout_steps)  # [T, N] each
    r, last, v = rollout.r.copy(), rollout.last.copy(), rollout.v
    r_scaled = state.scale.scaled(r, last, config.gamma) if config.scale_rewards else r
    advantage = gae(r_scaled, v, rollout.v_next, rollout.discount, last, config.gamma, config.gae_lambda)
    returns = advantage + v
    obs, a = rollout.obs.copy(), rollout.a.copy()
    state.batch = flat_batch(obs, a, rollout.log_prob, advantage, v, returns)
    state.explained_variance = 1.0 - float(advantage.var() / max(returns.var(), 1e-8))
    state.left = config.epochs * (r.size // config.batch)
    state.steps += r.size
    return Experience(r, last, NOTHING, obs, a)


def improve(config: PPOConfig, state: PPOState, clip: float, entropy_bonus: float) -> dict[str, float]:
    """One step of Adam on the next minibatch; every epoch goes through the rollout in another order."""
    network, theta, size = state.network, state.network.theta, config.batch
    i = -state.left % (config.rollout_size // size)
    if i == 0:
        state.batch = state.batch[state.rng.permutation(config.rollout_size)]
    state.left -= 1
    batch = state.batch[i * size : (i + 1) * size]
    advantage = normalised(batch.advantage) if config.normalise_advantages else batch.advantage
    obs = Tensor(batch.obs)
    pi, v = network.pi(network.actor(obs)), network.critic(obs)
    log_prob, entropy = pi.log_prob(batch.a), pi.mean_entropy()
    policy_loss = clipped_surrogate_loss(log_prob, batch.log_prob, advantage, clip)
    if config.value_clip is None:
        value_loss = mean_squared_error(v, batch.returns)
    else:
        value_loss = clipped_value_loss(v, batch.returns, batch.v, config.value_clip)
    loss = weighted_sum((1.0, policy_loss), (config.value_weight, value_loss), (-entropy_bonus, entropy))
    theta.zero_grad()
    loss.backward()
    norm = theta.clip_norm(config.max_gradient_norm)
    state.optimiser.step()
    kl, clip_fraction = moved(log_prob.data - batch.log_prob, clip)
    if config.target_kl is not None and kl > config.target_kl:
        state.left = 0
    return {
        "loss/policy": policy_loss.item(),
        "loss/value": value_loss.item(),
        "policy/entropy": entropy.item(),
        "policy/kl": kl,
        "policy/clip_fraction": clip_fraction,
        "value/explained_variance": state.explained_variance,
        "update/gradient_norm": norm,
    }


def normalised(x: Floats32) -> Floats32:
    """(x − mean) / deviation. [B]"""
    x = x - np.add.reduce(x) / x.size
    return x / (math.sqrt(x.dot(x) / x.size) + 1e-8)


def moved(log_ratio: Floats32, clip: float) -> tuple[float, float]:
    """How far the policy has moved: KL(π_old ‖ π) as E[(ρ − 1) − log ρ], and the share of ρ beyond the clip. [B]

    Schulman, "Approximating KL Divergence" (2020), estimator k₃.
    """
    apart = np.expm1(log_ratio)  # ρ − 1
    kl = float(np.add.reduce(apart - log_ratio)) / len(apart)
    return kl, np.count_nonzero(np.abs(apart) > clip) / len(apart)


def greedy(config: PPOConfig, state: PPOState, obs: Floats32) -> NDArray[Any]:
    """The most probable actions. [N, O] → [N] or [N, A]"""
    return state.network.mode(Inference(state.network.actor, len(obs))(obs))


def thoughts(config: PPOConfig, state: PPOState, obs: Floats32) -> Thoughts:
    """π(·|s; θ), or its mean and deviation where actions are continuous, and V(s; θ) in rewards as paid. [N, O]"""
    thoughts = state.network.thoughts(obs)
    return thoughts._replace(value=state.scale.unscaled(thoughts.value)) if config.scale_rewards else thoughts


def parameters(state: PPOState) -> dict[str, Floats32]:
    """The weights θ by name: the arrays themselves."""
    return state.network.weights()


def load_parameters(state: PPOState, weights: Mapping[str, Any]) -> None:
    """θ from named arrays; raises ValueError where names, shapes or numbers do not fit."""
    load_arrays(state.network.weights(), weights)
