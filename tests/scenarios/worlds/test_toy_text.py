"""gymnasium's worlds: every transition as the environment declares it, and as it acts."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from algorithms.contract import Step
from scenarios.worlds import toy_text
from scenarios.worlds.layout import Kind
from scenarios.worlds.model import TabularModel, TabularWorld

WORLDS: list[tuple[str, Callable[..., TabularModel], str, dict[str, Any]]] = [
    ("cliff", toy_text.cliff_walking, "CliffWalking-v1", {}),
    ("slippery cliff", toy_text.cliff_walking, "CliffWalking-v1", {"is_slippery": True}),
    ("lake 4x4", toy_text.frozen_lake, "FrozenLake-v1", {"map_name": "4x4"}),
    ("lake 8x8", toy_text.frozen_lake, "FrozenLake-v1", {"map_name": "8x8"}),
    ("dry lake", toy_text.frozen_lake, "FrozenLake-v1", {"is_slippery": False}),
    ("rough lake", toy_text.frozen_lake, "FrozenLake-v1", {"success_rate": 0.75}),
    ("sure lake", toy_text.frozen_lake, "FrozenLake-v1", {"success_rate": 1.0}),
    ("taxi", toy_text.taxi, "Taxi-v4", {}),
    ("rainy taxi", toy_text.taxi, "Taxi-v4", {"is_rainy": True}),
]
EVERY_WORLD = pytest.mark.parametrize(
    ("build", "name", "settings"), [w[1:] for w in WORLDS], ids=[w[0] for w in WORLDS]
)
CERTAIN = ("cliff", "dry lake", "sure lake", "taxi")


def environment(name: str, settings: dict[str, Any]) -> Any:
    return gymnasium.make(name, **settings)


def chances(model: TabularModel) -> np.ndarray:
    """[A, M, S]"""
    return np.broadcast_to(model.chance, (model.actions, *model.next_state.shape))


def declared(transitions: list[tuple[float, int, float, bool]]) -> dict[tuple[int, float, bool], float]:
    summed: Counter[tuple[int, float, bool]] = Counter()
    for p, s2, r, terminated in transitions:
        summed[int(s2), float(r), bool(terminated)] += p  # type: ignore[assignment]
    return {outcome: p for outcome, p in summed.items() if p > 0}


def modelled(model: TabularModel, s: int, a: int) -> dict[tuple[int, float, bool], float]:
    chance = chances(model)[a, :, s]
    return {
        (int(model.next_state[m, s]), float(model.reward[m, s]), bool(model.ends[m, s])): float(chance[m])
        for m in np.flatnonzero(chance)
    }


@EVERY_WORLD
def test_every_transition_is_the_declared_one(build: Any, name: str, settings: dict[str, Any]) -> None:
    env, model = environment(name, settings).unwrapped, build(**settings)
    assert (model.states, model.actions) == (env.observation_space.n, env.action_space.n)
    for s in range(model.states):
        for a in range(model.actions):
            assert modelled(model, s, a) == declared(env.P[s][a])
    starts = np.zeros(model.states)
    starts[model.start_states] = model.start_chance
    np.testing.assert_array_equal(starts, env.initial_state_distrib)


@EVERY_WORLD
def test_the_environment_acts_as_the_model_says(build: Any, name: str, settings: dict[str, Any]) -> None:
    env, model = environment(name, settings).unwrapped, build(**settings)
    env.reset(seed=0)
    tries = 1 if model.chance.shape[2] == 1 else 5
    for s in range(model.states):
        for a in range(model.actions):
            expected = modelled(model, s, a)
            for _ in range(tries):
                env.s = s
                s2, r, terminated, truncated, _ = env.step(a)
                assert (int(s2), float(r), bool(terminated)) in expected
                assert not truncated


@EVERY_WORLD
def test_a_step_in_lanes_is_a_step_in_the_environment(build: Any, name: str, settings: dict[str, Any]) -> None:
    env, model = environment(name, settings).unwrapped, build(**settings)
    s, a = (grid.ravel() for grid in np.meshgrid(range(model.states), range(model.actions), indexing="ij"))
    world = TabularWorld(model, len(s))
    offset = np.arange(len(s)) * model.states
    step = world.step(s + offset, a, np.zeros(len(s), np.intp), np.random.default_rng(0))
    for lane in range(len(s)):
        outcome = int(step.s2[lane] - offset[lane]), float(step.r[lane]), bool(step.last[lane])
        assert outcome in declared(env.P[int(s[lane])][int(a[lane])])
        assert step.discount[lane] == (0.0 if step.last[lane] else 1.0)


@pytest.mark.parametrize(
    ("build", "settings", "s", "a"),
    [
        (toy_text.cliff_walking, {"is_slippery": True}, 25, 1),
        (toy_text.frozen_lake, {}, 14, 2),
        (toy_text.frozen_lake, {"map_name": "8x8", "success_rate": 0.75}, 27, 0),
        (toy_text.taxi, {"is_rainy": True}, 241, 3),
    ],
)
def test_slips_are_as_frequent_as_declared(build: Any, settings: dict[str, Any], s: int, a: int) -> None:
    lanes, model = 40_000, build(**settings)
    expected = modelled(model, s, a)
    assert len(expected) >= 3
    offset = np.arange(lanes) * model.states
    step: Step = TabularWorld(model, lanes).step(
        s + offset, np.full(lanes, a), np.zeros(lanes, np.intp), np.random.default_rng(1)
    )
    seen = Counter(zip((step.s2 - offset).tolist(), step.r.tolist(), (step.discount == 0).tolist(), strict=True))
    assert set(seen) == set(expected)
    for outcome, p in expected.items():
        assert abs(seen[outcome] / lanes - p) < 4 * math.sqrt(p * (1 - p) / lanes)


@pytest.mark.parametrize("name", CERTAIN)
def test_nothing_is_drawn_where_nothing_is_left_to_chance(name: str) -> None:
    _, build, _, settings = next(world for world in WORLDS if world[0] == name)
    model = build(**settings)
    assert np.array_equal(model.chance[:, :, 0], np.eye(model.actions))
    rng = np.random.default_rng(0)
    before = rng.bit_generator.state
    zeros = np.zeros(1, np.intp)
    TabularWorld(model, 1).step(model.start_states[:1], zeros, zeros, rng)
    assert rng.bit_generator.state == before


def test_time_limits_are_those_registered_or_given() -> None:
    for model, limit in [
        (toy_text.cliff_walking(), gymnasium.spec("CliffWalking-v1").max_episode_steps),
        (toy_text.frozen_lake(), gymnasium.spec("FrozenLake-v1").max_episode_steps),
        (toy_text.frozen_lake("8x8"), gymnasium.spec("FrozenLake8x8-v1").max_episode_steps),
        (toy_text.taxi(), gymnasium.spec("Taxi-v4").max_episode_steps),
    ]:
        assert model.max_steps == limit
    assert toy_text.cliff_walking(max_steps=7).max_steps == 7
    assert toy_text.frozen_lake(max_steps=7).max_steps == 7
    assert toy_text.taxi(max_steps=None).max_steps is None


def test_layouts_show_what_the_environments_draw() -> None:
    cliff, lake, taxi = toy_text.cliff_walking().layout, toy_text.frozen_lake().layout, toy_text.taxi().layout
    assert cliff.labels[36:] == ("S", *"CCCCCCCCCC", "G")
    assert [Kind(kind).name for kind in cliff.kinds[35:38]] == ["FREE", "START", "CLIFF"]
    assert "".join(label or "F" for label in lake.labels) == "SFFFFHFHFFFHHFFG"
    assert Kind(lake.kinds[5]) is Kind.HOLE
    assert Kind(lake.kinds[15]) is Kind.TERMINAL
    assert [taxi.labels[cell] for cell in taxi.landmarks] == ["R", "G", "Y", "B"]
    assert taxi.fences == (1, 6, 15, 17, 20, 22)


def test_taxis_fences_stop_its_moves() -> None:
    model = toy_text.taxi()
    right, left = model.layout.actions.index("right"), model.layout.actions.index("left")
    for cell in range(25):
        if cell % 5 < 4:
            stays = int(model.next_state[right, cell * 20]) == cell * 20
            assert stays == (cell in model.layout.fences)
            assert stays == (int(model.next_state[left, (cell + 1) * 20]) == (cell + 1) * 20)


def test_taxis_states_in_words() -> None:
    env, layout = environment("Taxi-v4", {}).unwrapped, toy_text.taxi().layout
    assert layout.states_per_cell == 20
    for state in range(500):
        row, column, passenger, destination = env.decode(state)
        assert layout.cell(state) == row * 5 + column
        waits = None if passenger == 4 else layout.landmarks[passenger]
        assert layout.passenger(state) == (waits, layout.landmarks[destination])
    assert layout.within[4 * 4 + 2] == "passenger in the taxi, to Y"
    assert layout.within[3 * 4 + 0] == "passenger at B, to R"


def test_importing_the_worlds_does_not_import_gymnasium() -> None:
    check = (
        "import sys, json; import scenarios.catalog, scenarios.worlds.toy_text; print(json.dumps(list(sys.modules)))"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=root)
    assert "gymnasium" not in json.loads(done.stdout)
