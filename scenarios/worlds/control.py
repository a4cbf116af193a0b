"""Control tasks of gymnasium as `Environments`: N bare environments with their own generators and time limits.

Box2D and many other environments cannot be copied, but they can be replayed exactly: where an environment stands is
its generator's state when the episode began and the actions since. Shapes: N environments, O numbers an observation.
"""

from __future__ import annotations

import copy
import importlib.util
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Snapshot, Transition
from engine.randomness import spawn
from scenarios.worlds.errors import WorldError
from scenarios.worlds.scenes import NOTHING, scene_of


class ControlWorld:
    """N copies of a registered gymnasium environment, stepped one after the other; episodes restart by themselves."""

    def __init__(self, environment_id: str, count: int, rng: np.random.Generator, **options: Any) -> None:
        """Raises WorldError, one sentence, when the environment is unknown, cannot be made here, or does not fit."""
        self.environment_id = environment_id
        self.count = count
        self._environments = [make(environment_id, **options) for _ in range(count)]
        self._bare = [environment.unwrapped for environment in self._environments]
        first = self._environments[0]
        self.observation_size, self.actions, self.continuous = spaces(environment_id, first)
        self.low, self.high = action_bounds(first)
        self.max_steps: int | None = first.spec.max_episode_steps
        for environment, own in zip(self._bare, spawn(rng, count), strict=True):
            environment.np_random = QuickGenerator(own.bit_generator)
        self._discount = np.ones(count, np.float32)  # of a step with which no episode ends
        self._nowhere = np.zeros(count, np.bool_)
        self._discount.flags.writeable = self._nowhere.flags.writeable = False  # events share them
        self._began: list[dict[str, Any]] = [{} for _ in range(count)]  # generator states when the episodes began
        self._taken: list[list[Any]] = [[] for _ in range(count)]  # actions since
        self.scene = NOTHING  # of the first environment's episode

    def reset(self) -> NDArray[np.float32]:
        """Begin a new episode everywhere. [N, O]"""
        return np.stack([self._reset_one(i) for i in range(self.count)])

    def _reset_one(self, i: int) -> NDArray[np.float32]:
        generator = self._bare[i].np_random
        self._began[i] = generator.bit_generator.state  # a copy
        self._taken[i] = []
        observation, _ = self._bare[i].reset()
        if i == 0:
            self.scene = scene_of(self._bare[i])
        return np.asarray(observation, np.float32)

    def step(self, a: NDArray[Any]) -> Transition:
        """One action in every environment; a continuous one is clipped to its bounds."""
        obs = np.empty((self.count, self.observation_size), np.float32)
        r = np.empty(self.count, np.float32)
        ended: list[int] = []
        terminal: list[int] = []
        actions = np.clip(a, self.low, self.high, dtype=np.float32) if self.continuous else a.tolist()
        for i, (environment, taken) in enumerate(zip(self._bare, self._taken, strict=True)):
            obs[i], r[i], terminated, truncated, _ = environment.step(actions[i])
            taken.append(actions[i])
            if terminated:
                terminal.append(i)
            if terminated or truncated or len(taken) == self.max_steps:
                ended.append(i)
        if not ended:
            return Transition(obs, r, self._discount, self._nowhere, obs)
        last, discount, final = self._nowhere.copy(), self._discount.copy(), obs.copy()
        last[ended] = True
        discount[terminal] = 0.0
        for i in ended:
            obs[i] = self._reset_one(i)
        return Transition(obs, r, discount, last, final)

    def dump(self) -> dict[str, Any]:
        """Where every environment stands: its generator's state, and the actions since. [T], or [T, A] if continuous"""
        dtype, shape = (np.float32, (-1, self.actions)) if self.continuous else (np.int64, (-1,))
        taken = [np.array(actions, dtype).reshape(shape) for actions in self._taken]
        return {"began": copy.deepcopy(self._began), "taken": taken}

    def load(self, snapshot: Snapshot) -> None:
        """Put every environment where it stood; ValueError when its episode would have ended.

        Its episode is replayed, from the start or, where it stands in that very episode earlier on, from there.
        """
        for i, (began, taken) in enumerate(zip(snapshot["began"], snapshot["taken"], strict=True)):
            if self.max_steps is not None and len(taken) >= self.max_steps:
                raise ValueError(f"an episode of {self.environment_id} cannot go on after {len(taken)} actions")
            if not self.continuous and len(taken) and not 0 <= taken.min() <= taken.max() < self.actions:
                raise ValueError(f"an action of {self.environment_id} is in 0 .. {self.actions - 1}")
            environment = self._bare[i]
            if not began:
                continue
            actions = list(taken) if self.continuous else taken.tolist()
            if not self._is_on_the_way(i, began, actions):
                environment.np_random.bit_generator.state = copy.deepcopy(began)
                self._reset_one(i)
            for action in actions[len(self._taken[i]) :]:
                environment.step(action)
                self._taken[i].append(action)

    def _is_on_the_way(self, i: int, began: Any, actions: list[Any]) -> bool:
        """Whether an environment stands where these actions of an episode lead through."""
        so_far = len(self._taken[i])
        return self._began[i] == began and np.array_equal(self._taken[i], actions[:so_far])

    def close(self) -> None:
        """Let go of what the environments hold."""
        for environment in self._environments:
            environment.close()


