"""The documents name every key, and the pictures can be made again."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from textual.app import App
from textual.binding import Binding

from tui.app import RltopApp, all_bindings

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("lessons.md", "autodiff.md", "monitor.md")
TEXT = "\n\n".join((DOCS / name).read_text("utf-8") for name in PAGES)


@pytest.fixture(scope="module")
def app() -> App[None]:
    return RltopApp()


@pytest.mark.parametrize("binding", all_bindings(), ids=lambda binding: binding.id)
def test_every_binding_is_documented_with_its_keys(app, binding):
    paragraph = next((part for part in TEXT.replace("|\n", "|\n\n").split("\n\n") if f"`{binding.id}`" in part), None)
    assert paragraph is not None
    for single in Binding.make_bindings([binding]):
        key = app.get_key_display(single)
        assert f"`{key}`" in paragraph or (key.startswith("shift+") and "`shift` and an arrow" in paragraph)


def test_nothing_is_documented_that_is_not_bound():
    scopes = "app|picker|lesson|live|autodiff|expression|monitor|metrics|dialog|help|palette|small"
    names = set(re.findall(rf"`((?:{scopes})\.[a-z-]+)`", TEXT))
    assert names == {binding.id for binding in all_bindings()}


@pytest.mark.parametrize(
    "names", [["value-iteration.svg"], pytest.param([], marks=pytest.mark.slow)], ids=["one", "all"]
)
def test_the_pictures_are_made_again(tmp_path, names):
    command = re.search(r"`python (docs/pictures.py)`", TEXT)
    assert command is not None
    arguments = [sys.executable, DOCS.parent / command[1], tmp_path, *names]
    subprocess.run(arguments, check=True, timeout=200, capture_output=True)
    shown = set(re.findall(r"images/([a-z-]+\.svg)", TEXT))
    assert shown == {file.name for file in (DOCS / "images").iterdir()}
    made = {file.name for file in tmp_path.iterdir()}
    assert made == (set(names) or shown)
    for name in made:
        picture = (tmp_path / name).read_text("utf-8")
        assert "rltop" in picture
        assert "@font-face" not in picture
