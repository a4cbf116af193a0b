"""Taking elsewhere what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scenarios.runs.files import RunError
from tui.drawing.theme import make_theme
from tui.lesson.dialogs import Choices, Field, Form
from tui.monitor import exports
from tui.monitor.chart import Chart
from tui.monitor.session import Session


def export(session: Session) -> None:
    """Ask for a file, and write the charts into it."""
    charts = [chart for number in range(len(session.charts)) if (chart := session.chart_of(number)) is not None]
    if not any(len(line.curve[0]) for chart in charts for line in chart.lines):
        session.say("there is no curve to write yet", mistake=True)
        return

    def take(texts: Sequence[str]) -> None:
        path = exports.target_of(texts[0])
        if path.exists():
            write = ("write over it", lambda: _write(session, charts, path))
            session.dialog = Choices(f"{path.name} is there already", (("keep it as it is", lambda: None), write))
        else:
            exports.export(charts, path, make_theme())
            session.say(f"written: {path}")

    hint = "the points that are shown as .csv or .json, or the charts as a picture, .svg"
    session.dialog = Form("Write what is shown", (Field("file", "charts.svg", hint),), take)


def _write(session: Session, charts: Sequence[Chart], path: Path) -> None:
    """Write over a file."""
    try:
        exports.export(charts, path, make_theme())
    except RunError as error:
        session.say(str(error), mistake=True)
    else:
        session.say(f"written: {path}")
