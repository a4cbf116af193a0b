"""Runs that learn in a process of their own, as the command line shows them: detach, follow, stop, go on, evaluate."""

import json
import os
import signal
import sys
import time

import pytest

from scenarios.experiment import prepare
from scenarios.runs import training
from scenarios.runs.budget import Budget
from scenarios.runs.control import Command, send
from scenarios.runs.directory import open_run
from scenarios.runs.files import exclusive_lock, lock_holder
from scenarios.runs.progress import write_status
from scenarios.runs.standing import overview
from scenarios.runs.trainer import wait
from scenarios.runs.training import open_training, train
from tui.__main__ import main
from tui.commands import attach

LONG = ["train", "cliffwalking", "--lanes", "5", "--episodes", "100000", "--seed", "3"]
NAME = "cliffwalking-q-learning-s3-001"


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "runs"))
    yield tmp_path / "runs"
    for path in (tmp_path / "runs").glob("*"):
        if process := lock_holder(path / "lock"):
            os.kill(process, signal.SIGKILL)


@pytest.fixture
def small(root):
    """A run that was stopped after 20 of its 60 updates."""
    experiment = prepare("cliffwalking", "q-learning", seed=3)
    budget = Budget(steps=60, episodes=100)
    run = open_training(experiment, budget, root)
    looks = iter(range(1000))
    train(experiment, budget, run, interrupted=lambda: next(looks) == 19)
    return run


def rltop(capsys, *arguments):
    """Run a command here; returns (exit code, stdout, stderr)."""
    code = main(arguments)
    return code, *capsys.readouterr()


def test_detached_followed_stopped_and_resumed(capsys, root):
    code, out, err = rltop(capsys, *LONG, "--detach")
    run = open_run(NAME, root)
    process = lock_holder(run.lock)
    assert (code, err) == (0, "")
    assert out == (
        f"{NAME} learns in process {process}\n  follow  rltop attach {run.path}\n  stop    rltop stop {run.path}\n"
    )
    code, out, _ = rltop(capsys, "ls")
    assert out.splitlines()[1].split()[:2] == [NAME, "running"]
    code, out, err = rltop(capsys, "resume", NAME)
    assert (code, out) == (2, "")
    assert f"is locked by process {process}; wait for it to end or stop it" in err
    code, out, err = rltop(capsys, "stop", NAME, "--json")
    stopped = json.loads(out)
    assert (code, stopped["status"], stopped["run"]) == (0, "stopped", str(run.path))
    code, out, _ = rltop(capsys, "resume", NAME, "--detach", "--json")
    begun = json.loads(out)
    assert (begun["status"], begun["process"]) == ("running", lock_holder(run.lock))
    assert begun["env_steps"] >= stopped["env_steps"] > 0
    os.kill(begun["process"], signal.SIGKILL)
    assert wait(run, 20)
    code, _, err = rltop(capsys, "attach", NAME)
    assert (code, err.count("\n")) == (1, 1)
    begins = f"rltop: the process of {NAME} has died: `rltop resume {NAME}` goes on from its newest checkpoint ("
    assert err.startswith(begins)
    assert overview(run)["status"] == "dead"


