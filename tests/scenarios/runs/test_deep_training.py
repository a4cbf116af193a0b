"""DQN through the loop: it learns, it is told when it diverges, and what cannot be run is refused with a sentence."""

import json

import numpy as np
import pytest

from scenarios.configuration import SettingError
from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.evaluation import evaluate
from scenarios.runs.inspection import inspect
from scenarios.runs.learners import DeepLearner
from scenarios.runs.metrics import METRICS
from scenarios.runs.tables import read_tables
from scenarios.runs.tfevents import read_scalars
from scenarios.runs.training import open_training, train
from scenarios.worlds.errors import WorldError

QUICK = {
    "hidden": "32-32",
    "n_step": "3",
    "learning_rate": "2e-3",
    "epsilon": "linear(1, 0.05, 1500)",
    "learning_starts": "500",
    "train_every": "64",
    "updates": "32",
    "target_every": "64",
    "evaluate_every": "500",
    "evaluate_episodes": "5",
}


def learn(tmp_path, experiment, steps):
    budget, _ = budget_for(experiment, steps)
    run = open_training(experiment, budget, tmp_path)
    return run, train(experiment, budget, run)


def test_three_thousand_steps_of_cart_pole_teach_it_something(tmp_path):
    """An untrained policy falls after 9 or 10 steps; balancing for 60 is no accident."""
    experiment = prepare_run("cartpole", "dqn", QUICK, seed=1)
    run, result = learn(tmp_path, experiment, 3000)
    assert (result.status, result.env_steps) in (("finished", 3000), ("solved", 3000))
    assert result.eval_mean > 60
    curves = read_scalars(run.events)
    assert set(curves) <= {metric.name for metric in METRICS}
    assert {"loss/value", "value/td_error", "update/gradient_norm", "evaluation/return"} <= set(curves)
    assert curves["evaluation/return"].steps.tolist() == list(range(500, 3001, 500))
    assert curves["evaluation/return"].values.max() == pytest.approx(result.eval_mean)
    assert curves["evaluation/return"].values[0] < 60
    kept = read_tables(run.tables)
    assert kept["episode_return_lanes"].shape == (result.episodes, 1)
    assert kept["episode_length_lanes"].sum() <= 3000
    assert result.return_mean == pytest.approx(kept["episode_return_lanes"][-100:].mean())
    found = inspect(run)
    assert (found["v"], found["policy"], found["sweeps"]) == (None, None, None)
    assert len(found["episode_return"]) == result.episodes
    json.dumps(found, allow_nan=False)


def test_it_ends_when_it_is_solved(tmp_path):
    """Where every return counts as solved, the second evaluation ends it."""
    easy = {**QUICK, "sutton_barto_reward": "true", "evaluations_solved": "2", "evaluate_every": "100"}
    experiment = prepare_run("cartpole", "dqn", easy, seed=1)
    learner = DeepLearner(experiment, budget_for(experiment, 1000)[0])
    learner.evaluations.needed = -1.0
    ending = None
    for event in learner.events():
        if ending := learner.take_in(event):
            break
    assert (ending.status, learner.log.env_steps) == ("finished", 200)
    assert learner.verdict(ending).status == "solved"
    assert learner.verdict(ending).eval_mean == -1.0


@pytest.mark.parametrize("what", ["reward", "weights"])
@np.errstate(invalid="ignore", over="ignore")
def test_divergence_ends_within_one_update(what):
    experiment = prepare_run("cartpole", "dqn", {**QUICK, "evaluate_every": "100"}, seed=1)
    learner = DeepLearner(experiment, budget_for(experiment, 3000)[0])
    for event in learner.events():
        ending = learner.take_in(event)
        if ending:
            break
        if learner.log.env_steps == 1000:
            best = {name: weights.copy() for name, weights in learner.evaluations.best.items()}
            if what == "reward":
                learner.state.replay.r[...] = np.nan
            else:
                learner.state.q.vector.values[3] = np.inf
    assert (ending.status, learner.log.env_steps) == ("diverged", 1024)
    assert "after 1,024 steps" in ending.message
    verdict = learner.verdict(ending)
    assert (verdict.status, np.isfinite(verdict.eval_mean)) == ("diverged", True)
    assert all(np.array_equal(best[name], weights) for name, weights in learner.evaluations.best.items())


