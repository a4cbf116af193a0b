"""`rltop watch`: many runs, as a screen or as a table."""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenarios.garbage import kept_from_collecting
from tui.commands.arguments import add_runs, runs_directory
from tui.commands.errors import UsageError, complain
from tui.commands.learn import add_ascii

if TYPE_CHECKING:
    from scenarios.runs.collection import Collection, RunRow

NAME = "watch"
SUMMARY = "Watch many runs: a table, their curves, what distinguishes them"
NOTES = """\
PATH is a run directory or a directory of runs. Without a terminal, or in one that is too small, the runs are printed
once, as by --once. On a terminal the table leaves out the columns that do not fit.

examples:
  rltop watch
  rltop watch runs/today --filter 'lander lr>=1e-3 status=running'
  rltop watch --once --sort return --descending --metric episode/return
  rltop watch --json --filter algo=ppo
"""

HEIGHT = 20  # rows of a printed chart
WIDEST = 160


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop watch` takes."""
    parser.add_argument("paths", metavar="PATH", nargs="*", help="where the runs are (default: as --runs)")
    parser.add_argument(
        "--filter", metavar="QUERY", help="only these runs, as in `rltop ls`: words, algo=ppo, lr>=1e-3"
    )
    parser.add_argument("--sort", metavar="KEY", help="in the order of a column or a setting (default: newest first)")
    parser.add_argument("--descending", action="store_true", help="the largest first")
    parser.add_argument("--metric", metavar="NAME", help="chart this metric, as episode/return")
    parser.add_argument("--once", action="store_true", help="print the runs as they are now, and return")
    parser.add_argument("--json", action="store_true", help="print them as one JSON object")
    add_ascii(parser)
    add_runs(parser)


def run(options: argparse.Namespace) -> int:
    """Open the screen, or print what it would show."""
    from tui.terminal import why_no_screen

    for path in options.paths:
        if not os.path.isdir(path):
            raise UsageError(f"there is no directory {path!r}: name a run directory, or one of runs")
    paths = [Path(path) for path in options.paths] or [runs_directory(options)]
    if not (options.once or options.json):
        why = why_no_screen()
        if why is None:
            return _watch(paths, options)
        if _is_terminal():
            complain(f"the runs are printed once, since {why.partition(': ')[0]}")
    kept, rows = _chosen(paths, options)
    if options.json:
        print(json.dumps(_document(kept, rows, options), allow_nan=False))
    else:
        _print(kept, rows, paths, options)
    return 0


def _watch(paths: Sequence[Path], options: argparse.Namespace) -> int:
    """Open the screen."""
    with kept_from_collecting():
        from tui.app import run_monitor
    _check(options, ())
    return run_monitor([path.absolute() for path in paths], ascii=options.ascii, view=_view(options))


def _view(options: argparse.Namespace) -> dict[str, Any]:
    """What the command line says about how the screen begins."""
    view: dict[str, Any] = {"query": options.filter or ""}  # a search of last time would hide what is new
    if options.sort is not None:
        from scenarios.runs.query import known_key

        view |= {"sort": known_key(options.sort), "descending": options.descending}
    if options.metric is not None:
        view["metrics"] = options.metric
    return view


def _check(options: argparse.Namespace, rows: Sequence[RunRow]) -> Any:
    """The query; raises UsageError where it, or the order, cannot be understood."""
    from scenarios.runs.query import QueryError, known_key, parse_query

    settings = {key for row in rows for key in row.config}
    try:
        if options.sort is not None:
            known_key(options.sort, settings)
        return parse_query(options.filter or "", settings)
    except QueryError as error:
        raise UsageError(str(error)) from None


def _chosen(paths: Sequence[Path], options: argparse.Namespace) -> tuple[Collection, list[RunRow]]:
    from scenarios.runs.collection import Collection
    from scenarios.runs.query import select, sort_rows

    kept = Collection(paths)
    if any(path.exists() for path in paths):
        kept.poll()
    if kept.faults:
        raise UsageError(kept.faults[0])
    query = _check(options, kept.rows)
    order = (options.sort, options.descending) if options.sort else ("created", True)
    return kept, sort_rows(select(kept.rows, query), *order)


def _document(kept: Collection, rows: Sequence[RunRow], options: argparse.Namespace) -> dict[str, Any]:
    """What `ls --json` prints of every run, and more of how it stands; the damaged ones; and the chart."""
    found = [
        {**row.overview, "created": row.created, "age": row.age, "share": row.share, "config": dict(row.config)}
        for row in rows
        if row.overview
    ]
    document: dict[str, Any] = {"runs": found, "damaged": [row.fault for row in rows if row.fault]}
    if options.metric is not None:
        from tui.monitor.exports import document_of

        document |= document_of(_charts(rows, options))  # with every point
    return document


def _charts(rows: Sequence[RunRow], options: argparse.Namespace, **points: int) -> list[Any]:
    from tui.monitor.observer import chart_rows

    charts = chart_rows(rows, [options.metric], **points)
    if rows and not any(len(line.curve[0]) for chart in charts for line in chart.lines):
        raise UsageError(
            f"no run here has the metric {options.metric!r}: `rltop export RUN --csv FILE` shows all of a run"
        )
    return charts


def _print(kept: Collection, rows: Sequence[RunRow], paths: Sequence[Path], options: argparse.Namespace) -> None:
    for row in rows:
        if row.fault:
            complain(f"warning: {row.fault}")
    sound = [row for row in rows if not row.fault]
    if not sound:
        missing = f"no runs in {', '.join(map(str, paths))}: `rltop train SCENARIO` makes one"
        print(missing if not kept.rows else "no run fits")
        return
    print(_table(sound))
    if options.metric is not None:
        from tui.drawing.theme import make_theme
        from tui.monitor.chart import draw, titles

        theme = make_theme(ascii_only=_is_plain(options), colour=False)
        width = min(WIDEST, shutil.get_terminal_size((100, 30)).columns)
        for chart in _charts(rows, options, columns=2 * width):
            drawn, _ = draw(chart, width, HEIGHT, theme)
            print(f"\n{titles(chart)[0]}", *(line.rstrip() for line in str(drawn).splitlines()), sep="\n")


def _is_terminal() -> bool:
    """Whether somebody reads on a terminal what is printed."""
    return sys.stdout is not None and sys.stdout.isatty()


def _is_plain(options: argparse.Namespace) -> bool:
    """Whether to draw in ASCII: because it is asked for, or because the output knows no more."""
    return options.ascii or "utf" not in (sys.stdout.encoding or "").lower()


COLUMNS = ("status", "run", "scenario", "algorithm", "seed", "steps", "episodes", "return", "greedy", "steps/s", "age")
_LEFT = COLUMNS[:4]  # columns of words, before those of numbers
_FIRST = ("status", "run", "return", "steps", "greedy", "age", "seed", "algorithm", "episodes", "scenario", "steps/s")
GAP = "  "


def _table(rows: Sequence[RunRow]) -> str:
    columns = dict(zip(COLUMNS, zip(COLUMNS, *map(_line, rows), strict=True), strict=True))
    shown = _fitting({title: max(map(len, cells)) for title, cells in columns.items()}, _room())
    aligned = [_aligned(columns[title], width, title in _LEFT) for title, width in shown.items()]
    return "\n".join(GAP.join(line).rstrip() for line in zip(*aligned, strict=True))


def _aligned(cells: Sequence[str], width: int, left: bool) -> list[str]:
    return [cell.ljust(width) if left else cell.rjust(width) for cell in cells]


def _room() -> float:
    """How wide a table may be: no row of it goes on in the next line of a terminal."""
    return shutil.get_terminal_size().columns if _is_terminal() else math.inf


def _fitting(widths: dict[str, int], room: float) -> dict[str, int]:
    """The columns that fit, of all of them and how wide each is; those that matter most go first."""
    left = room + len(GAP)
    shown = set()
    for title in _FIRST:
        taken = len(GAP) + widths[title]
        if title in _FIRST[:2] or taken <= left:
            shown.add(title)
            left -= taken
    return {title: width for title, width in widths.items() if title in shown}


def _line(row: RunRow) -> tuple[str, ...]:
    from scenarios.runs.files import printable
    from tui.monitor.columns import age_text, compact

    words = (row.status, printable(row.name), printable(row.scenario), printable(row.algorithm))
    means = (
        "-" if mean is None or not math.isfinite(mean) else f"{mean:.2f}" for mean in (row.return_mean, row.eval_mean)
    )
    counts = (str(row.seed), compact(row.env_steps), compact(row.episodes))
    return (*words, *counts, *means, compact(row.steps_per_second), age_text(row.age))
