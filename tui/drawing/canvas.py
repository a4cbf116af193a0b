"""Canvas: the widget that shows `Cells` and sends only those that changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from rich.color import Color
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.drawing.cells import RGB, Cells, changes, decode, estimated_bytes, unpack
from tui.drawing.wire import send_now, send_spans_only

Painter = Callable[[int, int], Cells]


def _rich_colour(colour: RGB | None) -> Color | None:
    return None if colour is None else Color.from_rgb(*colour)


@lru_cache(maxsize=8192)
def _rich_style(bits: int, base: RichStyle) -> RichStyle:
    """The style of some cells over the `base` style of the widget."""
    style = unpack(bits)
    return base + RichStyle(
        color=_rich_colour(style.fg),
        bgcolor=_rich_colour(style.bg),
        bold=style.bold,
        dim=style.dim,
        underline=style.underline,
        reverse=style.reverse,
    )


def to_segments(cells: Cells, row: int, base: RichStyle, start: int = 0, stop: int | None = None) -> list[Segment]:
    """One row, or a part of it, with one segment for each run of equal style."""
    codes, styles = cells.codes[row, start:stop], cells.styles[row, start:stop].tolist()
    width = len(styles)
    if not width:
        return []
    bounds = [0, *(col for col in range(1, width) if styles[col] != styles[col - 1]), width]
    line = decode(codes)
    if len(line) == width:  # every character takes one cell
        texts = [line[start:stop] for start, stop in pairwise(bounds)]
    else:
        texts = [decode(codes[start:stop]) for start, stop in pairwise(bounds)]
    return [Segment(text, _rich_style(styles[col], base)) for text, col in zip(texts, bounds, strict=False)]


def to_strip(cells: Cells, row: int, base: RichStyle = RichStyle.null()) -> Strip:  # noqa: B008
    """One row as a strip."""
    return Strip(to_segments(cells, row, base), cells.width)


class Canvas(Widget):
    """Shows `Cells`: `show` once, or `draw` with a painter that is asked again whenever the size changes.

    Cells given to a canvas are its own from then on: they become read only.
    """

    ALLOW_SELECT = False

    @dataclass
    class CellClicked(Message):
        """The mouse was pressed and released on a cell; row and column count from the canvas' top left."""

        canvas: Canvas
        row: int
        col: int

        @property
        def control(self) -> Canvas:
            """The canvas, so that `@on(Canvas.CellClicked, "#world")` works."""
            return self.canvas

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._cells = Cells(0, 0)
        self._painter: Painter | None = None
        self._base: RichStyle | None = None  # the widget's own style, once it is known
        self._promised: tuple[int, int] | None = None

    @property
    def cells(self) -> Cells:
        """What is shown."""
        return self._cells

    @property
    def extent(self) -> tuple[int, int]:
        """Columns and rows that it has, or will have once the screen is laid out."""
        return self._promised or (self.size.width, self.size.height)

    def promise(self, width: int, height: int) -> None:
        """It will have this size soon: so it is drawn from now on, and not once more after the screen is laid out."""
        self._promised = width, height

    def show(self, cells: Cells) -> float:
        """Show `cells`, top left aligned and clipped; sends the cells that differ from those shown before.

        Returns how many bytes that takes; about how many where Textual sends them later.
        """
        before, self._cells = self._cells, cells
        cells.codes.flags.writeable = cells.styles.flags.writeable = False
        if (before.width, before.height) != (cells.width, cells.height):
            self.refresh()
            return float(cells.width * cells.height)
        runs, inside = changes(before, cells), self.size.region
        regions = (Region(run.col, run.row, run.width, 1).intersection(inside) for run in runs)
        visible = [region for region in regions if region]
        sent = self._send(visible) if visible else 0
        return estimated_bytes(cells, runs) if sent is None else sent

    def draw(self, painter: Painter) -> float:
        """Show `painter(width, height)` now and after each change of size; returns about how many bytes are sent."""
        self._painter = painter
        width, height = self.extent
        return self.show(painter(width, height)) if width and height else 0.0

    def _send(self, regions: list[Region]) -> int | None:
        """Send a part of the cells: at once where nothing lies over them, else when Textual next paints (None)."""
        sent, base = None, self._base
        if base is not None:
            sent = send_now(self, ((r, to_segments(self._cells, r.y, base, r.x, r.right)) for r in regions))
        if sent is None:
            self.refresh(*regions)
        return sent

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some rows of the cells, over the widget's own style, which takes a while to find."""
        self._base = self.rich_style
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the cells."""
        base = self._base or RichStyle.null()
        if y < self._cells.height:
            return to_strip(self._cells, y, base).adjust_cell_length(self.size.width, base)
        return Strip.blank(self.size.width, base)

    def on_mount(self) -> None:
        """Have the screen send spans."""
        send_spans_only(self.screen)

    def on_resize(self) -> None:
        """Paint again in the new size."""
        if self._painter is not None:
            self.draw(self._painter)

    def on_click(self, event: events.Click) -> None:
        """Say which cell was clicked."""
        offset = event.get_content_offset(self)
        if offset is not None:
            self.post_message(self.CellClicked(self, offset.y, offset.x))
