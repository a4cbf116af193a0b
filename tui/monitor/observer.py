"""Reads what the monitor shows: the runs there are, and the curves of those that are looked at.

It belongs to one thread at a time and gives away nothing but snapshots. Curves are read when somebody looks at them
and kept while they are needed; of the curves for the table a few are read in every look, so that no look takes long.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from algorithms.contract import Floats
from scenarios.runs.collection import Collection, RunRow
from scenarios.runs.comparison import Group, group_by_seed
from scenarios.runs.curvestore import COUNTERS, CurveStore
from scenarios.runs.files import RunError
from scenarios.runs.inspection import solved_return
from scenarios.runs.metrics import METRICS
from scenarios.runs.query import ALIASES
from tui.drawing.cells import safe_text
from tui.monitor.chart import Chart
from tui.monitor.lines import MOST_LINES, NOTHING, Bundle, Curve, Line, Style, lines_of, thinned
from tui.monitor.view import XAxis

if TYPE_CHECKING:
    from scenarios.runs.diagnosis import Diagnosis

RETURN, EVALUATION = "episode/return", "evaluation/return"
# What is charted without a choice, as far as the runs have it.
PREFERRED = (
    RETURN,
    EVALUATION,
    "sweep/largest_change",
    "accuracy/train",
    "loss/train",
    "loss/value",
    "policy/entropy",
    "value/td_error",
    "value/q_mean",
    "episode/length",
    "time/steps_per_second",
)
SPARKED = (RETURN, EVALUATION, "sweep/largest_change", "accuracy/train")  # the first that a run has is its spark
SPARK_POINTS = 64
SPARK_SECONDS = 0.05  # of a look, for reading curves that are not kept yet
MOST_RUNS = 100  # whose curves are read for the charts
MOST_STORES = 160  # kept
LONGEST_VALUE = 20  # characters of a setting in a legend
EVERY_POINT = 1 << 40  # columns in which no points of one curve are in one

_SHORT = {key: short for short, key in ALIASES.items() if short in ("lr", "eps")}


@dataclass(frozen=True)
class Wanted:
    """What a look is to bring back."""

    runs: tuple[Path, ...] = ()
    """Whose curves are drawn."""
    metrics: tuple[str, ...] = ()
    """Which of their metrics; empty for those that say most."""
    charts: int = 1
    """How many metrics there is room for."""
    style: Style = field(default_factory=Style)
    grouped: bool = True
    columns: int = 200
    """Columns of dots of the widest chart."""
    sparks: tuple[Path, ...] = ()
    """The runs in sight, whose curves stand in the table."""
    diagnosed: Path | None = None
    """The run to look at as a physician would."""
    again: bool = True
    """Whether to look at the disk again, or only at what is known."""


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of one metric."""

    metric: str
    lines: tuple[Line, ...] = ()
    left_out: int = 0
    reach: tuple[float, float] | None = None
    """From where to where they go on the x axis, beyond the window too; None where there are none."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What a look has found: immutable, so that it can cross to the screen's thread."""

    rows: tuple[RunRow, ...] = ()
    faults: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    """All that the charted runs have, the best known first."""
    charts: tuple[Lines, ...] = ()
    sparks: Mapping[Path, Floats] = field(default_factory=dict)
    diagnoses: tuple[Diagnosis, ...] = ()
    solved: float | None = None
    """The return from which on the scenario of all charted runs counts as solved."""
    damage: Mapping[Path, str] = field(default_factory=dict)
    """What cannot be read of the curves of charted runs that have ended, in a sentence each."""
    unfinished: bool = False
    """There is more to be read: look again soon."""


