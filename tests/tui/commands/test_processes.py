"""rltop as a process: signals, pipes, terminals."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

RLTOP = [sys.executable, "-m", "tui"]
LONG = ["train", "cliffwalking", "--lanes", "50", "--episodes", "100000", "--json"]
SLOW = pytest.mark.slow


@pytest.fixture(autouse=True)
def _runs(tmp_path, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def wait_for(path, seconds=20):
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path} never came"
        time.sleep(0.02)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_is_kept(tmp_path, number, code):
    process = subprocess.Popen([*RLTOP, *LONG], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    run = tmp_path / "runs" / "cliffwalking-q-learning-s0-001"
    wait_for(run / "events.out.tfevents.rltop")
    time.sleep(0.3)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (code, "")
    result = json.loads(out)
    assert result["status"] == "stopped"
    assert result["env_steps"] > 0
    inspected = subprocess.run([*RLTOP, "inspect", str(run), "--json"], capture_output=True, text=True, check=True)
    found = json.loads(inspected.stdout)
    assert (found["status"], found["env_steps"]) == ("stopped", result["env_steps"])
    assert min(value for row in found["q"] for value in row) < -1


def test_a_reader_that_has_seen_enough():
    process = subprocess.Popen([*RLTOP, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert (process.stderr.read(), process.wait(20)) == ("", 0)
    process.stderr.close()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no device that is always full")
def test_an_output_that_is_full():
    with open("/dev/full", "w") as full:
        done = subprocess.run([*RLTOP, "list"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "rltop: the output cannot be written (No space left on device): check where it goes\n"


def test_nobody_listening_does_not_stop_a_run():
    process = subprocess.Popen([*RLTOP, "train", "gridworld"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stderr.close()
    assert b"solved" in process.stdout.read()
    process.stdout.close()
    assert process.wait(20) == 0


def test_nobody_listening_to_a_refusal():
    process = subprocess.Popen([*RLTOP, "train", "nothing"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stderr.close()
    assert process.wait(20) == 2


def test_no_streams_at_all():
    line = f"exec {sys.executable} -m tui list <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", line], check=False).returncode == 0


def test_an_output_that_knows_no_greek():
    settings = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*RLTOP, "list", "cliffwalking"], env=settings, capture_output=True, text=True, check=True)
    assert "Discount ? in [0, 1]" in done.stdout


def test_plain_text_where_there_is_no_terminal():
    done = subprocess.run([*RLTOP, "train", "gridworld"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("solved: Policy evaluation on Gridworld\n")
    assert done.stdout.isascii()
    assert done.stderr == ""


def train_on(terminal, **options):
    """Everything that a run writes to its terminal."""
    app = terminal("train", "cliffwalking", "--episodes", "1000", **options)
    assert app.end(within=30)[0] == 0
    return app.sent.decode()


def test_progress_on_a_terminal_is_one_line_that_updates_itself(terminal):
    written = train_on(terminal, columns=60)
    progress, _, rest = written.rpartition("\r ")
    assert len(re.findall(r"\r *\d+%  \d", progress)) >= 2
    assert "steps/s" in progress
    assert "\n" not in progress
    assert max(map(len, progress.split("\r"))) < 60
    assert "return" in rest
    assert "\x1b" not in written


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, pytest.param({"TERM": "dumb"}, marks=SLOW)])
def test_no_updating_line_where_it_is_not_wanted(terminal, environment):
    written = train_on(terminal, **environment)
    assert "%" not in written
    assert "\r" not in written.replace("\r\n", "\n")
