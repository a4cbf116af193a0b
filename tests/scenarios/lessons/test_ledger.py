"""The ledger: returns, lengths and sweeps as they can be counted by hand, and bands against the t distribution."""

from __future__ import annotations

import math

import numpy as np
import pytest

from algorithms.contract import Backup, Update
from scenarios.lessons import ledger as ledgers
from scenarios.lessons.ledger import Ledger, band


def update(s, r, last, s2=(0, 0), target=(0.0, 0.0), old=(0.0, 0.0)):
    """An event of two lanes; action 0 everywhere."""
    zeros = np.zeros(2)
    columns = (np.array(s), np.zeros(2, int), np.array(r), np.array(s2), 1.0 - np.array(last), np.array(last))
    return Update(*columns, 0.5, zeros, np.array(target), np.array(old), zeros)


def test_returns_and_lengths_per_episode_and_lane():
    ledger = Ledger(lanes=2, states=3, actions=1)
    ledger.fold(1, update((0, 3), (-1.0, -1.0), (False, True)))
    ledger.fold(2, update((1, 3), (-1.0, -2.0), (False, False)))
    assert ledger.return_so_far == -2.0
    assert ledger.returns().mean.tolist() == []
    ledger.fold(3, update((2, 4), (-5.0, -2.0), (True, True)))
    curve = ledger.returns()
    assert curve.first.tolist() == [-7.0]
    assert curve.mean.tolist() == [-4.0]  # of −7 and −1
    assert ledger.lengths().first.tolist() == [3.0]
    assert ledger.lengths().mean.tolist() == [2.0]
    assert ledger.episodes.tolist() == [1, 2]


def test_visits_errors_path_and_updates_are_the_first_lanes():
    ledger = Ledger(lanes=2, states=3, actions=1)
    ledger.fold(1, update((0, 3), (0.0, 0.0), (True, False), target=(2.0, 9.0), old=(0.5, 0.0)))
    ledger.fold(2, update((1, 3), (0.0, 0.0), (False, False)))
    ledger.fold(3, update((0, 3), (0.0, 0.0), (False, False), target=(-1.0, 0.0)))
    assert ledger.visits[:, 0].tolist() == [2, 1, 0]
    assert ledger.errors.tolist() == [-1.0, 0.0, 0.0]
    assert ledger.path() == [1, 0]
    assert [(record.step, record.error) for record in ledger.updates_of(0)] == [(3, -1.0), (1, 1.5)]


def test_sweeps():
    ledger = Ledger(lanes=1, states=4, actions=2)
    old, new = np.zeros(2), np.array([1.0, -3.0])
    q = np.zeros((2, 2))
    ledger.fold(1, Backup(slice(0, 2), q, old, new, 0, 3.0, False))
    ledger.fold(2, Backup(slice(2, 4), q, old, old, 0, 3.0, True))
    assert ledger.errors.tolist() == [1.0, -3.0, 0.0, 0.0]
    ledger.fold(3, Backup(slice(0, 2), q, old, old, 1, 0.0, True, improvement=True))
    assert ledger.sweep_changes == [3.0]  # an improvement changes no value
    assert ledger.visits[:, 0].tolist() == [2, 2, 1, 1]
    assert [record.s for record in ledger.history] == [0, 2, 0]


def test_curves_are_the_same_asked_often_or_once():
    """What was computed for a curve is kept, and forgotten when the ledger goes back."""
    rng = np.random.default_rng(0)
    events = [update((0, 3), rng.normal(size=2), rng.random(2) < 0.3) for _ in range(400)]
    once, often = Ledger(2, 3, 1), Ledger(2, 3, 1)
    snapshot = None
    for step, event in enumerate(events[:200], start=1):
        often.fold(step, event)
        often.returns(), often.lengths()
        if step == 100:
            snapshot = often.snapshot()
    often.rewind(100, snapshot)
    for step, event in enumerate(events[:100] + events[300:], start=1):
        once.fold(step, event)
        if step > 100:
            often.fold(step, event)
            often.returns(), often.lengths()
    for one, other in ((once.returns(), often.returns()), (once.lengths(), often.lengths())):
        for field in ("first", "mean", "low", "high"):
            assert getattr(one, field).tolist() == getattr(other, field).tolist()
    assert len(once.returns().mean) > 20


def test_bands_are_t_intervals():
    """Quantiles from the tables of Student's t: 12.706 for 1, 2.262 for 9, 2.009 for 50 degrees of freedom."""
    for lanes, t in ((2, 12.706), (10, 2.262), (51, 2.009)):
        values = np.arange(lanes, dtype=float)[None]
        mean, low, high = band(values)
        half = t * values.std(ddof=1) / math.sqrt(lanes)
        assert mean[0] == (lanes - 1) / 2
        assert high[0] - mean[0] == pytest.approx(half, rel=1e-3)
        assert mean[0] - low[0] == pytest.approx(half, rel=1e-3)
    mean, low, _ = band(np.array([[3.0]]))
    assert mean[0] == 3.0
    assert math.isnan(low[0])


def test_it_is_full_in_the_end(monkeypatch):
    monkeypatch.setattr(ledgers, "MOST_EPISODES", 100)
    ledger = Ledger(2, 3, 1)
    for step in range(1, 101):
        assert not ledger.full
        ledger.fold(step, update((0, 3), (1.0, 1.0), (step % 2 == 0, True)))
    assert ledger.full
    assert len(ledger.returns().mean) == 50
    assert (ledger.returns().mean == 1.5).all()
