"""What the mouse does: it chooses and opens runs, sorts, reads and zooms the charts, and scrolls."""

from __future__ import annotations

from tui.monitor import charting, choosing
from tui.monitor.drawings import Drawings
from tui.monitor.layout import CHARTS
from tui.monitor.messages import Pointed
from tui.monitor.session import Session
from tui.monitor.table import MARK, column_at

WHEEL = 3  # rows that a turn of the wheel moves


def opens(session: Session, event: Pointed, room: tuple[int, int]) -> bool:
    """Whether a click opens a run: the second one on its row."""
    here = session.view.top + event.row - 1 == session.place and event.col >= MARK
    return event.pane == "table" and event.deed == "click" and event.row > 0 and here


def point(session: Session, drawings: Drawings, event: Pointed, room: tuple[int, int]) -> bool:
    """Do what the mouse says; whether that changes anything."""
    if event.pane == "table":
        return _on_table(session, event, room)
    if event.pane in CHARTS:
        return _on_chart(session, drawings, event, room)
    if event.deed in ("up", "down"):
        choosing.scroll(WHEEL if event.deed == "down" else -WHEEL)(session)
        return True
    return event.deed == "click"


def _on_table(session: Session, event: Pointed, room: tuple[int, int]) -> bool:
    if event.deed in ("up", "down"):
        choosing.move(WHEEL if event.deed == "down" else -WHEEL)(session)
        return True
    if event.deed != "click":
        return False
    place = session.view.top + event.row - 1
    if event.row == 0:
        column = column_at(event.col, room[0], session.name_width)
        if column is not None and column.key:
            choosing.sort_by(session, column.key)
    elif place < len(session.rows):
        session.go(place)
        if event.col < MARK:
            choosing.mark(session)
            session.go(place)
    return True


def _on_chart(session: Session, drawings: Drawings, event: Pointed, room: tuple[int, int]) -> bool:
    view = session.view
    at = drawings.x_at(event.pane, event.col, room[0])
    if event.deed == "away":
        # it may have come to another chart before it has left this one
        changed = not view.pinned and view.at is not None and session.hovered == event.pane
        if changed:
            view.at = None
        return changed
    if event.deed in ("up", "down"):
        charting.zoom(session, charting.ZOOM if event.deed == "up" else 1 / charting.ZOOM, at)
        return True
    session.hovered = event.pane
    if at is None:
        return False
    if event.deed == "over":
        if view.pinned or view.at == at:
            return False
        view.at = at
    elif event.deed == "click":
        view.pinned = not view.pinned
        view.at = at
    elif event.deed == "drag":
        view.at = at
        session.say("let go to zoom in")
    elif event.deed == "dropped":
        begun = drawings.x_at(event.pane, event.from_col, room[0])
        session.say("")
        if begun is not None:
            charting.select_window(session, begun, at)
        view.at = None
    return True
