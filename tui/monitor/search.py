"""The dialog in which metrics are found by a few letters, and chosen for the charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Input

from scenarios.runs.metrics import METRICS
from tui.drawing.cells import safe_text
from tui.help.dialog import Dialog as Window
from tui.help.finder import Finder
from tui.lesson.dialogs import Dialog
from tui.lesson.forms import screen_for
from tui.monitor import charting
from tui.monitor.fuzzy import fuzzy_find
from tui.monitor.session import MetricSearch, Session
from tui.picker.menu import Menu, Row

_MEANINGS = {metric.name: metric.meaning for metric in METRICS}


class MetricScreen(Finder[None]):
    """A line to type in, and the metrics that fit it; those that are charted have a mark."""

    DEFAULT_CSS = """
    MetricScreen { background: $background 50%; align: center middle; }
    MetricScreen Vertical {
        width: 90; max-width: 96%; height: 70%; border: round $accent; padding: 0 1; background: $background;
    }
    MetricScreen Input, MetricScreen Input:focus {
        border: none; height: 1; padding: 0 1; background: $boost; margin-bottom: 1;
    }
    MetricScreen Menu { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "done", id="metrics.close"),
        Binding("tab", "chart", "chart it beside the others, or not", id="metrics.toggle"),
        Binding("up", "move(-1)", "up", show=False, id="metrics.up"),
        Binding("down", "move(1)", "down", show=False, id="metrics.down"),
    ]

    def __init__(
        self,
        names: Sequence[str],
        charted: Callable[[], Sequence[str]],
        show: Callable[[str], None],
        toggle: Callable[[str], None],
    ) -> None:
        keys = "enter shows it in this chart, tab adds or removes a chart, esc is done"
        super().__init__("Metrics", keys, "letters of its name")
        self.names, self.charted, self.show_it, self.toggle = names, charted, show, toggle

    def on_mount(self) -> None:
        """All metrics."""
        self._list()

    @on(Input.Changed)
    def _list(self) -> None:
        found = fuzzy_find(self.query_one(Input).value, self.names)
        charted = self.charted()
        rows = [
            Row(
                safe_text(name, 60),
                "metric",
                name,
                mark="●" if name in charted else "",
                note=_MEANINGS.get(name, ""),
                strong=name in charted,
            )
            for name in found
        ]
        self.query_one(Menu).list_rows(rows)

    def action_chart(self) -> None:
        """Chart the metric under the cursor beside the others, or chart it no more."""
        row = self.query_one(Menu).current
        if row is not None:
            self.toggle(row.key)
            self._list()

    @on(Menu.Chosen)
    def _chosen(self, event: Menu.Chosen) -> None:
        self.show_it(event.row.key)
        self.dismiss()


def window_for(dialog: Dialog | MetricSearch, session: Session) -> Window[None]:
    """The window in which a dialog of the monitor is answered."""
    if not isinstance(dialog, MetricSearch):
        return screen_for(dialog)
    return MetricScreen(
        session.seen.metrics,
        lambda: session.metrics,
        lambda name: charting.show_metric(session, name),
        lambda name: charting.toggle_metric(session, name),
    )
