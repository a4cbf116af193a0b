"""What a screen animates and replays: moments of a run in frames.log, read while the file grows.

The file is framed records (`records.py`). The first says how large everything is, every other is one frame, all of
one size:

    "rltop" 0 "f" 1 · kind (1 byte) · O, A, K, C, S (4 bytes each) · rate (float32)

    of a deep run    env_steps, episode, step (8 bytes each) · seconds, total (float64) · reward (float32)
                     last (1 byte) · obs [O] · action [A] · value · thoughts [K] · spread [A or 0] · scene [C] (float32)
    of a tabular run env_steps (8 bytes) · seconds (float64) · s, a (4 bytes each) · q [S, A] or v [S] (float32)

Numbers are little endian. A file is hostile until checked: it is read up to the first record that is not as said here.
Shapes: O numbers an observation, A to an action (or actions of a table), K thoughts, C numbers of a scene, S states.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from algorithms.contract import Floats32, Thoughts
from scenarios.lessons.words import grouped
from scenarios.runs.files import RunError, look
from scenarios.runs.growing import Growing
from scenarios.runs.records import FRAMING_BYTES, RecordReader

MAX_FRAMES_BYTES = 16 << 20  # of a file
MAX_FRAME_BYTES = 64 << 10  # of one frame
_MAGIC = b"rltop\0f\1"
_HEADER = struct.Struct("<8sB5If")

Kind = Literal["q", "probability", "mean", "v table", "q table"]
KINDS: tuple[Kind, ...] = ("q", "probability", "mean", "v table", "q table")


@dataclass(frozen=True)
class Frame:
    """One moment of the first environment of a deep run."""

    env_steps: int
    """Of the run, this one included."""
    episode: int
    """Number of the recorded episode; some are missing where the file had no room for all."""
    step: int
    """Steps in this episode before it."""
    seconds: float
    """Learnt so far."""
    obs: Floats32
    """What is acted on. [O]"""
    action: Floats32
    """Its number [1], or its numbers where actions are continuous, before they are clipped to their bounds. [A]"""
    reward: float
    """What it brought."""
    total: float
    """The return of the episode up to and with this step."""
    last: bool
    """The episode ended with it."""
    thoughts: Thoughts
    """What the network thought of `obs` as the frame was written: actions [K], value a number, spread [A] or None."""
    scene: Floats32
    """What `obs` does not say and a drawing needs, see `scenarios.worlds.scenes`; may be empty. [C]"""


@dataclass(frozen=True)
class TableFrame:
    """One moment of a tabular run: what its first lane believes."""

    env_steps: int
    """Of all lanes together; of planning, sweeps."""
    seconds: float
    """Learnt so far."""
    s: int
    """The state acted in; -1 of planning and of final tables."""
    a: int
    """The action taken; -1 like `s`."""
    v: Floats32
    """V(s), of learnt action values the greatest. [S]"""
    q: Floats32 | None
    """Q(s,a); None of planning and where it would be too large. [S, A]"""


@dataclass(frozen=True)
class Layout:
    """How large everything in a frame is."""

    kind: Kind
    """What the thoughts are, or which table there is."""
    observation: int = 0
    action: int = 0
    thoughts: int = 0
    scene: int = 0
    states: int = 0
    rate: float = 15.0
    """Frames per second in the environment's own time; of a tabular run, as often as there is one at most."""

    @property
    def tabular(self) -> bool:
        """Whether frames are tables."""
        return self.kind in ("v table", "q table")

    @cached_property
    def dtype(self) -> np.dtype[Any]:
        """A frame as a row of an array."""
        if self.tabular:
            table = ("q", "<f4", (self.states, self.action)) if self.kind == "q table" else ("v", "<f4", (self.states,))
            return np.dtype([("env_steps", "<i8"), ("seconds", "<f8"), ("s", "<i4"), ("a", "<i4"), table])
        spread = self.action if self.kind == "mean" else 0
        return np.dtype(
            [
                *((name, "<i8") for name in ("env_steps", "episode", "step")),
                *((name, "<f8") for name in ("seconds", "total")),
                ("reward", "<f4"),
                ("last", "u1"),
                ("obs", "<f4", (self.observation,)),
                ("action", "<f4", (self.action,)),
                ("value", "<f4"),
                ("thoughts", "<f4", (self.thoughts,)),
                ("spread", "<f4", (spread,)),
                ("scene", "<f4", (self.scene,)),
            ]
        )

    @property
    def fits(self) -> bool:
        """Whether a frame is not too large."""
        table = self.states * (self.action if self.kind == "q table" else 1) if self.tabular else 0
        numbers = self.observation + 2 * self.action + self.thoughts + self.scene + table
        return 4 * numbers + 64 <= MAX_FRAME_BYTES

    @property
    def makes_sense(self) -> bool:
        """Whether there is what must be there, and nothing else."""
        deep = self.observation, self.action, self.thoughts
        if self.tabular:
            return min(self.states, self.action) >= 1 and not (self.observation or self.thoughts or self.scene)
        return min(deep) >= 1 and not self.states and self.action == (self.thoughts if self.kind == "mean" else 1)

    def header(self) -> bytes:
        """The first record."""
        sizes = (self.observation, self.action, self.thoughts, self.scene, self.states)
        return _HEADER.pack(_MAGIC, KINDS.index(self.kind), *sizes, self.rate)


