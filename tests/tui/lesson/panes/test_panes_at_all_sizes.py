"""Every pane at every size, for every scenario and algorithm, at the start, on the way and at the end."""

from __future__ import annotations

from itertools import product

import pytest

from scenarios.catalog import SCENARIOS
from scenarios.catalog.scenario import TABULAR_ALGORITHMS
from scenarios.lessons.explain import explain
from scenarios.lessons.lesson import Lesson
from tui.drawing.board import Layer
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme, make_theme
from tui.lesson.panes.curves import CurveView, draw_curves
from tui.lesson.panes.header import draw_header
from tui.lesson.panes.inspector import draw_inspector
from tui.lesson.panes.source import draw_source
from tui.lesson.panes.update import draw_update
from tui.lesson.panes.world import cell_at, draw_world

WIDTHS, HEIGHTS = (1, 2, 5, 10, 20, 40, 80, 120), (1, 2, 5, 10, 24, 50)
THEMES = (make_theme(), make_theme(ascii_only=True), make_theme(dark=False, colour=False))


def panes(lesson: Lesson, layer: Layer, width: int, height: int, theme: Theme) -> list[Cells]:
    stepper = lesson.focused
    explanation = explain(stepper, stepper.event) if stepper.event is not None else None
    hidden = layer is Layer.Q
    last = stepper.experiment.model.layout.rows * stepper.experiment.model.layout.columns - 1
    return [
        draw_world(stepper, layer, width, height, theme, selected=last, hidden=hidden),
        draw_world(stepper, layer, width, height, theme, difference=stepper.tables.v),
        draw_source(stepper, width, height, theme, values=not hidden),
        draw_update(explanation, width, height, theme, prompt="up?" if hidden else None, score=(1, 2)),
        draw_curves(lesson, "length" if hidden else "return", CurveView(), width, height, theme)[0],
        draw_inspector(stepper, last, width, height, theme),
    ]


def moments(play, scenario: str, algorithm: str) -> list[Lesson]:
    start, under_way, ended = (play(scenario, algorithm, updates) for updates in (0, 40, 40))
    if ended.focused.experiment.algorithm.plans:
        ended.set(max_sweeps=3)
        ended.run(5.0)
        assert ended.ended
    else:  # by then every lane has finished an episode
        ended.run(5.0, until=lambda stepper: stepper.ledger.episodes.min() > 0)
    for _ in range(4):
        under_way.line_forward()
    return [start, under_way, ended]


@pytest.mark.parametrize("every", [pytest.param(1, marks=pytest.mark.slow), 3])
@pytest.mark.parametrize("algorithm", TABULAR_ALGORITHMS)
@pytest.mark.parametrize("scenario", [scenario.name for scenario in SCENARIOS])
def test_every_pane_has_the_size_asked_for_and_only_characters_of_its_theme(play, scenario, algorithm, every):
    """In the fast suite each size with a third of the algorithms."""
    first = TABULAR_ALGORITHMS.index(algorithm) % every
    lessons = moments(play, scenario, algorithm)
    layers = tuple(Layer)
    for i, (width, height) in [*enumerate(product(WIDTHS, HEIGHTS))][first::every]:
        lesson, layer, theme = lessons[(i + i // 6) % 3], layers[i % 5], THEMES[i // 3 % 3]
        for cells in panes(lesson, layer, width, height, theme):
            assert (cells.width, cells.height) == (width, height)
            assert theme is not THEMES[1] or str(cells).isascii()
        header = draw_header(lesson, width, theme, playing=True, speed="10/s")
        assert (header.width, header.height) == (width, 1)
        cell = cell_at(lesson.focused, width, height, height // 2, width // 2)
        assert cell is None or 0 <= cell < 500
