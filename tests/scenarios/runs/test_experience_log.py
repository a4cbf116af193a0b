"""The log of a deep learner: episodes in order of completion, diagnostics in blocks, however the steps come."""

import numpy as np
import pytest

from algorithms.contract import Experience
from engine.randomness import generator
from scenarios.runs.experience import ExperienceLog
from tests.algorithms.test_dqn import same


def experience(r, last, metrics=None):
    r, last = np.array(r, np.float32), np.array(last, np.bool_)
    return Experience(r, last, metrics or {}, np.zeros((*r.shape, 1), np.float32), np.zeros(r.shape, np.intp))


NOTHING = experience(np.zeros((0, 2)), np.zeros((0, 2)), {"loss/value": 1.0})


def test_two_environments_on_paper():
    """The second ends after 1 step with 10, the first after 2 with 1 + 2; then the second after 2 with 20 + 30."""
    log = ExperienceLog(2, 100)
    assert not log.add(experience([[1, 10], [2, 20], [3, 30]], [[0, 1], [1, 0], [0, 1]]))
    assert not log.add(NOTHING)
    assert (log.env_steps, log.episodes) == (6, 3)
    assert (list(log.returns), list(log.lengths), list(log.ends)) == ([10, 3, 50], [1, 2, 2], [2, 4, 6])
    assert log.recent_return() == 21
    assert log.recent_return(2) == 26.5
    assert same(log.tables()["episode_return_lanes"], np.array([[10.0], [3.0], [50.0]]))


@pytest.mark.parametrize("environments", [1, 3])
def test_steps_may_come_one_by_one_or_in_blocks(environments):
    rng = generator(1)
    r = rng.standard_normal((500, environments)).astype(np.float32)
    last = rng.random((500, environments)) < 0.05
    logs = []
    for cut in (1, 7, 100, 500):
        log = ExperienceLog(environments, 10_000)
        for first in range(0, 500, cut):
            log.add(experience(r[first : first + cut], last[first : first + cut]))
        logs.append(log)
    assert all(same(log.dump(), logs[0].dump()) for log in logs)
    assert logs[0].episodes == np.count_nonzero(last)
    done = 0.0
    for i in range(environments):
        ended = last[:, i].nonzero()[0]
        done += float(r[: ended[-1] + 1, i].sum(dtype=np.float64)) if len(ended) else 0.0
    assert sum(logs[0].returns) == pytest.approx(done)


def test_it_is_enough_after_so_many_steps_or_episodes():
    step, ending = experience([[1]], [[0]]), experience([[1]], [[1]])
    log = ExperienceLog(1, 2, steps=5)
    assert [log.add(event) for event in (step, ending, step, step)] == [False, False, False, False]
    assert log.share == 0.8
    assert log.add(step)
    log = ExperienceLog(1, 2, steps=5)
    assert [log.add(event) for event in (step, ending, ending)] == [False, False, True]
    assert ExperienceLog(1, 2).recent_return() is None


def test_diagnostics_are_told_one_by_one_and_later_in_blocks():
    log = ExperienceLog(1, 10**6)
    for count in range(1, 1201):
        log.add(experience([[1]], [[0]], {"loss/value": float(count), "update/gradient_norm": 2.0}))
    points = list(log.points())
    assert [point.values["loss/value"] for point in points[:999]] == list(range(1, 1000))
    assert [point.step for point in points[-3:]] == [1180, 1190, 1200]
    assert points[-1].values == {"loss/value": np.mean(range(1191, 1201)), "update/gradient_norm": 2.0}
    assert list(log.points()) == []
    log.add(experience([[1]], [[0]], {"loss/value": 7.0}))
    assert list(log.points()) == []
    assert [point.values for point in log.points(rest=True)] == [{"loss/value": 7.0}]


def test_episodes_and_notes_are_told():
    log = ExperienceLog(1, 100)
    log.add(experience([[1], [2], [5]], [[0], [1], [1]]))
    log.note({"evaluation/return": 9.0})
    assert [(point.step, point.values) for point in log.points()] == [
        (3, {"evaluation/return": 9.0}),
        (2, {"episode/count": 1.0, "episode/return": 3.0, "episode/length": 2.0}),
        (3, {"episode/count": 2.0, "episode/return": 5.0, "episode/length": 1.0}),
    ]


def test_a_point_that_could_not_be_written_comes_again():
    log = ExperienceLog(1, 100)
    log.add(experience([[1]], [[1]], {"loss/value": 1.0}))
    first = next(log.points())
    assert next(log.points()) == first
    assert len(list(log.points())) == 2


def test_a_dump_is_a_copy_and_comes_back():
    log, other = ExperienceLog(2, 100), ExperienceLog(2, 100)
    log.add(experience([[1, 10], [2, 20]], [[0, 1], [0, 0]], {"loss/value": 1.0}))
    snapshot = log.dump()
    other.load(snapshot)
    more = experience([[3, 30], [4, 40]], [[1, 0], [1, 1]], {"loss/value": 3.0})
    log.add(more)
    other.add(more)
    assert same(log.dump(), other.dump())
    assert list(map(tuple, log.points(rest=True))) == list(map(tuple, other.points(rest=True)))
    assert snapshot["returns"].tolist() == [10]
