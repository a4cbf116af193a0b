"""How a run goes in numbers: its status, how far it is, how fast, and what it earns."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.runs.progress import Progress
from tui.commands.progress import duration, short
from tui.drawing.cells import Cells
from tui.drawing.numbers import format_value
from tui.drawing.scenes.bars import put_bar
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped, grouped
from tui.live.facts import setting_text, value_now
from tui.live.session import Session

Line = tuple[str, str]
_LABEL = 10  # columns of a label
_WORDS = {"running": "learning", "dead": "died: r resumes it", "": "opening"}


def draw_numbers(session: Session, width: int, height: int, theme: Theme) -> Cells:
    """Lines of a label and what it is, the most important first; in two columns where there is more width than rows."""
    cells = Cells(width, height)
    lines = list(_lines(session))
    columns = 2 if len(lines) + 1 > height and width >= 64 else 1
    share = width // columns
    top = 0
    progress = _share(session)
    if progress is not None and height > 1:
        _draw_progress(cells, progress, theme)
        top = 1
    rows = max(1, height - top)
    for number, (label, text) in enumerate(lines[: columns * rows]):
        row, col = top + number % rows, number // rows * share
        cells.put(row, col, clipped(label, _LABEL, theme), theme.style(theme.palette.muted))
        room = share - _LABEL - 1 - (columns > 1)
        cells.put(row, col + _LABEL, clipped(text, room, theme), theme.style(theme.palette.text))
    return cells


def _share(session: Session) -> float | None:
    seen = session.seen
    if seen.result is not None:
        return None if seen.result.status in ("failed", "diverged", "stopped") else 1.0
    return None if seen.said is None else seen.said.progress.share


def _draw_progress(cells: Cells, share: float, theme: Theme) -> None:
    """How much of the run is done, as a bar."""
    text = f"{share:4.0%}"
    cells.put(0, 0, "progress", theme.style(theme.palette.muted))
    put_bar(cells, 0, _LABEL, cells.width - _LABEL - len(text) - 1, 0.0, share, theme.palette.series[2], theme)
    cells.put(0, max(0, cells.width - len(text)), text, theme.style(theme.palette.text, bold=True))


def _lines(session: Session) -> Iterator[Line]:
    seen, facts = session.seen, session.facts
    (one, many), result = facts.words, seen.result
    progress = None if seen.said is None else seen.said.progress
    if result is not None and result.message:
        yield "why", result.message
    if progress is not None and (progress.fault or progress.unkept):
        yield "trouble", progress.fault or progress.unkept or ""
    if result is not None:
        yield "ended", f"{seen.status} after {duration(result.wall_seconds)}"
        yield "speed", f"{short(result.steps_per_second)} {one}/s"
        yield "return", _number(result.return_mean, f"mean of 100 {many}")
        yield "best", _number(result.eval_mean, "greedy")
        yield "work", _work(result.env_steps, result.episodes, session)
    elif progress is not None:
        yield "time", _time(progress)
        yield "speed", f"{short(session.speed or progress.steps_per_second)} {one}/s"
        yield "return", _number(progress.return_mean, f"mean of 100 {many}")
        yield "best", _number(progress.eval_mean, "greedy")
        yield "work", _work(progress.env_steps, progress.episodes, session)
        yield from _settings(session, progress.env_steps)
    else:
        yield "status", _WORDS.get(seen.status, seen.status)
    if facts.solved is not None:
        yield "solved at", format_value(facts.solved, 8)
    if result is None and progress is not None and progress.rss_mb is not None:
        yield "memory", f"{progress.rss_mb:.0f} MB"
    elif result is not None:
        yield "memory", f"{result.peak_rss_mb:.0f} MB at most"
    lanes = facts.run.manifest.lanes
    yield "seed", f"{facts.run.manifest.seed}" + (f", {grouped(lanes)} lanes" if lanes > 1 else "")


def _number(value: float | None, of: str) -> str:
    return "none yet" if value is None else f"{format_value(value, 8).strip()} {of}"


def _work(steps: int, episodes: int, session: Session) -> str:
    one, many = session.facts.words
    return f"{grouped(steps)} {one}, {grouped(episodes)} {many}"


def _time(progress: Progress) -> str:
    left = progress.seconds_left
    return duration(progress.seconds) + ("" if left is None else f", {duration(left)} left")


def _settings(session: Session, steps: int) -> Iterator[Line]:
    """Settings that are what they are only now."""
    config = session.facts.after(session.changes)
    for label, key in (("rate", "learning_rate"), ("step size", "alpha"), ("explores", "epsilon")):
        count = steps
        if session.facts.family == "tabular" and session.seen.said is not None:
            count = session.seen.said.progress.episodes // session.facts.run.manifest.lanes
        number = value_now(config, key, count)
        if number is not None:
            yield label, setting_text(number)
