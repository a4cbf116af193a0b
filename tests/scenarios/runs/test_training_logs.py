"""Logs of episodes and sweeps, on numbers one can follow on paper. Two lanes unless a test says otherwise."""

import math
import timeit

import numpy as np
import pytest

from algorithms.contract import Backup, Update
from scenarios.runs.episodes import EpisodeLog, SweepLog, block_end

NOTHING = np.zeros(2)


def update(rewards, last):
    zeros = np.zeros(len(rewards), np.intp)
    r = np.array(rewards, float)
    return Update(zeros, zeros, r, zeros, r, np.array(last, bool), 0.5, r, r, r, r)


def backup(change, *, last=True, improvement=False):
    return Backup(slice(0, 2), NOTHING[None], NOTHING, NOTHING, 0, change, last, improvement)


def test_returns_and_lengths_lane_by_lane():
    log = EpisodeLog(2, most=2)
    assert not log.add(update([-1, -2], [False, True]))
    assert not log.add(update([-1, -3], [True, False]))
    assert not log.add(update([-5, -4], [True, False]))  # lane 0 has both of its episodes, lane 1 one
    assert log.returns.tolist()[0] == [-2, -2]
    assert log.returns[1, 0] == -5
    assert math.isnan(log.returns[1, 1])
    assert log.lengths.tolist() == [[2, 1], [1, 0]]
    assert not log.add(update([-9, -5], [True, False]))  # lane 0 goes on learning, but has enough
    assert log.add(update([-9, -6], [True, True]))
    assert log.returns.tolist() == [[-2, -2], [-5, -18]]
    assert log.lengths.tolist() == [[2, 1], [1, 4]]
    assert (log.env_steps, log.episodes, log.share) == (10, 4, 1.0)


def test_an_episode_that_was_not_recorded_leaves_no_trace_in_the_next_log_entry():
    log = EpisodeLog(2, most=1)
    log.add(update([-1, -1], [True, False]))
    log.add(update([-7, -1], [True, True]))
    assert log.returns.tolist() == [[-1, -2]]


def test_a_limit_of_steps_ends_it_whatever_the_episodes():
    log = EpisodeLog(2, most=100, steps=3)
    assert [log.add(update([0, 0], [False, False])) for _ in range(3)] == [False, False, True]
    assert log.share == 1.0
    assert log.returns.shape == (0, 2)


def test_the_log_grows():
    log = EpisodeLog(2, most=1000)
    for number in range(1000):
        enough = log.add(update([number, -number], [True, True]))
    assert enough
    assert np.array_equal(log.returns, np.stack([np.arange(1000), -np.arange(1000)], axis=1))


def test_recent_return_is_over_each_lanes_own_last_episodes():
    log = EpisodeLog(2, most=10)
    assert log.recent_return() is None
    for reward in (1, 2, 3):
        log.add(update([reward, 10 * reward], [True, reward == 1]))
    assert log.recent_return(2) == (2 + 3 + 10) / 3
    assert log.recent_return() == (1 + 2 + 3 + 10) / 4


def test_points_are_means_over_the_lanes_at_the_step_the_slowest_had_finished():
    log = EpisodeLog(2, most=10)
    log.add(update([-1, -1], [True, False]))
    log.add(update([-1, -1], [True, False]))
    assert list(log.points()) == []  # lane 1 has not finished its first
    log.add(update([-1, -1], [False, True]))
    assert list(log.points()) == [(6, {"episode/count": 1.0, "episode/return": -2.0, "episode/length": 2.0})]
    assert list(log.points()) == []
    log.add(update([-1, -4], [True, True]))
    assert list(log.points()) == [(8, {"episode/count": 2.0, "episode/return": -2.5, "episode/length": 1.0})]


def test_a_point_counts_as_delivered_when_the_next_is_asked_for():
    log = SweepLog(10)
    log.add(backup(0.5))
    log.add(backup(0.25))
    assert next(log.points()) == next(log.points()) == (1, {"sweep/largest_change": 0.5})
    assert [step for step, _ in log.points()] == [1, 2]
    assert list(log.points()) == []


def test_a_long_curve_stays_short():
    log = SweepLog(2_000_000)
    log._deltas.extend([0.5] * 1_000_000)
    steps = [step for step, _ in log.points()]
    assert steps[:3] == [1, 2, 3]
    assert steps[998:1001] == [999, 1000, 1010]
    assert steps[-2:] == [999_000, 1_000_000]
    assert len(steps) == 1000 + 3 * 900


@pytest.mark.parametrize(("told", "end"), [(0, 1), (999, 1000), (1000, 1010), (9990, 10_000), (10_000, 10_100)])
def test_blocks_grow_tenfold(told, end):
    assert block_end(told) == end


def test_the_rest_is_a_block_cut_short():
    log = SweepLog(2000)
    log._deltas.extend(np.linspace(1, 0, 1005))
    assert [step for step, _ in log.points()][-1] == 1000
    assert list(log.points(rest=True)) == [(1005, {"sweep/largest_change": 0.0})]


def test_sweeps_are_counted_where_values_change():
    log = SweepLog(2)
    assert log.largest_change is None
    assert not log.add(backup(0.5, last=False))
    assert not log.add(backup(0.75))
    assert not log.add(backup(0.0, improvement=True))  # policy iteration improves its policy
    assert (log.sweeps, log.largest_change) == (1, 0.75)
    assert log.add(backup(0.25))
    assert log.tables()["deltas"].tolist() == [0.75, 0.25]


def test_an_update_without_an_ending_costs_little():
    log = EpisodeLog(500, most=100)
    event = update([-1.0] * 500, [False] * 500)
    assert min(timeit.repeat(lambda: log.add(event), number=1000, repeat=10)) / 1000 < 10e-6
