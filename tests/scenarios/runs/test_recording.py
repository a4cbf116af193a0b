"""What is recorded is what happened, in whole episodes; and whether it is makes no difference to what is learnt."""

import errno
import os
import shutil
from itertools import islice

import numpy as np
import pytest

from scenarios.experiment import prepare_run
from scenarios.runs import recording, session
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.directory import open_run
from scenarios.runs.files import RunError
from scenarios.runs.frames import FrameReader
from scenarios.runs.learners import learner_of
from scenarios.runs.recording import Book, Pace, pace_of, recorder_of
from scenarios.runs.training import open_training, train

SMALL_DQN = {"hidden": "16-16", "learning_starts": "100", "train_every": "32", "updates": "4", "batch": "16"}
SMALL_PPO = {"hidden": "16-16", "environments": "4", "rollout_steps": "64", "batch": "128", "epochs": "2"}
SELDOM = {"evaluate_every": "100000", "evaluate_episodes": "1"}
CASES = {
    "dqn": ("cartpole", "dqn", {**SMALL_DQN, **SELDOM}, {"steps": 700}),
    "ppo": ("lunarlander", "ppo", {**SMALL_PPO, **SELDOM}, {"steps": 1800}),
    "workers": ("lunarlander", "ppo", {**SMALL_PPO, **SELDOM, "workers": "2"}, {"steps": 1800}),
    "continuous": ("pendulum", "ppo", {**SMALL_PPO, **SELDOM}, {"steps": 1800}),
    "classification": ("digits", "classification", {"hidden": "8", "evaluate_every": "100000"}, {"steps": 700}),
    "tabular": ("cliffwalking", "q-learning", {"max_steps": "30"}, {"steps": 500}),
    "planning": ("frozenlake", "value-iteration", {"theta": "1e-6"}, {}),
}


@pytest.fixture
def attentive(monkeypatch):
    """Attend after every event, with an allowance that is never used up."""
    for name in ("ATTEND_SECONDS", "TELL_SECONDS"):
        monkeypatch.setattr(session, name, 0.0)
    monkeypatch.setattr(Book, "is_free", lambda _: True)


def experiment_of(case, seed=3):
    scenario, algorithm, settings, limits = CASES[case]
    if scenario == "lunarlander":
        pytest.importorskip("Box2D")
    experiment = prepare_run(scenario, algorithm, settings, seed=seed)
    return experiment, budget_for(experiment, **limits)[0]


def learn(tmp_path, case, **options):
    experiment, budget = experiment_of(case)
    run = open_training(experiment, budget, tmp_path)
    return run, train(experiment, budget, run, **options)


def frames_of(run):
    reader = FrameReader(run.frames)
    reader.poll()
    assert not reader.torn
    return reader


# ── what is recorded is what happened ────────────────────────────────────────────────────────────────────


def steps_of(case):
    """Every step of the first environment, by environment steps: what was observed, done and earned, and episodes."""
    experiment, budget = experiment_of(case)
    learner = learner_of(experiment, budget)
    happened, step, total, ended = {}, 0, 0.0, False
    for event in learner.events():
        before = learner.log.env_steps
        for t in range(len(event.r)):
            step, total = (0, 0.0) if ended else (step, total)
            total += float(event.r[t, 0])
            ended = bool(event.last[t, 0])
            a = np.atleast_1d(event.a[t, 0])
            happened[before + (t + 1) * event.r.shape[1]] = (event.obs[t, 0], a, step, total, ended)
            step += 1
        if learner.take_in(event):
            return happened
    return happened


