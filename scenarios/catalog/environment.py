"""Any registered environment of gymnasium as a scenario: nothing is known of it but its name."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.catalog.scenario import ControlScenario, Solved
from scenarios.worlds.control import reward_threshold

STEPS = 100_000
DEEP = ("dqn", "ppo")


@dataclass(frozen=True)
class EnvironmentSettings:
    """An environment as gymnasium registers it, with nothing to set."""


def scenario_of_environment(environment_id: str) -> ControlScenario:
    """The scenario of an environment of that name; whether there is one is found out when it is made."""
    return ControlScenario(
        name=environment_id,
        title=environment_id,
        summary=f"The environment {environment_id} of gymnasium.",
        teaches="What the algorithm does in an environment of your choice.",
        look_for="The greedy evaluations.",
        solved=lambda settings: _solved(environment_id),
        world=EnvironmentSettings,
        environment_id=environment_id,
        algorithms=DEEP,
        default_algorithm=DEEP[0],
        steps=dict.fromkeys(DEEP, STEPS),
    )


def _solved(environment_id: str) -> Solved:
    threshold = reward_threshold(environment_id)
    if threshold is None:
        return Solved("gymnasium does not say what counts as solved.", f"the registration of {environment_id}")
    source = f"gymnasium, the reward threshold registered with {environment_id}"
    return Solved(f"The greedy policy earns {threshold:g} on average over 100 episodes.", source, threshold)
