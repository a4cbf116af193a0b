"""The real source of an algorithm, and one update of it traced line by line with the values every line gave."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from types import FrameType
from typing import Any

import numpy as np

from algorithms.registry import Algorithm

Value = float | int | bool | str | tuple[float, ...]


@dataclass(frozen=True)
class Source:
    """The page of an algorithm as it is run."""

    file: str  # path from the project's top, for the title
    first_line: int  # number of the first line in its file
    lines: tuple[str, ...]
    loop: range  # line numbers of the loop that makes one update a turn


@dataclass(frozen=True)
class Line:
    """One executed line: its number in the file, and the names it gave a new value, as the first lane sees them."""

    number: int
    values: dict[str, Value] = field(default_factory=dict)


@cache
def source_of(algorithm: Algorithm) -> Source:
    """The source of an algorithm's page."""
    lines, first = inspect.getsourcelines(algorithm.page)
    module = inspect.getmodule(algorithm.page)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    loop = next(node for node in ast.walk(tree) if isinstance(node, ast.While))
    last = loop.end_lineno or loop.lineno
    file = module.__name__.replace(".", "/") + ".py" if module else ""
    text = tuple(line.rstrip("\n") for line in lines)
    return Source(file, first, text, range(first + loop.lineno - 1, first + last))


def trace(updates: Iterator[Any], source: Source, lanes: int) -> tuple[Any, list[Line]]:
    """Run one update of an algorithm's generator; returns its event (None at the end) and the lines of its loop."""
    recorder = _Recorder(source, lanes)
    frame = updates.gi_frame  # type: ignore[attr-defined]
    recorder.code = frame.f_code
    before = sys.gettrace()
    sys.settrace(recorder.enter)
    try:
        event = next(updates, None)
    finally:
        sys.settrace(before)
    return event, recorder.lines


class _Recorder:
    """A trace function limited to one code object."""

    code: Any

    def __init__(self, source: Source, lanes: int) -> None:
        self.lines: list[Line] = []
        self._source, self._lanes = source, lanes
        self._seen: dict[str, Any] = {}

    def enter(self, frame: FrameType, kind: str, argument: Any) -> Any:
        return self._line if frame.f_code is self.code else None

    def _line(self, frame: FrameType, kind: str, argument: Any) -> Any:
        self._give_values(frame)
        if kind == "line" and frame.f_lineno in self._source.loop:
            self.lines.append(Line(frame.f_lineno))
        return self._line

    def _give_values(self, frame: FrameType) -> None:
        """The names that changed since the line before was reached are that line's doing."""
        for name, value in list(frame.f_locals.items()):
            if self._seen.get(name) is value:
                continue
            self._seen[name] = value
            shown = as_first_lane_sees(value, self._lanes)
            if self.lines and shown is not None:
                self.lines[-1].values[name] = shown


def as_first_lane_sees(value: Any, lanes: int) -> Value | None:
    """A number, or a short row of numbers, of the first lane (or the first state of a backup); None if too big."""
    if isinstance(value, slice):
        return f"{value.start}" if value.stop - value.start == 1 else f"{value.start}…{value.stop - 1}"
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return _plain(value)
    if not isinstance(value, np.ndarray) or value.size == 0:
        return None
    if value.ndim == 1 and len(value) in (lanes, 1):
        return _plain(value[0])
    if value.ndim == 2 and len(value) == lanes and value.shape[1] <= 8:
        return tuple(float(x) for x in value[0])
    if value.ndim == 2 and value.shape[1] == 1:  # [A, n] of one state
        return tuple(float(x) for x in value[:, 0])
    return None


def _plain(value: Any) -> Value:
    plain: Value = value.item()
    return plain
