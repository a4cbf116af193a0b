"""The n-th write, fsync, rename ... fails, for every n: what was whole stays whole, and the fault is named."""

import errno
import itertools
import os
import re

import numpy as np

from scenarios.runs.directory import Result, create_run, open_run, read_result, write_result
from scenarios.runs.files import RunError, exclusive_lock, lock_holder
from scenarios.runs.tables import read_tables, write_tables
from scenarios.runs.tfevents import EventFollower, EventWriter, read_scalars

CALLS = ("open", "write", "fsync", "replace", "mkdir", "ftruncate")


class FailingDisk:
    """The n-th of the calls that change a disk fails, or writes only a part and then fails."""

    def __init__(self, monkeypatch, n, error, part=0):
        self.left, self.error, self.part = n, error, part
        self.failed = False
        for name in CALLS:
            monkeypatch.setattr(os, name, self.wrapped(name, getattr(os, name)))

    def wrapped(self, name, call):
        def wrapper(*arguments, **options):
            changes = name != "open" or arguments[1] & (os.O_CREAT | os.O_DIRECTORY)
            self.left -= bool(changes)
            if changes and self.left == 0:
                self.failed = True
                if name == "write" and self.part:
                    call(arguments[0], bytes(arguments[1])[: self.part])
                raise OSError(self.error, os.strerror(self.error))
            return call(*arguments, **options)

        return wrapper


FAULTS = [(errno.ENOSPC, 0), (errno.EIO, 0), (errno.ENOSPC, 1), (errno.EIO, 5)]


def result(episodes):
    return Result("finished", 10 * episodes, episodes, 1.0, 10.0, -1.0, None, 50.0, None)


def sweep(monkeypatch, work):
    """Run `work()` with every n-th call failing by every fault; return how many failed."""
    failures = 0
    for error, part in FAULTS:
        for n in itertools.count(1):
            with monkeypatch.context() as patch:
                disk = FailingDisk(patch, n, error, part)
                fault = work()
            if not disk.failed:
                assert fault is None
                break
            assert isinstance(fault, RunError)
            assert os.strerror(error) in str(fault)
            assert re.match(r"\S+ cannot be \S+|\S+ cannot hold a new run", str(fault))
            failures += 1
    return failures


def attempt(action, *arguments):
    """The fault `action` reports, or None."""
    try:
        action(*arguments)
    except RunError as fault:
        return fault
    return None


def test_a_run_that_cannot_be_created_leaves_no_directory(tmp_path, monkeypatch):
    roots = (tmp_path / f"runs{number}" for number in itertools.count())

    def work():
        root = next(roots)
        fault = attempt(create_run, root, "taxi", "sarsa", {"alpha": 0.5}, 1)
        made = os.listdir(root) if root.exists() else []
        assert [open_run(name, root).path for name in made] == ([] if fault else [root / "taxi-sarsa-s1-001"])
        return fault

    assert sweep(monkeypatch, work) >= 7 * len(FAULTS)


def test_a_result_is_the_old_one_or_the_new_one(tmp_path, monkeypatch):
    run = create_run(tmp_path, "taxi", "sarsa", {}, 1)
    write_result(run, result(0))
    old = 0

    def work():
        nonlocal old
        fault = attempt(write_result, run, result(old + 1))
        found = read_result(open_run(run.path.name, tmp_path))
        assert found in (result(old), result(old + 1))
        assert fault or found == result(old + 1)
        assert sorted(os.listdir(run.path)) == ["result.json", "run.json"]
        old = found.episodes
        return fault

    assert sweep(monkeypatch, work) >= 5 * len(FAULTS)


def test_tables_are_the_old_ones_or_the_new_ones(tmp_path, monkeypatch):
    path = tmp_path / "tables.npz"
    write_tables(path, {"deltas": np.full(100, 0.0)})
    old = 0.0

    def work():
        nonlocal old
        fault = attempt(write_tables, path, {"deltas": np.full(100, old + 1)})
        found = read_tables(path)["deltas"]
        assert found.tolist() in ([old] * 100, [old + 1] * 100)
        assert fault or found[0] == old + 1
        assert os.listdir(tmp_path) == ["tables.npz"]
        old = found[0]
        return fault

    assert sweep(monkeypatch, work) >= 5 * len(FAULTS)


def test_scalars_that_failed_can_be_written_again_and_none_is_lost_or_doubled(tmp_path, monkeypatch):
    paths = (tmp_path / f"events{number}" for number in itertools.count())

    def work():
        path = next(paths)
        faults = []
        try:
            writer = EventWriter(path)
        except RunError as fault:
            assert not path.exists()
            faults.append(fault)
            writer = EventWriter(path)
        follower, seen = EventFollower(path), []
        for step in range(5):
            while fault := attempt(writer.scalars, step, {"x": step}):
                faults.append(fault)
                assert follower.poll() == {}
            seen += follower.poll()["x"].steps.tolist()
        assert seen == read_scalars(path)["x"].steps.tolist() == [0, 1, 2, 3, 4]
        assert not follower.torn
        faults.append(attempt(writer.close))
        return faults[0]

    assert sweep(monkeypatch, work) >= 8 * len(FAULTS)


def test_an_append_and_its_repair_may_both_fail(tmp_path, monkeypatch):
    path = tmp_path / "events"
    writer = EventWriter(path)
    writer.scalars(1, {"x": 1})
    whole, write = path.read_bytes(), os.write
    sizes = iter([7, 5])

    def part_then_fail(fd, data):
        write(fd, bytes(data)[: next(sizes)])
        return fail()

    def fail(*_):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", part_then_fail)
        patch.setattr(os, "ftruncate", fail)
        assert attempt(writer.scalars, 2, {"x": 2})
        assert attempt(writer.scalars, 2, {"x": 2})  # refused: nothing may follow a ragged end
    follower = EventFollower(path)
    assert follower.poll()["x"].steps.tolist() == [1]
    assert follower.torn
    assert path.stat().st_size == len(whole) + 7
    writer.scalars(3, {"x": 3})
    assert path.read_bytes()[: len(whole)] == whole
    assert follower.poll()["x"].steps.tolist() == [3]
    writer.close()


def test_a_lock_that_fails_is_not_left_held(tmp_path, monkeypatch):
    path = tmp_path / "lock"

    def hold():
        with exclusive_lock(path):
            assert lock_holder(path) == os.getpid()

    def work():
        fault = attempt(hold)
        assert lock_holder(path) is None
        return fault

    assert sweep(monkeypatch, work) >= 3 * len(FAULTS)
