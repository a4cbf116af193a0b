"""The way through the app: picker, lesson, help, palette, and out."""

import time

import pytest
from textual import events

from scenarios.runs.metrics import METRICS
from tests.tui.driving import SIZES, SMALL_FIRST, press, settle, text_of
from tui.app import RltopApp, all_bindings
from tui.help.page import Page
from tui.help.palette import Palette
from tui.help.screen import HelpScreen
from tui.help.small import TooSmallScreen
from tui.help.themes import DARK, LIGHT
from tui.lesson.messages import ViewChanged
from tui.lesson.screen import LessonScreen
from tui.memory import Memory, ViewMemory
from tui.messages import ScreenViewChanged
from tui.picker.choice import Choice, prepare_lesson
from tui.picker.menu import Menu
from tui.picker.screen import PickerScreen

pytestmark = pytest.mark.usefixtures("home")


def cliff_lesson() -> RltopApp:
    return RltopApp(prepare_lesson(Choice("cliffwalking", ("q-learning", "sarsa"), seed=7)))


@pytest.mark.parametrize("size", SIZES)
async def test_a_chosen_lesson_opens_paused_at_its_start_and_q_comes_back(size):
    app = RltopApp()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "down", "tab", "down", "down", "down", "space")
        await settle(pilot)
        await press(pilot, "enter")
        lesson = await settle(pilot)
        assert isinstance(lesson, LessonScreen)
        steppers = lesson.session.lesson.steppers
        assert [s.experiment.algorithm.name for s in steppers] == ["q-learning", "sarsa"]
        assert [s.experiment.scenario.name for s in steppers] == ["cliffwalking"] * 2
        assert [s.experiment.seed for s in steppers] == [0, 0]
        assert lesson.session.lesson.step == 0
        assert not lesson.session.busy
        await press(pilot, "full_stop", "full_stop")
        assert lesson.session.lesson.step == 2
        await press(pilot, "q")
        assert isinstance(await settle(pilot), PickerScreen)
        await press(pilot, "q")  # nothing is lost, nothing is asked
        await settle(pilot)
    assert app.return_code == 0
    assert (app.memory.scenario, app.memory.algorithms) == ("cliffwalking", ("q-learning", "sarsa"))


async def test_enter_does_not_wait_for_the_world_to_be_ready():
    async with RltopApp().run_test() as pilot:
        await settle(pilot)
        await press(pilot, "down", "enter")
        lesson = await settle(pilot)
        assert isinstance(lesson, LessonScreen)
        assert lesson.session.lesson.focused.experiment.scenario.name == "cliffwalking"


async def test_a_lesson_from_the_command_line_has_no_picker_behind_it():
    app = cliff_lesson()
    async with app.run_test() as pilot:
        assert isinstance(await settle(pilot), LessonScreen)
        await press(pilot, "q")
        await settle(pilot)
    assert app.return_code == 0


async def test_a_lesson_that_comes_from_the_picker_twice_begins_anew():
    async with RltopApp().run_test() as pilot:
        await settle(pilot)
        await press(pilot, "enter")
        await settle(pilot)
        await press(pilot, "full_stop", "q")
        await settle(pilot)
        await press(pilot, "enter")
        lesson = await settle(pilot)
        assert lesson.session.lesson.step == 0


async def test_how_a_lesson_is_looked_at_is_remembered():
    app = RltopApp(prepare_lesson(Choice("gridworld")), Memory(view=ViewMemory(layer="policy", speed=10.0)))
    async with app.run_test() as pilot:
        lesson = await settle(pilot)
        assert lesson.session.memory == ViewMemory(layer="policy", speed=10.0)
        await press(pilot, "right_square_bracket", "v")
        await settle(pilot)
        assert app.memory.view.speed > 10.0
        assert app.memory.view.layer != "policy"
        lesson.post_message(ViewChanged(ViewMemory(metric="length")))
        await settle(pilot)
        assert app.memory.view.metric == "length"


async def test_how_other_screens_are_looked_at_is_remembered():
    app = RltopApp(memory=Memory(screens={"live": {"axis": "steps"}, "monitor": {"sort": "age"}}))
    async with app.run_test() as pilot:
        screen = await settle(pilot)
        screen.post_message(ScreenViewChanged("live", {"axis": "seconds"}))
        await settle(pilot)
    assert app.memory.screens == {"live": {"axis": "seconds"}, "monitor": {"sort": "age"}}


async def test_a_run_that_cannot_be_read_is_a_sentence(tmp_path):
    app = RltopApp()
    async with app.run_test() as pilot:
        await settle(pilot)
        app.open_run(tmp_path / "no\x1b[31msuch")
        assert isinstance(await settle(pilot), PickerScreen)
        (told,) = app._notifications
        assert "neither a run" in told.message
        assert "\x1b" not in told.message


