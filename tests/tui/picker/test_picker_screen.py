"""The picker with its keys, at three sizes."""

import pytest

from tui.app import RltopApp
from tui.help.page import Page
from tui.memory import Memory
from tui.picker.dialog import ValueDialog
from tui.picker.menu import Menu
from tui.picker.screen import PickerScreen

SIZES = [(80, 24), (120, 40), (200, 60)]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for kind in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path))


async def ready(pilot) -> PickerScreen:
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, PickerScreen)
    return screen


def seen(screen) -> str:
    """All text on the screen."""
    lines = screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@pytest.mark.parametrize("size", SIZES)
async def test_everything_needed_is_seen(size):
    async with RltopApp().run_test(size=size) as pilot:
        screen = await ready(pilot)
        text = seen(screen)
        for words in ("Gridworld", "Cliff walking", "Frozen lake", "Taxi", "[x] Policy evaluation", "seed", "fig4-1"):
            assert words in text
        for words in ("Values flow out from the goal", "What it teaches", "★"):
            assert words in text
        for key in ("enter", "space", "tab", "search", "help", "quit"):
            assert key in text.splitlines()[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_what_the_cursor_is_on_is_explained(size):
    async with RltopApp().run_test(size=size) as pilot:
        await ready(pilot)
        await pilot.press("down")
        screen = await ready(pilot)
        assert "Cliff walking" in seen(screen)
        assert screen.choice.scenario == "cliffwalking"
        await pilot.press("tab", "down", "down", "down")
        assert "SARSA learns from experience" in seen(screen)
        assert "Q(s,a)" in seen(screen)
        await pilot.press("tab", "tab", "tab")
        screen = await ready(pilot)
        assert "alpha = 0.5 (default)" in seen(screen)
        assert "Step size" in seen(screen)


async def test_every_setting_can_be_read_by_scrolling():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("down")
        screen = await ready(pilot)
        await pilot.press("tab", "tab")
        texts = ""
        for _ in range(6):
            texts += seen(screen)
            await pilot.press("pagedown")
        for setting in screen.settings:
            assert f"{setting.key} = " in texts


async def test_moving_down_stays_in_the_lessons():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        await pilot.press(*["down"] * 10)
        assert screen.choice.scenario == "taxi"
        await pilot.press("tab", "up")
        assert screen.choice.scenario == "taxi"  # up from the algorithms comes back to the chosen one
        assert screen.query_one(Menu).current.key == "lesson taxi"
        await ready(pilot)


async def test_two_algorithms_are_chosen_with_the_space_bar():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press("down", "tab", "down", "down", "down", "space")
        screen = await ready(pilot)
        assert screen.choice.algorithms == ("q-learning", "sarsa")
        assert "[1] Q-learning" in seen(screen)
        assert "[2] SARSA" in seen(screen)
        assert [e.algorithm.name for e in screen.experiments] == ["q-learning", "sarsa"]


async def test_space_goes_through_the_options_and_delete_goes_back():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press("down", "down", "tab", "tab", "tab", "space")
        screen = await ready(pilot)
        assert screen.query_one(Menu).current.key == "setting map_name"
        assert screen.experiments[0].model.states == 64
        await pilot.press("delete")
        assert (await ready(pilot)).experiments[0].model.states == 16


async def test_a_value_is_asked_for_until_it_can_be_used():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("down", "tab", "tab", "tab", "tab", "space")
        await pilot.pause()
        dialog = pilot.app.screen
        assert isinstance(dialog, ValueDialog)
        assert "Step size" in seen(dialog)
        await pilot.press("2", "enter")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert pilot.app.screen is dialog
        assert "alpha must be in (0, 1], got 2" in seen(dialog)
        await pilot.press("backspace", *"0.25", "enter")
        await pilot.app.workers.wait_for_complete()
        screen = await ready(pilot)
        assert screen.experiments[0].config.alpha.value == 0.25
        assert "0.25" in seen(screen)


async def test_escape_keeps_the_old_value():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("down", "tab", "tab", "space")
        await pilot.pause()
        await pilot.press("9", "escape")
        screen = await ready(pilot)
        assert screen.choice.seed == 0


async def test_a_world_file_of_ones_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "a-folder-with-a-long-name"
    folder.mkdir()
    (folder / "mine.toml").write_text('name = "mine"\nmap = """\nS . +1\n"""\ndiscount = 0.9\n')
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        await ready(pilot)
        await pilot.press("tab", "tab", "tab", "space")
        await pilot.pause()
        await pilot.press(*"a-folder-with-a-long-name/mine.toml", "enter")
        await pilot.app.workers.wait_for_complete()
        screen = await ready(pilot)
        assert screen.experiments[0].model.states == 3
        assert "mine.toml" in seen(screen)


async def test_search_narrows_the_menu_and_escape_widens_it():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        await pilot.press("slash", *"cliff")
        await pilot.pause()
        labels = [row.label for row in screen.query_one(Menu).rows if row.can_be_chosen]
        assert labels == ["Cliff walking"]
        await pilot.press("enter", "space")
        await ready(pilot)
        assert screen.choice.scenario == "cliffwalking"
        await pilot.press("escape")
        assert len(screen.query_one(Menu).rows) > 20


async def test_the_mouse_chooses():
    async with RltopApp().run_test(size=(120, 40)) as pilot:
        screen = await ready(pilot)
        await pilot.click(Menu, offset=(6, 4))
        assert screen.choice.scenario == "taxi"
        await ready(pilot)
        await pilot.click(Menu, offset=(6, 10))
        await ready(pilot)
        assert screen.choice.algorithms == ("q-learning", "sarsa")


async def test_choices_of_a_lesson_wait_while_another_is_looked_at():
    async with RltopApp().run_test(size=(80, 24)) as pilot:
        await ready(pilot)
        await pilot.press("tab", "down", "space", "up", "up", "down", "up")
        screen = await ready(pilot)
        assert screen.choice.algorithms == ("policy-evaluation", "policy-iteration")
        await pilot.press("down")
        await ready(pilot)
        await pilot.press("up")
        await ready(pilot)
        assert screen.choice.algorithms == ("policy-evaluation", "policy-iteration")


async def test_a_remembered_choice_that_is_gone_is_replaced():
    memory = Memory(scenario="gridworld", settings={"world": "/gone.toml"})
    async with RltopApp(memory=memory).run_test(size=(80, 24), notifications=True) as pilot:
        await ready(pilot)
        screen = await ready(pilot)
        assert screen.experiments[0].model.states == 16
        assert "gone.toml" in seen(screen)  # the notification says why


async def test_it_begins_with_what_is_remembered():
    memory = Memory(scenario="taxi", algorithms=("sarsa",), settings={"alpha": "0.1"}, seed=9)
    async with RltopApp(memory=memory).run_test(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        (experiment,) = screen.experiments
        assert (experiment.scenario.name, experiment.algorithm.name) == ("taxi", "sarsa")
        assert (experiment.seed, experiment.config.alpha.value) == (9, 0.1)


@pytest.mark.parametrize("theme", ["rltop-dark", "rltop-light"])
async def test_pages_follow_the_theme(theme):
    async with RltopApp(memory=Memory(theme=theme)).run_test(size=(80, 24)) as pilot:
        screen = await ready(pilot)
        before = screen.query_one("#lesson", Page).cells
        await pilot.press("ctrl+t")
        await pilot.pause()
        assert (screen.query_one("#lesson", Page).cells.styles != before.styles).any()
