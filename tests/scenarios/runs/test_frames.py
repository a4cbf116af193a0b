"""The file of frames: what is written comes back, whatever has happened to it reads safely, and it stays small."""

import errno
import math
import os
import struct
from contextlib import suppress

import numpy as np
import pytest

from scenarios.runs import frames
from scenarios.runs.files import RunError
from scenarios.runs.framelog import FrameLog, spread
from scenarios.runs.frames import Frame, FrameReader, Layout, TableFrame, layout_of
from scenarios.runs.records import FRAMING_BYTES, RecordReader, frame

LANDER = Layout("probability", 8, 1, 4, 11, 0, 12.5)
PENDULUM = Layout("mean", 3, 2, 2, 0, 0, 15.0)
CLIFF = Layout("q table", 0, 4, 0, 0, 6, 4.0)
SWEEPS = Layout("v table", 0, 4, 0, 0, 6, 4.0)
LAYOUTS = {"lander": LANDER, "pendulum": PENDULUM, "cliff": CLIFF, "sweeps": SWEEPS}


def rows_of(layout, count, episodes=3, seed=0):
    """Rows with random numbers, in `episodes` of the same length."""
    rng = np.random.default_rng(seed)
    rows = np.zeros(count, layout.dtype)
    for name in layout.dtype.names:
        if layout.dtype[name].base == np.float32:
            rows[name] = rng.standard_normal(rows[name].shape)
    rows["env_steps"], rows["seconds"] = 10 * np.arange(count), 0.5 * np.arange(count)
    if layout.tabular:
        rows["s"], rows["a"] = rng.integers(-1, layout.states, count), rng.integers(-1, 4, count)
        return rows
    length = -(-count // episodes)
    rows["episode"], rows["step"] = np.arange(count) // length, 4 * (np.arange(count) % length)
    rows["last"] = np.arange(count) % length == length - 1
    rows["total"] = rng.standard_normal(count)
    if layout.kind != "mean":
        rows["action"][:, 0] = rng.integers(0, layout.thoughts, count)
    return rows


def write(path, layout, *pieces):
    log = FrameLog(path)
    for rows in pieces:
        log.append(layout, rows)
    log.close()
    return path


def read(path):
    reader = FrameReader(path)
    reader.poll()
    return reader


# ── what is written comes back ───────────────────────────────────────────────────────────────────────────


def test_a_frame_of_an_episode_comes_back(tmp_path):
    rows = rows_of(LANDER, 9)
    rows["reward"][3], rows["total"][3], rows["obs"][3, 0], rows["value"][3] = math.nan, math.inf, -math.inf, math.nan
    reader = read(write(tmp_path / "frames.log", LANDER, rows[:4], rows[4:]))
    assert (len(reader), reader.layout, reader.rate, reader.torn) == (9, LANDER, 12.5, False)
    seen, row = reader[3], rows[3]
    assert isinstance(seen, Frame)
    assert (seen.env_steps, seen.episode, seen.step, seen.seconds, seen.last) == (30, 1, 0, 1.5, False)
    assert (math.isnan(seen.reward), seen.total) == (True, math.inf)
    assert np.array_equal(seen.obs, row["obs"])
    assert np.array_equal(seen.scene, row["scene"])
    assert seen.action.tolist() == row["action"].tolist()
    assert (seen.thoughts.kind, seen.thoughts.spread) == ("probability", None)
    assert math.isnan(seen.thoughts.value)
    assert np.array_equal(seen.thoughts.actions, row["thoughts"])
    assert [reader[i].last for i in range(9)] == [False, False, True] * 3


def test_a_continuous_action_has_a_spread(tmp_path):
    rows = rows_of(PENDULUM, 2)
    seen = read(write(tmp_path / "frames.log", PENDULUM, rows))[1]
    assert np.array_equal(seen.thoughts.spread, rows["spread"][1])
    assert seen.scene.shape == (0,)
    assert seen.action.shape == (2,)


@pytest.mark.parametrize("layout", [CLIFF, SWEEPS])
def test_a_table_comes_back(tmp_path, layout):
    rows = rows_of(layout, 3)
    seen = read(write(tmp_path / "frames.log", layout, rows))[-1]
    assert isinstance(seen, TableFrame)
    assert (seen.env_steps, seen.seconds, seen.s, seen.a) == (20, 1.0, rows["s"][2], rows["a"][2])
    if layout is CLIFF:
        assert np.array_equal(seen.q, rows["q"][2])
        assert np.array_equal(seen.v, rows["q"][2].max(axis=1))
    else:
        assert seen.q is None
        assert np.array_equal(seen.v, rows["v"][2])


def test_frames_are_found_by_number_by_step_and_by_episode(tmp_path):
    reader = read(write(tmp_path / "frames.log", LANDER, rows_of(LANDER, 9)))
    assert [reader.at_step(step) for step in (-5, 0, 9, 10, 79, 80, 10**12)] == [0, 0, 0, 1, 7, 8, 8]
    assert FrameReader(tmp_path / "none").at_step(5) == 0
    assert [reader.episode_of(i) for i in (0, 2, 3, -1)] == [range(3), range(3), range(3, 6), range(6, 9)]
    assert reader[-9].env_steps == 0
    for i in (9, -10):
        with pytest.raises(IndexError, match="there are 9 frames"):
            reader[i]
    tables = read(write(tmp_path / "tables", CLIFF, rows_of(CLIFF, 4)))
    assert tables.episode_of(2) == range(4)


def test_a_reader_follows_a_file_that_grows(tmp_path):
    path, rows = tmp_path / "frames.log", rows_of(LANDER, 9)
    reader = FrameReader(path)
    assert (reader.poll(), len(reader), reader.episode_of(0)) == (False, 0, range(0))
    log = FrameLog(path)
    kept = []
    for i in range(9):
        log.append(LANDER, rows[i : i + 1])
        assert reader.poll()
        assert not reader.poll()
        kept.append(reader[-1])
    assert [one.env_steps for one in kept] == rows["env_steps"].tolist()
    assert np.array_equal([one.obs for one in kept], rows["obs"])  # what was given out has not changed
    assert reader.restarts == 0
    log.close()


@pytest.mark.parametrize("vanishes", [os.unlink, lambda path: os.truncate(path, 0)])
def test_frames_that_are_gone_are_forgotten_and_may_come_back(tmp_path, vanishes):
    path = write(tmp_path / "frames.log", LANDER, rows_of(LANDER, 5))
    whole = path.read_bytes()
    reader = read(path)
    vanishes(path)
    assert (reader.poll(), len(reader), reader.restarts) == (True, 0, 1)
    path.write_bytes(whole)
    assert (reader.poll(), len(reader), reader.torn) == (True, 5, False)


def test_a_log_goes_on_where_it_was_or_is_cut_back(tmp_path):
    path, rows = tmp_path / "frames.log", rows_of(LANDER, 9)
    write(path, LANDER, rows[:6])
    write(path, LANDER, rows[6:])
    reader = read(path)
    assert reader.rows.tobytes() == rows.tobytes()
    log = FrameLog(path)
    log.open(until=45)
    assert (log.latest, log.episodes) == (40, 2)
    assert reader.poll()
    assert (reader.restarts, len(reader)) == (1, 5)
    log.append(LANDER, rows[7:])
    log.close()
    assert reader.poll()
    assert reader.rows.tobytes() == rows[[0, 1, 2, 3, 4, 7, 8]].tobytes()


def test_a_log_of_something_else_is_begun_anew(tmp_path):
    path, rows = tmp_path / "frames.log", rows_of(LANDER, 3)
    path.write_bytes(b"nonsense")
    assert read(write(path, LANDER, rows)).rows.tobytes() == rows.tobytes()
    tables = rows_of(CLIFF, 3)
    reader = read(write(path, CLIFF, tables))
    assert (reader.layout, reader.rows.tobytes()) == (CLIFF, tables.tobytes())


# ── whatever has happened to it reads safely ─────────────────────────────────────────────────────────────


def looked_at(path):
    """Every frame of a file, looked at in every way."""
    reader = FrameReader(path)
    with suppress(RunError):
        reader.poll()
    for i in range(len(reader)):
        seen = reader[i]
        assert i in reader.episode_of(i)
        if isinstance(seen, TableFrame):
            assert -1 <= seen.s < 6
        elif seen.thoughts.kind != "mean":
            assert 0 <= int(seen.action[0]) < len(seen.thoughts.actions)
    return reader


@pytest.mark.parametrize("name", LAYOUTS)
def test_truncated_at_every_byte_it_is_read_to_the_last_whole_frame(tmp_path, name):
    layout, path = LAYOUTS[name], tmp_path / "frames.log"
    rows = rows_of(layout, 3)
    whole = write(path, layout, rows).read_bytes()
    size = layout.dtype.itemsize + FRAMING_BYTES
    for cut in range(len(whole)):
        path.write_bytes(whole[:cut])
        reader = looked_at(path)
        count = max(0, cut - (len(whole) - 3 * size)) // size
        assert reader.rows.tobytes() == rows[:count].tobytes() if reader.layout else count == 0


@pytest.mark.parametrize("name", LAYOUTS)
def test_altered_anywhere_it_gives_the_frames_before(tmp_path, name):
    layout, path, rng = LAYOUTS[name], tmp_path / "frames.log", np.random.default_rng(7)
    rows = rows_of(layout, 3)
    whole = write(path, layout, rows).read_bytes()
    for _ in range(500):
        data = bytearray(whole)
        for at in rng.integers(0, len(data), rng.integers(1, 4)):
            data[at] ^= 1 << rng.integers(8)
        if rng.random() < 0.2:
            at = rng.integers(len(data))
            data[at : at + rng.integers(1, 50)] = rng.bytes(int(rng.integers(0, 60)))
        path.write_bytes(data)
        reader = looked_at(path)
        if reader.layout:
            assert rows.tobytes().startswith(reader.rows.tobytes())


@pytest.mark.parametrize("name", LAYOUTS)
def test_forged_frames_with_good_checksums_are_checked(tmp_path, name):
    layout, path, rng = LAYOUTS[name], tmp_path / "frames.log", np.random.default_rng(8)
    sound = rows_of(layout, 2).tobytes()
    size = layout.dtype.itemsize
    for _ in range(300):
        forged = bytearray(sound[size:])
        for at in rng.integers(0, 45, rng.integers(1, 9)):
            forged[at % size] = rng.integers(256)
        forged = bytes(forged) if rng.random() < 0.8 else rng.bytes(int(rng.integers(0, 2 * size)))
        path.write_bytes(b"".join(map(frame, (layout.header(), sound[:size], forged, sound[size:]))))
        assert 1 <= len(looked_at(path)) <= 3


def test_numbers_that_run_backwards_end_the_file(tmp_path):
    for name, low in [("env_steps", -(2**63)), ("env_steps", 5), ("episode", -1), ("step", -1), ("seconds", math.nan)]:
        rows = rows_of(LANDER, 6)
        rows[name][3] = low
        path = tmp_path / f"{name}{low}"
        path.write_bytes(b"".join(map(frame, (LANDER.header(), *(row.tobytes() for row in rows)))))
        reader = read(path)
        assert (len(reader), reader.torn) == (3, True)


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"brain.Event:2",
        struct.pack("<8sB5If", b"rltop\0f\2", 0, 4, 1, 2, 0, 0, 15),  # another version
        struct.pack("<8sB5If", b"rltop\0f\1", 9, 4, 1, 2, 0, 0, 15),  # another kind
        struct.pack("<8sB5If", b"rltop\0f\1", 0, 4, 1, 2, 0, 0, math.nan),
        struct.pack("<8sB5If", b"rltop\0f\1", 0, 4, 1, 2, 0, 0, -1),
        struct.pack("<8sB5If", b"rltop\0f\1", 0, 2**32 - 1, 1, 2, 0, 0, 15),  # a frame of 16 GiB
        struct.pack("<8sB5If", b"rltop\0f\1", 4, 0, 2**31, 0, 0, 2**31, 15),
        struct.pack("<8sB5If", b"rltop\0f\1", 4, 0, 0, 0, 0, 9, 15),  # no actions to choose from
        struct.pack("<8sB5If", b"rltop\0f\1", 0, 4, 2, 2, 0, 0, 15),  # two actions at once
        struct.pack("<8sB5If", b"rltop\0f\1", 2, 4, 2, 3, 0, 0, 15),  # more means than actions
        struct.pack("<8sB5If", b"rltop\0f\1", 0, 0, 1, 2, 0, 0, 15),
    ],
)
def test_other_headers_are_refused_once_with_a_sentence(tmp_path, header):
    path = tmp_path / "frames.log"
    path.write_bytes(frame(header) + frame(bytes(100)))
    with pytest.raises(ValueError):
        layout_of(header)
    reader = FrameReader(path)
    with pytest.raises(RunError, match=r"frames\.log (does not begin|holds) .*; delete it"):
        reader.poll()
    assert not reader.poll()
    assert len(reader) == 0


