"""Dynamic programming against the book's figures, exact solutions, and an oracle of plain loops over the text map."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from algorithms import dynamic_programming as dp
from algorithms.dynamic_programming import DPConfig, DPState
from algorithms.exploration import tied
from scenarios.worlds import toy_text
from scenarios.worlds.maps import build_map, find_world, load_map, parse_map
from scenarios.worlds.model import TabularModel

DATA = Path(__file__).parent.parent / "data"
PAGES = [dp.policy_evaluation, dp.policy_iteration, dp.value_iteration]


def reference(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"{name}.json").read_text())["expected"]


def shipped(name: str) -> TabularModel:
    return load_map(find_world(name))


def solve(page: Any, model: TabularModel, **settings: Any) -> DPState:
    config = DPConfig(**{"gamma": model.discount, **settings})
    state = dp.initial_dp(model, config, np.random.default_rng(0))
    for _ in page(model, config, state):
        pass
    return state


def action_sets(model: TabularModel, v: np.ndarray, gamma: float) -> list[list[int]]:
    return [best.nonzero()[0].tolist() for best in tied(model.lookahead(v, gamma).T)]


# The book's figures


def test_figure_4_1_after_every_sweep() -> None:
    expected = reference("sb_fig4_1_gridworld4x4_policy_evaluation")["v_k"]
    assert len(expected) > 8
    for k, v in expected.items():
        state = solve(dp.policy_evaluation, shipped("fig4-1"), max_sweeps=int(k), theta=0)
        assert state.sweeps == int(k)
        np.testing.assert_allclose(state.v, np.ravel(v), atol=1e-9)


def test_figure_4_1_settles_and_its_greedy_policy_is_optimal_after_three_sweeps() -> None:
    expected = reference("sb_fig4_1_gridworld4x4_policy_evaluation")
    model = shipped("fig4-1")
    state = solve(dp.policy_evaluation, model, theta=1e-10)
    np.testing.assert_allclose(state.v, np.ravel(expected["v_inf"]), atol=1e-6)
    for k, policy in {**expected["greedy_policy_wrt_v_k"], "inf": expected["greedy_policy_wrt_v_inf"]}.items():
        v = state.v if k == "inf" else np.ravel(expected["v_k"][k])
        sets = ["".join("URDL"[a] for a in actions) for actions in action_sets(model, v, 1.0)]
        for actual, wanted in zip(sets, np.ravel(policy), strict=True):
            assert wanted == "T" or set(actual) == set(wanted)


def test_sweeps_until_theta_in_both_orders() -> None:
    expected = reference("sb_fig4_1_gridworld4x4_policy_evaluation")["sweeps_to_max_delta_below_theta"]
    assert len(expected) == 4
    for key, sweeps in expected.items():
        theta = float(key.removeprefix("theta_"))
        model = shipped("fig4-1")
        assert solve(dp.policy_evaluation, model, theta=theta).sweeps == sweeps["sync"]
        assert solve(dp.policy_evaluation, model, theta=theta, in_place=True).sweeps == sweeps["inplace_rowmajor"]


def test_figures_3_2_and_3_5() -> None:
    expected, model = reference("sb_fig3_2_and_3_5_gridworld5x5"), shipped("jumps")
    random = solve(dp.policy_evaluation, model, theta=1e-12)
    np.testing.assert_allclose(random.v, np.ravel(expected["v_random"]), atol=1e-6)
    for page in (dp.policy_iteration, dp.value_iteration):
        best = solve(page, model, theta=1e-12)
        np.testing.assert_allclose(best.v, np.ravel(expected["v_star"]), atol=1e-6)
        sets = [{"URDL"[a] for a in actions} for actions in action_sets(model, best.v, 0.9)]
        assert sets == [set(wanted) for wanted in np.ravel(expected["pi_star"])]


def test_windy_gridworld_steps_to_go() -> None:
    expected = reference("sb_ex6_5_windy_gridworld_exact")
    windy, king = shipped("windy"), shipped("windy-king")
    steps = -solve(dp.value_iteration, windy).v
    np.testing.assert_array_equal(steps.reshape(7, 10), expected["four_moves"]["steps_to_go"])
    assert steps[30] == expected["four_moves"]["steps"] == 15
    assert -solve(dp.value_iteration, king).v[30] == expected["king_moves"]["steps"] == 7


# gymnasium's worlds, solved exactly


@pytest.mark.parametrize("in_place", [False, pytest.param(True, marks=pytest.mark.slow)])
@pytest.mark.parametrize("page", [dp.policy_iteration, dp.value_iteration])
@pytest.mark.parametrize("key", list(reference("frozenlake_4x4_slippery"))[:5])
def test_frozen_lake(page: Any, in_place: bool, key: str) -> None:
    expected = reference("frozenlake_4x4_slippery")[key]
    gamma, model = float(key.removeprefix("gamma_")), toy_text.frozen_lake()
    state = solve(page, model, gamma=gamma, theta=1e-13, in_place=in_place)
    np.testing.assert_allclose(state.v, expected["v_star"], atol=1e-6)
    np.testing.assert_allclose(model.lookahead(state.v, gamma)[:, 0], expected["q_star_start"], atol=1e-6)
    assert action_sets(model, state.v, gamma) == expected["optimal_action_sets"]


@pytest.mark.parametrize(
    ("page", "gamma"),
    [
        pytest.param(dp.policy_iteration, 1.0, marks=pytest.mark.slow),  # a walk at random falls and falls
        *((dp.policy_iteration, gamma) for gamma in (0.99, 0.9)),
        *((dp.value_iteration, gamma) for gamma in (1.0, 0.99, 0.9)),
    ],
)
def test_cliff_walking(page: Any, gamma: float) -> None:
    expected, model = reference("cliffwalking_deterministic")[f"gamma_{gamma}"], toy_text.cliff_walking()
    state = solve(page, model, gamma=gamma, theta=1e-9)
    np.testing.assert_allclose(state.v, np.ravel(expected["v_star"]), atol=1e-6)
    assert action_sets(model, state.v, gamma) == expected["optimal_action_sets"]
    np.testing.assert_allclose(model.lookahead(state.v, gamma)[:, 36], expected["q_star_start"], atol=1e-6)


@pytest.mark.parametrize("gamma", [1.0, 0.99])
def test_taxi(gamma: float) -> None:
    expected, model = reference("taxi_v4"), toy_text.taxi()
    state = solve(dp.value_iteration, model, gamma=gamma, theta=1e-12)
    key = "v_star_gamma1" if gamma == 1 else "v_star_gamma0.99"
    np.testing.assert_allclose(state.v, expected[key], atol=1e-6)
    if gamma == 1:
        assert model.start_chance @ state.v[model.start_states] == pytest.approx(7.93, abs=1e-6)


# Hostile maps, solved independently: plain loops over the text, dense matrices, a linear solve

STEPS = [(-1, 0), (0, 1), (1, 0), (0, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)]
SQUARE = {0: (3, 1), 1: (0, 2), 2: (1, 3), 3: (2, 0), 4: (7, 5), 5: (4, 6), 6: (5, 7), 7: (6, 4)}


class TextMap:
    """A random map: its cells, its options, and what follows from them by the rules of the map, cell by cell."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rows, self.columns = (int(n) for n in rng.integers(1, 6, 2))
        symbols = [".", "#", "S", "C", "+1", "-2.5", "10"]
        cells = rng.choice(symbols, (self.rows, self.columns), p=[0.5, 0.15, 0.08, 0.1, 0.07, 0.05, 0.05])
        cells[tuple(rng.integers(0, [self.rows, self.columns]))] = "S"
        self.cells = [[str(cell) for cell in row] for row in cells]
        self.king = bool(rng.random() < 0.3)
        self.noise = float(rng.choice([0.0, 0.2, 1.0, rng.random()]))
        self.discount = float(rng.choice([0.0, 0.5, 0.9, 0.95]))
        self.living, self.off_grid, self.fall = (float(x) for x in rng.normal(size=3))
        self.wind = rng.integers(0, 4, self.columns).tolist() if rng.random() < 0.4 else [0] * self.columns
        self.jumps: dict[tuple[int, int], tuple[tuple[int, int], float]] = {}
        places = [(i, j) for i in range(self.rows) for j in range(self.columns)]
        for i, j in places:
            to = places[int(rng.integers(len(places)))]
            if self.cells[i][j] in ".S" and self.cells[to[0]][to[1]] != "#" and rng.random() < 0.1:
                self.jumps[i, j] = (to, float(rng.normal()))

    @property
    def toml(self) -> str:
        rows = "\n".join("  ".join(row) for row in self.cells)
        lines = [f'map = """\n{rows}\n"""', f"noise = {self.noise}", f"discount = {self.discount}"]
        lines += [f"living_reward = {self.living}", f"off_grid_reward = {self.off_grid}", f"cliff_reward = {self.fall}"]
        lines += [f"king_moves = {str(self.king).lower()}", f"wind = {self.wind}"]
        for source, (to, reward) in self.jumps.items():
            lines += ["[[jump]]", f"from = {list(source)}", f"to = {list(to)}", f"reward = {reward}"]
        return "\n".join(lines)

    def dense(self) -> tuple[np.ndarray, np.ndarray]:
        """p(s' | s, a) and r(s, a). [A, S, S], [A, S]"""
        actions, states = (8 if self.king else 4), self.rows * self.columns
        p, r = np.zeros((actions, states, states)), np.zeros((actions, states))
        for i in range(self.rows):
            for j in range(self.columns):
                s = i * self.columns + j
                for a in range(actions):
                    if self.cells[i][j] == "#" or self.cells[i][j] not in ".SC":
                        p[a, s, s] = 1
                        continue
                    for move, chance in [(a, 1 - self.noise), *((m, self.noise / 2) for m in SQUARE[a])]:
                        (to_i, to_j), reward = self.moved(i, j, move)
                        starts = [(to_i, to_j)]
                        if self.cells[to_i][to_j] == "C":
                            reward += self.fall
                            starts = [
                                (m, n) for m in range(self.rows) for n in range(self.columns) if self.cells[m][n] == "S"
                            ]
                        else:
                            reward += self.living
                            if self.cells[to_i][to_j] not in ".S":
                                reward += float(self.cells[to_i][to_j])
                        r[a, s] += chance * reward
                        for m, n in starts:
                            p[a, s, m * self.columns + n] += chance / len(starts)
        return p, r

    def moved(self, i: int, j: int, move: int) -> tuple[tuple[int, int], float]:
        """Where a move from (i, j) ends, and what it pays on top of the living reward."""
        if (i, j) in self.jumps:
            return self.jumps[i, j]
        reward, (down, right) = 0.0, STEPS[move]
        to_i, to_j = i + down, j + right
        if not (0 <= to_i < self.rows and 0 <= to_j < self.columns):
            to_i, to_j, reward = i, j, self.off_grid
        elif self.cells[to_i][to_j] == "#":
            to_i, to_j = i, j
        for _ in range(self.wind[j]):
            if to_i > 0 and self.cells[to_i - 1][to_j] != "#":
                to_i -= 1
        return (to_i, to_j), reward


