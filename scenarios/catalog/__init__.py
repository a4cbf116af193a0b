"""The scenarios by name, in order of increasing difficulty."""

from __future__ import annotations

import difflib

from scenarios.catalog import cliffwalking, frozenlake, gridworld, taxi
from scenarios.catalog.scenario import Scenario
from scenarios.configuration import SettingError

SCENARIOS: tuple[Scenario, ...] = (
    gridworld.SCENARIO,
    cliffwalking.SCENARIO,
    frozenlake.SCENARIO,
    taxi.SCENARIO,
)


def scenario_named(name: str) -> Scenario:
    """The scenario of that name; raises SettingError with the nearest name when there is none."""
    scenarios = {scenario.name: scenario for scenario in SCENARIOS}
    if name in scenarios:
        return scenarios[name]
    near = difflib.get_close_matches(name[:100], scenarios, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"the scenarios are {', '.join(scenarios)}"
    raise SettingError(f"there is no scenario {name[:100]!r}: {hint}")
