"""Size budgets: a page that one's head cannot hold is split. Counted is code: no blanks, comments or docstrings."""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("engine", "algorithms", "scenarios", "tui")
FILES = sorted(path.relative_to(ROOT).as_posix() for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

FUNCTION = 40
ALGORITHM = 150
CORE = 400
WIDGET = 200
APP = 300

NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> set[int]:
    """The numbers of the lines that hold code."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in NO_CODE:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines.difference_update(range(node.lineno, node.end_lineno + 1))
    return lines


def budget_of(name: str, source: str) -> int | None:
    """How many lines of code a file may have; None where only its functions have a budget."""
    if name == "tui/app.py":
        return APP
    if name.startswith("algorithms/"):
        return ALGORITHM
    if name.startswith("engine/"):
        return CORE
    draws = name.startswith("tui/") and re.search("^(from|import) textual", source, re.MULTILINE)
    return WIDGET if draws else None


SAMPLE = '''"""Docstring."""

# comment
x = 1  # kept


def f():
    """Two
    lines."""
    return (
        x
    )
'''


def test_counting():
    assert code_lines(SAMPLE) == {4, 7, 10, 11, 12}


@pytest.mark.parametrize("name", FILES)
def test_file(name):
    source = (ROOT / name).read_text()
    budget = budget_of(name, source)
    assert budget is None or len(code_lines(source)) <= budget


@pytest.mark.parametrize("name", FILES)
def test_functions(name):
    source = (ROOT / name).read_text()
    lines = code_lines(source)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            own = range(node.lineno, node.end_lineno + 1)
            assert len(lines.intersection(own)) <= FUNCTION, f"{node.name} is too long"
