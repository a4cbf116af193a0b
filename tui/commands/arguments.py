"""Arguments that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui.commands.errors import UsageError

if TYPE_CHECKING:
    from scenarios.catalog.scenario import Description
    from scenarios.runs.directory import Run

MOST = 10**15  # steps or episodes that anyone may ask for
MOST_LANES = 10_000


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number in [low, high]."""

    def read(text: str) -> int:
        try:
            number = int(text) if len(text) < 30 else high + 1
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"must be a whole number in [{low}, {high}], got {text!r}")
        return number

    return read


def key_value(text: str) -> tuple[str, str]:
    """Reads KEY=VALUE."""
    key, sign, value = text.partition("=")
    if not (key and sign):
        raise argparse.ArgumentTypeError(f"must be KEY=VALUE, as in --set gamma=0.9, got {text!r}")
    return key.strip(), value.strip()


def add_experiment(parser: argparse.ArgumentParser, algorithm: str, nargs: str | None = None) -> None:
    """What decides an experiment: scenario, algorithm, settings, world, seed, lanes."""
    parser.add_argument(
        "scenario", metavar="SCENARIO", nargs=nargs, help="what to learn; `rltop list` shows what there is"
    )
    parser.add_argument("--algorithm", metavar="NAME", help=algorithm)
    parser.add_argument(
        "--set",
        metavar="KEY=VALUE",
        type=key_value,
        action="append",
        default=[],
        dest="settings",
        help="change a setting, as often as you like; `rltop list SCENARIO` shows them",
    )
    parser.add_argument("--world", metavar="FILE", help="a map of your own, or one shown by `rltop world`")
    parser.add_argument("--seed", metavar="N", type=whole(0, 2**63 - 1), help="the same seed gives the same run")
    parser.add_argument("--lanes", metavar="L", type=whole(1, MOST_LANES), help="independent learners side by side")


def check_named(options: argparse.Namespace) -> None:
    """Raise UsageError, one sentence, unless a scenario is named or an environment, and not both."""
    if options.scenario is None and options.env is None:
        raise UsageError(f"the following arguments are required: SCENARIO; see rltop {options.command} --help")
    if options.scenario is not None and options.env is not None:
        raise UsageError(f"name a scenario or --env, not both, got {options.scenario!r} and {options.env!r}")


def add_runs(parser: argparse.ArgumentParser) -> None:
    """Where run directories are."""
    parser.add_argument(
        "--runs", metavar="DIR", help="where runs are kept (default: $RLTOP_RUNS, or the platform's data directory)"
    )


def add_learning(parser: argparse.ArgumentParser) -> None:
    """Where it learns, and what is printed."""
    parser.add_argument("--detach", action="store_true", help="learn in a process of its own, and return at once")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def add_run(parser: argparse.ArgumentParser) -> None:
    """One run."""
    parser.add_argument("name", metavar="RUN", help="a run's name, as `rltop ls` shows it, or its directory")
    add_runs(parser)


def runs_directory(options: argparse.Namespace) -> Path:
    """The directory that --runs means."""
    from scenarios.runs.directory import runs_root

    if options.runs == "":
        raise UsageError("--runs must name a directory, got ''")
    return runs_root(options.runs).absolute()


def find_run(options: argparse.Namespace) -> Run:
    """The run that RUN means; its path stays true in another folder."""
    from scenarios.runs.directory import open_run

    run = open_run(options.name, runs_directory(options))
    return dataclasses.replace(run, path=run.path.absolute())


def settings_for(options: argparse.Namespace, scenario: Description | None) -> dict[str, Any]:
    """All settings of an experiment, --world among them."""
    from scenarios.experiment import field_names

    settings = dict(options.settings)
    if options.world is None:
        return settings
    if scenario is None or "world" not in field_names(scenario.world):
        name = "an environment of gymnasium" if scenario is None else scenario.name
        raise UsageError(f"{name} has no map to exchange: --world is for gridworld")
    return settings | {"world": options.world}
