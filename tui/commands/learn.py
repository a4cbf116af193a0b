"""`rltop` and `rltop learn`: the app."""

from __future__ import annotations

import argparse

from tui.commands.arguments import add_experiment, settings_for

NAME = "learn"
SUMMARY = "Open a lesson: step an algorithm forward and back through its own source"
NOTES = """\
The lesson starts paused; the keys are in its footer.

examples:
  rltop learn gridworld
  rltop learn cliffwalking --algorithm q-learning,sarsa      side by side, on one seed
  rltop learn gridworld --world mine.toml --algorithm value-iteration
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop learn` takes."""
    add_experiment(parser, "which algorithm, or two of them as A,B (default: the scenario's own)")
    add_ascii(parser)


def add_ascii(parser: argparse.ArgumentParser) -> None:
    """How the app draws."""
    parser.add_argument("--ascii", action="store_true", help="draw with letters and signs every terminal has")


def run_picker(options: argparse.Namespace) -> int:
    """Open the app where a scenario is picked."""
    from tui.app import run_app

    return run_app(ascii=options.ascii)


def run(options: argparse.Namespace) -> int:
    """Open a lesson."""
    from scenarios.catalog import scenario_named
    from tui.app import run_app

    settings = settings_for(options, scenario_named(options.scenario))
    algorithms = () if options.algorithm is None else tuple(options.algorithm.split(","))
    return run_app(options.scenario, algorithms, settings, options.seed, options.lanes, ascii=options.ascii)
