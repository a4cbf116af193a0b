"""Taking turns: of many trainers on one machine only so many learn at a time, and the others wait.

A place is a file, and whoever has it locked learns. The lock dies with the process, so no place is ever lost, and
nobody has to watch over the others. A trainer that waits holds its run: it is seen, and it can be told to stop.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from scenarios.runs.control import ControlReader
from scenarios.runs.directory import Run
from scenarios.runs.files import RunError
from scenarios.runs.progress import Progress, write_status

FOLDER = ".turns"  # in the directory of runs
LOOK_SECONDS = 0.2
_NOTHING = Progress(0.0, 0, 0, 0, None, None, None, None)


def places_here() -> int:
    """How many trainers this machine can serve at a time: one for each core."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def turn(run: Run, places: int, waits: Callable[[], None], interrupted: Callable[[], bool]) -> Iterator[None]:
    """Wait for one of so many places in the run's directory of runs, and have it for the block.

    The caller holds the run. `waits` is called once if there is no place. A command to stop and `interrupted` end the
    waiting without one: then there is nothing left to do but to end. Raises RunError where nothing can be locked.
    """
    folder = run.path.parent / FOLDER
    with ExitStack() as held:
        if not _take_place(folder, places, held):
            write_status(run.status, "waiting", 0, _NOTHING)
            waits()
            commands = ControlReader(run.control)
            while not (interrupted() or _told_to_stop(commands)):
                time.sleep(LOOK_SECONDS)
                if _take_place(folder, places, held):
                    break
        yield


def _take_place(folder: Path, places: int, held: ExitStack) -> bool:
    try:
        folder.mkdir(exist_ok=True)
        for place in range(places):
            fd = os.open(folder / f"{place}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(fd)
                continue
            held.callback(os.close, fd)
            return True
    except OSError as error:
        raise RunError.from_os(folder, "cannot be used to take turns", error) from error
    return False


def _told_to_stop(commands: ControlReader) -> bool:
    return any(not isinstance(command, str) and command.name == "stop" for command in commands.poll())
