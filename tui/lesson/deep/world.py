"""The world of a deep lesson: the environment or image of a moment, and what the network thinks of it."""

from __future__ import annotations

import numpy as np

from scenarios.experiment import DataExperiment
from scenarios.lessons.moments import Moment
from scenarios.lessons.stepper import Stepper
from tui.drawing.axes import Axes
from tui.drawing.cells import Cells
from tui.drawing.charts import ChartOptions, Series, draw_chart
from tui.drawing.images import draw_image
from tui.drawing.scenes.scene import action_labels, draw_scene
from tui.drawing.scenes.thoughts import draw_thoughts
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped, written

_BESIDE = 56  # columns from which on the thoughts stand beside the scene
_THOUGHTS = 34  # columns of them


def draw_moment(stepper: Stepper, moment: Moment, width: int, height: int, theme: Theme) -> Cells:
    """The scene, and beside or below it the thoughts; a caption says which moment it is."""
    cells = Cells(width, height)
    actions = len(moment.thoughts.actions)
    if width >= _BESIDE:
        room = min(_THOUGHTS, width // 2)
        scene, thoughts = (width - room - 2, height, 0, 0), (room, height, 0, width - room)
    else:
        below = min(actions + 2, max(0, height - 4))
        scene, thoughts = (width, height - below, 0, 0), (width, below, height - below, 0)
    cells.blit(_scene(stepper, moment, scene[0], scene[1], theme), *scene[2:])
    cells.blit(_thoughts(stepper, moment, thoughts[0], thoughts[1], theme), *thoughts[2:])
    return cells


def _scene(stepper: Stepper, moment: Moment, width: int, height: int, theme: Theme) -> Cells:
    experiment = stepper.experiment
    cells = Cells(width, height)
    captioned = height >= 6
    if isinstance(experiment, DataExperiment):
        side = experiment.images.pixels.shape[1:]
        picture = draw_image(moment.obs.reshape(side), width, height - captioned, theme)
    else:
        identity = experiment.scenario.environment_id
        picture = draw_scene(identity, moment.obs, moment.action, moment.scene, width, height - captioned, theme)
    cells.blit(picture, 0, 0)
    if captioned:
        cells.put(height - 1, 0, clipped(moment.caption, width, theme), theme.style(theme.palette.muted))
    return cells


def _thoughts(stepper: Stepper, moment: Moment, width: int, height: int, theme: Theme) -> Cells:
    experiment, thoughts = stepper.experiment, moment.thoughts
    count = len(thoughts.actions)
    classes = isinstance(experiment, DataExperiment)
    labels = tuple(map(str, range(count))) if classes else action_labels(experiment.scenario.environment_id, count)
    chosen: int | list[float] | None = None
    if len(moment.action):
        chosen = moment.action.tolist() if thoughts.kind == "mean" else int(moment.action[0])
    cells = draw_thoughts(thoughts, labels, chosen, width, height, theme)
    if classes and height > count:  # the title has a value of states, and images have none
        cells.fill(0, 0, width, 1, theme.style(theme.palette.text))
        cells.put(0, 0, clipped("probability", width, theme), theme.style(theme.palette.muted))
    return cells


def draw_episode(
    stepper: Stepper, axes: Axes | None, width: int, height: int, theme: Theme
) -> tuple[Cells, Axes | None]:
    """What the network expects from every step of the episode under way, by its weights of now; and the next axes."""
    steps = stepper.ledger.episode_under_way()
    if not steps:
        cells = Cells(width, height)
        text = clipped("no episode has begun", width, theme)
        cells.put(height // 2, max(0, (width - len(text)) // 2), text, theme.style(theme.palette.muted))
        return cells, axes
    experiment = stepper.experiment
    obs = np.stack([step.obs for step in steps])
    thoughts = experiment.algorithm.thoughts(experiment.config, stepper.state, obs)
    x = np.arange(1.0, len(steps) + 1)
    name = "max Q(s,·)" if thoughts.kind == "q" else "V(s)"
    series = [Series(written(name, theme), x, np.asarray(thoughts.value, np.float64))]
    options = ChartOptions(x_label="step of the episode", whole_x=True, y_label="expected from there on")
    return draw_chart(series, width, height, theme, options, axes)
