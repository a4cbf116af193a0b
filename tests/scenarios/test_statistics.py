"""Learning curves against the book's experiments, rerun independently: means within four standard errors.

The references are the means and the spread of 2,000 independent runs: Sutton & Barto (2018), example 6.6 (the cliff)
and example 6.5 (the windy gridworld).
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from scenarios.experiment import prepare
from scenarios.runs.budget import budget_for
from scenarios.runs.tables import read_tables
from scenarios.runs.training import open_training, train

DATA = Path(__file__).parent.parent / "data"
LANES = 200


def reference(name):
    return json.loads((DATA / f"{name}.json").read_text())["expected"]


def learn(tmp_path, scenario, algorithm, settings, **limits):
    """The returns and lengths of every episode of a headless run. [E, L] each"""
    experiment = prepare(scenario, algorithm, settings, seed=1, lanes=LANES)
    budget = budget_for(experiment, **limits)[0]
    run = open_training(experiment, budget, tmp_path)
    train(experiment, budget, run)
    kept = read_tables(run.tables)
    return kept["episode_return_lanes"], kept["episode_length_lanes"]


def check(of_each_lane, mean, sd):
    assert len(of_each_lane) == LANES
    assert abs(np.mean(of_each_lane) - mean) < 4 * sd / math.sqrt(LANES)


SLOWER = [pytest.param(name, marks=pytest.mark.slow) for name in ("expected-sarsa", "double-q-learning")]


@pytest.mark.parametrize("algorithm", ["q-learning", "sarsa", *SLOWER])
def test_the_cliff(tmp_path, algorithm):
    expected = reference("sb_ex6_6_cliff_walking_online_returns")[f"{algorithm.replace('-', '_')}|alpha=0.5|eps=0.1"]
    returns, _ = learn(tmp_path, "cliffwalking", algorithm, {"alpha": "0.5", "epsilon": "0.1"}, episodes=500)
    assert returns.shape == (500, LANES)
    for first, last in ((50, 100), (100, 500), (400, 500)):
        known = expected[f"episodes_{first}_{last}"]
        check(returns[first:last].mean(axis=0), known["mean"], known["sd_of_run_means"])


def test_the_wind(tmp_path):
    expected = reference("sb_ex6_5_windy_gridworld_sarsa")
    settings = {"world": "windy", "alpha": "0.5", "epsilon": "0.1"}
    returns, lengths = learn(tmp_path, "gridworld", "sarsa", settings, steps=8000)
    finished = (lengths > 0).sum(axis=0)  # [L]
    known = expected["episodes_completed_by_8000_steps"]
    check(finished, known["mean"], known["sd"])
    known = expected["mean_length_last_20_episodes"]
    recent = [lengths[end - 20 : end, lane].mean() for lane, end in enumerate(finished)]
    check(recent, known["mean"], known["sd"])
    assert np.array_equal(np.nan_to_num(returns), -lengths)  # every step costs 1
    for steps, mean in expected["episodes_completed_by"].items():
        ended = np.where(lengths > 0, lengths.cumsum(axis=0), np.inf) <= int(steps)
        assert abs(ended.sum(axis=0).mean() - mean) < 0.1 * mean
