"""The panes of a deep lesson by their names."""

from __future__ import annotations

from dataclasses import replace

from scenarios.experiment import DataExperiment
from scenarios.lessons.moments import MADE, moment_of
from scenarios.lessons.stepper import Stepper
from tui.drawing.axes import Axes
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.deep.curves import SMOOTHED, draw_deep_curve
from tui.lesson.deep.layers import DeepLayer, curve_title
from tui.lesson.deep.network import draw_network
from tui.lesson.deep.world import draw_episode, draw_moment
from tui.lesson.panes.curves import CurveView
from tui.lesson.session import Session

UNDER_WAY = "the step under way"  # its action is not known yet


class DeepDrawings:
    """Draws what differs from a lesson with tables; remembers the axes of charts, which move in steps."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._curves: dict[str, CurveView] = {}
        self._episode: Axes | None = None

    def titles(self, name: str, stepper: Stepper) -> list[str]:
        """What may stand in the frame of a pane, the longest first."""
        view = self._session.view
        title = stepper.experiment.algorithm.title
        if name == "world":
            if view.deep_layer is DeepLayer.EPISODE:
                return [f"{title}: the episode under way, as the network sees it now", f"{title}: the episode", title]
            kind = "the image" if isinstance(stepper.experiment, DataExperiment) else "the world"
            return [f"{title}: {kind}, and what the network thinks of it", f"{title}: {kind}", title]
        if name == "inspector":
            return ["the network"]
        short = curve_title(view.curve, stepper.experiment)
        return [f"{short}, and the mean of {SMOOTHED}", short]

    def draw(self, name: str, stepper: Stepper, width: int, height: int, theme: Theme) -> Cells:
        """What is inside the frame of the world, the curves or the inspector."""
        session = self._session
        if name == "inspector":
            return draw_network(stepper, width, height, theme)
        if name == "curves":
            if stepper.step == 0:
                self._curves.clear()
            curve = session.view.curve
            before = self._curves.get(curve, CurveView())
            cells, self._curves[curve] = draw_deep_curve(stepper, curve, before, width, height, theme)
            return cells
        if session.view.deep_layer is DeepLayer.EPISODE:
            before_axes = self._episode if stepper.ledger.length_so_far > 1 else None
            cells, self._episode = draw_episode(stepper, before_axes, width, height, theme)
            return cells
        asked = session.quiz.event
        event = asked if asked is not None else stepper.under_way if stepper.line >= 0 else stepper.event
        moment = moment_of(stepper, event)
        if stepper.line >= 0 and len(moment.action) and not stepper.result_is_out:
            moment = replace(moment, action=moment.action[:0], caption=moment.caption.replace(MADE, UNDER_WAY))
        return draw_moment(stepper, moment, width, height, theme)
