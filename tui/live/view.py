"""How a run is looked at: plain values, some of which are remembered for the next time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tui.drawing.board import Layer
from tui.live.layout import LOWER
from tui.memory import Plain

XAxis = Literal["steps", "episodes", "seconds"]
AXES: tuple[XAxis, ...] = get_args(XAxis)
SMOOTHING = (0.0, 0.6, 0.9, 0.97, 0.99)  # weights of the moving average
LAYERS = (Layer.VALUE, Layer.Q, Layer.POLICY)


@dataclass
class View:
    """What the learner chose to see."""

    metric: str = ""
    """The metric of the large chart; the most telling one where it is empty or there is none of that name."""
    axis: XAxis = "steps"
    log_y: bool = False
    """Not remembered: another run may have nothing above 0."""
    smoothing: float = 0.9
    layer: Layer = Layer.VALUE
    lower: str = LOWER[0]
    """The pane in front where there is room for one."""
    zoomed: str | None = None
    """The pane that has the screen for itself."""
    scroll: int = 0
    """Messages passed over, counted from the latest."""

    def remembered(self) -> dict[str, Plain]:
        """What is worth remembering."""
        return {
            "axis": self.axis,
            "smoothing": self.smoothing,
            "layer": str(self.layer),
            "lower": self.lower,
        }


def recalled(memory: Mapping[str, Plain]) -> View:
    """A view as it was remembered; what is not one of the possible values is replaced by the default."""
    view = View()
    axis, smoothing, lower = memory.get("axis"), memory.get("smoothing"), memory.get("lower")
    view.axis = next((known for known in AXES if known == axis), view.axis)
    view.smoothing = next((known for known in SMOOTHING if known == smoothing), view.smoothing)
    view.layer = next((known for known in LAYERS if known == memory.get("layer")), view.layer)
    view.lower = lower if isinstance(lower, str) and lower in LOWER else view.lower
    return view