class Curves:
    """The curves of runs: read when they are looked at, and kept while there is room."""

    def __init__(self) -> None:
        self.generation = 0  # grows with every new point
        self._stores: OrderedDict[Path, CurveStore] = OrderedDict()
        self._told: dict[Path, RunRow] = {}  # the row of every store when it was read last
        self._whole: dict[tuple[Path, str, XAxis], tuple[tuple[int, int], Curve]] = {}  # by how long they were

    def store(self, row: RunRow) -> CurveStore | None:
        """The curves of a run, read again if it has gone on; None where they cannot be read."""
        store = self._stores.pop(row.path, None) or CurveStore(row.path)
        if self._told.get(row.path) != row or row.is_live:
            try:
                self.generation += bool(store.poll())
            except RunError:
                return None
            self._told[row.path] = row
        self._stores[row.path] = store
        while len(self._stores) > MOST_STORES:
            self._drop(next(iter(self._stores)))
        return store

    def keep_only(self, paths: Container[Path]) -> None:
        """Let go of runs that are no more."""
        for path in [path for path in self._stores if path not in paths]:
            self._drop(path)

    def _drop(self, path: Path) -> None:
        del self._stores[path]
        self._told.pop(path, None)
        self._whole = {key: kept for key, kept in self._whole.items() if key[0] != path}

    def whole(self, row: RunRow, name: str, x: XAxis) -> Curve:
        """All points of a curve, or means of neighbours where they are very many; kept until there are more."""
        store = self.store(row)
        if store is None or name not in store.names:
            return NOTHING
        series = store.series(name)
        known, size = self._whole.get((row.path, name, x)), (store.generation, len(series.steps))
        if known is None or known[0] != size:
            known = size, thinned((store.places(name, x), series.values.astype(np.float64)))
            self._whole[row.path, name, x] = known
        return known[1]

    def part(self, row: RunRow, name: str, style: Style, columns: int) -> Curve:
        """The points of a curve that can be seen in so many columns."""
        store = self.store(row)
        if store is None or name not in store.names:
            return NOTHING
        low, high = style.window or (-np.inf, np.inf)
        return store.window(name, style.x, low, high, columns)

    def names(self, rows: Iterable[RunRow]) -> tuple[str, ...]:
        """The metrics that runs have, in the order in which they are declared, then those that nobody has declared."""
        stores = [store for row in rows if (store := self.store(row)) is not None]
        names = {name for store in stores for name in store.names}
        known = [metric.name for metric in METRICS if metric.name in names]
        return (*known, *sorted(names.difference(known)))

    def charts(self, names: Iterable[str], rows: Sequence[RunRow], wanted: Wanted) -> tuple[Lines, ...]:
        """The lines of some metrics."""
        bundles = bundles_of(rows, grouped=wanted.grouped)
        return tuple(self._chart(name, rows, bundles, wanted) for name in names)

    def _chart(self, name: str, rows: Sequence[RunRow], bundles: Sequence[Bundle], wanted: Wanted) -> Lines:
        by_path = {row.path: row for row in rows}
        lines = lines_of(
            bundles[:MOST_LINES],
            lambda path: self.whole(by_path[path], name, wanted.style.x),
            lambda path: self.part(by_path[path], name, wanted.style, wanted.columns),
            wanted.style,
        )
        left_out = sum(len(bundle.runs) for bundle in bundles[MOST_LINES:]) + max(0, len(wanted.runs) - MOST_RUNS)
        everything = Style(wanted.style.x)
        ends = [x for row in rows if len(x := self.part(row, name, everything, 1)[0])]
        reach = (min(float(x[0]) for x in ends), max(float(x[-1]) for x in ends)) if ends else None
        return Lines(name, lines, left_out, reach)


