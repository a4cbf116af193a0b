"""Checkpoints cut at every byte or altered: one declared exception, nothing silently different, quick and small."""

import hashlib
import itertools
import os
import time
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest
from damage import alter

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.checkpoint import checkpoint_path, digest, read_checkpoint, write_checkpoint
from scenarios.runs.directory import MANIFEST, open_run
from scenarios.runs.files import RunError, read_json, write_json
from scenarios.runs.keeping import Mark, identity_of, load_checkpoint, tree_of
from scenarios.runs.learners import learner_of
from scenarios.runs.resume import experiment_of
from scenarios.runs.training import open_training, train
from scenarios.runs.trials import evaluate_run

SMALL_DQN = {"hidden": "8", "learning_starts": "50", "train_every": "25", "updates": "2", "batch": "8"}
CASES = {
    "gridworld": ("policy-iteration", {}, {}),
    "cartpole": ("dqn", {**SMALL_DQN, "evaluate_every": "100", "evaluate_episodes": "1"}, {"steps": 200}),
}


@pytest.fixture(params=CASES)
def run(request, tmp_path):
    algorithm, settings, limits = CASES[request.param]
    experiment = prepare_run(request.param, algorithm, settings, seed=3)
    run = open_training(experiment, budget_for(experiment, **limits)[0], tmp_path)
    train(*experiment_of(run), run)
    return run


def newest(run):
    return next(run.path.glob("checkpoint-*.npz"))


class Reader:
    """Reads the newest checkpoint of a run again and again, as resuming does, and keeps the time."""

    def __init__(self, run):
        self.path, self._identity = newest(run), identity_of(run)
        self._fresh = tree_of(Mark(), learner_of(*experiment_of(run)))
        self.seconds = []

    def __call__(self):
        """What was read, or None where it was refused with one sentence."""
        tree, fault, began = None, "", time.perf_counter()
        try:
            tree = read_checkpoint(self.path, self._identity, self._fresh)
        except RunError as error:
            fault = str(error)
        self.seconds.append(time.perf_counter() - began)
        assert fault.isprintable()
        return None if tree is None else digest(tree)


def transitions_of(path):
    return int(path.stem.partition("-")[2])


def sealed(data):
    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def cuts(size):
    """Every byte, from the end; of a large file every one at both ends and some thousand between."""
    ends = {*range(300), *range(size - 300, size)}
    return sorted({*range(0, size, max(1, size // 5000)), *ends}, reverse=True)


def test_cut_at_every_byte(run):
    """Also where its checksum has been made to fit again."""
    read = Reader(run)
    data = read.path.read_bytes()
    assert read() is not None
    for n in cuts(len(data)):
        os.truncate(read.path, n)
        assert read() is None
    for n in cuts(len(data))[::20]:
        read.path.write_bytes(sealed(data[:n] + bytes(64)))
        assert read() is None
    assert np.median(read.seconds) < 0.1


def altered(data, rng):
    """One to three bytes changed, or some taken out or put in."""
    data = bytearray(data)
    for _ in range(int(rng.integers(1, 4))):
        alter(data, rng, len(data) - 64)
    return bytes(data)


def check_alterations(run, count):
    """Altered files are refused; sealed again, they are refused or hold what nobody can tell from a good one."""
    read, rng = Reader(run), np.random.default_rng(11)
    data = read.path.read_bytes()
    good = read()
    for i in range(count):
        changed = altered(data, rng)
        read.path.write_bytes(changed)
        assert read() is None or changed == data
        if i % 2:
            read.path.write_bytes(sealed(changed))
            if read() is not None:
                with suppress(RunError):  # each part of the state has a look of its own
                    load_checkpoint(run, *experiment_of(run), transitions_of(read.path))
    assert np.median(read.seconds) < 0.1
    read.path.write_bytes(data)
    assert read() == good


def test_a_hundred_alterations(run):
    check_alterations(run, 100)


@pytest.mark.slow
def test_ten_thousand_alterations(run):
    check_alterations(run, 10_000)


def test_little_memory_is_taken(run):
    read = Reader(run)
    read.path.write_bytes(read.path.read_bytes()[:-1])
    read()
    tracemalloc.start()
    assert read() is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_the_older_checkpoint_serves_where_the_newest_is_damaged(run):
    """And the run ends with the same numbers."""
    path = newest(run)
    experiment, budget = experiment_of(run)
    learner, transitions = learner_of(experiment, budget), 0
    for event in itertools.islice(learner.events(), 60):
        transitions += 1
        assert learner.take_in(event) is None
    older = checkpoint_path(run.path, transitions)
    write_checkpoint(older, identity_of(run), tree_of(Mark(transitions, 1.0), learner))
    path.write_bytes(path.read_bytes()[:-100])
    before = run.result.read_bytes()
    run.result.unlink()
    result = train(experiment, budget, run, resume=True)
    assert result.state_sha256.encode() in before
    assert f"{path.name} is not used" in run.log.read_text()
    assert not older.exists() or transitions == 60


def test_without_any_usable_checkpoint_it_does_not_begin_anew_by_itself(run):
    path = newest(run)
    path.write_bytes(b"")
    run.result.unlink()
    with pytest.raises(RunError, match=f"{path.name} is damaged.*restore it from a copy or delete"):
        train(*experiment_of(run), run, resume=True)
    path.unlink()
    assert train(*experiment_of(run), run, resume=True).state_sha256


def test_a_best_policy_that_is_damaged_is_refused(run):
    if run.manifest.scenario != "cartpole":
        return
    data = run.best.read_bytes()
    assert evaluate_run(run, 2, 0)["checkpoint"] == "best"
    rng = np.random.default_rng(3)
    for n in range(0, len(data), 97):
        run.best.write_bytes(data[:n])
        with pytest.raises(RunError):
            evaluate_run(run, 1, 0)
    for _ in range(50):
        changed = altered(data, rng)
        run.best.write_bytes(changed)
        if changed != data:
            with pytest.raises(RunError):
                evaluate_run(run, 1, 0)


def test_a_manifest_that_describes_something_else_makes_its_checkpoints_strangers(run):
    document = read_json(run.path / MANIFEST)
    write_json(run.path / MANIFEST, {**document, "seed": 4})
    other = open_run(str(run.path), run.path.parent)
    with pytest.raises(RunError, match=r"belongs to another run: its seed is not that of run\.json"):
        load_checkpoint(other, *experiment_of(other), transitions_of(newest(run)))
