"""Many runs at a glance: rows of every kind, damaged ones among them, and what a later look finds."""

import json
import os
import time
from dataclasses import replace

import pytest

from scenarios.runs import collection
from scenarios.runs.collection import DAMAGED, STATUSES, Collection, RunRow
from scenarios.runs.directory import Result, create_run, write_result
from scenarios.runs.files import exclusive_lock
from scenarios.runs.progress import Progress, write_status
from scenarios.runs.standing import overview

RESULT = Result("finished", 1000, 50, 0.5, 2000.0, -50.5, -13.0, 61.5, None)
PROGRESS = Progress(2.0, 500, 7, 0, 0.25, -90.0, None, None, -17.0)


def new(root, seed=1, **settings):
    return create_run(root, "cliffwalking", "q-learning", {"alpha": 0.5} | settings, seed)


def ended(root, seed=1, **changes):
    run = new(root, seed)
    write_result(run, replace(RESULT, **changes))
    return run


def age(*paths):
    """Let directories have changed long ago, so that their times can be trusted."""
    for path in paths:
        os.utime(path, (1e9, 1e9))


def look(*paths):
    found = Collection(paths)
    found.poll()
    return found


def test_an_ended_run_is_a_row(tmp_path):
    run = ended(tmp_path, 3)
    (row,) = look(tmp_path).rows
    assert (row.path, row.name, row.scenario, row.algorithm) == (run.path, run.path.name, "cliffwalking", "q-learning")
    assert (row.seed, row.lanes, row.status, row.share, row.fault) == (3, 1, "finished", 1.0, None)
    assert (row.env_steps, row.episodes, row.return_mean, row.eval_mean) == (1000, 50, -50.5, -13.0)
    assert (row.steps_per_second, row.wall_seconds, row.config) == (2000.0, 0.5, {"alpha": 0.5})
    assert row.created == run.manifest.created
    assert 0 <= row.age < 60
    assert row.overview == overview(run)


def test_a_run_that_learns_is_told_by_its_last_words(tmp_path):
    run = new(tmp_path)
    with exclusive_lock(run.lock):
        (row,) = look(tmp_path).rows
        assert (row.status, row.env_steps, row.is_live) == ("running", None, True)
        write_status(run.status, "paused", 500, PROGRESS)
        found = look(tmp_path)
        (row,) = found.rows
        assert (row.status, row.env_steps, row.share, row.eval_mean) == ("paused", 500, 0.25, -17.0)
        assert row.process == os.getpid()
        assert row.overview == overview(run)
        age(tmp_path, run.path)
        found.poll()
        assert not found.poll()
    assert found.poll()  # its process has let go of it, which changes no file
    assert (found.rows[0].status, found.rows[0].share) == ("dead", 0.25)


def test_planning_takes_no_steps_and_has_no_episodes(tmp_path):
    ended(tmp_path, env_steps=0, episodes=0, steps_per_second=0.0, return_mean=None, sweeps=12)
    with exclusive_lock((run := new(tmp_path, 2)).lock):
        write_status(run.status, "running", 0, replace(PROGRESS, env_steps=0, episodes=0, sweeps=3))
        for row in look(tmp_path).rows:
            assert (row.env_steps, row.episodes, row.steps_per_second) == (None, None, None)
            assert row.eval_mean is not None


def test_a_run_that_is_resumed_is_not_told_by_its_old_result(tmp_path):
    run = ended(tmp_path, status="stopped")
    with exclusive_lock(run.lock):
        write_status(run.status, "running", 500, PROGRESS)
        assert look(tmp_path).rows[0].status == "running"


