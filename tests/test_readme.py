"""The README's commands, and what .ci/run takes from them."""

import re
import shlex
from pathlib import Path

from tui.commands.parser import parse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
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


def test_the_examples_are_understood():
    lines = [line for line in README.splitlines() if line.startswith("    rltop ")]
    assert len(lines) == 7
    for line in lines:
        command = re.split("  +", line.strip())[0]
        assert parse(shlex.split(command)[1:]).run


def test_what_the_readme_points_to_is_there():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
