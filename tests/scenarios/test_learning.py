"""Deep agents solve their tasks: minutes of learning, so before a release only. Means over seeds, never one seed."""

import statistics

import pytest

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.training import open_training, train
from scenarios.runs.trials import evaluate_run


def learnt(scenario, algorithm, seed, root, **settings):
    """Mean return of the best policy of a run over 100 episodes it was neither trained on nor chosen by."""
    experiment = prepare_run(scenario, algorithm, settings, seed=seed)
    budget, _ = budget_for(experiment)
    run = open_training(experiment, budget, root)
    result = train(experiment, budget, run)
    assert result.status in ("solved", "finished")
    return evaluate_run(run, 100, 10_000)["mean"]


@pytest.mark.slow
def test_ppo_balances_the_pole(tmp_path):
    assert statistics.mean(learnt("cartpole", "ppo", seed, tmp_path) for seed in (1, 2, 3)) > 495


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["dqn", "ppo"])
def test_acrobot_swings_up(algorithm, tmp_path):
    returns = [learnt("acrobot", algorithm, seed, tmp_path) for seed in (1, 2)]
    assert statistics.mean(returns) > -95
    assert min(returns) > -100


@pytest.mark.slow
def test_dqn_lands(tmp_path):
    pytest.importorskip("Box2D")
    assert statistics.mean(learnt("lunarlander", "dqn", seed, tmp_path) for seed in (1, 2)) > 200


@pytest.mark.slow
@pytest.mark.parametrize("continuous", ["false", "true"])
def test_ppo_lands(continuous, tmp_path):
    pytest.importorskip("Box2D")
    returns = [learnt("lunarlander", "ppo", seed, tmp_path, continuous=continuous) for seed in (1, 2)]
    assert statistics.mean(returns) > 240
    assert min(returns) > 200


@pytest.mark.slow
def test_ppo_swings_up(tmp_path):
    """A pendulum that only hangs loses about 1,200 in an episode."""
    assert statistics.mean(learnt("pendulum", "ppo", seed, tmp_path) for seed in (1, 2)) > -220
