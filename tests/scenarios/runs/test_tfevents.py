"""Event files: the bytes TensorBoard writes, what TensorBoard's own reader accepts, and hostile records."""

import math
import struct
import time

import numpy as np
import pytest

from scenarios.runs.files import RunError
from scenarios.runs.records import frame
from scenarios.runs.tfevents import MAX_TAGS, EventFollower, EventWriter, read_scalars

# Written by TensorBoard 2.21's RecordWriter: wall time 1.5e9, version; 1.5e9 + 2, step 1200, two values.
BY_TENSORBOARD = bytes.fromhex(
    "1800000000000000a37f4b2209000000c00b5ad6411a0d627261696e2e4576656e743a324ca9a464"
    "3c00000000000000c8b7a35209000080c00b5ad64110b0092a2e0a150a0e657069736f64652f7265"
    "7475726e15000049c20a150a0e657069736f64652f6c656e6774681500005041972a3ad3"
)


def points(scalars):
    return {tag: [column.tolist() for column in series] for tag, series in scalars.items()}


def log(tmp_path, *records):
    path = tmp_path / "events"
    path.write_bytes(b"".join(map(frame, records)))
    return path


def event(wall_time, step, *values):
    """An Event by hand: short fields only."""
    summary = b""
    for tag, value in values:
        inner = b"\x0a" + bytes([len(tag)]) + tag + b"\x15" + struct.pack("<f", value)
        summary += b"\x0a" + bytes([len(inner)]) + inner
    assert step < 128
    assert len(summary) < 128
    return b"\x09" + struct.pack("<d", wall_time) + b"\x10" + bytes([step]) + b"\x2a" + bytes([len(summary)]) + summary


def test_the_bytes_are_those_tensorboard_writes(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 1.5e9)
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        writer.scalars(1200, {"episode/return": -50.25, "episode/length": 13}, wall_time=1.5e9 + 2)
        assert path.read_bytes() == BY_TENSORBOARD
        writer.scalars(3, {"x": 0.5}, wall_time=7)
    assert path.read_bytes() == BY_TENSORBOARD + frame(event(7, 3, (b"x", 0.5)))


def test_the_bytes_tensorboard_writes_are_read(tmp_path):
    path = tmp_path / "events"
    path.write_bytes(BY_TENSORBOARD)
    assert points(read_scalars(path)) == {
        "episode/return": [[1200], [1.5e9 + 2], [-50.25]],
        "episode/length": [[1200], [1.5e9 + 2], [13.0]],
    }


def test_ten_thousand_events_of_changing_shape_come_back(tmp_path):
    rng = np.random.default_rng(2)
    path = tmp_path / "events"
    expected = {}
    with EventWriter(path) as writer:
        for i in range(10_000):
            tags = ["a", "b/c", "größe", "x" * 40][: rng.integers(0, 5)]
            values = {tag: np.float32(rng.normal()) for tag in tags}
            step = int(rng.integers(0, 2 ** rng.integers(1, 63)))
            writer.scalars(step, values, wall_time=1e9 + i)
            for tag, value in values.items():
                for column, entry in zip(expected.setdefault(tag, ([], [], [])), (step, 1e9 + i, value), strict=True):
                    column.append(entry)
    found = read_scalars(path)
    assert {tag: [list(column) for column in series] for tag, series in found.items()} == {
        tag: list(columns) for tag, columns in expected.items()
    }
    assert [column.dtype for column in found["a"]] == [np.int64, np.float64, np.float32]


def test_a_hundred_layouts_of_one_length_keep_their_order(tmp_path):
    tags = [b"%03d" % i for i in range(100)]
    path = log(tmp_path, *(event(i, i % 100, (tags[i * 7 % 100], i), (b"all", i)) for i in range(1000)))
    found = read_scalars(path)
    assert found["all"].values.tolist() == list(range(1000))
    assert found["007"].values.tolist() == [i for i in range(1000) if i * 7 % 100 == 7]


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (0.1, float(np.float32(0.1))),
        (math.nan, math.nan),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
        (1e300, math.inf),
        (-1e300, -math.inf),
        (1e-300, 0.0),
        (np.float64(2.5), 2.5),
        (np.int64(7), 7.0),
    ],
)
def test_every_float_is_stored_as_the_nearest_float32(tmp_path, value, stored):
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        writer.scalars(0, {"x": value})
    np.testing.assert_equal(float(read_scalars(path)["x"].values[0]), stored)


