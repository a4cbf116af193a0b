"""Temporal-difference control: replay streams, rows that can be checked on paper, and versions that must fail."""

import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from algorithms import td
from algorithms.contract import Step
from algorithms.registry import algorithm_named
from algorithms.schedules import Constant

REPLAY = json.loads((Path(__file__).parents[1] / "data" / "replay_cliff_update_rules.json").read_text())
STREAM, COINS = REPLAY["expected"]["stream"], REPLAY["expected"]["double_q_coins"]
START = 36
NAMES = {
    "q-learning": "q_learning",
    "sarsa": "sarsa",
    "expected-sarsa": "expected_sarsa",
    "double-q-learning": "double_q",
}


class Recording:
    """A world and a generator that bring back recorded experience row by row, whatever the learner would do."""

    lanes, states, actions = 1, 48, 4

    def __init__(self, rows=STREAM, *, time_limit_at=()):
        self.rows, self.row, self.time_limit_at = rows, 0, time_limit_at

    def start(self, rng):
        return np.array([START])

    def step(self, s, a, t, rng):
        own_s, own_a, r, s2, ends = self.rows[self.row]
        assert (s[0], a[0]) == (own_s, own_a)
        last = ends or self.row in self.time_limit_at
        self.row += 1
        return Step(np.array([s2]), np.array([r]), np.array([1.0 - ends]), np.array([last]))

    def action(self, *_):
        """The action of the row to come; what would follow a terminal state does not matter."""
        return np.array([self.rows[min(self.row, len(self.rows) - 1)][1]])

    def random(self, size):
        """Double Q-learning's coin of the row just played: heads updates the first table."""
        return np.array([0.0 if COINS[self.row - 1] else 0.9])


def replay(name, q0, monkeypatch, rows=STREAM, **config):
    recording = Recording(rows)
    monkeypatch.setattr(td, "epsilon_greedy", recording.action)
    algorithm = algorithm_named(name)
    config = td.TDConfig(**{"alpha": Constant(0.5), "gamma": 0.9, "epsilon": Constant(0.1), "q0": q0} | config)
    state = algorithm.initial(recording, config, recording)
    return state, algorithm.page(recording, config, state)


def tables_of(expected):
    return np.stack([expected["QA"], expected["QB"]]) if isinstance(expected, dict) else np.array(expected)


@pytest.mark.parametrize(("name", "key"), NAMES.items())
def test_every_row_of_the_replay_stream(name, key, monkeypatch):
    expected = REPLAY["expected"]["algorithms"][key]
    state, updates = replay(name, 0.0, monkeypatch)
    errors = []
    for count, event in enumerate(islice(updates, len(STREAM)), start=1):
        errors.append(float(event.target[0] - event.old[0]))
        assert event.new[0] == pytest.approx(event.old[0] + 0.5 * errors[-1], abs=1e-12)
        if str(count) in expected["q_after_k_updates"]:
            np.testing.assert_allclose(
                state.q, tables_of(expected["q_after_k_updates"][str(count)]), rtol=0, atol=1e-9, err_msg=str(count)
            )
    np.testing.assert_allclose(errors[:20], expected["td_errors_first_20"], rtol=0, atol=1e-9)
    assert sum(errors) == pytest.approx(expected["td_error_sum"], abs=1e-6)


@pytest.mark.parametrize(("name", "key"), NAMES.items())
def test_terminal_states_count_nothing_even_when_initialised_with_one(name, key, monkeypatch):
    expected = REPLAY["expected"]["algorithms"][key]["q0_equals_1_variant"]
    state, updates = replay(name, 1.0, monkeypatch)
    errors = [float(event.target[0] - event.old[0]) for event in islice(updates, len(STREAM))]
    np.testing.assert_allclose(state.q, tables_of(expected["q_after_all"]), rtol=0, atol=1e-9)
    assert sum(errors) == pytest.approx(expected["td_error_sum"], abs=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_the_variant_detects_a_missing_terminal_mask(name, monkeypatch):
    """With the discount left at 1 after termination the same stream ends elsewhere: the oracle can fail."""
    expected = REPLAY["expected"]["algorithms"][NAMES[name]]["q0_equals_1_variant"]
    unmasked = [[*row[:4], False] for row in STREAM]
    starts = iter([row[0] for row in STREAM[1:]])
    monkeypatch.setattr(td.TDState, "advance", lambda self, *_: setattr(self, "s", np.array([next(starts, START)])))
    state, updates = replay(name, 1.0, monkeypatch, rows=unmasked)
    list(islice(updates, len(STREAM)))
    assert not np.allclose(state.q, tables_of(expected["q_after_all"]), rtol=0, atol=1e-9)


def test_a_time_limit_keeps_the_bootstrap(monkeypatch):
    """r = −1, Q = 1 everywhere, α = ½, γ = 0.9: the target is −1 + 0.9 = −0.1 with the limit as without it."""
    recording = Recording([[36, 0, -1.0, 24, False]], time_limit_at=(0,))
    monkeypatch.setattr(td, "epsilon_greedy", recording.action)
    config = td.TDConfig(alpha=Constant(0.5), gamma=0.9, q0=1.0)
    state = td.initial_td(recording, config, recording)
    event = next(td.q_learning(recording, config, state))
    assert event.last[0]
    assert event.target[0] == pytest.approx(-0.1)
    assert event.new[0] == pytest.approx(0.45)
    assert state.s[0] == START
    assert (state.t[0], state.episode[0]) == (0, 1)


def test_expected_sarsa_averages_over_its_own_policy(monkeypatch):
    """Q(s') = (1, 0, 0, 0), ε = 0.2: π = (0.85, 0.05, 0.05, 0.05), so s' is worth 0.85."""
    recording = Recording([[36, 0, 0.0, 24, False]])
    monkeypatch.setattr(td, "epsilon_greedy", recording.action)
    config = td.TDConfig(alpha=Constant(1.0), gamma=1.0, epsilon=Constant(0.2))
    state = td.initial_td(recording, config, recording)
    state.q[24] = [1.0, 0.0, 0.0, 0.0]
    assert next(td.expected_sarsa(recording, config, state)).bootstrap[0] == pytest.approx(0.85)
