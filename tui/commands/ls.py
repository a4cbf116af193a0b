"""`rltop ls`: the runs there are."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.commands.arguments import add_runs, runs_directory
from tui.commands.errors import UsageError, complain

if TYPE_CHECKING:
    from scenarios.runs.collection import RunRow

NAME = "ls"
SUMMARY = "List the runs"
NOTES = """\
QUERY is words to be found in a name, scenario or algorithm, and comparisons of a column or a setting. A comma stands
for or, * for any letters; numbers may be written as 1e-3, 500k or 2M, ages as 90s, 5m, 2h or 3d. Quote what holds < or
>, which mean something to the shell.

examples:
  rltop ls
  rltop ls lander algo=ppo status=running,paused
  rltop ls 'lr>=1e-3' 'age<2h' --sort return --descending
  rltop ls --runs ./runs --json
"""

COLUMNS = ("run", "status", "episodes", "return", "greedy", "seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop ls` takes."""
    parser.add_argument("query", metavar="QUERY", nargs="*", help="only the runs that it fits")
    parser.add_argument("--sort", metavar="KEY", help="in the order of a column or a setting (default: oldest first)")
    parser.add_argument("--descending", action="store_true", help="the other way round")
    add_runs(parser)
    parser.add_argument("--json", action="store_true", help="print the runs as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the runs that are looked for; those that cannot be read are named on stderr."""
    from scenarios.runs.collection import Collection

    root = runs_directory(options)
    kept = Collection([root])
    if root.exists():
        kept.poll()
    if kept.faults:
        raise UsageError(kept.faults[0])
    rows = _chosen(kept.rows, options)
    faults = [row.fault for row in kept.rows if row.fault]
    if options.json:
        found = [row.overview for row in rows if row.overview]
        print(json.dumps({"runs": found, "damaged": faults}, allow_nan=False))
        return 0
    for fault in faults:
        complain(f"warning: {fault}")
    sound = [row for row in rows if not row.fault]
    missing = f"no runs in {root}: `rltop train SCENARIO` makes one" if not kept.rows else "no run fits"
    print(_table(sound) if sound else missing)
    return 0


def _chosen(rows: Sequence[RunRow], options: argparse.Namespace) -> Sequence[RunRow]:
    if not options.query and not options.sort and not options.descending:
        return rows
    from scenarios.runs.query import QueryError, parse_query, select, sort_rows

    try:
        settings = {key for row in rows for key in row.config}
        found = select(rows, parse_query(" ".join(options.query), settings))
        return sort_rows(found, options.sort or "created", options.descending)
    except QueryError as error:
        raise UsageError(str(error)) from None


def _table(rows: Sequence[RunRow]) -> str:
    from scenarios.runs.files import printable

    lines = [
        (
            printable(row.name),
            row.status,
            "-" if row.episodes is None else f"{row.episodes:,d}",
            "-" if row.return_mean is None else f"{row.return_mean:.2f}",
            "-" if row.eval_mean is None else f"{row.eval_mean:.2f}",
            "-" if row.wall_seconds is None else f"{row.wall_seconds:.1f}",
        )
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(COLUMNS, *lines, strict=True)]
    form = "  ".join(f"%{side}{width}s" for side, width in zip(("-", "-", "", "", "", ""), widths, strict=True))
    return "\n".join(form % line for line in (COLUMNS, *lines))
