"""An app with nothing but the monitor, runs to look at, and what tests ask of both."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual import events
from textual.app import App
from textual.pilot import Pilot

from scenarios.runs.directory import Result, Run, create_run, write_result
from scenarios.runs.tfevents import EventWriter
from tests.tui.driving import in_place, send_key
from tui.drawing.canvas import Canvas
from tui.messages import ScreenViewChanged
from tui.monitor.messages import RunOpened
from tui.monitor.screen import MonitorScreen

POINTS = 50


def new_run(
    root: Path,
    seed: int = 1,
    algorithm: str = "dqn",
    scenario: str = "cartpole",
    status: str = "solved",
    **settings: Any,
) -> Run:
    """A run that has ended, with curves that a reader can foresee: the return grows by 10 · seed a point."""
    run = create_run(root, scenario, algorithm, {"learning_rate": 0.001, **settings}, seed)
    append(run, {"episode/return": lambda n: 10.0 * seed * n, "loss/value": lambda n: 1.0 / (1 + n)}, 0, POINTS)
    write_result(run, Result(status, 5000, POINTS, 2.5, 2000.0, 480.0 + seed, 490.0, 61.5, None))  # type: ignore[arg-type]
    return run


def append(run: Run, curves: Mapping[str, Any], start: int, stop: int) -> None:
    """Points of some curves, one every 100 steps and every second."""
    kept = run.events.stat().st_size if run.events.exists() else None
    with EventWriter(run.events, kept) as writer:
        for n in range(start, stop):
            writer.scalars(100 * n, {name: value(n) for name, value in curves.items()}, 1_000_000.0 + n)


def settle_files(root: Path) -> None:
    """Let all runs below have changed long ago, so that a look trusts their times."""
    for path in (*root.iterdir(), root):
        os.utime(path, (1e9, 1e9))


class MonitorApp(App[None]):
    """Opens the monitor; remembers what it was told."""

    def __init__(self, paths: Sequence[Path], view: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.monitor = MonitorScreen(paths, view or {})
        self.told: list[Mapping[str, Any]] = []
        self.opened: list[Path] = []
        self.left = 0

    def on_mount(self) -> None:
        self.push_screen(self.monitor)

    def on_screen_view_changed(self, event: ScreenViewChanged) -> None:
        assert event.name == "monitor"
        self.told.append(event.view)

    def on_run_opened(self, event: RunOpened) -> None:
        self.opened.append(event.path)

    def action_leave(self) -> None:
        self.left += 1


class Driver:
    """A pilot that knows the monitor."""

    def __init__(self, app: MonitorApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.screen = app, pilot, app.monitor
        self.session, self.view = app.monitor.session, app.monitor.session.view

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each when all that the one before has set off is done."""
        for key in keys:
            send_key(self.app, key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until messages have gone round, and every look has come back."""
        deadline = time.monotonic() + 10
        for _ in range(3):
            await self.pilot._wait_for_screen()
            while self._is_busy() and time.monotonic() < deadline:
                await asyncio.sleep(0.002)
        await self.pilot._wait_for_screen()

    def _is_busy(self) -> bool:
        screen = self.screen
        looking = screen.lookout.looking or screen.lookout.asked or not screen.session.looked
        unpainted = screen._hurry or screen.session.seen.unfinished or not in_place(screen)
        waiting = any(pump.message_queue_size for pump in (self.app, screen, *screen.children))
        apart = any(worker.group == "background" for worker in self.app.workers)
        return waiting or apart or (screen.is_current and (looking or unpainted))

    async def look(self) -> None:
        """Look at the disk again."""
        self.screen._look(again=True)
        await self.settle()

    async def mouse(self, kind: type[events.MouseEvent], pane: str, row: int, col: int, button: int = 0) -> None:
        """The mouse does something on a pane; row and column count inside its frame."""
        widget = self.screen.query_one(f"#{pane}")
        x, y = widget.region.x + col + widget.frame.edge, widget.region.y + row + 1
        arguments = {"x": x, "y": y, "delta_x": 0, "delta_y": 0, "button": button}
        event = kind(widget=None, shift=False, meta=False, ctrl=False, screen_x=x, screen_y=y, **arguments)
        self.app.post_message(event)
        await self.settle()

    async def click(self, pane: str, row: int, col: int) -> None:
        """Press and let go."""
        await self.mouse(events.MouseDown, pane, row, col, 1)
        await self.mouse(events.MouseUp, pane, row, col, 1)

    async def drag(self, pane: str, row: int, col: int, to: int) -> None:
        """Press, move, and let go."""
        await self.mouse(events.MouseDown, pane, row, col, 1)
        await self.mouse(events.MouseMove, pane, row, (col + to) // 2, 1)
        await self.mouse(events.MouseMove, pane, row, to, 1)
        await self.mouse(events.MouseUp, pane, row, to, 1)

    def text(self, name: str) -> str:
        """What a part shows, "" where it is out of sight."""
        canvas = self.screen.query_one(f"#{name}", Canvas)
        return str(canvas.cells) if canvas.display else ""

    @property
    def header(self) -> str:
        """The line above."""
        return self.text("header").rstrip()

    @property
    def on_top(self) -> Any:
        """The screen that has the keyboard."""
        return self.app.screen


@asynccontextmanager
async def opened(size: tuple[int, int], *paths: Path, view: Mapping[str, Any] | None = None) -> AsyncIterator[Driver]:
    """The monitor on a screen of this size."""
    app = MonitorApp(paths, view)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.settle()
        yield driver
