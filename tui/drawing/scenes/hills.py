"""MountainCar: a car too weak for its hill, by the numbers of gymnasium's `mountain_car.py`."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import Cells
from tui.drawing.scenes.vector import Picture, Point
from tui.drawing.strokes import Floats
from tui.drawing.theme import Theme

OBSERVED = 2  # x and its speed
_LOW, _HIGH, _GOAL = -1.2, 0.6, 0.5


def _height(x: Floats | float) -> Floats:
    """The hill: sin(3 x) · 0.45 + 0.55."""
    found: Floats = np.sin(3 * np.clip(x, _LOW - 0.3, _HIGH + 0.3)) * 0.45 + 0.55
    return found


def draw_mountain_car(
    obs: Floats, action: NDArray[np.floating], scene: NDArray[np.floating], width: int, height: int, theme: Theme
) -> Cells:
    """The valley, the flag on its right, the car, and an arrow along the slope where it is driven."""
    palette = theme.palette
    picture = Picture(width, height, theme, (_LOW - 0.05, _HIGH + 0.05), (0.0, 1.28), stands=True)
    picture.ground(_height, palette.wall)
    peak = float(_height(_GOAL))
    picture.line([(_GOAL, peak), (_GOAL, peak + 0.22)], palette.text)
    picture.polygon([(_GOAL, peak + 0.22), (_GOAL, peak + 0.13), (_GOAL + 0.1, peak + 0.175)], palette.accent)
    x = float(np.clip(obs[0], _LOW, _HIGH))
    bottom, slope = float(_height(x)), math.atan(1.35 * math.cos(3 * x))

    def on_slope(along: float, over: float) -> Point:
        return (
            x + along * math.cos(slope) - over * math.sin(slope),
            bottom + along * math.sin(slope) + over * math.cos(slope),
        )

    for wheel in (-0.05, 0.05):
        picture.circle(on_slope(wheel, 0.022), 0.024, palette.muted)
    body = ((-0.085, 0.03), (0.085, 0.03), (0.085, 0.075), (0.05, 0.12), (-0.05, 0.12), (-0.085, 0.075))
    picture.polygon([on_slope(*corner) for corner in body], palette.series[0])
    force = 0.0 if len(action) != 1 or not math.isfinite(action[0]) else max(-1.0, min(1.0, float(action[0]) - 1))
    if abs(force) > 0.05:
        tip = 0.11 * math.copysign(1, force) + 0.12 * force
        picture.line([on_slope(0.11 * math.copysign(1, force), 0.07), on_slope(tip, 0.07)], palette.accent)
        head = 0.05 * math.copysign(1, force)
        corners = (on_slope(tip + head, 0.07), on_slope(tip - head / 3, 0.11), on_slope(tip - head / 3, 0.03))
        picture.polygon(corners, palette.accent)
    return picture.finish()


def draw_throttled_car(
    obs: Floats, action: NDArray[np.floating], scene: NDArray[np.floating], width: int, height: int, theme: Theme
) -> Cells:
    """The same car, driven by any force from -1 to 1."""
    return draw_mountain_car(obs, np.asarray(action) + 1, scene, width, height, theme)
