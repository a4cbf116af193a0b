"""`rltop stop`: end a run that learns in another process."""

from __future__ import annotations

import argparse

from tui.commands.arguments import add_run, find_run, whole
from tui.commands.errors import FAILED, UsageError, complain
from tui.commands.running import code_of, conclude, died

NAME = "stop"
SUMMARY = "End a run that learns in another process, and keep all of it"
NOTES = """\
It returns when the run has ended. `rltop resume` goes on with it.

examples:
  rltop stop cartpole-dqn-s0-001
"""

PATIENCE = 60


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop stop` takes."""
    add_run(parser)
    parser.add_argument(
        "--timeout", metavar="SECONDS", type=whole(0, 86_400), default=PATIENCE, help="how long to wait (default: 60)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Ask a run to stop, wait until it has, and print its result."""
    from scenarios.runs.control import Command, send
    from scenarios.runs.files import lock_holder
    from scenarios.runs.standing import standing_of
    from scenarios.runs.trainer import wait

    found = find_run(options)
    process = lock_holder(found.lock)
    if process is None:
        if standing_of(found).status == "dead":
            raise UsageError(died(found))
        raise UsageError(f"{found.path.name} does not run: `rltop ls` shows how runs have ended")
    send(found.control, Command("stop"))
    if not wait(found, options.timeout):
        complain(
            f"{found.path.name} still runs after {options.timeout} seconds: wait, or end process {process} by "
            f"kill {process}; nothing before its newest checkpoint is lost"
        )
        return FAILED
    return code_of(conclude(found, as_json=options.json))
