"""PPO against Stable-Baselines3, and against environments that nobody learns in: environment steps per second.

    python benchmarks/ppo.py [--rounds N] [--rollouts N] [--peer PYTHON]

LunarLander-v3 with the settings of the RL Zoo: 16 environments of 1024 steps a rollout, 4 epochs of minibatches of 64,
two networks 64-64; one thread a process, no render mode. Counted are whole rollouts with all of their updates. Every
measurement is a process of its own, the sides take turns (A, B, C, A, B, C, ...), and printed are medians over the
rounds, ratios taken inside a round. PYTHON is an interpreter that can import stable-baselines3: in an environment with
`pip install -e '.[bench]'` there is no need to name it.

CartPole-v1 is gymnasium's own vector environment: 4 and 256 copies, the same network, rollout size and minibatches.
For comparison, 4 single ones, which is what rltop takes below 16: they are faster than a vector of 4.
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
import resource
import time
from functools import partial
from itertools import islice

import numpy as np

from algorithms.ppo import PPOConfig, initial_ppo, ppo
from algorithms.rollouts import Actors, Group, Groups
from algorithms.schedules import Constant
from benchmarks.turns import STEPS, Figures, add_arguments, in_a_process, in_turns, middle, ratio
from engine.randomness import generator
from scenarios.runs.experience import ExperienceLog
from scenarios.worlds.control import ControlWorld
from scenarios.worlds.rollouts import plan_groups
from scenarios.worlds.vector import VectorCartPole
from scenarios.worlds.workers import WorkerGroups

ZOO = PPOConfig(
    environments=16,
    rollout_steps=1024,
    batch=64,
    epochs=4,
    gamma=0.999,
    gae_lambda=0.98,
    entropy_bonus=Constant(0.01),
    scale_rewards=False,
)
SYNC = "SyncVectorEnv(16), random actions"
SB3 = "Stable-Baselines3"
ONE, TWO = "rltop, one process", "rltop, two workers"
TARGETS = {(TWO, SB3): 5.5, (ONE, SB3): 3.5, (TWO, SYNC): 1.2, (ONE, SYNC): 0.7}
FEW, MANY, SINGLE = "CartPole, a vector of 4", "CartPole, a vector of 256", "CartPole, 4 single ones"
POLES = {FEW: (4, True), MANY: (256, True), SINGLE: (4, False)}
MOST_MEGABYTES = {ONE: (200, 200), TWO: (200, 350)}  # of the trainer, of all processes


def learn(actors: Actors, config: PPOConfig, rng: np.random.Generator, rollouts: int) -> Figures:
    """Steps per second of the page with every event folded, and the peak memory of the trainer and of all."""
    state, log = initial_ppo(actors, config, rng), ExperienceLog(config.environments, 10**9)
    minibatches = config.epochs * config.rollout_size // config.batch
    began = time.perf_counter()
    for event in islice(ppo(actors, config, state), rollouts * (1 + minibatches)):
        log.add(event)
    seconds = time.perf_counter() - began
    assert log.env_steps == rollouts * config.rollout_size == state.steps
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    workers = actors.workers if isinstance(actors, WorkerGroups) else []
    others = [peak_megabytes(worker.process.pid) for worker in workers]
    return {STEPS: log.env_steps / seconds, "trainer_mb": own, "all_mb": own + sum(others)}


def lander(workers: int, rollouts: int) -> Figures:
    """The same of PPO on LunarLander with the settings of the zoo."""
    rng = generator(1)
    plans = plan_groups("LunarLander-v3", {}, ZOO.environments, ZOO.groups, rng)
    actors = WorkerGroups(plans, workers) if workers else Groups([plan.build() for plan in plans])
    return learn(actors, ZOO, rng, rollouts)


def peak_megabytes(pid: int) -> float:
    """The most memory that a process has held; 0 where there is no /proc."""
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((float(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def act_at_random(steps: int) -> Figures:
    """Steps per second of gymnasium's vector environment, nothing learnt and nothing kept."""
    import gymnasium
    from gymnasium.vector import SyncVectorEnv

    environments = SyncVectorEnv([lambda: gymnasium.make("LunarLander-v3")] * 16)
    environments.reset(seed=1)
    actions = generator(1).integers(0, 4, (steps // 16, 16))
    began = time.perf_counter()
    for a in actions:
        environments.step(a)
    return {STEPS: actions.size / (time.perf_counter() - began)}


def cart_pole(environments: int, vector: bool, rollouts: int) -> Figures:
    """Steps per second of PPO on CartPole with settings that solve it: a hidden layer of 32, rollouts of 8192 steps."""
    config = PPOConfig(
        environments=environments, groups=1, rollout_steps=8192 // environments, batch=2048, epochs=2, hidden="32"
    )
    rng = generator(1)
    world = (VectorCartPole if vector else partial(ControlWorld, "CartPole-v1"))(environments, rng)
    return learn(Groups([Group(world, rng)]), config, rng, rollouts)


def measure(side: str, rollouts: int) -> Figures:
    """One measurement, in this process."""
    if side == SYNC:
        return act_at_random(rollouts * ZOO.rollout_size // 2)
    if side in POLES:
        return cart_pole(*POLES[side], rollouts)
    return lander(2 if side == TWO else 0, rollouts)


def main() -> None:
    parser = argparse.ArgumentParser(description="PPO against Stable-Baselines3 and against environments alone")
    parser.add_argument("--rollouts", type=int, default=3, help="rollouts of 16384 steps in one measurement")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    arguments = add_arguments(parser).parse_args()
    rollouts = str(arguments.rollouts)
    if arguments.side:
        print(json.dumps(measure(arguments.side, arguments.rollouts)))
        return

    def measured(side: str) -> Figures:
        if side == SB3:
            return in_a_process(arguments.peer, str(ROOT / "benchmarks/peers/sb3_ppo.py"), rollouts)
        return in_a_process(sys.executable, __file__, "--side", side, "--rollouts", rollouts)

    landers = [SYNC, *([SB3] if arguments.peer else []), ONE, TWO]
    found = in_turns([*landers, *POLES], arguments.rounds, measured)
    for side in found:
        memory = [max(one.get(key, 0) for one in found[side]) for key in ("trainer_mb", "all_mb")]
        note = f"   peak MB: trainer {memory[0]:.0f}, all {memory[1]:.0f}" if memory[0] else ""
        if side in MOST_MEGABYTES:
            note += " (<= {}, <= {})".format(*MOST_MEGABYTES[side])
        print(f"{side:36}{middle(found[side]):12,.0f} steps/s{note}")
    for (ours, theirs), target in TARGETS.items():
        if theirs in found:
            print(f"{ours} / {theirs}: {ratio(found[ours], found[theirs]):.2f} (>= {target})")
    print(f"{MANY} / {FEW}: {ratio(found[MANY], found[FEW]):.2f} (>= 10)")


if __name__ == "__main__":
    main()
