"""Commands about the charts: metrics, axes, smoothing, the window of x that is shown, and the cursor that reads."""

from __future__ import annotations

import math
from collections.abc import Callable

from tui.monitor.session import MetricSearch, Session
from tui.monitor.view import MOST_METRICS, SMOOTHINGS, X_AXES, X_WORDS

ZOOM = 2 / 3  # of the window that is left
STEP = 1 / 60  # of the window that the cursor moves
LEAP = 1 / 6


def metrics(session: Session) -> None:
    """Ask which metrics to chart."""
    session.dialog = MetricSearch()


def show_metric(session: Session, name: str) -> None:
    """Show a metric in the chart that keys are about; where another chart shows it, keys go there."""
    view = session.view
    shown = [lines.metric for lines in session.seen.charts]
    if name in shown:
        view.chart = shown.index(name)
        return
    others = [metric for metric in session.metrics if metric != name] or [name]
    others[min(session.chart, len(others) - 1)] = name
    view.metrics = tuple(others[:MOST_METRICS])


def toggle_metric(session: Session, name: str) -> None:
    """Chart a metric beside the others, or chart it no more; without any, those that say most are charted."""
    charted = session.metrics
    others = tuple(metric for metric in charted if metric != name)
    session.view.metrics = others if name in charted else (*charted, name)[-MOST_METRICS:]


def next_metric(by: int) -> Callable[[Session], None]:
    """The next of all metrics in the chart that keys are about."""

    def run(session: Session) -> None:
        names = session.seen.metrics
        if not names:
            session.say("these runs have no curves yet", mistake=True)
            return
        shown = list(session.metrics) or [names[0]]
        here = min(session.chart, len(shown) - 1)
        place = names.index(shown[here]) if shown[here] in names else -1
        for step in range(1, len(names) + 1):
            name = names[(place + by * step) % len(names)]
            if name not in shown:
                shown[here] = name
                break
        session.view.metrics = tuple(shown[:MOST_METRICS])

    return run


def next_chart(session: Session) -> None:
    """The keys are about the next chart."""
    if session.seen.charts:
        session.view.chart = (session.chart + 1) % len(session.seen.charts)


def x_axis(session: Session) -> None:
    """Environment steps, episodes, or wall time without pauses."""
    view = session.view
    view.x = X_AXES[(X_AXES.index(view.x) + 1) % len(X_AXES)]
    reset(session)
    session.say(f"over {X_WORDS[view.x]}")


def log_x(session: Session) -> None:
    """A logarithmic x axis, or a linear one."""
    session.view.log_x = not session.view.log_x
    session.say(f"the x axis is {'logarithmic' if session.view.log_x else 'linear'}")


def log_y(session: Session) -> None:
    """Logarithmic y axes, or linear ones."""
    session.view.log_y = not session.view.log_y
    session.say(f"the y axis is {'logarithmic: only what is above 0 is seen' if session.view.log_y else 'linear'}")


def smooth(by: int) -> Callable[[Session], None]:
    """Smooth more, or less."""

    def run(session: Session) -> None:
        view = session.view
        place = SMOOTHINGS.index(view.smoothing) + by
        view.smoothing = SMOOTHINGS[max(0, min(place, len(SMOOTHINGS) - 1))]
        each = f"each point weighs {view.smoothing:g} times the one after it"
        session.say(each if view.smoothing else "not smoothed")

    return run


def group(session: Session) -> None:
    """Runs that differ only by seed as one curve, or every run as its own."""
    view = session.view
    view.grouped = not view.grouped
    session.say("seeds together: their mean and 95 % interval" if view.grouped else "every run is a curve of its own")


def zoom(session: Session, factor: float, around: float | None = None) -> None:
    """Show a part of x: the window shrinks or grows around a place, that of the cursor, or its middle."""
    reach = session.reach
    if reach is None:
        return
    axis = _Scale(session, reach)
    low, high = axis.window
    middle = axis.units(around if around is not None else session.view.at)
    if middle is None or not low <= middle <= high:
        middle = (low + high) / 2
    axis.show(middle - (middle - low) * factor, middle + (high - middle) * factor)


def zoomed(factor: float) -> Callable[[Session], None]:
    """Zoom by a key."""
    return lambda session: zoom(session, factor)


def select_window(session: Session, first: float, second: float) -> None:
    """Show what lies between two places."""
    reach = session.reach
    if reach is not None and first != second:
        axis = _Scale(session, reach)
        ends = [end for place in (first, second) if (end := axis.units(place)) is not None]
        if len(ends) == 2:
            axis.show(min(ends), max(ends))


def pan(share: float) -> Callable[[Session], None]:
    """Move the window by a share of itself."""

    def run(session: Session) -> None:
        reach = session.reach
        if reach is None:
            return
        axis = _Scale(session, reach)
        low, high = axis.window
        least, most = axis.whole
        by = share * (high - low)
        by = max(least - low, min(by, most - high))
        axis.show(low + by, high + by)

    return run


def reset(session: Session) -> None:
    """All of x again, and no cursor."""
    session.view.window = session.view.at = None
    session.view.pinned = False


def move_cursor(share: float) -> Callable[[Session], None]:
    """The cursor by a share of the window; the first key puts it to the end of the curves."""

    def run(session: Session) -> None:
        reach = session.reach
        if reach is None:
            session.say("there is no curve to read yet", mistake=True)
            return
        axis = _Scale(session, reach)
        low, high = axis.window
        here = axis.units(session.view.at)
        there = min(high, axis.whole[1]) if here is None else max(low, min(here + share * (high - low), high))
        session.view.at, session.view.pinned = min(axis.value(there), reach[1]), True  # 10 ** log10 may be more

    return run


def let_go(session: Session) -> bool:
    """Let go of the search, or else of cursor and zoom; whether there was anything."""
    view = session.view
    if session.searching or view.query:
        session.searching = False
        session.search("")
    elif view.at is not None or view.window is not None:
        reset(session)
    else:
        return False
    return True


class _Scale:
    """The x axis in units: values, or their logarithms where it is logarithmic."""

    def __init__(self, session: Session, reach: tuple[float, float]) -> None:
        self._view = session.view
        least, most = reach
        if self._view.log_x:
            least = least if least > 0 else min(1.0, most / 1000 if most > 0 else 1.0)
            most = max(most, least * 10)
        self._reach = least, most

    def units(self, value: float | None) -> float | None:
        """A value in units; None where it has none."""
        if value is None or not math.isfinite(value):
            return None
        if not self._view.log_x:
            return value
        return math.log10(value) if value > 0 else None

    def value(self, units: float) -> float:
        """The value of units."""
        return 10.0**units if self._view.log_x else units

    @property
    def whole(self) -> tuple[float, float]:
        """All of x."""
        low, high = (self.units(end) or 0.0 for end in self._reach)
        return low, high if high > low else low + 1.0

    @property
    def window(self) -> tuple[float, float]:
        """The part that is shown."""
        ends = [self.units(end) for end in self._view.window or ()]
        if len(ends) == 2 and ends[0] is not None and ends[1] is not None and ends[0] < ends[1]:
            return ends[0], ends[1]
        return self.whole

    def show(self, low: float, high: float) -> None:
        """Show this part, or all where it is all."""
        least, most = self.whole
        low, high = max(low, least), min(high, most)
        if high - low <= (most - least) * 1e-6:
            return
        everything = low <= least and high >= most
        self._view.window = None if everything else (self.value(low), self.value(high))
