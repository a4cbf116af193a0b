"""What an environment's observation does not say and a drawing of it needs."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.contract import Floats32

NOTHING: Floats32 = np.empty(0, np.float32)
NOTHING.flags.writeable = False

_LUNAR_LANDER = "gymnasium.envs.box2d.lunar_lander"


def scene_of(environment: Any) -> Floats32:
    """What a bare environment has drawn at random for the episode that has just begun; empty where nothing is hidden.

    LunarLander: the heights of the ground at 11 places, equally far apart from its left edge to its right, in its own
    units, of which it is 20 wide and 13 1/3 high. [11]
    """
    if type(environment).__module__ != _LUNAR_LANDER:
        return NOTHING
    pieces = environment.sky_polys  # left, right, and two corners at the top of the sky
    return np.array([left[1] for left, *_ in pieces] + [pieces[-1][1][1]], np.float32)
