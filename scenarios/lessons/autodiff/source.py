"""The real source of an operation: its row in the table of derivatives, and the functions that the row names."""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass
from functools import cache
from types import FunctionType, ModuleType

from engine.operations import Operation, binary, fused, movement, reduce, unary

_MODULES = (unary, reduce, binary, movement, fused)
_FORWARD = 2  # which argument of a row is the forward rule; what follows are derivatives


@dataclass(frozen=True)
class Passage:
    """Lines of a file that belong together."""

    first_line: int
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Stretch:
    """A part of a line of the file."""

    line: int
    start: int
    stop: int


@dataclass(frozen=True)
class OperationSource:
    """Where an operation is written: its row first, then what the row calls; and where in the row its rules stand."""

    file: str
    passages: tuple[Passage, ...]
    forward: tuple[Stretch, ...]
    backward: tuple[Stretch, ...]


@cache
def operation_source(operation: Operation) -> OperationSource:
    """The source of an operation of the engine's table. Raises ValueError for any other."""
    for module in _MODULES:
        name = next((name for name, value in vars(module).items() if value is operation), None)
        if name is not None:
            return _found(module, name)
    raise ValueError(f"{operation.name} is not in the table of the engine")


def _found(module: ModuleType, name: str) -> OperationSource:
    text = inspect.getsource(module)
    lines = text.split("\n")
    row = next(
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == name
    )
    assert isinstance(row.value, ast.Call)
    passages = [Passage(row.lineno, tuple(lines[row.lineno - 1 : row.end_lineno]))]
    for called in _called(row.value, module):
        source, first = inspect.getsourcelines(called)
        passages.append(Passage(first, tuple(line.rstrip("\n") for line in source)))
    rules = [tuple(_stretches(rule, lines)) for rule in row.value.args[_FORWARD:]]
    backward = tuple(stretch for rule in rules[1:] for stretch in rule)
    return OperationSource(module.__name__.replace(".", "/") + ".py", tuple(passages), rules[0], backward)


def _called(row: ast.expr, module: ModuleType) -> list[FunctionType]:
    """The functions of the module that a row names, in their order there."""
    names = {node.id for node in ast.walk(row) if isinstance(node, ast.Name)}
    found = [value for name, value in vars(module).items() if name in names and isinstance(value, FunctionType)]
    return [function for function in found if function.__module__ == module.__name__]


def _stretches(rule: ast.expr, lines: list[str]) -> list[Stretch]:
    first, last = rule.lineno, rule.end_lineno or rule.lineno
    found = []
    for line in range(first, last + 1):
        start = _characters(lines[line - 1], rule.col_offset) if line == first else 0
        stop = _characters(lines[line - 1], rule.end_col_offset) if line == last else len(lines[line - 1])
        found.append(Stretch(line, start, stop))
    return found


def _characters(line: str, offset: int | None) -> int:
    """Characters in so many bytes of UTF-8, which is how `ast` counts."""
    return len(line.encode()[:offset].decode())