@pytest.mark.parametrize("step", [-1, 1 << 63])
def test_a_step_out_of_range_is_refused_and_nothing_written(tmp_path, step):
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        with pytest.raises(ValueError, match="step must be in"):
            writer.scalars(step, {"x": 1})
        with pytest.raises(ValueError, match="must have a name"):
            writer.scalars(0, {"": 1})
        with pytest.raises(ValueError, match="at most 1024 values"):
            writer.scalars(0, {str(i): i for i in range(1025)})
        assert path.stat().st_size == 0
        writer.scalars((1 << 63) - 1, {"x": 1})
    assert read_scalars(path)["x"].steps.tolist() == [(1 << 63) - 1]


def test_a_second_writer_of_one_file_is_refused(tmp_path):
    path = tmp_path / "events"
    with EventWriter(path), pytest.raises(RunError, match=r"cannot be created .File exists."):
        EventWriter(path)


def test_following_delivers_each_point_once_as_soon_as_it_is_written(tmp_path):
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        follower = EventFollower(path)
        assert follower.poll() == {}
        for i in range(5):
            writer.scalars(i, {"x": i, "y": -i}, wall_time=i)
            assert points(follower.poll()) == {"x": [[i], [i], [i]], "y": [[i], [i], [-i]]}
            assert follower.poll() == {}
            assert not follower.torn


