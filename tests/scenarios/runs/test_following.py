"""Following a run: what is new is told once, whatever becomes of the run, and nothing of it is ever written."""

import os
import shutil
import stat

import numpy as np
import pytest

from scenarios.experiment import prepare_run
from scenarios.runs import following, session
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.directory import open_run
from scenarios.runs.episodes import EpisodeLog
from scenarios.runs.files import exclusive_lock
from scenarios.runs.following import RunFollower
from scenarios.runs.progress import TrainerLog, write_status
from scenarios.runs.standing import overview
from scenarios.runs.tfevents import EventWriter, read_scalars
from scenarios.runs.training import open_training, train

PARTS = frozenset({"status", "curves", "frames", "log"})


def new_run(root, steps=400, **settings):
    experiment = prepare_run("cliffwalking", "q-learning", {"max_steps": "20", **settings}, seed=3)
    return open_training(experiment, budget_for(experiment, steps=steps)[0], root)


def learn(run, report=lambda progress: None, **options):
    from scenarios.runs.resume import experiment_of

    return train(*experiment_of(run), run, report, **options)


@pytest.fixture
def attentive(monkeypatch):
    for name in ("ATTEND_SECONDS", "TELL_SECONDS", "STATUS_SECONDS"):
        monkeypatch.setattr(session, name, 0.0)
    monkeypatch.setattr(following, "LOCK_SECONDS", 0.0)


def test_a_run_from_its_beginning_to_its_end(tmp_path, attentive):
    run = new_run(tmp_path)
    follower = RunFollower(run)
    assert (follower.status, follower.said, follower.result, follower.log) == ("", None, None, ())
    assert follower.poll() == {"status"}
    assert (follower.status, follower.poll()) == ("dead", frozenset())
    seen, told = [], set()

    def watched(progress):
        told.update(follower.poll())
        seen.append((follower.status, follower.said and follower.said.transitions, len(follower.frames)))

    send(run.control, Command("evaluate"))
    learn(run, watched)
    assert told == PARTS
    assert {status for status, *_ in seen} == {"running"}
    transitions = [transitions for _, transitions, _ in seen[5:]]
    assert transitions == sorted(transitions)
    assert transitions[-1] > 350
    assert follower.poll() >= {"status", "curves"}
    assert follower.poll() == frozenset()
    assert (follower.status, follower.said) == (overview(run)["status"], None)
    assert follower.result.env_steps == 400
    assert (follower.generation, follower.fault) == (0, None)
    assert "the greedy policy earns" in follower.log[-1]
    for name, points in read_scalars(run.events).items():
        assert np.array_equal(follower.curves.series(name).values, points.values)
    assert follower.frames[-1].env_steps == 400


def test_an_idle_run_takes_a_look_at_its_files_and_no_more(tmp_path, monkeypatch):
    run = new_run(tmp_path)
    learn(run)
    follower = RunFollower(run)
    assert follower.poll() == {"status", "curves", "frames"}
    opened = []
    monkeypatch.setattr(os, "open", lambda *arguments: opened.append(arguments))
    for _ in range(50):
        assert follower.poll() == frozenset()
    assert not opened


def test_a_resume_cuts_back_what_was_seen(tmp_path, attentive, monkeypatch):
    """A copy made in the middle is what a killed run leaves; the follower has seen more than its checkpoint knows."""
    monkeypatch.setattr("scenarios.runs.keeping.Keeper.is_due", lambda keeper: keeper.kept is None)
    monkeypatch.setattr("scenarios.runs.recording.Book.is_free", lambda _: True)
    run, copies = new_run(tmp_path), []

    def copied(progress):
        if progress.env_steps == 300:
            copies.append(open_run(str(shutil.copytree(run.path, tmp_path / "killed")), tmp_path))

    learn(run, copied)
    killed = copies[0]
    follower = RunFollower(killed)
    assert follower.poll() >= {"status", "curves", "frames"}
    assert (follower.status, follower.said.transitions) == ("dead", 300)
    assert follower.frames[-1].env_steps > 290
    before = follower.frames.restarts
    frames, began = [], []

    def watched(progress):
        began.append(follower.poll())
        frames.append(follower.frames[-1].env_steps if len(follower.frames) else 0)

    learn(killed, watched, resume=True)
    follower.poll()
    assert {"curves", "frames", "status"} <= began[0] | began[1]
    assert (follower.generation, follower.frames.restarts) == (1, before + 1)
    assert frames[1] < 20  # the checkpoint was made near the beginning
    assert follower.status == "finished"
    whole = read_scalars(run.events)
    for name in ("episode/return", "episode/count"):
        points = follower.curves.series(name)
        assert np.array_equal(points.values, whole[name].values)
        assert np.array_equal(points.steps, whole[name].steps)


