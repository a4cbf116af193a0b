"""The picker with its keys, at three sizes."""

import pytest

from tests.tui.driving import SIZES, SMALL_FIRST, press, settle, text_of
from tui.app import RltopApp
from tui.help.page import Page
from tui.memory import Memory
from tui.picker.about import SHELVES
from tui.picker.dialog import ValueDialog
from tui.picker.menu import Menu, rows_shown

pytestmark = pytest.mark.usefixtures("home")


def footer(screen) -> str:
    """The keys below, with one space between them."""
    return " ".join(text_of(screen).splitlines()[-1].split())


@pytest.mark.parametrize("size", SIZES)
async def test_everything_needed_is_seen(size):
    async with RltopApp().run_test(size=size) as pilot:
        screen = await settle(pilot)
        text = text_of(screen)
        listed = (
            "Gridworld",
            "Cliff walking",
            "Frozen lake",
            "Taxi",
            "Cart pole",
            "Lunar lander",
            "[x] Policy evaluation",
        )
        for words in (*listed, "[x] Policy evaluation", *(("seed", "fig4-1") if size[1] > 24 else ())):
            assert words in text
        for words in ("Values flow out from the goal", "What it teaches", "★"):
            assert words in text
        for key in ("enter", "space", "tab", "train", "runs", "help", "quit"):
            assert key in text.splitlines()[-1]


@pytest.mark.parametrize("size", SMALL_FIRST)
async def test_what_the_cursor_is_on_is_explained(size):
    async with RltopApp().run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "down")
        screen = await settle(pilot)
        assert "Cliff walking" in text_of(screen)
        assert screen.choice.scenario == "cliffwalking"
        await press(pilot, "tab", "down", "down", "down")
        assert "SARSA learns from experience" in text_of(screen)
        assert "Q(s,a)" in text_of(screen)
        await press(pilot, "tab", "tab", "tab")
        screen = await settle(pilot)
        assert "alpha = 0.5 (default)" in text_of(screen)
        assert "Step size" in text_of(screen)


async def test_every_setting_can_be_read_by_scrolling():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "down")
        screen = await settle(pilot)
        await press(pilot, "tab", "tab")
        texts = ""
        for _ in range(8):
            texts += text_of(screen)
            await press(pilot, "pagedown")
        for setting in screen.settings:
            assert f"{setting.key} = " in texts


async def test_moving_down_stays_in_the_lessons():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        await press(pilot, *["down"] * 23)
        assert screen.query_one(Menu).current.key == "other environment"
        last = SHELVES[-1][2][-1]
        assert screen.choice.scenario == last
        await press(pilot, "tab", "up")
        assert screen.choice.scenario == last  # up from the algorithms comes back to the chosen one
        assert screen.query_one(Menu).current.key == f"lesson {last}"
        await settle(pilot)


async def test_two_algorithms_are_chosen_with_the_space_bar():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "down", "tab", "down", "down", "down", "space")
        screen = await settle(pilot)
        assert screen.choice.algorithms == ("q-learning", "sarsa")
        assert "[1] Q-learning" in text_of(screen)
        assert "[2] SARSA" in text_of(screen)
        assert [e.algorithm.name for e in screen.ready.experiments] == ["q-learning", "sarsa"]


async def test_space_goes_through_the_options_and_delete_goes_back():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "down", "down", "tab", "tab", "tab", "space")
        screen = await settle(pilot)
        assert screen.query_one(Menu).current.key == "setting map_name"
        assert screen.ready.experiments[0].model.states == 64
        await press(pilot, "delete")
        assert (await settle(pilot)).ready.experiments[0].model.states == 16


async def test_a_value_is_asked_for_until_it_can_be_used():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "down", "tab", "tab", "tab", "tab", "space")
        await settle(pilot)
        dialog = pilot.app.screen
        assert isinstance(dialog, ValueDialog)
        assert "Step size" in text_of(dialog)
        await press(pilot, "2", "enter")
        await settle(pilot)
        assert pilot.app.screen is dialog
        assert "alpha must be in (0, 1], got 2" in text_of(dialog)
        await press(pilot, "backspace", *"0.25", "enter")
        screen = await settle(pilot)
        assert screen.ready.experiments[0].config.alpha.value == 0.25
        assert "0.25" in text_of(screen)


async def test_escape_keeps_the_old_value():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "down", "tab", "tab", "space")
        await settle(pilot)
        await press(pilot, "9", "escape")
        screen = await settle(pilot)
        assert screen.choice.seed == 0


