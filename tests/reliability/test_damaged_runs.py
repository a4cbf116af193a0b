"""A run directory whose files are cut at every byte or altered: one declared exception, nothing silently different."""

import time
import tracemalloc

import numpy as np
import pytest
from damage import alter

from scenarios.runs.collection import Collection
from scenarios.runs.directory import Result, create_run, open_run, read_result, write_result
from scenarios.runs.export import export_csv
from scenarios.runs.files import RunError, exclusive_lock, lock_holder
from scenarios.runs.tables import read_tables, write_tables
from scenarios.runs.tfevents import EventFollower, EventWriter

RESULT = Result("solved", 300, 20, 0.5, 600.0, -13.0, -13.0, 60.0, None)


@pytest.fixture
def run(tmp_path):
    run = create_run(tmp_path / "runs", "cliffwalking", "q-learning", {"alpha": 0.5}, 3, lanes=2, world="S . +1\n")
    with exclusive_lock(run.lock):
        with EventWriter(run.events) as log:
            for i in range(6):
                log.scalars(i, {"episode/return": -i, "episode/length": i}, wall_time=1e9 + i)
        rng = np.random.default_rng(0)
        write_tables(run.tables, {"q": rng.normal(size=(2, 3, 4)), "deltas": rng.random(3)})
        write_result(run, RESULT)
    return run


def events(run):
    follower = EventFollower(run.events)
    series = follower.poll().get("episode/return")
    return series.values.tolist() if series else [], follower.torn


READERS = {
    "run.json": lambda run: open_run(str(run.path), run.path.parent).manifest,
    "events.out.tfevents.rltop": events,
    "tables.npz": lambda run: {key: table.tobytes() for key, table in read_tables(run.tables).items()},
    "result.json": read_result,
    "lock": lambda run: lock_holder(run.lock),
}


def read(run, name):
    """What a client reads of a file, or its fault."""
    try:
        return READERS[name](run)
    except RunError as fault:
        return fault


def is_honest(now, whole):
    """What is read is what was written, one plain sentence, or for events the points before the damage."""
    if isinstance(now, tuple):
        points, torn = now
        return points == whole[0][: len(points)] and (torn or len(points) < len(whole[0]) or now == whole)
    return now == whole or (isinstance(now, RunError) and str(now).isprintable())


@pytest.mark.parametrize("name", READERS)
def test_a_file_cut_at_every_byte(run, name):
    whole = {key: read(run, key) for key in READERS}
    path = run.path / name
    data = path.read_bytes()
    for n in range(len(data)):
        path.write_bytes(data[:n])
        now = read(run, name)
        assert is_honest(now, whole[name])
        if name.endswith(("json", "npz")):
            assert isinstance(now, RunError) == (data[n:] != b"\n")
    assert {key: read(run, key) for key in READERS if key != name} == {k: whole[k] for k in whole if k != name}


@pytest.mark.parametrize("count", [200, pytest.param(1_000, marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", READERS)
def test_alterations_of_a_file(run, name, count):
    rng = np.random.default_rng(1)
    whole = read(run, name)
    path = run.path / name
    data = path.read_bytes()
    noticed = 0
    for _ in range(count):
        altered = bytearray(data)
        alter(altered, rng, len(data))
        path.write_bytes(altered)
        now = read(run, name)
        assert is_honest(now, whole)
        noticed += isinstance(now, RunError) or (isinstance(now, tuple) and now[1])
    assert name == "lock" or noticed > 0.9 * count


def test_reading_a_damaged_run_is_quick_and_small(run):
    path = run.tables
    path.write_bytes(path.read_bytes()[:-1])
    tracemalloc.start()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        found = [read(run, name) for name in READERS]
        times.append(time.perf_counter() - start)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(isinstance(part, RunError) for part in found) == 1
    assert min(times) < 0.1
    assert peak < 8 << 20


def test_a_torn_log_is_exported_up_to_its_damage(run, tmp_path):
    data = run.events.read_bytes()
    run.events.write_bytes(data[:-1])
    export_csv(run, tmp_path / "out.csv")
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert len(rows) == 1 + 2 * 5


def test_one_damaged_run_does_not_hide_the_others(run):
    other = create_run(run.path.parent, "taxi", "sarsa", {}, 0)
    (run.path / "run.json").write_bytes(b"\x00" * 100)
    found = Collection([run.path.parent])
    found.poll()
    assert [(row.path, row.fault is None) for row in found.rows] == [(run.path, False), (other.path, True)]
