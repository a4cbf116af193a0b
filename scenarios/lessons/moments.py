"""One moment of a deep lesson to look at: what was observed, what was done about it, and what the network thinks.

Shapes: O numbers an observation, A actions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.contract import Experience, Floats32, Thoughts
from scenarios.experiment import ControlExperiment, DataExperiment
from scenarios.lessons.explain_deep import minibatch_of
from scenarios.lessons.stepper import Stepper
from scenarios.worlds.scenes import NOTHING

MADE = "the step just made"


@dataclass(frozen=True)
class Moment:
    """What is drawn, and a word about which moment it is."""

    obs: Floats32  # [O]
    action: Floats32  # [1] its number, or [A] where actions are continuous; empty before the first
    scene: Floats32  # what the observation does not say; may be empty
    thoughts: Thoughts  # of this one observation
    caption: str


def moment_of(stepper: Stepper, event: Experience | None) -> Moment:
    """The moment that an event of a stepper is about: the latest, or one that `peek` has shown; None is the start."""
    experiment = stepper.experiment_of(event)
    state = stepper.state if event is None else stepper.left_by(event)
    action, scene = NOTHING, NOTHING
    if event is None:
        obs, caption = _first(experiment, state), "the start"
    elif isinstance(experiment, DataExperiment):
        obs, action, caption = event.obs[0, 0], _action(event.a[0, 0]), "first image of the minibatch"
    elif len(event.r):
        obs, action, scene = event.obs[-1, 0], _action(event.a[-1, 0]), _scene(experiment, state, event)
        caption = MADE if len(event.r) == 1 else "last step of the rollout"
    else:
        _, rows = minibatch_of(experiment.config, stepper.witness_of(event))
        obs, action = state.batch.obs[rows.start], _action(state.batch.a[rows.start])
        caption = "first step of the minibatch"
    thoughts = experiment.algorithm.thoughts(experiment.config, stepper.state, obs[None])
    first = Thoughts(thoughts.kind, thoughts.actions[0], thoughts.value[0], thoughts.spread)
    return Moment(obs, action, scene, first, caption)


def _action(a: Any) -> Floats32:
    return np.atleast_1d(np.asarray(a, np.float32))


def _first(experiment: ControlExperiment | DataExperiment, state: Any) -> Floats32:
    """What is observed before anything is done."""
    obs: Floats32
    if isinstance(experiment, DataExperiment):
        images = state.examples
        obs = images.pixels[0].ravel().astype(np.float32) / images.brightest
    elif experiment.algorithm.by_rollouts:
        obs = state.environments.dump()["groups"][0]["obs"][0]
    else:
        obs = state.obs[0]
    return obs


def _scene(experiment: ControlExperiment, state: Any, event: Experience) -> Floats32:
    """The scene of the first environment in the last step of an event."""
    if not experiment.algorithm.by_rollouts:
        scene: Floats32 = state.environments.scene
        return scene
    scenes: list[Floats32] = state.environments.scenes
    return scenes[-2 if event.last[-1, 0] and len(scenes) > 1 else -1]
