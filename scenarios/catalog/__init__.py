"""The scenarios by name, in order of increasing difficulty."""

from __future__ import annotations

import difflib

from scenarios.catalog import (
    acrobot,
    cartpole,
    cliffwalking,
    digits,
    frozenlake,
    gridworld,
    lunarlander,
    pendulum,
    taxi,
)
from scenarios.catalog.scenario import ControlScenario, DataScenario, Scenario
from scenarios.configuration import SettingError

AnyScenario = Scenario | DataScenario | ControlScenario

SCENARIOS: tuple[Scenario, ...] = (
    gridworld.SCENARIO,
    cliffwalking.SCENARIO,
    frozenlake.SCENARIO,
    taxi.SCENARIO,
)
DATA_SCENARIOS: tuple[DataScenario, ...] = (digits.SCENARIO,)
CONTROL_SCENARIOS: tuple[ControlScenario, ...] = (
    cartpole.SCENARIO,
    acrobot.SCENARIO,
    pendulum.SCENARIO,
    lunarlander.SCENARIO,
)

EVERY_SCENARIO: tuple[AnyScenario, ...] = (*SCENARIOS, *DATA_SCENARIOS, *CONTROL_SCENARIOS)


def scenario_named(name: str) -> Scenario:
    """The scenario of that name, one with a table to look into.

    Raises SettingError with the nearest name when there is none.
    """
    scenario = any_scenario_named(name)
    if not isinstance(scenario, Scenario):
        raise SettingError(f"{name} has no table to look into: train it with rltop train {name}")
    return scenario


def any_scenario_named(name: str) -> AnyScenario:
    """The scenario of that name; raises SettingError with the nearest name when there is none."""
    scenarios = {scenario.name: scenario for scenario in EVERY_SCENARIO}
    if name in scenarios:
        return scenarios[name]
    near = difflib.get_close_matches(name[:100], scenarios, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the scenarios are {', '.join(scenarios)}"
    raise SettingError(f"there is no scenario {name[:100]!r}: {hint}")
