"""kill -9 at any moment: the run is resumed, and ends as if nothing had happened, bit for bit."""

import random
import shutil

import pytest
from nursery import Nursery
from remains import has_learnt, new_run, remains

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.checkpoint import checkpoints

SMALL_DQN = {"hidden": "16-16", "learning_starts": "100", "train_every": "32", "updates": "4", "batch": "16"}
SMALL_PPO = {"hidden": "16-16", "environments": "4", "rollout_steps": "32", "batch": "64", "epochs": "2"}
SELDOM = {"evaluate_every": "1000", "evaluate_episodes": "3"}
CASES = {
    "q-learning": ("cliffwalking", {"epsilon": "linear(0.3333333333, 0.01, 100)"}, 3, {"steps": 8_000}),
    "value-iteration": ("taxi", {"in_place": "true", "theta": "1e-12"}, 1, {}),
    "dqn": ("cartpole", {**SMALL_DQN, **SELDOM}, 1, {"steps": 4_000}),
    "ppo": ("lunarlander", {**SMALL_PPO, **SELDOM, "workers": "2"}, 1, {"steps": 3_000}),
}


@pytest.fixture(scope="module")
def nursery():
    with Nursery() as nursery:
        yield nursery


def of_case(algorithm, root, factor=1.0, **changed):
    scenario, settings, lanes, limits = CASES[algorithm]
    if scenario == "lunarlander":
        pytest.importorskip("Box2D")
    experiment = prepare_run(scenario, algorithm, settings | changed, seed=7, lanes=lanes)
    budget = budget_for(experiment, **{key: int(n * factor) for key, n in limits.items()})[0]
    return new_run(root, experiment, budget).path


def killed(nursery, path, moments, longest):
    """Let a run be killed up to `moments` times; how often it was before it came to its end."""
    for kill in range(moments):
        if not nursery.kill_after(random.uniform(0.001, longest), path, resume=kill > 0):
            return kill
    assert nursery.run(path, resume=True) == 0
    return moments


def check(nursery, tmp_path, algorithm, kills, factor=1.0, **changed):
    """Kill runs so many times all together; every one of them ends like the one that was left alone."""
    whole = of_case(algorithm, tmp_path, factor, **changed)
    assert nursery.run(whole) == 0
    expected = remains(whole)
    assert has_learnt(whole)
    seconds = expected_seconds(whole)
    while kills > 0:
        path = of_case(algorithm, tmp_path, factor, **changed)
        kills -= killed(nursery, path, min(kills, 10), seconds / 6)
        assert remains(path) == expected
        assert len(checkpoints(path)) <= 2
        shutil.rmtree(path)


def expected_seconds(path):
    from scenarios.runs.directory import open_run, read_result

    return read_result(open_run(str(path), path.parent)).wall_seconds


@pytest.mark.parametrize("algorithm", CASES)
def test_ten_kills_at_random_moments(nursery, tmp_path, algorithm):
    alone = {"workers": "0"} if algorithm == "ppo" else {}  # processes of its own take long to begin
    check(nursery, tmp_path, algorithm, kills=10, factor=0.5, **alone)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", CASES)
def test_a_hundred_kills_at_random_moments(nursery, tmp_path, algorithm):
    check(nursery, tmp_path, algorithm, kills=100, factor=4)


def test_a_kill_at_every_call_that_changes_the_disk(nursery, tmp_path):
    """A few events with a checkpoint after each; a kill may leave half of a write."""

    def new():
        experiment = prepare_run("cliffwalking", "sarsa", seed=7)
        return new_run(tmp_path, experiment, budget_for(experiment, steps=3)[0]).path

    whole = new()
    assert nursery.run(whole, every=True) == 0
    expected = remains(whole)
    n, code = 0, -9
    while code != 0:
        n += 1
        path = new()
        code = nursery.run(path, every=True, kill_at=n)
        assert code in (0, -9)
        assert len(checkpoints(path)) <= 3  # the third one is removed after the first is whole
        if code:
            assert nursery.run(path, every=True, resume=True) == 0
        assert remains(path) == expected
        shutil.rmtree(path)
    assert n > 25
