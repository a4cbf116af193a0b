"""Sides that are measured in turns, each time in a process of its own, and ratios taken inside a round.

A busy moment of the machine then hits every side, and nothing that one measurement leaves behind helps the next.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterable

Figures = dict[str, float]
STEPS = "steps_per_second"


def add_arguments(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """How often is measured, and who runs the peers: by default this interpreter, if it can."""
    able = importlib.util.find_spec("stable_baselines3") is not None
    parser.add_argument("--rounds", type=_rounds, default=3, help="rounds, of which the median is printed (>= 3)")
    parser.add_argument(
        "--peer", default=sys.executable if able else None, help="a Python that can import stable-baselines3"
    )
    return parser


def _rounds(text: str) -> int:
    if int(text) < 3:
        raise argparse.ArgumentTypeError(f"a median needs at least 3 rounds, got {text}")
    return int(text)


def in_turns(sides: Iterable[str], rounds: int, measured: Callable[[str], Figures]) -> dict[str, list[Figures]]:
    """What each side measured in every round; in a round the sides take turns."""
    order = list(sides)
    found: dict[str, list[Figures]] = {side: [] for side in order}
    for _ in range(rounds):
        for side in order:
            found[side].append(measured(side))
    return found


def in_a_process(*command: str) -> Figures:
    """The figures that a process prints last: an object in JSON, or its steps per second alone."""
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    figures = json.loads(printed.splitlines()[-1])
    return figures if isinstance(figures, dict) else {STEPS: figures}


def middle(found: list[Figures]) -> float:
    """The median over the rounds of the steps per second."""
    return statistics.median(figures[STEPS] for figures in found)


def ratio(ours: list[Figures], theirs: list[Figures]) -> float:
    """The median over the rounds of a ratio taken inside each round."""
    return statistics.median(a[STEPS] / b[STEPS] for a, b in zip(ours, theirs, strict=True))
