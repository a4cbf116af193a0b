"""How fast tabular learning is, beside the way teaching repositories do it, on this machine in one run.

    python benchmarks/tabular.py

Every side runs in turns (A, B, A, B, ...) on one thread and the median counts, so a busy moment hits both. What is
measured is what learners run: the page itself, with every event consumed.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice

import numpy as np

from algorithms import dynamic_programming as dp
from algorithms import td
from scenarios.worlds import toy_text
from scenarios.worlds.maps import build_map, parse_map
from scenarios.worlds.model import TabularModel, TabularWorld

ROUNDS = 5
ALPHA, EPSILON, GAMMA = 0.5, 0.1, 1.0
Transitions = list[list[list[tuple[float, int, float, bool]]]]


def in_turns(sides: dict[str, Callable[[], float]]) -> dict[str, float]:
    """The median of what each side returns, all sides taking turns."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            figures[name].append(side())
    return {name: statistics.median(values) for name, values in figures.items()}


# Q-learning on CliffWalking: updates per second


def plain_q_learning(random_ties: bool, updates: int = 20_000) -> float:
    """A loop over gymnasium's environment with a numpy table."""
    import gymnasium

    environment, rng = gymnasium.make("CliffWalking-v1"), np.random.default_rng(0)
    q = np.zeros((environment.observation_space.n, environment.action_space.n))
    state, _ = environment.reset(seed=0)
    began = time.perf_counter()
    for _ in range(updates):
        if rng.random() < EPSILON:
            action = environment.action_space.sample()
        elif random_ties:
            action = int(rng.choice(np.flatnonzero(q[state] == np.max(q[state]))))
        else:
            action = int(np.argmax(q[state]))
        next_state, reward, terminated, truncated, _ = environment.step(action)
        target = reward + GAMMA * np.max(q[next_state]) * (not terminated)
        q[state, action] += ALPHA * (target - q[state, action])
        state = environment.reset()[0] if terminated or truncated else next_state
    return updates / (time.perf_counter() - began)


def page_q_learning(model: TabularModel, lanes: int, tie_break: td.TieBreak, steps: int = 3000) -> float:
    """The page, L learners in lockstep, every event folded into the return per episode."""
    world = TabularWorld(model, lanes)
    config = td.TDConfig(gamma=GAMMA, tie_break=tie_break)
    state = td.initial_td(world, config, np.random.default_rng(0))
    returns, episodes = np.zeros(lanes), 0
    began = time.perf_counter()
    for event in islice(td.q_learning(world, config, state), steps):
        returns += event.r
        episodes += np.count_nonzero(event.last)
    seconds = time.perf_counter() - began
    assert episodes == state.episode.sum()
    return steps * lanes / seconds


def q_learning_table() -> None:
    model = toy_text.cliff_walking()
    print("Q-learning on CliffWalking, updates a second; plain: gymnasium's environment, numpy table, one learner")
    print(f"{'ties':8}{'plain':>12}{'500 lanes':>14}{'ratio':>8}")
    for ties in ("random", "first"):
        measured = in_turns(
            {
                "plain": lambda ties=ties: plain_q_learning(ties == "random"),
                "page": lambda ties=ties: page_q_learning(model, 500, ties),
            }
        )
        print(
            f"{ties:8}{measured['plain']:12,.0f}{measured['page']:14,.0f}{measured['page'] / measured['plain']:7.0f}x"
        )
    sides = {str(lanes): lambda lanes=lanes: page_q_learning(model, lanes, "random") for lanes in (1, 10, 100, 1000)}
    print("lanes   " + "".join(f"{lanes:>14}" for lanes in sides))
    print("        " + "".join(f"{rate:14,.0f}" for rate in in_turns(sides).values()) + "\n")


# Value iteration on slippery grids: time per sweep


