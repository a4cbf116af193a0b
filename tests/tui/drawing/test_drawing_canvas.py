"""Canvas: what it shows, which regions it sends, the cell that was clicked, bytes on a real pseudo terminal."""

from pathlib import Path

import pytest
from pty_app import HEIGHT, WIDTH, FramesApp, frame
from terminal_emulator import Terminal
from textual.app import App
from textual.geometry import Region
from textual.widgets import Static

from tui.drawing.canvas import Canvas, to_strip
from tui.drawing.cells import PLAIN, Cells, Style
from tui.drawing.wire import send_spans_only

SCREEN = 100, 24


def filled(width, height, character):
    cells = Cells(width, height)
    cells.fill(0, 0, width, height, PLAIN, character)
    return cells


def screen_text(app):
    return [strip.text for strip in app.screen._compositor.render_strips()]


class OneCanvas(App[None]):
    """A canvas of the whole screen that notes the messages it gets."""

    CSS = "Canvas { padding: 1 2; }"

    def __init__(self):
        super().__init__()
        self.clicks = []

    def compose(self):
        yield Canvas(id="world")

    def on_canvas_cell_clicked(self, message):
        self.clicks.append((message.control.id, message.row, message.col))


def test_a_strip_has_one_segment_per_style():
    cells = Cells(6, 1)
    cells.put(0, 1, "漢x", Style((1, 2, 3)))
    strip = to_strip(cells, 0)
    assert [segment.text for segment in strip] == [" ", "漢x", "  "]
    assert strip.cell_length == 6
    assert to_strip(Cells(0, 1), 0).cell_length == 0


async def test_a_painter_is_asked_in_each_new_size():
    app = OneCanvas()
    async with app.run_test(size=(20, 8)) as pilot:
        sizes = []

        def paint(width, height):
            sizes.append((width, height))
            return filled(width, height, "x")

        app.query_one(Canvas).draw(paint)
        await pilot.resize_terminal(30, 9)
        await pilot.pause()
        assert sizes == [(16, 6), (26, 7)]
        assert screen_text(app)[1] == "  " + "x" * 26 + "  "


async def test_cells_of_any_size_are_clipped_or_padded():
    app = OneCanvas()
    async with app.run_test(size=(10, 6)) as pilot:
        canvas = app.query_one(Canvas)
        for width, height in [(3, 2), (0, 0), (50, 50), (6, 4)]:
            canvas.show(filled(width, height, "x"))
            await pilot.pause()
            rows = screen_text(app)
            assert all(len(row) == 10 for row in rows)
            assert sum(row.count("x") for row in rows) == min(width, 6) * min(height, 4)


async def test_only_changed_cells_are_refreshed(monkeypatch):
    app = OneCanvas()
    async with app.run_test(size=(40, 10)) as pilot:
        canvas = app.query_one(Canvas)
        canvas.show(filled(36, 8, "."))
        await pilot.pause()
        sent = []
        monkeypatch.setattr(canvas, "refresh", lambda *regions: sent.append(regions))
        after = filled(36, 8, ".")
        canvas.show(after)
        assert sent == []  # equal cells cost nothing
        again = filled(36, 8, ".")
        again.put(2, 3, "ab")
        again.put(2, 30, "c")
        again.put(7, 0, "d")
        canvas.show(again)
        assert sent == [(Region(3, 2, 2, 1), Region(30, 2, 1, 1), Region(0, 7, 1, 1))]


async def test_cells_shown_are_read_only():
    async with OneCanvas().run_test(size=(10, 6)) as pilot:
        cells = filled(3, 2, "x")
        pilot.app.query_one(Canvas).show(cells)
        with pytest.raises(ValueError, match="read-only"):
            cells.put(0, 0, "y")


async def test_a_click_says_which_cell():
    app = OneCanvas()
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.click(Canvas, offset=(5, 3))
        await pilot.pause()
        assert app.clicks == [("world", 2, 3)]
        await pilot.click(Canvas, offset=(0, 0))  # in the padding
        await pilot.pause()
        assert len(app.clicks) == 1


async def test_only_a_widget_that_is_seen_whole_has_a_place():
    app = FramesApp()
    async with app.run_test(size=SCREEN) as pilot:
        canvas, over = app.query_one(Canvas), app.query_one(Static)

        async def places():
            await pilot.pause()
            send_spans_only(app.screen)
            return app.screen._compositor.place_of(canvas), app.screen._compositor.place_of(over)

        assert await places() == (Region(3, 1, WIDTH, HEIGHT), None)
        over.display = True
        assert await places() == (None, Region(30, 5, 9, 3))
        over.styles.offset = (80, 5)  # beside the canvas
        assert (await places())[0] == Region(3, 1, WIDTH, HEIGHT)
        await pilot.resize_terminal(WIDTH, SCREEN[1])  # and cut off by the screen's edge
        assert (await places())[0] is None


async def test_all_frames_are_drawn_alike_through_the_compositor():
    app = FramesApp()
    async with app.run_test(size=SCREEN) as pilot:
        for index in range(1, 6):
            await pilot.press("n")
            await pilot.pause()
            rows = screen_text(app)[1 : 1 + HEIGHT]
            assert [row.rstrip() for row in rows] == [
                ("   " + frame(index).line(row)).rstrip() for row in range(HEIGHT)
            ]


def answer(app, keys):
    """What is sent when keys are pressed, until it rests."""
    before = len(app.sent)
    app.type(keys)
    app.read_until(b"\x1b", since=before)
    app.settle()
    return app.sent[before:].decode()


def test_bytes_on_a_pseudo_terminal(terminal):
    here = Path(__file__)
    app = terminal(
        program=[str(here.with_name("pty_app.py"))],
        columns=SCREEN[0],
        rows=SCREEN[1],
        COLORTERM="truecolor",
        PYTHONPATH=str(here.parents[3]),
    )
    app.read_until("漢".encode(), seconds=30)
    app.settle(1.0)
    emulated = Terminal(*SCREEN)
    emulated.feed(app.sent.decode())
    assert app.read(0.3) == b""  # an idle screen sends nothing
    one_cell = answer(app, b"n")
    emulated.feed(one_cell)
    assert "X" in one_cell
    assert len(one_cell.encode()) <= 64
    app.type(b"n")
    assert app.read(0.5) == b""  # the same frame again
    for index in (3, 4, 7):
        emulated.feed(answer(app, b"n"))
        if index == 4:  # what changes below something is not seen through it, and there when that goes away
            emulated.feed(answer(app, b"o"))
            emulated.feed(answer(app, b"nn"))
            covered = ["".join(cell[0] for cell in line[30:39]) for line in emulated.screen[5:8]]
            assert covered == ["overlying"] * 3
            emulated.feed(answer(app, b"o"))
            index = 6
        rows = [line[3 : 3 + WIDTH] for line in emulated.screen[1 : 1 + HEIGHT]]
        assert ["".join(cell[0] for cell in row) for row in rows] == str(frame(index)).split("\n")
        expected = frame(index)
        for row in range(HEIGHT):
            for col in range(WIDTH):
                red, green, blue = expected.style_at(row, col).bg or (0, 0, 0)
                if expected.style_at(row, col).bg is not None:
                    assert rows[row][col][2] == f"2;{red};{green};{blue}"
