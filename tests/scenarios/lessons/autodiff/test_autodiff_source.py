"""The source that is shown is the source that runs."""

import ast
import textwrap
from pathlib import Path

import numpy as np
import pytest

from engine.operations import Operation, binary, fused, movement, reduce, unary
from scenarios.lessons.autodiff.source import operation_source

ROOT = Path(__file__).parents[4]
MODULES = (unary, reduce, binary, movement, fused)
TABLE = [value for module in MODULES for value in vars(module).values() if isinstance(value, Operation)]


@pytest.mark.parametrize("operation", TABLE, ids=lambda operation: operation.name)
def test_every_operation_of_the_engine(operation):
    source = operation_source(operation)
    row, *functions = source.passages
    (statement,) = ast.parse("\n".join(row.lines)).body
    assert statement.value.args[0].value == operation.name
    assert statement.value.args[1].value == operation.formula
    lines = (ROOT / source.file).read_text("utf-8").split("\n")
    for passage in source.passages:
        assert list(passage.lines) == lines[passage.first_line - 1 : passage.first_line - 1 + len(passage.lines)]
    for function in functions:
        (definition,) = ast.parse(textwrap.dedent("\n".join(function.lines))).body
        assert definition.name in "\n".join(row.lines)
    for rule, stretches in (("forward", source.forward), ("backward", source.backward)):
        lit = "".join(lines[s.line - 1][s.start : s.stop] for s in stretches)
        assert lit, rule
    forward = "\n".join(lines[s.line - 1][s.start : s.stop] for s in source.forward)
    assert ast.dump(ast.parse(f"({forward})", mode="eval").body) == ast.dump(statement.value.args[2])


def test_the_rules_of_a_product():
    source = operation_source(binary.MUL)
    (row,) = source.passages
    assert [row.lines[0][s.start : s.stop] for s in source.forward] == ["np.multiply"]
    assert [row.lines[0][s.start : s.stop] for s in source.backward] == [
        "lambda g, y, a, b: g * b",
        "lambda g, y, a, b: g * a",
    ]


def test_columns_are_characters_not_bytes():
    """The formula of a power has raised letters, of two bytes and more, before the rules."""
    source = operation_source(unary.POWER)
    line = source.passages[0].lines[0]
    assert [line[s.start : s.stop] for s in (*source.forward, *source.backward)] == ["lambda x, c: x**c", "_power_dx"]
    assert source.passages[1].lines[0].startswith("def _power_dx(")


def test_an_operation_of_ones_own_is_not_there():
    with pytest.raises(ValueError, match="swish is not in the table"):
        operation_source(Operation("swish", "dx = g", np.positive))
