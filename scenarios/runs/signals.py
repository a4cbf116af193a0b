"""Asked to stop: signals become a question that the loop asks after every update."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """Inside its block SIGINT, SIGTERM and SIGHUP only set `signal`; further ones change nothing.

    Belongs to the main thread, the only one that may install handlers.
    """

    def __init__(self) -> None:
        self.signal: int | None = None

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._ask) for number in STOPPING}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        """Whether to stop."""
        return self.signal is not None

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.signal = self.signal or number
