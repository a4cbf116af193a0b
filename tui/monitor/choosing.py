"""Commands about the table: the cursor, the order, the marks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tui.monitor.columns import COLUMNS
from tui.monitor.session import Session
from tui.monitor.view import ROOMS, SIDES

MOST_MARKED = 10_000
_SORTED = tuple(column.key for column in COLUMNS if column.key)
_LARGEST_FIRST = ("env_steps", "return_mean", "eval_mean", "steps_per_second", "created")


def move(rows: int) -> Callable[[Session], None]:
    """The cursor so many rows down."""
    return lambda session: session.go(max(0, session.place) + rows)


def page(pages: int) -> Callable[[Session], None]:
    """The cursor so many screens down."""
    return lambda session: session.go(max(0, session.place) + pages * max(1, session.height - 1))


def first(session: Session) -> None:
    """The cursor to the first run."""
    session.go(0)


def last(session: Session) -> None:
    """The cursor to the last run."""
    session.go(len(session.rows) - 1)


def mark(session: Session) -> None:
    """Mark the run under the cursor for the charts, or unmark it, and go on to the next."""
    view = session.view
    if view.current is None:
        session.say("there is no run to mark", mistake=True)
        return
    if view.current in view.marked:
        del view.marked[view.current]
    else:
        view.marked[view.current] = None
    session.go(session.place + 1)


def mark_all(session: Session) -> None:
    """Mark all runs that match; where they are marked already, unmark them."""
    view = session.view
    paths = [row.path for row in session.rows[:MOST_MARKED]]
    if all(path in view.marked for path in paths):
        view.marked = {path: None for path in view.marked if path not in set(paths)}
        session.say("no run is marked: the charts show the one under the cursor" if not view.marked else "")
    else:
        view.marked |= dict.fromkeys(paths)
        session.say(f"{len(view.marked)} runs are marked")


def unmark(session: Session) -> None:
    """Unmark all runs."""
    session.view.marked = {}


def chosen(session: Session) -> Path | None:
    """The run under the cursor, if it can be opened; if not, why not is said."""
    row = session.current
    if row is not None and row.manifest is not None:
        return row.path
    why = "there is no run to open here" if row is None else f"{row.name} is damaged: the details say how"
    session.say(why, mistake=True)
    return None


def sort_by(session: Session, key: str) -> None:
    """Sort by a column; by the same one again, the other way round."""
    view = session.view
    view.descending = not view.descending if view.sort == key else key in _LARGEST_FIRST
    view.sort = key
    session.list_rows()


def next_sort(by: int) -> Callable[[Session], None]:
    """Sort by the next column, or the one before."""

    def run(session: Session) -> None:
        place = _SORTED.index(session.view.sort) if session.view.sort in _SORTED else -1
        sort_by(session, _SORTED[(place + by) % len(_SORTED)])

    return run


def reverse(session: Session) -> None:
    """The other way round."""
    sort_by(session, session.view.sort)


def search(session: Session) -> None:
    """Type what to look for."""
    session.searching = True


def side(session: Session) -> None:
    """The next of details, differences and diagnosis; where they are behind the charts they come to the front first."""
    view = session.view
    view.scroll = 0
    if session.small and view.lower == "charts":
        view.lower = "side"
        return
    view.side = SIDES[(SIDES.index(view.side) + 1) % len(SIDES)]


def room(session: Session) -> None:
    """Table and charts, the charts alone, the table alone."""
    view = session.view
    view.room = ROOMS[(ROOMS.index(view.room) + 1) % len(ROOMS)]


def scroll(lines: int) -> Callable[[Session], None]:
    """Scroll the side."""

    def run(session: Session) -> None:
        session.view.scroll = max(0, session.view.scroll + lines)

    return run
