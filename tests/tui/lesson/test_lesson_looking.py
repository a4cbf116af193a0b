"""Looking at a lesson: layers, curves, difference, focus, cells, panes, the text, the footer, small windows."""

from __future__ import annotations

import pytest

from tests.tui.driving import SMALL_FIRST
from tests.tui.lesson.lesson_app import opened
from tui.drawing.board import Layer
from tui.help.keys import key_lines
from tui.lesson.keys import COMMANDS, KEYS
from tui.lesson.layout import LOWER, PANES, is_small
from tui.memory import ViewMemory

pytestmark = pytest.mark.parametrize("size", SMALL_FIRST, ids=["80x24", "120x40", "200x60"])


async def test_layers(size):
    async with opened(size) as d:
        await d.press(".", "e")
        await d.until(lambda: not d.session.busy)
        shown = {d.session.view.layer: d.text("world")}
        for _ in range(4):
            await d.press("v")
            shown[d.session.view.layer] = d.text("world")
            assert d.app.told[-1].layer == d.session.view.layer
        assert set(shown) == set(Layer)
        assert len(set(shown.values())) == 5
        for layer, text in shown.items():
            assert f"Q-learning: {layer}" in text
        await d.press("V")
        assert d.text("world") == shown[Layer.VISITS]
        await d.press("v", "v")
        assert d.text("world") == shown[Layer.VALUE]


async def test_a_remembered_look_comes_back(size):
    memory = ViewMemory(layer="policy", speed=100.0, metric="length", predict=True, pane="curves")
    async with opened(size, memory=memory) as d:
        assert "Q-learning: policy" in d.text("world")
        assert d.session.player.speed == 100
        await d.press(".")
        assert d.session.quiz.question is not None
        assert "length per episode" in d.text("curves")
        assert d.session.memory == memory
        assert d.app.told == []
    async with opened(size, memory=ViewMemory(layer="colour", speed=7e5, metric="", pane="text")) as d:
        assert d.session.view.layer is Layer.VALUE
        assert d.session.view.metric == "return"
        await d.press("p", "tab")
        assert d.app.told[-1].predict
        assert d.app.told[-1].pane == (LOWER[1] if is_small(*size) else LOWER[0])


async def test_curves_of_return_and_length(size):
    async with opened(size, "frozenlake", "q-learning") as d:
        await d.press(".", "j")
        await d.fill_in("200")
        await d.until(lambda: not d.session.busy)
        assert "return per episode" in await d.show("curves")
        before = d.text("curves")
        await d.press("c")
        assert "length per episode" in d.text("curves")
        assert d.text("curves") != before
        assert d.app.told[-1].metric == "length"
        await d.press("c")
        assert d.text("curves") == before


async def test_sweeps_have_a_curve_too(size):
    async with opened(size, "gridworld", "policy-evaluation") as d:
        for key in (".", "e", "e", "c"):
            await d.press(key)
            await d.until(lambda: not d.session.busy)
        assert "planning has sweeps" in d.text("header")
        assert "largest change per sweep" in await d.show("curves")


async def test_difference_and_focus_of_two(size):
    async with opened(size, "cliffwalking", "q-learning", "sarsa") as d:
        await d.press(".", "j")
        await d.fill_in("250")
        await d.until(lambda: not d.session.busy)
        assert "► Q-learning" in d.text("world")
        before = d.text("world")
        await d.press("d")
        assert "− " in d.text("world").split("\n")[0]
        assert d.text("world") != before
        assert "SARSA: V" in d.text("world2")
        await d.press("v")
        assert not d.session.view.difference
        await d.press("V", "f")
        assert d.lesson.focus == 1
        assert "► SARSA" in d.text("world2")
        assert "of SARSA" in await d.show("update")
        await d.press("f")
        assert d.text("world") == before


async def test_one_has_no_difference_and_no_other(size):
    async with opened(size) as d:
        await d.press("d")
        assert "a difference needs two algorithms" in d.text("header")
        await d.press("f")
        assert "there is one algorithm" in d.text("header")


async def test_a_cell_by_keys(size):
    async with opened(size) as d:
        await d.press(".", "enter")
        assert d.session.view.selected == 36
        assert "row 3, column 0" in await d.show("inspector")
        await d.press("up", "right", "right", "down", "left")
        assert d.session.view.selected == 37
        assert d.lesson.step == 1
        await d.press("enter", "right")  # kept: the arrows step again
        assert d.session.view.selected == 37
        assert d.lesson.step == 2
        await d.press("shift+up", "shift+left", "shift+left", "shift+up", "shift+right", "shift+down")
        assert d.session.view.selected == 25
        assert "row 2, column 1" in await d.show("inspector")
        await d.press("enter")
        assert d.session.view.selected is None
        await d.press("enter", "up", "escape")
        assert d.session.view.selected is None
        assert d.app.left == 0


