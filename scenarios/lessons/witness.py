"""What was there before an update of a deep learner: enough to work out what its event does not say."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from algorithms.contract import Floats32
from scenarios.experiment import DeepExperiment


@dataclass(frozen=True)
class Witness:
    """The weights, the generator and the counters of a state before an update."""

    weights: dict[str, Floats32]
    generator: dict[str, Any]  # of numpy
    counts: dict[str, int]  # of the state's fields those that are whole numbers

    def rng(self) -> np.random.Generator:
        """A generator that draws what the update has drawn."""
        rng = np.random.default_rng()
        rng.bit_generator.state = self.generator
        return rng


def witness_of(experiment: DeepExperiment, state: Any) -> Witness:
    """What there is before the next update."""
    weights = {name: array.copy() for name, array in experiment.algorithm.parameters(state).items()}
    values = {field.name: getattr(state, field.name) for field in dataclasses.fields(state)}
    counts = {name: value for name, value in values.items() if isinstance(value, int)}
    return Witness(weights, state.rng.bit_generator.state, counts)
