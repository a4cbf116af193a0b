"""What the learner can do with an expression: go through it, look at it, change it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scenarios.lessons.autodiff.checking import check as check_gradients
from scenarios.lessons.autodiff.checking import summary
from scenarios.lessons.autodiff.examples import EXAMPLES
from scenarios.lessons.autodiff.recording import value_text
from scenarios.lessons.explain import number
from tui.autodiff.session import SPEEDS, Session
from tui.lesson.dialogs import Field, Form

PAN = 8, 16  # rows and columns that a key moves the graph by
LARGEST_RATE = 1e6


def play(session: Session) -> None:
    """Play or pause."""
    if session.playing:
        session.halt()
    else:
        session.play()


def step(session: Session) -> None:
    """One step forward."""
    session.halt()
    session.step()


def back(session: Session) -> None:
    """One step back."""
    session.halt()
    session.back()


def end(session: Session) -> None:
    """To the end of this pass."""
    session.halt()
    if session.lesson.to_end():
        session.moved()
    else:
        session.step()


def start(session: Session) -> None:
    """Back to the beginning of this pass."""
    session.halt()
    if session.lesson.to_start():
        session.moved()
    else:
        session.back()


def slower(session: Session) -> None:
    """One notch slower."""
    session.speed = max(0, session.speed - 1)


def faster(session: Session) -> None:
    """One notch faster."""
    session.speed = min(len(SPEEDS) - 1, session.speed + 1)


def pan(down: int, right: int) -> Callable[[Session], None]:
    """Moves the graph in its pane."""

    def command(session: Session) -> None:
        row, col = session.view.pan
        session.view.pan = row + down * PAN[0], col + right * PAN[1]

    return command


def text(session: Session) -> None:
    """What the expression teaches, or the step again."""
    session.view.text = not session.view.text


def check(session: Session) -> None:
    """The gradients against finite differences, or without them again."""
    session.halt()
    if session.checks:
        session.checks = []
        return
    session.checks = check_gradients(session.lesson.program, session.lesson.recording)
    if all(one.verdict == "agrees" for one in session.checks):
        worst = max(one.error for one in session.checks)
        session.say(f"tape and central difference agree: the largest error is {number(worst)}")
    else:
        session.say(summary(session.checks))


def descend(session: Session) -> None:
    """A step down the gradient."""
    session.halt()
    before = session.lesson.recording.loss
    session.lesson.descend()
    session.moved()
    session.checks = []
    after = session.lesson.recording.loss
    session.say(
        f"result {number(before)} → {number(after)}: x ← x − η ∂x with η = {session.lesson.rate:g}; G takes it back"
    )


def undo(session: Session) -> None:
    """The values before these."""
    session.halt()
    session.checks = []
    session.say("" if session.lesson.undo() else "these are the values that were typed")


def rate(session: Session) -> None:
    """Asks for η."""

    def take(texts: Sequence[str]) -> None:
        try:
            value = float(texts[0])
        except ValueError:
            raise ValueError(f"η must be a number, got {texts[0]!r:.40}") from None
        if not 0 < value <= LARGEST_RATE:
            raise ValueError(f"η must be in (0, {LARGEST_RATE:g}], got {texts[0]}")
        session.lesson.rate = value

    allowed = f"a number in (0, {LARGEST_RATE:g}]: how far g goes down the gradient"
    session.dialog = Form("Step size", (Field("η", f"{session.lesson.rate:g}", allowed),), take)


def value(session: Session) -> None:
    """Asks for another value of the selected input."""
    node = session.looked_at
    if node.kind not in ("variable", "given"):
        session.say("choose an input with the arrows: enter then changes its value")
        return

    def take(texts: Sequence[str]) -> None:
        session.lesson.change(node.name, texts[0])
        session.halt()
        session.checks = []
        session.moved()

    allowed = "a number" if node.value.ndim == 0 else "as many numbers, as [1, 2] or [1, 2; 3, 4]"
    session.dialog = Form(f"Another value for {node.name}", (Field(node.name, value_text(node.value), allowed),), take)


def edit(session: Session) -> None:
    """Asks for another expression."""
    session.halt()
    session.editing = True


def example(by: int) -> Callable[[Session], None]:
    """The next example, or the one before."""

    def command(session: Session) -> None:
        places = [place for place, other in enumerate(EXAMPLES) if other is session.example]
        place = (places[0] + by if places else 0) % len(EXAMPLES)
        session.open(EXAMPLES[place].text)
        session.say(f"example {place + 1} of {len(EXAMPLES)}: {EXAMPLES[place].title}")

    return command


def reset(session: Session) -> None:
    """To the values that were typed, before the first step."""
    session.halt()
    session.lesson.restart()
    session.checks = []
    session.select(None)