def test_what_is_no_ordinary_file_is_never_waited_for(tmp_path):
    path = tmp_path / "frames.log"
    os.mkfifo(path)
    with pytest.raises(RunError, match="not an ordinary file"):
        FrameReader(path).poll()
    path.unlink()
    path.mkdir()
    with pytest.raises(RunError):
        FrameReader(path).poll()


def test_a_file_that_is_too_long_is_read_to_its_limit(tmp_path, monkeypatch):
    path = write(tmp_path / "frames.log", LANDER, rows_of(LANDER, 30))
    monkeypatch.setattr(frames, "MAX_FRAMES_BYTES", 1000)
    reader = read(path)
    assert 3 < len(reader) < 10


# ── it stays small ───────────────────────────────────────────────────────────────────────────────────────


def test_what_is_kept_is_the_first_the_last_and_evenly_spread():
    moments = [float(moment) for moment in [*range(0, 1000, 100), *range(1000, 1100)]]  # dense at its end
    kept = spread(moments, [1] * len(moments), 12)
    assert (kept[0], kept[-1]) == (0, 109)
    assert 6 <= len(kept) <= 12
    gaps = np.diff([moments[i] for i in kept])
    assert gaps[:-1].min() >= 100
    assert spread(moments, [1] * len(moments), 110) == list(range(110))
    assert spread(moments, [50] * len(moments), 10) == [0, 109]
    assert spread([], [], 5) == []
    assert spread([3.0, 3.0, 3.0], [1, 1, 1], 2) == [0, 2]


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_full_file_gives_up_whole_episodes(tmp_path, monkeypatch, name):
    """Ten thousand frames in the room of a hundred: the first and the latest stay, and the whole run is covered."""
    layout, path, most = LAYOUTS[name], tmp_path / "frames.log", 24_000
    monkeypatch.setattr("scenarios.runs.framelog.MAX_FRAMES_BYTES", most)
    rows = rows_of(layout, 2000, 400)
    log, reader, largest = FrameLog(path), FrameReader(path), 0
    for i in range(0, 2000, 5):
        log.append(layout, rows[i : i + 5])
        largest = max(largest, path.stat().st_size)
        assert reader.poll()
        assert reader[0].env_steps == 0
        assert reader[-1].env_steps == rows["env_steps"][i + 4]
    log.close()
    assert most // 2 < largest <= most
    assert reader.restarts > 3
    whole = {row.tobytes() for row in rows}
    assert {row.tobytes() for row in reader.rows} <= whole
    if not layout.tabular:
        _, counts = np.unique(reader.rows["episode"], return_counts=True)
        assert set(counts) == {5}
        moments = reader.rows["seconds"][::5]
    else:
        moments = reader.rows["seconds"]
    assert np.diff(moments).max() < 0.2 * 1000  # seconds, of 1000
    assert not [one for one in os.listdir(tmp_path) if one != "frames.log"]


