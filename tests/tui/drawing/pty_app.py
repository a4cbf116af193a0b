"""An app for a pseudo terminal: "n" shows the next of a few seeded frames, "o" puts something over them or takes it
away, "q" ends it."""

import random

from textual.app import App
from textual.widgets import Static

from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells, Style

WIDTH, HEIGHT = 60, 12
ONE_CELL, QUIET = 1, 0  # frames that change one cell, and nothing


def frame(index):
    """Frame 0 and 1 differ in one cell, 1 and 2 in none, the others in much."""
    rng = random.Random(max(0, index - 2))
    cells = Cells(WIDTH, HEIGHT)
    for row in range(HEIGHT):
        for col in range(0, WIDTH, 6):
            style = Style((rng.randrange(256), 200, 0), (0, 0, rng.randrange(256)), rng.random() < 0.5)
            cells.put(row, col, rng.choice(["abc  ", "漢字", "⣿⣀ ●", "      "]), style)
    if index:
        cells.put(5, 40, "X", Style((255, 255, 0), (0, 0, 0)))
    return cells


class FramesApp(App[None]):
    """One canvas below a line of text."""

    CSS = f"""
    Screen {{ layout: vertical; layers: below above; }}
    Canvas {{ width: {WIDTH}; height: {HEIGHT}; margin: 1 3; layer: below; }}
    Static {{ width: 9; height: 3; offset: 30 5; layer: above; display: none; }}
    """
    index = 0

    def compose(self):
        yield Canvas()
        yield Static("overlying" * 3)

    def on_mount(self):
        self.query_one(Canvas).show(frame(0))

    def on_key(self, event):
        if event.key == "n":
            self.index += 1
            self.query_one(Canvas).show(frame(self.index))
        elif event.key == "o":
            over = self.query_one(Static)
            over.display = not over.display
        elif event.key == "q":
            self.exit()


if __name__ == "__main__":
    FramesApp().run()
