"""Changing what is learnt by keys: settings, seed, walls, rewards, saving; and how mistakes are told."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from textual.widgets import Static

from scenarios.experiment import prepare
from scenarios.worlds.maps import build_map, parse_map, read_map
from tests.tui.driving import SMALL_FIRST
from tests.tui.lesson.lesson_app import experiments, opened
from tui.lesson.forms import FormScreen

pytestmark = pytest.mark.parametrize("size", SMALL_FIRST, ids=["80x24", "120x40", "200x60"])

HOSTILE = "[/b][red]\\u001b[31mworld\\u202e"


def book(*algorithms):
    return experiments("gridworld", *algorithms, world="book")


async def test_alpha_gamma_epsilon_live(size):
    async with opened(size, "cliffwalking", "q-learning", "sarsa") as d:
        await d.press(".", ".", "a")
        assert isinstance(d.on_top, FormScreen)
        assert "alpha must be in (0, 1], got 2" in await d.fill_in("2", "0.9", "0.1")
        assert "gamma: expected a number, got 'x'" in await d.fill_in("0.5", "x", "0.1")
        assert [s.experiment.config.gamma for s in d.lesson.steppers] == [1.0, 1.0]
        assert await d.fill_in("0.25", "0.9", "linear(0.5, 0, 100)") == ""
        assert d.on_top is d.screen
        assert "α = 0.25, γ = 0.9, ε = linear(0.5, 0, 100) from step 2 on" in d.text("header")
        for stepper in d.lesson.steppers:
            assert (str(stepper.experiment.config.alpha), stepper.experiment.config.gamma) == ("0.25", 0.9)
        await d.press(".")
        event = d.lesson.focused.event
        assert np.allclose(event.new - event.old, 0.25 * (event.target - event.old))
        await d.press(",", ",")
        assert d.lesson.focused.experiment.config.gamma == 1.0


async def test_theta_of_planning(size):
    async with opened(size, "gridworld", "value-iteration") as d:
        await d.press("a")
        assert await d.fill_in("0.9", "0.001") == ""
        assert d.lesson.focused.experiment.config.theta == 0.001
        await d.press("a", "escape")
        assert d.lesson.focused.experiment.config.gamma == 0.9


async def test_reset_and_reseed(size):
    async with opened(size) as d:
        await d.press(".", ".", ".")
        third = d.lesson.focused.state.q.copy()
        await d.press("r")
        assert d.lesson.step == 0
        await d.press(".", ".", ".")
        assert (d.lesson.focused.state.q == third).all()
        await d.press("R")
        for wrong in ("-1", "one", "1e3", "9223372036854775808", "٣"):
            assert "the seed must be a whole number" in await d.fill_in(wrong)
        assert await d.fill_in("42") == ""
        assert d.lesson.step == 0
        assert d.lesson.focused.experiment.seed == 42
        assert "seed 42" in d.text("header")


async def test_a_wall_is_built_and_learning_goes_on(size):
    async with opened(size, prepared=book("q-learning", "sarsa")) as d:
        await d.press(".", ".", "w")
        assert "select a cell first" in d.text("header")
        await d.press("enter", "up", "right", "right", "enter")  # row 1, column 2
        assert d.session.view.selected == 6
        await d.press("w")
        assert d.lesson.map.symbols[1][2] == "#"
        assert "learning goes on" in d.text("header")
        assert d.lesson.step == 2
        for stepper in d.lesson.steppers:
            assert stepper.experiment.model.layout.walls[6]
        await d.press(".")
        assert d.lesson.step == 3
        await d.press("w")
        assert d.lesson.map.symbols[1][2] == "."


async def test_a_reward_is_set_and_a_mistake_costs_nothing(size):
    async with opened(size, prepared=book("value-iteration")) as d:
        await d.press(".", "enter", "enter", "$")
        hint = str(d.on_top.query_one(".hint", Static).content)
        assert "is paid on top of the living reward" in hint
        assert "unknown symbol 'gold'" in await d.fill_in("gold")
        assert await d.fill_in("+7") == ""
        assert d.lesson.map.symbols[0][0] == "+7"
        assert "+7" in d.text("world")
        await d.press("$")
        assert await d.fill_in(".") == ""
        assert d.lesson.map.symbols[0][0] == "."


async def test_the_only_start_cannot_be_walled(size):
    async with opened(size, prepared=book("q-learning")) as d:
        await d.press(".", "enter")
        while d.session.view.selected != 8:
            await d.press("left", "down")
        await d.press("enter", "w")
        assert "the map has no start" in d.text("header")
        assert d.lesson.map.symbols[2][0] == "S"
        assert d.lesson.step == 1


async def test_a_goal_out_of_reach_is_told(size):
    async with opened(size, prepared=book("q-learning")) as d:
        for cell in (4, 9):
            d.session.view.selected = cell
            await d.press("w")
        assert "no terminal cell can be reached" in d.text("header")


async def test_other_worlds_cannot_be_changed_or_saved(size):
    async with opened(size, "frozenlake", "q-learning") as d:
        await d.press(".", "enter", "enter")
        for key in ("w", "$"):
            await d.press(key)
            assert d.on_top is d.screen
            assert "only a gridworld of text can be changed" in d.text("header")
        await d.press("ctrl+s")
        assert "only a gridworld of text can be saved" in d.text("header")


async def test_saving(size, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened(size, prepared=book("value-iteration")) as d:
        d.session.view.selected = 6
        await d.press("w", "ctrl+s")
        assert d.on_top.form.fields[0].value == "book-grid.toml"
        (tmp_path / "there.toml").write_text("mine")
        assert "exists already" in await d.fill_in("there.toml")
        assert (tmp_path / "there.toml").read_text() == "mine"
        assert "exists already" in await d.fill_in("./there.toml")  # said for every name
        assert "no file" in await d.fill_in(str(tmp_path))
        assert "needs a name" in await d.fill_in("  ")
        assert "cannot be written" in await d.fill_in("nowhere/world.toml")
        assert "cannot be written" in await d.fill_in("x" * 300)
        assert await d.fill_in("there.toml") == ""
        assert read_map(tmp_path / "there.toml") == d.lesson.map
        assert "saved: rltop learn gridworld --world there.toml" in d.text("header") or size == (80, 24)
        await d.press("ctrl+s")
        assert await d.fill_in("new.toml") == ""
        assert read_map(tmp_path / "new.toml").symbols[1][2] == "#"
        assert sorted(path.name for path in tmp_path.iterdir()) == ["new.toml", "there.toml"]


async def test_names_from_files_are_shown_and_not_obeyed(size):
    world = parse_map(f'name = "{HOSTILE}"\nmap = """\nS . +1\n"""\n', "[/red]")
    experiment = prepare("gridworld", "q-learning", seed=1)
    experiment = dataclasses.replace(experiment, model=build_map(world))
    async with opened(size, prepared=[experiment]) as d:
        await d.press(".", "enter", "enter", "ctrl+s")
        await d.press("escape", "$")
        assert "[/nope]" in await d.fill_in("[/nope]")
        assert "\x1b" not in await d.fill_in("\x1b[31m[bold]")
        await d.press("escape")
        for name in ("header", "world", "footer"):
            assert "\x1b" not in d.text(name)
            assert "\u202e" not in d.text(name)
