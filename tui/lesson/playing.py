"""Commands that move a lesson: forward and back by line, update and episode, until something happens, to a step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from scenarios.lessons.explain_deep import metric_name
from scenarios.lessons.lesson import Condition
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.until import (
    CellUpdated,
    ErrorAbove,
    GreedyPolicyChanges,
    MetricAbove,
    ReturnOf,
    episode_ends,
    learns,
)
from scenarios.lessons.words import Direction
from tui.lesson.dialogs import Choices, Field, Form
from tui.lesson.player import Way
from tui.lesson.quiz import VERBS
from tui.lesson.session import Session

SLICE = 0.012  # seconds
FURTHEST = 10**12  # steps


def play(session: Session) -> None:
    """Play or pause."""
    if session.player.busy:
        session.halt()
    elif session.lesson.ended:
        session.message = session.why_ended()
    else:
        session.player.play()


def step(session: Session) -> None:
    """One update forward; a question that is open has to be answered first."""
    _move(session, session.lesson.forward)


def back(session: Session) -> None:
    """One update back."""
    _move_back(session, session.lesson.back)


def line(session: Session) -> None:
    """One source line forward."""
    _move(session, session.lesson.line_forward)


def line_out(session: Session) -> None:
    """Out of the function that is stepped through, or to the end of the update."""
    _move(session, session.lesson.line_out)


def line_back(session: Session) -> None:
    """One source line back."""
    _move_back(session, session.lesson.line_back)


def _move(session: Session, move: Callable[[], bool]) -> None:
    session.player.pause()
    if session.quiz.prompt is None:
        session.ask_or_do(move)
    else:
        session.message = session.quiz.prompt


def _move_back(session: Session, move: Callable[[], bool]) -> None:
    session.halt()
    if not move():
        session.message = "this is the start"


def episode(session: Session) -> None:
    """To the end of the episode, or sweep."""
    go_until(session, episode_ends, f"to the end of the {span_of(session)}", "")


def episode_back(session: Session) -> None:
    """To the end of the episode, or sweep, before."""
    _move_back(session, session.lesson.back_to_end)


def until(session: Session) -> None:
    """Ask until what to run."""
    if session.deep:
        session.dialog = deep_until(session)
        return
    stepper, span = session.lesson.focused, span_of(session)

    def policy() -> None:
        changes = GreedyPolicyChanges(stepper)
        go_until(session, changes, "until the greedy policy changes", "the greedy policy has changed")

    ends = partial(go_until, session, episode_ends, f"until the {span} ends", f"the {span} is over")
    options: list[tuple[str, Callable[[], None]]] = [
        (f"the {span} ends", ends),
        ("the greedy policy changes", policy),
        ("an error is large: |target − estimate| > x", partial(_ask_threshold, session)),
    ]
    if (cell := session.view.selected) is not None:
        place = "row {}, column {}".format(*divmod(cell, stepper.experiment.model.layout.columns))
        there = partial(go_until, session, CellUpdated(cell), f"until {place} is updated", f"{place} was updated")
        options.append((f"{place} is updated", there))
    session.dialog = Choices("Run until ...", tuple(options))


def deep_until(session: Session) -> Choices:
    """What a network can be run until."""
    span = span_of(session)
    options: list[tuple[str, Callable[[], None]]] = [
        (f"the {span} ends", partial(go_until, session, episode_ends, f"until the {span} ends", f"the {span} is over")),
        ("the network is updated", partial(go_until, session, learns, "until it learns", "the network was updated")),
        ("an episode's return is at least x", partial(_ask_return, session)),
    ]
    names = session.lesson.focused.ledger.names
    options += [(f"the {metric_name(name)} is above x", partial(_ask_metric, session, name)) for name in names[:6]]
    return Choices("Run until ...", tuple(options))


def _ask_return(session: Session) -> None:
    def take(texts: Sequence[str]) -> None:
        least = ReturnOf(number_in(texts[0], "the return"))
        go_until(session, least, f"until a return of {texts[0]}", f"an episode's return is at least {texts[0]}")

    finished = session.lesson.focused.ledger.finished
    best = f"{max(episode.total for episode in finished):g}" if finished else "1"
    session.dialog = Form("Run until a return is at least ...", (Field("return", best, "a number"),), take)


def _ask_metric(session: Session, name: str) -> None:
    def take(texts: Sequence[str]) -> None:
        above = MetricAbove(name, number_in(texts[0], "the threshold"))
        go_until(session, above, f"until {metric_name(name)} > {texts[0]}", f"{metric_name(name)} is above {texts[0]}")

    session.dialog = Form(
        f"Run until {metric_name(name)} is above ...", (Field("threshold", "1", "a number >= 0"),), take
    )


def _ask_threshold(session: Session) -> None:
    def take(texts: Sequence[str]) -> None:
        above = ErrorAbove(number_in(texts[0], "the threshold"))
        go_until(session, above, f"until |error| > {texts[0]}", f"this error is larger than {texts[0]}")

    session.dialog = Form(
        "Run until |target - estimate| is above ...", (Field("threshold", "1", "a number >= 0"),), take
    )


def go_until(session: Session, condition: Condition, title: str, happened: str) -> None:
    lesson = session.lesson
    hit = [False]

    def reached(stepper: Stepper) -> bool:
        hit[0] = condition(stepper)
        return hit[0]

    def arrived() -> str:
        if not hit[0]:
            return session.why_ended()
        return happened and f"step {lesson.step}: {happened}"

    session.go(Way(title, lambda seconds: lesson.run(seconds, until=reached), arrived), SLICE)


def jump(session: Session) -> None:
    """Ask to which step to go."""

    def take(texts: Sequence[str]) -> None:
        target = number_in(texts[0], "the step", whole=True)
        if not 0 <= target <= FURTHEST:
            raise ValueError(f"the step must be in [0, 10^12], got {texts[0]}")
        way = Way(f"to step {texts[0]}", partial(session.lesson.jump, int(target)), lambda: _arrived(session, target))
        session.go(way, SLICE)

    session.dialog = Form(
        "Jump to step ...", (Field("step", str(session.lesson.step), "a whole number from 0 on"),), take
    )


def _arrived(session: Session, target: float) -> str:
    return "" if session.lesson.step == target else session.why_ended()


def slower(session: Session) -> None:
    """One notch slower."""
    session.player.change_speed(-1)


def faster(session: Session) -> None:
    """One notch faster."""
    session.player.change_speed(1)


def predict(session: Session) -> None:
    """Ask before every update, or no more."""
    session.quiz.on = not session.quiz.on
    session.quiz.drop()
    session.message = (
        "predict: before each update say whether its estimate rises, falls or stays"
        if session.quiz.on
        else "no more questions"
    )


def answer(said: Direction) -> Callable[[Session], None]:
    """The command that gives an answer."""

    def command(session: Session) -> None:
        if session.quiz.question is not None:
            session.answer(said)
        else:
            session.message = f"p asks before every update; then this key says that the estimate {VERBS[said]}"

    return command


def span_of(session: Session) -> str:
    """What ends now and then: an episode, a sweep or an epoch."""
    family = session.lesson.focused.experiment.algorithm.family
    return {"planning": "sweep", "supervised": "epoch"}.get(family, "episode")


def number_in(text: str, name: str, whole: bool = False) -> float:
    try:
        return int(text.replace(" ", "").replace(",", "")) if whole else float(text)
    except ValueError:
        raise ValueError(f"{name} must be a {'whole ' if whole else ''}number, got {text!r}") from None
