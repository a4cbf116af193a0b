"""Smoothed curves and bands, against the sums written out, an oracle and paper."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from scenarios.experiment import prepare
from scenarios.runs.bands import band_of, smoothed
from scenarios.runs.budget import budget_for
from scenarios.runs.tables import read_tables
from scenarios.runs.training import open_training, train

DATA = Path(__file__).parents[2] / "data"


def written_out(x, w):
    """Σ w^(t−i) x(i) / Σ w^(t−i) over what is finite, as its definition says."""
    out, total, weights = [], 0.0, 0.0
    for value in x:
        if math.isfinite(value):
            total, weights = w * total + value, w * weights + 1
            out.append(total / weights)
        else:
            out.append(value)
    return np.array(out)


@pytest.mark.parametrize("weight", [0.0, 1e-300, 0.01, 0.5, 0.9, 0.99, 0.9999, 1 - 1e-12])
def test_smoothing_is_the_sum_written_out(weight):
    x = np.random.default_rng(1).normal(size=3000).cumsum()
    assert np.allclose(smoothed(x, weight), written_out(x, weight), rtol=1e-9, atol=1e-9)


def test_smoothing_has_no_bias_at_the_beginning():
    assert smoothed(np.full(50, 7.0), 0.99) == pytest.approx(7.0)
    assert smoothed(np.array([4.0, 0.0]), 0.5).tolist() == pytest.approx([4.0, 4 / 3])


def test_what_is_not_finite_is_left_out_and_stays():
    x = np.array([np.nan, 1.0, np.inf, 3.0, np.nan, -np.inf, 5.0])
    assert np.allclose(smoothed(x, 0.5), written_out(x, 0.5), equal_nan=True)
    assert np.isnan(smoothed(np.full(3, np.nan), 0.5)).all()


@pytest.mark.parametrize("x", [[], [3.0], [1e308] * 5, [1e308, -1e308] * 5, [5e-324] * 3, [0.0, 0.0]])
def test_no_value_is_too_odd_to_be_smoothed(x):
    x = np.array(x)
    for weight in (0.0, 0.5, 0.999):
        y = smoothed(x, weight)
        assert y.shape == x.shape
        assert np.isfinite(y).all()
        assert not len(x) or x.min() <= y.min() <= y.max() <= x.max()


def test_smoothing_keeps_float32_apart_from_its_input():
    x = np.array([1, 2], np.float32)
    smoothed(x, 0.5)[0] = 9
    assert x.tolist() == [1, 2]
    with pytest.raises(ValueError, match="weight must be in"):
        smoothed(x, 1.0)


def test_a_million_points_are_smoothed_in_few_operations():
    x = np.random.default_rng(2).normal(size=1_000_000)
    y = smoothed(x, 0.6)
    assert y[-50:] == pytest.approx(written_out(x[-200:], 0.6)[-50:], abs=1e-9)


def constant(value, low=0, high=10):
    return np.array([low, high], float), np.array([value, value], float)


def test_a_band_is_the_mean_and_a_t_interval():
    """Values 1 to 5: mean 3, deviation √2.5, t(4) = 2.776, so 3 ± 1.963."""
    band = band_of([constant(value) for value in (1, 2, 3, 4, 5)], 11)
    assert band.x.tolist() == list(range(11))
    assert band.mean == pytest.approx(3)
    assert band.high - band.mean == pytest.approx(2.776 * math.sqrt(2.5 / 5))
    assert band.mean - band.low == pytest.approx(2.776 * math.sqrt(2.5 / 5))
    assert (band.count == 5).all()
    assert band.method == "mean and 95 % t interval of 5 seeds"


def test_the_t_interval_is_that_of_the_oracle():
    oracle = json.loads((DATA / "rliable_metrics_oracle.json").read_text())
    scores = np.array(oracle["parameters"]["scores_X_runs_by_tasks"])[:, 0]
    expected = oracle["expected"]["single_task_first_column"]
    band = band_of([constant(score) for score in scores], 2)
    assert band.mean == pytest.approx(expected["mean"], abs=1e-9)
    low, high = expected["t_interval_95"]
    assert band.low == pytest.approx(low, abs=2e-5)  # t is rounded to three digits
    assert band.high == pytest.approx(high, abs=2e-5)


def test_a_t_interval_covers_where_a_bootstrap_does_not():
    """Normal scores of 5 seeds: 95 % of the intervals hold the true mean, within 4 standard errors."""
    scores = np.random.default_rng(3).normal(10, 3, (5, 4000))
    band = band_of([(np.arange(4000.0), row) for row in scores], 4000)
    covered = np.mean((band.low < 10) & (band.high > 10))
    assert abs(covered - 0.95) < 4 * math.sqrt(0.95 * 0.05 / 4000)


@pytest.mark.slow
def test_of_few_and_skewed_seeds_the_t_interval_covers_what_the_oracle_says(tmp_path):
    """SARSA on the cliff has unlucky seeds: intervals of 5 hold its mean in 85 % of the cases, a bootstrap's in 72."""
    expected = json.loads((DATA / "interval_coverage_few_seeds.json").read_text())["expected"]["5"]
    experiment = prepare("cliffwalking", "sarsa", {"alpha": "0.5", "epsilon": "0.1"}, seed=1, lanes=1000)
    budget = budget_for(experiment, episodes=500)[0]
    run = open_training(experiment, budget, tmp_path)
    train(experiment, budget, run)
    population = read_tables(run.tables)["episode_return_lanes"][400:].mean(axis=0)  # [L]
    draws = np.random.default_rng(4).choice(population, (5, 4000))
    band = band_of([(np.arange(4000.0), row) for row in draws], 4000)
    covered = np.mean((band.low <= population.mean()) & (band.high >= population.mean()))
    assert covered == pytest.approx(expected["t_mean"]["coverage"], abs=0.04)
    assert covered > expected["boot_mean"]["coverage"] + 0.08
    assert np.mean(band.high - band.low) == pytest.approx(expected["t_mean"]["mean_width"], rel=0.15)


