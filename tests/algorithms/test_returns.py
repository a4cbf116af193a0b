"""Advantages and reward scaling: against exact numbers, equations summed by hand, and the wrong versions."""

import json
from pathlib import Path

import numpy as np
import pytest

from algorithms.returns import RewardScale, gae
from engine.randomness import generator

ORACLE = json.loads((Path(__file__).parent.parent / "data" / "gae_returns_oracle.json").read_text())
GIVEN, EXPECTED = ORACLE["parameters"], ORACLE["expected"]
SETTINGS = list(EXPECTED["gae"])


def oracle_rollout():
    """r, v, v_next, discount, last of the oracle's eight steps, one environment. [8, 1] each"""
    r, v = (np.array(GIVEN[key])[:, None] for key in ("rewards", "values"))
    terminated, truncated = (np.array(GIVEN[key], bool)[:, None] for key in ("terminated", "truncated"))
    v_next = np.append(v[1:], [[GIVEN["bootstrap_value_after_last"]]], axis=0)
    for step, value in GIVEN["value_of_final_observation"].items():
        v_next[int(step)] = value
    return r, v, v_next, 1.0 - terminated, terminated | truncated


@pytest.mark.parametrize("setting", SETTINGS)
def test_the_oracle_exactly(setting):
    gamma, lambda_ = (float(part.split("=")[1]) for part in setting.split("|"))
    r, v, v_next, discount, last = oracle_rollout()
    advantage = gae(r, v, v_next, discount, last, gamma, lambda_)
    np.testing.assert_allclose(advantage[:, 0], EXPECTED["gae"][setting]["advantages"], rtol=0, atol=1e-12)
    np.testing.assert_allclose((advantage + v)[:, 0], EXPECTED["gae"][setting]["returns"], rtol=0, atol=1e-12)


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_truncation_treated_as_a_termination_is_another_number(setting):
    gamma, lambda_ = (float(part.split("=")[1]) for part in setting.split("|"))
    r, v, v_next, _, last = oracle_rollout()
    wrong = gae(r, v, v_next, 1.0 - last, last, gamma, lambda_)[:, 0]
    expected = EXPECTED["gae"][setting]
    np.testing.assert_allclose(wrong, expected["advantages_if_truncation_treated_as_termination"], rtol=0, atol=1e-12)
    assert np.abs(wrong - expected["advantages"]).max() > 0.3


def test_the_value_of_the_next_episode_is_no_bootstrap():
    """The classic bug: V of the first observation after the reset in place of V(final observation)."""
    r, v, v_next, discount, last = oracle_rollout()
    wrong = gae(r, v, np.append(v[1:], v_next[-1:], axis=0), discount, last, 0.99, 0.95)[:, 0]
    assert np.abs(wrong - EXPECTED["gae"][SETTINGS[0]]["advantages"]).max() > 0.3


def test_lambda_one_is_the_discounted_return():
    r = np.array(GIVEN["rewards"])[:, None]
    zero, last = np.zeros_like(r), np.arange(8)[:, None] == 7
    returns = gae(r, zero, zero, 1.0 - last, last, 0.9, 1.0)[:, 0]
    expected = EXPECTED["discounted_returns_gamma0_9_single_episode_no_bootstrap"]
    np.testing.assert_allclose(returns, expected, rtol=0, atol=1e-12)


def test_environments_do_not_mix():
    rng = generator(1)
    r, v, v_next = rng.standard_normal((3, 40, 5))
    last = rng.random((40, 5)) < 0.2
    discount = 1.0 - (last & (rng.random((40, 5)) < 0.5))
    together = gae(r, v, v_next, discount, last, 0.97, 0.9)
    for n in range(5):
        column = slice(n, n + 1)
        alone = gae(*(array[:, column] for array in (r, v, v_next, discount, last)), 0.97, 0.9)
        np.testing.assert_array_equal(together[:, column], alone)


def test_precision_is_kept():
    r = np.ones((3, 2), np.float32)
    assert gae(r, r, r, r, r > 2, 0.99, 0.95).dtype == np.float32
    assert RewardScale(2).scaled(r, r > 2, 0.99).dtype == np.float32


def test_rewards_in_deviations_of_the_return_so_far():
    """Written out: G of every environment by a loop of its own, the deviation of all of them from numpy."""
    rng = generator(2)
    r, last = rng.standard_normal((60, 3)), rng.random((60, 3)) < 0.1
    scale, seen, g = RewardScale(3), [], np.zeros(3)
    for part in np.array_split(np.arange(60), 4):
        scaled = scale.scaled(r[part], last[part], 0.9)
        for t in part:
            for n in range(3):
                g[n] = r[t, n] + 0.9 * g[n]
                seen.append(g[n])
                g[n] *= not last[t, n]
        np.testing.assert_allclose(scaled, r[part] / (np.std(seen) + 1e-8), rtol=1e-12)
    assert scale.deviation == pytest.approx(np.std(seen), rel=1e-12)


def test_one_huge_reward_is_cut_and_a_constant_return_does_not_divide_by_zero():
    r = np.zeros((1000, 1))
    r[500] = 1e6
    assert RewardScale(1).scaled(r, r > 2e6, 0.0).max() == 10.0
    assert np.isfinite(RewardScale(1).scaled(np.zeros((5, 2)), np.zeros((5, 2), bool), 0.9)).all()


def test_a_dump_of_the_scale_is_continued_bit_for_bit():
    rng = generator(3)
    r, last = rng.standard_normal((2, 30, 2)), rng.random((2, 30, 2)) < 0.1
    whole, other = RewardScale(2), RewardScale(2)
    whole.scaled(r[0], last[0], 0.9)
    other.load(whole.dump())
    assert whole.scaled(r[1], last[1], 0.9).tobytes() == other.scaled(r[1], last[1], 0.9).tobytes()
