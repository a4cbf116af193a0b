"""Whatever happens to the screen that watches a run, the run does not notice, and the terminal is left as it was."""

import os
import random
import signal
import time

import pytest
from pseudoterminal import ENTERED, Pseudoterminal

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.directory import read_result
from scenarios.runs.files import lock_holder
from scenarios.runs.trainer import start, wait
from scenarios.runs.training import open_training

# an interrupt takes leave of the run, which is no failure
SIGNALS = {signal.SIGHUP: 129, signal.SIGTERM: 143, signal.SIGINT: 0, signal.SIGKILL: -9}
WAYS = ("close", *SIGNALS)
WITHIN = 2.0  # seconds
STEPS = 3_000


def new_run(root, steps):
    experiment = prepare_run("cartpole", "dqn", {"evaluations_solved": 0, "evaluate_every": 10**9}, seed=5)
    return open_training(experiment, budget_for(experiment, steps)[0], root)


def end_by(terminal, way):
    """End the app in some way; the exit code and the seconds it took."""
    began = time.monotonic()
    if way == "close":
        os.close(terminal.slave)
        os.close(terminal.master)  # the kernel sends SIGHUP
        code = terminal.process.wait(10)
        terminal.master, terminal.slave = os.openpty()
        return code, time.monotonic() - began
    return terminal.end(way)


def watch_and_die(terminal_of, run, way, chance):
    """Attach to a run, press some keys that only look, and end at a random moment."""
    terminal = terminal_of("attach", str(run.path), columns=chance.randint(60, 160), rows=chance.randint(18, 50))
    begun = bool(chance.randrange(5))  # some die before they have drawn anything
    if begun:
        terminal.read_until(ENTERED)
        terminal.read(chance.random())
        terminal.type(bytes(chance.choices(b"\t\tmM?zv[]", k=4)))
        terminal.read(chance.random() / 2)
    code, took = end_by(terminal, way)
    assert took < WITHIN
    if begun:
        assert code == (129 if way == "close" else SIGNALS[way]), bytes(terminal.sent[-1500:])
        if way not in ("close", signal.SIGKILL):
            assert terminal.is_restored()
            assert b"Traceback" not in terminal.sent
    terminal.close()


def finished_alone(root, steps):
    """The result of the same run, which nobody has watched."""
    alone = new_run(root, steps)
    start(alone)
    assert wait(alone, 600)
    return read_result(alone)


def assert_same(ours, theirs):
    assert theirs.state_sha256 is not None
    assert theirs.status in ("finished", "solved")
    assert (ours.state_sha256, ours.env_steps) == (theirs.state_sha256, theirs.env_steps)


def test_a_run_does_not_notice_how_its_watchers_end(tmp_path):
    """It learns a little while each of them looks, and stands still between, to save time."""
    chance, run = random.Random(1), new_run(tmp_path / "runs", STEPS)
    send(run.control, Command("pause"))
    start(run)
    commands = run.control.read_bytes()
    for way in ("close", signal.SIGTERM, signal.SIGKILL):
        send(run.control, Command("step", n=STEPS // 6))
        commands += run.control.read_bytes()[len(commands) :]
        watch_and_die(lambda *a, **o: Pseudoterminal(tmp_path, *a, **o), run, way, chance)
        assert lock_holder(run.lock) is not None
        assert run.control.read_bytes() == commands
    send(run.control, Command("resume"))
    assert wait(run, 60)
    assert_same(read_result(run), finished_alone(tmp_path / "alone", STEPS))


@pytest.mark.slow
def test_a_run_does_not_notice_how_a_hundred_watchers_end(tmp_path):
    chance, steps = random.Random(100), 250_000
    run = new_run(tmp_path / "runs", steps)
    start(run)
    for number in range(100):
        watch_and_die(lambda *a, **o: Pseudoterminal(tmp_path, *a, **o), run, WAYS[number % len(WAYS)], chance)
    assert not run.control.exists()
    assert wait(run, 600)
    assert_same(read_result(run), finished_alone(tmp_path / "alone", steps))