@pytest.mark.parametrize("case", ["dqn", "ppo", "workers", "continuous"])
def test_frames_are_every_few_steps_of_whole_episodes_as_they_happened(tmp_path, attentive, case):
    run, _ = learn(tmp_path, case)
    reader, happened = frames_of(run), steps_of(case)
    stride = pace_of(experiment_of(case)[0]).stride
    assert stride == {"dqn": 4, "ppo": 4, "workers": 4, "continuous": 2}[case]
    for seen in map(reader.__getitem__, range(len(reader))):
        obs, a, step, total, ended = happened[seen.env_steps]
        assert np.array_equal(seen.obs, obs)
        assert np.array_equal(seen.action, np.asarray(a, np.float32))
        assert (seen.step, seen.total, seen.last) == (step, pytest.approx(total), ended)
        assert step % stride == 0 or ended
    whole = {episode for step, (*_, ended) in happened.items() if ended for episode in [step]}
    assert {seen.env_steps for seen in map(reader.__getitem__, range(len(reader))) if seen.last} == whole
    assert len(reader) == sum(step % stride == 0 or ended for *_, step, _, ended in happened.values())
    if case in ("ppo", "workers"):
        scenes = {reader[i].episode: reader[i].scene.tobytes() for i in range(len(reader))}
        assert len(set(scenes.values())) == len(scenes) > 2
        assert all(reader[i].scene.tobytes() == scenes[reader[i].episode] for i in range(len(reader)))


def test_workers_or_not_the_frames_are_the_same(tmp_path, attentive):
    rows = [frames_of(learn(tmp_path, case)[0]).rows for case in ("ppo", "workers")]
    assert len(rows[0]) == len(rows[1]) > 50
    for name in rows[0].dtype.names:
        if name != "seconds":
            assert rows[0][name].tobytes() == rows[1][name].tobytes()


def test_thoughts_are_those_of_the_moment(tmp_path, attentive):
    """The last frames were written with the weights of the end."""
    run, _ = learn(tmp_path, "dqn")
    from scenarios.runs.keeping import load_checkpoint

    experiment, budget = experiment_of("dqn")
    learner = load_checkpoint(run, experiment, budget, 700)[1]
    seen = frames_of(run)[-1]
    thoughts = experiment.algorithm.thoughts(experiment.config, learner.state, seen.obs[None])
    assert np.array_equal(thoughts.actions[0], seen.thoughts.actions)
    assert seen.thoughts.value == thoughts.value[0]


def test_images_are_recorded_one_by_one(tmp_path, attentive):
    run, _ = learn(tmp_path, "classification")
    reader = frames_of(run)
    assert len(reader) == len({reader[i].episode for i in range(len(reader))}) > 10
    assert reader[3].obs.shape == (64,)
    assert reader[3].thoughts.actions.sum() == pytest.approx(1, abs=1e-5)


def test_tables_are_those_of_the_first_lane(tmp_path, attentive):
    experiment, budget = experiment_of("tabular")
    experiment = prepare_run("cliffwalking", "q-learning", {"max_steps": "30"}, seed=3, lanes=3)
    run = open_training(experiment, budget, tmp_path)
    train(experiment, budget, run)
    learner, reader = learner_of(experiment, budget), frames_of(run)
    assert (reader[0].env_steps, reader[0].s, reader[0].a) == (0, -1, -1)
    for i, event in zip(range(1, len(reader) - 1), learner.events(), strict=False):
        seen = reader[i]
        assert (seen.env_steps, seen.s, seen.a) == (3 * i, event.s[0], event.a[0])
        assert np.array_equal(seen.q, learner.state.q[: experiment.model.states].astype(np.float32))
    assert reader[-1].env_steps == 3 * 500


def test_every_sweep_is_recorded_at_first(tmp_path):
    run, _ = learn(tmp_path, "planning")
    reader = frames_of(run)
    sweeps = [reader[i].env_steps for i in range(len(reader))]
    assert sweeps[:257] == list(range(257))
    assert sweeps[-1] > 300
    assert not reader[0].v.any()
    changes = [np.abs(reader[i].v - reader[i - 1].v).max() for i in range(1, len(reader))]
    assert changes[0] > 0.1 > 1e-3 > changes[-1]


