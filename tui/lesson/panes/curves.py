"""What has been learnt over time: return or length per episode, or the largest change per sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scenarios.lessons.lesson import Lesson
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped

Metric = Literal["return", "length"]


@dataclass(frozen=True)
class CurveView:
    """What a drawing of the curves leaves for the next one."""


def draw_curves(
    lesson: Lesson, metric: Metric, view: CurveView, width: int, height: int, theme: Theme
) -> tuple[Cells, CurveView]:
    """The curves, and the view to draw the next ones with."""
    cells = Cells(width, height)
    cells.put(0, 0, clipped("the first episode is not over yet", width, theme), theme.style(theme.palette.muted))
    return cells, view