def test_every_nth_call_may_fail_and_what_was_written_stays(tmp_path, monkeypatch):
    """Appends, openings and thinnings, each at a disk that refuses once: never a torn file, and it goes on after."""
    monkeypatch.setattr("scenarios.runs.framelog.MAX_FRAMES_BYTES", 2500)
    rows = rows_of(LANDER, 36, 12)
    calls, n, failed = ("open", "write", "fsync", "replace", "ftruncate"), 0, True
    while failed:
        n, failed, left = n + 1, False, n + 1
        path = tmp_path / str(n) / "frames.log"
        path.parent.mkdir()
        log, lost = FrameLog(path), 0
        with monkeypatch.context() as patch:

            def failing(name):
                call = getattr(os, name)

                def wrapped(*arguments, **options):
                    nonlocal left, failed
                    left -= name != "open" or bool(arguments[1] & os.O_CREAT)
                    if left == 0:
                        left, failed = -1, True
                        if name == "write":
                            call(arguments[0], bytes(arguments[1])[:7])
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    return call(*arguments, **options)

                return wrapped

            for name in calls:
                patch.setattr(os, name, failing(name))
            for i in range(0, 36, 3):
                try:
                    log.append(LANDER, rows[i : i + 3])
                except RunError as fault:
                    lost += "No space left on device" in str(fault)
            try:
                log.close()
            except RunError:
                lost += 1
        assert lost == failed
        reader = read(path)
        assert not reader.torn
        assert {row.tobytes() for row in reader.rows} <= {row.tobytes() for row in rows}
        assert reader[-1].env_steps >= 10 * (32 if failed else 35)
    assert n > 30


def test_a_table_of_many_states_is_read_quickly(tmp_path):
    """Records too long for a table of positions are summed up in blocks."""
    large = Layout("q table", 0, 4, 0, 0, 4000, 4.0)
    assert large.fits
    rows = rows_of(large, 3)
    reader = read(write(tmp_path / "frames.log", large, rows))
    assert reader.rows.tobytes() == rows.tobytes()
    assert not Layout("q table", 0, 4, 0, 0, 5000, 4.0).fits
    assert len(next(RecordReader(tmp_path / "frames.log").poll())) == 4


def test_damage_is_told_and_a_frame_that_was_cut_short_is_none(tmp_path):
    path = tmp_path / "frames.log"
    whole = b"".join(map(frame, (LANDER.header(), *(row.tobytes() for row in rows_of(LANDER, 9)))))
    path.write_bytes(whole[:-3])
    assert read(path).damage is None
    path.write_bytes(whole[: len(whole) // 2] + b"?" + whole[len(whole) // 2 + 1 :])
    assert read(path).damage == "The file of recorded moments, frames.log, is damaged: only the first 4 can be shown."