# ── it makes no difference ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("case", CASES)
def test_the_final_state_is_the_same_with_and_without(tmp_path, monkeypatch, case):
    digests = set()
    for free in (True, False):
        monkeypatch.setattr(Book, "is_free", lambda _, free=free: free)
        monkeypatch.setattr(session, "ATTEND_SECONDS", 0.0)
        run, result = learn(tmp_path / str(free), case)
        recorded = len(frames_of(run))
        assert recorded > 5 if free else recorded <= 1  # the tables at the end
        digests.add(result.state_sha256)
    assert len(digests) == 1


def seen_in(reader):
    """What was observed or believed, by environment steps."""
    name = next(name for name in ("obs", "q", "v") if name in reader.layout.dtype.names)
    return {int(row["env_steps"]): row[name].tobytes() for row in reader.rows}


@pytest.mark.parametrize("case", ["dqn", "ppo", "tabular", "planning"])
def test_a_killed_run_that_goes_on_keeps_its_frames_in_order(tmp_path, attentive, monkeypatch, case):
    """A copy of the directory is what a kill leaves: frames that are younger than its checkpoint are forgotten."""
    whole, copies = learn(tmp_path / "whole", case)[0], []
    experiment, budget = experiment_of(case)
    run = open_training(experiment, budget, tmp_path / "cut")
    keeping = iter([True, *[False] * 9] * 10_000)
    monkeypatch.setattr("scenarios.runs.keeping.Keeper.is_due", lambda _: next(keeping))

    def copied(progress):
        if (progress.share and len(copies) < 3) or (len(list(run.path.glob("checkpoint*"))) > 1 and len(copies) < 6):
            copies.append(shutil.copytree(run.path, tmp_path / f"copy{len(copies)}"))

    train(experiment, budget, run, copied)
    assert copies
    monkeypatch.undo()
    for copy in copies[-2:]:
        left = open_run(str(copy), copy.parent)
        follower = FrameReader(left.frames)
        follower.poll()
        train(experiment, budget, left, resume=True)
        follower.poll()
        reader = frames_of(left)
        assert follower.rows.tobytes() == reader.rows.tobytes()
        steps = reader.rows["env_steps"]
        assert (np.diff(steps) >= 0).all()
        assert seen_in(reader).items() <= seen_in(frames_of(whole)).items()


