"""The line above the live screen: what is learnt, how far it is, and which moment is shown."""

from __future__ import annotations

from scenarios.lessons.words import grouped
from scenarios.runs.frames import Frame
from tui.drawing.cells import Cells, safe_text
from tui.drawing.theme import Theme
from tui.lesson.panes.text import Span, draw_headline, joined
from tui.live.session import Session

_WORDS = {
    "": "opening",
    "running": "learning",
    "waiting": "waits for its turn",
    "dead": "died: press r to resume",
}


def draw_header(session: Session, width: int, theme: Theme) -> Cells:
    """One line; a narrow one says less, and a message takes the place of what is said always."""
    palette = theme.palette
    strong, plain = theme.style(palette.text, bold=True), theme.style(palette.muted)
    facts = session.facts
    title, method = safe_text(facts.title, 40), safe_text(facts.method, 30)
    names = joined(("rltop", title, method), theme)
    place = _place(session)
    lines: list[list[Span]] = [
        [(names, strong), (safe_text(facts.run.path.name, 60), plain), (place, plain)],
        [(names, strong), (place, plain)],
        [(joined((title, method), theme), strong), (place, plain)],
        [(title, strong), (place, plain)],
        [(place, plain)],
    ]
    if session.message:
        colour = palette.warning if session.mistake else palette.text
        lines = [[(title, strong), (session.message, theme.style(colour, bold=True))]]
        lines.append(lines[0][1:])
    warned = session.seen.status in ("dead", "failed", "diverged") or session.seen.fault is not None
    colour = palette.warning if warned else palette.accent
    return draw_headline(lines, (_state(session, theme), theme.style(colour, bold=True)), width, theme)


def _place(session: Session) -> str:
    """Where in the run it is: what is shown where that was scrubbed to, else how far the run is."""
    steps, one = session.env_steps, session.facts.words[0]
    if steps is not None:
        frame = session.frame
        episode = ""
        if isinstance(frame, Frame) and session.facts.environment_id:
            episode = f", recorded episode {frame.episode + 1}"
        return f"looking back: {one[:-1]} {grouped(steps)}{episode}"
    said, result = session.seen.said, session.seen.result
    planning = session.facts.family == "planning"
    if result is not None:
        count = result.sweeps if planning else result.env_steps
        return "" if count is None else f"{grouped(count)} {one}"
    if said is None:
        return ""
    whole = session.facts.limits.get("steps")
    count = said.progress.env_steps
    if planning:
        return f"sweep {grouped(said.progress.sweeps)}"
    lanes = session.facts.run.manifest.lanes
    of = f" of {grouped(whole * lanes)}" if isinstance(whole, int) else ""
    return f"{one[:-1]} {grouped(count)}{of}"


def _state(session: Session, theme: Theme) -> str:
    """What the run does, with the sign of it."""
    status = session.seen.status
    if session.seen.fault is not None:
        return "cannot be read"
    if session.env_steps is not None:
        sign = theme.glyphs.play if session.playback.playing else theme.glyphs.pause
        return f"{sign} replay"
    sign = {"running": theme.glyphs.play, "paused": theme.glyphs.pause}.get(status, "")
    return f"{sign} {_WORDS.get(status, status)}".strip()