class QuickGenerator(np.random.Generator):
    """The same numbers in the same order; those that LunarLander draws twice a step come in half of the time."""

    def uniform(self, low: Any = 0.0, high: Any = 1.0, size: Any = None) -> Any:
        if size is None and type(low) is type(high) is float:
            return low + (high - low) * self.random()
        return super().uniform(low, high, size)


def make(environment_id: str, /, **options: Any) -> Any:
    """One environment without render mode or checker; raises WorldError, one sentence."""
    import gymnasium

    if ":" in environment_id:  # gymnasium would import whatever stands before it
        raise WorldError(f"an environment is named as it is registered, without a module, got {environment_id[:100]!r}")
    try:
        environment: Any = gymnasium.make(environment_id, disable_env_checker=True, **options)
    except gymnasium.error.DependencyNotInstalled as error:
        raise WorldError(_missing(environment_id, str(error))) from None
    except gymnasium.error.Error as error:
        raise WorldError(f"there is no environment {environment_id[:100]!r} to be had: {error}") from None
    except (TypeError, ValueError) as error:
        raise WorldError(f"{environment_id[:100]} cannot be made: {error}") from None
    environment.unwrapped.action_space.contains = trusted  # asked in every step, it takes a third of CartPole's time
    return environment


def trusted(action: Any) -> bool:
    """Whether it is an action: those of an algorithm are."""
    return True


def why_missing(environment_id: str, package: str | None) -> str | None:
    """One sentence that says why an environment that needs a package cannot be made here; None where it is there."""
    if package is None or importlib.util.find_spec(package) is not None:
        return None
    return _missing(environment_id, package)


def _missing(environment_id: str, error: str) -> str:
    if "box2d" not in error.lower():
        return f"{environment_id} needs a package that is not installed here: {error}"
    if sys.version_info >= (3, 14):
        return f"{environment_id} needs Box2D, which has no wheel for Python 3.14 yet: use Python 3.11 to 3.13"
    return f"{environment_id} needs Box2D, which is not installed here: pip install box2d==2.3.10 pygame-ce"


def frames_per_second(environment_id: str, /, **options: Any) -> float:
    """How many steps an environment takes in a second of its own time; 30 where it does not say."""
    environment = make(environment_id, **options)
    environment.close()
    said = environment.metadata.get("render_fps")
    return float(said) if isinstance(said, int | float) and 0 < said < 1e6 else 30.0


def acts_continuously(environment_id: str, /, **options: Any) -> bool:
    """Whether the actions are continuous; raises WorldError, one sentence, for what cannot be made here or learnt."""
    environment = make(environment_id, **options)
    try:
        return spaces(environment_id, environment)[2]
    finally:
        environment.close()


def reward_threshold(environment_id: str) -> float | None:
    """The mean return from which gymnasium counts an environment as solved; None where it does not say."""
    import gymnasium

    spec = gymnasium.registry.get(environment_id)
    return None if spec is None or spec.reward_threshold is None else float(spec.reward_threshold)


def spaces(environment_id: str, environment: Any) -> tuple[int, int, bool]:
    """Observation size, actions, and whether these are continuous; raises WorldError for other kinds of spaces."""
    from gymnasium.spaces import Box, Discrete

    observations, actions = environment.observation_space, environment.action_space
    if not isinstance(observations, Box) or len(observations.shape) != 1:
        raise WorldError(f"{environment_id} observes {observations}: only vectors of numbers (Box, one axis) fit")
    if isinstance(actions, Discrete):
        return observations.shape[0], int(actions.n), False
    if isinstance(actions, Box) and len(actions.shape) == 1:
        return observations.shape[0], actions.shape[0], True
    raise WorldError(f"{environment_id} acts by {actions}: only Discrete and Box with one axis fit")


def action_bounds(environment: Any) -> tuple[Any, Any]:
    """The least and greatest value of a continuous action; (None, None) of a discrete one."""
    space = environment.action_space
    return getattr(space, "low", None), getattr(space, "high", None)