# ── a disk that refuses ──────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk_pauses_the_frames_and_no_more(tmp_path, attentive, monkeypatch):
    monkeypatch.setattr(recording, "RETRY_SECONDS", 0.0)
    append, asked = recording.FrameLog.append, []

    def full(log, layout, rows):
        asked.append(len(rows))
        if 10 < len(asked) < 20:
            raise RunError.from_os(log.path, "cannot be written", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        append(log, layout, rows)

    with monkeypatch.context() as patch:
        patch.setattr(recording.FrameLog, "append", full)
        run, result = learn(tmp_path / "full", "dqn")
    said = run.log.read_text()
    assert said.count("frames paused: ") == said.count("frames are recorded again") == 1
    assert "No space left on device" in said
    assert (result.status, result.message) == ("finished", None)
    assert len(frames_of(run)) > 20
    assert result.state_sha256 == learn(tmp_path / "well", "dqn")[1].state_sha256


def test_a_directory_that_cannot_be_written_to_costs_frames_only(tmp_path, attentive):
    experiment, budget = experiment_of("tabular")
    run = open_training(experiment, budget, tmp_path)
    run.frames.mkdir()
    assert train(experiment, budget, run).env_steps == 500
    assert "frames paused: " in run.log.read_text()


# ── how often ────────────────────────────────────────────────────────────────────────────────────────────


def test_an_episode_is_followed_by_a_pause_in_which_it_can_be_played(tmp_path, monkeypatch):
    """By a clock that stands still nothing but the first episode is recorded; a minute later comes another."""
    now = [100.0]
    monkeypatch.setattr(recording.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(recording.time, "thread_time", lambda: 0.0)
    experiment, budget = experiment_of("dqn")
    learner = learner_of(experiment, budget)
    recorder = recorder_of(learner, tmp_path / "frames.log", lambda: now[0])
    watched = 0
    for i, event in enumerate(islice(learner.events(), 600)):
        recorder.attend()
        watched += recorder.watching
        if recorder.watching:
            recorder.take(event)
        learner.take_in(event)
        now[0] += 60.0 if i == 400 else 0.0
    recorder.close()
    reader = FrameReader(tmp_path / "frames.log")
    reader.poll()
    assert reader.rows["episode"].tolist() == sorted(reader.rows["episode"].tolist())
    assert set(reader.rows["episode"]) == {0, 1}
    assert reader[0].env_steps == 1
    assert reader[reader.episode_of(len(reader) - 1).start].env_steps > 400
    assert watched < 300


def test_an_episode_that_never_ends_is_recorded_in_parts(tmp_path, attentive):
    experiment, budget = experiment_of("continuous")
    learner = learner_of(experiment, budget)
    book = Book(tmp_path / "frames.log", 0, lambda: 1.0)
    recorder = recording.EpisodeRecorder(learner, book, Pace(2, 15.0, 10, 20))
    for event in islice(learner.events(), 6):
        recorder.attend()
        if recorder.watching:
            recorder.take(event)
        learner.take_in(event)
    recorder.close()
    reader = FrameReader(tmp_path / "frames.log")
    reader.poll()
    counts = np.unique(reader.rows["episode"], return_counts=True)[1]
    assert max(counts) == 10
    assert (reader.rows["step"] % 2 == 0).all() or reader.rows["last"].any()


def test_a_frame_that_is_too_large_is_not_recorded(tmp_path, attentive, monkeypatch):
    monkeypatch.setattr("scenarios.runs.frames.MAX_FRAME_BYTES", 80)
    for case in ("dqn", "tabular", "planning"):
        run, result = learn(tmp_path, case)
        assert result.status in ("finished", "solved")
        assert not run.frames.exists()


def test_a_large_share_of_the_time_is_never_spent(tmp_path, monkeypatch):
    """A write that takes a tenth of a second is made up for in 20 seconds."""
    now, spent = [0.0], [0.0]
    for clock in ("perf_counter", "process_time"):
        monkeypatch.setattr(recording.time, clock, lambda: now[0])
    monkeypatch.setattr(recording.time, "thread_time", lambda: spent[0])
    book = Book(tmp_path / "frames.log", 0, lambda: now[0])

    def slow():
        spent[0] += 0.1
        return recording.Layout("q", 1, 1, 1), np.zeros(0, recording.Layout("q", 1, 1, 1).dtype)

    assert book.is_free()
    book.write(slow)
    assert not book.is_free()
    now[0] = 15.9
    assert not book.is_free()
    now[0] = 16.1  # 0.1 s less the credit of 0.02 s is half a percent of 16 s
    assert book.is_free()


@pytest.mark.parametrize("case", ["dqn", "tabular"])
def test_steps_on_request_are_recorded_one_by_one(tmp_path, monkeypatch, case):
    """A run that stands still and is asked for few steps shows every one of them."""
    experiment, budget = experiment_of(case)
    run = open_training(experiment, budget, tmp_path)
    send(run.control, Command("step", n=300))
    seen = []

    def slept(_):
        reader = frames_of(run)
        if len(seen) < 6:
            seen.append(reader[-1].env_steps if len(reader) else 0)
            send(run.control, Command("step", n=3))
        else:
            send(run.control, Command("resume"))

    monkeypatch.setattr(session.time, "sleep", slept)
    train(experiment, budget, run)
    assert seen[1:] == list(range(303, 318, 3))
    steps = frames_of(run).rows["env_steps"].tolist()
    assert set(range(301, 316)) <= set(steps)
