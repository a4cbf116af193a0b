"""The picture of an environment: drawn from its observation alone, whatever that holds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tui.drawing.cells import Cells
from tui.drawing.scenes import hills, lander, poles
from tui.drawing.scenes.bars import draw_observation
from tui.drawing.strokes import Floats
from tui.drawing.theme import Theme

Draw = Callable[[Floats, NDArray[np.floating], NDArray[np.floating], int, int, Theme], Cells]

_FAR = 50.0  # more than any drawn environment observes

# By the id of gymnasium without its version: how it is drawn, and how many numbers it must observe.
_SCENES: dict[str, tuple[Draw, int]] = {
    "CartPole": (poles.draw_cartpole, poles.CARTPOLE),
    "MountainCar": (hills.draw_mountain_car, hills.OBSERVED),
    "MountainCarContinuous": (hills.draw_throttled_car, hills.OBSERVED),
    "Acrobot": (poles.draw_acrobot, poles.ACROBOT),
    "Pendulum": (poles.draw_pendulum, poles.PENDULUM),
    "LunarLander": (lander.draw_lander, lander.OBSERVED),
    "LunarLanderContinuous": (lander.draw_lander, lander.OBSERVED),
}
_LABELS: dict[tuple[str, int], tuple[str, ...]] = {
    ("CartPole", 2): ("push left", "push right"),
    ("MountainCar", 3): ("back", "coast", "forward"),
    ("MountainCarContinuous", 1): ("force",),
    ("Acrobot", 3): ("turn right", "coast", "turn left"),
    ("Pendulum", 1): ("torque",),
    ("LunarLander", 4): ("coast", "push left", "main engine", "push right"),
    ("LunarLander", 2): ("main engine", "sideways"),
    ("LunarLanderContinuous", 2): ("main engine", "sideways"),
}


def draw_scene(
    environment_id: str, obs: ArrayLike, action: ArrayLike, scene: ArrayLike, width: int, height: int, theme: Theme
) -> Cells:
    """An environment as a picture, or where there is none for it or its numbers are no numbers, as bars.

    Args:
        environment_id: as gymnasium registers it, with its version.
        obs: what is observed. [O]
        action: what is done about it: its number, or the numbers of a continuous action. [1] or [A]
        scene: what the observation does not say, such as the heights of the ground; may be empty.
        width: columns of the picture, from 0.
        height: its rows.
        theme: glyphs and colours.
    """
    values = np.asarray(obs, np.float64).ravel()
    draw, observed = _SCENES.get(_family(environment_id), (None, 0))
    if draw is None or len(values) != observed or not np.isfinite(values).all():
        return draw_observation(values.tolist(), width, height, theme)
    acted = np.asarray(action, np.float64).ravel()
    around = np.clip(np.asarray(scene, np.float64).ravel(), -_FAR, _FAR)
    return draw(np.clip(values, -_FAR, _FAR), acted, around, width, height, theme)


def action_labels(environment_id: str, count: int) -> tuple[str, ...]:
    """What `count` actions, or numbers of a continuous one, are called; their numbers where nobody knows."""
    return _LABELS.get((_family(environment_id), count), tuple(map(str, range(count))))


def _family(environment_id: str) -> str:
    return environment_id.partition("-v")[0]
