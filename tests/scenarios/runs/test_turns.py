"""Trainers that take turns: only so many learn at a time, and one that waits is seen and can be told to stop."""

import os
import signal
import time

import pytest

from scenarios.experiment import prepare
from scenarios.runs import turns
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.directory import read_result
from scenarios.runs.files import RunError, exclusive_lock, lock_holder
from scenarios.runs.standing import overview
from scenarios.runs.trainer import start, wait
from scenarios.runs.training import open_training
from scenarios.runs.turns import FOLDER, places_here, turn


def new_run(root, episodes=10):
    experiment = prepare("cliffwalking", "q-learning", seed=3)
    return open_training(experiment, budget_for(experiment, episodes=episodes)[0], root)


def never():
    return False


def no_waiting():
    raise AssertionError("there is a place")


@pytest.fixture
def runs(tmp_path):
    found = []

    def make(**limits):
        found.append(new_run(tmp_path, **limits))
        return found[-1]

    yield make
    for run in found:
        if process := lock_holder(run.lock):
            os.kill(process, signal.SIGKILL)


def test_there_is_a_place_for_every_core():
    assert 1 <= places_here() <= os.cpu_count()


def test_places_are_taken_and_given_back(runs, monkeypatch):
    monkeypatch.setattr(turns, "LOOK_SECONDS", 0.0)
    first, second, third = runs(), runs(), runs()
    waited = []
    with turn(first, 2, no_waiting, never):
        with turn(second, 2, no_waiting, never):
            looks = iter([False, False, True])
            with (
                exclusive_lock(third.lock),
                turn(third, 2, lambda: waited.append(overview(third)["status"]), lambda: next(looks)),
            ):
                assert waited == ["waiting"]
        with turn(third, 2, no_waiting, never):
            pass


def test_one_that_waits_gets_a_place_as_soon_as_there_is_one(runs, monkeypatch):
    monkeypatch.setattr(turns, "LOOK_SECONDS", 0.0)
    first, second = runs(), runs()
    mine = turn(first, 1, no_waiting, never)
    mine.__enter__()
    looks = 0

    def look():
        nonlocal looks
        looks += 1
        if looks == 3:
            mine.__exit__(None, None, None)
        assert looks < 10
        return False

    with turn(second, 1, lambda: None, look):
        assert looks == 3


def test_one_that_waits_is_told_to_stop(runs, monkeypatch):
    monkeypatch.setattr(turns, "LOOK_SECONDS", 0.0)
    first, second = runs(), runs()
    second.control.write_bytes(b"nonsense\n")
    told = []

    def waits():
        send(second.control, Command("stop"))
        told.append("stop")

    with turn(first, 1, no_waiting, never), turn(second, 1, waits, never):
        assert told == ["stop"]


def test_a_folder_that_cannot_be_used_is_a_sentence(runs):
    run = runs()
    (run.path.parent / FOLDER).write_text("")
    with pytest.raises(RunError, match="cannot be used to take turns"), turn(run, 1, None, never):
        pass


def test_trainers_wait_and_stop(runs):
    """Two trainers and one place: the second waits, is told to stop, and ends as a run that was stopped."""
    first, second = runs(episodes=10**6), runs(episodes=10**6)
    start(first, places=1)
    process = start(second, places=1)
    found = overview(second)
    assert (found["status"], found["process"], found["env_steps"]) == ("waiting", process, 0)
    send(second.control, Command("stop"))
    assert wait(second, 20)
    assert read_result(second).status == "stopped"
    assert overview(first)["status"] == "running"
    send(first.control, Command("stop"))
    assert wait(first, 20)


def test_a_killed_trainer_leaves_its_place(runs):
    first, second = runs(episodes=10**6), runs()
    process = start(first, places=1)
    start(second, places=1)
    assert overview(second)["status"] == "waiting"
    os.kill(process, signal.SIGKILL)
    patience = time.monotonic() + 20
    while read_result(second) is None:
        assert time.monotonic() < patience
        time.sleep(0.02)
    assert read_result(second).status == "finished"
