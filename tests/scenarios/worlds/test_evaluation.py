"""Exact returns of greedy policies: by hand, against references, against sampled episodes."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from algorithms import dynamic_programming as dp
from scenarios.worlds import evaluation, toy_text
from scenarios.worlds.evaluation import greedy_returns
from scenarios.worlds.maps import build_map, find_world, load_map, parse_map
from scenarios.worlds.model import TabularModel, TabularWorld

DATA = Path(__file__).parents[2] / "data"


def optimal_q(model: TabularModel, gamma: float) -> np.ndarray:
    config = dp.DPConfig(gamma=gamma, theta=1e-12)
    state = dp.initial_dp(model, config, np.random.default_rng(0))
    for _ in dp.value_iteration(model, config, state):
        pass
    return model.lookahead(state.v, gamma).T


def test_a_walk_by_hand() -> None:
    model = build_map(parse_map('map = "S . +5"\nliving_reward = -1', "walk"))
    right, left, tied = np.zeros((3, 4)), np.zeros((3, 4)), np.zeros((3, 4))
    right[:, 1], left[:, 3] = 1, 1
    tied[:, 1] = tied[:, 3] = 1
    tied[:, 3] -= 1e-10  # a tie within 1e-9
    # from S half of the time on, half of the time back: 6 steps on average
    returns = greedy_returns(model, np.concatenate([right, left, tied]))
    assert returns is not None
    np.testing.assert_allclose(returns, [3, -(10 * 3 + 1000), 5 - 6], atol=1e-9)


def test_the_time_limit_counts() -> None:
    text = 'map = "S . +5"\nliving_reward = -1\nmax_steps = {}'
    right = np.eye(4)[[1, 1, 1]]
    for limit, total in [(1, -1), (2, 3), (3, 3)]:
        np.testing.assert_allclose(greedy_returns(build_map(parse_map(text.format(limit), "walk")), right), [total])


def test_known_returns() -> None:
    lake = json.loads((DATA / "frozenlake_4x4_slippery.json").read_text())["expected"]
    for model, gamma, expected in [
        (toy_text.cliff_walking(), 1.0, -13),
        (toy_text.taxi(), 1.0, 7.93),
        (toy_text.frozen_lake(), 0.99, lake["gamma_0.99"]["success_prob_within_step_limit"]),
        (load_map(find_world("windy")), 1.0, -15),
        (load_map(find_world("windy-king")), 1.0, -7),
    ]:
        np.testing.assert_allclose(greedy_returns(model, optimal_q(model, gamma)), [expected], atol=1e-6)
    nothing_learnt = greedy_returns(toy_text.frozen_lake(), np.zeros((16, 4)))
    np.testing.assert_allclose(nothing_learnt, [lake["random_policy_success_prob_within_step_limit"]], atol=1e-9)


def test_sampled_episodes_agree() -> None:
    model, lanes = load_map(find_world("book")), 20_000
    q = optimal_q(model, 0.9)
    world, rng = TabularWorld(model, lanes), np.random.default_rng(0)
    s, total, going = world.start(rng), np.zeros(lanes), np.ones(lanes, bool)
    best = q.argmax(axis=1)
    for t in range(1000):
        step = world.step(s, best[s % 12], np.full(lanes, t), rng)
        total += going * step.r
        going &= ~step.last
        s = step.s2
        if not going.any():
            break
    exact = greedy_returns(model, q)
    assert exact is not None
    assert abs(exact[0] - total.mean()) < 4 * total.std() / math.sqrt(lanes)


def test_lanes_are_evaluated_one_by_one() -> None:
    model, rng = toy_text.frozen_lake(), np.random.default_rng(0)
    tables = [rng.normal(size=(16, 4)) for _ in range(6)]
    together = greedy_returns(model, np.concatenate(tables))
    np.testing.assert_allclose(together, np.concatenate([greedy_returns(model, q) for q in tables]), rtol=1e-12)


def test_a_world_too_large_to_follow_to_the_end_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "AFFORDABLE", 1000)
    model = toy_text.cliff_walking()
    assert greedy_returns(model, np.zeros((48, 4))) is None
    np.testing.assert_allclose(greedy_returns(model, optimal_q(model, 1.0)), [-13])
