"""Commands that change what is seen, and nothing of what is learnt."""

from __future__ import annotations

from collections.abc import Callable

from tui.drawing.board import Layer
from tui.lesson import playing
from tui.lesson.deep.layers import DeepLayer, curve_names
from tui.lesson.panes.situation import next_state, updated_state
from tui.lesson.session import Session

LAYERS = tuple(Layer)
MOVES = {"up": (-1, 0), "down": (1, 0), "left": (0, -1), "right": (0, 1)}


def layer(by: int) -> Callable[[Session], None]:
    """The command that goes to another layer."""

    def command(session: Session) -> None:
        view = session.view
        if session.deep:
            layers = tuple(DeepLayer)
            view.deep_layer = layers[(layers.index(view.deep_layer) + by) % len(layers)]
            return
        view.layer, view.difference = LAYERS[(LAYERS.index(view.layer) + by) % len(LAYERS)], False

    return command


def metric(session: Session) -> None:
    """Return or length; of a network its diagnostics, too."""
    if session.deep:
        names = curve_names(session.lesson.focused.ledger)
        place = names.index(session.view.curve) if session.view.curve in names else -1
        session.view.curve = names[(place + 1) % len(names)]
        if session.view.curve in ("return", "length"):
            session.view.metric = "length" if session.view.curve == "length" else "return"
        return
    session.view.metric = "length" if session.view.metric == "return" else "return"
    if session.lesson.focused.experiment.algorithm.plans:
        session.message = "planning has sweeps and no episodes: their largest change is shown"


def difference(session: Session) -> None:
    """What the first algorithm believes more than the second."""
    if len(session.lesson.steppers) < 2:
        session.message = "a difference needs two algorithms: start a lesson with two"
        return
    session.view.difference = not session.view.difference


def focus(session: Session) -> None:
    """Look at the other algorithm."""
    if len(session.lesson.steppers) < 2:
        session.message = "there is one algorithm: start a lesson with two to compare them"
        return
    session.quiz.drop()
    session.lesson.focus = 1 - session.lesson.focus


def text(session: Session) -> None:
    """Show the lesson's text, or take it away."""
    session.view.text, session.view.scroll = not session.view.text, 0


def scroll(lines: int) -> Callable[[Session], None]:
    """The command that scrolls the lesson's text; drawing it keeps it within its ends."""

    def command(session: Session) -> None:
        if session.view.text:
            session.view.scroll += lines

    return command


def here(session: Session) -> int:
    """The cell where something happens: the selected one, else that of the latest update, else of the next."""
    stepper = session.lesson.focused
    if session.view.selected is not None:
        return session.view.selected
    state = updated_state(stepper)
    return stepper.experiment.model.layout.cell(next_state(stepper) if state is None else state)


def select(session: Session) -> None:
    """Begin to choose a cell with the arrows; keep it; let it go."""
    if _has_no_cells(session):
        return
    view = session.view
    if view.selected is not None and not view.choosing:
        deselect(session)
        return
    view.choosing = not view.choosing
    if view.choosing:
        view.selected = here(session)
        session.message = "arrows choose a cell, enter keeps it, esc lets it go"


def _has_no_cells(session: Session) -> bool:
    """Whether there is no cell to select; that is said."""
    if session.deep:
        session.message = "what a network learns from has no cells to select"
    return session.deep


def deselect(session: Session) -> None:
    """No cell is selected."""
    session.view.selected, session.view.choosing = None, False


def select_cell(session: Session, cell: int) -> None:
    """This cell is selected, or let go where it was."""
    session.view.selected = None if session.view.selected == cell else cell
    session.view.choosing = False


def move(direction: str) -> Callable[[Session], None]:
    """The command that selects the next cell in a direction."""

    def command(session: Session) -> None:
        if _has_no_cells(session):
            return
        layout = session.lesson.focused.experiment.model.layout
        row, column = divmod(here(session), layout.columns)
        if session.view.selected is not None:
            down, right = MOVES[direction]
            row = min(max(row + down, 0), layout.rows - 1)
            column = min(max(column + right, 0), layout.columns - 1)
        session.view.selected = row * layout.columns + column

    return command


def arrow(direction: str) -> Callable[[Session], None]:
    """The command of an arrow key: an answer, a choice of cell, or a step."""
    commands = {
        "up": playing.answer("up"),
        "down": playing.answer("down"),
        "left": playing.back,
        "right": playing.step,
    }

    def command(session: Session) -> None:
        if session.view.text and direction in ("up", "down"):
            scroll(MOVES[direction][0])(session)
        elif session.view.choosing and session.quiz.question is None:
            move(direction)(session)
        else:
            commands[direction](session)

    return command
