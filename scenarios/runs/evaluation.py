"""Greedy evaluation: what a learner can do when it does not explore, on episodes it never learns from.

Shapes: E episodes, N of them side by side, O numbers an observation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Floats, Floats32, Snapshot
from engine.randomness import generator, spawn
from scenarios.experiment import ControlExperiment, DataExperiment, DeepExperiment
from scenarios.worlds.control import action_bounds, make
from scenarios.worlds.images import Images

EPISODES = 100  # of an evaluation, unless said otherwise
SIDE_BY_SIDE = 50  # environments at most
ENDLESS_STEPS = 10_000  # of an episode whose environment has no time limit
OTHER_SEEDS = 2**63  # seeds of training lie below

Policy = Callable[[Floats32], NDArray[Any]]  # [N, O] → [N], or [N, A] where actions are continuous


def evaluate(
    experiment: DeepExperiment, greedy: Policy, episodes: int | None, seed: int
) -> tuple[Floats, NDArray[np.int64]]:
    """The return and the length of every episode, in environments of their own. [E] each

    Episode e depends on the policy, the seed and e alone. Of an experiment with examples an episode is one held-out
    image, whose return is 1 where it is named rightly: all of them where `episodes` is None or more, else a draw.
    """
    if isinstance(experiment, DataExperiment):
        return _name(experiment.images, greedy, episodes, seed)
    episodes = episodes or EPISODES
    rngs = spawn(generator(seed), episodes)
    environments = [_make(experiment) for _ in range(min(episodes, SIDE_BY_SIDE))]
    returns, lengths = np.zeros(episodes), np.zeros(episodes, np.int64)
    try:
        for first in range(0, episodes, SIDE_BY_SIDE):
            wave = slice(first, first + SIDE_BY_SIDE)
            _play(environments, rngs[wave], greedy, returns[wave], lengths[wave])
    finally:
        for environment in environments:
            environment.close()
    return returns, lengths


def _name(images: Images, greedy: Policy, count: int | None, seed: int) -> tuple[Floats, NDArray[np.int64]]:
    """Whether held-out images are named rightly, 1 or 0, and the length 1 of each. [E] each"""
    right = (greedy(images.questions) == images.answers).astype(np.float64)
    if count is not None and count < len(right):
        right = right[generator(seed).choice(len(right), count, replace=False)]
    return right, np.ones(len(right), np.int64)


def _make(experiment: ControlExperiment) -> Any:
    return make(experiment.scenario.environment_id, **experiment.options)


def _play(
    environments: list[Any],
    rngs: list[np.random.Generator],
    greedy: Policy,
    returns: Floats,
    lengths: NDArray[np.int64],
) -> None:
    """One episode in each of several environments; written into returns and lengths."""
    limit = environments[0].spec.max_episode_steps or ENDLESS_STEPS
    low, high = action_bounds(environments[0])
    obs = np.empty((len(rngs), *environments[0].observation_space.shape), np.float32)
    for i, rng in enumerate(rngs):
        environments[i].unwrapped.np_random = rng
        obs[i], _ = environments[i].unwrapped.reset()
    playing = list(range(len(rngs)))
    while playing:
        a = greedy(obs[playing])
        actions = a.tolist() if low is None else np.clip(a, low, high)
        still = []
        for i, action in zip(playing, actions, strict=True):
            obs[i], r, terminated, truncated, _ = environments[i].unwrapped.step(action)
            returns[i] += r
            lengths[i] += 1
            if not (terminated or truncated or lengths[i] == limit):
                still.append(i)
        playing = still


class Evaluations:
    """Owns the periodic evaluations of one run: when one is due, the best so far with its weights, the verdict."""

    def __init__(self, experiment: DeepExperiment) -> None:
        self.experiment = experiment
        self.mean: float | None = None  # of the latest evaluation
        self.best_mean: float | None = None
        self.best_step = 0  # environment step of the best
        self.best: dict[str, Floats32] = {}  # weights of the best
        self.next = experiment.evaluation.evaluate_every  # environment step
        self.in_a_row = 0  # latest evaluations that counted as solved
        self.needed = experiment.scenario.solved(experiment.world_config).greedy_return

    def due(self, env_steps: int) -> bool:
        """Whether it is time for the next one."""
        return env_steps >= self.next

    def hold(self, state: Any, env_steps: int) -> dict[str, float]:
        """Evaluate the greedy policy now; returns the metrics. The state is read only.

        Every evaluation of a run plays the same episodes, so that the best is the best under equal conditions.
        """
        experiment, settings = self.experiment, self.experiment.evaluation
        self.mean, length = self.try_out(state)
        self.next = (env_steps // settings.evaluate_every + 1) * settings.evaluate_every
        self.in_a_row = self.in_a_row + 1 if self._is_enough(self.mean) else 0
        if self.best_mean is None or self.mean >= self.best_mean or not experiment.keeps_best:
            self.best_mean, self.best_step = self.mean, env_steps
            self.best = {name: array.copy() for name, array in experiment.algorithm.parameters(state).items()}
        return {"evaluation/return": self.mean, "evaluation/length": length}

    def try_out(self, state: Any) -> tuple[float, float]:
        """The mean return and length of a greedy evaluation that is not remembered."""
        experiment = self.experiment
        episodes, seed = experiment.evaluation.evaluate_episodes, OTHER_SEEDS + experiment.seed
        returns, lengths = evaluate(experiment, lambda obs: experiment.greedy(state, obs), episodes, seed)
        return float(returns.mean()), float(lengths.mean())

    def _is_enough(self, mean: float) -> bool:
        return self.needed is not None and mean >= self.needed

    @property
    def settled(self) -> bool:
        """Whether so many in a row counted as solved that the run may end."""
        return 0 < self.experiment.evaluation.evaluations_solved <= self.in_a_row

    @property
    def solved(self) -> bool:
        """Whether the best counts as solved."""
        return self.best_mean is not None and self._is_enough(self.best_mean)

    def dump(self) -> dict[str, Any]:
        """All that changes, in named arrays and plain numbers."""
        return {**{key: getattr(self, key) for key in _NUMBERS}, "best": _copies(self.best)}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        for key in _NUMBERS:
            setattr(self, key, snapshot[key])
        self.best = _copies(snapshot["best"])


_NUMBERS = ("mean", "best_mean", "best_step", "next", "in_a_row")


def _copies(arrays: Mapping[str, Floats32]) -> dict[str, Floats32]:
    return {name: array.copy() for name, array in arrays.items()}
