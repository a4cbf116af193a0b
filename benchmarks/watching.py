"""What it costs a trainer to be recorded and watched, and how soon whoever watches sees something.

    python benchmarks/watching.py [--rounds N] [--steps N]

A trainer learns four times in every round, the sides taking turns: without a recording, as it always does, with a
client that follows all of it, and with `rltop attach` on a terminal of 150x42, whose screen is there before the trainer
begins (opening it takes most of a second of a core, once). Counted are the environment steps per
second of wall time, and the processor time that the trainer and its workers took for a step: the one says how much the
watcher is in the way of a machine with few cores, the other what is done in the trainer itself. Printed are medians
over the rounds, ratios taken inside a round to the trainer that nobody watches.

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
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from benchmarks.terminal import COLUMNS, Terminal
from benchmarks.turns import STEPS, Figures, add_arguments, in_turns, middle, ratio
from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.collection import Collection
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import Result, Run, create_run, open_run, write_result
from scenarios.runs.episodes import EpisodeLog
from scenarios.runs.following import NOT_LEARNING, RunFollower
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
SIDES = {"not recorded": None, "alone": None, "followed": "--follow", "attached": "--attach"}
SETTLED = 1.0  # seconds without a byte after which a screen is there
LOOKS = 12  # of the client that follows, in a second


# ── a trainer and who watches it ─────────────────────────────────────────────────────────────────────────


def learn(run: Run, recorded: bool) -> Figures:
    """Train in this process."""
    if not recorded:
        Book.is_free = lambda _: False  # type: ignore[method-assign]
    result = train(*experiment_of(run), run)
    gc.collect()  # its workers end with it, and are counted when they have
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in usage)
    return {STEPS: result.env_steps / result.wall_seconds, CPU: 1e6 * cpu / result.env_steps}


def follow(run: Run) -> None:
    """Look at everything, and at all curves as six charts of half the screen would, until the run has ended."""
    follower = RunFollower(run)
    while not (follower.status in NOT_LEARNING and follower.result):
        follower.poll()
        for name in follower.curves.names[:6]:
            follower.curves.window(name, "steps", -np.inf, np.inf, COLUMNS // 2)
        if len(follower.frames):
            follower.frames.episode_of(len(follower.frames) - 1)
        time.sleep(1 / LOOKS)


@contextmanager
def attached(run: Run) -> Iterator[None]:
    """`rltop attach` on a terminal that takes whatever it is sent, from when its screen is there."""
    terminal = Terminal(run.path.parent, "attach", str(run.path))
    terminal.settle(SETTLED)
    terminal.drain()
    try:
        yield
    finally:
        terminal.close()


@contextmanager
def watched(run: Run, how: str | None) -> Iterator[None]:
    """A client that watches a run, if any."""
    if how == "--attach":
        with attached(run):
            yield
        return
    client = subprocess.Popen([sys.executable, __file__, "--follow", str(run.path)]) if how else None
    try:
        yield
    finally:
        if client:
            client.terminate()
            client.wait()


def measured(side: str, steps: int, root: Path) -> Figures:
    """One run of a trainer in a process of its own."""
    work, _, who = side.rpartition(" / ")
    scenario, algorithm, settings, share = WORKS[work]
    experiment = prepare_run(scenario, algorithm, settings, seed=1)
    run = open_training(experiment, budget_for(experiment, steps=int(steps * share))[0], root)
    command = [sys.executable, __file__, "--train", str(run.path), *(["--unrecorded"] if who == "not recorded" else [])]
    with watched(run, SIDES[who]):
        printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    shutil.rmtree(run.path)
    figures: Figures = json.loads(printed.splitlines()[-1])
    return figures


def watching_table(rounds: int, steps: int, root: Path) -> None:
    found = in_turns([f"{work} / {who}" for work in WORKS for who in SIDES], rounds, lambda s: measured(s, steps, root))
    print(f"{'':30}{'':14}{'steps/s':>10}{'ratio':>8}{'CPU us/step':>13}{'ratio':>8}")
    for work in WORKS:
        alone = found[f"{work} / alone"]
        for who in SIDES:
            side = found[f"{work} / {who}"]
            cpu = statistics.median(figures[CPU] for figures in side)
            cpu_ratio = statistics.median(a[CPU] / b[CPU] for a, b in zip(side, alone, strict=True))
            label = work if who == "not recorded" else ""
            print(f"{label:30}{who:14}{middle(side):10,.0f}{ratio(side, alone):8.3f}{cpu:13.2f}{cpu_ratio:8.3f}")


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
    parser.add_argument("--steps", type=int, default=200_000, help="environment steps of every run")
    parser.add_argument("--train", help=argparse.SUPPRESS)
    parser.add_argument("--unrecorded", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--follow", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.train:
        print(json.dumps(learn(open_run(arguments.train, ROOT), not arguments.unrecorded)))
    elif arguments.follow:
        follow(open_run(arguments.follow, ROOT))
    else:
        with tempfile.TemporaryDirectory() as root:
            opening_table(Path(root))
            watching_table(arguments.rounds, arguments.steps, Path(root))


if __name__ == "__main__":
    main()
