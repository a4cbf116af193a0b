"""Which runs, in which order: a few words that one types into a search box.

lander algo=ppo lr>=1e-3 status=running,paused age<2h
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from scenarios.runs.collection import STATUSES, RunRow
from scenarios.runs.files import printable

SYNTAX = (
    "words to be found in a name, scenario or algorithm; KEY=VALUE, !=, <, <=, > or >= of a column or a setting; "
    "numbers as 1e-3, 500k or 2M, ages as 90s, 5m, 2h or 3d; * stands for any letters, a comma for or"
)
LONGEST = 1000  # characters of a query

Operator = Literal["=", "!=", "<", "<=", ">", ">="]

COLUMNS: dict[str, Callable[[RunRow], Any]] = {
    "name": lambda row: row.name,
    "status": lambda row: row.status,
    "scenario": lambda row: row.scenario,
    "algorithm": lambda row: row.algorithm,
    "seed": lambda row: row.seed,
    "lanes": lambda row: row.lanes,
    "env_steps": lambda row: row.env_steps,
    "episodes": lambda row: row.episodes,
    "return_mean": lambda row: row.return_mean,
    "eval_mean": lambda row: row.eval_mean,
    "steps_per_second": lambda row: row.steps_per_second,
    "wall_seconds": lambda row: row.wall_seconds,
    "share": lambda row: row.share,
    "age": lambda row: row.age,
    "created": lambda row: row.created,
    "message": lambda row: row.fault or row.message,
}
ALIASES = {
    "run": "name",
    "env": "scenario",
    "environment": "scenario",
    "algo": "algorithm",
    "steps": "env_steps",
    "return": "return_mean",
    "eval": "eval_mean",
    "greedy": "eval_mean",
    "speed": "steps_per_second",
    "seconds": "wall_seconds",
    "progress": "share",
    "lr": "learning_rate",
    "eps": "epsilon",
}


class QueryError(ValueError):
    """A query that cannot be understood; one sentence that says what is allowed."""


@dataclass(frozen=True)
class Comparison:
    """`KEY OPERATOR VALUE`, or a word (without a key)."""

    key: str | None
    operator: Operator
    values: tuple[str, ...]  # any of them

    def matches(self, row: RunRow) -> bool:
        """Whether a run is such a one; a run that has no such setting is not, whatever the operator."""
        if self.key is None:
            word = self.values[0].casefold()
            return any(word in text.casefold() for text in (row.name, row.scenario, row.algorithm))
        value = value_of(row, self.key)
        if value is _MISSING:
            return False
        if self.operator in ("=", "!="):
            return any(_equal(value, wanted, self.key) for wanted in self.values) == (self.operator == "=")
        number, limit = number_of(value), _number(self.values[0], self.key)
        return number is not None and limit is not None and _ORDERS[self.operator](number, limit)


@dataclass(frozen=True)
class Query:
    """What runs are looked for: all of its comparisons hold."""

    text: str
    comparisons: tuple[Comparison, ...]

    def matches(self, row: RunRow) -> bool:
        """Whether a run is one of those that are looked for."""
        return all(comparison.matches(row) for comparison in self.comparisons)


def select(rows: Iterable[RunRow], query: Query) -> list[RunRow]:
    """The runs that are looked for, in their order."""
    return [row for row in rows if query.matches(row)]


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────

_OPERATORS: dict[str, Operator] = {
    "=": "=",
    "==": "=",
    "!=": "!=",
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}
_QUOTED = r'"[^"]*"|\'[^\']*\''
_KEY = re.compile(r"([^\W\d][\w.-]*)\s*(!=|<=|>=|==?|<|>)\s*")
_VALUE = re.compile(rf"(?:{_QUOTED}|\([^()]*\)|[^\s\"'()<>=])+")  # a schedule may have blanks in its brackets
_WORD = re.compile(rf"{_QUOTED}|[^\s\"'<>=]+")
_PARTS = re.compile(rf"(?:{_QUOTED}|\([^()]*\)|[^,])+")  # of a value, at the commas outside of quotes and brackets


def parse_query(text: str, settings: Iterable[str] = ()) -> Query:
    """The query that a text says; the empty one finds every run.

    Args:
        settings: keys that are known beside those of rltop's own configurations.

    Raises:
        QueryError: one sentence on what cannot be understood.
    """
    if len(text) > LONGEST:
        raise QueryError(f"a query has at most {LONGEST} characters, got {len(text)}")
    comparisons, at = [], _skip(text, 0)
    while at < len(text):
        comparison, at = _comparison(text, at, settings)
        comparisons.append(comparison)
        at = _skip(text, at)
    return Query(text, tuple(comparisons))


def _skip(text: str, at: int) -> int:
    """Where the next word begins."""
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _comparison(text: str, at: int, settings: Iterable[str]) -> tuple[Comparison, int]:
    head = _KEY.match(text, at)
    if not head:
        word = _WORD.match(text, at)
        if not word:
            raise QueryError(f"{_shown(text[at:])} cannot be read: write {SYNTAX}")
        return Comparison(None, "=", (_unquoted(word[0]),)), word.end()
    key = known_key(head[1], settings)
    value = _VALUE.match(text, head.end())
    if not value:
        raise QueryError(f"{_shown(head[0].strip())} needs a value after it, as in lr>=1e-3 or status=running")
    operator = _OPERATORS[head[2]]
    values = tuple(_unquoted(part) for part in _PARTS.findall(value[0])) or (value[0],)
    if operator in _ORDERS and (len(values) > 1 or _number(values[0], key) is None):
        example = "age<2h" if key == "age" else f"{head[1]}{operator}500k"
        raise QueryError(f"{head[1]}{operator} needs one number, as in {example}, got {_shown(value[0])}")
    if key == "status":
        _check_statuses(values)
    return Comparison(key, operator, values), value.end()


def _check_statuses(values: Iterable[str]) -> None:
    """Raises QueryError for a status that no run can have."""
    for value in values:
        if not any(_fits(status, value.casefold()) for status in STATUSES):
            raise QueryError(f"there is no status {_shown(value)}: they are {', '.join(STATUSES)}")


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] in "\"'" and text[-1] == text[0] else text


def _shown(text: str) -> str:
    return repr(printable(text, 40))


def known_key(key: str, settings: Iterable[str] = ()) -> str:
    """The column or setting that a key means; raises QueryError with the nearest one when there is none."""
    plain = ALIASES.get(key.casefold(), key.casefold())
    if plain in COLUMNS or plain in setting_keys():
        return plain
    others = set(settings)
    if key in others:
        return key
    known = [*COLUMNS, *ALIASES, *sorted(setting_keys() | others)]
    near = difflib.get_close_matches(key[:100], known, 1)
    hint = f"did you mean {printable(near[0], 40)}?" if near else f"the keys are {', '.join(COLUMNS)} and every setting"
    raise QueryError(f"there is no key {_shown(key)}: {hint}")


@cache
def setting_keys() -> frozenset[str]:
    """The settings of every algorithm and every scenario."""
    from algorithms.registry import EVERY_ALGORITHM
    from scenarios.catalog import EVERY_SCENARIO
    from scenarios.experiment import Acting, Evaluation, field_names

    worlds = [scenario.world for scenario in EVERY_SCENARIO]
    configs = [algorithm.config for algorithm in EVERY_ALGORITHM]
    return frozenset().union(*map(field_names, [*worlds, *configs, Evaluation, Acting]))


# ── comparing ────────────────────────────────────────────────────────────────────────────────────────────

_MISSING = object()
_ORDERS: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__,
    "<=": float.__le__,
    ">": float.__gt__,
    ">=": float.__ge__,
}
_UNITS = {"k": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "g": 1e9, "b": 1e9, "B": 1e9}
_AGES = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_SCHEDULE = re.compile(r"\s*[a-z]+\(\s*([^,()]+)[,)]")
_ARGUMENT = re.compile(r"[^(),*]+")


def value_of(row: RunRow, key: str) -> Any:
    """What a run has under a known key: a column, or a setting."""
    column = COLUMNS.get(key)
    return column(row) if column else row.config.get(key, _MISSING)


def number_of(value: Any) -> float | None:
    """A value as a number, a schedule as the one it starts with; None for what is none."""
    if isinstance(value, str):
        schedule = _SCHEDULE.match(value[:LONGEST])
        return _finite(schedule[1] if schedule else value)
    return None if value is None or isinstance(value, bool) else _finite(value)


def _finite(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _number(text: str, key: str) -> float | None:
    """A number as one types it: 1e-3, 500k, 2M; of an age with a unit of time."""
    units = _AGES if key in ("age", "wall_seconds") else _UNITS
    number = number_of(text[:-1]) if text[-1:] in units else None
    return number_of(text) if number is None else number * units[text[-1]]


def _equal(value: Any, wanted: str, key: str) -> bool:
    """As numbers where both are some, else as texts in which * stands for any letters, as a whole schedule is."""
    if _SCHEDULE.match(wanted.casefold()):
        return _fits(_in_one_way(value), _in_one_way(wanted))
    number, other = number_of(value), _number(wanted, key)
    if number is not None and other is not None:
        return number == other
    return _fits("none" if value is None else str(value).casefold(), wanted.casefold())


def _in_one_way(schedule: Any) -> str:
    """A schedule's text without blanks, each of its numbers written in the same way."""
    text = "".join(str(schedule)[:LONGEST].casefold().split())
    return _ARGUMENT.sub(lambda word: word[0] if (number := _finite(word[0])) is None else str(number), text)


