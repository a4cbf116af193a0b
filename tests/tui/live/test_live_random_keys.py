"""Whatever is pressed and typed into the live screen: nothing raises, and nothing but commands is written."""

from __future__ import annotations

import random

import pytest
from textual.widgets import Input

from scenarios.runs.control import parse
from tests.tui.driving import SIZES, send_key
from tests.tui.live.fake_run import control_lines, ended, learning, new_run, opened
from tui.live.keys import bindings

KEYS = [key for binding in bindings() for key in binding.key.split(",") if key != "q"]
KEYS += ["question_mark", "w", "0", "5", "f5", "ctrl+a", "ctrl+t", "y"]
ANSWERS = ("7", "0.5", "-1", "linear(0.5, 0.1, 50)", "nan", "[/b]", "\x1b[31m", "9" * 300, "")


@pytest.mark.parametrize("count", [30, pytest.param(300, marks=pytest.mark.slow)])
@pytest.mark.parametrize("size", [SIZES[0], SIZES[2]], ids=lambda size: "{}x{}".format(*size))
async def test_random_keys_never_raise(size, count, tmp_path, monkeypatch):
    """Many keys; leaving is none; dialogs are filled in at random, the run ends, the window changes its size."""
    monkeypatch.setattr("tui.live.asking.start", lambda run, *, resume: 1)
    monkeypatch.setattr("tui.live.asking.leave", lambda session, *, ask: None)
    rng = random.Random(size[0])
    run = new_run(tmp_path)
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    async with opened(learning(run), size, moves=True) as d:
        for number in range(count):
            send_key(d.app, rng.choice(KEYS))
            if number % 20 == 0 or d.on_top is not d.app.live:
                await d.settle()
            if d.on_top is not d.app.live:
                for line in d.on_top.query(Input):
                    line.value = rng.choice(ANSWERS)
                await d.press(rng.choice(("enter", "escape", "1", "2")))
                while d.on_top is not d.app.live:
                    await d.press("escape")
            if number % 30 == 29:
                changed = rng.choice(
                    ({"status": "paused"}, {"status": "dead"}, {"status": "solved", "result": ended("solved")})
                )
                d.app.follower.tell("status", **changed)
                await d.pilot.resize_terminal(rng.randrange(1, 220), rng.randrange(1, 70))
                await d.settle()
                await d.pilot.resize_terminal(*size)
        await d.settle()
        assert d.app.code is None
    for line in control_lines(run):
        parse(line.encode())
    after = {path.name: path.read_bytes() for path in run.path.iterdir() if path.name != "control.jsonl"}
    assert after == before