def layout_of(header: bytes) -> Layout:
    """What the first record says; raises ValueError, one sentence, when it is none."""
    if len(header) != _HEADER.size or not header.startswith(_MAGIC):
        raise ValueError("does not begin as a file of frames")
    _, kind, observation, action, thoughts, scene, states, rate = _HEADER.unpack(header)
    if kind >= len(KINDS) or not (math.isfinite(rate) and rate > 0):
        raise ValueError("holds frames of a kind that this rltop does not know")
    layout = Layout(KINDS[kind], observation, action, thoughts, scene, states, rate)
    if not (layout.fits and layout.makes_sense):
        raise ValueError("holds frames of sizes that cannot be")
    return layout


def sound_rows(layout: Layout, rows: NDArray[Any], before: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows may follow `before`, the last row there was if any: numbers that count are in their ranges. [N]"""
    sound: NDArray[np.bool_] = np.isfinite(rows["seconds"]) & _never_falls(rows, before, "env_steps")
    if layout.tabular:
        for name, count in (("s", layout.states), ("a", layout.action)):
            sound &= (rows[name] >= -1) & (rows[name] < count)
        return sound
    sound &= _never_falls(rows, before, "episode") & (rows["step"] >= 0) & (rows["last"] <= 1)
    if layout.kind != "mean":
        a = rows["action"][:, 0]
        sound &= (a >= 0) & (a < layout.thoughts) & (a == np.floor(a))
    return sound


def _never_falls(rows: NDArray[Any], before: NDArray[Any], name: str) -> NDArray[np.bool_]:
    """Whether a number is no less than the one before it; the first no less than 0. [N]"""
    first = before[name] if len(before) else np.zeros(1, np.int64)
    rises: NDArray[np.bool_] = rows[name] >= np.concatenate([first, rows[name][:-1]])[: len(rows)]
    return rises


class FrameReader:
    """The frames of a run, read while the file grows; a run without any has none.

    Attributes:
        layout: how large a frame is; None before the first.
        restarts: times that the file was cut back by a resume, or thinned, or gone: frames have other numbers then.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.layout: Layout | None = None
        self.restarts = 0
        self._reader = RecordReader(path, MAX_FRAMES_BYTES)
        self._rows = Growing(np.uint8)
        self._damaged = False
        self._seen: tuple[int, ...] = ()  # what the file looked like

    def poll(self) -> bool:
        """Read what has been written since the last poll; True when there is something new.

        Raises:
            RunError: unreadable, not an ordinary file, or no file of frames; said once for as long as it stays so.
        """
        seen = look(self.path)
        if seen == self._seen:
            return False
        self._seen = seen
        if not seen:  # it may come back as it was
            self._reader.begin_again()
        before, size = self.restarts, len(self)
        for records in self._reader.poll() if seen else [[]]:
            if self._reader.restarts != self.restarts:
                self._forget()
                self.restarts = self._reader.restarts
            if records and not self._damaged:
                self._take(records)
        return len(self) != size or self.restarts != before

    def _forget(self) -> None:
        self.layout, self._damaged, self._rows = None, False, Growing(np.uint8)

    def _take(self, records: list[bytes]) -> None:
        if self.layout is None:
            try:
                self.layout = layout_of(records[0])
            except ValueError as error:
                self._damaged = True
                raise RunError(self.path, str(error), "delete it: nothing that was learnt is in it") from None
            self._rows = Growing(self.layout.dtype)
            records = records[1:]
        size = self.layout.dtype.itemsize
        whole = next((i for i, record in enumerate(records) if len(record) != size), len(records))
        rows = np.frombuffer(b"".join(records[:whole]), self.layout.dtype)
        wrong = np.flatnonzero(~sound_rows(self.layout, rows, self.rows[-1:]))
        rows = rows[: wrong[0]] if wrong.size else rows
        self._damaged = len(rows) < len(records)
        self._rows.extend(rows)

    @property
    def torn(self) -> bool:
        """Whether bytes follow the last frame that can be read."""
        return self._damaged or self._reader.torn

    @property
    def damage(self) -> str | None:
        """What cannot be read of the moments of a run that has ended; None where all can."""
        frame = self.layout.dtype.itemsize if self.layout else 0
        if not (self._damaged or self._reader.is_damaged(frame + FRAMING_BYTES)):
            return None
        first = grouped(len(self))
        return f"The file of recorded moments, {self.path.name}, is damaged: only the first {first} can be shown."

    @property
    def rate(self) -> float:
        """Frames per second in the environment's own time."""
        return self.layout.rate if self.layout else 15.0

    @property
    def rows(self) -> NDArray[Any]:
        """All frames as rows of one array, see `Layout.dtype`; not to be written to."""
        return self._rows.rows

    def __len__(self) -> int:
        return len(self._rows.rows) if self.layout else 0

    def __getitem__(self, i: int) -> Frame | TableFrame:
        """A frame by its number, from the end where that is negative; raises IndexError where there is none."""
        if self.layout is None or not -len(self) <= i < len(self):
            raise IndexError(f"there are {len(self)} frames, got {i}")
        row = self.rows[i]
        return _table_frame(row) if self.layout.tabular else _frame(row, self.layout)

    def at_step(self, env_steps: int) -> int:
        """The number of the last frame that is not after that step of the run; 0 where all are."""
        if not len(self):
            return 0
        return max(0, int(np.searchsorted(self.rows["env_steps"], env_steps, side="right")) - 1)

    def episode_of(self, i: int) -> range:
        """The numbers of the frames of the episode that frame i is part of; of tables, of all."""
        if not len(self) or (self.layout and self.layout.tabular):
            return range(len(self))
        episodes = self.rows["episode"]
        first, stop = (int(np.searchsorted(episodes, episodes[i], side=side)) for side in ("left", "right"))
        return range(first, stop)


def _frame(row: Any, layout: Layout) -> Frame:
    spread = row["spread"].copy() if layout.kind == "mean" else None
    kind = cast(Literal["q", "probability", "mean"], layout.kind)
    return Frame(
        int(row["env_steps"]),
        int(row["episode"]),
        int(row["step"]),
        float(row["seconds"]),
        row["obs"].copy(),
        row["action"].copy(),
        float(row["reward"]),
        float(row["total"]),
        bool(row["last"]),
        Thoughts(kind, row["thoughts"].copy(), row["value"], spread),
        row["scene"].copy(),
    )


def _table_frame(row: Any) -> TableFrame:
    q = row["q"].copy() if "q" in row.dtype.names else None
    v = row["v"].copy() if q is None else q.max(axis=1)
    return TableFrame(int(row["env_steps"]), float(row["seconds"]), int(row["s"]), int(row["a"]), v, q)
