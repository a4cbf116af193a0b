"""`rltop export`: a run's curves for another program."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui.commands.arguments import add_run, find_run

NAME = "export"
SUMMARY = "Write the curves of a run as CSV"
NOTES = """\
One row a point: metric, step, wall_time (seconds since 1970), value.

examples:
  rltop export cliffwalking-sarsa-s1-001 --csv sarsa.csv
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop export` takes."""
    add_run(parser)
    parser.add_argument("--csv", metavar="FILE", required=True, help="the file to write")


def run(options: argparse.Namespace) -> int:
    """Write the file."""
    from scenarios.runs.export import export_csv

    export_csv(find_run(options), Path(options.csv))
    return 0
