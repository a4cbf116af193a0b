"""DQN: its laws, its targets against numbers on paper, what it learns exactly, and what it refuses."""

import hashlib
import json
import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from algorithms.contract import Transition, dump, load
from algorithms.dqn import (
    DQNConfig,
    double_dqn_target,
    dqn,
    dqn_target,
    epsilon_greedy,
    greedy,
    initial_dqn,
    learn,
    load_parameters,
    parameters,
)
from algorithms.schedules import Constant, Linear
from engine.randomness import generator
from scenarios.runs.metrics import METRICS
from scenarios.worlds.control import ControlWorld

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "ppo_dqn_adam_scalars.json").read_text())["expected"]
SMALL = {"hidden": "16", "replay_size": 60, "learning_starts": 12, "train_every": 6, "updates": 3, "batch": 8}
BUSY = DQNConfig(**SMALL, target_every=18, n_step=3, epsilon=Linear(1, 0.1, 100), learning_rate=Linear(1e-2, 1e-3, 300))


class Corridor:
    """N corridors of 4 cells: 1 goes right, 0 left; leaving at the right end pays 1. Episodes take 9 steps at most.

    `paid` is paid at every step, `walled` makes the right end a wall, `masks` says whether the end is terminal.
    """

    observation_size, actions, continuous, scene = 4, 2, False, np.empty(0, np.float32)

    def __init__(self, count=1, *, paid=0.0, walled=False, masks=True):
        self.count, self.paid, self.walled, self.masks = count, paid, walled, masks
        self.cell, self.t, self.steps = np.zeros(count, np.intp), np.zeros(count, np.intp), 0

    def observe(self):
        return np.eye(5, 4, dtype=np.float32)[self.cell]

    def reset(self):
        self.cell[...] = self.t[...] = 0
        return self.observe()

    def step(self, a):
        self.steps += 1
        self.cell = np.clip(self.cell + 2 * a - 1, 0, 3 if self.walled else 4)
        self.t = self.t + 1
        left, final = self.cell == 4, self.observe()
        last = left | (self.t == 9)
        self.cell, self.t = np.where(last, 0, self.cell), np.where(last, 0, self.t)
        r = (left + self.paid).astype(np.float32)
        return Transition(self.observe(), r, 1 - (left & self.masks).astype(np.float32), last, final)

    def dump(self):
        return {"cell": self.cell.copy(), "t": self.t.copy()}

    def load(self, snapshot):
        self.cell, self.t = snapshot["cell"].copy(), snapshot["t"].copy()


