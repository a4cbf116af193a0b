"""The engine against hand-fused numpy and torch: one PPO minibatch update, microseconds.

    python benchmarks/engine.py [--rounds N] [--turns N]

Actor 8-64-64-4 and critic 8-64-64-1, tanh, float32, one thread: forward, clipped surrogate, squared value error,
entropy, backward, clipping by norm, Adam. All sides start from the same parameters and must end at the same
ones. In every round the sides take turns (A, B, C, A, B, C, ...), and the fastest turn of each counts; printed are
medians over the rounds, ratios taken inside a round. torch is measured when it can be imported.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
sys.path[0] = str(Path(__file__).resolve().parents[1])  # beside this file, `engine` would be this file

import argparse
import statistics
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.distributions import Categorical
from engine.layers import mlp
from engine.losses import clipped_surrogate_loss, mean_squared_error, weighted_sum
from engine.optimisers import Adam
from engine.parameters import ParameterVector
from engine.randomness import generator
from engine.tensor import Tensor

Array = np.ndarray[Any, np.dtype[Any]]
Side = Callable[["Batch"], None]

ACTOR, CRITIC = (8, 64, 64, 4), (8, 64, 64, 1)
LEARNING_RATE, CLIP, VALUE, ENTROPY, MAX_NORM = 7e-4, 0.2, 0.5, 0.01, 0.5
BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8
TURN = 0.005  # seconds
TARGETS = {64: (1.3, 4.0), 256: (1.15, 2.5), 2048: (1.05, 1.6)}


class Batch(NamedTuple):
    obs: Array  # [B, 8]
    actions: Array  # [B]
    old_log_prob: Array  # [B]
    advantages: Array  # [B]
    returns: Array  # [B]


def make_batch(size: int) -> Batch:
    rng = generator(size)
    numbers = rng.standard_normal((11, size)).astype(np.float32)
    return Batch(numbers[:8].T.copy(), rng.integers(4, size=size), numbers[8] * 0.1 - 1.4, numbers[9], numbers[10])


class Engine:
    """The update as an algorithm on the engine writes it."""

    def __init__(self) -> None:
        rng = generator(0)
        self.actor, self.critic = mlp(ACTOR, rng), mlp(CRITIC, rng)
        self.parameters = ParameterVector([*self.actor.parameters(), *self.critic.parameters()])
        self.values = self.parameters.values
        self.optimiser = Adam(self.parameters, LEARNING_RATE, BETA1, BETA2, EPSILON)

    def update(self, batch: Batch) -> None:
        obs = Tensor(batch.obs)
        policy = Categorical(self.actor(obs))
        loss = weighted_sum(
            (1, clipped_surrogate_loss(policy.log_prob(batch.actions), batch.old_log_prob, batch.advantages, CLIP)),
            (VALUE, mean_squared_error(self.critic(obs), batch.returns[:, None])),
            (-ENTROPY, policy.mean_entropy()),
        )
        self.parameters.zero_grad()
        loss.backward()
        self.parameters.clip_norm(MAX_NORM)
        self.optimiser.step()


class HandFused:
    """The same update written out for this one network: no tape, everything preallocated and in place, the same
    arithmetic tricks as the engine."""

    def __init__(self, values: Array, size: int) -> None:
        self.values = values.copy()
        self.gradients, self.m, self.v, self.scratch = (np.zeros_like(values) for _ in range(4))
        shapes = [s for net in (ACTOR, CRITIC) for i, o in pairwise(net) for s in ((i, o), (o,))]
        ends = np.cumsum([np.prod(shape) for shape in shapes])[:-1]
        parts = [np.split(flat, ends) for flat in (self.values, self.gradients)]
        self.p, self.g = ([a.reshape(s) for a, s in zip(part, shapes, strict=True)] for part in parts)
        self.hidden = [np.empty((size, 64), np.float32) for _ in range(6)]
        self.logits, self.value = np.empty((size, 4), np.float32), np.empty((size, 1), np.float32)
        self.ones, self.columns, self.steps = np.ones(size, np.float32), np.arange(size), 0

    def update(self, batch: Batch) -> None:
        h1, h2, k1, k2, _, _ = self.hidden
        self.forward(batch.obs, self.p[:6], h1, h2, self.logits)
        self.forward(batch.obs, self.p[6:], k1, k2, self.value)
        dlogits, dvalue = self.loss(batch)
        self.backward(batch.obs, self.p[:6], self.g[:6], h1, h2, dlogits)
        self.backward(batch.obs, self.p[6:], self.g[6:], k1, k2, dvalue)
        self.adam()

    def forward(self, x: Array, parameters: list[Array], h1: Array, h2: Array, y: Array) -> None:
        w1, b1, w2, b2, w3, b3 = parameters
        x.dot(w1, h1)
        h1 += b1
        np.tanh(h1, h1)
        h1.dot(w2, h2)
        h2 += b2
        np.tanh(h2, h2)
        h2.dot(w3, y)
        y += b3

    def loss(self, batch: Batch) -> tuple[Array, Array]:
        """∂loss/∂logits [B, 4] and ∂loss/∂value [B, 1], for loss = surrogate + VALUE error² - ENTROPY entropy."""
        n = len(self.value)
        log_p = self.logits.T.copy()  # [4, B]
        log_p -= np.maximum.reduce(log_p)
        p = np.exp(log_p)
        total = np.add.reduce(p)
        log_p -= np.log(total)
        p /= total
        flat = batch.actions * n
        flat += self.columns
        slope = log_p.ravel()[flat]
        slope -= batch.old_log_prob
        np.exp(slope, slope)
        slope *= batch.advantages
        bound = np.abs(batch.advantages)
        bound *= CLIP
        bound += batch.advantages
        self.policy_loss = -np.add.reduce(np.minimum(slope, bound)) / n
        slope *= slope <= bound
        slope *= -1 / n
        minus_h = np.add.reduce(p * log_p)
        self.entropy = -np.add.reduce(minus_h) / n
        log_p -= minus_h
        log_p *= ENTROPY / n
        log_p -= slope
        log_p *= p
        log_p.ravel()[flat] += slope
        error = self.value[:, 0] - batch.returns
        self.value_loss = error.dot(error) / n
        error *= 2 * VALUE / n
        return log_p.T, error[:, None]

    def backward(self, x: Array, parameters: list[Array], g: list[Array], h1: Array, h2: Array, dy: Array) -> None:
        _, _, w2, _, w3, _ = parameters
        dh, dz = self.hidden[4:]
        h2.T.dot(dy, g[4])
        self.ones.dot(dy, g[5])
        dy.dot(w3.T, dh)
        np.multiply(h2, h2, dz)
        dz *= dh
        np.subtract(dh, dz, dz)
        h1.T.dot(dz, g[2])
        self.ones.dot(dz, g[3])
        dz.dot(w2.T, dh)
        np.multiply(h1, h1, dz)
        dz *= dh
        np.subtract(dh, dz, dz)
        x.T.dot(dz, g[0])
        self.ones.dot(dz, g[1])

    def adam(self) -> None:
        gradients, scratch = self.gradients, self.scratch
        norm = float(gradients.dot(gradients)) ** 0.5
        if norm > MAX_NORM:
            gradients *= MAX_NORM / norm
        self.steps += 1
        self.m *= BETA1
        self.m += gradients
        self.v *= BETA2
        np.multiply(gradients, gradients, scratch)
        self.v += scratch
        root = ((1 - BETA2) / (1 - BETA2**self.steps)) ** 0.5
        np.sqrt(self.v, scratch)
        scratch += EPSILON / root
        np.divide(self.m, scratch, scratch)
        scratch *= LEARNING_RATE * (1 - BETA1) / (1 - BETA1**self.steps) / root
        self.values -= scratch


class Torch:
    """The same update in torch eager, as the usual single-file implementations write it."""

    def __init__(self, values: Array) -> None:
        import torch

        self.torch = torch
        torch.set_num_threads(1)
        self.actor, self.critic = (
            torch.nn.Sequential(
                torch.nn.Linear(i, h), torch.nn.Tanh(), torch.nn.Linear(h, h), torch.nn.Tanh(), torch.nn.Linear(h, o)
            )
            for i, h, _, o in (ACTOR, CRITIC)
        )
        self.parameters = [*self.actor.parameters(), *self.critic.parameters()]
        start = 0
        for parameter in self.parameters:
            part = values[start : start + parameter.numel()].reshape(tuple(parameter.shape)[::-1])
            parameter.data = torch.from_numpy(part.T.copy())  # torch keeps W transposed
            start += parameter.numel()
        self.optimiser = torch.optim.Adam(self.parameters, LEARNING_RATE, (BETA1, BETA2), EPSILON)
        self.batches: dict[int, list[Any]] = {}

    @property
    def values(self) -> Array:
        return np.concatenate([parameter.detach().numpy().T.ravel() for parameter in self.parameters])

    def update(self, batch: Batch) -> None:
        torch = self.torch
        if id(batch) not in self.batches:
            self.batches[id(batch)] = [torch.from_numpy(array) for array in batch]
        obs, actions, old_log_prob, advantages, returns = self.batches[id(batch)]
        policy = torch.distributions.Categorical(logits=self.actor(obs), validate_args=False)
        ratio = (policy.log_prob(actions) - old_log_prob).exp()
        surrogate = torch.min(ratio * advantages, ratio.clamp(1 - CLIP, 1 + CLIP) * advantages).mean()
        value_loss = torch.nn.functional.mse_loss(self.critic(obs).squeeze(-1), returns)
        loss = -surrogate + VALUE * value_loss - ENTROPY * policy.entropy().mean()
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, MAX_NORM)
        self.optimiser.step()


def sides(size: int) -> dict[str, Any]:
    engine = Engine()
    found: dict[str, Any] = {"hand": HandFused(engine.values, size), "engine": engine}
    try:
        found["torch"] = Torch(engine.values)
    except ModuleNotFoundError:
        print("torch cannot be imported: measured without it", file=sys.stderr)
    return found


def check_same(found: dict[str, Any], batch: Batch) -> None:
    """Three updates on every side must leave the same parameters: nobody is fast by doing less."""
    for _ in range(3):
        for side in found.values():
            side.update(batch)
    for name, side in found.items():
        np.testing.assert_allclose(side.values, found["engine"].values, rtol=0, atol=2e-5, err_msg=name)


def measure(found: dict[str, Any], batch: Batch, rounds: int, turns: int) -> dict[str, list[float]]:
    """Microseconds per update of every side in every round: the fastest of its turns, for the scheduler of a busy
    machine slows down some."""
    updates = {name: max(3, round(TURN * 1e6 / timed(side.update, batch, 3))) for name, side in found.items()}
    best: dict[str, list[float]] = {name: [] for name in found}
    for _ in range(rounds):
        times: dict[str, list[float]] = {name: [] for name in found}
        for _ in range(turns):
            for name, side in found.items():
                times[name].append(timed(side.update, batch, updates[name]))
        for name, of_side in times.items():
            best[name].append(min(of_side))
    return best


def ratio(numerator: list[float], denominator: list[float]) -> float:
    """The median over the rounds of a ratio taken inside each round."""
    return statistics.median(a / b for a, b in zip(numerator, denominator, strict=True))


def timed(update: Side, batch: Batch, count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        update(batch)
    return (time.perf_counter() - start) / count * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description="PPO minibatch update: engine, hand-fused numpy, torch")
    parser.add_argument("--rounds", type=int, default=5, help="rounds, of which the median is printed (>= 3)")
    parser.add_argument("--turns", type=int, default=60, help="turns of every side in a round, 5 ms each")
    arguments = parser.parse_args()
    print("batch    hand us  engine us   torch us   engine/hand (target)   torch/engine (target)")
    for size, (at_most, at_least) in TARGETS.items():
        batch, found = make_batch(size), sides(size)
        check_same(found, batch)
        us = measure(found, batch, max(3, arguments.rounds), max(1, arguments.turns))
        row = f"{size:5d}" + "".join(f"{statistics.median(times):11.1f}" for times in us.values())
        row += "" if "torch" in us else f"{'-':>11}"
        row += f"{ratio(us['engine'], us['hand']):14.3f} (<= {at_most:.2f})"
        if "torch" in us:
            row += f"{ratio(us['torch'], us['engine']):15.2f} (>= {at_least:.1f})"
        print(row, flush=True)


if __name__ == "__main__":
    main()