async def test_a_world_file_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "a-folder-with-a-long-name"
    folder.mkdir()
    (folder / "mine.toml").write_text('name = "mine"\nmap = """\nS . +1\n"""\ndiscount = 0.9\n')
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        await press(pilot, "tab", "tab", "tab", "space")
        await settle(pilot)
        await press(pilot, *"a-folder-with-a-long-name/mine.toml", "enter")
        screen = await settle(pilot)
        assert screen.ready.experiments[0].model.states == 3
        assert "mine.toml" in text_of(screen)


async def test_search_narrows_the_menu_and_escape_widens_it():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert "/ find" in footer(screen)
        await press(pilot, "slash", *"cliff")
        await settle(pilot)
        assert "enter keep" in footer(screen)
        assert "esc clear" in footer(screen)
        assert "find" not in footer(screen)
        labels = [row.label for row in screen.query_one(Menu).rows if row.can_be_chosen]
        assert labels == ["Cliff walking"]
        await press(pilot, "enter", "space")
        await settle(pilot)
        assert screen.choice.scenario == "cliffwalking"
        assert "enter lesson" in footer(screen)
        await press(pilot, "escape")
        assert len(screen.query_one(Menu).rows) > 20
        await press(pilot, "slash", *"cliff", "escape")
        assert len(screen.query_one(Menu).rows) > 20


async def test_what_the_search_has_found_is_what_opens():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        assert screen.choice.scenario == "gridworld"
        await press(pilot, "slash", *"frozen", "enter")
        await settle(pilot)
        assert screen.choice.scenario == "frozenlake"


async def click_on(pilot, key):
    """Click on the row of that key; the screen on top."""
    menu = pilot.app.screen.query_one(Menu)
    index = next(index for index, row in enumerate(menu.rows) if row.key == key)
    await pilot.click(Menu, offset=(6, rows_shown(menu.rows, menu.cursor, menu.size.height).index(index)))
    return await settle(pilot)


async def test_the_mouse_chooses():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await settle(pilot)
        assert (await click_on(pilot, "lesson taxi")).choice.scenario == "taxi"
        screen = await click_on(pilot, "algorithm sarsa")
        assert screen.choice.algorithms == ("q-learning", "sarsa")


async def test_choices_of_a_lesson_wait_while_another_is_looked_at():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        await press(pilot, "tab", "down", "space", "up", "up", "down", "up")
        screen = await settle(pilot)
        assert screen.choice.algorithms == ("policy-evaluation", "policy-iteration")
        await press(pilot, "down")
        await settle(pilot)
        await press(pilot, "up")
        await settle(pilot)
        assert screen.choice.algorithms == ("policy-evaluation", "policy-iteration")


async def test_a_remembered_choice_that_is_gone_is_replaced():
    memory = Memory(scenario="gridworld", settings={"world": "/gone.toml"})
    async with RltopApp(memory=memory).run_test(size=(80, 24), notifications=True) as pilot:
        await settle(pilot)
        screen = await settle(pilot)
        assert screen.ready.experiments[0].model.states == 16
        assert "gone.toml" in text_of(screen)  # the notification says why


async def test_it_begins_with_what_is_remembered():
    memory = Memory(scenario="taxi", algorithms=("sarsa",), settings={"alpha": "0.1"}, seed=9)
    async with RltopApp(memory=memory).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        (experiment,) = screen.ready.experiments
        assert (experiment.scenario.name, experiment.algorithm.name) == ("taxi", "sarsa")
        assert (experiment.seed, experiment.config.alpha.value) == (9, 0.1)


@pytest.mark.parametrize("theme", ["rltop-dark", "rltop-light"])
async def test_pages_follow_the_theme(theme):
    async with RltopApp(memory=Memory(theme=theme)).run_test(size=(80, 24)) as pilot:
        screen = await settle(pilot)
        before = screen.query_one("#lesson", Page).cells
        await press(pilot, "ctrl+t")
        await settle(pilot)
        assert (screen.query_one("#lesson", Page).cells.styles != before.styles).any()


@pytest.mark.parametrize("size", SMALL_FIRST)
async def test_the_lesson_of_the_engine_is_listed_explained_and_opened(size):
    async with RltopApp().run_test(size=size) as pilot:
        await settle(pilot)
        screen = await press(pilot, "down", "down", "down", "down")
        assert "How a network knows which way" in text_of(screen)
        assert "v1 = a·b" in text_of(screen) or size[1] == 24
        assert screen.choice.scenario == "taxi"
        await press(pilot, "t")
        assert pilot.app.screen is screen  # nothing is trained
        lesson = await press(pilot, "enter")
        assert "forward" not in text_of(lesson)
        assert lesson.session.title == "the chain rule"
        await press(pilot, "q")
        assert pilot.app.screen is screen
        screen = await press(pilot, "down")
        assert screen.choice.scenario == "digits"
        assert "v1 = a·b" not in text_of(screen)
