"""The same seed gives the same bits: in another process, watched or not, paused and resumed, whatever the hash seed."""

import time

import pytest
from nursery import Nursery
from remains import has_learnt, new_run, remains
from test_kill import CASES, of_case

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.directory import open_run, read_result
from scenarios.runs.following import RunFollower
from scenarios.runs.inspection import inspect
from scenarios.runs.progress import read_status
from scenarios.runs.standing import overview

WATCHED = [
    Command("evaluate"),
    Command("step", n=3),
    Command("checkpoint"),
    Command("set", key="no such thing", value="1"),
    Command("step", n=2),
    Command("resume"),
]


@pytest.fixture(scope="module")
def nursery():
    with Nursery(hash_seed="4711") as nursery:
        yield nursery


def in_this_process(algorithm, root):
    """What is left of a run when this very process learns, and nobody looks."""
    from scenarios.runs.resume import experiment_of
    from scenarios.runs.training import train

    path = of_case(algorithm, root)
    run = open_run(str(path), root)
    train(*experiment_of(run), run)
    assert has_learnt(path)
    return remains(path)


@pytest.mark.parametrize("algorithm", CASES)
def test_the_same_bits_in_another_process_with_a_client(nursery, tmp_path, algorithm):
    """A client that looks at everything, tells it to pause, step, evaluate and go on, and talks nonsense."""
    path = of_case(algorithm, tmp_path)
    run, answered = open_run(str(path), tmp_path), 0
    send(run.control, Command("pause"))
    nursery.begin(path)
    while not run.events.exists():
        time.sleep(0.005)
    follower = RunFollower(run)
    for command in WATCHED:
        with open(run.control, "ab") as file:
            file.write(b"\xffnonsense\n")
        send(run.control, command)
        for _ in range(3):
            answered += read_status(run.status) is not None
            overview(run)
            inspect(run)
            follower.poll()
            time.sleep(0.01)
    assert nursery.end() == 0
    assert remains(path) == in_this_process(algorithm, tmp_path / "here")
    assert answered
    assert "nonsense" in run.log.read_text()


def test_another_seed_gives_other_bits(tmp_path):
    from scenarios.runs.training import train

    digests = set()
    for seed in (7, 8):
        experiment = prepare_run("cliffwalking", "q-learning", seed=seed, lanes=3)
        budget = budget_for(experiment, steps=500)[0]
        run = new_run(tmp_path, experiment, budget)
        digests.add(train(experiment, budget, run).state_sha256)
        assert read_result(run).state_sha256 in digests
    assert len(digests) == 2
