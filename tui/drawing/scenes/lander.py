"""LunarLander: the ship with its legs and flames above the ground, and the pad between two flags.

Numbers are those of gymnasium's `lunar_lander.py`: a world of 20 x 13 1/3 units, 30 pixels each.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import Cells
from tui.drawing.scenes.vector import Picture, Point
from tui.drawing.strokes import Floats
from tui.drawing.theme import Theme, mix

OBSERVED = 8  # x, y, their speeds, angle, its speed, contact of the right and of the left leg
_PIXEL = 1 / 30
_WIDTH, _HEIGHT, _PAD = 20.0, 40 / 3, 10 / 3
_LEGS = 18 * _PIXEL  # from the pad to the middle of a ship that stands on it
_LARGER = 1.7  # than it is, so that it can be made out
_BODY: tuple[Point, ...] = ((-14, 17), (-17, 0), (-17, -10), (17, -10), (17, 0), (14, 17))
_FLAGS = 8.0, 12.0
_STARS = np.random.default_rng(11).uniform((0, _PAD), (_WIDTH, 2 * _HEIGHT), (40, 2))
_NOZZLE = 0.5  # throttle from which an engine fires, of -1 to 1


def draw_lander(
    obs: Floats, action: NDArray[np.floating], scene: NDArray[np.floating], width: int, height: int, theme: Theme
) -> Cells:
    """The ship of an observation [8]; `scene` holds the heights of the ground at equal distances, or nothing."""
    heights = np.asarray(scene, np.float64)
    if len(heights) < 2 or not np.isfinite(heights).all():
        heights = np.full(2, 0.99 * _PAD)
    picture = _moon(heights.tobytes(), width, height, theme).copy()
    x, y = (1 + obs[0]) * _WIDTH / 2, obs[1] * _HEIGHT / 2 + _PAD + _LEGS
    if y - _LEGS > picture.top:
        picture.text((x, picture.top - 0.01), theme.glyphs.above, theme.palette.accent)
    else:
        _draw_ship(picture, _Ship(x, y, obs[4]), action, obs[6:8] > 0.5)
    return picture.finish()


@lru_cache(maxsize=4)
def _moon(ground: bytes, width: int, height: int, theme: Theme) -> Picture:
    """What stays while an episode lasts: the stars, the ground, the pad and its flags."""
    palette, heights = theme.palette, np.frombuffer(ground, np.float64)
    picture = Picture(width, height, theme, (0.0, _WIDTH), (0.0, _HEIGHT + 0.4), stands=True)
    places = np.linspace(0.0, _WIDTH, len(heights))
    _draw_stars(picture, places, heights)
    picture.ground(lambda x: np.interp(x, places, heights), palette.wall)
    pad = float(np.interp(_WIDTH / 2, places, heights))
    picture.line([(_FLAGS[0], pad), (_FLAGS[1], pad)], palette.text)
    for side in _FLAGS:
        picture.line([(side, pad), (side, pad + 1.7)], palette.text)
        picture.polygon([(side, pad + 1.7), (side, pad + 1.0), (side + 0.9, pad + 1.35)], palette.accent)
    return picture


class _Ship:
    """Where the points of the ship are: it is drawn larger than it is, with its feet where they are."""

    def __init__(self, x: float, y: float, angle: float) -> None:
        self._x, self._y = x, y
        self._cos, self._sin = math.cos(angle), math.sin(angle)

    def __call__(self, *pixels: Point) -> list[Point]:
        """Points of the ship, in pixels from its middle, as points of the world."""
        found = []
        for right, up in pixels:
            right, up = _LARGER * right * _PIXEL, _LARGER * up * _PIXEL + (_LARGER - 1) * _LEGS
            found.append((self._x + self._cos * right - self._sin * up, self._y + self._sin * right + self._cos * up))
        return found


def _draw_ship(picture: Picture, ship: _Ship, action: NDArray[np.floating], contact: NDArray[np.bool_]) -> None:
    palette = picture.theme.palette
    main, side = thrust_of(action)
    if main:
        picture.polygon(ship((-8, -11), (8, -11), (0, -14 - 24 * main)), palette.series[5])
        picture.polygon(ship((-4, -11), (4, -11), (0, -12 - 13 * main)), palette.accent)
    if side:
        edge = math.copysign(17, side)
        picture.polygon(ship((edge, 9), (edge, 15), (edge + 20 * side, 12)), palette.series[5])
    for foot, touches in ((1, contact[0]), (-1, contact[1])):
        colour = palette.series[2] if touches else palette.muted
        picture.line(ship((foot * 15, 0), (foot * 27, -18)), colour)
        picture.line(ship((foot * 10, -10), (foot * 27, -18)), colour)
        picture.line(ship((foot * 23, -18), (foot * 31, -18)), colour)
    picture.polygon(ship(*_BODY), palette.series[3])
    if picture.scale > 6:
        picture.circle(ship((0, 6))[0], 0.2 * _LARGER, mix(palette.series[3], palette.background, 0.75))


def thrust_of(action: NDArray[np.floating]) -> tuple[float, float]:
    """How strongly the main engine burns, and the one on the right (positive) or on the left; at most 1 each.

    Action 1 pushes to the left, so that its flame is on the right; 3 the other way round. Continuous actions are the
    main throttle, from 0 on, and that of the sides, beyond a half.
    """
    if len(action) == 1:
        number = float(action[0])
        return float(number == 2), {1.0: 1.0, 3.0: -1.0}.get(number, 0.0)
    if len(action) != 2 or not np.isfinite(action).all():
        return 0.0, 0.0
    main, side = (max(-1.0, min(1.0, float(part))) for part in action)
    return (0.5 + main / 2 if main > 0 else 0.0), (-side if abs(side) > _NOZZLE else 0.0)


def _draw_stars(picture: Picture, places: Floats, heights: Floats) -> None:
    """The same sky every time."""
    above = _STARS[:, 1] > np.interp(_STARS[:, 0], places, heights) + 1
    picture.points(_STARS[above].tolist(), picture.theme.palette.faint)
