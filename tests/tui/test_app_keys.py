"""A user's own keys: what of keys.toml is used, and what is said of the rest."""

import pytest
from textual.binding import Binding

from tui.app import RltopApp, all_bindings
from tui.help.keys import KeyLine, key_lines, keys_file, usable_keys
from tui.help.screen import HelpScreen

BOUND = [
    Binding("q", "leave", "quit", id="app.quit"),
    Binding("enter", "start", "start", id="picker.start"),
    Binding("up,k", "up", "up", id="picker.up"),
    Binding("slash", "search", "search", id="picker.search"),
    Binding("l", "line", "line", id="lesson.line"),
]


def test_keys_that_are_free_are_used():
    keymap, problems = usable_keys({"picker.start": "x", "picker.up": "w, ctrl+up", "lesson.line": "/"}, BOUND)
    assert keymap == {"picker.start": "x", "picker.up": "ctrl+up,w", "lesson.line": "slash"}
    assert problems == []


def test_a_key_that_another_binding_has_given_up_is_free():
    keymap, problems = usable_keys({"picker.up": "w", "picker.start": "k"}, BOUND)
    assert keymap == {"picker.up": "w", "picker.start": "k"}
    assert problems == []


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"picker.nothing": "x"}, "there is nothing called picker.nothing"),
        ({"picker.start": "nokey"}, "nokey names no key"),
        ({"picker.start": ""}, "names no key"),
        ({"picker.start": " , "}, "names no key"),
        ({"picker.start": 3}, "3 names no key"),
        ({"picker.start": ["x"]}, "names no key"),
        ({"picker.start": "ctrl+shift+nokey"}, "names no key"),
        ({"picker.start": "frob+x"}, "names no key"),
        ({"picker.start": "\x1b"}, "names no key"),
        ({"picker.start": "k"}, "is taken by picker.up"),
        ({"picker.start": "q"}, "is taken by app.quit"),
        ({"app.quit": "l"}, "is taken by lesson.line"),
        ({"a\x1b[31m": "x"}, "a?[31m"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(table, words):
    keymap, problems = usable_keys(table, BOUND)
    assert keymap == {}
    (problem,) = problems
    assert words in problem
    assert "\x1b" not in problem


def test_screens_do_not_disturb_each_other():
    keymap, problems = usable_keys({"picker.start": "l"}, BOUND)
    assert (keymap, problems) == ({"picker.start": "l"}, [])


@pytest.fixture
def keys_toml(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    keys_file().parent.mkdir()
    return keys_file()


async def test_the_app_listens_to_the_users_keys_and_the_help_shows_them(keys_toml):
    keys_toml.write_text('[picker]\nchoose = "x"\n"next" = "n"\n')
    async with RltopApp().run_test() as pilot:
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        await pilot.press("n", "down", "x")
        await pilot.pause()
        assert pilot.app.screen.choice.algorithms == ("policy-evaluation", "policy-iteration")
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(pilot.app.screen, HelpScreen)
        assert KeyLine("x", "set", "picker.choose") in pilot.app.screen.lines


@pytest.mark.parametrize("content", [b"no toml", b"\xff", b"a" * 100_000, b"x = {" * 5_000, b'"app.quit" = "enter"'])
async def test_an_unusable_file_is_one_notification_and_the_keys_stay(keys_toml, content):
    keys_toml.write_bytes(content)
    app = RltopApp()
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        (notification,) = app._notifications
        assert "keep" in notification.message or "stay" in notification.message
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)


async def test_a_directory_in_its_place_is_one_notification(keys_toml):
    keys_toml.mkdir()
    app = RltopApp()
    async with app.run_test(notifications=True) as pilot:
        await pilot.pause()
        assert len(app._notifications) == 1


async def test_lines_join_the_keys_of_one_binding():
    async with RltopApp().run_test() as pilot:
        await pilot.pause()
        lines = {line.id: line for line in key_lines(pilot.app.screen)}
        assert lines["picker.up"].keys == "↑  k"
        assert {binding.id for binding in all_bindings() if binding.id.startswith("picker.")} <= set(lines)
