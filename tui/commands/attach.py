"""`rltop attach`: follow a run that learns in another process."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from tui.commands.arguments import add_run, find_run
from tui.commands.errors import FAILED, complain
from tui.commands.progress import ProgressPrinter, say
from tui.commands.running import code_of, conclude

if TYPE_CHECKING:
    from scenarios.runs.directory import Run

NAME = "attach"
SUMMARY = "Follow a run that learns in another process"
NOTES = """\
Ctrl-C takes leave of it; the run goes on.

examples:
  rltop attach cartpole-dqn-s0-001
"""

LOOK_SECONDS = 0.25


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop attach` takes."""
    add_run(parser)


def run(options: argparse.Namespace) -> int:
    """Show how a run goes until it has ended, and then how it has."""
    from scenarios.runs.standing import overview

    found = find_run(options)
    printer = ProgressPrinter(found.manifest.lanes)
    try:
        _follow(found, printer)
    except KeyboardInterrupt:
        printer.clear()
        say(f"{found.path.name} goes on: `rltop attach` follows it again, `rltop stop` ends it")
        return 0
    finally:
        printer.clear()
    if overview(found)["status"] == "dead":
        complain(f"the process of {found.path.name} has died: `rltop resume {found.path.name}` goes on where it was")
        return FAILED
    return code_of(conclude(found))


def _follow(found: Run, printer: ProgressPrinter) -> None:
    """Print the progress of a run as long as a process works on it."""
    from scenarios.runs.files import lock_holder
    from scenarios.runs.progress import read_status

    while lock_holder(found.lock) is not None:
        if said := read_status(found.status):
            printer(said.progress, paused=said.activity == "paused")
        time.sleep(LOOK_SECONDS)