def best_values(p: np.ndarray, r: np.ndarray, gamma: float) -> np.ndarray:
    """Policy iteration with a linear solve. [S]"""
    states = np.arange(p.shape[1])
    policy = np.zeros(len(states), int)
    for _ in range(1000):
        v = np.linalg.solve(np.eye(len(states)) - gamma * p[policy, states], r[policy, states])
        q = r + gamma * p @ v
        if (q.max(axis=0) <= v + 1e-11).all():
            return v
        policy = np.where(q.max(axis=0) > v + 1e-11, q.argmax(axis=0), policy)
    raise AssertionError("the oracle did not settle")


@pytest.mark.parametrize("seed", [*range(30), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(30, 100))])
def test_a_hostile_map_agrees_with_loops_over_its_text(seed: int) -> None:
    text = TextMap(np.random.default_rng(seed))
    model = build_map(parse_map(text.toml, "hostile"))
    p, r = text.dense()
    gamma = text.discount
    v = best_values(p, r, gamma)
    random = np.linalg.solve(np.eye(len(v)) - gamma * p.mean(axis=0), r.mean(axis=0))
    settings = {"theta": 1e-12, "in_place": seed % 4 == 0}
    np.testing.assert_allclose(solve(dp.policy_evaluation, model, **settings).v, random, atol=1e-9)
    best = [greedy.nonzero()[0].tolist() for greedy in tied((r + gamma * p @ v).T)]
    for page in (dp.policy_iteration, dp.value_iteration):
        state = solve(page, model, **settings)
        assert state.converged
        np.testing.assert_allclose(state.v, v, atol=1e-9)
        assert action_sets(model, state.v, gamma) == best


