"""The board of a world before anything is learnt in it."""

from __future__ import annotations

from dataclasses import replace

from scenarios.experiment import Experiment
from scenarios.lessons.stepper import Stepper
from tui.drawing.board import Board
from tui.lesson.panes.world import board_of


def empty_board(experiment: Experiment) -> Board:
    """Where everything lies in an experiment's world, without values; a learner stands at its first start."""
    board = board_of(Stepper(replace(experiment, lanes=1)))
    return replace(board, values=None, q=None, greedy=None, visits=None, td_errors=None)
