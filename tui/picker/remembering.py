"""What was chosen last, in the app's memory and out of it."""

from __future__ import annotations

from dataclasses import replace

from scenarios.catalog import SCENARIOS
from scenarios.configuration import SettingError
from tui.memory import Memory
from tui.picker.choice import Choice, described


def remembered_choice(memory: Memory) -> Choice:
    """What was chosen last, as far as there is such a thing; at first what a learner begins with."""
    try:
        scenario = described(memory.scenario)
    except SettingError:
        return Choice(SCENARIOS[0].name)
    algorithms = tuple(name for name in memory.algorithms if name in scenario.algorithms)
    return Choice(memory.scenario, algorithms, memory.settings, memory.seed)


def remembering(memory: Memory, choice: Choice) -> Memory:
    """The memory with this choice as the latest."""
    settings = {key: str(value) for key, value in choice.settings.items()}
    return replace(memory, scenario=choice.scenario, algorithms=choice.algorithms, settings=settings, seed=choice.seed)
