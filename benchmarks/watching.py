"""What it costs a trainer to be recorded and watched, and how soon whoever watches sees something.

    python benchmarks/watching.py [--rounds N] [--steps N] [--pairs N]

What a client costs: in one training several clients, each `rltop attach` on a terminal of 150x42 of its own, are all
stopped and all continued, in turns of a few seconds. Counted are the trainer's whole rounds of learning in every turn;
the ratio of a turn with clients to its neighbour without is what all of them cost, and its n-th root what one of them
does. One client alone costs less than a machine that is shared with others varies from one second to the next. Printed
with the ratio is its standard error over the pairs of turns, and the processor time that a client takes.

What it costs to be recorded: trainers with and without a recording learn in turns, each in a process of its own.

Then a run of a million episodes with a full recording and a folder of ten thousand runs are opened, once each, and a
part of a curve of ten million points is prepared for a chart, the quickest time of five.
"""

# ruff: noqa: E402
from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)

import argparse
import gc
import json
import resource
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.terminal import Terminal
from benchmarks.turns import STEPS, Figures, add_arguments, in_a_process, in_turns, middle, ratio
from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.collection import Collection
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import Result, Run, create_run, open_run, write_result
from scenarios.runs.episodes import EpisodeLog
from scenarios.runs.following import RunFollower
from scenarios.runs.framelog import FrameLog
from scenarios.runs.frames import MAX_FRAMES_BYTES, Layout
from scenarios.runs.recording import Book
from scenarios.runs.resume import experiment_of
from scenarios.runs.tfevents import EventWriter, Series
from scenarios.runs.training import open_training, train

CPU = "cpu_microseconds"  # of a step
SELDOM = {"evaluate_every": "1000000000", "evaluate_episodes": "1", "evaluations_solved": "0"}
WORKS = {
    "lunarlander ppo, one process": ("lunarlander", "ppo", {**SELDOM, "workers": "0"}, 1.0),
    "lunarlander ppo, two workers": ("lunarlander", "ppo", {**SELDOM, "workers": "2"}, 1.0),
    "cartpole dqn": ("cartpole", "dqn", {**SELDOM, "hidden": "64-64"}, 0.5),
}
RECORDED, UNRECORDED = "recorded", "not recorded"
CLIENTS = {"lunarlander ppo, two workers": 6}  # others leave a core idle, which more clients would fill
FEW_CLIENTS = 3
TURN, SETTLING = 5.0, 1.0  # seconds that are counted, after some that are not
OPENING = 4.0  # seconds from one client to the next
OFF_POLICY_EVENTS = 200  # of learning that count as a round where there is none


def new_run(work: str, steps: int, root: Path) -> Run:
    """A run of one of the works, not begun yet."""
    scenario, algorithm, settings, _ = WORKS[work]
    experiment = prepare_run(scenario, algorithm, settings, seed=1)
    return open_training(experiment, budget_for(experiment, steps=steps)[0], root)


# ── what a client costs ──────────────────────────────────────────────────────────────────────────────────


class Turn(NamedTuple):
    """Some seconds of a training."""

    watched: bool
    start: float  # seconds since 1970
    stop: float


def events_of_a_round(run: Run) -> int:
    """Events of one round of learning: a rollout and the minibatches it is learnt from, or some steps of DQN."""
    config = run.manifest.config
    if "rollout_steps" not in config:
        return OFF_POLICY_EVENTS
    rollout = int(config["rollout_steps"]) * int(config["environments"])
    return 1 + int(config["epochs"]) * rollout // int(config["batch"])


def learn_in_rounds(run: Run) -> None:
    """Train until this process is told to end; print when every round of learning ended, in seconds since 1970."""
    every, events, ended, told = events_of_a_round(run), 0, [], []
    signal.signal(signal.SIGTERM, lambda *_: told.append(True))

    def interrupted() -> bool:
        nonlocal events
        events += 1
        if events % every == 0:
            ended.append(time.time())
        return bool(told)

    train(*experiment_of(run), run, interrupted=interrupted)
    print(json.dumps(ended))


