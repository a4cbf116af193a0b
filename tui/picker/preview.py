"""A picture of what is about to be learnt, before anything is: a board, a scene, some of the images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from scenarios.experiment import AnyExperiment, ControlExperiment, DataExperiment, Experiment
from scenarios.lessons.stepper import Stepper
from scenarios.worlds.control import make
from scenarios.worlds.scenes import scene_of
from tui.drawing.board import Board, Layer
from tui.drawing.cells import Cells
from tui.drawing.grid import draw_board
from tui.drawing.images import draw_images
from tui.drawing.scenes.scene import draw_scene
from tui.drawing.theme import Theme
from tui.lesson.panes.world import board_of

Preview = Callable[[int, int, Theme], Cells]  # (width, height, theme)

IMAGES = 40


def nothing(width: int, height: int, theme: Theme) -> Cells:
    """Of what is not known yet."""
    return Cells(width, height)


def preview_of(experiment: AnyExperiment) -> Preview:
    """What can be drawn of an experiment; an environment is made for it, and let go of.

    Raises WorldError, one sentence, where that cannot be made.
    """
    if isinstance(experiment, Experiment):
        board = empty_board(experiment)
        return lambda width, height, theme: draw_board(board, Layer.VALUE, width, height, theme)
    if isinstance(experiment, ControlExperiment):
        return _scene(experiment)
    return _some_images(experiment)


def empty_board(experiment: Experiment) -> Board:
    """Where everything lies in an experiment's world, without values; a learner stands at its first start."""
    board = board_of(Stepper(replace(experiment, lanes=1)))
    return replace(board, values=None, q=None, greedy=None, visits=None, td_errors=None)


def _scene(experiment: ControlExperiment) -> Preview:
    """An environment as its first episode begins."""
    environment_id = experiment.scenario.environment_id
    environment = make(environment_id, **experiment.options)
    try:
        obs, _ = environment.reset(seed=experiment.seed % 2**32)
        scene = scene_of(environment.unwrapped)
    finally:
        environment.close()
    return lambda width, height, theme: draw_scene(environment_id, obs, (), scene, width, height, theme)


def _some_images(experiment: DataExperiment) -> Preview:
    images = experiment.images
    shades = images.held_out[:IMAGES] / images.brightest
    captions = [str(answer) for answer in images.answers[:IMAGES]]
    return lambda width, height, theme: draw_images(shades, captions, width, height, theme)
