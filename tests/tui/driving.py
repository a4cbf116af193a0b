"""What tests of screens share: their sizes, keys that are pressed, waiting until all is done, what is seen."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from textual import events
from textual.app import App
from textual.keys import _character_to_key, key_to_character
from textual.pilot import Pilot
from textual.screen import Screen

from tui.drawing.canvas import Canvas

SIZES = [(80, 24), (120, 40), (200, 60)]
SMALL_FIRST = [SIZES[0], *(pytest.param(size, marks=pytest.mark.slow) for size in SIZES[1:])]


def text_of(shown: App[Any] | Screen[Any]) -> str:
    """What a screen shows, or the one on top of an app."""
    rows = shown.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in row) for row in rows)


def send_key(app: App[Any], key: str) -> None:
    """Have a key pressed, by its name or its sign."""
    sign = len(key) == 1
    app.post_message(events.Key(_character_to_key(key) if sign else key, key if sign else key_to_character(key)))


def messages_wait(app: App[Any]) -> bool:
    """Whether a message is on its way to the app, a screen or a widget."""
    pumps = (app, *(node for screen in app.screen_stack for node in (screen, *screen.walk_children())))
    return any(pump.message_queue_size for pump in pumps)


# ── the app as a whole ───────────────────────────────────────────────────────────────────────────────────


async def press(pilot: Pilot[Any], *keys: str) -> Screen[Any]:
    """Press keys, all at once, and wait; the screen on top."""
    for key in keys:
        send_key(pilot.app, key)
    return await settle(pilot)


async def settle(pilot: Pilot[Any], seconds: float = 20.0) -> Screen[Any]:
    """Wait until no message and no worker is on its way; the screen on top."""
    app, quiet = pilot.app, 0
    async with asyncio.timeout(seconds):
        while quiet < 5 and app._running:
            await asyncio.sleep(0.005)
            busy = any(not worker.is_finished for worker in app.workers)
            quiet = 0 if busy or messages_wait(app) else quiet + 1
    return app.screen


# ── one screen ───────────────────────────────────────────────────────────────────────────────────────────


async def settle_in_place(pilot: Pilot[Any], screen: Screen[Any]) -> None:
    """Wait until messages have gone from the app to the screen, its widgets, and back, and all has its place.

    `Pilot.pause` also waits until the processor is idle: while a lesson plays that takes a second.
    """
    app, deadline = pilot.app, time.monotonic() + 5.0
    for _ in range(3):
        await pilot._wait_for_screen()
        while (messages_wait(app) or (app.screen is screen and not in_place(screen))) and time.monotonic() < deadline:
            await asyncio.sleep(0.002)


def in_place(screen: Any) -> bool:
    """Whether every canvas of a screen has the size of its place, and is drawn in it."""
    places, canvases = screen.arrangement.places, {canvas.id: canvas for canvas in screen.query(Canvas)}
    return all(
        places[name][2:] == tuple(canvas.size) == (canvas.cells.width, canvas.cells.height)
        for name, canvas in canvases.items()
        if name in places
    )
