"""A disk that fails while a run learns: it goes on, the newest whole checkpoint loads, and what failed is named."""

import errno
import itertools
import os

import pytest
from remains import newest, remains
from test_failing_disk import FailingDisk

from scenarios.experiment import prepare_run
from scenarios.runs import keeping, session
from scenarios.runs.budget import budget_for
from scenarios.runs.files import RunError
from scenarios.runs.resume import experiment_of
from scenarios.runs.tfevents import read_scalars
from scenarios.runs.training import open_training, train

FAULTS = [(errno.ENOSPC, 0), pytest.param(errno.EIO, 0, marks=pytest.mark.slow), (errno.ENOSPC, 7)]


@pytest.fixture(autouse=True)
def _attentive(monkeypatch):
    """Attend, and keep a checkpoint, after every event; nothing waits for the disk."""
    for name in ("ATTEND_SECONDS", "TELL_SECONDS"):
        monkeypatch.setattr(session, name, 0.0)
    monkeypatch.setattr(keeping.Keeper, "is_due", lambda _: True)
    monkeypatch.setattr(os, "fsync", lambda _: None)


def new_run(tmp_path, steps=3):
    experiment = prepare_run("cliffwalking", "q-learning", {"max_steps": "2"}, seed=3)
    return open_training(experiment, budget_for(experiment, steps=steps)[0], tmp_path)


def learn(run, **options):
    return train(*experiment_of(run), run, **options)


def names_path_and_error(sentence, run, error):
    return str(run.path) in sentence and os.strerror(error) in sentence


@pytest.mark.parametrize(("error", "part"), FAULTS)
def test_the_nth_call_fails_for_every_n(tmp_path, monkeypatch, error, part):
    whole = new_run(tmp_path)
    learn(whole)
    expected = remains(whole.path)
    for n in itertools.count(1):
        run, said = new_run(tmp_path), []
        with monkeypatch.context() as patch:
            disk = FailingDisk(patch, n, error, part)
            try:
                result, fault = learn(run, report=said.append), None
            except RunError as refused:
                result, fault = None, str(refused)
        if not disk.failed:
            break
        if fault is not None:  # the lock, the events, the tables or the result could not be written
            assert names_path_and_error(fault, run, error)
            learn(run, resume=True)
        else:
            faults = {one for progress in said for one in (progress.fault, progress.unkept) if one}
            faults |= {result.message} if result.message else set()
            assert all(names_path_and_error(one, run, error) for one in faults)
            assert newest(run)[0].transitions >= 2
            if not newest(run)[0].finished:  # the last one failed: the run is good, and can be finished again
                assert result.message
                run.result.unlink()
                learn(run, resume=True)
        assert remains(run.path) == expected
    assert n > 15


def test_a_full_disk_pauses_the_metrics_and_learning_goes_on(tmp_path, monkeypatch):
    run = new_run(tmp_path, steps=60)
    write, said = os.write, []

    def full(fd, data):
        if 10 < len(said) < 40:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        result = learn(run, report=said.append)
    whole = new_run(tmp_path, steps=60)
    learn(whole)
    paused = [progress for progress in said if progress.fault]
    assert len(paused) > 20
    assert all(names_path_and_error(progress.fault, run, errno.ENOSPC) for progress in paused)
    assert any(names_path_and_error(progress.unkept, run, errno.ENOSPC) for progress in paused if progress.unkept)
    assert said[-1].fault is said[-1].unkept is None  # there is room again
    assert (result.env_steps, result.message) == (60, None)
    assert remains(run.path) == remains(whole.path)
    assert len(read_scalars(run.events)["episode/return"].steps) == 30
    log = run.log.read_text()
    assert "metrics" in log


def test_a_disk_that_stays_full_keeps_the_older_checkpoint(tmp_path, monkeypatch):
    run = new_run(tmp_path, steps=50)
    write, said = os.write, []

    def full(fd, data):
        if len(said) > 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(fd, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(RunError, match=r"tables.npz cannot be written \(No space left on device\)"):
            learn(run, report=said.append)
    assert said[-1].env_steps == 49  # it has learnt to the end
    mark, learner = newest(run)
    assert (mark.transitions, learner.log.updates) == (19, 19)
    learn(run, resume=True)
    whole = new_run(tmp_path, steps=50)
    learn(whole)
    assert remains(run.path) == remains(whole.path)
