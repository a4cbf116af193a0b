"""The file of frames as it is written: see `frames.py` for what is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.files import AppendFile, RunError, open_regular, write_atomic
from scenarios.runs.frames import MAX_FRAMES_BYTES, FrameReader, Layout
from scenarios.runs.records import FRAMING_BYTES, frame


class FrameLog:
    """Owns frames.log: it grows by frames, and when it is full every part of the run gives up some of its episodes.

    A call that fails has written nothing, and the next one may succeed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.episodes = 0  # in it when it was opened, and given up
        self.latest: int | None = None  # environment steps of the last frame then
        self._layout: Layout | None = None
        self._file: AppendFile | None = None

    def open(self, until: int | None = None) -> AppendFile:
        """Go on with what there is, up to so many environment steps; raises RunError when the disk refuses."""
        reader = FrameReader(self.path)
        with suppress(RunError):  # what is no file of frames is begun anew
            reader.poll()
        self._layout, kept = reader.layout, len(reader)
        if kept and until is not None:
            kept = int(np.searchsorted(reader.rows["env_steps"], until, side="right"))
        if kept and self._layout:
            self.latest = int(reader.rows["env_steps"][kept - 1])
            self.episodes = 0 if self._layout.tabular else int(reader.rows["episode"][kept - 1]) + 1
        self._file = AppendFile(self.path, self._offset(kept))
        return self._file

    def _offset(self, row: int) -> int:
        """Where in the file a frame begins."""
        if self._layout is None:
            return 0
        return len(frame(self._layout.header())) + row * (self._layout.dtype.itemsize + FRAMING_BYTES)

    def append(self, layout: Layout, rows: NDArray[Any]) -> None:
        """Add frames, in order; raises RunError when the disk refuses."""
        file = self._file or self.open()
        if self._layout != layout:
            self.close()
            file = self._file = AppendFile(self.path, 0)
            self._layout = layout
        data = b"".join([frame(row.tobytes()) for row in rows])
        if file.size + len(data) > MAX_FRAMES_BYTES:
            file = self._thinned(layout)
        file.append(data if file.size else frame(layout.header()) + data)

    def _thinned(self, layout: Layout) -> AppendFile:
        """The file without some of its episodes: the rest takes half of the room."""
        reader = FrameReader(self.path)
        reader.poll()
        rows = reader.rows
        moments = rows["env_steps" if layout.tabular else "episode"]
        firsts = np.flatnonzero(np.diff(moments, prepend=-1))  # frames of every episode
        stops = [*firsts[1:].tolist(), len(rows)]
        sizes = np.diff(firsts, append=len(rows)) * (layout.dtype.itemsize + FRAMING_BYTES)
        kept = spread(rows["seconds"][firsts].tolist(), sizes.tolist(), MAX_FRAMES_BYTES // 2)
        pieces = [(0, self._offset(0)), *((self._offset(int(firsts[i])), self._offset(stops[i])) for i in kept)]
        write_atomic(self.path, _copied(self.path, pieces), durable=False)
        self.close()
        self._file = AppendFile(self.path, sum(stop - start for start, stop in pieces))
        return self._file

    def close(self) -> None:
        """Let go of the file; raises RunError when the disk refuses."""
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


def _copied(path: Path, pieces: Iterable[tuple[int, int]]) -> Iterator[bytes]:
    """Pieces of a file, from one byte up to another."""
    with open_regular(path) as fd, open(fd, "rb", closefd=False) as file:
        for start, stop in pieces:
            file.seek(start)
            yield file.read(stop - start)


def spread(moments: Sequence[float], sizes: Sequence[int], most: int) -> list[int]:
    """Which of some things, in the order of their moments, to keep so that their sizes are `most` together.

    The first and the last are kept whatever their sizes; between them as many as there is room for, as evenly over
    time as they lie.
    """
    apart = 0.0
    while True:
        kept: list[int] = []
        for i, moment in enumerate(moments):
            if not kept or moment - moments[kept[-1]] >= apart or i == len(moments) - 1:
                kept.append(i)
        if sum(sizes[i] for i in kept) <= most or len(kept) <= 2:
            return kept
        apart = max(1.2 * apart, (moments[-1] - moments[0]) / len(moments), 1e-3)
