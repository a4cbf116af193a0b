"""Environments of gymnasium in groups that play whole rollouts, in this process or in workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.rollouts import Group
from engine.randomness import spawn
from scenarios.worlds.control import ControlWorld
from scenarios.worlds.vector import CART_POLE, MANY, VectorCartPole


@dataclass(frozen=True)
class GroupPlan:
    """All that a group is made of; may be sent to another process."""

    environment_id: str
    options: dict[str, Any]  # keyword arguments with which gymnasium makes the environment
    count: int  # environments
    rng: np.random.Generator

    def build(self) -> Group:
        """The group, every environment at the start of an episode; WorldError when they cannot be made."""
        if self.environment_id == CART_POLE and self.count >= MANY:
            return Group(VectorCartPole(self.count, self.rng, **self.options), self.rng)
        return Group(ControlWorld(self.environment_id, self.count, self.rng, **self.options), self.rng)


def plan_groups(
    environment_id: str, options: dict[str, Any], count: int, groups: int, rng: np.random.Generator
) -> list[GroupPlan]:
    """N environments in so many groups of the same size, each with a generator of its own."""
    return [GroupPlan(environment_id, options, count // groups, own) for own in spawn(rng, groups)]