def test_cut_at_every_byte_what_was_whole_is_read_and_the_rest_when_it_comes(tmp_path):
    whole = log(tmp_path, *(event(i, i, (b"x", i)) for i in range(4)))
    data, size = whole.read_bytes(), len(frame(event(0, 0, (b"x", 0))))
    for n in range(len(data) + 1):
        path = tmp_path / "cut"
        path.write_bytes(data[:n])
        follower = EventFollower(path)
        first = points(follower.poll()).get("x", [[], [], []])
        assert first[0] == list(range(n // size))
        assert follower.torn == (n % size > 0)
        path.write_bytes(data)
        second = points(follower.poll()).get("x", [[], [], []])
        assert first[0] + second[0] == [0, 1, 2, 3]
        assert not follower.torn


@pytest.mark.parametrize("count", [300, pytest.param(1_500, marks=pytest.mark.slow)])
def test_mutated_files_give_a_prefix_and_say_that_they_are_torn(tmp_path, count):
    rng = np.random.default_rng(3)
    records = [event(i, i, (b"x", i), (b"y" * (i % 3 + 1), -i)) for i in range(12)]
    whole = b"".join(map(frame, records))
    path = tmp_path / "events"
    for _ in range(count):
        data = bytearray(whole)
        kind, at = rng.integers(0, 4), int(rng.integers(0, len(whole)))
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            data[at : at + 8] = rng.bytes(8)
        elif kind == 2:
            del data[at : at + int(rng.integers(1, 40))]
        else:
            data[at:at] = rng.bytes(int(rng.integers(1, 40)))
        path.write_bytes(data)
        follower = EventFollower(path)
        found = follower.poll()
        read = found["x"].values.tolist() if found else []
        assert read == list(range(len(read)))
        assert follower.torn or bytes(data) == whole[: len(data)]


@pytest.mark.parametrize("count", [300, pytest.param(1_500, marks=pytest.mark.slow)])
def test_random_bytes_with_right_checksums_never_raise(tmp_path, count):
    rng = np.random.default_rng(4)
    good = event(1, 1, (b"x", 1), (b"y", 2))
    path = tmp_path / "events"
    for _ in range(count):
        record = bytearray(good)
        for _ in range(int(rng.integers(1, 6))):
            record[int(rng.integers(0, len(record)))] = int(rng.integers(0, 256))
        path.write_bytes(frame(good) + frame(bytes(record)) + frame(rng.bytes(int(rng.integers(0, 60)))))
        assert EventFollower(path).poll()["x"].values[0] == 1


@pytest.mark.parametrize(
    "record",
    [
        b"\x09\x00",  # a double cut short
        b"\x10" + b"\xff" * 11,  # a varint without an end
        b"\x0b",  # a group
        b"\x2a\x7f",  # a summary longer than the record
        event(1, 1, (b"\xff\xfe", 1)),  # a tag that is not UTF-8
    ],
)
def test_a_record_that_is_no_event_ends_the_file_for_good(tmp_path, record):
    before, after = event(1, 1, (b"x", 1)), event(2, 2, (b"x", 2))
    follower = EventFollower(log(tmp_path, before, before, record, after, after, b"", record))
    assert follower.poll()["x"].values.tolist() == [1, 1]
    assert follower.torn
    assert follower.poll() == {}
    assert follower.torn


def test_a_step_that_ends_a_byte_earlier_is_another_layout(tmp_path):
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        writer.scalars(1200, {"x": 1}, wall_time=1)
    record = path.read_bytes()[-40:][12:-4]
    assert record[9:12] == b"\x10\xb0\x09"
    follower = EventFollower(log(tmp_path, record, record[:10] + b"\x30" + record[11:]))
    assert points(follower.poll()) == {"x": [[1200], [1.0], [1.0]]}
    assert follower.torn


def test_fields_of_other_writers_are_skipped(tmp_path):
    others = b"\x1a\x01v" + b"\x20\x05" + b"\x4d" + bytes(4)  # bytes, a varint and 32 bits of unknown meaning
    histogram = b"\x2a\x07\x0a\x05\x0a\x01h\x2a\x00"  # a value that is no scalar
    path = log(tmp_path, others + histogram + event(3, 4, (b"x", 5)), b"", event(0, 0, (b"x", 6))[9:])
    assert points(read_scalars(path)) == {"x": [[4, 0], [3.0, 0.0], [5.0, 6.0]]}


def test_more_metrics_than_any_run_has_are_refused(tmp_path):
    path = log(tmp_path, *(event(0, 0, (b"%d" % i, 0)) for i in range(MAX_TAGS + 1)))
    with pytest.raises(RunError, match="more than 1024 metrics"):
        read_scalars(path)


def test_a_log_is_continued_after_its_whole_records(tmp_path):
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        writer.scalars(1, {"x": 1})
        size = writer.size
        writer.scalars(2, {"x": 2})
    with EventWriter(path, keep=size) as writer:
        writer.scalars(3, {"x": 3})
    assert read_scalars(path)["x"].steps.tolist() == [1, 3]
    whole = path.read_bytes()
    for keep in (size - 1, size + 1, len(whole) + 1):
        with pytest.raises(RunError, match=f"is damaged at byte .*, before {keep}"):
            EventWriter(path, keep=keep)
    assert path.read_bytes() == whole
    with EventWriter(path, keep=0) as writer:
        writer.scalars(7, {"x": 7})
    assert read_scalars(path)["x"].steps.tolist() == [7]


@pytest.mark.parametrize("more", [1, 2, 3, 40])
def test_a_follower_of_a_log_that_is_cut_back_begins_again(tmp_path, more):
    path = tmp_path / "events"
    follower = EventFollower(path)
    with EventWriter(path) as writer:
        writer.scalars(1, {"x": 1}, wall_time=1)
        size = writer.size
        for step in (2, 3):
            writer.scalars(step, {"x": step}, wall_time=1)
        assert follower.poll()["x"].steps.tolist() == [1, 2, 3]
    with EventWriter(path, keep=size) as writer:  # shorter than what was read, as long, or longer
        for step in range(2, 2 + more):
            writer.scalars(step, {"x": -step}, wall_time=5)
        assert follower.restarts == 0
        assert points(follower.poll())["x"][2] == [1, *range(-2, -2 - more, -1)]
        assert follower.restarts == 1
        writer.scalars(99, {"x": 99}, wall_time=6)
        assert follower.poll()["x"].steps.tolist() == [99]
        assert follower.restarts == 1


def test_a_follower_goes_on_where_nothing_it_read_was_cut_off(tmp_path):
    path = tmp_path / "events"
    with EventWriter(path) as writer:
        writer.scalars(1, {"x": 1})
    follower, size = EventFollower(path), path.stat().st_size
    assert follower.poll()["x"].steps.tolist() == [1]
    with EventWriter(path, keep=size) as writer:
        writer.scalars(2, {"x": 2})
    assert follower.poll()["x"].steps.tolist() == [2]
    assert follower.restarts == 0


def test_a_follower_knows_that_nothing_is_left(tmp_path):
    follower = EventFollower(log(tmp_path, event(1, 1, (b"x", 1))))
    assert follower.poll()["x"].steps.tolist() == [1]
    log(tmp_path)
    assert follower.poll() == {}
    assert follower.restarts == 1


def test_a_damaged_log_that_is_replaced_is_read_again(tmp_path):
    follower = EventFollower(log(tmp_path, event(1, 1, (b"x", 1)), b"\x0b", event(2, 2, (b"x", 2))))
    assert follower.poll()["x"].steps.tolist() == [1]
    assert follower.torn
    log(tmp_path, event(1, 1, (b"x", 1)), event(3, 3, (b"x", 3)))
    assert follower.poll()["x"].steps.tolist() == [1, 3]
    assert (follower.restarts, follower.torn) == (1, False)