def same(one, other):
    """Bit for bit, down through dictionaries, lists and named tuples."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return type(one) is type(other) and one == other


def environments(name, seed):
    return ControlWorld("CartPole-v1", 1, generator(seed)) if name == "cartpole" else Corridor(3)


def begun(name, config, seed=1):
    state = initial_dqn(environments(name, seed), config, generator(seed))
    return state, dqn(state.environments, config, state)


# the laws


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("name", ["cartpole", "corridors"])
def test_complete_at_every_yield(name, double):
    """Cut, dump, load into a fresh state and go on with a new generator: bit for bit what would have come."""
    config = DQNConfig(**{**vars(BUSY), "double": double})
    whole, uncut = begun(name, config)
    snapshot = dump(begun(name, config)[0])
    learnt = 0
    for event in islice(uncut, 300):
        fresh, cut = begun(name, config, seed=99)
        load(fresh, snapshot)
        assert same(next(cut), event)
        snapshot = dump(fresh)
        assert same(snapshot, dump(whole))
        learnt += bool(event.metrics)
    assert learnt > 40
    assert all(np.isfinite(weights).all() for weights in parameters(whole).values())


def test_one_yield_per_transition():
    """Every yield is one step of all environments, and what it tells is what happened."""
    state, events = begun("corridors", BUSY)
    for count, event in enumerate(islice(events, 100), start=1):
        assert state.environments.steps == count
        assert state.steps == 3 * count
        row = (count - 1) % state.replay.rows
        for told, kept in ((event.obs, "s"), (event.a, "a"), (event.r, "r"), (event.last, "last")):
            assert np.array_equal(told[0], getattr(state.replay, kept)[row])


def test_events_are_not_changed_by_what_comes_later():
    _, events = begun("corridors", BUSY)
    seen = [
        (event, [part.copy() for part in (event.r, event.last, event.obs, event.a)]) for event in islice(events, 60)
    ]
    assert all(same([e.r, e.last, e.obs, e.a], kept) for e, kept in seen)


def fingerprint():
    """sha256 over a state after some updates."""
    state, events = begun("cartpole", BUSY)
    before = {name: weights.copy() for name, weights in parameters(state).items()}
    for _ in islice(events, 200):
        pass
    assert not any(np.array_equal(before[name], weights) for name, weights in parameters(state).items())
    digest = hashlib.sha256(b"".join(weights.tobytes() for weights in parameters(state).values()))
    digest.update(repr(dump(state)["rng"]).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_same_seed_same_bits_in_another_process(hash_seed):
    command = "from tests.algorithms.test_dqn import fingerprint; print(fingerprint())"
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": "."}
    other = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == fingerprint()


# targets on paper


def test_targets_of_the_reference():
    """r = 1, γ = 0.99: DQN believes its own maximum, 5.95; Double DQN asks the other network about action 1, 1.99."""
    q_target, q_online = np.array([[5.0], [1.0], [4.0]]), np.array([[1.0], [3.0], [2.0]])
    r, discount, expected = np.array([1.0]), np.array([0.99]), EXPECTED["double_dqn_example"]
    assert dqn_target(r, discount, q_target)[0] == pytest.approx(expected["dqn_target"], abs=1e-9)
    double = double_dqn_target(r, discount, q_target, q_online)
    assert double[0] == pytest.approx(expected["double_dqn_target"], abs=1e-9)


def test_targets_of_many_samples():
    rng = generator(1)
    q_target, q_online = rng.standard_normal((3, 4, 5)), rng.standard_normal((3, 4, 5))
    g, discount = rng.standard_normal((4, 5)), rng.random((4, 5))
    plain, double = dqn_target(g, discount, q_target), double_dqn_target(g, discount, q_target, q_online)
    for at in np.ndindex(4, 5):
        best = int(np.argmax(q_online[(slice(None), *at)]))
        assert plain[at] == g[at] + discount[at] * q_target[(slice(None), *at)].max()
        assert double[at] == g[at] + discount[at] * q_target[(best, *at)]


# what it learns, exactly


def values(events, state, steps):
    """Q of the four cells after so many steps. [4, A]"""
    for _ in islice(events, steps):
        pass
    return state.q.values(np.eye(4, dtype=np.float32)).copy()


def learnt(corridor, **changes):
    settings = {"hidden": "32", "gamma": 0.5, "learning_rate": Constant(3e-3), "epsilon": Constant(1.0), "batch": 32}
    rounds = {"learning_starts": 100, "train_every": 10, "updates": 10, "target_every": 40, "replay_size": 1000}
    config = DQNConfig(**{**settings, **rounds, **changes})
    state = initial_dqn(corridor, config, generator(2))
    return values(dqn(corridor, config, state), state, 2500), config, state


@pytest.mark.parametrize("changes", [{}, {"double": True}, {"loss": "squared"}], ids=str)
def test_it_learns_what_is_on_paper(changes):
    """γ = ½: leaving is worth 1, one cell before ½, then ¼, then ⅛; to the left, half of where it leads."""
    q, config, state = learnt(Corridor(), **changes)
    paper = [[1 / 16, 1 / 8], [1 / 16, 1 / 4], [1 / 8, 1 / 2], [1 / 4, 1]]
    np.testing.assert_allclose(q, paper, atol=0.02)
    assert greedy(config, state, np.eye(4, dtype=np.float32)).tolist() == [1, 1, 1, 1]


def test_several_steps_learn_the_way_out():
    """Uncorrected, a return of three random steps values the exploring policy, but what is better stays better."""
    q, config, state = learnt(Corridor(), n_step=3)
    assert q[3, 1] == pytest.approx(1, abs=0.05)
    assert greedy(config, state, np.eye(4, dtype=np.float32)).tolist() == [1, 1, 1, 1]


def test_without_the_terminal_mask_the_end_would_be_worth_something():
    """The end is observed as zeros: bootstrapped from there, leaving is worth 1 + ½ V(0), not 1."""
    q, _, state = learnt(Corridor(masks=False))
    end = state.q.values(np.zeros((1, 4), np.float32)).max()
    assert abs(end) > 0.05
    assert q[3, 1] == pytest.approx(1 + end / 2, abs=0.05)
    assert abs(q[3, 1] - 1) > 0.02


def test_a_time_limit_keeps_the_bootstrap():
    """1 a step for ever is worth 1 / (1 - γ) = 2, though every episode is cut after 9 steps."""
    np.testing.assert_allclose(learnt(Corridor(paid=1.0, walled=True))[0], 2.0, atol=0.05)


@pytest.mark.parametrize("double", [False, True])
def test_a_round_does_and_reports_what_is_on_paper(double):
    """One update: Huber's mean of the errors, their mean size, the mean Q, and a step down the gradient."""
    config = DQNConfig(**{**SMALL, "updates": 1, "gamma": 0.9, "double": double}, target_every=1000, n_step=3)
    state, events = begun("corridors", config)
    for _ in islice(events, 17):
        pass
    fresh, _ = begun("corridors", config)
    load(fresh, dump(state))
    metrics = learn(config, state)
    s, a, g, discount, place = fresh.replay.sample((1, 8), 3, 0.9, fresh.rng)
    s2, rows = fresh.replay.following(place[0]), np.arange(8)
    chosen = fresh.q.values(s2).argmax(axis=1) if double else fresh.target.values(s2).argmax(axis=1)
    y = g[0] + discount[0] * fresh.target.values(s2)[rows, chosen]
    q_sa = fresh.q.values(s[0])[rows, a[0]].copy()
    error = y - q_sa
    huber = np.where(np.abs(error) <= 1, error**2 / 2, np.abs(error) - 0.5)
    assert metrics["loss/value"] == pytest.approx(huber.mean(), rel=1e-4)
    assert metrics["value/td_error"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
    assert metrics["value/q_mean"] == pytest.approx(q_sa.mean(), rel=1e-4)
    assert metrics["exploration/epsilon"] == pytest.approx(float(config.epsilon(state.steps)))
    assert set(metrics) <= {metric.name for metric in METRICS}
    after = state.q.values(s[0])[rows, a[0]]
    assert np.abs(y - after).mean() < np.abs(error).mean()


def test_the_target_network_is_copied_when_it_is_due():
    config = DQNConfig(**SMALL, target_every=18)
    state, events = begun("corridors", config)
    copied = []
    for _ in range(40):
        online, target = state.q.state(), state.target.state()
        next(events)
        if not same(target, state.target.state()):
            assert same(online, state.target.state())  # as it was before the round
            copied.append(state.steps)
    assert copied == list(range(18, 121, 18))


# acting


def test_greedy_takes_the_first_of_equals():
    q = np.array([[1, 1, 0], [0, 2, 2], [0, 0, 0]], np.float32)
    assert epsilon_greedy(q, 0.0, generator(1)).tolist() == [0, 1, 0]


def test_exploring_is_uniform_and_as_frequent_as_epsilon():
    """Of 40,000 actions with ε = 0.3 among four, the greedy one has 1 - ε + ε/4, every other ε/4: 4 standard errors."""
    q = np.zeros((40_000, 4), np.float32)
    q[:, 2] = 1
    counts = np.bincount(epsilon_greedy(q, 0.3, generator(1)), minlength=4) / 40_000
    expected = np.array([0.075, 0.075, 0.775, 0.075])
    assert (np.abs(counts - expected) < 4 * np.sqrt(expected * (1 - expected) / 40_000)).all()


def test_epsilon_falls_with_the_steps():
    """Linear from 1 to 0 over 2,000 steps: half of them random, of which half happen to be greedy."""
    config = DQNConfig(hidden="8", epsilon=Linear(1, 0, 2000), learning_starts=10_000, replay_size=10_000)
    corridor = Corridor()
    state = initial_dqn(corridor, config, generator(1))
    odd = []
    for event in islice(dqn(corridor, config, state), 4000):
        odd.append(int(event.a[0, 0] != greedy(config, state, event.obs[0])[0]))
    first, second, rest = sum(odd[:1000]), sum(odd[1000:2000]), sum(odd[2000:])
    assert abs(first - 375) < 4 * np.sqrt(1000 * 0.375 * 0.625)
    assert abs(second - 125) < 4 * np.sqrt(1000 * 0.125 * 0.875)
    assert rest == 0


def test_weights_of_the_best_can_be_put_back():
    state, events = begun("corridors", BUSY)
    kept = {name: weights.copy() for name, weights in parameters(state).items()}
    q = state.q.values(np.eye(4, dtype=np.float32)).copy()
    for _ in islice(events, 50):
        pass
    assert not np.array_equal(q, state.q.values(np.eye(4, dtype=np.float32)))
    load_parameters(state, kept)
    assert np.array_equal(q, state.q.values(np.eye(4, dtype=np.float32)))
    for bad in ({**kept, "0.bias": kept["0.bias"] * np.nan}, {**kept, "more": kept["0.bias"]}, {}):
        with pytest.raises(ValueError, match="stored"):
            load_parameters(state, bad)
    assert np.array_equal(q, state.q.values(np.eye(4, dtype=np.float32)))


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"learning_rate": Constant(-1e-3)}, "learning_rate must be in"),
        ({"epsilon": Linear(1, -0.1, 10)}, "epsilon must be in"),
        ({"gamma": 1.5}, "gamma must be in"),
        ({"hidden": "a"}, "hidden must be"),
        ({"batch": 0}, "batch must be in"),
        ({"batch": 200, "replay_size": 100}, "replay_size must hold a batch of 200, got 100"),
        ({"learning_starts": 5, "environments": 3, "n_step": 2}, "learning_starts must be at least"),
        ({"max_gradient_norm": 0.0}, "max_gradient_norm must be"),
        ({"max_gradient_norm": float("nan")}, "max_gradient_norm must be"),
    ],
)
def test_settings_out_of_range_are_refused(settings, complaint):
    with pytest.raises(ValueError, match=complaint):
        DQNConfig(**settings)
