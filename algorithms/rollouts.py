"""Rollouts: T steps of N environments under one policy. O numbers an observation, A actions.

The environments act in groups. A group is a batch of its own and its environments have generators of their own, so
what a group brings depends on nothing outside of it: not on which process runs it, nor when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from algorithms import contract
from algorithms.actor_critic import ActorCritic
from algorithms.contract import Bools, Environments, Floats32, Snapshot
from algorithms.networks import Inference, outputs
from engine.randomness import spawn
from engine.tensor import Tensor, no_grad


class Rollout(NamedTuple):
    """What acting brought."""

    obs: Floats32  # [T, N, O] what was acted on
    a: NDArray[Any]  # [T, N] actions, or [T, N, A] where they are continuous
    r: Floats32  # [T, N]
    discount: Floats32  # [T, N] 0 only where the episode terminated
    last: Bools  # [T, N] the episode ended with this step
    log_prob: Floats32  # [T, N] log π(a|s)
    v: Floats32  # [T, N] V(s)
    v_next: Floats32  # [T, N] V(s'), of where the step led; any number where the episode terminated

    def columns(self, which: slice) -> Rollout:
        """The part of some of the environments: views."""
        return Rollout._make(array[:, which] for array in self)


class Spaces(Protocol):
    """How large a step is."""

    count: int  # N
    observation_size: int  # O
    actions: int  # A
    continuous: bool


class Actors(Spaces, Protocol):
    """N environments in groups, ready to be acted in for a whole rollout. They can be dumped and loaded."""

    scenes: list[Floats32]  # of the last rollout: `Group.scenes` of the first environment

    def collect(self, network: ActorCritic, steps: int) -> Rollout:
        """Act for T steps everywhere; the next call may overwrite the result."""
        ...

    def dump(self) -> dict[str, Any]: ...

    def load(self, snapshot: Snapshot) -> None: ...


def empty_rollout(steps: int, spaces: Spaces) -> Rollout:
    """Arrays for a rollout of T steps."""
    shape = (steps, spaces.count)
    obs = np.empty((*shape, spaces.observation_size), np.float32)
    a = np.empty((*shape, spaces.actions), np.float32) if spaces.continuous else np.empty(shape, np.intp)
    r, discount, log_prob, v, v_next = np.empty((5, *shape), np.float32)
    return Rollout(obs, a, r, discount, np.empty(shape, np.bool_), log_prob, v, v_next)


@dataclass
class Batch:
    """A rollout to learn from: B rows of steps in any order."""

    obs: Floats32  # [B, O]
    a: NDArray[Any]  # [B], or [B, A] where actions are continuous
    log_prob: Floats32  # [B] log π(a|s; θ_old)
    advantage: Floats32  # [B]
    v: Floats32  # [B, 1] V(s; θ_old)
    returns: Floats32  # [B, 1] λ-returns

    def __getitem__(self, rows: Any) -> Batch:
        """Some of the rows, as an array gives them."""
        return Batch(
            self.obs[rows], self.a[rows], self.log_prob[rows], self.advantage[rows], self.v[rows], self.returns[rows]
        )

    def dump(self) -> dict[str, Any]:
        """All that changes, in named arrays."""
        return contract.dump(self)

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        contract.load(self, snapshot)


def flat_batch(
    obs: Floats32, a: NDArray[Any], log_prob: Floats32, advantage: Floats32, v: Floats32, returns: Floats32
) -> Batch:
    """The steps of a rollout [T, N, ...] as rows; what acting may overwrite is copied."""
    n = log_prob.size
    return Batch(
        obs.reshape(n, obs.shape[-1]),
        a.reshape(n, *a.shape[2:]),
        log_prob.reshape(n).copy(),
        advantage.reshape(n),
        v.reshape(n, 1).copy(),
        returns.reshape(n, 1),
    )


class Group:
    """Environments that act together as one batch of n, each by its own noise. Owns where they stand."""

    def __init__(self, environments: Environments, rng: np.random.Generator) -> None:
        self.environments = environments
        self.rngs = spawn(rng, environments.count)
        self.obs = environments.reset()  # [n, O]
        self.scenes: list[Floats32] = []  # of the first environment: as the last rollout began, and after every reset

    def play(self, network: ActorCritic, rollout: Rollout) -> None:
        """Act for T steps and write what it brought into the rollout [T, n]."""
        steps, count = rollout.r.shape
        act = Inference(network.actor, count)
        noise = network.noise(self.rngs, steps)  # [T, n, A]
        outputs = np.empty_like(noise)
        cut_off = []  # steps at which a time limit ended an episode, and where they led
        self.scenes = [self.environments.scene]
        obs = self.obs
        for t in range(steps):
            rollout.obs[t] = obs
            outputs[t] = act(obs)
            rollout.a[t] = a = network.sample(outputs[t], noise[t])
            obs, rollout.r[t], rollout.discount[t], rollout.last[t], final = self.environments.step(a)
            if rollout.last[t, 0]:
                self.scenes.append(self.environments.scene)
            if final is not obs and (truncated := rollout.last[t] & (rollout.discount[t] > 0)).any():
                cut_off.append((t, truncated, final))
        self.obs = obs
        with no_grad():
            pi = network.pi(Tensor(outputs.reshape(steps * count, -1)))
            rollout.log_prob[...] = pi.log_prob(rollout.a.reshape(steps * count, *a.shape[1:])).data.reshape(steps, -1)
        self._value(network, rollout, cut_off)

    def _value(self, network: ActorCritic, rollout: Rollout, cut_off: list[tuple[int, Bools, Floats32]]) -> None:
        """V(s) and V(s') of every step."""
        steps, count = rollout.r.shape
        rollout.v[...] = outputs(network.critic, rollout.obs.reshape(steps * count, -1)).reshape(steps, count)
        value = Inference(network.critic, count)
        rollout.v_next[:-1] = rollout.v[1:]
        rollout.v_next[-1] = value(self.obs)[:, 0]
        for t, truncated, final in cut_off:
            rollout.v_next[t, truncated] = value(final)[truncated, 0]

    def dump(self) -> dict[str, Any]:
        """Where the environments stand, and their generators."""
        return {
            "environments": self.environments.dump(),
            "obs": self.obs.copy(),
            "rngs": [rng.bit_generator.state for rng in self.rngs],
        }

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        self.environments.load(snapshot["environments"])
        self.obs = snapshot["obs"].copy()
        for rng, state in zip(self.rngs, snapshot["rngs"], strict=True):
            rng.bit_generator.state = state


class Groups:
    """Groups that act one after the other, in this process."""

    def __init__(self, groups: list[Group]) -> None:
        first = groups[0].environments
        self.observation_size, self.actions, self.continuous = first.observation_size, first.actions, first.continuous
        self.count = sum(group.environments.count for group in groups)
        self._groups = groups
        self.scenes: list[Floats32] = []
        self._rollout: Rollout | None = None

    def collect(self, network: ActorCritic, steps: int) -> Rollout:
        """Act for T steps everywhere; the next call overwrites the result."""
        if self._rollout is None or len(self._rollout.r) != steps:
            self._rollout = empty_rollout(steps, self)
        start = 0
        for group in self._groups:
            end = start + group.environments.count
            group.play(network, self._rollout.columns(slice(start, end)))
            start = end
        self.scenes = self._groups[0].scenes
        return self._rollout

    def dump(self) -> dict[str, Any]:
        """Where every group stands."""
        return {"groups": [group.dump() for group in self._groups]}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        for group, part in zip(self._groups, snapshot["groups"], strict=True):
            group.load(part)
