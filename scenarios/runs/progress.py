"""What a run says of itself while it learns: how far it is, for whoever looks, and sentences for its log."""

from __future__ import annotations

import dataclasses
import math
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from scenarios.runs.files import RunError, printable, read_json, write_all, write_json

MAX_LOG_BYTES = 256 << 10
MAX_TRACEBACK_BYTES = 16 << 10

Activity = Literal["running", "paused", "waiting"]  # waiting: for its turn, see `turns.py`


@dataclass(frozen=True)
class Progress:
    """How far a run has come."""

    seconds: float
    env_steps: int  # of all lanes together
    episodes: int  # of all lanes together
    sweeps: int
    share: float | None  # of the budget, in [0, 1]; None where nobody knows how long it takes
    return_mean: float | None  # of the last 100 episodes
    largest_change: float | None  # of the last sweep
    fault: str | None  # why the metrics cannot be written just now
    eval_mean: float | None = None  # of the best greedy evaluation
    unkept: str | None = None  # why there is no checkpoint of late
    rss_mb: float | None = None  # resident memory of the trainer now, in 10^6 bytes

    @property
    def steps_per_second(self) -> float:
        """Environment steps of all lanes per second since the beginning."""
        return self.env_steps / self.seconds if self.seconds else 0.0

    @property
    def trouble(self) -> str | None:
        """Why not everything could be written just now, curves or checkpoint."""
        return self.fault or self.unkept

    @property
    def seconds_left(self) -> float | None:
        """Until the budget is used up, at the speed so far; None where nobody knows."""
        return self.seconds * (1 - self.share) / self.share if self.share else None


@dataclass(frozen=True)
class Heartbeat:
    """What a trainer last said of itself."""

    activity: Activity
    process: int
    transitions: int
    progress: Progress


def write_status(path: Path, activity: Activity, transitions: int, progress: Progress) -> None:
    """Let clients know; what is not finite becomes null. Raises RunError when the disk refuses."""
    members = {"activity": activity, "process": os.getpid(), "transitions": transitions}
    plain = {key: None if _is_unbounded(value) else value for key, value in dataclasses.asdict(progress).items()}
    write_json(path, {**members, "progress": plain}, durable=False)


def _is_unbounded(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def read_status(path: Path) -> Heartbeat | None:
    """What the trainer last said; None if nothing, or nothing that makes sense."""
    try:
        found = read_json(path)
        progress = found.pop("progress")
        for key, value in progress.items():
            kinds = (str, type(None)) if key in ("fault", "unkept") else (int, float, type(None))
            if type(value) not in kinds or _is_unbounded(value):
                return None
        if found["activity"] not in get_args(Activity):
            return None
        if {type(found["process"]), type(found["transitions"])} != {int}:
            return None
        said = Heartbeat(**found, progress=Progress(**progress))
        return said if None not in (progress[key] for key in ("seconds", "env_steps", "episodes", "sweeps")) else None
    except (RunError, KeyError, TypeError, AttributeError):
        return None


class TrainerLog:
    """Appends sentences to trainer.log, each with its time; a disk that refuses never stops the run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def say(self, sentence: str) -> None:
        """Add one line, unless the log is long enough already."""
        self._append(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {printable(sentence, 1000)}\n", MAX_LOG_BYTES)

    def traceback(self, text: str) -> None:
        """Add several lines as they are, cut at their beginning; there is always room for the latest."""
        self._append(text[-MAX_TRACEBACK_BYTES:], 2 * MAX_LOG_BYTES)

    def _append(self, text: str, most: int) -> None:
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
            fd = os.open(self._path, flags, 0o666)
            try:
                data = text.encode(errors="replace")
                if os.fstat(fd).st_size + len(data) <= most:
                    write_all(fd, data)
            finally:
                os.close(fd)
