"""The keys of the monitor: one table for the bindings, the help screen, the footer and a user's own keys."""

from __future__ import annotations

from textual.binding import Binding

from tui.lesson.binding import Entries, Key, between_panes, bound
from tui.lesson.changing import MISTAKES
from tui.monitor import charting, choosing, taking
from tui.monitor.session import Session

KEYS = (
    Key("up", "up,k", "to the run above", choosing.move(-1)),
    Key("down", "down,j", "to the run below", choosing.move(1)),
    Key("page-up", "pageup", "a page of runs up", choosing.page(-1)),
    Key("page-down", "pagedown", "a page of runs down", choosing.page(1)),
    Key("first", "home", "to the first run", choosing.first),
    Key("last", "end", "to the last run", choosing.last),
    Key("mark", "space", "mark the run for the charts, or unmark it", choosing.mark),
    Key("mark-all", "a", "mark all runs that match, or unmark them", choosing.mark_all),
    Key("unmark", "u", "unmark all runs", choosing.unmark),
    Key("search", "slash", "search and filter: words, algo=ppo, lr>=1e-3, status=running", choosing.search),
    Key("sort", "s", "sort by the next column", choosing.next_sort(1)),
    Key("sort-back", "S", "sort by the column before", choosing.next_sort(-1)),
    Key("reverse", "r", "sort the other way round", choosing.reverse),
    Key("side", "d", "details, differences or diagnosis", choosing.side),
    Key("side-down", "ctrl+d", "scroll the details down", choosing.scroll(6)),
    Key("side-up", "ctrl+u", "scroll the details up", choosing.scroll(-6)),
    Key("room", "f", "table and charts, charts alone, table alone", choosing.room),
    Key("metric", "m", "search the metrics and choose which are charted", charting.metrics),
    Key("next-metric", "n", "the next metric in this chart", charting.next_metric(1)),
    Key("metric-before", "N", "the metric before in this chart", charting.next_metric(-1)),
    Key("chart", "c", "the keys go to the next chart", charting.next_chart),
    Key("group", "g", "seeds together as mean and band, or every run alone", charting.group),
    Key("x-axis", "x", "over environment steps, episodes or wall time without pauses", charting.x_axis),
    Key("log-y", "l", "logarithmic or linear values", charting.log_y),
    Key("log-x", "L", "logarithmic or linear x axis", charting.log_x),
    Key("smoother", "right_square_bracket", "smooth more", charting.smooth(1)),
    Key("rougher", "left_square_bracket", "smooth less", charting.smooth(-1)),
    Key("right", "right", "read the curves further right", charting.move_cursor(charting.STEP)),
    Key("left", "left", "read the curves further left", charting.move_cursor(-charting.STEP)),
    Key("far-right", "shift+right,full_stop", "read the curves far to the right", charting.move_cursor(charting.LEAP)),
    Key("far-left", "shift+left,comma", "read the curves far to the left", charting.move_cursor(-charting.LEAP)),
    Key("zoom-in", "plus,equals_sign", "zoom in", charting.zoomed(charting.ZOOM)),
    Key("zoom-out", "minus", "zoom out", charting.zoomed(1 / charting.ZOOM)),
    Key("pan-right", "greater_than_sign", "move what is zoomed in to the right", charting.pan(0.25)),
    Key("pan-left", "less_than_sign", "move what is zoomed in to the left", charting.pan(-0.25)),
    Key("reset", "0", "show all of x, and read nothing", charting.reset),
    Key("export", "w", "write what is shown: CSV, JSON or SVG", taking.export),
)
COMMANDS = {key.id: key for key in KEYS}
MOVES = ("up", "down", "page-up", "page-down")  # of the cursor in the table, that one holds down

# What the footer says, the most important first: the ids of bindings, and a word.
FOOTER: Entries = (
    (("monitor.open",), "open"),
    (("monitor.mark",), "mark"),
    (("monitor.search",), "search"),
    (("monitor.metric",), "metric"),
    (("monitor.group",), "seeds"),
    (("monitor.side",), "details"),
    (("monitor.sort",), "sort"),
    (("monitor.rougher", "monitor.smoother"), "smooth"),
    (("monitor.left", "monitor.right"), "read"),
    (("monitor.zoom-out", "monitor.zoom-in"), "zoom"),
    (("monitor.x-axis",), "x axis"),
    (("monitor.log-y",), "log"),
    (("monitor.room",), "room"),
    (("monitor.export",), "write"),
    (("monitor.mark-all",), "all"),
    (("monitor.chart",), "chart"),
    (("monitor.reverse",), "reverse"),
    (("monitor.pane",), "pane"),
    (("monitor.reset",), "reset"),
)
WHILE_SEARCHING: Entries = ((("monitor.escape",), "clear"),)


def carry_out(name: str, session: Session) -> None:
    """Do what a key means; what cannot be done is said."""
    session.say("")
    command = COMMANDS[name]
    if command.run.__module__ == charting.__name__:  # what changes the charts brings them up, where one pane has room
        session.view.lower = "charts"
    try:
        command.run(session)
    except MISTAKES as error:
        session.say(str(error), mistake=True)


def bindings() -> list[Binding]:
    """The keys as Textual binds them."""
    return [
        Binding("enter", "open", "open the run", id="monitor.open"),
        *bound("monitor", KEYS),
        *between_panes("monitor"),
        Binding("escape", "escape", "clear the cursor, the zoom, the search, or leave", id="monitor.escape"),
    ]
