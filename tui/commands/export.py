"""`rltop export`: a run's curves for another program."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.commands.arguments import add_run, find_run
from tui.commands.errors import UsageError

NAME = "export"
SUMMARY = "Write the curves of a run as CSV or JSON"
NOTES = """\
The CSV has one row a point: metric, step, wall_time (seconds since 1970), value. The JSON has all of these, what was
run and how it went.

examples:
  rltop export cliffwalking-sarsa-s1-001 --csv sarsa.csv
  rltop export cartpole-dqn-s0-001 --json cartpole.json
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop export` takes."""
    add_run(parser)
    parser.add_argument("--csv", metavar="FILE", help="write all points into this file")
    parser.add_argument("--json", metavar="FILE", help="write all points and the configuration into this file")


def run(options: argparse.Namespace) -> int:
    """Write the files."""
    if not (options.csv or options.json):
        raise UsageError("name a file to write: --csv FILE or --json FILE")
    from scenarios.runs.export import export_csv, export_json

    found = find_run(options)
    if options.csv:
        export_csv(found, Path(options.csv))
    if options.json:
        export_json(found, Path(options.json))
    return 0
