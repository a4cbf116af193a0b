"""What happens now: the environment, or the board of a tabular run, and what the network thinks of it."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from algorithms.contract import Ints
from algorithms.exploration import tied
from scenarios.lessons.words import grouped
from scenarios.runs.frames import Frame, TableFrame
from scenarios.worlds.layout import Layout
from tui.drawing.board import Layer, fit
from tui.drawing.cells import Cells
from tui.drawing.grid import draw_board, layer_name
from tui.drawing.images import draw_image
from tui.drawing.numbers import nice_ceil
from tui.drawing.scenes.scene import action_labels, draw_scene
from tui.drawing.scenes.thoughts import draw_thoughts
from tui.drawing.theme import Theme
from tui.lesson.drawings import LAYERS
from tui.lesson.panes.world import Greedy, empty_board


def draw_moment(frame: Frame, environment_id: str, width: int, height: int, theme: Theme) -> Cells:
    """The environment of a frame, or the image that is looked at where there is none."""
    if not environment_id:
        side = math.isqrt(len(frame.obs))
        return draw_image(frame.obs[: side * side].reshape(side, side), width, height, theme)
    return draw_scene(environment_id, frame.obs, frame.action, frame.scene, width, height, theme)


def draw_thinking(frame: Frame | None, environment_id: str, width: int, height: int, theme: Theme) -> Cells:
    """What the network thinks of a frame."""
    thoughts = None if frame is None else frame.thoughts
    if frame is None or thoughts is None:
        return draw_thoughts(None, (), None, width, height, theme)
    labels = action_labels(environment_id, len(thoughts.actions))
    chosen = frame.action.tolist() if thoughts.kind == "mean" else int(frame.action[0])
    worth = "" if thoughts.kind == "q" else "discounted V(s)"  # it stands beside returns, which are not
    if not environment_id:
        worth = "of its guess"  # a classifier's
    return draw_thoughts(thoughts, labels, chosen, width, height, theme, worth=worth)


def moment_titles(frame: Frame, environment_id: str) -> list[str]:
    """Which moment it is: the longest first."""
    if not environment_id:
        return ["an image it learns from", "an image"]
    total = f"{frame.total:.0f}" if abs(frame.total) < 1e6 else f"{frame.total:.3g}"
    ended = ", the end" if frame.last else ""
    return [
        f"recorded episode {grouped(frame.episode + 1)}, step {grouped(frame.step)}, return {total}{ended}",
        f"step {grouped(frame.step)}, return {total}",
        f"return {total}",
    ]


def table_titles(frame: TableFrame, layout: Layout, layer: Layer, width: int, height: int) -> list[str]:
    """What a layer of the board is called where it is drawn on so many characters: the longest first."""
    shown, board = _shown(frame, layout), empty_board(layout)
    name: str = layer
    if frame.q is not None and shown is not None:
        board = replace(board, q=frame.q[shown])
        name = layer_name(board, layer, fit(board, width, height))
    meaning = LAYERS[layer] if name == layer else ", what the best action is worth"
    return [f"{name}{meaning}", name]


def draw_table(frame: TableFrame, layout: Layout, layer: Layer, width: int, height: int, theme: Theme) -> Cells:
    """The board with what the first lane believes; of several states in a cell those like the one acted in."""
    shown = _shown(frame, layout)
    if shown is None:
        return Cells(width, height)
    values = np.where(layout.walls, np.nan, frame.v[shown])
    q = None if frame.q is None else frame.q[shown].astype(np.float64)
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    board = replace(
        empty_board(layout),
        values=values,
        q=q,
        greedy=None if q is None else Greedy(tied(q)),
        agent=layout.cell(frame.s) if frame.s >= 0 else None,
        scale=nice_ceil(largest) if largest > 0 else None,
    )
    return draw_board(board, layer, width, height, theme)


def _shown(frame: TableFrame, layout: Layout) -> Ints | None:
    """The state that every cell shows; None where the frame has too few for the board."""
    per_cell = layout.states_per_cell
    within = frame.s % per_cell if frame.s >= 0 else 0
    shown = np.arange(layout.rows * layout.columns) * per_cell + within
    return shown if len(frame.v) > shown[-1] else None
