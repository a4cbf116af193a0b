"""The real source of an algorithm, and one update of it traced line by line with the values every line gave.

The trace follows the page into the functions beside it in the same file, and nowhere else. Of a `for` loop the first
two turns are kept and the last one; how many lie between is said.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import CodeType, FrameType, FunctionType
from typing import Any

from algorithms.registry import Algorithm
from scenarios.lessons.values import Value

FIRST_TURNS = 2  # of a loop that are kept, beside its last one
RETURN = "return"  # the name of what a function gives back; no variable has it


@dataclass(frozen=True)
class Source:
    """A function as it is run: an algorithm's page, or one of the functions beside it."""

    file: str  # path from the project's top, for the title
    name: str
    first_line: int  # number of the first line in its file
    lines: tuple[str, ...]
    loop: range  # line numbers of the loop that makes one update a turn; of another function all of them
    turns: tuple[range, ...] = ()  # of its `for` loops, outer ones first: the line of the head, and those of the body
    parts: tuple[tuple[range, str], ...] = ()  # lines of the statements that give a part of an array a value: y[u]


@dataclass
class Line:
    """One executed line: its number in the file, and the names it gave a new value, as a learner sees them."""

    number: int
    source: Source
    depth: int = 0  # functions that it is inside of, beside the page
    values: dict[str, Value] = field(default_factory=dict)
    skipped: int = 0  # turns of the loop that have gone before this one and are left out


@cache
def source_of(algorithm: Algorithm) -> Source:
    """The source of an algorithm's page."""
    return _source(algorithm.page)


@cache
def sources_of(algorithm: Algorithm) -> Mapping[CodeType, Source]:
    """The page and the functions beside it, by their code."""
    module = algorithm.page.__module__
    functions = inspect.getmembers(sys.modules[module], inspect.isfunction)
    beside = [function for _, function in functions if function.__module__ == module]
    pages = {_code(algorithm.page): source_of(algorithm)}
    return {_code(function): _source(function) for function in beside} | pages


def _code(function: Callable[..., Any]) -> CodeType:
    assert isinstance(function, FunctionType)
    return function.__code__


def _source(function: Callable[..., Any]) -> Source:
    lines, first = inspect.getsourcelines(function)
    module = inspect.getmodule(function)
    tree = ast.parse(textwrap.dedent("".join(lines)))
    before = first - 1  # the tree counts from 1

    def numbers(node: ast.stmt) -> range:
        return range(before + node.lineno, before + (node.end_lineno or node.lineno) + 1)

    makes_updates = inspect.isgeneratorfunction(function)
    loop = next((numbers(node) for node in ast.walk(tree) if makes_updates and isinstance(node, ast.While)), None)
    turns = tuple(numbers(node) for node in ast.walk(tree) if isinstance(node, ast.For))
    statements = (node for node in ast.walk(tree) if isinstance(node, ast.stmt))
    parts = tuple((numbers(node), part) for node in statements for part in _part(node))
    file = module.__name__.replace(".", "/") + ".py" if module else ""
    text = tuple(line.rstrip("\n") for line in lines)
    return Source(file, function.__name__, first, text, loop or range(first, first + len(lines)), turns, parts)


def _part(node: ast.stmt) -> list[str]:
    """The part of an array that a statement gives a value, where no name gets it too and looking it up is no call."""
    match node:
        case ast.Assign(targets=[ast.Subscript() as target]) | ast.AugAssign(target=ast.Subscript() as target):
            calls = any(isinstance(inner, ast.Call) for inner in ast.walk(target))
            return [] if calls else [ast.unparse(target)]
    return []


def trace(
    updates: Iterator[Any], sources: Mapping[CodeType, Source], seen: Callable[[Any], Value | None]
) -> tuple[Any, list[Line]]:
    """Run one update of an algorithm's generator; returns its event (None at the end) and the lines it ran.

    `seen` says how a value is shown, or None where it is not.
    """
    recorder = _Recorder(sources, seen)
    before = sys.gettrace()
    sys.settrace(recorder.enter)
    try:
        event = next(updates, None)
    finally:
        sys.settrace(before)
    return event, recorder.lines


class _Turns:
    """The turns of one `for` loop under way: those in the middle are forgotten when another one has really begun."""

    def __init__(self, lines: range) -> None:
        self.head, self.lines = lines.start, lines
        self.count = self.skipped = 0
        self.cut = self.begun = 0  # indices into the recorded lines: of the turn that may go, of the present one

    def reach(self, number: int, recorded: list[Line]) -> None:
        """A line is about to be recorded."""
        if number not in self.lines:
            self.count = self.skipped = 0
        elif number == self.head:
            self.count += 1
            self.begun = len(recorded)
            if self.count == FIRST_TURNS + 1:
                self.cut = self.begun
        elif self.count > FIRST_TURNS + 1 and self.begun > self.cut:
            del recorded[self.cut : self.begun]
            self.begun = self.cut
            self.skipped += 1
            recorded[self.cut].skipped = self.skipped


class _Call:
    """A function under way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.line: Line | None = None  # the latest
        self.known: dict[str, Any] = {}  # what its names meant when last looked at
        self.turns = [_Turns(lines) for lines in source.turns]


class _Recorder:
    """A trace function limited to the page and the functions beside it."""

    def __init__(self, sources: Mapping[CodeType, Source], seen: Callable[[Any], Value | None]) -> None:
        self.lines: list[Line] = []
        self._sources, self._seen = sources, seen
        self._calls: list[_Call] = []  # the page's first

    def enter(self, frame: FrameType, kind: str, argument: Any) -> Any:
        source = self._sources.get(frame.f_code)
        if source is None:
            return None
        self._calls.append(call := _Call(source))
        if len(self._calls) > 1:
            self._record(call, frame.f_lineno)
            self._give_values(call, frame)
        return self._line

    def _line(self, frame: FrameType, kind: str, argument: Any) -> Any:
        call = self._calls[-1]
        self._give_values(call, frame)
        if kind == "line":
            for turns in call.turns:
                turns.reach(frame.f_lineno, self.lines)
            if frame.f_lineno in call.source.loop:
                self._record(call, frame.f_lineno)
        elif kind == "return":
            self._leave(call, argument)
        return self._line

    def _leave(self, call: _Call, result: Any) -> None:
        """Back to the line that called, which goes on with what it was given."""
        self._calls.pop()
        if not self._calls:
            return
        self._give(call, RETURN, result)
        caller = self._calls[-1]
        if caller.line is not None:
            self._record(caller, caller.line.number)

    def _record(self, call: _Call, number: int) -> None:
        call.line = Line(number, call.source, len(self._calls) - 1)
        self.lines.append(call.line)

    def _give_values(self, call: _Call, frame: FrameType) -> None:
        """The names that changed since the line before was reached are that line's doing, and so is a part it gave."""
        for name, value in list(frame.f_locals.items()):
            if call.known.get(name) is value:
                continue
            call.known[name] = value
            self._give(call, name, value)
        for lines, part in call.source.parts:
            if call.line is not None and call.line.number in lines and frame.f_lineno not in lines:
                self._give(call, part, eval(part, frame.f_globals, frame.f_locals))

    def _give(self, call: _Call, name: str, value: Any) -> None:
        shown = self._seen(value)
        if call.line is not None and shown is not None:
            call.line.values[name] = shown
