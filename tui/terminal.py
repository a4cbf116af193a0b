"""The terminal around the app: whether there is one to draw on, and leaving it as it was when a signal ends us."""

from __future__ import annotations

import os
import shutil
import sys

SMALLEST = 60, 18  # columns, rows


def why_no_screen() -> str | None:
    """One sentence that says why the app cannot be drawn here, or None where it can."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "the lessons need a terminal to draw on: use rltop train for a run without a screen"
    if os.environ.get("TERM", "") in ("", "dumb"):
        return "the lessons need a terminal that can move its cursor, and TERM says this one cannot: use rltop train"
    columns, rows = shutil.get_terminal_size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        wide, high = SMALLEST
        return f"the lessons need {wide} columns and {high} rows, this terminal has {columns}x{rows}: make it larger"
    return None
