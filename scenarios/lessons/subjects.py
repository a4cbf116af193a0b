"""What a lesson needs to know of the kind of learner it plays: one with tables, or one with a network."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from types import CodeType
from typing import Any, Protocol

import numpy as np

from algorithms.contract import Bools, Ints, dump, load
from algorithms.dynamic_programming import DPState
from algorithms.td import TDState
from scenarios.experiment import AnyExperiment, ControlExperiment, DeepExperiment, Experiment
from scenarios.lessons.deep_ledger import DeepLedger
from scenarios.lessons.ledger import Ledger
from scenarios.lessons.tracing import Source, source_of, sources_of
from scenarios.lessons.values import Value, as_first_lane_sees, summarised
from scenarios.lessons.witness import Witness, witness_of
from scenarios.runs.control import changeable
from scenarios.worlds.layout import Kind
from scenarios.worlds.model import TabularWorld


class Subject(Protocol):
    """One kind of learner; it owns nothing."""

    def ledger(self, experiment: Any) -> Any:
        """An empty memory of what is played."""
        ...

    def sources(self, experiment: Any) -> Mapping[CodeType, Source]:
        """The functions that a learner steps through line by line."""
        ...

    def seen(self, value: Any, experiment: Any) -> Value | None:
        """A value as a line of the source shows it, None where it does not."""
        ...

    def witness(self, experiment: Any, state: Any) -> Any:
        """What the next update will overwrite and its explanation asks for."""
        ...

    def live_settings(self, experiment: Any) -> list[str]:
        """The settings that can be changed while it learns."""
        ...

    def enter(self, state: Any, before: Any, experiment: Any, ledger: Any) -> Any:
        """Make a state fit for a changed experiment; returns it as it was, where that has touched it."""
        ...


class Tabular:
    """Learners and planners with tables."""

    def ledger(self, experiment: Experiment) -> Ledger:
        return Ledger(experiment.lanes, experiment.model.states, experiment.model.actions)

    def sources(self, experiment: Experiment) -> Mapping[CodeType, Source]:
        page = source_of(experiment.algorithm)
        return {code: source for code, source in sources_of(experiment.algorithm).items() if source == page}

    def seen(self, value: Any, experiment: Experiment) -> Value | None:
        return as_first_lane_sees(value, experiment.lanes)

    def witness(self, experiment: Experiment, state: Any) -> None:
        """Events of tables say all of it."""

    def live_settings(self, experiment: Experiment) -> list[str]:
        return [field.name for field in dataclasses.fields(experiment.config)]

    def enter(self, state: Any, before: Experiment, experiment: Experiment, ledger: Ledger) -> Any:
        """Planning goes on, and so do learners whose cell is no more."""
        left = copy.copy(state)
        load(left, dump(state))
        if isinstance(state, DPState):
            state.converged = False
        if experiment.model is not before.model:
            fixed = np.isin(experiment.model.layout.kinds, (Kind.WALL, Kind.TERMINAL))
            if isinstance(state, DPState):
                _plan_anew(state, fixed)
            else:
                ledger.abandon(_leave(experiment, state, fixed))
        return left


class Deep:
    """Learners with a network: what an event does not say is worked out from what was there before it."""

    def ledger(self, experiment: DeepExperiment) -> DeepLedger:
        return DeepLedger(experiment.side_by_side, acts=isinstance(experiment, ControlExperiment))

    def sources(self, experiment: DeepExperiment) -> Mapping[CodeType, Source]:
        return sources_of(experiment.algorithm)

    def seen(self, value: Any, experiment: DeepExperiment) -> Value | None:
        return summarised(value)

    def witness(self, experiment: DeepExperiment, state: Any) -> Witness:
        return witness_of(experiment, state)

    def live_settings(self, experiment: DeepExperiment) -> list[str]:
        return list(changeable(type(experiment.config)))

    def enter(self, state: Any, before: DeepExperiment, experiment: DeepExperiment, ledger: DeepLedger) -> None:
        """Settings are read when they are needed: nothing has to be made fit."""


TABULAR, DEEP = Tabular(), Deep()


def subject_of(experiment: AnyExperiment) -> Subject:
    """The kind of learner that an experiment has."""
    return TABULAR if isinstance(experiment, Experiment) else DEEP


def _plan_anew(state: DPState, fixed: Bools) -> None:
    """Begin a sweep in a changed world with the values as they are; cells where nothing happens are worth 0.

    The policy begins anew too: one that has been improved for another world may never reach the goal of this one,
    and then its values would fall for ever.
    """
    state.v[fixed] = state.v_next[fixed] = 0.0
    state.policy[:] = 1.0 / len(state.policy)
    state.cursor, state.largest_change, state.improving, state.stable = 0, 0.0, False, True


def _leave(experiment: Experiment, state: TDState, fixed: Bools) -> Ints:
    """Learners that stand where a wall or an end has been built begin a new episode; returns their lanes."""
    world = experiment.surroundings
    assert isinstance(world, TabularWorld)
    stuck = fixed[state.s % world.states]
    if stuck.any():
        state.s = np.where(stuck, world.start(state.rng), state.s)
        state.t = np.where(stuck, 0, state.t)
    return stuck.nonzero()[0]
