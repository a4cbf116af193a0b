"""`rltop attach`: follow a run that learns in another process, or look at one that has ended."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from scenarios.garbage import kept_from_collecting
from tui.commands.arguments import add_run, find_run
from tui.commands.errors import FAILED, complain
from tui.commands.learn import add_ascii
from tui.commands.progress import ProgressPrinter, say
from tui.commands.running import code_of, conclude, died

if TYPE_CHECKING:
    from scenarios.runs.directory import Run

NAME = "attach"
SUMMARY = "Follow a run that learns in another process"
NOTES = """\
On a terminal it opens the live screen: the environment, what the network thinks, curves, and keys that pause, steer and
scrub; a run that has ended can be looked at, too. Elsewhere, with --plain or TERM=dumb, it prints how the run goes.
Leaving it, by d or Ctrl-C, takes nothing from the run: it goes on.

examples:
  rltop attach cartpole-dqn-s0-001
  rltop attach ./runs/lunarlander-ppo-s0-001 --plain
"""

LOOK_SECONDS = 0.25
INTERRUPTED = 130  # the app's exit code after Ctrl-C, which takes leave here


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop attach` takes."""
    add_run(parser)
    parser.add_argument("--plain", action="store_true", help="print how it goes instead of opening the screen")
    add_ascii(parser)


def run(options: argparse.Namespace) -> int:
    """Show how a run goes until it has ended or the user leaves, and then how it has."""
    from tui.terminal import why_no_screen

    found = find_run(options)
    if not options.plain and why_no_screen() is None:
        return _show(found, options.ascii)
    return _print(found)


def _show(found: Run, ascii: bool) -> int:
    """Open the live screen, and say how the run was left."""
    from scenarios.runs.standing import standing_of

    with kept_from_collecting():
        from tui.app import run_live
    code = run_live(found.path, ascii=ascii)
    if code not in (0, INTERRUPTED):
        return code
    standing = standing_of(found)
    if standing.process is not None:
        _take_leave(found)
        return 0
    return _complain_of_death(found) if standing.status == "dead" else code_of(conclude(found))


def _take_leave(found: Run) -> None:
    say(f"{found.path.name} goes on: `rltop attach` follows it again, `rltop stop` ends it")


def _complain_of_death(found: Run) -> int:
    complain(died(found))
    return FAILED


def _print(found: Run) -> int:
    """Print how a run goes until it has ended, and then how it has."""
    from scenarios.runs.standing import standing_of

    printer = ProgressPrinter(found.manifest.lanes)
    try:
        _follow(found, printer)
    except KeyboardInterrupt:
        printer.clear()
        _take_leave(found)
        return 0
    finally:
        printer.clear()
    if standing_of(found).status == "dead":
        return _complain_of_death(found)
    return code_of(conclude(found))


def _follow(found: Run, printer: ProgressPrinter) -> None:
    """Print the progress of a run as long as a process works on it."""
    from scenarios.runs.files import lock_holder
    from scenarios.runs.progress import read_status

    while lock_holder(found.lock) is not None:
        if said := read_status(found.status):
            printer(said.progress, paused=said.activity == "paused")
        time.sleep(LOOK_SECONDS)
