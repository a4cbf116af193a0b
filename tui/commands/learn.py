"""`rltop` and `rltop learn`: the app."""

from __future__ import annotations

import argparse
import os
import shutil
import sys

from tui.commands.arguments import add_experiment, settings_for
from tui.commands.errors import UsageError

NAME = "learn"
SUMMARY = "Open a lesson: step an algorithm forward and back through its own source"
NOTES = """\
The lesson starts paused; the keys are in its footer.

examples:
  rltop learn gridworld
  rltop learn cliffwalking --algorithm q-learning,sarsa      side by side, on one seed
  rltop learn gridworld --world mine.toml --algorithm value-iteration
"""

SMALLEST = (60, 18)  # columns and rows in which the app can say anything


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop learn` takes."""
    add_experiment(parser, "which algorithm, or two of them as A,B (default: the scenario's own)")


def run_picker(options: argparse.Namespace) -> int:
    """Open the app where a scenario is picked."""
    check_terminal()
    from tui.app import run_app

    return run_app()


def run(options: argparse.Namespace) -> int:
    """Open a lesson."""
    from scenarios.catalog import scenario_named
    from scenarios.experiment import prepare

    settings = settings_for(options, scenario_named(options.scenario))
    algorithms = tuple(options.algorithm.split(",")) if options.algorithm is not None else ()
    if len(algorithms) > 2:
        raise UsageError(f"a lesson shows at most two algorithms side by side, got {len(algorithms)}")
    for algorithm in algorithms or (None,):
        prepare(options.scenario, algorithm, settings, seed=options.seed or 0, lanes=options.lanes or 1)
    check_terminal()
    from tui.app import run_app

    return run_app(options.scenario, algorithms, settings, options.seed, options.lanes)


def check_terminal() -> None:
    """Raise UsageError unless the app can be shown here."""
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError("the app needs a terminal: `rltop train SCENARIO` learns without one")
    if os.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("the app needs more than a dumb terminal: set TERM, or `rltop train SCENARIO` learns without")
    columns, rows = shutil.get_terminal_size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        raise UsageError(
            f"the terminal is {columns}x{rows}, and the app needs {SMALLEST[0]}x{SMALLEST[1]}: make the window larger"
        )
