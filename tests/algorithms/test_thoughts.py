"""What a network thinks: the numbers it acts by, and asking for them changes nothing."""

from itertools import islice

import numpy as np
import pytest

from algorithms.contract import dump
from algorithms.ppo import PPOConfig
from algorithms.registry import DEEP_ALGORITHMS, SUPERVISED_ALGORITHMS
from algorithms.rollouts import Group, Groups
from engine.randomness import generator
from scenarios.runs.checkpoint import digest
from tests.algorithms.test_classification import CONFIG as NAMING
from tests.algorithms.test_classification import bars
from tests.algorithms.test_contract import same
from tests.algorithms.test_dqn import BUSY, Corridor
from tests.algorithms.test_ppo import SMALL, Targets


def targets(continuous):
    rng = generator(2)
    return Groups([Group(Targets(2, continuous, generator(i)), rng) for i in range(2)])


CASES = {
    "dqn": ("dqn", BUSY, Corridor),
    "ppo": ("ppo", PPOConfig(**SMALL), lambda: targets(False)),
    "ppo continuous": ("ppo", PPOConfig(**SMALL), lambda: targets(True)),
    "classification": ("classification", NAMING, bars),
}
OBS = {"dqn": np.eye(5, 4), "ppo": np.linspace(-1, 1, 10).reshape(5, 2), "classification": bars().questions[:5]}


def begun(case):
    name, config, surroundings = CASES[case]
    algorithm = next(one for one in (*SUPERVISED_ALGORITHMS, *DEEP_ALGORITHMS) if one.name == name)
    world = surroundings()
    state = algorithm.initial(world, config, generator(1))
    return algorithm, config, state, algorithm.page(world, config, state), np.asarray(OBS[name], np.float32)


@pytest.mark.parametrize("case", CASES)
def test_thinking_changes_nothing_of_what_comes(case):
    algorithm, config, state, events, obs = begun(case)
    _, _, undisturbed, expected, _ = begun(case)
    for event, other in zip(islice(events, 40), islice(expected, 40), strict=True):
        before = digest(dump(state))
        for n in (1, 3, 5):
            algorithm.thoughts(config, state, obs[:n])
        assert digest(dump(state)) == before
        assert same(event, other)
    assert digest(dump(state)) == digest(dump(undisturbed))


@pytest.mark.parametrize("case", CASES)
def test_the_action_of_the_greatest_is_the_greedy_one(case):
    algorithm, config, state, events, obs = begun(case)
    list(islice(events, 60))
    thoughts = algorithm.thoughts(config, state, obs)
    greedy = algorithm.greedy(config, state, obs)
    assert thoughts.actions.dtype == thoughts.value.dtype == np.float32
    assert thoughts.value.shape == (5,)
    if thoughts.kind == "mean":
        assert np.array_equal(thoughts.actions, greedy)
        assert np.array_equal(thoughts.spread, np.exp(algorithm.parameters(state)["log_std"]))
    else:
        assert np.array_equal(thoughts.actions.argmax(axis=1), greedy)
        assert thoughts.spread is None
    if thoughts.kind == "probability":
        assert thoughts.actions.min() >= 0
        assert np.allclose(thoughts.actions.sum(axis=1), 1)


def test_the_value_is_the_critics_or_the_greatest():
    algorithm, config, state, events, obs = begun("dqn")
    list(islice(events, 60))
    thoughts = algorithm.thoughts(config, state, obs)
    assert np.array_equal(thoughts.value, thoughts.actions.max(axis=1))
    algorithm, config, state, events, obs = begun("ppo")
    list(islice(events, 20))
    weights = {name: array.copy() for name, array in algorithm.parameters(state).items()}
    h = obs
    for layer in range(3):
        h = h @ weights[f"critic.{layer}.weight"] + weights[f"critic.{layer}.bias"]
        h = np.tanh(h) if layer < 2 else h
    v = h[:, 0] * state.scale.deviation  # in rewards as they are paid
    assert np.allclose(algorithm.thoughts(config, state, obs).value, v, atol=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_thoughts_are_the_callers_own(case):
    algorithm, config, state, _, obs = begun(case)
    thoughts = algorithm.thoughts(config, state, obs)
    kept = thoughts.actions.copy(), thoughts.value.copy()
    algorithm.thoughts(config, state, -obs - 1)
    assert same((thoughts.actions, thoughts.value), kept)
