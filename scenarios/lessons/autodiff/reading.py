"""From a learner's text to the parts of an expression. Nothing is ever run: Python's `ast` gives the tree, and what
is not on the list of allowed nodes is refused where the tree is walked.

    (a*b + c)**2 with a=2, b=-3, c=10
    mean((tanh(x@w) - y)**2) with w=[0.5; -1] given x=[1,2; 3,4] y=[0; 1]
    h*h + h, h=tanh(x), x=1

Behind the expression stand values: numbers, vectors `[1,2]`, matrices `[1,2; 3,4]` or `[[1,2],[3,4]]`, or another
expression, whose result then has a name. What stands behind `given` is data: no gradient is asked of it.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

LONGEST = 4000  # characters of a text
LONGEST_NAME = 24
DEEPEST = 24  # brackets within brackets
MOST_NODES = 2500  # of a tree
HIGHEST = 60  # levels of a tree

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_\u03b1-\u03c9][A-Za-z_0-9\u03b1-\u03c9]*)"
    r"|(?P<sign>\*\*|[-+*/@()\[\],;:=.])",
    re.ASCII,
)
_MEANT = str.maketrans({"−": "-", "–": "-", "·": "*", "×": "*", "\t": " ", "\n": " ", "\r": " "})
_CLOSES = {"(": ")", "[": "]"}
_BEGIN = ("with", "given")
_WANT_MORE = ("+", "-", "*", "/", "@", "**", ".")
_BETWEEN = (",", ";", "and")


class ExpressionError(ValueError):
    """What cannot be used of a text: one sentence, and the character that it is about, counted from 0."""

    def __init__(self, sentence: str, place: int) -> None:
        super().__init__(f"{sentence}, at character {place + 1}")
        self.sentence, self.place = sentence, place


class Token(NamedTuple):
    """A number, a name or a sign, and where it stands in the text."""

    kind: str
    text: str
    place: int


@dataclass(frozen=True, eq=False)
class Formula:
    """An expression as a tree, with the places of the characters it was read from."""

    tree: ast.expr
    places: tuple[int, ...]  # of the characters of the source that `ast` has read
    text: str

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Where a part of the tree stands in the text: its first character, and the one behind its last."""
        start, stop = getattr(node, "col_offset", 0), getattr(node, "end_col_offset", 1)
        last = min(max(stop - 1, start), len(self.places) - 1)
        return self.places[min(start, last)], self.places[last] + 1


@dataclass(frozen=True, eq=False)
class Definition:
    """A name and what it stands for."""

    name: str
    formula: Formula
    given: bool  # as data, of which no gradient is asked
    place: int


@dataclass(frozen=True, eq=False)
class Reading:
    """A text in its parts."""

    text: str
    formula: Formula
    definitions: tuple[Definition, ...]


def read(text: str) -> Reading:
    """The parts of a text. Raises ExpressionError, one sentence, for everything that is no expression."""
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST} characters, this one {len(text):,}", LONGEST)
    tokens = _tokens(text)
    _check_brackets(tokens)
    starts = [i for i in _outside(tokens) if tokens[i].text in _BEGIN or _begins_value(tokens, i)]
    first = starts[0] if starts else len(tokens)
    formula = _formula(_stripped(tokens[:first]), text, tokens[first].place if starts else len(text))
    return Reading(text, formula, tuple(_definitions(tokens, starts, text)))


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    meant = text.translate(_MEANT)
    at = 0
    while at < len(meant):
        if meant[at] == " ":
            at += 1
            continue
        found = _TOKEN.match(meant, at)
        if meant[at] == "^":
            tokens.append(Token("sign", "**", at))
            at += 1
            continue
        if found is None:
            raise ExpressionError(f"{text[at]!r} is no part of an expression", at)
        kind = found.lastgroup or ""
        if kind == "name" and len(found[0]) > LONGEST_NAME:
            raise ExpressionError(f"names have at most {LONGEST_NAME} characters", at)
        if kind == "name" and tokens and tokens[-1].kind == "number" and meant[at - 1] != " ":
            raise ExpressionError(f"write {tokens[-1].text}*{found[0][:20]} for a product", at)
        tokens.append(Token(kind, found[0], at))
        at = found.end()
    return tokens


def _check_brackets(tokens: Sequence[Token]) -> None:
    waiting: list[Token] = []
    for token in tokens:
        if token.text in _CLOSES:
            waiting.append(token)
            if len(waiting) > DEEPEST:
                raise ExpressionError(f"brackets lie at most {DEEPEST} deep", token.place)
        elif token.text in _CLOSES.values():
            if not waiting:
                raise ExpressionError(f"{token.text} closes nothing", token.place)
            opened = waiting.pop()
            if _CLOSES[opened.text] != token.text:
                raise ExpressionError(f"{token.text} cannot close {opened.text}", token.place)
    if waiting:
        raise ExpressionError(f"{waiting[-1].text} is never closed", waiting[-1].place)


