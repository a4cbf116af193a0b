"""Trainers as processes of their own: they begin, are followed, told and stopped, and outlive whoever began them."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scenarios.experiment import prepare
from scenarios.runs import trainer
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.directory import open_run, read_result
from scenarios.runs.files import RunError, lock_holder, write_json
from scenarios.runs.progress import MAX_LOG_BYTES, TrainerLog, read_status, write_status
from scenarios.runs.resume import experiment_of
from scenarios.runs.standing import overview
from scenarios.runs.trainer import start, wait
from scenarios.runs.training import open_training, train

ROOT = Path(__file__).parents[3]


def new_run(root, **limits):
    experiment = prepare("cliffwalking", "q-learning", seed=3, lanes=5)
    return open_training(experiment, budget_for(experiment, **limits)[0], root)


@pytest.fixture
def long(tmp_path):
    run = new_run(tmp_path, episodes=100_000)
    yield run
    process = lock_holder(run.lock)
    if process:
        os.kill(process, signal.SIGKILL)


def test_a_trainer_of_its_own_session(long):
    process = start(long)
    assert lock_holder(long.lock) == process
    assert os.getsid(process) == process != os.getsid(0)
    assert (overview(long)["status"], overview(long)["process"]) == ("running", process)
    with pytest.raises(RunError, match=f"is not learning: .* is locked by process {process}"):
        start(long, resume=True)
    os.kill(process, signal.SIGTERM)  # ends it in order
    assert wait(long, 20)
    assert read_result(long).status == "stopped"

    again = start(long, resume=True)
    os.kill(again, signal.SIGKILL)
    assert wait(long, 20)
    assert overview(long)["status"] == "dead"
    third = start(long, resume=True)
    send(long.control, Command("stop"))
    assert wait(long, 20)
    assert read_result(long).status == "stopped"
    assert len({process, again, third}) == 3


def test_it_outlives_whoever_began_it(long):
    program = (
        "import os, signal; from pathlib import Path; from scenarios.runs.directory import open_run; "
        f"from scenarios.runs.trainer import start; print(start(open_run({str(long.path)!r}, Path('/'))), flush=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, start_new_session=True, check=False)
    assert done.returncode == -signal.SIGKILL
    assert lock_holder(long.lock) == int(done.stdout)
    before = read_status(long.status)
    send(long.control, Command("pause"))
    while not (said := read_status(long.status)) or said.activity != "paused":
        time.sleep(0.02)
    assert said.transitions >= before.transitions
    send(long.control, Command("stop"))
    assert wait(long, 20)


def test_what_goes_wrong_is_told_to_whoever_begins_it(tmp_path):
    run = new_run(tmp_path, steps=50)
    train(*experiment_of(run), run)
    with pytest.raises(RunError, match=r"is not learning: .*File exists"):
        start(run)
    with pytest.raises(RunError, match=r"is not learning: .*has ended"):
        start(run, resume=True)
    assert "has ended" in run.log.read_text()


def test_a_trainer_that_ends_before_it_begins_is_noticed(tmp_path, monkeypatch):
    run = new_run(tmp_path, steps=50)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RunError, match=r"is not learning: its trainer ended before it began; trainer\.log in it"):
        start(run)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    with pytest.raises(RunError, match="cannot be used to start a trainer"):
        start(run)
    monkeypatch.undo()
    monkeypatch.setattr(trainer, "BEGIN_SECONDS", 0.0)
    with pytest.raises(RunError, match="it takes longer than 0 seconds to begin"):
        start(run)
    assert wait(run, 20)


def test_another_package_in_the_working_directory_is_not_run(tmp_path, monkeypatch):
    run = new_run(tmp_path / "runs", steps=50)
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "__init__.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    start(run)
    assert wait(run, 20)
    assert read_result(run).env_steps == 250


def test_waiting_has_an_end(long):
    start(long)
    began = time.monotonic()
    assert not wait(long, 0.2)
    assert time.monotonic() - began < 2


# ── what it says ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_status_is_what_was_said_or_nothing(tmp_path):
    run = new_run(tmp_path, steps=50)
    seen = []
    train(*experiment_of(run), run, report=seen.append)
    write_status(run.status, "paused", 7, seen[-1])
    said = read_status(run.status)
    assert (said.activity, said.process, said.transitions, said.progress) == ("paused", os.getpid(), 7, seen[-1])
    good = json.loads(run.status.read_text())
    good.pop("sha256")
    assert 10 < said.progress.rss_mb < 2000
    assert said.progress.seconds_left is None  # at its beginning nobody knows
    assert dataclasses.replace(said.progress, seconds=30.0, share=0.75).seconds_left == 10
    older = {key: value for key, value in good["progress"].items() if key != "rss_mb"}
    write_json(run.status, {**good, "progress": older})  # as it was told before memory was
    assert read_status(run.status).progress == dataclasses.replace(seen[-1], rss_mb=None)
    for spoilt in (
        {},
        {"activity": "asleep"},
        {"progress": None},
        {"progress": {**good["progress"], "seconds": None}},
        {"progress": {**good["progress"], "fault": 3}},
        {"progress": {**good["progress"], "share": "half"}},
        {"progress": {**good["progress"], "rss_mb": "much"}},
        {"progress": {"seconds": 1.0}},
        {"process": "1"},
        {"more": 1},
    ):
        write_json(run.status, {**good, **spoilt} if spoilt else {})
        assert read_status(run.status) is None
    run.status.write_bytes(b"\x00")
    assert read_status(run.status) is None
    assert open_run(str(run.path), tmp_path) == run


def test_the_log_is_bounded_but_has_room_for_the_last_words(tmp_path):
    log = TrainerLog(tmp_path / "trainer.log")
    for _ in range(2000):
        log.say("x" * 5000 + "\n")
    size = (tmp_path / "trainer.log").stat().st_size
    assert MAX_LOG_BYTES - 2000 < size <= MAX_LOG_BYTES
    log.traceback("Traceback\n" * 100_000)
    assert size < (tmp_path / "trainer.log").stat().st_size < 2 * MAX_LOG_BYTES
    TrainerLog(tmp_path / "nowhere" / "trainer.log").say("nobody listens")
