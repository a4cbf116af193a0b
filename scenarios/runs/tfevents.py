"""TensorBoard event files, without TensorFlow: scalars written as they happen, and read back.

An event file is framed records (`records.py`), each a protocol buffer `Event`. The fields used, from
`tensorboard/compat/proto/event.proto` and `summary.proto`, as (number, wire type):

    Event    wall_time (1, 64 bit: double, seconds since 1970) · step (2, varint) · file_version (3, bytes)
             summary (5, message)
    Summary  value (1, message, repeated)
    Value    tag (1, bytes) · simple_value (2, 32 bit: float)

Shapes: N points of one tag; M records of one layout, n bytes each.
"""

import math
import struct
import time
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.files import AppendFile, RunError
from scenarios.runs.records import RecordReader, by_length, frame

LONGEST_RECORD = 4096  # bytes; what a trainer tells at one step takes less
MAX_TAGS = 1024  # names in one file
_MAX_VALUES = 1024  # scalars in one event
_MAX_LAYOUTS = 8  # layouts of one length looked for at once; the records of further ones are read one by one


class Series(NamedTuple):
    """The points of one metric, in file order."""

    steps: NDArray[np.int64]  # [N]
    wall_times: NDArray[np.float64]  # [N], seconds since 1970
    values: NDArray[np.float32]  # [N]

    def at(self, which: slice | NDArray[np.intp]) -> "Series":
        """Some of the points."""
        return Series(self.steps[which], self.wall_times[which], self.values[which])


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


@lru_cache(maxsize=MAX_TAGS)
def _value_head(tag: str) -> bytes:
    """A Summary's value up to its last four bytes, the float."""
    if not tag:
        raise ValueError("a metric must have a name, got an empty one")
    return _message(1, _message(1, tag.encode()) + b"\x15" + bytes(4))[:-4]


def _float32(value: float) -> bytes:
    try:
        return struct.pack("<f", value)
    except OverflowError:
        return struct.pack("<f", math.copysign(math.inf, value))


