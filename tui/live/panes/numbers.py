"""How a run goes in numbers: its status, how far it is, how fast, and what it earns."""

from __future__ import annotations

from collections.abc import Iterator

from scenarios.lessons.words import grouped
from scenarios.runs.collection import DAMAGED
from scenarios.runs.directory import Result
from scenarios.runs.progress import Progress
from tui.commands.progress import duration, recent_episodes, short
from tui.drawing.cells import Cells
from tui.drawing.numbers import format_value
from tui.drawing.scenes.bars import put_bar
from tui.drawing.theme import Theme
from tui.lesson.panes.text import clipped
from tui.live.facts import setting_text, value_now
from tui.live.session import Session

Line = tuple[str, str]
_LABEL = 10  # columns of a label
_WORDS = {"running": "learning", "dead": "died: r resumes it", DAMAGED: "cannot be read", "": "opening"}
_GREEDY = {  # what the greedy policy's number is, by family
    "planning": "exact",
    "tabular": "exact",
    "supervised": "held-out accuracy",
    "deep": "best evaluation",
}


def draw_numbers(session: Session, width: int, height: int, theme: Theme) -> Cells:
    """Lines of a label and what it is, the most important first; in two columns where there is more width than rows."""
    cells = Cells(width, height)
    lines = list(_lines(session))
    columns = 2 if len(lines) + 1 > height and width >= 64 else 1
    share = width // columns
    top = 0
    progress = session.seen.share
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


def _draw_progress(cells: Cells, share: float, theme: Theme) -> None:
    """How much of the run is done, as a bar."""
    text = f"{share:4.0%}"
    cells.put(0, 0, "progress", theme.style(theme.palette.muted))
    put_bar(cells, 0, _LABEL, cells.width - _LABEL - len(text) - 1, 0.0, share, theme.palette.series[2], theme)
    cells.put(0, max(0, cells.width - len(text)), text, theme.style(theme.palette.text, bold=True))


def _lines(session: Session) -> Iterator[Line]:
    seen, facts = session.seen, session.facts
    result, paused = seen.result, seen.status == "paused"
    progress = None if seen.said is None else seen.said.progress
    if result is not None and result.message:
        yield "why", result.message
    if seen.trouble is not None:
        yield "trouble", seen.trouble
    if result is not None:
        yield "ended", f"{result.status} after {duration(result.wall_seconds)}"
        yield from _swept(session, result) if facts.family == "planning" else _earned(session, result)
    elif progress is not None:
        yield "time", _time(progress, learns=seen.learns)
        yield from _updates(session) if paused else ()  # made one by one, nothing else moves
        yield from _swept(session, progress) if facts.family == "planning" else _earned(session, progress)
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
    yield from () if paused else _updates(session)


def _earned(session: Session, found: Progress | Result) -> Iterator[Line]:
    """How fast a run learns, and what it earns."""
    one, many = session.facts.words
    speed = found.steps_per_second if session.seen.result is not None else session.speed or found.steps_per_second
    recent = recent_episodes(found.episodes, session.facts.run.manifest.lanes)
    yield "speed", f"{short(speed)} {one}/s"
    yield "return", _number(found.return_mean, f"over {recent} {many if recent > 1 else many[:-1]}")
    yield "greedy", _number(found.eval_mean, _GREEDY[session.facts.family])
    yield "work", f"{grouped(found.env_steps)} {one}, {grouped(found.episodes)} {many}"


def _updates(session: Session) -> Iterator[Line]:
    """How often a network was changed, where that is not once a step: by PPO once a minibatch."""
    said = session.seen.said
    has_network = session.facts.family in ("deep", "supervised")
    if has_network and said is not None and said.transitions != said.progress.env_steps:
        yield "updates", grouped(said.transitions)


def _swept(session: Session, found: Progress | Result) -> Iterator[Line]:
    """How far planning has come: it takes no steps, and when its values settle it ends."""
    if found.sweeps is not None:
        yield "work", f"{grouped(found.sweeps)} sweep{'s' * (found.sweeps != 1)}"
    if session.change is not None:
        yield "change", f"{setting_text(session.change)} in the last sweep"
    theta = value_now(session.config, "theta", 0)
    if theta is not None:
        yield "ends", f"below θ = {setting_text(theta)}"
    if found.eval_mean is not None:
        yield "greedy", _number(found.eval_mean, _GREEDY[session.facts.family])


def _number(value: float | None, of: str) -> str:
    return "none yet" if value is None else f"{format_value(value, 6).strip()} {of}"


def _time(progress: Progress, *, learns: bool) -> str:
    left = progress.seconds_left if learns else None
    return duration(progress.seconds) + ("" if left is None else f", {duration(left)} left")


def _settings(session: Session, steps: int) -> Iterator[Line]:
    """Settings that are what they are only now."""
    config = session.config
    for label, key in (("rate", "learning_rate"), ("step size", "alpha"), ("explores", "epsilon")):
        count = steps
        if session.facts.family == "tabular" and session.seen.said is not None:
            count = session.seen.said.progress.episodes // session.facts.run.manifest.lanes
        number = value_now(config, key, count)
        if number is not None:
            yield label, setting_text(number)