def test_a_trainer_that_cannot_begin_is_told(capsys, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    code, out, err = rltop(capsys, *LONG, "--detach")
    assert (code, out) == (2, "")
    assert "is not learning: its trainer ended before it began; trainer.log in it may say more" in err


def test_following_to_the_end(capsys, small):
    code, out, err = rltop(capsys, "attach", small.path.name)
    assert (code, err) == (0, "")
    assert out.startswith("stopped: Q-learning on Cliff walking\n")


def followed_on_a_terminal(terminal, run, then):
    """Follow a run on a terminal of its own and do something after a while; (exit code, all that was written)."""
    follower = terminal("attach", str(run.path), "--plain", columns=100, TERM="xterm")
    follower.read_until(b"steps/s")
    then(follower)
    return follower.end()[0], follower.sent.decode()


def test_leaving_it_lets_it_go_on(capsys, root, terminal):
    rltop(capsys, *LONG, "--detach")
    run = open_run(NAME, root)
    process = lock_holder(run.lock)
    code, written = followed_on_a_terminal(terminal, run, lambda follower: follower.process.send_signal(signal.SIGINT))
    assert code == 0
    assert written.endswith(f"{NAME} goes on: `rltop attach` follows it again, `rltop stop` ends it\r\n")
    assert lock_holder(run.lock) == process

    def stop(_):
        send(run.control, Command("pause"))
        while overview(run)["status"] != "paused":
            time.sleep(0.02)
        time.sleep(0.5)
        send(run.control, Command("stop"))

    code, written = followed_on_a_terminal(terminal, run, stop)
    assert code == 0
    assert "paused\r\n" in written
    assert "stopped: Q-learning on Cliff walking, 5 lanes\r\n" in written


def test_a_run_that_does_not_listen_is_given_up_waiting_for(capsys, small):
    with exclusive_lock(small.lock):
        code, out, err = rltop(capsys, "stop", small.path.name, "--timeout", "0")
    assert (code, out) == (1, "")
    assert f"still runs after 0 seconds: wait, or end process {os.getpid()} by kill {os.getpid()}" in err


def test_what_does_not_run_cannot_be_stopped(capsys, small):
    code, _, err = rltop(capsys, "stop", small.path.name)
    assert (code, err) == (2, f"rltop: {small.path.name} does not run: `rltop ls` shows how runs have ended\n")
    assert not small.control.exists()


def test_a_dead_run_is_not_stopped_but_resumed(capsys, tmp_path):
    run = open_training(prepare("cliffwalking", "q-learning"), Budget(episodes=1), tmp_path)  # nothing works on it
    code, _, err = rltop(capsys, "stop", str(run.path))
    begins = f"`rltop resume {run.path.name}` begins anew, as there is no checkpoint"
    assert (code, err) == (2, f"rltop: the process of {run.path.name} has died: {begins}\n")
    assert not run.control.exists()


def test_resuming_here_prints_the_result(capsys, small):
    code, out, err = rltop(capsys, "resume", small.path.name, "--json")
    assert (code, err) == (0, "")
    assert (json.loads(out)["status"], json.loads(out)["env_steps"]) == ("finished", 60)
    code, out, err = rltop(capsys, "resume", small.path.name)
    assert (code, out) == (2, "")
    assert "has ended: finished; start a new run with `rltop train`" in err


def test_another_version_is_a_warning(capsys, small, monkeypatch):
    monkeypatch.setattr("scenarios.runs.directory._version", lambda name: f"9.{name}")
    code, _, err = rltop(capsys, "resume", small.path.name)
    assert code == 0
    assert err.startswith("rltop: warning: the last bits may differ from an uninterrupted run: rltop was ")


def test_a_disk_that_is_full_at_the_end(capsys, small, monkeypatch):
    from scenarios.runs.files import RunError

    def full(path, tables):
        raise RunError(path, "is full", "free space")

    monkeypatch.setattr(training, "write_tables", full)
    code, out, err = rltop(capsys, "resume", small.path.name)
    assert (code, out) == (1, "")
    assert "tables.npz is full; free space" in err
    monkeypatch.undo()
    monkeypatch.setenv("RLTOP_RUNS", str(small.path.parent))
    assert rltop(capsys, "resume", small.path.name)[0] == 0


def test_a_progress_that_is_told_is_shown(capsys, small, monkeypatch):
    """What another process says is followed: paused, and a disk that is full."""
    said = []
    train(prepare("cliffwalking", "sarsa"), Budget(steps=9, episodes=9), new_run(small.path.parent), said.append)
    told = iter([("running", {}), ("paused", {}), ("running", {"unkept": "the disk is full"}), ("running", {})])

    def look(_):
        found = next(told, None)
        if found is None:
            raise KeyboardInterrupt
        write_status(small.status, found[0], 20, said[-1].__class__(**{**vars(said[-1]), **found[1]}))

    monkeypatch.setattr(attach.time, "sleep", look)
    with exclusive_lock(small.lock):
        code, out, err = rltop(capsys, "attach", small.path.name)
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "paused",
        "goes on",
        "no checkpoint: the disk is full",
        "checkpoints are written again",
        f"{small.path.name} goes on: `rltop attach` follows it again, `rltop stop` ends it",
    ]


