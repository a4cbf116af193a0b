"""The tabular model and acting in it: lanes, chance, starts, time limits, one-step lookahead."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from scenarios.worlds.layout import Kind, Layout
from scenarios.worlds.maps import build_map, find_world, load_map, parse_map
from scenarios.worlds.model import TabularModel, TabularWorld


def chain(chance: Any, **settings: Any) -> TabularModel:
    """Three states in a row and as many outcomes: stay, on to the next one, to the last one, which ends it."""
    layout = Layout(1, 3, np.array([Kind.START, Kind.FREE, Kind.TERMINAL], np.int8), ("S", "", "0"), ("on",))
    return TabularModel(
        next_state=np.array([[0, 1, 2], [1, 2, 2], [2, 2, 2]], np.int32),
        reward=np.array([[0.0, 1, 2], [3, 4, 5], [6, 7, 8]]),
        ends=np.array([[False, False, True], [False, True, True], [True, True, True]]),
        chance=np.array(chance, float),
        **{
            "start_states": np.array([0]),
            "start_chance": np.array([1.0]),
            "layout": layout,
            **settings,
        },
    )


def steps(model: TabularModel, state: int, lanes: int, t: int = 0, seed: int = 0) -> tuple[np.ndarray, Any]:
    offset = np.arange(lanes) * model.states
    zeros = np.zeros(lanes, np.intp)
    step = TabularWorld(model, lanes).step(state + offset, zeros, zeros + t, np.random.default_rng(seed))
    return step.s2 - offset, step


def test_lookahead_by_hand() -> None:
    model = chain([[[0.5], [0.25], [0.25]]])
    v = np.array([10.0, 20, 1000])  # the last state's value must not count
    q = model.lookahead(v, 0.5, slice(0, 3))
    first = 0.5 * (0 + 0.5 * 10) + 0.25 * (3 + 0.5 * 20) + 0.25 * 6
    second = 0.5 * (1 + 0.5 * 20) + 0.25 * 4 + 0.25 * 7
    np.testing.assert_allclose(q, [[first, second, 0.5 * 2 + 0.25 * 5 + 0.25 * 8]])
    per_state = chain(np.stack([np.array([0.5, 0.25, 0.25])] * 3, axis=1)[None])
    np.testing.assert_allclose(per_state.lookahead(v, 0.5, slice(0, 3)), q)
    np.testing.assert_array_equal(model.lookahead(v, 0.5, slice(1, 2)), q[:, 1:2])
    np.testing.assert_array_equal(v, [10, 20, 1000])


def test_lookahead_of_an_action_that_can_only_have_one_outcome() -> None:
    model = chain([[[0], [1], [0]], [[1], [0], [0]], [[1], [0], [0]]])  # actions are not in the outcomes' order
    np.testing.assert_allclose(
        model.lookahead(np.array([10.0, 20, 1000]), 0.5, slice(0, 2)), [[13, 4], [5, 11], [5, 11]]
    )
    s2, step = steps(model, 0, 1)
    assert (s2[0], step.r[0]) == (1, 3)


def test_lanes_do_not_leave_their_own_states() -> None:
    model = load_map(find_world("windy"))
    world, rng = TabularWorld(model, 5), np.random.default_rng(0)
    s = world.start(rng)
    t = np.zeros(5, np.intp)
    assert s.tolist() == [30, 100, 170, 240, 310]
    for _ in range(200):
        step = world.step(s, rng.integers(0, 4, 5), t, rng)
        assert (step.s2 // model.states == np.arange(5)).all()
        s = np.where(step.last, world.start(rng), step.s2)


@pytest.mark.parametrize("form", ["shared", "per state"])
def test_outcomes_are_as_frequent_as_their_chance(form: str) -> None:
    p = np.array([0.2, 0.0, 0.8]) if form == "shared" else np.array([0.7, 0.29, 0.01])
    model = chain(p[None, :, None] if form == "shared" else np.stack([[1.0, 0, 0], p, [0, 0, 1.0]], axis=1)[None])
    lanes = 100_000
    state = 1
    _, step = steps(model, state, lanes)
    for m in range(3):
        share = float((step.r == model.reward[m, state]).mean())
        assert abs(share - p[m]) <= 4 * math.sqrt(p[m] * (1 - p[m]) / lanes)


class Draws:
    """A generator that gives one number over and over."""

    def __init__(self, value: float) -> None:
        self.value = value

    def random(self, size: int) -> np.ndarray:
        return np.full(size, self.value)


@pytest.mark.parametrize(
    "chance", [[0.1] * 10 + [0.0] * 5, [0.0, 1.0, 0.0], [1 / 3, 1 / 3, 1 / 3, 0.0], [0.0] * 3 + [1]]
)
def test_rounding_never_draws_an_outcome_that_cannot_happen(chance: list[float]) -> None:
    outcomes = len(chance)
    model = TabularModel(
        next_state=np.arange(outcomes, dtype=np.int32)[:, None] * np.ones(outcomes, np.int32),
        reward=np.zeros((outcomes, outcomes)),
        ends=np.zeros((outcomes, outcomes), bool),
        chance=np.tile(np.array(chance)[None, :, None], (3, 1, outcomes)),
        start_states=np.arange(outcomes),
        start_chance=np.array(chance),
        layout=load_map(find_world("book")).layout,
    )
    world = TabularWorld(model, 1)
    for value in (0.0, 0.5, np.nextafter(1.0, 0.0)):
        for s in range(outcomes):
            for a in range(3):
                s2 = world.step(np.array([s]), np.array([a]), np.array([0]), Draws(value)).s2  # type: ignore[arg-type]
                assert chance[int(s2[0])] > 0
        assert chance[int(world.start(Draws(value))[0])] > 0  # type: ignore[arg-type]


def test_starts_are_drawn_evenly() -> None:
    model, lanes = load_map(find_world("fig4-1")), 70_000
    starts = TabularWorld(model, lanes).start(np.random.default_rng(0)) - np.arange(lanes) * 16
    counts = np.bincount(starts, minlength=16)
    assert counts[0] == counts[15] == 0
    assert (np.abs(counts[1:15] - 5000) < 4 * math.sqrt(5000)).all()


def test_a_time_limit_ends_an_episode_without_touching_the_discount() -> None:
    model = build_map(parse_map('map = "S . 1"\nmax_steps = 3', "short"))
    for t, last in [(0, False), (1, False), (2, True), (3, True)]:
        _, step = steps(model, 0, 2, t=t)
        assert step.last.tolist() == [last] * 2
        assert step.discount.tolist() == [1.0, 1.0]
    right = np.array([1])
    step = TabularWorld(model, 1).step(right, right, np.array([2]), np.random.default_rng(0))
    assert (step.s2[0], step.r[0], step.discount[0], step.last[0]) == (2, 1, 0, True)  # both at once: terminal
