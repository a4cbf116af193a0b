"""Ctrl-C from the first moment on.

Python raises KeyboardInterrupt wherever it happens to be; inside a callback, and imports have many, that is printed and
forgotten. So an interrupt is remembered, too, for whoever takes over the signals later.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_seen = threading.Event()


@contextmanager
def remembered() -> Iterator[None]:
    """Inside its block SIGINT is remembered and raises KeyboardInterrupt, as it always does, unless it is ignored."""
    _seen.clear()
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:  # as it is in what a script runs in the background
        yield
        return
    signal.signal(signal.SIGINT, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _raise(number: int, frame: FrameType | None) -> None:
    _seen.set()
    signal.default_int_handler(number, frame)


def seen() -> bool:
    """Whether there was one, even if its exception got lost."""
    return _seen.is_set()