@pytest.mark.parametrize("size", SMALL_FIRST)
async def test_help_lists_the_keys_that_are_bound(size):
    app = cliff_lesson()
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark")
        screen = await settle(pilot)
        assert isinstance(screen, HelpScreen)
        listed = {line.id for line in screen.lines}
        bound = {binding.id for binding in LessonScreen.BINDINGS}
        assert listed >= bound - {None}
        assert {"app.help", "app.quit"} <= listed
        words = " ".join(p.name + p.text for page in screen.query(Page) for p in page.paragraphs)
        for word in ("TD error", "lane", "keyframe", "exploration ε", "one update back", "goal"):
            assert word in words
        await press(pilot, "pagedown", "pageup", "down", "up", "escape")
        assert isinstance(await settle(pilot), LessonScreen)


@pytest.mark.parametrize("size", SMALL_FIRST)
async def test_all_of_the_help_can_be_reached(size):
    async with RltopApp().run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "question_mark")
        screen = await settle(pilot)
        text = ""
        for _ in range(24):
            text += "\n".join(str(page.cells) for page in screen.query(Page))
            await press(pilot, "pagedown")
        for words in ("picker.search", "TD error δ", "keyframe", "Where chance begins", "policy/entropy", "steps/s"):
            assert words in text


async def test_the_help_of_runs_begins_with_the_curves():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        pilot.app.push_screen(HelpScreen([], curves_first=True))
        screen = await settle(pilot)
        words = [paragraph.text for paragraph in screen.query_one("#words", Page).paragraphs]
        assert words.index("The curves") == 0 < words.index("Words and signs")
        for metric in METRICS:
            assert {metric.meaning, metric.healthy, metric.unhealthy} <= {*words}


async def test_the_palette_has_the_lessons_commands():
    app = cliff_lesson()
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await settle(pilot)
        await press(pilot, "ctrl+p")
        palette = await settle(pilot)
        assert isinstance(palette, Palette)
        names = {row.label for row in palette.query_one(Menu).rows}
        assert {"one update forward", "one update back", "back to the start", "quit", "help"} <= names
        await press(pilot, *"UPDATE forw", "down", "up")
        await settle(pilot)
        assert palette.query_one(Menu).current.label == "one update forward"
        await press(pilot, "enter", "enter")
        assert await settle(pilot) is lesson
        assert lesson.session.lesson.step == 1
        await press(pilot, "ctrl+p", *"no such", "enter", "escape")
        assert await settle(pilot) is lesson
        await press(pilot, "ctrl+p", *"quit", "enter")
        await settle(pilot)
    assert app.return_code == 0


async def test_every_binding_has_a_name_of_its_own_and_says_what_it_does():
    named = [binding for binding in all_bindings() if binding.id]
    assert len({binding.id for binding in named}) == len(named)
    assert all(binding.description for binding in named)
    assert all(binding.id for binding in all_bindings())


async def test_dark_and_light():
    app = RltopApp(memory=Memory(theme="rltop-light"))
    async with app.run_test() as pilot:
        await settle(pilot)
        assert app.theme == LIGHT.name
        await press(pilot, "ctrl+t")
        assert app.theme == DARK.name


async def test_a_window_that_becomes_too_small_asks_for_room_and_goes_on_when_it_has_it():
    app = cliff_lesson()
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await settle(pilot)
        await pilot.resize_terminal(40, 10)
        screen = await settle(pilot)
        assert isinstance(screen, TooSmallScreen)
        line = text_of(screen)
        assert "40x10" in line
        assert "60x18" in line
        await pilot.resize_terminal(30, 9)
        await settle(pilot)
        await pilot.resize_terminal(90, 30)
        assert await settle(pilot) is lesson
        assert len(app.screen_stack) == 2


async def test_control_c_ends_with_130():
    app = cliff_lesson()
    async with app.run_test() as pilot:
        await settle(pilot)
        await press(pilot, "space", "ctrl+c")
        await settle(pilot)
    assert app.return_code == 130


async def test_what_was_typed_before_has_no_effect_once_the_app_ends():
    app = RltopApp()
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(pilot)
        app.typed.append((time.monotonic(), events.Key("space", " ")))
        app.action_interrupt()
        assert not app.typed
        assert not await app.run_action("toggle_theme")
        assert app.theme == DARK.name
    assert app.code == 130


async def test_ascii_only_sends_nothing_else():
    app = RltopApp(ascii_only=True)
    async with app.run_test(size=(120, 40)) as pilot:
        for keys in ([], ["question_mark"], ["escape", "down", "enter"], ["full_stop"], ["question_mark"]):
            await press(pilot, *keys)
            screen = await settle(pilot)
            text = text_of(screen)
            assert text.isascii(), sorted(set(text) - set(map(chr, range(128))))


async def test_the_console_of_linux_is_drawn_in_ascii(monkeypatch):
    monkeypatch.setenv("TERM", "linux")
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        screen = await settle(pilot)
        text = text_of(screen)
        assert text.isascii()
        assert "Cart pole" in text


async def test_without_colour_nothing_has_one(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    app = RltopApp()
    async with app.run_test(size=(120, 40)) as pilot:
        for keys in ([], ["down", "enter"], ["full_stop"], ["question_mark"]):
            await press(pilot, *keys)
            screen = await settle(pilot)
            styles = [s.style for strip in screen._compositor.render_strips() for s in strip if s.style]
            colours = [c for style in styles for c in (style.color, style.bgcolor) if c is not None]
            assert all(colour.is_default for colour in colours)
