"""What is known of a run before it is followed: its scenario and algorithm in words, its settings, what solves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from algorithms.contract import Ints
from algorithms.registry import Algorithm, algorithm_named, deep_algorithm_named
from algorithms.schedules import Schedule
from scenarios.catalog.scenario import ControlScenario, Description
from scenarios.configuration import field_help
from scenarios.runs.control import Change, changeable, changed
from scenarios.runs.directory import Run
from scenarios.runs.inspection import CANNOT_BE, layout_of, scenario_called, settings_in, solved_return
from scenarios.worlds.layout import Layout


@dataclass(frozen=True)
class Facts:
    """What the manifest of a run says."""

    run: Run

    @cached_property
    def scenario(self) -> Description | None:
        """The scenario; None where this version knows none of that name."""
        try:
            return scenario_called(self.run.manifest.scenario)
        except CANNOT_BE:
            return None

    @cached_property
    def algorithm(self) -> Algorithm | None:
        """The algorithm; None where this version knows none of that name."""
        name = self.run.manifest.algorithm
        for find in (algorithm_named, deep_algorithm_named):
            try:
                return find(name)
            except CANNOT_BE:
                continue
        return None

    @property
    def title(self) -> str:
        """What the scenario is called."""
        return self.scenario.title if self.scenario is not None else self.run.manifest.scenario

    @property
    def method(self) -> str:
        """What the algorithm is called."""
        return self.algorithm.title if self.algorithm is not None else self.run.manifest.algorithm

    @property
    def environment_id(self) -> str:
        """The environment of gymnasium that is acted in; empty where there is none."""
        return self.scenario.environment_id if isinstance(self.scenario, ControlScenario) else ""

    @cached_property
    def solved(self) -> float | None:
        """The return that counts as solved; None where nobody has agreed on one."""
        return solved_return(self.run.manifest)

    @property
    def family(self) -> str:
        """Of the algorithm: planning, tabular, supervised or deep."""
        return self.algorithm.family if self.algorithm is not None else "deep"

    @property
    def words(self) -> tuple[str, str]:
        """What is counted: steps and episodes, images and epochs, or sweeps, which have no name for many of them."""
        if self.family == "planning":
            return "sweeps", ""
        return ("images", "epochs") if self.family == "supervised" else ("steps", "episodes")

    @cached_property
    def board(self) -> Layout | None:
        """How the world of a tabular run lies on a board; None of others."""
        if self.family not in ("planning", "tabular"):
            return None
        try:
            return layout_of(self.run.manifest)
        except CANNOT_BE:
            return None

    @cached_property
    def config(self) -> Any:
        """The algorithm's configuration as the run began; None where this version cannot make it."""
        if self.algorithm is None:
            return None
        try:
            return settings_in(self.algorithm.config, self.run.manifest.config)
        except CANNOT_BE:
            return None

    @property
    def limits(self) -> Mapping[str, Any]:
        """When the run ends at the latest."""
        return self.run.manifest.budget

    @property
    def changeable(self) -> tuple[str, ...]:
        """The settings that can be changed while it learns."""
        return changeable(self.algorithm.config) if self.algorithm is not None and self.config is not None else ()

    def help_of(self, key: str) -> str:
        """The sentence of a setting."""
        if self.algorithm is None:
            return ""
        kind: type = self.algorithm.config
        return field_help(kind).get(key, "")

    def after(self, changes: tuple[Change, ...]) -> Any:
        """The configuration after some changes; what this version cannot make of them is left out."""
        config = self.config
        for change in changes:
            try:
                config = changed(config, change.key, change.value)
            except CANNOT_BE:
                continue
        return config


def value_now(config: Any, key: str, count: Ints | int) -> float | None:
    """What a setting is after so many steps or episodes: a number, or a schedule's number there."""
    value = getattr(config, key, None)
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    scheduled: Schedule = value
    return float(scheduled(count))


def setting_text(number: float | None) -> str:
    """A setting's value in a few characters: 0.2, 3.7e-5."""
    return "none" if number is None else f"{number:.3g}".replace("e-0", "e-")
