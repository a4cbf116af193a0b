"""Pendulum: the smallest task whose action is a number."""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import check_range
from scenarios.catalog.scenario import ControlScenario, Solved


@dataclass(frozen=True)
class PendulumSettings:
    g: float = 10.0
    """Gravity in [0, 100]."""

    def __post_init__(self) -> None:
        check_range("g", self.g, 0, 100)


def solved(settings: PendulumSettings) -> Solved:
    """gymnasium registers no threshold."""
    return Solved(
        "There is no agreed number: every step costs the angle, the speed and the torque, so 0 is out of reach; a good "
        "policy loses 150 to 200 in an episode, most of it before it is up.",
        "gymnasium, which registers no reward threshold with Pendulum-v1",
    )


SCENARIO = ControlScenario(
    name="pendulum",
    title="Pendulum",
    summary="Swing a pendulum up and hold it there, with a motor too weak to lift it at once.",
    teaches=(
        "Continuous actions. No list of actions can be ranked here: the torque is any number between -2 and 2. The "
        "policy is a normal distribution instead. The network says where its middle lies, and one more parameter how "
        "wide it is: wide while it tries things out, narrower as it knows better. Nothing else changes in PPO: the "
        "probability of an action is now a density, and ratios of densities are clipped all the same."
    ),
    look_for=(
        "Episodes never terminate, they are cut off after 200 steps. The cut is not an ending: what would have come "
        "is still worth something, and the critic's value of the last observation stands for it. The entropy, which "
        "is now the width of the distribution, falls below 0 when the policy is sure of itself: a density may be "
        "larger than 1."
    ),
    solved=solved,
    world=PendulumSettings,
    environment_id="Pendulum-v1",
    algorithms=("ppo",),
    default_algorithm="ppo",
    defaults={
        "ppo": {
            "environments": 8,
            "groups": 1,
            "rollout_steps": 128,
            "epochs": 20,
            "batch": 128,
            "gamma": 0.97,
            "learning_rate": "linear(1e-3, 0, 200000)",
            "evaluate_every": 10_000,
        }
    },
    steps={"ppo": 200_000},
)
