"""Worker processes: the same bits as in one process, one clear failure when one dies, none left behind."""

import gc
import os
import signal
import subprocess
import sys
import threading
import time
from itertools import islice

import pytest

from algorithms.contract import dump, load
from algorithms.ppo import PPOConfig, initial_ppo, ppo
from algorithms.rollouts import Groups
from engine.randomness import generator
from scenarios.runs.checkpoint import digest
from scenarios.worlds.errors import WorldError
from scenarios.worlds.rollouts import plan_groups
from scenarios.worlds.workers import WorkerGroups

EVENTS = 2 + 2 * 4  # two rollouts and all of their minibatches


def beginning(environment_id, workers, seed=1):
    config = PPOConfig(environments=6, groups=3, rollout_steps=40, batch=120, epochs=2, hidden="16-16")
    rng = generator(seed)
    plans = plan_groups(environment_id, {}, 6, 3, rng)
    actors = WorkerGroups(plans, workers) if workers else Groups([plan.build() for plan in plans])
    return config, actors, initial_ppo(actors, config, rng)


def processes(actors):
    return [worker.process for worker in actors.workers]


@pytest.mark.parametrize(
    ("environment_id", "numbers"), [("CartPole-v1", (0, 1, 8)), ("LunarLander-v3", (0, 2)), ("Pendulum-v1", (0, 2))]
)
def test_the_same_bits_whatever_the_number_of_workers(environment_id, numbers):
    pytest.importorskip("Box2D")
    digests = set()
    for workers in numbers:
        config, actors, state = beginning(environment_id, workers)
        rewards = sum(float(event.r.sum()) for event in islice(ppo(actors, config, state), EVENTS))
        digests.add((digest(dump(state)), rewards))
        if workers:
            assert len(processes(actors)) == min(workers, 3)
            actors.close()
    assert len(digests) == 1


def test_the_same_bits_however_slow_a_worker_is():
    config, actors, state = beginning("CartPole-v1", 0)
    events = list(islice(ppo(actors, config, state), EVENTS))
    config, slow, delayed = beginning("CartPole-v1", 2)
    victim = processes(slow)[0].pid
    os.kill(victim, signal.SIGSTOP)
    threading.Timer(0.3, os.kill, (victim, signal.SIGCONT)).start()
    for event, same in zip(events, ppo(slow, config, delayed), strict=False):
        assert event.r.tobytes() == same.r.tobytes()
    slow.close()
    assert len(events) == EVENTS


@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (1, 2)])
def test_a_dump_goes_on_wherever_it_is_loaded(before, after):
    config, actors, state = beginning("CartPole-v1", before)
    page = ppo(actors, config, state)
    for _ in islice(page, 7):  # in the middle of the second rollout's minibatches
        pass
    config, others, other = beginning("CartPole-v1", after, seed=2)
    load(other, dump(state))
    for one, same in islice(zip(page, ppo(others, config, other), strict=True), 6):
        assert one.obs.tobytes() == same.obs.tobytes()
        assert one.metrics == same.metrics
    assert digest(dump(state)) == digest(dump(other))
    for closing in (actors, others):
        if isinstance(closing, WorkerGroups):
            closing.close()


def test_a_dead_worker_is_one_sentence():
    config, actors, state = beginning("CartPole-v1", 2)
    page = ppo(actors, config, state)
    for _ in islice(page, 2):
        pass
    processes(actors)[1].kill()
    with pytest.raises(WorldError, match=r"worker process \d+ ended by signal 9 while it was needed: resume the run"):
        for _ in islice(page, 5):
            pass
    actors.close()
    assert all(process.returncode is not None for process in processes(actors))


def test_what_goes_wrong_in_a_worker_comes_back_as_a_sentence():
    config, actors, state = beginning("CartPole-v1", 1)
    with pytest.raises(WorldError, match="a worker process failed: KeyError"):
        actors.load({"groups": [{}] * 3})
    assert next(ppo(actors, config, state)).r.shape == (40, 6)
    actors.close()
    with pytest.raises(WorldError, match="there is no environment 'NoSuch-v0'"):
        WorkerGroups(plan_groups("NoSuch-v0", {}, 2, 2, generator(1)), 2)


def test_workers_end_with_the_last_reference():
    _, actors, state = beginning("CartPole-v1", 2)
    pids = [process.pid for process in processes(actors)]
    del actors, state
    gc.collect()
    assert not any(alive(pid) for pid in pids)


TRAINER = """
from tests.scenarios.worlds.test_workers import beginning, processes
from algorithms.ppo import ppo
config, actors, state = beginning("CartPole-v1", 2)
print(*[process.pid for process in processes(actors)], flush=True)
for event in ppo(actors, config, state):
    pass
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_trainer(how):
    trainer = subprocess.Popen([sys.executable, "-c", TRAINER], stdout=subprocess.PIPE, text=True)
    pids = [int(pid) for pid in trainer.stdout.readline().split()]
    assert len(pids) == 2
    time.sleep(0.1)
    assert all(alive(pid) for pid in pids)
    trainer.send_signal(how)
    trainer.wait()
    trainer.stdout.close()
    patience = time.monotonic() + 10
    while any(alive(pid) for pid in pids) and time.monotonic() < patience:
        time.sleep(0.01)
    assert not any(alive(pid) for pid in pids)


def alive(pid):
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not os.path.isdir("/proc/self")