async def test_a_cell_by_mouse(size):
    async with opened(size, "cliffwalking", "q-learning", "sarsa") as d:
        await d.press(".")
        pane = d.screen.query_one("#world2")
        spots = {
            pane.cell_at(row, col): (row, col) for row in range(pane.size.height) for col in range(pane.size.width)
        }
        assert set(range(48)) <= set(spots)
        row, col = spots[17]
        await d.pilot.click("#world2", offset=(col, row))
        assert d.session.view.selected == 17
        assert d.lesson.focus == 1
        assert d.screen.focused is pane
        assert "row 1, column 5" in await d.show("inspector")
        await d.pilot.click("#world2", offset=(col, row))
        assert d.session.view.selected is None


async def test_tab_leads_through_the_panes_and_keys_work_everywhere(size):
    async with opened(size, "cliffwalking", "q-learning", "sarsa") as d:
        await d.press(".")
        seen = []
        for step in range(2, 9):
            await d.press("tab")
            focused = d.screen.focused.id
            seen.append(focused)
            assert "━" in d.text(focused).split("\n")[0]
            assert sum("━" in d.text(name).split("\n")[0] for name in PANES if d.text(name)) == 1
            await d.press(".")
            assert d.lesson.step == step
        if is_small(*size):
            assert seen == [*LOWER[1:], LOWER[1], LOWER[2], LOWER[3]]
            assert all(d.text(name) == "" for name in LOWER if name != d.session.view.lower)
        else:
            assert seen[:5] == ["world", "world2", "source", "update", "curves"]
        await d.press("shift+tab")
        assert d.screen.focused.id == seen[-2]
        assert d.lesson.step == 8


async def test_a_click_focuses_a_pane(size):
    async with opened(size) as d:
        await d.press(".")
        await d.pilot.click("#update", offset=(5, 2))
        assert d.screen.focused.id == "update"
        assert "━" in d.text("update")


async def test_the_text_comes_back_scrolls_and_goes(size):
    async with opened(size, "taxi", "q-learning") as d:
        first = d.text("text")
        assert "Taxi" in first
        await d.press("down", "down", "pagedown")
        assert d.session.view.text
        scrolled = d.text("text") != first
        assert scrolled == ("▾" in first)
        await d.press("pageup", "pageup")
        assert d.text("text") == first
        await d.press("v")
        assert not d.session.view.text
        await d.press("i")
        assert d.text("text") == first
        await d.press("i")
        assert d.text("text") == ""
        assert d.lesson.step == 0


async def test_escape_lets_go_and_then_leaves(size):
    async with opened(size) as d:
        await d.press(".", "i", "escape")
        assert not d.session.view.text
        assert d.app.left == 0
        await d.press("escape")
        assert d.app.left == 1


async def test_the_footer_says_what_matters_and_can_be_clicked(size):
    async with opened(size) as d:
        footer = d.text("footer")
        for word in ("play", "step", "back", "line"):
            assert word in footer
        col = footer.index("step")
        await d.pilot.click("#footer", offset=(col, 0))
        assert d.lesson.step == 1
        await d.pilot.click("#footer", offset=(footer.index(" back") + 2, 0))
        assert d.lesson.step == 0


async def test_all_keys_are_on_the_help_screen_and_can_be_bound_anew(size):
    async with opened(size) as d:
        lines = {line.id: line for line in key_lines(d.screen)}
        assert {f"lesson.{key.id}" for key in KEYS} <= set(lines)
        assert len(COMMANDS) == len(KEYS)
        assert lines["lesson.step"].does == "one update forward"
        d.app.set_keymap({"lesson.step": "n"})
        await d.press(".")
        assert d.lesson.step == 0
        await d.press("n")
        assert d.lesson.step == 1
        assert "n step" in d.text("footer")


async def test_windows_of_any_size(size):
    async with opened(size, "cliffwalking", "q-learning", "sarsa") as d:
        await d.press(".", ".", "enter")
        sizes = [
            (59, 24),
            (80, 17),
            (60, 18),
            (1, 1),
            (5, 40),
            (99, 29),
            (100, 30),
            (160, 48),
            (159, 200),
            (400, 30),
            size,
        ]
        for width, height in sizes:
            await d.pilot.resize_terminal(width, height)
            await d.settle()
            await d.press(".", ",")
            if width < 60 or height < 18:
                assert (
                    f"the terminal is {width}x{height}"[:width]
                    == d.text("header")[: len(f"the terminal is {width}x{height}")]
                )
                assert not d.text("world")
            else:
                assert "step 2" in d.text("header")
                assert "SARSA" in d.text("world2")
        assert d.lesson.step == 2
