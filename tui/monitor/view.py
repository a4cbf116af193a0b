"""How the runs are looked at, and what of it is remembered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

XAxis = Literal["steps", "episodes", "seconds"]

X_AXES: tuple[XAxis, ...] = ("steps", "episodes", "seconds")
X_WORDS = {"steps": "environment steps", "episodes": "episodes", "seconds": "seconds"}
SMOOTHINGS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
SIDES = ("details", "differences", "diagnosis")
ROOMS = ("both", "charts", "table")
LOWER = ("charts", "side")

MOST_METRICS = 6  # charts that are remembered
LONGEST = 200  # characters of a remembered text


@dataclass
class View:
    """What is shown, and how."""

    query: str = ""
    sort: str = "created"
    descending: bool = True
    metrics: tuple[str, ...] = ()
    """The metrics that were chosen for the charts; empty for those that say most."""
    x: XAxis = "steps"
    smoothing: float = 0.0
    grouped: bool = True
    """Runs that differ only by seed are one curve, their mean with its band."""
    log_x: bool = False
    log_y: bool = False
    side: str = "details"
    room: str = "both"
    """Who has the screen: table and charts, or one of them alone."""
    lower: str = "charts"
    """Of charts and side, what stands below the table where there is room for one."""

    # not remembered
    current: Path | None = None
    """The run under the cursor."""
    top: int = 0
    """The first row of the table that is in sight."""
    marked: dict[Path, None] = field(default_factory=dict)
    """The runs that were chosen, in that order."""
    chart: int = 0
    """The chart that keys are about."""
    window: tuple[float, float] | None = None
    """The part of x that all charts show; None for all."""
    at: float | None = None
    """The x at which all charts read their values."""
    pinned: bool = False
    """That x stays where it is when the mouse moves on."""
    scroll: int = 0
    """Lines of the side that are scrolled away."""


_REMEMBERED: dict[str, tuple[Any, ...] | type] = {
    "query": str,
    "sort": str,
    "descending": bool,
    "x": X_AXES,
    "smoothing": float,
    "grouped": bool,
    "log_x": bool,
    "log_y": bool,
    "side": SIDES,
    "room": ROOMS,
    "lower": LOWER,
}


def remember(view: View) -> dict[str, str | int | float | bool]:
    """The part of a view that outlives the screen, as plain values."""
    plain = {name: getattr(view, name) for name in _REMEMBERED}
    metrics = [name for name in view.metrics if "," not in name]
    return plain | {"metrics": ",".join(metrics), "query": view.query[:LONGEST]}


def recalled(plain: Mapping[str, Any]) -> View:
    """The view that was remembered; whatever is not as it should be is as in a new one."""
    view = View()
    for name, allowed in _REMEMBERED.items():
        value = plain.get(name)
        fits = type(value) is allowed if isinstance(allowed, type) else value in allowed
        if name == "smoothing":
            fits = isinstance(value, float) and value in SMOOTHINGS
        if fits and not (isinstance(value, float) and math.isnan(value)):
            setattr(view, name, value)
    metrics = plain.get("metrics")
    if isinstance(metrics, str):
        view.metrics = tuple(dict.fromkeys(filter(None, metrics.split(","))))[:MOST_METRICS]
    return view