def chosen_metrics(names: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """Of the metrics that were asked for those that there are; without one, those that say most."""
    kept = [name for name in wanted if name in names] or [name for name in PREFERRED if name in names]
    return tuple(kept or [name for name in names if name not in COUNTERS.values()][:1])


def chart_rows(
    rows: Sequence[RunRow],
    metrics: Sequence[str],
    columns: int = EVERY_POINT,
    most: int = 6,
    *,
    style: Style | None = None,
    grouped: bool = True,
) -> list[Chart]:
    """Charts of some runs as they are now, read anew and without a screen."""
    curves, style = Curves(), style or Style()
    rows = [row for row in rows if row.manifest is not None][:MOST_RUNS]
    wanted = Wanted(style=style, grouped=grouped, columns=columns)
    solved = solved_by_all(rows)
    chosen = metrics or chosen_metrics(curves.names(rows), ())
    lines = curves.charts(chosen[:most], rows, wanted)
    return [
        Chart(
            one.metric,
            one.lines,
            one.left_out,
            style.x,
            style.log_x,
            smoothing=style.smoothing,
            window=style.window,
            solved=solved_in(one.metric, solved),
        )
        for one in lines
    ]


class Observer:
    """Looks at the runs below some paths."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._collection = Collection(paths)
        self._curves = Curves()
        self._rows: dict[Path, RunRow] = {}
        self._sparks: dict[Path, tuple[RunRow, Floats]] = {}
        self._latest: tuple[tuple[Any, ...], Seen] | None = None  # of what, and what was seen

    def look(self, wanted: Wanted) -> Seen:
        """What there is to see now; the same object as before where that is what was seen before."""
        if wanted.again and self._collection.poll():
            self._rows = {row.path: row for row in self._collection.rows}
            self._curves.keep_only(self._rows)
            self._sparks = {path: spark for path, spark in self._sparks.items() if path in self._rows}
        for path in {*wanted.runs[:MOST_RUNS], *wanted.sparks}:
            if path in self._rows and self._rows[path].is_live:
                self._curves.store(self._rows[path])
        what = replace(wanted, again=False), self._collection.rows, self._collection.faults, self._curves.generation
        if self._latest is None or self._latest[0] != what or self._latest[1].unfinished:
            self._latest = what, self._see(wanted)
        return self._latest[1]

    def _see(self, wanted: Wanted) -> Seen:
        rows = [self._rows[path] for path in wanted.runs if path in self._rows][:MOST_RUNS]
        names = self._curves.names(rows)
        chosen = chosen_metrics(names, wanted.metrics)[: wanted.charts] if rows else ()
        sparks, unfinished = self._look_at_sparks(wanted.sparks)
        return Seen(
            self._collection.rows,
            self._collection.faults,
            names,
            self._curves.charts(chosen, rows, wanted),
            sparks,
            self._diagnose(wanted.diagnosed),
            solved_by_all(rows),
            self._damage({*wanted.runs[:MOST_RUNS], wanted.diagnosed}),
            unfinished,
        )

    def _damage(self, paths: Iterable[Path | None]) -> dict[Path, str]:
        rows = [row for path in paths if path is not None and (row := self._rows.get(path)) and not row.is_live]
        stores = [(row.path, self._curves.store(row)) for row in rows]
        return {path: store.damage for path, store in stores if store is not None and store.damage}

    # The table

    def _look_at_sparks(self, paths: Sequence[Path]) -> tuple[dict[Path, Floats], bool]:
        """The curves of the runs in sight, and whether some have yet to be read."""
        until = time.monotonic() + SPARK_SECONDS
        found: dict[Path, Floats] = {}
        unfinished = False
        for path in paths:
            row, kept = self._rows.get(path), self._sparks.get(path)
            if row is None or row.fault is not None:
                continue
            if (kept is None or kept[0] != row) and time.monotonic() < until:
                kept = self._sparks[path] = row, self._spark(row)
            unfinished = unfinished or kept is None or kept[0] != row
            if kept is not None:
                found[path] = kept[1]
        return found, unfinished

    def _spark(self, row: RunRow) -> Floats:
        names = self._curves.names([row])
        name = next((name for name in SPARKED if name in names), None)
        return np.zeros(0) if name is None else thinned(self._curves.whole(row, name, "steps"), SPARK_POINTS)[1]

    # One run

    def _diagnose(self, path: Path | None) -> tuple[Diagnosis, ...]:
        row = self._rows.get(path) if path is not None else None
        store = self._curves.store(row) if row is not None else None
        if row is None or store is None:
            return ()
        from scenarios.runs.diagnosis import diagnose

        curves = {name: store.series(name) for name in store.names}
        fault = row.message if row.is_live else None
        return tuple(diagnose(curves, row.algorithm, row.config, row.share, solved_by_all([row]), fault=fault))


def bundles_of(rows: Sequence[RunRow], *, grouped: bool) -> list[Bundle]:
    """What becomes one line each: runs that differ by their seed alone together, or every run."""
    if not grouped:
        return [Bundle(row.name, (row.path,)) for row in rows]
    groups = group_by_seed(rows)
    return [Bundle(_name(group, groups), _paths(group.rows), _paths(group.repeats)) for group in groups]


def _paths(rows: Sequence[RunRow]) -> tuple[Path, ...]:
    return tuple(row.path for row in rows)


def _name(group: Group, groups: Sequence[Group]) -> str:
    """What tells a group from the others: of scenario and algorithm only what they do not share, and its settings."""
    if len(group.rows) == 1:
        return group.rows[0].name
    words = [
        getattr(group, what)
        for what in ("scenario", "algorithm")
        if len({getattr(one, what) for one in groups}) > 1 or (len(groups) == 1 and not group.distinct)
    ]
    words += [f"{_SHORT.get(key, key)}={safe_text(value, LONGEST_VALUE)}" for key, value in group.distinct]
    return " ".join(words or [group.scenario, group.algorithm])


def solved_by_all(rows: Sequence[RunRow]) -> float | None:
    """The return from which on all of these runs count as solved; None where that is not one number for all."""
    returns = {solved_return(row.manifest) if row.manifest is not None else None for row in rows}
    return returns.pop() if len(returns) == 1 else None


def solved_in(metric: str, solved: float | None) -> float | None:
    """The same in the chart of a metric: only returns can reach it."""
    return solved if metric in (RETURN, EVALUATION) else None
