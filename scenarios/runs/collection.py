"""Many runs at a glance: those below some directories, as rows of a table that is looked at again and again.

A first look reads two small files a run; a later one reads again only where something has changed. What is read is
checked as everywhere; a run that is damaged is a row, too, and says what is wrong with it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from scenarios.garbage import kept_from_collecting
from scenarios.runs.directory import MANIFEST, Manifest, Result, Run, read_manifest
from scenarios.runs.files import RunError, lock_holder
from scenarios.runs.progress import Heartbeat, Progress
from scenarios.runs.standing import Standing, overview_of, standing_of

DAMAGED = "damaged"
LIVE = ("running", "paused", "waiting")
STATUSES = (*LIVE, "dead", "solved", "finished", "stopped", "diverged", "failed", DAMAGED)
SETTLED_SECONDS = 2.0  # a directory that changed later than this may change again without its time saying so

NO_SETTINGS: Mapping[str, Any] = MappingProxyType({})


class RunRow(NamedTuple):  # which is made four times faster than a frozen dataclass
    """One run in a table. Numbers are None where there are none: before it learns, and of steps where it plans."""

    path: Path
    name: str
    status: str  # one of STATUSES
    scenario: str = ""
    algorithm: str = ""
    seed: int | None = None
    lanes: int | None = None
    env_steps: int | None = None  # of all lanes together
    episodes: int | None = None  # of all lanes together
    return_mean: float | None = None  # of the last 100 episodes
    eval_mean: float | None = None  # of the best greedy evaluation
    steps_per_second: float | None = None
    wall_seconds: float | None = None  # learnt so far
    share: float | None = None  # of its budget that is used, in [0, 1]
    message: str | None = None  # why it ended so, or what is wrong while it runs
    process: int | None = None  # id of its trainer
    born: float | None = None  # when it was created, in seconds since 1970
    manifest: Manifest | None = None
    standing: Standing | None = None
    fault: str | None = None  # one sentence on what is damaged

    @property
    def config(self) -> Mapping[str, Any]:
        """Every setting."""
        return self.manifest.config if self.manifest else NO_SETTINGS

    @property
    def created(self) -> str:
        """When it was created, ISO 8601."""
        return self.manifest.created if self.manifest else ""

    @property
    def age(self) -> float | None:
        """Seconds since it was created."""
        return None if self.born is None else max(0.0, time.time() - self.born)

    @property
    def is_live(self) -> bool:
        """Whether a process works on it."""
        return self.status in LIVE

    @property
    def overview(self) -> dict[str, Any] | None:
        """What `ls --json` prints of it; None for a damaged one."""
        return overview_of(Run(self.path, self.manifest), self.standing) if self.manifest and self.standing else None


def row_of(place: str | Path) -> RunRow | None:
    """The run in a directory, as it stands; None where there is no run."""
    path = Path(place)
    file = f"{place}/{MANIFEST}"  # a text, joined by hand: lists of thousands have no time for paths
    try:
        manifest = read_manifest(file)
    except RunError as fault:
        return RunRow(path, path.name, DAMAGED, fault=str(fault)) if os.path.lexists(file) else None
    known: dict[str, Any] = {
        "scenario": manifest.scenario,
        "algorithm": manifest.algorithm,
        "seed": manifest.seed,
        "lanes": manifest.lanes,
        "born": datetime.fromisoformat(manifest.created).timestamp(),
        "manifest": manifest,
    }
    try:
        standing = standing_of(Run(path, manifest))
    except RunError as fault:
        return RunRow(path, path.name, DAMAGED, **known, fault=str(fault))
    numbers = _ended(standing.result) if standing.result else _under_way(standing.said)
    return RunRow(path, path.name, standing.status, **known, **numbers, process=standing.process, standing=standing)


def _acted(told: Result | Progress) -> dict[str, Any]:
    """What planning has not: steps and episodes."""
    return {key: getattr(told, key) for key in ("env_steps", "episodes", "steps_per_second")}


def _ended(result: Result) -> dict[str, Any]:
    """The numbers of a run that has ended."""
    return {
        **({} if result.sweeps is not None else _acted(result)),
        "return_mean": result.return_mean,
        "eval_mean": result.eval_mean,
        "wall_seconds": result.wall_seconds,
        "share": result.share,
        "message": result.message,
    }


def _under_way(said: Heartbeat | None) -> dict[str, Any]:
    """The numbers that a run has last told, if it has told any."""
    if said is None:
        return {}
    progress = said.progress
    return {
        **({} if progress.sweeps else _acted(progress)),
        "return_mean": progress.return_mean,
        "eval_mean": progress.eval_mean,
        "wall_seconds": progress.seconds,
        "share": progress.share,
        "message": progress.trouble,
    }


@dataclass
class _Seen:
    """What a directory was like when it was looked at, and the run in it."""

    row: RunRow | None
    stamp: tuple[int, int] | None  # None: look again whatever it is like


class Collection:
    """The runs below some paths, each a run directory or a directory of runs.

    Attributes:
        rows: oldest first; empty before the first poll.
        faults: one sentence for every path that is neither, or cannot be listed.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self._paths = [Path(os.path.abspath(path)) for path in paths]
        self._folders: dict[Path, tuple[tuple[int, int] | None, list[str]]] = {}
        self._seen: dict[str, _Seen] = {}
        self.rows: tuple[RunRow, ...] = ()
        self.faults: tuple[str, ...] = ()

    def poll(self) -> bool:
        """Look again; whether anything has changed."""
        now = time.time()
        faults: list[str] = []
        places = dict.fromkeys(place for path in self._paths for place in self._places(path, now, faults))
        with kept_from_collecting():
            changed = [place for place in places if self._look(place, now)]
        gone = [place for place in self._seen if place not in places]
        for place in gone:
            del self._seen[place]
        said = tuple(faults)
        if not changed and not gone and said == self.faults:
            return False
        rows = [seen.row for seen in self._seen.values() if seen.row]
        self.rows = tuple(sorted(rows, key=lambda row: (row.created, row.name)))
        self.faults = said
        return True

    def _places(self, path: Path, now: float, faults: list[str]) -> list[str]:
        """The directories that may hold a run, of one path that was given."""
        stamp = _stamp(path, now)
        known = self._folders.get(path)
        if known and known[0] is not None and known[0] == stamp:
            return known[1]
        places: list[str] = []
        try:
            if os.path.lexists(path / MANIFEST):
                return [str(path)]
            with os.scandir(path) as entries:
                places = [entry.path for entry in entries if _is_directory(entry)]
        except FileNotFoundError:
            faults.append(str(RunError(path, "is not there", "`rltop ls` lists the runs there are")))
        except (OSError, ValueError) as error:
            faults.append(str(RunError.from_os(path, "cannot be listed", error)))
        else:
            self._folders[path] = stamp, places
        return places

    def _look(self, place: str, now: float) -> bool:
        """Look at one directory if it may have changed; whether its row has."""
        stamp, seen = _stamp(place, now), self._seen.get(place)
        if seen and seen.stamp is not None and seen.stamp == stamp and not _has_died(seen.row):
            return False
        row = row_of(place)
        self._seen[place] = _Seen(row, stamp)
        return row != seen.row if seen else row is not None


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _stamp(path: str | Path, now: float) -> tuple[int, int] | None:
    """What tells a directory from itself before a change; None where a change may not show.

    Every file of a run that a row is made of is replaced by a rename, which its directory's time tells.
    """
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return None if abs(now - found.st_mtime) < SETTLED_SECONDS else (found.st_mtime_ns, found.st_ino)


def _has_died(row: RunRow | None) -> bool:
    """Whether the process that worked on a run does so no more, which changes no file."""
    return row is not None and row.is_live and lock_holder(row.path / "lock") != row.process
