"""`rltop inspect`: what a run was, how it ended, and what it learnt."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tui.commands.arguments import add_run, find_run

NAME = "inspect"
SUMMARY = "Show a run: configuration, result and tables"
NOTES = """\
examples:
  rltop inspect cliffwalking-q-learning-s1-001
  rltop inspect ./runs/gridworld-value-iteration-s0-001 --json
"""

WIDEST = 100  # characters of a table that is still printed
OVERVIEW = (
    "run",
    "scenario",
    "algorithm",
    "seed",
    "lanes",
    "status",
    "message",
    "env_steps",
    "episodes",
    "sweeps",
    "wall_seconds",
    "steps_per_second",
    "return_mean",
    "eval_mean",
    "peak_rss_mb",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop inspect` takes."""
    add_run(parser)
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print a run."""
    from scenarios.runs.inspection import inspect

    found = inspect(find_run(options))
    print(json.dumps(found, allow_nan=False) if options.json else _describe(found))
    return 0


def _describe(found: dict[str, Any]) -> str:
    """A run for a person: what was run, how it ended, and on a board that fits, values and greedy actions."""
    from scenarios.runs.files import printable

    what = [f"{key:<17}{printable(_measured(found[key]), 1000)}" for key in OVERVIEW]
    given = {key: _given(value) for key, value in found["config"].items() if value is not None}
    settings = [f"  {printable(f'{key} = {text}')}" for key, text in given.items()]
    changes = [
        f"  {printable(one['key'])} = {printable(one['value'])}, from transition {one['transitions']}"
        for one in found["changes"]
    ]
    later = ["changed while it learnt", *changes] if changes else []
    return "\n".join([*what, "config", *settings, *later, *_boards(found)])


def _measured(value: Any) -> str:
    """A number with no more digits than mean something; --json has them all."""
    if value is None:
        return "-"
    return f"{value:.7g}" if isinstance(value, float) else str(value)


def _given(value: Any) -> str:
    """A setting as --set takes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _boards(found: dict[str, Any]) -> list[str]:
    from scenarios.worlds.layout import ARROWS

    if not found["shape"]:
        return []
    rows, columns = found["shape"]
    numbers = ["#" if v is None else f"{v:.4g}" for v in found["v"]]
    letters = [ARROWS.get(action, str(index)) for index, action in enumerate(found["actions"])]
    greedy = [_actions(best, letters) for best in found["policy"]]
    if max(map(len, numbers + greedy)) * columns + columns > WIDEST or rows > WIDEST:
        return ["", f"the {rows}x{columns} tables are too large to print here: --json has them"]
    return ["", "values of lane 0", *_rows(numbers, columns), "", "greedy actions", *_rows(greedy, columns)]


def _actions(best: list[int], letters: list[str]) -> str:
    """A wall has no action; a dot says that all are as good."""
    return "#" if not best else "·" if len(best) == len(letters) else "".join(letters[a] for a in best)


def _rows(cells: list[str], columns: int) -> list[str]:
    width = max(map(len, cells)) + 1
    return ["".join(cell.rjust(width) for cell in cells[at : at + columns]) for at in range(0, len(cells), columns)]