def processor_seconds(clients: Sequence[Terminal]) -> float:
    """What some clients have taken of the processors so far."""
    ticks = 0
    for client in clients:
        after_name = Path(f"/proc/{client.process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(after_name[11]) + int(after_name[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def watching(run: Run, count: int, root: Path) -> Iterator[list[Terminal]]:
    """So many clients that watch a run, each on a terminal of its own."""
    clients: list[Terminal] = []
    try:
        for number in range(count):
            home = root / f"client-{number}"
            home.mkdir(exist_ok=True)
            clients.append(Terminal(home, "attach", str(run.path)))
            clients[-1].drain()
            time.sleep(OPENING)
        yield clients
    finally:
        for client in clients:
            os.kill(client.process, signal.SIGCONT)
            client.close()


def take_turns(clients: Sequence[Terminal], pairs: int) -> tuple[list[Turn], float]:
    """Turns with and without the clients, and the processor time that they all took in those with them."""
    turns, taken = [], 0.0
    for pair in range(pairs):
        for watched in (True, False) if pair % 2 else (False, True):
            for client in clients:
                os.kill(client.process, signal.SIGCONT if watched else signal.SIGSTOP)
            time.sleep(SETTLING)
            began, before = time.time(), processor_seconds(clients)
            time.sleep(TURN)
            turns.append(Turn(watched, began, time.time()))
            taken += processor_seconds(clients) - before
    return turns, taken


def watched_in_turns(work: str, pairs: int, root: Path) -> None:
    """Print what one client costs a trainer."""
    run, count = new_run(work, 10**9, root), CLIENTS.get(work, FEW_CLIENTS)
    command = [sys.executable, __file__, "--train-in-rounds", str(run.path)]
    trainer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        with watching(run, count, root) as clients:
            turns, taken = take_turns(clients, pairs)
    finally:
        trainer.terminate()
        printed, _ = trainer.communicate()
    shutil.rmtree(run.path)
    logs = log_ratios(np.array(json.loads(printed.splitlines()[-1])), turns) / count
    error = logs.std(ddof=1) / len(logs) ** 0.5
    share = taken / count / (TURN * pairs)
    print(f"{work:30}{count:9}{100 * share:12.2f} %{np.exp(logs.mean()):14.4f} +- {error:.4f}")


def log_ratios(ended: NDArray[np.float64], turns: Sequence[Turn]) -> NDArray[np.float64]:
    """ln of the rounds per second of every turn that was watched, over that of its neighbour that was not."""
    found = []
    for pair in zip(turns[::2], turns[1::2], strict=True):
        speed = {}
        for turn in pair:
            within = ended[(ended >= turn.start) & (ended <= turn.stop)]
            speed[turn.watched] = (len(within) - 1) / (within[-1] - within[0])
        found.append(np.log(speed[True] / speed[False]))
    return np.array(found)


def watching_table(pairs: int, root: Path) -> None:
    print(f"\n{'':30}{'clients':>9}{'CPU of one':>14}{'speed with one':>16}, of that without")
    for work in WORKS:
        watched_in_turns(work, pairs, root)


# ── what a recording costs ───────────────────────────────────────────────────────────────────────────────


def learn(run: Run, recorded: bool) -> Figures:
    """Train in this process."""
    if not recorded:
        Book.is_free = lambda _: False  # type: ignore[method-assign]
    result = train(*experiment_of(run), run)
    gc.collect()  # its workers end with it, and are counted when they have
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in usage)
    return {STEPS: result.env_steps / result.wall_seconds, CPU: 1e6 * cpu / result.env_steps}


def measured(side: str, steps: int, root: Path) -> Figures:
    """One run of a trainer in a process of its own."""
    work, _, which = side.rpartition(" / ")
    run = new_run(work, int(steps * WORKS[work][-1]), root)
    figures = in_a_process(
        sys.executable, __file__, "--train", str(run.path), *(["--unrecorded"] if which == UNRECORDED else [])
    )
    shutil.rmtree(run.path)
    return figures


def recording_table(rounds: int, steps: int, root: Path) -> None:
    sides = [f"{work} / {which}" for work in WORKS for which in (UNRECORDED, RECORDED)]
    found = in_turns(sides, rounds, lambda side: measured(side, steps, root))
    print(f"\n{'':30}{'':14}{'steps/s':>10}{'ratio':>8}{'CPU us/step':>13}{'ratio':>8}")
    for side, figures in found.items():
        work, _, which = side.rpartition(" / ")
        without = found[f"{work} / {UNRECORDED}"]
        cpu = statistics.median(one[CPU] for one in figures)
        cpu_ratio = statistics.median(a[CPU] / b[CPU] for a, b in zip(figures, without, strict=True))
        label = work if which == UNRECORDED else ""
        print(f"{label:30}{which:14}{middle(figures):10,.0f}{ratio(figures, without):8.3f}{cpu:13.2f}{cpu_ratio:8.3f}")