@pytest.mark.parametrize("seed", range(100, 130))
@pytest.mark.parametrize("gamma", [1.0, 0.9])
def test_the_kth_synchronous_table_agrees_with_loops_over_the_text(seed: int, gamma: float) -> None:
    text = TextMap(np.random.default_rng(seed))
    model = build_map(parse_map(text.toml, "hostile"))
    p, r = text.dense()
    best, mean = np.zeros(len(p[0])), np.zeros(len(p[0]))
    for k in range(8):
        for page, v in ((dp.value_iteration, best), (dp.policy_evaluation, mean)):
            state = solve(page, model, gamma=gamma, theta=0, max_sweeps=k)
            if state.sweeps == k:  # else it had settled to the last bit before
                np.testing.assert_allclose(state.v, v, atol=1e-9)
        best, mean = (r + gamma * p @ best).max(axis=0), (r + gamma * p @ mean).mean(axis=0)


# What must not matter


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "model",
    [shipped("book"), shipped("windy"), shipped("windy-king"), toy_text.frozen_lake(), toy_text.taxi(is_rainy=True)],
    ids=["book", "windy", "king", "frozenlake", "rainy taxi"],
)
def test_the_block_size_does_not_change_a_bit_of_a_synchronous_sweep(page: Any, model: TabularModel) -> None:
    tables = [solve(page, model, max_sweeps=5, block=block, gamma=0.9).v for block in (1, 2, 7, 0)]
    assert np.abs(tables[0]).max() > 0
    for table in tables[1:]:
        assert table.tobytes() == tables[0].tobytes()