class EventWriter:
    """Appends scalars to an event file; each call is one record, visible to readers on return.

    The file is a new one, or with `keep` an old one of which the first `keep` bytes, whole records, are kept.
    A failed call leaves the file as it was, so the same call can be made again. Values are stored as
    float32; one too large for it becomes infinity.

    Raises:
        RunError: a new file exists already, an old one has no whole records up to `keep`, or the disk refused.
    """

    def __init__(self, path: Path, keep: int | None = None) -> None:
        if keep:
            _check_whole(path, keep)
        self._file = AppendFile(path, keep)
        version = b"\x09" + struct.pack("<d", time.time()) + _message(3, b"brain.Event:2")
        self._due = b"" if keep else frame(version)  # goes before the first scalars

    @property
    def size(self) -> int:
        """Bytes of all that has been written."""
        return self._file.size

    def scalars(self, step: int, values: Mapping[str, float], wall_time: float | None = None) -> None:
        """Append the metrics of one moment as one Event.

        Args:
            step: the x axis, at least 0 and below 2**63.
            values: metric name → value; NaN and infinity are kept. At most 1024.
            wall_time: seconds since 1970, now if None.

        Raises:
            ValueError: a step, a name or a number of values outside of these.
            RunError: the disk refused.
        """
        if not 0 <= step < 1 << 63:
            raise ValueError(f"step must be in [0, 2**63), got {step}")
        if len(values) > _MAX_VALUES:
            raise ValueError(f"an event holds at most {_MAX_VALUES} values, got {len(values)}")
        now = struct.pack("<d", time.time() if wall_time is None else wall_time)
        summary = b"".join([_value_head(tag) + _float32(value) for tag, value in values.items()])
        event = b"\x09" + now + b"\x10" + _varint(int(step)) + _message(5, summary)
        self._file.append(self._due + frame(event))
        self._due = b""

    def sync(self) -> None:
        """Make everything so far durable."""
        self._file.sync()

    def close(self) -> None:
        """Make everything durable and close."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _check_whole(path: Path, size: int) -> None:
    reader = RecordReader(path, size)
    for _ in reader.poll():
        pass
    if reader.offset != size:
        raise RunError(path, f"is damaged at byte {reader.offset}, before {size}", "restore it from a copy")


# ── reading one record: where its fields lie ─────────────────────────────────────────────────────────────


class _Damaged(Exception):
    """The record is no Event."""


class _Layout(NamedTuple):
    """Where the fields of a record lie, in bytes; records of one run share a handful of layouts."""

    wall_time: int | None
    step: tuple[int, int]  # from, to; empty if absent
    values: tuple[tuple[str, int], ...]  # tag, place of the float


def _read_varint(data: bytes, at: int, stop: int) -> tuple[int, int]:
    number = 0
    for i in range(at, min(at + 10, stop)):
        number |= (data[i] & 0x7F) << 7 * (i - at)
        if data[i] < 0x80:
            return number, i + 1
    raise _Damaged


def _fields(data: bytes, at: int, stop: int) -> Iterator[tuple[tuple[int, int], int, int]]:
    """((field number, wire type), from, to) of each field of the message data[at:stop]."""
    while at < stop:
        key, at = _read_varint(data, at, stop)
        match key & 7:
            case 0:
                end = _read_varint(data, at, stop)[1]
            case 1:
                end = at + 8
            case 2:
                size, at = _read_varint(data, at, stop)
                end = at + size
            case 5:
                end = at + 4
            case _:
                raise _Damaged
        if end > stop:
            raise _Damaged
        yield (key >> 3, key & 7), at, end
        at = end


def _layout(record: bytes) -> _Layout:
    wall_time: int | None = None
    step = (0, 0)
    values = []
    for event_field, start, stop in _fields(record, 0, len(record)):
        if event_field == (1, 1):
            wall_time = start
        elif event_field == (2, 0):
            step = (start, stop)
        elif event_field == (5, 2):
            values += [_value(record, a, b) for field, a, b in _fields(record, start, stop) if field == (1, 2)]
    if len(values) > _MAX_VALUES:
        raise _Damaged
    return _Layout(wall_time, step, tuple((tag, place) for tag, place in values if tag and place))


def _value(record: bytes, start: int, stop: int) -> tuple[str, int]:
    """The tag of a Summary value and the place of its float; 0 if it is not a scalar."""
    tag, place = b"", 0
    for field, a, b in _fields(record, start, stop):
        if field == (1, 2):
            tag = record[a:b]
        elif field == (2, 5):
            place = a
    try:
        return tag.decode(), place
    except UnicodeDecodeError as error:
        raise _Damaged from error


# ── reading many records: the fields of one layout, at once ──────────────────────────────────────────────


class _Points(NamedTuple):
    """Points of one tag and the place of their record in the batch."""

    tag: str
    places: NDArray[np.intp]  # [M]
    series: Series  # [M]


def _same_layout(layout: _Layout, data: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The rows of `data` [M, n] that differ from its first only inside the first's fields [M]."""
    fixed = np.full(data.shape[1], 0xFF, np.uint8)
    if layout.wall_time is not None:
        fixed[layout.wall_time : layout.wall_time + 8] = 0
    fixed[slice(*layout.step)] = 0x80  # a varint's top bits say where it ends
    for _, place in layout.values:
        fixed[place : place + 4] = 0
    same: NDArray[np.bool_] = (((data ^ data[0]) & fixed) == 0).all(axis=1)
    return same


def _extract(layout: _Layout, places: NDArray[np.intp], data: NDArray[np.uint8]) -> list[_Points]:
    def column(start: int, dtype: str) -> NDArray[np.generic]:
        width = np.dtype(dtype).itemsize
        return np.ascontiguousarray(data[:, start : start + width]).view(dtype)[:, 0]

    steps = np.zeros(len(data), np.uint64)
    for i, at in enumerate(range(*layout.step)):
        steps |= (data[:, at] & 0x7F).astype(np.uint64) << np.uint64(7 * i)
    walls = np.zeros(len(data)) if layout.wall_time is None else column(layout.wall_time, "<f8").astype(np.float64)
    return [
        _Points(tag, places, Series(steps.view(np.int64), walls, column(place, "<f4").astype(np.float32)))
        for tag, place in layout.values
    ]