# ── how soon something is seen ───────────────────────────────────────────────────────────────────────────


def long_run(root: Path) -> Run:
    """A run of a million episodes as its trainer leaves it: the points of its curves, an hour of speeds, and frames."""
    run = create_run(root, "cartpole", "dqn", {}, 1)
    log = EpisodeLog(1, 1_000_000)
    log._returns, log._lengths = np.full((1_000_000, 1), 20.0), np.full((1_000_000, 1), 20)
    log.counts[:] = 1_000_000
    with EventWriter(run.events) as writer:
        for step, values in log.points():
            writer.scalars(step, values)
        for second in range(3600):
            writer.scalars(5000 * second, {"time/steps_per_second": 5000.0})
    layout, frames = Layout("q", 4, 1, 2), FrameLog(run.frames)
    rows = np.zeros(1000, layout.dtype)
    while not run.frames.exists() or run.frames.stat().st_size < 0.99 * MAX_FRAMES_BYTES:
        frames.append(layout, rows)
        rows["env_steps"] += 1
        rows["episode"] += 1
    frames.close()
    return run


def folder(root: Path, runs: int) -> Path:
    """A folder with so many runs that have ended."""
    first = create_run(root, "cliffwalking", "q-learning", {"alpha": 0.5, "gamma": 1.0}, 1)
    write_result(first, Result("solved", 10_000, 500, 1.0, 10_000.0, -20.0, -13.0, 80.0, None))
    for number in range(2, runs + 1):
        shutil.copytree(first.path, root / f"cliffwalking-q-learning-s1-{number:05d}")
    return root


def opening_table(root: Path) -> None:
    def timed(what: str, most: float, action: Callable[[], object], times: int = 1) -> None:
        taken = []
        for _ in range(times):
            wall, cpu = time.perf_counter(), time.process_time()
            action()
            taken.append((1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - cpu)))
        wall, cpu = min(taken)
        print(f"{what:62}{wall:10.1f} ms, {cpu:8.1f} ms of the processor (at most {1e3 * most:g})")

    follower = RunFollower(long_run(root))
    timed("a run of 1,000,000 episodes with 16 MiB of frames is opened", 1.0, follower.poll)
    timed("it is looked at again", 0.001, follower.poll)
    collection = Collection([folder(root / "many", 10_000)])
    timed("a folder of 10,000 runs is listed", 1.0, collection.poll)
    timed("it is looked at again", 1.0, collection.poll)
    store, n = CurveStore(root), np.arange(10_000_000)
    store.extend({"loss/value": Series(3 * n, 1e9 + n / 100, np.sin(n / 1e5).astype(np.float32))})
    for low, high, what in ((-np.inf, np.inf, "all"), (1e6, 2e7, "two thirds"), (1e6, 1.1e6, "a three hundredth")):
        part = lambda low=low, high=high: store.window("loss/value", "steps", low, high, 300)  # noqa: E731
        timed(f"10,000,000 points for a chart of 300 columns: {what}", 0.005, part, 5)


def main() -> None:
    parser = add_arguments(argparse.ArgumentParser(description="what it costs to be watched"))
    parser.add_argument("--steps", type=int, default=200_000, help="environment steps of every run with a recording")
    parser.add_argument("--pairs", type=int, default=25, help="turns with and without clients")
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--unrecorded", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--train-in-rounds", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.train:
        print(json.dumps(learn(open_run(arguments.train, ROOT), not arguments.unrecorded)))
    elif arguments.train_in_rounds:
        learn_in_rounds(open_run(arguments.train_in_rounds, ROOT))
    else:
        with tempfile.TemporaryDirectory() as root:
            opening_table(Path(root))
            watching_table(arguments.pairs, Path(root))
            recording_table(arguments.rounds, arguments.steps, Path(root))


if __name__ == "__main__":
    main()
