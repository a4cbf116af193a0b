"""Trainers to be killed: a process that has imported everything once and forks one trainer after the other."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).parents[2]
DISK = ("open", "write", "replace", "ftruncate", "unlink")


class Nursery:
    """Forks trainers in a process of its own, where no test and no thread is in the way."""

    def __init__(self, hash_seed: str = "0") -> None:
        settings = {**os.environ, "PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=settings, text=True
        )

    def __enter__(self) -> "Nursery":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def begin(self, path: Path, **how: object) -> int:
        """Fork a trainer (see `train`); returns its process id."""
        print(json.dumps({"path": str(path), **how}), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def end(self) -> int:
        """Wait for the trainer; returns its exit code, negative for a signal."""
        print(file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def run(self, path: Path, **how: object) -> int:
        """Let a trainer run to its end; returns its exit code."""
        self.begin(path, **how)
        return self.end()

    def kill_after(self, seconds: float, path: Path, **how: object) -> bool:
        """Fork a trainer and kill it some time later; False if it had ended before."""
        process = self.begin(path, **how)
        time.sleep(seconds)
        os.kill(process, signal.SIGKILL)  # nobody else can have its number: it has not been waited for
        return self.end() == -signal.SIGKILL


# ── in the process itself ────────────────────────────────────────────────────────────────────────────────


def train(path: str, *, resume: bool = False, every: bool = False, kill_at: int = 0) -> None:
    """Train in a run directory, attentive and with checkpoints all the time.

    every: attend, and keep a checkpoint, after every event; kill_at: die at the n-th call that changes the disk.
    """
    from scenarios.runs import keeping, session
    from scenarios.runs.directory import open_run
    from scenarios.runs.resume import experiment_of
    from scenarios.runs.training import train

    keeping.CHECKPOINT_SECONDS, keeping.CHECKPOINT_SHARE = 0.0, 1.0
    session.ATTEND_SECONDS = session.TELL_SECONDS = session.STATUS_SECONDS = 0.002
    if every:
        session.ATTEND_SECONDS = session.TELL_SECONDS = 0.0
        keeping.Keeper.is_due = lambda _: True
    os.fsync = lambda _: None  # the system keeps what a killed process has written, and this makes time for more kills
    if kill_at:
        die_at(kill_at)
    run = open_run(path, Path(path).parent)
    train(*experiment_of(run), run, resume=resume)


def die_at(n: int) -> None:
    """Let the n-th call that changes the disk kill this process, every other one half done."""
    left = n

    def deadly(name: str) -> None:
        call = getattr(os, name)

        def wrapped(*arguments: object, **options: object) -> object:
            nonlocal left
            if name != "open" or arguments[1] & os.O_CREAT:
                left -= 1
            if left == 0:
                if name == "write" and n % 2:
                    call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **options)

        setattr(os, name, wrapped)

    for name in DISK:
        deadly(name)


def serve() -> None:
    import scenarios.runs.resume
    import scenarios.runs.training  # noqa: F401

    for worlds in ("toy_text", "classic_control", *(["box2d"] if importlib.util.find_spec("Box2D") else [])):
        importlib.import_module(f"gymnasium.envs.{worlds}")  # once, and not in every trainer again
    for line in sys.stdin:
        process = os.fork()
        if not process:
            try:
                train(**json.loads(line))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
        print(process, flush=True)
        sys.stdin.readline()  # until it is waited for, its number is its own
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
