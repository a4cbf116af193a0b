"""`rltop resume`: go on with a run that was stopped or killed."""

from __future__ import annotations

import argparse

from tui.commands.arguments import add_learning, add_run, find_run
from tui.commands.errors import complain
from tui.commands.running import learn_apart, learn_here

NAME = "resume"
SUMMARY = "Go on with a run that was stopped or killed"
NOTES = """\
The run goes on from its newest checkpoint, and ends with the numbers that it would have had without the break.

examples:
  rltop resume cartpole-dqn-s0-001
  rltop resume cartpole-dqn-s0-001 --detach
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop resume` takes."""
    add_run(parser)
    add_learning(parser)


def run(options: argparse.Namespace) -> int:
    """Go on, print the result, and return the exit code that it means."""
    from scenarios.runs.files import check_unlocked
    from scenarios.runs.resume import check_resumable, experiment_of, warning

    found = find_run(options)
    check_unlocked(found.lock)
    check_resumable(found)
    experiment, budget = experiment_of(found)
    if sentence := warning(found):
        complain(f"warning: {sentence}")
    if options.detach:
        return learn_apart(found, as_json=options.json, resume=True)
    return learn_here(experiment, budget, found, as_json=options.json, resume=True)
