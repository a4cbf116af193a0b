"""`rltop export`: a run's curves for another program."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.arguments import add_run, find_run
from tui.commands.errors import UsageError, complain

if TYPE_CHECKING:
    from scenarios.runs.directory import Run

STDOUT = "-"
MOST = 6  # charts where no metric is named

NAME = "export"
SUMMARY = "Write the curves of a run as CSV or JSON, or draw them as SVG"
NOTES = """\
The CSV has one row a point: metric, step, wall_time (seconds since 1970), value. The JSON has all of these, what was
run and how it went. The SVG has the charts of the metrics that you name, or of those that say most. One of the three
can be -, which is standard output.

examples:
  rltop export cliffwalking-sarsa-s1-001 --csv sarsa.csv
  rltop export cliffwalking-sarsa-s1-001 --csv - | grep episode/return
  rltop export cartpole-dqn-s0-001 --json cartpole.json
  rltop export cartpole-dqn-s0-001 --svg cartpole.svg --metric episode/return --metric loss/value
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop export` takes."""
    add_run(parser)
    parser.add_argument("--csv", metavar="FILE", help="write all points into this file")
    parser.add_argument("--json", metavar="FILE", help="write all points and the configuration into this file")
    parser.add_argument("--svg", metavar="FILE", help="draw the curves into this file")
    parser.add_argument("--metric", metavar="NAME", action="append", default=[], help="draw this one; may be repeated")


def run(options: argparse.Namespace) -> int:
    """Write the files."""
    if not (options.csv or options.json or options.svg):
        raise UsageError("name a file to write: --csv FILE, --json FILE or --svg FILE")
    if [options.csv, options.json, options.svg].count(STDOUT) > 1:
        raise UsageError("only one of --csv, --json and --svg can go to standard output: name a file for the others")
    from scenarios.runs.export import export_csv, export_json

    found = find_run(options)
    if options.csv:
        export_csv(found, _file(options.csv))
    if options.json:
        export_json(found, _file(options.json))
    if options.svg:
        _draw(found, options.metric, _file(options.svg))
    _warn(found)
    return 0


def _warn(found: Run) -> None:
    """Say what of the curves could not be read; of a run that learns more may be on its way."""
    from scenarios.runs.curvestore import CurveStore

    store = CurveStore(found.path)
    store.poll()
    if store.damage:
        complain(f"warning: {store.damage}")


def _file(name: str) -> Path | None:
    """The file of this name, None for standard output."""
    return None if name == STDOUT else Path(name)


def _draw(found: Run, metrics: Sequence[str], file: Path | None) -> None:
    from scenarios.runs.collection import row_of
    from tui.drawing.theme import make_theme
    from tui.monitor.exports import SIZE, export_svg
    from tui.monitor.observer import chart_rows

    row = row_of(found.path)
    charts = chart_rows([row] if row else [], metrics, columns=2 * SIZE[0], most=len(metrics) or MOST)
    missing = [chart.metric for chart in charts if not any(len(line.curve[0]) for line in chart.lines)]
    if missing or not charts:
        what = f"no metric {missing[0]!r}" if missing else "no curve yet"
        raise UsageError(f"{found.path.name} has {what}: `--csv FILE` writes all that it has")
    export_svg(charts, file, make_theme())
