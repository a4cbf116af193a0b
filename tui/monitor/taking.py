"""Taking elsewhere what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tui.drawing.theme import make_theme
from tui.lesson.dialogs import Choices, Field, Form
from tui.monitor import exports
from tui.monitor.chart import Chart
from tui.monitor.observer import chart_rows
from tui.monitor.session import Session


def export(session: Session) -> None:
    """Ask for a file, and have the charts written into it."""
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
            _write(session, charts, path)

    hint = "every point of the part that is shown as .csv or .json, or the charts as a picture, .svg"
    session.dialog = Form("Write what is shown", (Field("file", "charts.svg", hint),), take)


def _write(session: Session, charts: Sequence[Chart], path: Path) -> None:
    """Have the charts written: a picture of them as they are, or all points of the same curves, which are read anew."""
    rows = [row for one in session.charted if (row := session.row_of(one)) is not None]
    metrics, style, grouped = [chart.metric for chart in charts], session.style, session.view.grouped

    def write() -> str:
        whole = charts if path.suffix.lower() == ".svg" else chart_rows(rows, metrics, style=style, grouped=grouped)
        exports.export(whole, path, make_theme())
        return f"written: {path}"

    session.background = write