def test_a_process_that_is_gone_is_noticed_though_no_file_has_changed(tmp_path, monkeypatch):
    run, now = new_run(tmp_path), [100.0]
    monkeypatch.setattr(following.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(following, "look", lambda path: (path.exists(),))
    follower = RunFollower(run)
    with exclusive_lock(run.lock):
        write_status(run.status, "paused", 7, _progress(run))
        assert "status" in follower.poll()
        assert (follower.status, follower.said.transitions) == ("paused", 7)
    now[0] += 0.9
    assert "status" not in follower.poll()
    now[0] += 0.2
    assert "status" in follower.poll()
    assert follower.status == "dead"


def _progress(run):
    said = []
    other = new_run(run.path.parent / "other", steps=10)
    learn(other, said.append)
    return said[-1]


def test_the_end_of_a_long_log_is_kept(tmp_path):
    run = new_run(tmp_path)
    log, follower = TrainerLog(run.log), RunFollower(run)
    for i in range(3000):
        log.say(f"sentence {i}")
    assert "log" in follower.poll()
    assert len(follower.log) == following.LOG_LINES
    assert follower.log[-1].endswith("sentence 2999")
    assert follower.log[0].endswith("sentence 2800")
    with open(run.log, "ab") as file:
        file.write(b"\xff\x00\x1b[2J" + b"x" * 100_000 + b"\nlast without an end")
    assert follower.poll() == {"log"}
    assert follower.log[-1] == "last without an end"
    assert max(map(len, follower.log)) <= following.LONGEST_LINE
    run.log.unlink()
    assert follower.poll() == {"log"}
    assert follower.log == ()


def test_what_cannot_be_read_is_told_and_the_rest_goes_on(tmp_path):
    run = new_run(tmp_path)
    learn(run)
    good = run.frames.read_bytes()
    run.frames.write_bytes(b"nonsense" * 100)
    run.result.write_text("{}")
    follower = RunFollower(run)
    assert follower.poll() >= {"status", "curves"}
    assert (follower.status, len(follower.frames)) == ("damaged", 0)
    assert "result.json" in follower.fault
    assert follower.poll() == frozenset()
    run.frames.write_bytes(frame_file(b"brain.Event:2"))
    assert follower.poll() == {"frames"}
    run.result.unlink()
    assert follower.poll() == {"status"}
    assert (follower.status, "frames.log does not begin" in follower.fault) == ("dead", True)
    assert follower.poll() == frozenset()
    run.frames.unlink()
    assert follower.poll() == {"frames"}
    run.frames.write_bytes(good)
    assert follower.poll() == {"frames"}
    assert len(follower.frames) > 0
    assert follower.fault is None


def test_the_checkpoint_is_known_that_a_run_can_go_on_from(tmp_path):
    run = new_run(tmp_path)
    follower = RunFollower(run)
    follower.poll()
    assert (follower.status, follower.checkpoint) == ("dead", None)
    learn(run)
    follower.poll()
    assert (follower.status, follower.checkpoint) == ("finished", None)
    run.result.unlink()
    follower.poll()
    assert (follower.status, follower.checkpoint) == ("dead", 400)


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "file by file"])
def test_a_run_that_is_gone_has_not_died(tmp_path, at_once):
    run = new_run(tmp_path)
    learn(run)
    run.result.unlink()
    follower = RunFollower(run)
    follower.poll()
    assert (follower.status, follower.fault) == ("dead", None)
    moved = run.path.rename(tmp_path / "moved")
    if not at_once:
        run.path.mkdir()
        follower.poll()
        assert follower.status == "dead"
        run.path.rmdir()
    assert "status" in follower.poll()
    assert follower.status == "damaged"
    assert f"{run.path} is gone: the run's directory was moved or removed" in follower.fault
    assert follower.poll() == frozenset()
    moved.rename(run.path)
    assert "status" in follower.poll()
    assert (follower.status, follower.fault) == ("dead", None)


def frame_file(record):
    from scenarios.runs.records import frame

    return frame(record)


def test_who_follows_never_writes(tmp_path, attentive):
    run = new_run(tmp_path)
    learn(run)
    before = {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in run.path.iterdir()}
    os.chmod(run.path, stat.S_IRUSR | stat.S_IXUSR)
    try:
        follower = RunFollower(run)
        follower.poll()
        for name in follower.curves.names:
            for axis in ("steps", "episodes", "seconds"):
                follower.curves.window(name, axis, 0, 1e9, 50)
        assert [follower.frames[i].env_steps for i in range(len(follower.frames))]
    finally:
        os.chmod(run.path, 0o755)
    assert {path.name: (path.stat().st_mtime_ns, path.stat().st_size) for path in run.path.iterdir()} == before


def test_a_follower_makes_no_difference(tmp_path, attentive):
    run, other = new_run(tmp_path / "one"), new_run(tmp_path / "other")
    follower = RunFollower(run)
    watched = learn(run, lambda _: follower.poll())
    assert watched.state_sha256 == learn(other).state_sha256


def test_the_curves_of_a_million_episodes_are_few_points(tmp_path):
    """They are told as means of more and more episodes, so that such a run is opened at once."""
    log = EpisodeLog(1, 1_000_000)
    log._returns, log._lengths = np.ones((1_000_000, 1)), np.full((1_000_000, 1), 7)
    log.counts[:] = 1_000_000
    with EventWriter(tmp_path / "events") as writer:
        for step, values in log.points():
            writer.scalars(step, values)
    points = read_scalars(tmp_path / "events")
    assert points["episode/count"].values[-1] == 1_000_000
    assert len(points["episode/count"].values) < 4000
