"""Random keys, clicks and pastes on every screen: nothing raises, and no run is touched but by commands."""

import random

import pytest
from rich.style import Style
from screens import QUICK_FIRST, SCREENS, opened
from textual import events

from scenarios.runs.collection import Collection
from scenarios.runs.control import ControlReader
from scenarios.runs.directory import Run, read_result
from tests.tui.driving import send_key, settle, text_of

NAMED = [
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "tab",
    "shift+tab",
    "enter",
    "escape",
    "backspace",
    "delete",
    "space",
    "f1",
    "f5",
    "ctrl+p",
    "ctrl+t",
    "ctrl+s",
    "ctrl+d",
    "ctrl+u",
    "shift+up",
    "shift+down",
    "shift+left",
    "shift+right",
]
SIGNS = [chr(code) for code in range(0x21, 0x7F) if chr(code) != "q"]  # q leaves
PASTES = (
    "",
    "0.5",
    "linear(1, 0, 10)",
    "[/b][red]",
    "\x1b[2J\x07\x9b5n",
    "\u202egnp.exe",
    "漢é\u200b" * 20,
    "9" * 3000,
)


def click(app, chance):
    """Press and release the mouse somewhere, or turn its wheel."""
    width, height = app.size
    x, y = chance.randrange(max(1, width)), chance.randrange(max(1, height))
    kinds = chance.choice(
        ((events.MouseDown, events.MouseUp), (events.MouseScrollDown,), (events.MouseScrollUp,), (events.MouseMove,))
    )
    for kind in kinds:
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, x, y, Style()))


def act(app, chance):
    """Do one thing at random."""
    kind = chance.random()
    if kind < 0.08:
        click(app, chance)
    elif kind < 0.10:
        app.post_message(events.Paste(chance.choice(PASTES)))
    else:
        send_key(app, chance.choice(NAMED if chance.random() < 0.45 else SIGNS))


@pytest.mark.parametrize("screen", QUICK_FIRST)
@pytest.mark.parametrize("count", [40, pytest.param(10_000, marks=pytest.mark.slow)])
async def test_nothing_the_monkey_does_raises(homes, runs_for, screen, count, monkeypatch):
    started = []
    monkeypatch.setattr("tui.live.asking.start", lambda run, **how: started.append(run) or 1)
    chance, runs = random.Random(count), runs_for(screen)
    opens, _ = SCREENS[screen]
    before = {path.parent: path.read_bytes() for path in runs.glob("*/result.json")}
    async with opened(opens(runs), (100, 30)) as pilot:
        app = pilot.app
        for number in range(count):
            act(app, chance)
            if number % 5 == 0:
                await settle(pilot, 30)
            if number % 60 == 0:
                await pilot.resize_terminal(chance.randint(60, 200), chance.randint(18, 60))
            if number % 25 == 0:  # back to the screen itself, so that it is met as often as what it opens
                app.post_message(events.Key("escape", "\x1b"))
            assert app.mistake is None
            assert app.code is None, "a key has ended the app"
        await settle(pilot, 30)
        assert text_of(app).strip()
    found = Collection([runs])
    found.poll()
    for run in [Run(row.path, row.manifest) for row in found.rows if row.manifest]:
        assert all(not isinstance(command, str) for command in ControlReader(run.control).poll())
        if run not in started:
            assert run.result.read_bytes() == before[run.path]
            assert read_result(run) is not None
