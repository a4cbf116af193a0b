"""The panes of a session as cells, with their titles."""

from __future__ import annotations

from dataclasses import replace

from scenarios.lessons.explain import explain
from scenarios.lessons.preparing import own_size
from scenarios.lessons.stepper import Stepper
from tui.drawing.board import Layer
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.help.page import Paragraph, draw_page, page_lines
from tui.lesson.deep.drawings import DeepDrawings
from tui.lesson.layout import WORLDS
from tui.lesson.looking import here
from tui.lesson.panes.curves import CurveView, draw_curves
from tui.lesson.panes.header import draw_header, lesson_text
from tui.lesson.panes.inspector import draw_inspector
from tui.lesson.panes.source import draw_source
from tui.lesson.panes.update import draw_update
from tui.lesson.panes.world import cell_at, draw_world
from tui.lesson.session import Session

DEEP_PANES = ("world", "curves", "inspector")  # what a network shows in its own way
READABLE = 100  # columns of a text at most
LAYERS = {
    Layer.VALUE: ", what every state is worth",
    Layer.Q: ", what actions are worth",
    Layer.POLICY: ", the greedy actions",
    Layer.VISITS: "",
    Layer.TD_ERROR: " of the latest update",
}
BY_LINE = "The lines of the source work it out: go on, line by line."
FIRST_KEYS = "space plays, . makes one update, l a line of it; any key begins, i brings this text back."
DEEP_FIRST_KEYS = (
    "space plays, . makes one update, l a line of it and into functions, o out of them; any key begins, i brings this "
    "text back. A lesson's networks and rounds are small, so that an update can be followed: it learns a little slower."
)


class Drawings:
    """Draws the panes by their names; remembers the axes of the curves, which move in steps."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._curves: dict[object, CurveView] = {}
        self._deep = DeepDrawings(session)

    def header(self, width: int, theme: Theme, *, asks: bool) -> Cells:
        """The line above everything; it `asks` an open question where no pane does."""
        session = self._session
        player = session.player
        playing = player.playing and session.quiz.question is None
        message = session.message or (session.quiz.prompt if asks else None) or ""
        if not session.mistake:  # the header draws a message as a warning; this one is none
            theme = replace(theme, palette=replace(theme.palette, warning=theme.palette.text))
        return draw_header(session.lesson, width, theme, playing=playing, speed=player.speed_text, message=message)

    def titles(self, name: str, theme: Theme) -> list[str]:
        """What may stand in the frame of a pane, the longest first."""
        if self._session.deep and name in DEEP_PANES:
            return self._deep.titles(name, self._session.lesson.focused)
        if name in WORLDS:
            return self._world_titles(WORLDS.index(name), theme)
        lesson = self._session.lesson
        stepper = lesson.focused
        algorithm = stepper.experiment.algorithm
        of_whom = f" of {algorithm.title}" if len(lesson.steppers) > 1 else ""
        return {
            "source": self._source_titles(stepper, of_whom),
            "update": [f"this update{of_whom}{', under way' if stepper.under_way is not None else ''}"],
            "curves": self._curves_titles(stepper),
            "inspector": [f"{'selected cell' if self._session.view.selected is not None else 'cell'}{of_whom}"],
            "text": ["what this lesson is about"],
        }[name]

    def _source_titles(self, stepper: Stepper, of_whom: str) -> list[str]:
        source = stepper.source
        if 0 <= stepper.line < len(stepper.lines) and stepper.lines[stepper.line].depth:
            return [f"{source.file}: {source.name}", source.name]
        return [source.file + of_whom]

    def _world_titles(self, index: int, theme: Theme) -> list[str]:
        lesson, view = self._session.lesson, self._session.view
        name = lesson.steppers[index].experiment.algorithm.title
        if view.difference and index == 0:
            other = lesson.steppers[1].experiment.algorithm.title
            return [f"V of {name} − V of {other}", f"{name} − {other}", "difference"]
        mark = f"{theme.glyphs.play} " if len(lesson.steppers) > 1 and index == lesson.focus else ""
        return [f"{mark}{name}: {view.layer}{LAYERS[view.layer]}", f"{mark}{name}: {view.layer}", mark + name]

    def _curves_titles(self, stepper: Stepper) -> list[str]:
        if stepper.experiment.algorithm.plans:
            return ["largest change per sweep"]
        lanes, metric = stepper.experiment.lanes, self._session.view.metric
        short = f"{metric} per episode"
        if lanes == 1:
            return [short]
        band = f"{short}, mean and 95 % band of {lanes} learners"
        return [f"{band}, as far as the slowest has come", band, short]

    def draw(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """What is inside the frame of a pane."""
        session = self._session
        lesson, view = session.lesson, session.view
        stepper = lesson.focused
        if session.deep and name in DEEP_PANES:
            return self._deep.draw(name, stepper, width, height, theme)
        match name:
            case "source":
                return draw_source(stepper, width, height, theme, values=session.quiz.question is None)
            case "update":
                return self._update(width, height, theme)
            case "curves":
                return self._draw_curves(width, height, theme)
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

    def _draw_curves(self, width: int, height: int, theme: Theme) -> Cells:
        lesson, metric = self._session.lesson, self._session.view.metric
        if lesson.step == 0:
            self._curves.clear()
        what = metric, lesson.focused.experiment.algorithm.plans
        before = self._curves.get(what, CurveView())
        cells, self._curves[what] = draw_curves(lesson, metric, before, width, height, theme)
        return cells

    def _update(self, width: int, height: int, theme: Theme) -> Cells:
        session = self._session
        quiz, stepper = session.quiz, session.lesson.focused
        if quiz.question is not None:
            return draw_update(quiz.question, width, height, theme, prompt=quiz.prompt, score=quiz.score)
        if stepper.event is None and stepper.step > 0:
            return draw_update(None, width, height, theme, prompt=f"{session.why_ended()}.", score=quiz.score)
        event = stepper.event if stepper.under_way is None else stepper.under_way
        explanation = None if event is None else explain(stepper, event)
        covered = stepper.under_way is not None and not stepper.result_is_out
        return draw_update(explanation, width, height, theme, prompt=BY_LINE if covered else None, score=quiz.score)

    def _text(self, width: int, height: int, theme: Theme) -> Cells:
        experiment, view = self._session.lesson.focused.experiment, self._session.view
        parts = lesson_text(experiment.scenario, experiment.algorithm, experiment.world_config).split("\n\n")
        parts[2:2] = [own] if (own := own_size(experiment)) else []
        first = DEEP_FIRST_KEYS if self._session.deep else FIRST_KEYS
        paragraphs = [Paragraph(parts[0], "title"), Paragraph(first, "formula")]
        paragraphs += [paragraph for text in parts[1:] for paragraph in (Paragraph(""), Paragraph(text))]
        lines = page_lines(paragraphs, min(width, READABLE) - 4)
        view.scroll = max(0, min(view.scroll, len(lines) - height))
        cells = Cells(width, height)
        cells.blit(draw_page(lines, view.scroll, min(width, READABLE) - 1, height, theme), 0, 1)
        return cells

    def cell_at(self, name: str, width: int, height: int, row: int, col: int) -> int | None:
        """The cell drawn at a place inside the frame of a world, where it has any."""
        if self._session.deep:
            return None
        stepper = self._session.lesson.steppers[WORLDS.index(name)]
        return cell_at(stepper, width, height, row, col, selected=self._session.view.selected)
