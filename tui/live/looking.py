"""How the curves and the board are looked at."""

from __future__ import annotations

from collections.abc import Callable

from tui.lesson.layout import Arrangement, is_small
from tui.live.curves import SHORT, shown_metric, small_metrics
from tui.live.layout import LOWER, PANES
from tui.live.session import Session
from tui.live.view import AXES, LAYERS, SMOOTHING, View


def metric(by: int) -> Callable[[Session], None]:
    """Another metric in the large chart."""

    def run(session: Session) -> None:
        first = shown_metric(session.names, "")
        listed = [first, *small_metrics(session.names, first)]
        place = listed.index(session.metric) if session.metric in listed else 0
        session.view.metric = listed[(place + by) % len(listed)]
        session.message = SHORT.get(session.view.metric, session.view.metric)

    return run


def axis(session: Session) -> None:
    """Another x axis: steps, episodes, seconds."""
    session.view.axis = AXES[(AXES.index(session.view.axis) + 1) % len(AXES)]
    session.message = f"over {session.view.axis}"


def log_y(session: Session) -> None:
    """A logarithmic y axis of the large chart, or a plain one."""
    session.view.log_y = not session.view.log_y
    session.message = "logarithmic where anything is above 0" if session.view.log_y else "linear"


def smoothing(session: Session) -> None:
    """Smoother, up to the smoothest, then as it is."""
    view = session.view
    view.smoothing = SMOOTHING[(SMOOTHING.index(view.smoothing) + 1) % len(SMOOTHING)]
    session.message = f"smoothing {view.smoothing:g}" if view.smoothing else "not smoothed"


def layer(session: Session) -> None:
    """What the cells of a board show: V, Q, the policy."""
    if session.facts.board is None:
        session.message, session.mistake = "only a board has layers", True
        return
    view = session.view
    view.layer = LAYERS[(LAYERS.index(view.layer) + 1) % len(LAYERS)]


def scroll(by: int) -> Callable[[Session], None]:
    """Earlier messages, or later ones."""

    def run(session: Session) -> None:
        session.view.scroll = max(0, session.view.scroll + by)

    return run


def next_pane(view: View, by: int, focused: str | None, arrangement: Arrangement, width: int, height: int) -> str:
    """The pane after the one in focus, or before; where there is room for one only, that one changes."""
    if view.zoomed is not None:
        view.zoomed = PANES[(PANES.index(view.zoomed) + by) % len(PANES)]
        return view.zoomed
    if is_small(width, height):
        view.lower = LOWER[(LOWER.index(view.lower) + by) % len(LOWER)]
        return view.lower
    return arrangement.next_pane(focused, by)
