"""`rltop eval`: what the policy of a run earns when it does not explore."""

from __future__ import annotations

import argparse
import json
from typing import Any

from tui.commands.arguments import add_run, find_run, whole

NAME = "eval"
SUMMARY = "Play episodes with the greedy policy of a run"
NOTES = """\
The episodes are none of those that the run has learnt from or that its best policy was chosen by. A tabular run keeps
one policy, the last; its ties are broken as its setting tie_break says. A run of digits names held-out images: an
episode is one of them, its return 1 if right and 0 if not.

examples:
  rltop eval cartpole-dqn-s0-001
  rltop eval cartpole-dqn-s0-001 --checkpoint last --episodes 20 --seed 7 --json
"""

MOST_EPISODES = 100_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop eval` takes."""
    add_run(parser)
    parser.add_argument(
        "--episodes", metavar="N", type=whole(1, MOST_EPISODES), help="how many (default: 100, or all held-out images)"
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole(0, 2**63 - 1), default=0, help="the same seed gives the same episodes"
    )
    parser.add_argument(
        "--checkpoint", choices=("best", "last"), default="best", help="which of the run's policies (default: best)"
    )
    parser.add_argument("--json", action="store_true", help="print everything as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Play, and print what it earned."""
    from scenarios.runs.trials import evaluate_run

    found = evaluate_run(find_run(options), options.episodes, options.seed, options.checkpoint)
    print(json.dumps(found, allow_nan=False) if options.json else _describe(found))
    return 0


def _describe(found: dict[str, Any]) -> str:
    """The result for a person."""
    within = "" if found["ci95"] is None else "  95 % interval {:.2f} to {:.2f}".format(*found["ci95"])
    lengths = found["lengths"]
    return (
        f"return  {found['mean']:.2f}  deviation {found['std']:.2f}{within}\n"
        f"length  {sum(lengths) / len(lengths):.1f}  from {min(lengths):,} to {max(lengths):,} steps\n"
        f"over {found['episodes']:,} greedy episodes of the {found['checkpoint']} policy"
    )
