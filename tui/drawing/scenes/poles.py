"""What hangs or stands on a joint: CartPole, Acrobot and Pendulum, by the numbers of gymnasium's classic control."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tui.drawing.cells import Cells
from tui.drawing.scenes.vector import Picture, Point
from tui.drawing.strokes import Floats
from tui.drawing.theme import Theme

CARTPOLE = 4  # numbers observed: x, its speed, angle, its speed
ACROBOT = 6  # cosine and sine of both angles, their speeds
PENDULUM = 3  # cosine and sine of the angle, its speed
_TRACK = 2.4
_TORQUE = 2.0


def draw_cartpole(
    obs: Floats, action: NDArray[np.floating], scene: NDArray[np.floating], width: int, height: int, theme: Theme
) -> Cells:
    """The cart between the ends of its track, its pole, and an arrow where it is pushed."""
    palette = theme.palette
    picture = Picture(width, height, theme, (-2.7, 2.7), (-0.35, 1.9), stands=True)
    x, angle = float(obs[0]), float(obs[2])
    picture.line([(-2.7, 0.0), (2.7, 0.0)], palette.faint)
    for end in (-_TRACK, _TRACK):
        picture.line([(end, -0.12), (end, 0.3)], palette.warning)
    picture.line([(0.0, -0.12), (0.0, -0.06)], palette.muted)
    cart = ((x - 0.3, 0.1), (x + 0.3, 0.1), (x + 0.3, 0.36), (x - 0.3, 0.36))
    for wheel in (x - 0.18, x + 0.18):
        picture.circle((wheel, 0.08), 0.08, palette.muted)
    picture.polygon(cart, palette.series[0])
    pole = max(1.2, min(2.0, 0.7 * picture.top))  # as in the task where there is little room
    tip = x + pole * math.sin(angle), 0.36 + pole * math.cos(angle)
    picture.line([(x, 0.36), tip], palette.series[1], thick=0.075)
    picture.circle((x, 0.36), 0.07, palette.text)
    if len(action) == 1 and action[0] in (0, 1):
        side = 2 * float(action[0]) - 1
        start = x + side * 0.36
        picture.line([(start, 0.23), (start + side * 0.3, 0.23)], palette.accent)
        head = start + side * 0.42, 0.23
        picture.polygon([head, (start + side * 0.26, 0.33), (start + side * 0.26, 0.13)], palette.accent)
    return picture.finish()


def draw_acrobot(
    obs: Floats, action: NDArray[np.floating], scene: NDArray[np.floating], width: int, height: int, theme: Theme
) -> Cells:
    """Two links below a bar, the height to be reached, and how the joint between them turns."""
    palette = theme.palette
    picture = Picture(width, height, theme, (-2.3, 2.3), (-2.2, 2.2), stands=False)
    upper = math.atan2(obs[1], obs[0])
    lower = upper + math.atan2(obs[3], obs[2])
    elbow = math.sin(upper), -math.cos(upper)
    tip = elbow[0] + math.sin(lower), elbow[1] - math.cos(lower)
    reached = tip[1] > 1.0
    picture.line([(-2.3, 1.0), (2.3, 1.0)], palette.accent if reached else palette.series[2], gap=2)
    picture.line([(-0.35, 0.0), (0.35, 0.0)], palette.muted)
    picture.line([(0.0, 0.0), elbow], palette.series[0], thick=0.16)
    picture.line([elbow, tip], palette.series[1], thick=0.16)
    for joint in ((0.0, 0.0), elbow):
        picture.circle(joint, 0.13, palette.text)
    picture.circle(tip, 0.09, palette.accent if reached else palette.text)
    if len(action) == 1 and action[0] in (0, 2):
        _draw_turn(picture, elbow, 0.38, float(action[0]) - 1)
    return picture.finish()


def draw_pendulum(
    obs: Floats, action: NDArray[np.floating], scene: NDArray[np.floating], width: int, height: int, theme: Theme
) -> Cells:
    """The rod, the place above where it should stand, and the torque at its joint."""
    palette = theme.palette
    picture = Picture(width, height, theme, (-1.3, 1.3), (-1.3, 1.3), stands=False)
    angle = math.atan2(obs[1], obs[0])  # from upright, against the clock
    tip = -math.sin(angle), math.cos(angle)
    picture.ring((0.0, 1.0), 0.16, 0.0, 2 * math.pi, palette.faint)
    picture.line([(0.0, 0.0), tip], palette.series[0], thick=0.16)
    picture.circle(tip, 0.11, palette.series[1])
    picture.circle((0.0, 0.0), 0.08, palette.text)
    if len(action) == 1 and math.isfinite(action[0]):
        torque = max(-1.0, min(1.0, float(action[0]) / _TORQUE))
        if abs(torque) > 0.05:
            _draw_turn(picture, (0.0, 0.0), 0.42, torque)
    return picture.finish()


def _draw_turn(picture: Picture, middle: Point, radius: float, torque: float) -> None:
    """An arrow around a joint, against the clock where the torque in [-1, 1] is positive, as long as it is strong."""
    colour = picture.theme.palette.accent
    start = -math.pi / 2 - 0.8 * torque
    end = start + 2.4 * torque
    picture.ring(middle, radius, start, end, colour)
    head = 0.35 * math.copysign(radius, torque)
    x, y = middle[0] + radius * math.cos(end), middle[1] + radius * math.sin(end)
    along, out = (-head * math.sin(end), head * math.cos(end)), (math.cos(end) * radius / 4, math.sin(end) * radius / 4)
    corners = [(x + along[0], y + along[1]), (x + out[0], y + out[1]), (x - out[0], y - out[1])]
    picture.polygon(corners, colour)
