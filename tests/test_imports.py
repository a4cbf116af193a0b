"""What a fresh process loads: no screen with the scenarios, nothing heavy with --help and --version."""

import subprocess
import sys

import pytest

LOADED = "import sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
COMMAND = "from tui.__main__ import main; main(sys.argv[1:])"


def modules_after(code: str, *arguments: str) -> set[str]:
    """The top-level modules of a new process that has run some code."""
    program = f"import sys; {code}; {LOADED}"
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "package", ["algorithms.registry", "scenarios.experiment", "scenarios.runs.training", "scenarios.runs.inspection"]
)
def test_learning_needs_no_screen(package):
    loaded = modules_after(f"import {package}")
    assert "numpy" in loaded
    assert not loaded & {"textual", "rich"}


def test_the_scenarios_are_known_before_gymnasium_is_loaded():
    assert "gymnasium" not in modules_after("import scenarios.catalog")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["train", "--help"], ["learn", "--help"], ["trian"], ["train"]]
)
def test_help_loads_nothing_heavy(arguments):
    loaded = modules_after(COMMAND, *arguments)
    assert "argparse" in loaded
    assert not loaded & {"numpy", "gymnasium", "textual", "rich", "shtab", "platformdirs"}