def test_no_run_counts_where_it_has_not_been():
    band = band_of([constant(1, 0, 10), constant(3, 0, 5), constant(5, 5, 10)], 11)
    assert band.count.tolist() == [2] * 5 + [3] + [2] * 5
    assert band.mean.tolist() == pytest.approx([2] * 5 + [3] + [3] * 5)
    assert band.method == "mean and 95 % t interval of 2 to 3 seeds"
    apart = band_of([constant(1, 0, 1), constant(1, 9, 10)], 11)
    assert apart.count.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1]
    assert np.isnan(apart.mean[2:9]).all()
    assert np.isnan(apart.low).all()


def test_between_its_points_a_curve_is_linear_and_order_and_gaps_do_not_matter():
    x, y = np.array([4.0, 0.0, 2.0, 2.0, 3.0, np.nan]), np.array([8.0, 0.0, 99.0, 4.0, np.nan, 1.0])
    band = band_of([(x, y)], 5)
    assert band.mean.tolist() == pytest.approx([0, 2, 4, 6, 8])
    assert band.method == "one run: no interval"
    assert np.isnan(band.high).all()


def test_points_are_spread_over_a_logarithmic_axis():
    x = np.array([0.0, 1.0, 10_000.0])
    band = band_of([(x, x)], 5, logarithmic=True)
    assert band.x == pytest.approx([1, 10, 100, 1000, 10_000])
    assert band.mean == pytest.approx(band.x)
    flat = np.array([-1.0, 0.0])
    assert len(band_of([(flat, flat)], 5, logarithmic=True).x) == 5


@pytest.mark.parametrize("curves", [[], [([], [])], [([1.0], [np.nan])]])
def test_without_points_there_is_an_empty_band(curves):
    band = band_of([(np.array(x), np.array(y)) for x, y in curves])
    assert (len(band.x), len(band.mean), len(band.count), band.method) == (0, 0, 0, "no runs")


@pytest.mark.parametrize("value", [0.0, 5e-324, 1e308, -1e308])
def test_no_value_is_too_odd_for_a_band(value):
    band = band_of([constant(value), constant(0), constant(value)], 3)
    assert band.mean == pytest.approx(2 / 3 * value)
    single = band_of([(np.array([5]), np.array([value]))])
    assert (len(single.x), single.count.tolist()) == (1, [1])
