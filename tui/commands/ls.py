"""`rltop ls`: the runs there are."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tui.commands.arguments import add_runs, runs_directory
from tui.commands.errors import complain

NAME = "ls"
SUMMARY = "List the runs"
NOTES = """\
examples:
  rltop ls
  rltop ls --runs ./runs --json
"""

COLUMNS = ("run", "status", "episodes", "return", "greedy", "seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop ls` takes."""
    add_runs(parser)
    parser.add_argument("--json", action="store_true", help="print the runs as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print every run, oldest first; those that cannot be read are named on stderr."""
    from scenarios.runs.directory import list_runs
    from scenarios.runs.files import RunError
    from scenarios.runs.inspection import overview

    root = runs_directory(options)
    runs, faults = list_runs(root)
    found = []
    for kept in runs:
        try:
            found.append(overview(kept))
        except RunError as error:
            faults.append(error)
    if options.json:
        print(json.dumps({"runs": found, "damaged": [str(fault) for fault in faults]}, allow_nan=False))
        return 0
    for fault in faults:
        complain(f"warning: {fault}")
    print(_table(found) if found else f"no runs in {root}: `rltop train SCENARIO` makes one")
    return 0


def _table(found: list[dict[str, Any]]) -> str:
    rows = [COLUMNS, *(_row(one) for one in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), row[1].ljust(widths[1]), *map(str.rjust, row[2:], widths[2:])])
        for row in rows
    )


def _row(one: dict[str, Any]) -> tuple[str, ...]:
    from pathlib import Path

    numbers = [
        "-" if one[key] is None else format(one[key], form)
        for key, form in (("episodes", ",d"), ("return_mean", ".2f"), ("eval_mean", ".2f"), ("wall_seconds", ".1f"))
    ]
    return (Path(one["run"]).name, one["status"], *numbers)
