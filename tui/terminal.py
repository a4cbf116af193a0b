"""The terminal around the app: whether there is one to draw on, and leaving it as it was when a signal ends us."""

from __future__ import annotations

import asyncio
import gc
import os
import select
import shutil
import signal
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, Any

from tui import interrupts

if TYPE_CHECKING:
    from tui.app import RltopApp

SMALLEST = 60, 18  # columns, rows
PATIENCE = 1.0  # seconds that the app has to end by itself
LOOK_SECONDS = 0.5  # between two looks whether the terminal is still there

# What the app switches on, off: mouse, paste, focus, line wrap, key protocol, alternate screen; and the cursor back.
LEAVE = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[?2048l\x1b[?7h\x1b[<u"
    b"\x1b[0m\x1b[?1049l\x1b[?25h"
)


def why_no_screen() -> str | None:
    """One sentence that says why the app cannot be drawn here, or None where it can."""
    if is_served():
        return None
    for name, stream in (("input", sys.stdin), ("output", sys.stdout), ("error", sys.stderr)):
        if stream is None or not stream.isatty():
            none = f"standard {name} is none"
            return f"the app needs a terminal to draw on, and {none}: `rltop train SCENARIO` learns without one"
    if os.environ.get("TERM", "") in ("", "dumb"):
        return "the app needs more than a dumb terminal: set TERM, or learn without one by `rltop train SCENARIO`"
    return why_too_small(*shutil.get_terminal_size())


def knows_few_signs() -> bool:
    """Whether this is the console of Linux itself, whose letters have no braille among them."""
    return os.environ.get("TERM") == "linux"


def erases_cells() -> bool:
    """Whether the terminal, by its entry in terminfo, makes blanks of the background when it is told to erase cells."""
    try:
        import curses
    except ImportError:  # some Pythons are built without
        return False
    try:
        curses.setupterm(fd=1)
    except curses.error:  # there is no entry
        return False
    return bool(curses.tigetstr("ech")) and curses.tigetflag("bce") == 1


def is_served() -> bool:
    """Whether a browser takes the place of the terminal (`rltop serve`)."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def why_too_small(columns: int, rows: int) -> str | None:
    """One sentence that asks for room where a terminal is too small, else None."""
    wide, high = SMALLEST
    if columns >= wide and rows >= high:
        return None
    return f"the terminal is {columns}x{rows}, and the app needs {wide}x{high}: make the window larger"


@contextmanager
def ending_on_signals(leave: Callable[[int], Any]) -> Iterator[None]:
    """While it lasts SIGHUP, SIGTERM and SIGINT call `leave` with the exit code, 128 + the signal's number.

    So does a terminal that is gone without a signal, because it is not the one that controls us. `leave` must be
    callable from a signal handler and from any thread. An app that has not ended in time, because it waits for a
    stalled terminal, say, is ended from here: terminal modes first, then the process.
    """
    signals = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in signals}
    modes = _modes()
    ended = threading.Event()

    def handle(number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=_insist, args=(128 + number, ended, modes), daemon=True).start()
        leave(128 + number)

    for number in signals:
        signal.signal(number, handle)
    threading.Thread(target=_notice_hangup, args=(ended, handle), daemon=True).start()
    try:
        if interrupts.seen():
            handle(signal.SIGINT, None)
        yield
    finally:
        ended.set()
        for number, handler in before.items():
            signal.signal(number, handler)


def _notice_hangup(ended: threading.Event, handle: Callable[[int, None], None]) -> None:
    """Treat a terminal whose other end is closed as SIGHUP: reading it says "end of file" without end."""
    with suppress(OSError, ValueError, AttributeError):
        fd = sys.__stdin__.fileno()  # type: ignore[union-attr]
        if not os.isatty(fd):
            return
        terminal = select.poll()
        terminal.register(fd, 0)  # a hangup is always told
        while not ended.wait(LOOK_SECONDS):
            if any(told & select.POLLHUP for _, told in terminal.poll(0)):
                handle(signal.SIGHUP, None)
                break


def _insist(code: int, ended: threading.Event, modes: list[Any] | None) -> None:
    """End the process if it has not ended in time."""
    if ended.wait(PATIENCE):
        return
    restore(modes)
    os._exit(code)


def _modes() -> list[Any] | None:
    try:
        return termios.tcgetattr(sys.__stdin__.fileno())  # type: ignore[union-attr]
    except (termios.error, OSError, ValueError, AttributeError):
        return None


def restore(modes: list[Any] | None) -> None:
    """Leave the app's terminal modes without waiting for a terminal that does not read."""
    with suppress(OSError, ValueError, AttributeError, termios.error):
        fd = sys.__stderr__.fileno()  # type: ignore[union-attr]
        if modes is not None:
            termios.tcsetattr(fd, termios.TCSANOW, modes)
        blocking = os.get_blocking(fd)
        os.set_blocking(fd, False)  # the shell has this terminal, too, and wants it back as it was
        try:
            os.write(fd, LEAVE)
        finally:
            os.set_blocking(fd, blocking)


def run_until_signal(app: RltopApp) -> int:
    """Run the app; SIGHUP, SIGTERM and SIGINT end it with 128 + their number and a terminal as it was."""
    loops: list[asyncio.AbstractEventLoop] = []
    codes: list[int] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await app.run_async()

    def leave(code: int) -> None:
        codes.append(code)
        if not loops:
            raise SystemExit(code)
        with suppress(RuntimeError):  # the loop has ended already
            loops[0].call_soon_threadsafe(partial(app.exit, return_code=code))

    gc.freeze()  # what was imported is no garbage, and need not be looked at again
    with ending_on_signals(leave):
        asyncio.run(run())
    return codes[0] if codes else app.code or 0