def slippery_grid(size: int) -> TabularModel:
    """size x size cells, one in ten a wall, one step in five a slip."""
    cells = np.where(np.random.default_rng(0).random((size, size)) < 0.1, "#", ".").astype(object)
    cells[0, 0], cells[-1, -1] = "S", "+1"
    rows = "\n".join(" ".join(row) for row in cells)
    return build_map(parse_map(f'map = """\n{rows}\n"""\nnoise = 0.2\nliving_reward = -0.01\ndiscount = 0.99', "grid"))


def transitions(model: TabularModel) -> Transitions:
    """The model as gymnasium writes one: P[s][a] = [(p, s', r, terminated)]."""
    next_state, reward, ends = (table.T.tolist() for table in (model.next_state, model.reward, model.ends))
    chance = [[(m, p) for m, p in enumerate(row) if p] for row in model.chance[:, :, 0].tolist()]
    return [
        [[(p, next_state[s][m], reward[s][m], ends[s][m]) for m, p in row] for row in chance]
        for s in range(model.states)
    ]


def plain_sweep(table: Transitions, gamma: float) -> float:
    """Seconds of one synchronous sweep over plain lists."""
    v = [0.0] * len(table)
    began = time.perf_counter()
    v_next, largest_change = [], 0.0
    for s, actions in enumerate(table):
        best = -float("inf")
        for outcomes in actions:
            q = 0.0
            for p, s2, r, terminated in outcomes:
                q += p * (r if terminated else r + gamma * v[s2])
            best = max(best, q)
        largest_change = max(largest_change, abs(best - v[s]))
        v_next.append(best)
    return time.perf_counter() - began


def page_sweep(model: TabularModel, sweeps: int) -> float:
    """Seconds of one sweep of the page, every event folded into the largest change."""
    config = dp.DPConfig(gamma=model.discount, theta=0, max_sweeps=sweeps)
    state = dp.initial_dp(model, config, np.random.default_rng(0))
    changes = []
    began = time.perf_counter()
    for event in dp.value_iteration(model, config, state):
        if event.last:
            changes.append(event.largest_change)
    seconds = time.perf_counter() - began
    assert len(changes) == sweeps
    return seconds / sweeps


def value_iteration_table(peaks: dict[int, float]) -> None:
    print("Value iteration on slippery grids, one sweep; plain: lists of (p, s', r, terminated)")
    print(f"{'grid':>11}{'plain ms':>10}{'page ms':>9}{'ratio':>7}{'ns/state':>10}{'M states/s':>12}{'peak MB':>9}")
    for size, sweeps in ((100, 300), (300, 60), (1000, 6)):
        model = slippery_grid(size)
        sides: dict[str, Callable[[], float]] = {"page": lambda m=model, n=sweeps: page_sweep(m, n)}
        if size <= 300:
            table = transitions(model)
            sides["plain"] = lambda t=table, g=model.discount: plain_sweep(t, g)
        measured = in_turns(sides)
        page, plain = measured["page"], measured.get("plain")
        versus = (
            f"{plain * 1e3:10.1f}{page * 1e3:9.3f}{plain / page:6.0f}x" if plain else f"{'':10}{page * 1e3:9.3f}{'':7}"
        )
        figures = f"{page / size**2 * 1e9:10.1f}{size**2 / page / 1e6:12.1f}{peaks[size]:9.0f}"
        print(f"{f'{size}x{size}':>11}{versus}{figures}")
    print(f"the peak is that of a process which builds the grid and sweeps it; numpy alone is {peaks[0]:.0f} MB")


def peak_megabytes(size: int) -> float:
    """The most memory that a process of its own held while it built a grid and swept it three times; 0: no grid."""
    command = [sys.executable, __file__, str(size)]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        if sys.argv[1] != "0":
            page_sweep(slippery_grid(int(sys.argv[1])), 3)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    else:
        peaks = {
            size: peak_megabytes(size) for size in (0, 100, 300, 1000)
        }  # first: a child inherits its parent's peak
        q_learning_table()
        value_iteration_table(peaks)
