"""The trainer: a process of its own session that learns in a run directory, and outlives whoever started it.

`python -m scenarios.runs.trainer RUN` is what `start` runs; its output goes to trainer.log.
"""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from scenarios.runs.directory import Run, open_run
from scenarios.runs.files import RunError, exclusive_lock, lock_holder

if TYPE_CHECKING:
    from scenarios.runs.progress import Progress
    from scenarios.runs.signals import StopRequest

# One BLAS thread: a second gains nothing at these sizes and changes the last bits.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
BEGIN_SECONDS = 60.0  # until a trainer has begun; importing takes one, on a busy machine several
POLL_SECONDS = 0.05
_BEGUN = b"begun"


def start(run: Run, *, resume: bool = False, places: int | None = None) -> int:
    """Let a trainer begin, or `resume`, in a process of its own session; returns its id once it learns.

    Where only so many trainers shall learn at a time (`places`) it returns, too, once the trainer waits for its turn.

    Raises RunError when it cannot, with what it said.
    """
    package = Path(__file__).parents[2]  # not the working directory, where another `scenarios` may lie
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "scenarios.runs.trainer", str(run.path.absolute()), "--tell", str(writing)]
    command += ["--resume"] if resume else []
    command += ["--places", str(places)] if places is not None else []
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK
    try:
        with open(run.log, "ab", opener=lambda path, _: os.open(path, flags, 0o666)) as log:
            process = subprocess.Popen(
                command,
                cwd=package,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(writing,),
                start_new_session=True,
            )
    except OSError as error:
        os.close(reading)
        raise RunError.from_os(run.log, "cannot be used to start a trainer", error) from error
    finally:
        os.close(writing)
    threading.Thread(target=process.wait, daemon=True).start()  # so that it leaves no zombie behind
    try:
        said = _said(reading)
    finally:
        os.close(reading)
    if said != _BEGUN:
        sentence = said.decode(errors="replace") or "its trainer ended before it began"
        raise RunError(run.path, f"is not learning: {sentence}", f"{run.log.name} in it may say more")
    return process.pid


def _said(reading: int) -> bytes:
    """What a trainer says before it learns or ends."""
    said, patience = b"", time.monotonic() + BEGIN_SECONDS
    while select.select([reading], [], [], max(0.0, patience - time.monotonic()))[0]:
        part = os.read(reading, 4096)
        said += part
        if not part or said == _BEGUN:
            return said
    return b"it takes longer than %.0f seconds to begin" % BEGIN_SECONDS


def wait(run: Run, seconds: float) -> bool:
    """Wait until no process works on a run any more; False when it still does after so many seconds."""
    patience = time.monotonic() + seconds
    while lock_holder(run.lock) is not None:
        if time.monotonic() > patience:
            return False
        time.sleep(POLL_SECONDS)
    return True


# ── in the process itself ────────────────────────────────────────────────────────────────────────────────


class _Starter:
    """Tells the process that waits, once, that this one has begun or why it has not."""

    def __init__(self, pipe: int | None) -> None:
        self._pipe = pipe

    def __call__(self, progress: Progress) -> None:
        self.tell(_BEGUN)

    def tell(self, said: bytes) -> None:
        if self._pipe is not None:
            with suppress(OSError):  # it does not wait any more
                os.write(self._pipe, said)
                os.close(self._pipe)
            self._pipe = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Learn in a run directory; returns 0, or 1 when that was not possible."""
    parser = argparse.ArgumentParser(prog="python -m scenarios.runs.trainer")
    parser.add_argument("run", metavar="RUN", type=Path)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--tell", metavar="FD", type=int)
    parser.add_argument("--places", metavar="N", type=int)
    options = parser.parse_args(arguments)
    os.environ.update(dict.fromkeys(THREADS, "1"))  # before numpy is imported
    starter = _Starter(options.tell)

    from scenarios.configuration import SettingError
    from scenarios.runs.signals import StopRequest
    from scenarios.runs.turns import turn
    from scenarios.worlds.errors import WorldError

    try:
        run = open_run(str(options.run), options.run.parent)
        with StopRequest() as stop, exclusive_lock(run.lock), ExitStack() as turns:
            if options.places:
                turns.enter_context(turn(run, options.places, lambda: starter.tell(_BEGUN), stop))
            _learn(run, starter, stop, resume=options.resume)
        starter.tell(_BEGUN)  # there was nothing left to learn
    except (RunError, SettingError, WorldError) as error:
        print(error, file=sys.stderr, flush=True)
        starter.tell(str(error).encode())
        return 1
    return 0


def _learn(run: Run, starter: _Starter, stop: StopRequest, *, resume: bool) -> None:
    from scenarios.runs.resume import check_resumable, experiment_of
    from scenarios.runs.training import train_locked

    if resume:
        check_resumable(run)
    train_locked(*experiment_of(run), run, starter, stop, resume=resume)


if __name__ == "__main__":
    sys.exit(main())