@pytest.mark.parametrize(
    ("arguments", "settings", "error", "complaint"),
    [
        ((None, "dqn"), {}, SettingError, "name a scenario, or an environment of gymnasium"),
        (("cartpole", "q-learning"), {}, SettingError, "cartpole has no algorithm 'q-learning': choose one of dqn"),
        (("cartpole", "dqn"), {"batchs": "3"}, SettingError, "there is no setting 'batchs': did you mean 'batch'"),
        (("cartpole", "dqn"), {"batch": "3e2"}, SettingError, "batch: expected a whole number, got '3e2'"),
        (
            ("cartpole", "dqn"),
            {"batch": "64", "replay_size": "32"},
            SettingError,
            "replay_size must hold a batch of 64",
        ),
        (("cartpole", "dqn"), {"learning_rate": "-1e-3"}, SettingError, "learning_rate must be in"),
        (("cartpole", "dqn"), {"epsilon": "linear(1, 2, 5)"}, SettingError, "epsilon must be in"),
        (("cartpole", "dqn"), {"evaluate_every": "0"}, SettingError, "evaluate_every must be in"),
        (("cartpole", "dqn"), {"loss": "abs"}, SettingError, "loss must be one of huber, squared, got 'abs'"),
        (("cartpol", "dqn"), {}, SettingError, "did you mean 'cartpole'"),
    ],
)
def test_what_cannot_be_is_refused(arguments, settings, error, complaint):
    with pytest.raises(error, match=complaint):
        prepare_run(*arguments, settings)


@pytest.mark.parametrize(
    ("environment", "complaint"),
    [
        ("NoSuch-v0", "no environment 'NoSuch-v0'"),
        ("os:CartPole-v1", "without a module"),
        ("Pendulum-v1", "continuous .Box. actions here, and dqn needs Discrete ones"),
        ("Taxi-v4", r"observes Discrete\(500\): only vectors of numbers"),
        ("FrozenLake-v1", "observes Discrete"),
        ("", "no environment"),
    ],
)
def test_environments_that_do_not_fit_are_refused(environment, complaint):
    with pytest.raises(WorldError, match=complaint):
        prepare_run(None, "dqn", environment=environment)


@pytest.mark.parametrize(
    ("environment", "algorithms"), [("Pendulum-v1", ("ppo",)), ("CartPole-v1", ("dqn", "ppo")), ("pendulum", ("ppo",))]
)
def test_an_environments_own_algorithm_fits_its_actions(environment, algorithms, monkeypatch):
    monkeypatch.setattr("scenarios.catalog.environment._continuous", {})  # as in a process that has made none
    world = {"environment": environment} if "-v" in environment else {"scenario": environment}
    experiment = prepare_run(**{"scenario": None} | world)
    assert (experiment.algorithm.name, experiment.scenario.algorithms) == (algorithms[0], algorithms)
    if "dqn" not in algorithms:
        with pytest.raises(WorldError, match="actions here, and dqn needs Discrete ones: choose --algorithm ppo"):
            prepare_run(**{"scenario": None, "algorithm": "dqn"} | world)


def test_any_environment_that_fits_runs(tmp_path):
    settings = {**QUICK, "hidden": "8", "evaluate_episodes": "1"}
    experiment = prepare_run(None, "dqn", settings, environment="MountainCar-v0", seed=2)
    run, result = learn(tmp_path, experiment, 700)
    assert (run.manifest.scenario, result.status, result.return_mean) == ("MountainCar-v0", "finished", -200.0)
    assert experiment.scenario.solved(experiment.world_config).greedy_return == -110
    assert prepare_run(None, environment="CartPole-v1").scenario.algorithms[0] == "dqn"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 11))
def test_cart_pole_is_learnt_on_every_seed(seed, tmp_path):
    """The best checkpoint balances for 475 of 500 steps, on average over 100 episodes it has never seen."""
    experiment = prepare_run("cartpole", "dqn", seed=seed)
    learner = DeepLearner(experiment, budget_for(experiment)[0])
    for event in learner.events():
        if learner.take_in(event):
            break
    state = experiment.initial_state()
    experiment.algorithm.load_parameters(state, learner.evaluations.best)
    returns, _ = evaluate(experiment, lambda obs: experiment.greedy(state, obs), 100, 10_000)
    assert returns.mean() >= 475