@pytest.mark.parametrize("file", ["run.json", "result.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 5000, b'{"format": 2}'])
def test_damaged_runs_are_rows_that_say_so(tmp_path, file, content):
    run, sound = ended(tmp_path, 1), ended(tmp_path, 2)
    (run.path / file).write_bytes(content)
    rows = {row.path: row for row in look(tmp_path).rows}
    assert rows[sound.path].fault is None
    damaged = rows[run.path]
    assert (damaged.status, damaged.name, damaged.overview) == (DAMAGED, run.path.name, None)
    assert file in damaged.fault
    assert (damaged.seed == 1) == (file == "result.json")  # what is known is told
    assert (damaged.config == {"alpha": 0.5}) == (file == "result.json")


def test_a_manifest_that_is_no_file_is_damaged(tmp_path):
    (tmp_path / "a" / "run.json").mkdir(parents=True)
    (tmp_path / "b").mkdir()
    os.mkfifo(tmp_path / "b" / "run.json")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "run.json").symlink_to("run.json")
    assert [(row.name, row.status) for row in look(tmp_path).rows] == [("a", DAMAGED), ("b", DAMAGED), ("c", DAMAGED)]


def test_what_is_no_run_is_no_row(tmp_path):
    ended(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / "loop").symlink_to("loop")
    found = look(tmp_path)
    assert (len(found.rows), found.faults) == (1, ())


def test_paths_are_runs_or_folders_of_runs_and_each_run_is_there_once(tmp_path):
    one, other = ended(tmp_path / "a", 1), ended(tmp_path / "b", 2)
    found = look(tmp_path / "a", other.path, one.path, tmp_path / "missing", tmp_path / "a" / ".." / "a")
    assert [row.path for row in found.rows] == [one.path, other.path]
    assert len(found.faults) == 1
    assert "missing is not there" in found.faults[0]


def test_a_path_that_cannot_be_listed_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    found = look(tmp_path / "file")
    assert found.rows == ()
    assert "file cannot be listed" in found.faults[0]


def test_rows_are_oldest_first(tmp_path, monkeypatch):
    names = [new(tmp_path, seed).path.name for seed in (5, 3, 9)]
    assert [row.name for row in look(tmp_path).rows] == names


def test_a_later_look_finds_what_has_changed_and_reads_nothing_else(tmp_path, monkeypatch):
    runs = [ended(tmp_path, seed) for seed in range(3)]
    age(tmp_path, *(run.path for run in runs))
    found = look(tmp_path)
    read = []
    plain = collection.row_of
    monkeypatch.setattr(collection, "row_of", lambda place: read.append(place) or plain(place))
    assert not found.poll()
    assert read == []
    write_result(runs[1], replace(RESULT, episodes=51))
    assert found.poll()
    assert {*read} == {str(runs[1].path)}
    assert [row.episodes for row in found.rows] == [50, 51, 50]
    age(runs[1].path)
    found.poll()
    read.clear()
    late = ended(tmp_path, 7)
    assert found.poll()
    assert {*read} == {str(late.path)}
    assert [row.seed for row in found.rows] == [0, 1, 2, 7]


def test_runs_that_are_gone_are_no_rows_any_more(tmp_path):
    kept, gone = ended(tmp_path, 1), ended(tmp_path, 2)
    age(kept.path, gone.path)
    found = look(tmp_path)
    for file in gone.path.iterdir():
        file.unlink()
    assert found.poll()
    assert [row.path for row in found.rows] == [kept.path]
    gone.path.rmdir()
    kept.path.rename(tmp_path / "renamed")
    assert found.poll()
    assert [row.name for row in found.rows] == ["renamed"]


def test_a_directory_becomes_a_run_when_its_manifest_is_there(tmp_path):
    """As between the two steps in which a run is made."""
    elsewhere = new(tmp_path / "elsewhere")
    place = tmp_path / "runs" / "late"
    place.mkdir(parents=True)
    age(place, place.parent)
    found = look(tmp_path / "runs")
    assert found.rows == ()
    (elsewhere.path / "run.json").rename(place / "run.json")
    assert found.poll()
    assert [(row.name, row.status) for row in found.rows] == [("late", "dead")]


def test_a_change_within_one_tick_of_the_clock_is_not_missed(tmp_path):
    """A directory's time says nothing of changes that follow at once: so soon after one it is read again."""
    run = ended(tmp_path)
    found = look(tmp_path)
    now = time.time_ns()
    write_result(run, replace(RESULT, episodes=51))
    os.utime(run.path, ns=(now, now))
    found.poll()
    write_result(run, replace(RESULT, episodes=52))
    os.utime(run.path, ns=(now, now))
    assert found.poll()
    assert found.rows[0].episodes == 52


def test_a_folder_that_appears_later_is_found(tmp_path):
    found = look(tmp_path / "runs")
    assert len(found.faults) == 1
    ended(tmp_path / "runs")
    assert found.poll()
    assert (len(found.rows), found.faults) == (1, ())


def test_every_status_is_known(tmp_path):
    for seed, status in enumerate(("solved", "finished", "stopped", "diverged", "failed")):
        ended(tmp_path, seed, status=status)
    assert {row.status for row in look(tmp_path).rows} < {*STATUSES}


def test_a_thousand_runs_take_two_small_files_each(tmp_path, monkeypatch):
    """What a list costs is what it reads: nothing but these, and no lock where there is a result."""
    run = ended(tmp_path)
    opened = []
    plain = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest, **more: opened.append(str(path)) or plain(path, *rest, **more))
    look(tmp_path)
    assert opened == [str(run.path / "run.json"), str(run.path / "result.json")]


def test_rows_without_a_manifest_have_no_settings():
    row = RunRow(None, "x", DAMAGED)
    assert (dict(row.config), row.age, row.created, row.overview) == ({}, None, "", None)
    assert json.dumps(dict(row.config)) == "{}"