def test_sweeps_in_place_see_the_newest_values() -> None:
    # news from the goal passes four cells in one sweep when they are backed up in its direction
    row = build_map(parse_map('map = "1 . . . S"\ndiscount = 0.5', "row"))
    once = {"max_sweeps": 1, "theta": 0}
    np.testing.assert_array_equal(solve(dp.value_iteration, row, in_place=True, **once).v, [0, 1, 0.5, 0.25, 0.125])
    np.testing.assert_array_equal(solve(dp.value_iteration, row, in_place=False, **once).v, [0, 1, 0, 0, 0])
    assert solve(dp.value_iteration, row, in_place=True).sweeps == 2
    assert solve(dp.value_iteration, row, in_place=False).sweeps == 5


def test_values_beyond_an_ending_do_not_count() -> None:
    model = toy_text.cliff_walking()  # its goal, unlike a map's, pays on as if nothing had ended
    forgetful = replace(model, ends=np.zeros_like(model.ends))
    assert solve(dp.value_iteration, model, max_sweeps=50, theta=0).v[36] == -13
    assert solve(dp.value_iteration, forgetful, max_sweeps=50, theta=0).v[36] == -50


def test_policy_iteration_reports_every_improvement() -> None:
    model, config = shipped("fig4-1"), DPConfig(theta=1e-10)
    state = dp.initial_dp(model, config, np.random.default_rng(0))
    events = list(islice(dp.policy_iteration(model, config, state), 100_000))
    assert state.converged
    improvements = [event for event in events if event.improvement]
    # the random policy's values give the best policy but not yet all its ties; the third time nothing changes
    assert len(improvements) == 3
    assert all((event.old == event.new).all() for event in improvements)
    np.testing.assert_allclose(state.policy.sum(axis=0), 1)
