"""A choice made ready, away from the screen's thread: worlds are built and environments made for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scenarios.catalog.scenario import Scenario
from scenarios.configuration import SettingError
from scenarios.experiment import AnyExperiment, field_names
from scenarios.worlds.errors import WorldError
from tui.picker.choice import Choice, decide_deep, described, prepare_lesson, prepare_one, prepare_trainings, seen
from tui.picker.preview import Preview, nothing, preview_of


@dataclass(frozen=True)
class Preparation:
    """A choice with its experiments and a picture; `problem` is a sentence where it cannot be."""

    choice: Choice
    experiments: tuple[AnyExperiment, ...] = ()
    fresh: tuple[AnyExperiment, ...] = ()  # the same with nothing set but its world
    preview: Preview = nothing
    problem: str = ""


def prepare_choice(choice: Choice) -> Preparation:
    """Make a choice ready; what cannot be is its problem."""
    try:
        experiments = experiments_of(choice)
        untouched = untouched_of(choice)
        same = (untouched.settings, untouched.seed, untouched.lanes) == (choice.settings, choice.seed, choice.lanes)
        fresh = experiments if same else _fresh(untouched)
        return Preparation(choice, experiments, fresh, preview_of(experiments[0]))
    except (SettingError, WorldError) as error:
        return Preparation(choice, problem=str(error))


def prepare_opening(ready: Preparation) -> tuple[tuple[AnyExperiment, ...], str]:
    """The experiments of the lesson of a choice, or why there is none.

    A lesson has smaller networks than a training, and they are made for it now.
    """
    if isinstance(described(ready.choice.scenario), Scenario):
        return ready.experiments, ""
    try:
        return prepare_lesson(ready.choice), ""
    except (SettingError, WorldError) as error:
        return (), str(error)


def why_impossible(chosen: Callable[[str], Choice], text: str) -> str | None:
    """Why what follows from a text can neither be learnt nor trained, in one sentence; None where it can."""
    try:
        choice = chosen(text)
        experiments_of(choice)
        prepare_trainings(choice)
    except ValueError as error:  # SettingError and WorldError are of its kind
        return str(error)
    return None


def experiments_of(choice: Choice) -> tuple[AnyExperiment, ...]:
    """What a choice would learn; raises SettingError or WorldError, one sentence each."""
    if isinstance(seen(choice.scenario), Scenario):
        return prepare_lesson(choice)
    return (prepare_one(choice, choice.chosen[0], choice.settings),)


def untouched_of(choice: Choice) -> Choice:
    """The same choice with nothing set but its world: what its settings are compared with."""
    world_keys = field_names(described(choice.scenario).world)
    world = {key: value for key, value in choice.settings.items() if key in world_keys}
    return Choice(choice.scenario, choice.algorithms, world)


def _fresh(untouched: Choice) -> tuple[AnyExperiment, ...]:
    if isinstance(described(untouched.scenario), Scenario):
        return prepare_lesson(untouched)
    return (decide_deep(untouched),)
