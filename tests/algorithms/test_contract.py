"""The laws of an algorithm, over all of them: complete at every yield, one yield per transition, same bits."""

import hashlib
import subprocess
import sys
from itertools import islice

import numpy as np
import pytest

from algorithms.contract import dump, load
from algorithms.registry import ALGORITHMS, Algorithm
from algorithms.schedules import Harmonic, Linear
from engine.randomness import generator
from scenarios.worlds.maps import build_map, parse_map
from scenarios.worlds.model import TabularWorld

SLIPPERY = """
name = "slippery cliff"
map = '''
S . # . +1
. . . . -1
S C C . .
'''
discount = 0.9
noise = 0.3
living_reward = -0.1
cliff_reward = -10
max_steps = 12
"""
LANES = (1, 3)
NAMES = [algorithm.name for algorithm in ALGORITHMS]


def situation(algorithm: Algorithm, lanes: int):
    """Surroundings in which everything can happen, and a configuration in which everything varies."""
    model = build_map(parse_map(SLIPPERY, "test"))
    if algorithm.plans:
        return model, algorithm.config(gamma=0.9, theta=1e-6, max_sweeps=10_000, block=2)
    schedules = {"alpha": Harmonic(0.5, 50), "epsilon": Linear(0.5, 0.1, 20)}
    return TabularWorld(model, lanes), algorithm.config(gamma=0.9, q0=1.0, **schedules)


def same(one, other) -> bool:
    """Bit for bit, down through dictionaries and named tuples."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    return type(one) is type(other) and one == other


def fingerprint(lanes: int = 3, yields: int = 500) -> str:
    """sha256 over the states of all algorithms after some updates."""
    digest = hashlib.sha256()
    for algorithm in ALGORITHMS:
        surroundings, config = situation(algorithm, lanes)
        state = algorithm.initial(surroundings, config, generator(3))
        for _ in islice(algorithm.page(surroundings, config, state), yields):
            pass
        for value in dump(state).values():
            digest.update(value.tobytes() if isinstance(value, np.ndarray) else repr(value).encode())
    return digest.hexdigest()


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=NAMES)
def test_complete_at_every_yield(algorithm, lanes):
    """Cut, dump, load into a fresh state and go on with a new generator: bit for bit what would have come."""
    surroundings, config = situation(algorithm, lanes)
    whole = algorithm.initial(surroundings, config, generator(1))
    uncut = algorithm.page(surroundings, config, whole)
    snapshot = dump(algorithm.initial(surroundings, config, generator(1)))
    made = 0
    for event in islice(uncut, 1_000):
        fresh = algorithm.initial(surroundings, config, generator(99))
        load(fresh, snapshot)
        assert same(next(algorithm.page(surroundings, config, fresh)), event)
        snapshot = dump(fresh)
        assert same(snapshot, dump(whole))
        made += 1
    assert made == 1_000 or next(uncut, None) is None
    assert made > 50


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=NAMES)
def test_one_yield_per_transition(algorithm):
    """The world is asked exactly once between two yields, and only what the event tells of has changed."""

    class Counting:
        asked = 0

        def __init__(self, inner):
            self._inner = inner

        def __getattr__(self, name):
            if name in ("step", "lookahead"):
                Counting.asked += 1
            return getattr(self._inner, name)

    surroundings, config = situation(algorithm, 3)
    state = algorithm.initial(surroundings, config, generator(1))
    table = "v" if algorithm.plans else "q"
    updates = algorithm.page(Counting(surroundings), config, state)
    for count, event in enumerate(islice(updates, 300), start=1):
        assert Counting.asked == count
        if algorithm.plans:
            written = state.v if event.last or config.in_place else state.v_next
            if not event.improvement:
                assert same(written[event.states], event.new)
        else:
            entry = (event.s, event.a) if event.table is None else (event.table, event.s, event.a)
            assert same(getattr(state, table)[entry], event.new)


@pytest.mark.parametrize("algorithm", ALGORITHMS, ids=NAMES)
def test_learning_changes_something_and_stays_finite(algorithm):
    surroundings, config = situation(algorithm, 3)
    state = algorithm.initial(surroundings, config, generator(1))
    before = dump(state)
    for _ in islice(algorithm.page(surroundings, config, state), 500):
        pass
    values = "v" if algorithm.plans else "q"
    assert np.isfinite(getattr(state, values)).all()
    assert not same(getattr(state, values), before[values])


def test_dump_shares_nothing_with_the_state():
    for algorithm in ALGORITHMS:
        surroundings, config = situation(algorithm, 2)
        state = algorithm.initial(surroundings, config, generator(1))
        before, again = dump(state), dump(state)
        for _ in islice(algorithm.page(surroundings, config, state), 60):
            pass
        assert same(before, again)
        load(state, before)
        for _ in islice(algorithm.page(surroundings, config, state), 60):
            pass
        assert same(before, again)


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_same_seed_same_bits_in_another_process(hash_seed):
    command = "from tests.algorithms.test_contract import fingerprint; print(fingerprint())"
    environment = {"PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": "."}
    other = subprocess.run([sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == fingerprint()


def test_lanes_are_independent_learners():
    """What a lane learns is told by its own experience alone: its table is untouched by the other lanes' updates."""
    algorithm = next(a for a in ALGORITHMS if a.name == "q-learning")
    world, config = situation(algorithm, 3)
    state = algorithm.initial(world, config, generator(5))
    own = np.ones((world.states, world.actions))
    for event in islice(algorithm.page(world, config, state), 400):
        s, a, s2 = (int(x[1]) - world.states * (i != 1) for i, x in enumerate((event.s, event.a, event.s2)))
        target = event.r[1] + 0.9 * event.discount[1] * own[s2].max()
        own[s, a] += event.alpha[1] * (target - own[s, a])
    assert np.array_equal(state.q[world.states : 2 * world.states], own)