def _outside(tokens: Sequence[Token]) -> list[int]:
    """The tokens that stand in no bracket, by number."""
    found, depth = [], 0
    for i, token in enumerate(tokens):
        depth -= token.text in _CLOSES.values()
        if depth == 0:
            found.append(i)
        depth += token.text in _CLOSES
    return found


def _begins_value(tokens: Sequence[Token], i: int) -> bool:
    return tokens[i].kind == "name" and i + 1 < len(tokens) and tokens[i + 1].text == "="


def _stripped(tokens: Sequence[Token]) -> Sequence[Token]:
    while tokens and tokens[-1].text in _BETWEEN:
        tokens = tokens[:-1]
    return tokens


def _definitions(tokens: Sequence[Token], starts: Sequence[int], text: str) -> list[Definition]:
    found: dict[str, Definition] = {}
    given = False
    for start, stop in pairwise([*starts, len(tokens)]):
        token = tokens[start]
        if token.text in _BEGIN:
            given = token.text == "given"
            behind = _stripped(tokens[start + 1 : stop])
            if behind or stop == len(tokens):
                place = behind[0].place if behind else len(text)
                raise ExpressionError(f"behind {token.text} stand values, as in x=2", place)
            continue
        if keyword.iskeyword(token.text):
            raise ExpressionError(f"{token.text} cannot be a name", token.place)
        if token.text in found:
            raise ExpressionError(f"{token.text[:20]} has two values", token.place)
        end = tokens[stop].place if stop < len(tokens) else len(text)
        formula = _formula(_stripped(tokens[start + 2 : stop]), text, end)
        found[token.text] = Definition(token.text, formula, given, token.place)
    return list(found.values())


def _formula(tokens: Sequence[Token], text: str, end: int) -> Formula:
    """The tree of some tokens; `end` is where one would stand if there is none."""
    if not tokens:
        raise ExpressionError("something is missing: a number, a name or an expression", end)
    for token in tokens:
        if token.text == "=":
            raise ExpressionError("= gives a value behind the expression, as in x*y with x=2, y=3", token.place)
    if tokens[-1].text in _WANT_MORE:
        raise ExpressionError(f"something is missing behind {tokens[-1].text}", tokens[-1].place)
    source, places = _source(tokens)
    try:
        tree = ast.parse(source, mode="eval").body
    except SyntaxError as error:
        at = min(max((error.offset or 1) - 1, 0), len(places) - 1)
        raise ExpressionError(*_misread(tokens, places[at])) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("this is too deep to be read: use fewer levels", tokens[0].place) from None
    formula = Formula(tree, tuple(places), text[tokens[0].place : tokens[-1].place + len(tokens[-1].text)])
    _check_size(formula)
    return formula


def _misread(tokens: Sequence[Token], place: int) -> tuple[str, int]:
    """What to say where the grammar ends, and where: an operation without its second part is the usual mistake."""
    token = next((token for token in tokens if token.place >= place), tokens[-1])
    before = next((other for other in reversed(tokens) if other.place < token.place), None)
    if token.kind != "sign" and before is not None and (before.kind != "sign" or before.text in _CLOSES.values()):
        return f"between {before.text[:20]} and {token.text[:20]} a sign is missing, as * or +", token.place
    return f"{token.text[:20]} cannot stand here", token.place


def _source(tokens: Sequence[Token]) -> tuple[str, list[int]]:
    """Tokens as Python would have them, `[1; 2]` as `[[1],[2]]`, and the place of every character in the text."""
    rows = _brackets_with_rows(tokens)
    written: list[str] = []
    places: list[int] = []
    for i, token in enumerate(tokens):
        text = {"[": "[[", "]": "]]", ";": "],["}[token.text] if i in rows else token.text
        written.append(text)
        # a space on each side keeps names apart, and no sign is read as half of another
        places += [*range(token.place, token.place + len(text)), token.place]
    return " ".join(written), places


def _brackets_with_rows(tokens: Sequence[Token]) -> set[int]:
    """The numbers of all ; in brackets, and of these brackets."""
    found: set[int] = set()
    waiting: list[list[int]] = []
    for i, token in enumerate(tokens):
        if token.text in _CLOSES:
            waiting.append([i])
        elif token.text == ";" and waiting and tokens[waiting[-1][0]].text == "[":
            waiting[-1].append(i)
        elif token.text in _CLOSES.values():
            opened = waiting.pop() if waiting else []
            if len(opened) > 1:
                found.update(opened, (i,))
    return found


def _check_size(formula: Formula) -> None:
    waiting: list[tuple[ast.AST, int]] = [(formula.tree, 1)]
    count = 0
    while waiting:
        node, level = waiting.pop()
        count += 1
        if count > MOST_NODES or level > HIGHEST:
            raise ExpressionError("this expression is too large: use fewer parts", formula.span(formula.tree)[0])
        waiting += [(child, level + 1) for child in ast.iter_child_nodes(node)]
