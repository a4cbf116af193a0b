"""DQN against Stable-Baselines3 and CleanRL on CartPole-v1: environment steps per second.

    python benchmarks/dqn.py [--rounds N] [--peer PYTHON]

Two sets of settings, each the same on both sides. Those of the RL Zoo, beside Stable-Baselines3: two layers of 256,
128 updates of batch 64 after every 256 steps, a target network copied before each of these rounds, a memory of 100,000
steps. And those of CleanRL's script, beside that script: layers of 120 and 84, one update of batch 128 every 10 steps,
a target network copied every 500, a memory of 10,000.

One thread a process, no render mode. Counted are the steps after the first update was due, every event folded into the
log of a run. Every measurement is a process of its own, the sides take turns (A, B, C, D, A, B, ...), and printed are
medians over the rounds, ratios taken inside a round. PYTHON is an interpreter that can import stable-baselines3: in an
environment with `pip install -e '.[bench]'` there is no need to name it.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)  # numpy's kernels for this processor, as torch always takes its own
ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

import argparse
import json
import time
from itertools import islice
from typing import NamedTuple

from algorithms.dqn import DQNConfig, dqn, initial_dqn
from algorithms.schedules import Constant, Linear
from benchmarks.turns import STEPS, Figures, add_arguments, in_a_process, in_turns, middle, ratio
from engine.randomness import generator
from scenarios.runs.experience import ExperienceLog
from scenarios.worlds.control import ControlWorld


class Work(NamedTuple):
    """A comparison: the same settings on both sides."""

    peer: str
    script: str  # of the peer, prints steps per second
    steps: int  # of the environment, those before the first update included
    config: DQNConfig
    at_least: float  # times the peer's steps per second


ZOO_STEPS, CLEANRL_STEPS = 44 * 256, 40_000
WORKS = {
    "zoo": Work(
        "Stable-Baselines3",
        "sb3_dqn.py",
        ZOO_STEPS,
        DQNConfig(
            hidden="256-256",
            learning_rate=Constant(2.3e-3),
            epsilon=Linear(1.0, 0.04, 0.16 * ZOO_STEPS),
            replay_size=100_000,
            learning_starts=1_000,
            train_every=256,
            updates=128,
            batch=64,
            target_every=10,
        ),
        at_least=4.0,
    ),
    "cleanrl": Work(
        "CleanRL",
        "cleanrl_dqn.py",
        CLEANRL_STEPS,
        DQNConfig(
            hidden="120-84",
            learning_rate=Constant(2.5e-4),
            epsilon=Linear(1.0, 0.05, 0.5 * CLEANRL_STEPS),
            replay_size=10_000,
            learning_starts=10_000,
            train_every=10,
            updates=1,
            batch=128,
            target_every=500,
            loss="squared",
            max_gradient_norm=1e9,  # the script clips nothing
        ),
        at_least=4.5,
    ),
}


def learn(work: Work) -> Figures:
    """Steps per second of the page from the step on with which learning starts, every event folded."""
    config, rng = work.config, generator(1)
    world = ControlWorld("CartPole-v1", config.environments, rng)
    state, log = initial_dqn(world, config, rng), ExperienceLog(config.environments, 10**9)
    page = dqn(world, config, state)
    for event in islice(page, config.learning_starts - 1):
        log.add(event)
    began = time.perf_counter()
    for event in islice(page, work.steps - log.env_steps):
        log.add(event)
    seconds = time.perf_counter() - began
    assert state.steps == log.env_steps == work.steps
    return {STEPS: (work.steps - config.learning_starts) / seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description="DQN against Stable-Baselines3 and CleanRL")
    parser.add_argument("--ours", choices=WORKS, help=argparse.SUPPRESS)
    arguments = add_arguments(parser).parse_args()
    if arguments.ours:
        print(json.dumps(learn(WORKS[arguments.ours])))
        return

    def measured(side: str) -> Figures:
        name, ours = side.split()
        if ours == "rltop":
            return in_a_process(sys.executable, __file__, "--ours", name)
        return in_a_process(arguments.peer, str(ROOT / "benchmarks/peers" / WORKS[name].script), str(WORKS[name].steps))

    sides = [f"{name} {who}" for name in WORKS for who in (["rltop", "peer"] if arguments.peer else ["rltop"])]
    found = in_turns(sides, arguments.rounds, measured)
    print(f"{'settings':10}{'rltop':>12}  {'peer':20}{'steps/s':>9}{'ratio (target)':>18}")
    for name, work in WORKS.items():
        ours, theirs = found[f"{name} rltop"], found.get(f"{name} peer")
        row = f"{name:10}{middle(ours):12,.0f}"
        if theirs:
            row += f"  {work.peer:20}{middle(theirs):9,.0f}{ratio(ours, theirs):9.2f} (>= {work.at_least})"
        print(row)


if __name__ == "__main__":
    main()
