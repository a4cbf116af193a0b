"""The panes of a session as cells, with their titles."""

from __future__ import annotations

from scenarios.lessons.autodiff.source import operation_source
from tui.autodiff.graph import GraphPainter
from tui.autodiff.panes import draw_inputs, draw_node, draw_source, draw_step
from tui.autodiff.session import Session
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme


class Drawings:
    """Draws the panes by their names."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.graph = GraphPainter()

    def titles(self, name: str, theme: Theme) -> list[str]:
        """What may stand in the frame of a pane, the longest first."""
        session = self.session
        operation = session.operation
        node = "node of this step" if session.lesson.current is not None else "the result"
        if session.view.selected is not None:
            node = "selected node"
        return {
            "graph": [f"the tape of {session.title}, from the inputs to the result", "the tape"],
            "step": ["what this teaches" if session.view.text else "this step"],
            "inputs": ["inputs, checked by finite differences" if session.checks else "inputs", "inputs"],
            "node": [node],
            "source": [operation_source(operation).file if operation is not None else "source"],
        }[name]

    def draw(self, name: str, width: int, height: int, theme: Theme) -> Cells:
        """What is inside the frame of a pane."""
        if name == "graph":
            return self.graph.draw(self.session, width, height, theme)
        painter = {"step": draw_step, "inputs": draw_inputs, "node": draw_node, "source": draw_source}[name]
        return painter(self.session, width, height, theme)

    def cell_at(self, name: str, width: int, height: int, row: int, col: int) -> int | None:
        """The node drawn at a place inside the frame of the graph."""
        return self.graph.node_at(row, col) if name == "graph" else None
