"""The README's commands, and what .ci/run takes from them."""

import re
import shlex
from pathlib import Path

import pytest

from tui.commands.parser import parse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
INSTALL = "python3 -m venv --without-pip .venv && python3 -m pip --python .venv/bin/python install -e "


def commands():
    """The README's indented lines that install something."""
    return [line.strip() for line in README.splitlines() if line.startswith("    python3")]


def test_two_commands_that_can_be_pasted():
    run, test = commands()
    assert run == f"{INSTALL}. && .venv/bin/rltop"
    assert test == f"{INSTALL}'.[test]' && .venv/bin/python -m pytest"


def test_ci_runs_the_readmes_test_command():
    script = (ROOT / ".ci" / "run").read_text()
    (pattern,) = re.findall(r"tests=\$\(grep -e '(.*)' README.md\)", script)
    assert [line.strip() for line in README.splitlines() if pattern in line] == [commands()[1]]
    assert 'eval "$tests"' in script


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))], ids=lambda page: page.stem
)
def test_the_examples_are_understood(page):
    lines = re.findall(r"^    (rltop.*)$", page.read_text(), re.MULTILINE)
    assert lines or page.stem in ("curves", "engine")
    for line in lines:
        # what stands in brackets is optional, and explained elsewhere
        command = re.sub(r" \[[^]]*\]", "", re.split("  +", line)[0]).replace(" ...", "").split("|")[0]
        assert parse(shlex.split(command)[1:]).run, line


def test_what_the_readme_points_to_is_there():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
