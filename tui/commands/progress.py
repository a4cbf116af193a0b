"""How a run goes, on stderr: one line that updates itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.runs.progress import Progress

LINE_SECONDS = 10.0  # between plain lines


class ProgressPrinter:
    """Owns what stderr shows of a run; a stderr that has gone away never stops the run."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._updates_itself = _updates_itself()
        self._drawn = 0  # characters of the updating line
        self._due = LINE_SECONDS
        self._said: dict[str, str | bool | None] = {"fault": None, "unkept": None, "paused": False}

    def __call__(self, progress: Progress, *, paused: bool = False) -> None:
        """Show a progress, if it is time to."""
        self._tell("paused", paused, "paused", "goes on")
        self._tell("fault", progress.fault, f"metrics paused: {progress.fault}", "metrics are written again")
        self._tell("unkept", progress.unkept, f"no checkpoint: {progress.unkept}", "checkpoints are written again")
        line = describe(progress, self._lanes)
        if self._updates_itself:
            line = line[: max(0, _columns() - 1)]
            _write("\r" + line.ljust(self._drawn))
            self._drawn = len(line)
        elif progress.seconds >= self._due:
            _write(line + "\n")
            self._due = progress.seconds + LINE_SECONDS

    def _tell(self, about: str, now: str | bool | None, begun: str, ended: str) -> None:
        """One line when something has begun or ended."""
        if now != self._said[about]:
            self._said[about] = now
            self.clear()
            _write(f"{begun if now else ended}\n")

    def clear(self) -> None:
        """Take the updating line away."""
        if self._drawn:
            _write("\r" + " " * self._drawn + "\r")
            self._drawn = 0


def say(sentence: str) -> None:
    """One line on stderr, if anybody listens."""
    _write(f"{sentence}\n")


def describe(progress: Progress, lanes: int) -> str:
    """A progress in one line."""
    parts = []
    if progress.share is not None:
        parts.append(f"{progress.share:4.0%}")
        parts.append(f"{short(progress.episodes / lanes)} episodes")
        parts.append(f"{short(progress.steps_per_second)} steps/s")
    else:
        parts.append(f"sweep {progress.sweeps:,}")
    if progress.return_mean is not None:
        parts.append(f"return {progress.return_mean:.2f}")
    if progress.eval_mean is not None:
        parts.append(f"greedy {progress.eval_mean:.2f}")
    if progress.largest_change is not None:
        parts.append(f"largest change {progress.largest_change:.3g}")
    if progress.share:
        parts.append(f"{duration(progress.seconds * (1 - progress.share) / progress.share)} left")
    else:
        parts.append(duration(progress.seconds))
    return "  ".join(parts)


def short(number: float) -> str:
    """A number of things in a few characters: 9.5, 950, 4372, 12.3k, 4.56M."""
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= max(0.9995 * size, 9_999.5):
            return f"{number / size:.3g}{letter}"
    return f"{number:.0f}" if abs(number) >= 100 else f"{number:.3g}"


def recent_episodes(episodes: int, lanes: int) -> int:
    """How many episodes of each lane a mean return is over: the last 100, or all there are."""
    return max(1, min(100, -(-episodes // lanes)))


def duration(seconds: float) -> str:
    """Seconds as a person says them: 3 ms, 1.8 s, 42 s, 3 min 20 s, 5 h 12 min."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def _updates_itself() -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM", "dumb") == "dumb"
    return sys.stderr is not None and sys.stderr.isatty() and not plain


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except OSError:
        return 80


def _write(text: str) -> None:
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
    except OSError:
        sys.stderr = None  # nobody listens any more
