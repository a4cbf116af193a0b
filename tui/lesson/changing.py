"""Commands that change what is learnt: settings, seed, and the cells of a gridworld of text."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from scenarios.configuration import SettingError, field_help, settings_of
from scenarios.runs.files import RunError, write_atomic
from scenarios.worlds.errors import WorldError
from scenarios.worlds.map_checks import FREE, WALL
from scenarios.worlds.maps import to_toml
from tui.lesson.dialogs import Choices, Field, Form
from tui.lesson.session import Session

MISTAKES = (SettingError, WorldError, RunError, ValueError, OSError)
GREEK = {"alpha": "α", "gamma": "γ", "epsilon": "ε", "theta": "θ"}
ALLOWED = {
    "alpha": "step size in (0, 1], or linear(START, END, EPISODES)",
    "gamma": "discount in [0, 1]",
    "epsilon": "exploration in [0, 1], or linear(START, END, EPISODES)",
    "theta": "stop below this change, >= 0",
}
SEEDS = 2**63


def settings(session: Session) -> None:
    """Ask for other settings, live from here on."""
    if session.deep:
        session.dialog = _which_setting(session)
        return
    now: dict[str, str] = {}
    for stepper in (session.lesson.focused, *session.lesson.steppers):
        own = settings_of(stepper.experiment.config)
        now |= {key: str(own[key]) for key in GREEK if key in own and key not in now}
    now = {key: now[key] for key in GREEK if key in now}

    def take(texts: Sequence[str]) -> None:
        given = {key: text.strip() for key, text in zip(now, texts, strict=True)}
        changed = {key: text for key, text in given.items() if text not in ("", now[key])}
        session.lesson.set(**changed)
        session.quiz.drop()
        if changed:
            said = ", ".join(f"{GREEK[key]} = {text}" for key, text in changed.items())
            session.message = f"{said} from step {session.lesson.step} on"

    fields = tuple(Field(f"{GREEK[key]} {key}", value, ALLOWED[key]) for key, value in now.items())
    session.dialog = Form("Settings, live from here on", fields, take)


def _which_setting(session: Session) -> Choices:
    """A network has too many settings for one form: ask which, then for its value."""
    now = settings_of(session.lesson.focused.experiment.config)
    options = ((f"{key} = {now[key]}", partial(_ask_setting, session, key)) for key in session.lesson.live_settings)
    return Choices("Change from here on ...", tuple(options)[:9])


def _ask_setting(session: Session, key: str) -> None:
    config = session.lesson.focused.experiment.config
    now = str(settings_of(config)[key])

    def take(texts: Sequence[str]) -> None:
        text = texts[0].strip()
        if text in ("", now):
            return
        session.lesson.set(**{key: text})
        session.quiz.drop()
        session.message = f"{key} = {text} from step {session.lesson.step} on"

    session.dialog = Form("Live from here on", (Field(key, now, field_help(type(config))[key]),), take)


def reset(session: Session) -> None:
    """Back to the start, on the same seed."""
    session.halt()
    session.lesson.reset()
    session.message = "the same lesson from the start"


def reseed(session: Session) -> None:
    """Ask for a seed and begin anew."""

    def take(texts: Sequence[str]) -> None:
        text = texts[0].strip()
        if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or not 0 <= int(text) < SEEDS:
            raise ValueError(f"the seed must be a whole number in [0, 2^63), got {text!r}")
        session.halt()
        session.lesson.reset(int(text))
        session.message = f"a new lesson on seed {int(text)}"

    seed = (session.lesson.focused.experiment.seed + 1) % SEEDS
    session.dialog = Form("Begin anew on another seed", (Field("seed", str(seed), "a whole number from 0 on"),), take)


def wall(session: Session) -> None:
    """A wall where the selected cell is, or a free cell where it is a wall."""
    cell = _selected(session)
    if cell is None:
        return
    symbol = _symbol(session, cell)
    _set_cell(session, cell, FREE if symbol == WALL else WALL)


def reward(session: Session) -> None:
    """Ask what entering the selected cell pays."""
    cell = _selected(session)
    if cell is None:
        return
    if session.lesson.map is None:
        session.lesson.set_cell(cell, FREE)  # raises the sentence that says why not

    def take(texts: Sequence[str]) -> None:
        _set_cell(session, cell, texts[0].strip())

    hint = (
        "a number ends the episode, and is paid on top of the living reward; . is free, # a wall, S a start, C a cliff"
    )
    session.dialog = Form("What entering this cell brings", (Field("reward", _symbol(session, cell), hint),), take)


def _selected(session: Session) -> int | None:
    if session.deep:
        session.message = "there are no cells to change here: only a gridworld of text has them"
    elif session.view.selected is None:
        session.message = "select a cell first: click on it, or press enter"
    return session.view.selected


def _symbol(session: Session, cell: int) -> str:
    world = session.lesson.map
    return "" if world is None else world.symbols[cell // len(world.symbols[0])][cell % len(world.symbols[0])]


def _set_cell(session: Session, cell: int, symbol: str) -> None:
    session.lesson.set_cell(cell, symbol)
    session.quiz.drop()
    warnings = session.lesson.focused.experiment.model.warnings
    session.message = warnings[0] if warnings else "the world has changed, and learning goes on"


def save(session: Session) -> None:
    """Ask where to write the world as it stands now."""
    world = session.lesson.map
    if world is None:
        raise WorldError("only a gridworld of text can be saved: open one with rltop learn gridworld")
    warned: set[str] = set()

    def take(texts: Sequence[str]) -> None:
        path = os.path.expanduser(texts[0].strip())
        if not path:
            raise ValueError("the file needs a name")
        if os.path.exists(path) and not os.path.isfile(path):
            raise ValueError(f"{path} is no file: choose another name")
        if os.path.exists(path) and path not in warned:
            warned.add(path)
            raise ValueError(f"{path} exists already: enter once more to replace it")
        write_atomic(Path(path), [to_toml(world).encode()])
        session.message = f"saved: rltop learn gridworld --world {path}"

    name = re.sub(r"[^a-z0-9]+", "-", world.name.lower()).strip("-")[:40] or "world"
    session.dialog = Form("Save this world", (Field("file", f"{name}.toml", "a path; TOML"),), take)
