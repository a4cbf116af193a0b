"""Any registered environment of gymnasium as a scenario: nothing is known of it but its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from scenarios.catalog.scenario import ControlScenario, Solved
from scenarios.worlds.control import acts_continuously, reward_threshold

STEPS = 100_000
DEEP = ("dqn", "ppo")


@dataclass(frozen=True)
class EnvironmentSettings:
    """An environment as gymnasium registers it, with nothing to set."""


class Words(NamedTuple):
    """What there is to say about an environment."""

    title: str
    summary: str
    teaches: str
    look_for: str


KNOWN: dict[str, Words] = {
    "MountainCar-v0": Words(
        "Mountain car",
        "Rock a car out of a valley whose slope is steeper than its engine is strong.",
        "Exploration. Every step costs 1 and nothing else is ever paid, so as long as the flag was never reached all "
        "policies look equally bad. Random actions hardly ever reach it: they must rock in time with the valley by "
        "mere chance. This is the smallest task in which ε-greedy exploration is not enough.",
        "Whether any episode ends before its 200 steps are over. If none does, there is nothing to learn from: a "
        "larger ε for longer, more steps or another seed may help, and often nothing does.",
    ),
    "MountainCarContinuous-v0": Words(
        "Mountain car, throttled",
        "The same valley with a throttle instead of three pedals: fuel costs, the flag pays 100.",
        "Reward that misleads. Standing still costs nothing and every push costs, so doing nothing is the first thing "
        "that is learnt, and it is hard to leave: the 100 for the flag has to be met by chance before that.",
        "The return of the greedy evaluation. Near 0 the car stands still; above 90 it rocks itself out.",
    ),
}
_continuous = {"MountainCarContinuous-v0": True}  # whether actions are, where that has been seen already


def see_actions(environment_id: str) -> None:
    """Make an environment once in this process, so that its scenario has only the algorithms for its actions.

    Raises WorldError, one sentence, where it cannot be made here or learnt.
    """
    if environment_id not in _continuous:
        _continuous[environment_id] = acts_continuously(environment_id)


def scenario_of_environment(environment_id: str) -> ControlScenario:
    """The scenario of an environment of that name; whether there is one is found out when it is made.

    So are its actions, see `see_actions`: before that, any deep algorithm may fit.
    """
    words = KNOWN.get(environment_id) or Words(
        environment_id,
        f"The environment {environment_id} of gymnasium.",
        "What the algorithm does in an environment of your choice.",
        "The greedy evaluations.",
    )
    algorithms = DEEP[1:] if _continuous.get(environment_id) else DEEP
    return ControlScenario(
        name=environment_id,
        title=words.title,
        summary=words.summary,
        teaches=words.teaches,
        look_for=words.look_for,
        solved=lambda settings: _solved(environment_id),
        world=EnvironmentSettings,
        environment_id=environment_id,
        algorithms=algorithms,
        default_algorithm=algorithms[0],
        steps=dict.fromkeys(algorithms, STEPS),
    )


def _solved(environment_id: str) -> Solved:
    threshold = reward_threshold(environment_id)
    if threshold is None:
        return Solved("gymnasium does not say what counts as solved.", f"the registration of {environment_id}")
    source = f"gymnasium, the reward threshold registered with {environment_id}"
    return Solved(f"The greedy policy earns {threshold:g} on average over 100 episodes.", source, threshold)
