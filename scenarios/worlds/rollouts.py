"""Environments of gymnasium in groups that play whole rollouts."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.rollouts import Group, Groups
from scenarios.worlds.control import ControlWorld


def group_of(environment_id: str, count: int, rng: np.random.Generator, options: dict[str, Any]) -> Group:
    """A group of n environments at the start of an episode each; WorldError, one sentence, when they cannot be made."""
    return Group(ControlWorld(environment_id, count, rng, **options), rng)


def actors_of(
    environment_id: str, count: int, groups: int, rng: np.random.Generator, options: dict[str, Any]
) -> Groups:
    """N environments in so many groups; WorldError, one sentence, when they cannot be made."""
    return Groups([group_of(environment_id, count // groups, rng, options) for _ in range(groups)])