def new_run(root):
    return open_training(prepare("cliffwalking", "sarsa"), Budget(steps=9, episodes=9), root)


# ── evaluation ───────────────────────────────────────────────────────────────────────────────────────────


def test_evaluating_a_tabular_run(capsys, root):
    for algorithm, episodes in (("q-learning", "500"), ("value-iteration", None)):
        limits = ["--episodes", episodes] if episodes else []
        name = json.loads(rltop(capsys, "train", "cliffwalking", "--algorithm", algorithm, *limits, "--json")[1])["run"]
        code, out, err = rltop(capsys, "eval", name, "--episodes", "7", "--seed", "5", "--json")
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert found == {
            "run": name,
            "checkpoint": "last",
            "episodes": 7,
            "seed": 5,
            "returns": [-13.0] * 7,
            "mean": -13.0,
            "std": 0.0,
            "ci95": [-13.0, -13.0],
            "lengths": [13] * 7,
        }


def test_a_slippery_world_is_evaluated_by_chance(capsys):
    made = rltop(capsys, "train", "frozenlake", "--algorithm", "value-iteration", "--json")[1]
    name, exact = json.loads(made)["run"], json.loads(made)["eval_mean"]
    first, again, other = (
        json.loads(rltop(capsys, "eval", name, "--episodes", "2000", "--seed", seed, "--json")[1])
        for seed in ("1", "1", "2")
    )
    assert first == again != other
    low, high = first["ci95"]
    assert low < first["mean"] < high
    assert abs(first["mean"] - exact) < 4 * first["std"] / 2000**0.5
    assert set(first["returns"]) == {0.0, 1.0}
    code, out, _ = rltop(capsys, "eval", name, "--episodes", "1")
    assert code == 0
    assert "95 %" not in out
    assert out.endswith("over 1 greedy episodes of the last policy\n")


def test_a_greedy_policy_that_goes_round_in_circles_is_left(capsys):
    name = json.loads(rltop(capsys, "train", "cliffwalking", "--steps", "1", "--json")[1])["run"]
    found = json.loads(rltop(capsys, "eval", name, "--episodes", "3", "--json")[1])
    assert max(found["lengths"]) <= 10 * 48 + 1000


def test_evaluating_a_deep_run(capsys):
    settings = ["hidden=8", "learning_starts=50", "evaluate_every=100", "evaluate_episodes=2"]
    options = [part for setting in settings for part in ("--set", setting)]
    made = json.loads(rltop(capsys, "train", "cartpole", "--steps", "300", *options, "--json")[1])
    best, again, last = (
        json.loads(rltop(capsys, "eval", made["run"], "--episodes", "5", "--json", *which)[1])
        for which in ((), ("--checkpoint", "best"), ("--checkpoint", "last"))
    )
    assert best == again
    assert (best["checkpoint"], last["checkpoint"]) == ("best", "last")
    assert best["lengths"] == best["returns"]
    os.unlink(os.path.join(made["run"], "best.npz"))
    code, _, err = rltop(capsys, "eval", made["run"])
    assert code == 2
    assert "best.npz is not there: no greedy evaluation has been held yet; use --checkpoint last" in err


def test_nothing_to_evaluate_yet(capsys, root):
    run = new_run(root)
    code, _, err = rltop(capsys, "eval", run.path.name)
    assert code == 2
    assert "has no checkpoint yet; wait for one" in err
