"""The scenarios by name, in order of increasing difficulty."""

from __future__ import annotations

import difflib

from scenarios.catalog import cartpole, cliffwalking, frozenlake, gridworld, lunarlander, pendulum, taxi
from scenarios.catalog.scenario import ControlScenario, Scenario
from scenarios.configuration import SettingError

SCENARIOS: tuple[Scenario, ...] = (
    gridworld.SCENARIO,
    cliffwalking.SCENARIO,
    frozenlake.SCENARIO,
    taxi.SCENARIO,
)
CONTROL_SCENARIOS: tuple[ControlScenario, ...] = (cartpole.SCENARIO, pendulum.SCENARIO, lunarlander.SCENARIO)


def scenario_named(name: str) -> Scenario:
    """The scenario of that name, one with a table to look into.

    Raises SettingError with the nearest name when there is none.
    """
    scenario = any_scenario_named(name)
    if isinstance(scenario, ControlScenario):
        raise SettingError(f"{name} has no table to look into: train it with rltop train {name}")
    return scenario


def any_scenario_named(name: str) -> Scenario | ControlScenario:
    """The scenario of that name; raises SettingError with the nearest name when there is none."""
    every: tuple[Scenario | ControlScenario, ...] = (*SCENARIOS, *CONTROL_SCENARIOS)
    scenarios = {scenario.name: scenario for scenario in every}
    if name in scenarios:
        return scenarios[name]
    near = difflib.get_close_matches(name[:100], scenarios, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the scenarios are {', '.join(scenarios)}"
    raise SettingError(f"there is no scenario {name[:100]!r}: {hint}")
