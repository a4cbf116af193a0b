"""The panes of a session as cells, with their titles."""

from __future__ import annotations

from scenarios.lessons.explain import explain
from scenarios.lessons.stepper import Stepper
from tui.drawing.board import Layer
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.help.page import Paragraph, draw_page, page_lines
from tui.lesson.layout import WORLDS
from tui.lesson.looking import here
from tui.lesson.panes.curves import CurveView, draw_curves
from tui.lesson.panes.header import draw_header, lesson_text
from tui.lesson.panes.inspector import draw_inspector
from tui.lesson.panes.source import draw_source
from tui.lesson.panes.update import draw_update
from tui.lesson.panes.world import cell_at, draw_world
from tui.lesson.session import Session

READABLE = 100  # columns of a text at most
LAYERS = {
    Layer.VALUE: "V, what every state is worth",
    Layer.Q: "Q, what every action is worth",
    Layer.POLICY: "policy, the greedy actions",
    Layer.VISITS: "visits",
    Layer.TD_ERROR: "error of the latest update",
}
FIRST_KEYS = "space plays, . makes one update, l goes line by line, ? explains everything. Any key begins."


class Drawings:
    """Draws the panes by their names; remembers the axes of the curves, which move in steps."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._curves = CurveView()

    def header(self, width: int, theme: Theme) -> Cells:
        """The line above everything."""
        session = self._session
        player = session.player
        playing = player.playing and session.quiz.question is None
        message = session.message or session.quiz.prompt or ""
        return draw_header(session.lesson, width, theme, playing=playing, speed=player.speed_text, message=message)

    def title(self, name: str) -> str:
        """What stands in the frame of a pane."""
        if name in WORLDS:
            return self._world_title(WORLDS.index(name))
        lesson = self._session.lesson
        stepper = lesson.focused
        algorithm = stepper.experiment.algorithm
        of_whom = f" of {algorithm.title}" if len(lesson.steppers) > 1 else ""
        return {
            "source": f"{stepper.source.file}{of_whom}",
            "update": f"this update{of_whom}",
            "curves": self._curves_title(stepper),
            "inspector": f"cell{of_whom}",
            "text": f"{stepper.experiment.scenario.title}, {algorithm.title}",
        }[name]

    def _world_title(self, index: int) -> str:
        lesson, view = self._session.lesson, self._session.view
        name = lesson.steppers[index].experiment.algorithm.title
        if view.difference and index == 0:
            other = lesson.steppers[1].experiment.algorithm.title
            return f"V of {name} − V of {other}"
        marked = len(lesson.steppers) > 1 and index == lesson.focus
        return f"{name}{' (in focus)' if marked else ''}: {LAYERS[view.layer]}"

    def _curves_title(self, stepper: Stepper) -> str:
        if stepper.experiment.algorithm.plans:
            return "largest change per sweep"
        lanes = stepper.experiment.lanes
        band = f", mean and 95 % band of {lanes} learners" if lanes > 1 else ""
        return f"{self._session.view.metric} per episode{band}"

    def draw(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """What is inside the frame of a pane."""
        session = self._session
        lesson, view = session.lesson, session.view
        stepper = lesson.focused
        match name:
            case "source":
                return draw_source(stepper, width, height, theme)
            case "update":
                return self._update(width, height, theme)
            case "curves":
                cells, self._curves = draw_curves(lesson, view.metric, self._curves, width, height, theme)
                return cells
            case "inspector":
                return draw_inspector(stepper, here(session), width, height, theme)
            case "text":
                return self._text(width, height, theme)
        index = WORLDS.index(name)
        return draw_world(
            lesson.steppers[index],
            view.layer,
            width,
            height,
            theme,
            selected=view.selected,
            hidden=session.quiz.question is not None and index == lesson.focus,
            difference=lesson.difference() if view.difference and index == 0 else None,
        )

    def _update(self, width: int, height: int, theme: Theme) -> Cells:
        session = self._session
        quiz, stepper = session.quiz, session.lesson.focused
        if quiz.question is not None:
            return draw_update(quiz.question, width, height, theme, prompt=quiz.prompt, score=quiz.score)
        if stepper.event is None and stepper.step > 0:
            return draw_update(None, width, height, theme, prompt=f"{session.why_ended()}.", score=quiz.score)
        explanation = None if stepper.event is None else explain(stepper, stepper.event)
        return draw_update(explanation, width, height, theme, score=quiz.score)

    def _text(self, width: int, height: int, theme: Theme) -> Cells:
        experiment, view = self._session.lesson.focused.experiment, self._session.view
        parts = lesson_text(experiment.scenario, experiment.algorithm, experiment.world_config).split("\n\n")
        looks = ["title", *["body"] * (len(parts) - 1)]
        paragraphs = [
            p for text, look in zip(parts, looks, strict=True) for p in (Paragraph(text, look), Paragraph(""))
        ]
        paragraphs.append(Paragraph(FIRST_KEYS, "formula"))
        lines = page_lines(paragraphs, min(width, READABLE) - 4)
        view.scroll = max(0, min(view.scroll, len(lines) - height))
        cells = Cells(width, height)
        cells.blit(draw_page(lines, view.scroll, min(width, READABLE) - 1, height, theme), 0, 1)
        return cells

    def cell_at(self, name: str, width: int, height: int, row: int, col: int) -> int | None:
        """The cell drawn at a place inside the frame of a world."""
        stepper = self._session.lesson.steppers[WORLDS.index(name)]
        return cell_at(stepper, width, height, row, col, selected=self._session.view.selected)
