"""Greedy evaluation: the same as playing the episodes one by one, and what is made of one evaluation after another."""

import gymnasium
import numpy as np
import pytest

from algorithms.contract import dump
from engine.randomness import generator, spawn
from scenarios.experiment import prepare_run
from scenarios.runs import evaluation
from scenarios.runs.evaluation import OTHER_SEEDS, Evaluations, evaluate
from tests.algorithms.test_dqn import same

SMALL = {"hidden": "8", "evaluate_episodes": "3", "evaluate_every": "100"}


def cartpole(**settings):
    return prepare_run("cartpole", "dqn", {**SMALL, **settings}, seed=1)


def upright(obs):
    """Push to where the pole falls."""
    return (obs[:, 2] + obs[:, 3] > 0).astype(np.intp)


def played_alone(environment_id, policy, episodes, seed):
    """Every episode in an environment of its own, with all of gymnasium's wrappers."""
    for rng in spawn(generator(seed), episodes):
        environment = gymnasium.make(environment_id)
        environment.reset(seed=0)
        environment.unwrapped.np_random = rng
        obs, _ = environment.reset()
        total, length, ended = 0.0, 0, False
        while not ended:
            obs, r, terminated, truncated, _ = environment.step(policy(obs[None])[0])
            total, length, ended = total + r, length + 1, terminated or truncated
        yield total, length


@pytest.mark.parametrize(
    ("environment_id", "policy"),
    [
        ("CartPole-v1", upright),
        ("CartPole-v1", lambda obs: np.zeros(len(obs), np.intp)),
        ("Acrobot-v1", lambda obs: 2 * (obs[:, 4] > 0)),
    ],
    ids=["upright", "left", "acrobot"],
)
def test_the_same_as_one_episode_after_the_other(environment_id, policy):
    experiment = prepare_run(None, "dqn", environment=environment_id)
    returns, lengths = evaluate(experiment, policy, 5, 7)
    expected = list(played_alone(environment_id, policy, 5, 7))
    assert returns.tolist() == [total for total, _ in expected]
    assert lengths.tolist() == [length for _, length in expected]


def test_a_continuous_action_is_clipped():
    experiment = prepare_run(None, "ppo", environment="Pendulum-v1")
    strong, allowed = (
        evaluate(experiment, lambda obs, a=a: np.full((len(obs), 1), a, np.float32), 3, 1)[0] for a in (50.0, 2.0)
    )
    assert np.array_equal(strong, allowed)


def test_episodes_do_not_depend_on_how_many_are_played_at_once(monkeypatch):
    whole = evaluate(cartpole(), upright, 11, 3)
    monkeypatch.setattr(evaluation, "SIDE_BY_SIDE", 4)
    waves = evaluate(cartpole(), upright, 11, 3)
    assert same(whole, waves)
    assert same(evaluate(cartpole(), upright, 6, 3)[0], whole[0][:6])
    assert not same(evaluate(cartpole(), upright, 11, 4), whole)


def test_an_episode_that_never_ends_is_cut(monkeypatch):
    monkeypatch.setattr(evaluation, "ENDLESS_STEPS", 30)
    gymnasium.register("Endless-v0", "gymnasium.envs.classic_control:PendulumEnv")
    try:
        experiment = prepare_run(None, "ppo", environment="Endless-v0")
        _, lengths = evaluate(experiment, lambda obs: np.zeros((len(obs), 1), np.float32), 2, 1)
    finally:
        del gymnasium.registry["Endless-v0"]
    assert lengths.tolist() == [30, 30]


# one after another


class Judged(Evaluations):
    """Evaluations whose outcome is known beforehand."""

    def __init__(self, experiment, *means):
        super().__init__(experiment)
        self.means = iter(means)

    def try_out(self, state):
        return next(self.means), 0.0


def test_the_best_is_kept_and_the_later_of_equals():
    experiment = cartpole()
    state = experiment.initial_state()
    judged = Judged(experiment, 100, 300, 300, 200)
    for step in (100, 200, 300, 400):
        state.q.vector.values[...] = step
        assert judged.hold(state, step)["evaluation/return"] == judged.mean
    assert (judged.best_mean, judged.best_step, judged.mean) == (300, 300, 200)
    assert all((weights == 300).all() for weights in judged.best.values())


def test_so_many_in_a_row_settle_it():
    judged = Judged(cartpole(evaluations_solved="2"), 480, 100, 475, 475, 474.9)
    verdicts = []
    for step in (100, 200, 300, 400, 500):
        judged.hold(judged.experiment.initial_state(), step)
        verdicts.append((judged.solved, judged.settled))
    assert verdicts == [(True, False), (True, False), (True, False), (True, True), (True, False)]
    never = Judged(cartpole(evaluations_solved="0"), *[500] * 9)
    for step in range(9):
        never.hold(never.experiment.initial_state(), step)
    assert (never.solved, never.settled) == (True, False)


def test_when_the_next_one_is_due():
    judged = Judged(cartpole(), 1, 1)
    assert [judged.due(step) for step in (99, 100, 101)] == [False, True, True]
    judged.hold(judged.experiment.initial_state(), 250)
    assert [judged.due(step) for step in (250, 299, 300)] == [False, False, True]


def test_evaluating_changes_nothing_but_what_is_remembered():
    experiment = cartpole()
    state, again = experiment.initial_state(), experiment.initial_state()
    for _ in zip(range(60), experiment.resume(state), experiment.resume(again), strict=False):
        pass
    held = Evaluations(experiment)
    held.hold(state, 100)
    assert same(dump(state), dump(again))
    for one, two, _ in zip(experiment.resume(state), experiment.resume(again), range(60), strict=False):
        assert same(one, two)
    other = Evaluations(experiment)
    other.load(held.dump())
    assert same(other.dump(), held.dump())
    state.q.vector.values[...] = 0
    assert all(weights.any() for name, weights in held.best.items() if "weight" in name)


def test_a_run_is_evaluated_on_episodes_no_seed_of_a_run_can_reach():
    experiment = cartpole()
    state = experiment.initial_state()
    held = Evaluations(experiment)
    held.hold(state, 100)
    returns, _ = evaluate(experiment, lambda obs: experiment.greedy(state, obs), 3, OTHER_SEEDS + 1)
    assert held.mean == returns.mean()