def _fits(text: str, wanted: str) -> bool:
    """Whether a text is the wanted one, in which * stands for any letters."""
    first, *others = wanted.split("*")
    if not others:
        return text == wanted
    *between, last = others
    if not text.startswith(first):
        return False
    at = len(first)
    for part in between:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(text) - len(last) >= at and text.endswith(last)


# ── sorting ──────────────────────────────────────────────────────────────────────────────────────────────


def sort_rows(rows: Iterable[RunRow], key: str, descending: bool = False) -> list[RunRow]:
    """Runs in the order of a column or a setting; equal ones stay as they are, those without one come last.

    Raises QueryError for a key that there is not.
    """
    rows = list(rows)
    key = known_key(key, {name for row in rows for name in row.config})
    placed, others = [], []
    for row in rows:
        order = _order(value_of(row, key))
        if order is None:
            others.append(row)
        else:
            placed.append((order, row))
    placed.sort(key=lambda pair: pair[0], reverse=descending)
    return [*(row for _, row in placed), *others]


def _order(value: Any) -> tuple[Any, ...] | None:
    """Numbers before texts, and in texts 2 before 10; None for what has no place in an order."""
    number = number_of(value)
    if number is not None:
        return 0, number
    if value is _MISSING or value is None or isinstance(value, float):
        return None
    parts = re.split(r"(\d{1,15})", str(value)[:LONGEST].casefold())
    return 1, [int(part) if i % 2 else part for i, part in enumerate(parts)]
