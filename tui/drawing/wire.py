"""What a partial update sends to the terminal: the cells that changed, and little else.

`Widget.refresh(region)` sounds like "send this region", but Textual's compositor cuts a changed span only on its
right: it moves the cursor to the left edge of the widget and sends the row up to the end of the span, each piece
of one style with its full colours and a reset. One cell at column 140 costs a row. The compositor here cuts a span on
its left too, and writes with a `Pen`: a changed cell costs about 50 bytes, ten more of its style in its row 5 each.

What a widget knows to have changed can be sent past the compositor, see `send_now`: for one cell the compositor renders
every widget that the change touches, from its first line to its last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console
from rich.segment import Segment
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from tui.drawing.pen import Pen


class ScreenUpdate(LayoutUpdate):
    """A full update, style by style."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        pen = Pen(console)
        for row, strips in enumerate(self.strips, self.region.y):
            col = self.region.x
            for strip in strips:
                pen.write(row, col, strip)
                col += strip.cell_length
        return pen.lift()


class SpansUpdate(ChopsUpdate):
    """A partial update that sends its spans and not what is left of them."""

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        pen = Pen(console)
        for row, left, right in self.spans:
            for end, (start, strip) in zip(self.chop_ends[row], self.chops[row].items(), strict=True):
                first, last = max(left, start), min(right, end)
                if strip is not None and first < last:
                    pen.write(row, first, strip.crop(first - start, last - start))
        return pen.lift()


class PartsUpdate(CompositorUpdate):
    """An update of which the bytes are known."""

    def __init__(self, text: str) -> None:
        self._text = text

    def render_segments(self, console: Console) -> str:
        """The bytes for the terminal."""
        return self._text


class SpansCompositor(Compositor):
    """Textual's compositor, with updates that send what changed."""

    _looked: object = None  # the widgets and places that `_uncovered` was found for
    _uncovered: dict[Widget, Region | None]

    def place_of(self, widget: Widget) -> Region | None:
        """Where a widget is, if it is seen whole: nothing cuts it off or lies over it."""
        visible = self.visible_widgets
        if visible is not self._looked:
            self._looked, self._uncovered = visible, {}
        if widget not in self._uncovered:
            self._uncovered[widget] = _place_of(widget, visible)
        return self._uncovered[widget]

    def render_full_update(self, simplify: bool = False) -> ScreenUpdate:
        """The update of the whole screen."""
        update = super().render_full_update(simplify)
        return ScreenUpdate(update.strips, update.region)

    def render_partial_update(self) -> SpansUpdate | None:
        """The update of the changed regions, or None."""
        update = super().render_partial_update()
        return None if update is None else SpansUpdate(update.chops, update.spans, update.chop_ends)


def _place_of(widget: Widget, visible: Mapping[Widget, tuple[Region, Region]]) -> Region | None:
    region, clip = visible.get(widget, (Region(), Region()))
    if not region or not clip.contains_region(region):
        return None
    for other, (place, cut) in visible.items():  # from front to back
        if other is widget:
            return region
        if place.intersection(cut).overlaps(region):
            return None
    return None


def send_now(widget: Widget, parts: Iterable[tuple[Region, list[Segment]]]) -> int | None:
    """Send parts of a widget, each with its region of one row inside the content, past the compositor.

    Returns the number of bytes sent; None, and nothing is sent, where that may go wrong: something lies over the
    widget, or it is about to move, or the screen is not on top. A widget whose parts were sent must draw the same when
    it is asked by Textual.
    """
    screen, app = widget.screen, widget.app
    compositor = screen._compositor
    at_rest = not (screen._layout_required or widget._layout_required or app._batch_count)
    if not (isinstance(compositor, SpansCompositor) and at_rest and screen is app.screen) or app.is_headless:
        return None
    place = compositor.place_of(widget)
    if place is None:
        return None
    inner, background = widget.content_offset, widget.background_colors[1]
    filters, pen = app.get_line_filters(), Pen(app.console)
    for region, segments in parts:
        region = region.translate(inner)
        widget._styles_cache.set_dirty(region)
        for filter in filters:
            segments = filter.apply(segments, background)
        pen.write(place.y + region.y, place.x + region.x, segments)
    text = pen.lift()
    if text:
        app._display(screen, PartsUpdate(text))
    return len(text.encode())


def send_spans_only(screen: Screen[object]) -> None:
    """Make the updates of this screen small; all its widgets profit. Harmless when repeated."""
    # The compositor is made by Screen.__init__ and offers no hook; its state stays, two methods change.
    screen._compositor.__class__ = SpansCompositor