def _decode(records: list[bytes]) -> tuple[list[_Points], bool]:
    """The points of all records before the first that is no Event, and whether there is none such."""
    found: list[_Points] = []
    first_damaged = len(records)
    for places, data in by_length(records):
        looked_for = 0
        while places.size and places[0] < first_damaged:
            try:
                layout = _layout(records[places[0]])
            except _Damaged:
                first_damaged = int(places[0])
                break
            if looked_for < _MAX_LAYOUTS:
                same = _same_layout(layout, data)
                looked_for += 1
                found += _extract(layout, places[same], data[same])
                places, data = places[~same], data[~same]
            else:
                found += _extract(layout, places[:1], data[:1])
                places, data = places[1:], data[1:]
    if first_damaged < len(records):
        found = [_before(first_damaged, points) for points in found]
    return found, first_damaged == len(records)


def _before(end: int, points: _Points) -> _Points:
    n = int(np.searchsorted(points.places, end))
    return _Points(points.tag, points.places[:n], points.series.at(slice(n)))


# ── following a file ─────────────────────────────────────────────────────────────────────────────────────


class EventFollower:
    """Reads the scalars of an event file as it grows.

    It ends cleanly at a torn tail, a checksum that disagrees or a record that is no Event: `torn` is then
    true and everything before has been delivered. A tail that is completed later is read by a later poll.
    """

    def __init__(self, path: Path) -> None:
        self._reader = RecordReader(path)
        self._damaged = False
        self._tags: set[str] = set()
        self._begun = 0  # restarts when `_damaged` and `_tags` were empty

    @property
    def torn(self) -> bool:
        """Whether bytes follow the last whole record."""
        return self._damaged or self._reader.torn

    @property
    def damaged(self) -> bool:
        """Whether that is more than a record that was cut short."""
        return self._damaged or self._reader.is_damaged(LONGEST_RECORD)

    @property
    def restarts(self) -> int:
        """Times that the file was found cut back or replaced, as by a run that goes on from a checkpoint.

        When a poll has raised it, the points it gave are all there are: those from before count no more.
        """
        return self._reader.restarts

    def poll(self) -> dict[str, Series]:
        """The points appended since the last poll, by metric.

        Raises:
            RunError: missing, unreadable, not an ordinary file, or more than 1024 metrics.
        """
        parts: dict[str, list[Series]] = {}
        for records in self._reader.poll():
            if self._begun != self.restarts:
                self._begun, self._damaged, self._tags = self.restarts, False, set()
            if self._damaged:
                break
            found, sound = _decode(records)
            batch: dict[str, list[_Points]] = {}
            for points in found:
                if points.places.size:
                    batch.setdefault(points.tag, []).append(points)
            self._tags.update(batch)
            if len(self._tags) > MAX_TAGS:
                raise RunError(self._reader.path, f"has more than {MAX_TAGS} metrics", "it is not a log of rltop")
            for tag, pieces in batch.items():
                parts.setdefault(tag, []).append(_in_order(pieces))
            if not sound:
                self._damaged = True
                break
        return {tag: _joined(series) for tag, series in parts.items()}


def _in_order(pieces: list[_Points]) -> Series:
    if len(pieces) == 1:
        return pieces[0].series
    order = np.argsort(np.concatenate([piece.places for piece in pieces]), kind="stable")
    return _joined([piece.series for piece in pieces]).at(order)


def _joined(series: list[Series]) -> Series:
    if len(series) == 1:
        return series[0]
    steps, wall_times, values = zip(*series, strict=True)
    return Series(np.concatenate(steps), np.concatenate(wall_times), np.concatenate(values))


def read_scalars(path: Path) -> dict[str, Series]:
    """Every scalar of an event file, by metric, up to its end or its first damage (see `EventFollower.torn`).

    Raises:
        RunError: missing, unreadable, not an ordinary file, or more than 1024 metrics.
    """
    return EventFollower(path).poll()
