"""`rltop` and `rltop learn`: the app."""

from __future__ import annotations

import argparse

from scenarios.garbage import kept_from_collecting
from tui.commands.arguments import add_experiment, check_named, settings_for
from tui.commands.errors import UsageError

NAME = "learn"
SUMMARY = "Open a lesson: step an algorithm forward and back through its own source"
NOTES = """\
The lesson starts paused; the keys are in its footer.

examples:
  rltop learn gridworld
  rltop learn cliffwalking --algorithm q-learning,sarsa      side by side, on one seed
  rltop learn gridworld --world mine.toml --algorithm value-iteration
  rltop learn autodiff                                       how gradients are found, node by node
  rltop learn autodiff "log(exp(x) + exp(y)) with x=1, y=2"
  rltop learn cartpole --algorithm dqn                       a network, line by line, on settings of a lesson's size
  rltop learn --env Acrobot-v1 --algorithm dqn
"""
AUTODIFF = "autodiff"  # the lesson of the engine: no scenario, but expressions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop learn` takes."""
    add_experiment(parser, "which algorithm, or two of them as A,B (default: the scenario's own)", nargs="?")
    parser.add_argument("expression", metavar="EXPRESSION", nargs="*", help=f"for {AUTODIFF}: what to differentiate")
    parser.add_argument("--env", metavar="ID", help="a registered environment of gymnasium, not a scenario")
    add_ascii(parser)


def add_ascii(parser: argparse.ArgumentParser) -> None:
    """How the app draws."""
    # without a default: one after the command would overrule what was said before it
    parser.add_argument(
        "--ascii", action="store_true", default=argparse.SUPPRESS, help="draw with letters and signs every terminal has"
    )


def run_picker(options: argparse.Namespace) -> int:
    """Open the app where a scenario is picked."""
    with kept_from_collecting():
        from tui.app import run_app
    return run_app(ascii=options.ascii)


def run(options: argparse.Namespace) -> int:
    """Open a lesson."""
    if options.scenario == AUTODIFF:
        return _run_autodiff(options)
    if options.expression:
        extra = options.expression[0]
        raise UsageError(f"rltop learn takes no further argument {extra!r}: only {AUTODIFF} has an expression")
    check_named(options)
    with kept_from_collecting():
        from scenarios.catalog import any_scenario_named
        from tui.app import run_app
    scenario = any_scenario_named(options.scenario) if options.scenario else None
    settings = settings_for(options, scenario)
    algorithms = () if options.algorithm is None else tuple(options.algorithm.split(","))
    name = options.scenario or options.env
    return run_app(name, algorithms, settings, options.seed, options.lanes, ascii=options.ascii)


def _run_autodiff(options: argparse.Namespace) -> int:
    """Open the lesson of the engine, which has nothing of an experiment."""
    given = {
        "--env": options.env,
        "--algorithm": options.algorithm,
        "--set": options.settings or None,
        "--world": options.world,
        "--seed": options.seed,
        "--lanes": options.lanes,
    }
    useless = [name for name, value in given.items() if value is not None]
    if useless:
        raise UsageError(f"{AUTODIFF} has no {useless[0]}: it takes an expression, as in x**2 with x=3")
    with kept_from_collecting():
        from tui.app import run_autodiff
    return run_autodiff(" ".join(options.expression) or None, ascii=options.ascii)
