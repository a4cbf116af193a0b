"""An app with nothing but a lesson, and what tests ask of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input, Static

from scenarios.experiment import Experiment, prepare
from tests.tui.driving import send_key, settle_in_place
from tui.drawing.canvas import Canvas
from tui.lesson.messages import ViewChanged
from tui.lesson.screen import LessonScreen
from tui.memory import ViewMemory

PLANNING = ("policy-evaluation", "policy-iteration", "value-iteration")


def experiments(scenario: str, *algorithms: str, lanes: int = 4, seed: int = 7, **settings: Any) -> list[Experiment]:
    """Experiments of a lesson as the app prepares them: planners back up one state an update."""
    return [
        prepare(
            scenario,
            name,
            settings | ({"block": 1} if name in PLANNING else {}),
            seed=seed,
            lanes=1 if name in PLANNING else lanes,
        )
        for name in algorithms
    ]


class LessonApp(App[None]):
    """Opens a lesson; remembers what it was told."""

    def __init__(self, prepared: list[Experiment], memory: ViewMemory | None = None) -> None:
        super().__init__()
        self.lesson_screen = LessonScreen(prepared, memory or ViewMemory())
        self.told: list[ViewMemory] = []
        self.left = 0

    def on_mount(self) -> None:
        self.push_screen(self.lesson_screen)

    def on_view_changed(self, event: ViewChanged) -> None:
        self.told.append(event.memory)

    def action_leave(self) -> None:
        self.left += 1


class Driver:
    """A pilot that knows the lesson screen."""

    def __init__(self, app: LessonApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot
        self.screen = app.lesson_screen
        self.session = app.lesson_screen.session
        self.lesson = self.session.lesson

    async def press(self, *keys: str) -> None:
        """Press keys one by one, each when all that the one before has set off is done."""
        for key in keys:
            send_key(self.app, key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until all that was set off is done."""
        await settle_in_place(self.pilot, self.screen)

    async def fill_in(self, *texts: str) -> str:
        """Fill in the lines of a form and hand them over; the complaint, "" where there is none."""
        form = self.on_top
        for line, text in zip(form.query(Input), texts, strict=True):
            line.value = text
        await self.press("enter")
        await self.settle()  # the form may have closed meanwhile, and the screen below it goes on
        return str(form.query_one("#complaint", Static).render()) if self.on_top is form else ""

    def text(self, name: str) -> str:
        """What a part of the lesson screen shows, "" where it is out of sight."""
        canvas = self.screen.query_one(f"#{name}", Canvas)
        return str(canvas.cells) if canvas.display else ""

    async def show(self, name: str) -> str:
        """Bring a pane in front where only one has room; what it shows."""
        for _ in range(6):
            if self.screen.query_one(f"#{name}").display:
                break
            await self.press("tab")
        return self.text(name)

    async def until(self, true: Callable[[], Any], seconds: float = 20.0) -> None:
        """Let time pass until something is true."""
        deadline = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < deadline, "it never came true"
            await asyncio.sleep(0.01)
        await self.settle()

    @property
    def on_top(self) -> Any:
        """The screen that has the keyboard."""
        return self.app.screen


@asynccontextmanager
async def opened(
    size: tuple[int, int],
    scenario: str = "cliffwalking",
    *algorithms: str,
    memory: ViewMemory | None = None,
    prepared: list[Experiment] | None = None,
    **settings: Any,
) -> AsyncIterator[Driver]:
    """A lesson on a screen of this size."""
    app = LessonApp(prepared or experiments(scenario, *(algorithms or ("q-learning",)), **settings), memory)
    async with app.run_test(size=size) as pilot:
        driver = Driver(app, pilot)
        await driver.settle()
        yield driver
