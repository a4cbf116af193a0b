"""Which states of a world are on the board: cell i's state, and in Taxi one of the twenty that every cell holds.

Shapes: C cells, S states.
"""

from __future__ import annotations

import numpy as np

from algorithms.contract import Backup, Ints
from scenarios.lessons.stepper import Stepper

PLANNED = 1  # of Taxi's situations the one shown while planning: passenger at R, to G


def situation(stepper: Stepper) -> int:
    """What tells the shown states of the cells apart from the others: Taxi's passenger and destination, else 0."""
    layout = stepper.experiment.model.layout
    if layout.states_per_cell == 1:
        return 0
    return PLANNED if stepper.experiment.algorithm.plans else int(stepper.state.s[0]) % layout.states_per_cell


def state_in(stepper: Stepper, cell: int) -> int:
    """The state that a cell shows."""
    return cell * stepper.experiment.model.layout.states_per_cell + situation(stepper)


def states_shown(stepper: Stepper) -> Ints:
    """The state that every cell shows. [C]"""
    layout = stepper.experiment.model.layout
    return np.arange(layout.rows * layout.columns) * layout.states_per_cell + situation(stepper)


def cell_shown(stepper: Stepper, state: int) -> int | None:
    """The cell that shows a state, or None where none does."""
    cell, rest = divmod(state, stepper.experiment.model.layout.states_per_cell)
    return cell if rest == situation(stepper) else None


def next_state(stepper: Stepper) -> int:
    """The state that the next update is about: the first lane's, or the first one of the next backup."""
    if stepper.experiment.algorithm.plans:
        return int(stepper.state.cursor)
    return int(stepper.state.s[0])


def updated_state(stepper: Stepper) -> int | None:
    """The state that the latest update was about, None at the start."""
    event = stepper.event
    if event is None:
        return None
    return int(event.states.start) if isinstance(event, Backup) else int(event.s[0])
