"""What can be asked of a run that learns: every command is a line in its control file, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from scenarios.configuration import SettingError
from scenarios.runs.collection import DAMAGED
from scenarios.runs.control import Command, changed
from scenarios.runs.files import RunError
from scenarios.runs.resume import CANNOT_GO_ON, check_resumable, how_it_goes_on
from scenarios.runs.trainer import start
from tui.lesson.dialogs import Choices, Field, Form
from tui.live import scrubbing
from tui.live.facts import setting_text, value_now
from tui.live.session import Session


def pause(session: Session) -> None:
    """Pause, or go on; of a run that has ended, play what was recorded."""
    session.stepping = False
    if not session.seen.learns:
        scrubbing.play(session)
    elif session.seen.status == "paused":
        session.ask(Command("resume"), "asked to go on")
    else:
        session.ask(Command("pause"), "asked to pause")


def step(session: Session) -> None:
    """One update, and then a pause."""
    session.stepping = session.ask(Command("step", n=1), "asked for one update")


def checkpoint(session: Session) -> None:
    """Write a checkpoint now."""
    session.ask(Command("checkpoint"), "asked for a checkpoint")


def evaluate(session: Session) -> None:
    """Try the greedy policy out now."""
    session.ask(Command("evaluate"), "asked for a greedy evaluation")


def stop(session: Session) -> None:
    """End the run, after a question."""
    if not session.seen.learns:
        return session.say(f"{session.why_not()}: there is nothing to stop", mistake=True)
    name = session.facts.run.path.name
    session.dialog = Choices(
        f"Stop {name}?",
        (
            ("go on learning", lambda: None),
            ("stop it: what was learnt is kept, rltop resume goes on with it", lambda: _stop(session)),
        ),
    )
    return None


def _stop(session: Session) -> None:
    session.ask(Command("stop"), "asked to stop")


def settings(session: Session) -> None:
    """Choose a setting to change while the run learns."""
    if not session.seen.learns:
        return session.say(f"{session.why_not()}: its settings are what they are", mistake=True)
    keys = session.facts.changeable
    if not keys:
        return session.say("nothing can be changed while this run learns", mistake=True)
    width = max(map(len, keys))
    session.dialog = Choices(
        "Change a setting from here on",
        tuple((f"{key:<{width}}  {_now(session, key)}", _form_for(session, key)) for key in keys),
    )
    return None


def _now(session: Session, key: str) -> str:
    """A setting's value, and where it is scheduled what it is now."""
    config = session.config
    value, said = getattr(config, key), session.seen.said
    steps = 0 if said is None else said.progress.env_steps
    if session.facts.family == "tabular":
        steps = 0 if said is None else said.progress.episodes // session.facts.run.manifest.lanes
    number = value_now(config, key, steps)
    text = setting_text(number)
    return text if str(value) == text or number is None or "(" not in str(value) else f"{text}  of {value}"


def _form_for(session: Session, key: str) -> Callable[[], None]:
    def open_form() -> None:
        value = str(getattr(session.config, key))
        field = Field(key, value, session.facts.help_of(key))
        session.dialog = Form(f"Change {key}", (field,), take)

    def take(texts: Sequence[str]) -> None:
        change_setting(session, key, texts[0].strip())

    return open_form


def change_setting(session: Session, key: str, text: str) -> None:
    """Ask for another value of a setting; raises SettingError, one sentence, where it cannot be that."""
    if len(text) > 200:
        raise SettingError(f"{key} takes a number or a schedule, got {len(text)} characters")
    changed(session.config, key, text)
    session.ask_to_change(key, text)


def resume(session: Session) -> None:
    """Let a trainer go on with a run that nobody works on, after a question."""
    status, name = session.seen.status, session.facts.run.path.name
    if session.seen.learns or not status:
        return session.say("it is learning already" if status else session.why_not(), mistake=True)
    if status == DAMAGED:
        return session.say(session.seen.fault or session.why_not(), mistake=True)
    if status in CANNOT_GO_ON:
        return session.say(f"the run is {status}: start a new one with rltop train", mistake=True)
    session.dialog = Choices(
        f"Go on with {name}?",
        (
            (f"it {how_it_goes_on(session.seen.checkpoint)}", lambda: _resume(session)),
            ("leave it as it is", lambda: None),
        ),
    )
    return None


def _resume(session: Session) -> None:
    run = session.facts.run

    def begin() -> str:
        try:
            check_resumable(run)
            return f"learns again in process {start(run, resume=True)}"
        except RunError as error:
            return str(error)

    session.say("starting a trainer")
    session.background = begin


def leave(session: Session, *, ask: bool) -> None:
    """Leave the run to itself; where it was started from here and learns, it may also be stopped."""
    if not (ask and session.seen.learns):
        session.leaving = True
        return

    def go(stops: bool) -> None:
        if stops:
            _stop(session)
        session.leaving = True

    session.dialog = Choices(
        f"Leave {session.facts.run.path.name}?",
        (
            ("it goes on learning: rltop attach follows it again", lambda: go(False)),
            ("stop it: rltop resume goes on with it", lambda: go(True)),
            ("stay here", lambda: None),
        ),
    )
