"""Experiments built again from their manifests, and runs that go on, or rightly do not."""

import dataclasses
import itertools
import os
import time

import numpy as np
import pytest

from scenarios.experiment import prepare, prepare_run
from scenarios.runs.budget import Budget, budget_for
from scenarios.runs.checkpoint import checkpoints
from scenarios.runs.curves import Curves
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import EVENTS, MANIFEST, open_run, read_result
from scenarios.runs.files import RunError, exclusive_lock, read_json, write_json
from scenarios.runs.learners import learner_of
from scenarios.runs.resume import check_resumable, experiment_of, warning
from scenarios.runs.tables import read_tables
from scenarios.runs.tfevents import read_scalars
from scenarios.runs.training import open_training, train

WORLD = 'map = """\nS . +1\n. . -1\n"""\nnoise = 0.1\nmax_steps = 40\n'
SETTINGS = {
    "q-learning": {"alpha": "0.123456789", "epsilon": "exponential(0.3333333333333333, 1e-9, 7)", "tie_break": "first"},
    "value-iteration": {"theta": "1e-11", "in_place": "true", "block": "3"},
    "dqn": {"learning_rate": "linear(0.00123456789, 0, 3000)", "hidden": "8", "loss": "squared", "evaluate_every": "7"},
    "ppo": {"value_clip": "0.2", "target_kl": "none", "environments": "2", "groups": "2", "rollout_steps": "64"},
}
CASES = [
    ("cliffwalking", "q-learning", 3),
    ("frozenlake", "value-iteration", 1),
    ("gridworld", "q-learning", 2),
    ("taxi", "value-iteration", 1),
    ("cartpole", "dqn", 1),
    ("pendulum", "ppo", 1),
]


def kept(experiment, root, **limits):
    budget = budget_for(experiment, **limits)[0]
    return open_training(experiment, budget, root), budget


# ── the manifest ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("scenario", "algorithm", "lanes"), CASES)
def test_an_experiment_comes_back_from_its_manifest(tmp_path, scenario, algorithm, lanes):
    experiment = prepare_run(scenario, algorithm, SETTINGS[algorithm], seed=2**62, lanes=lanes)
    run, budget = kept(experiment, tmp_path)
    again, same_budget = experiment_of(open_run(str(run.path), tmp_path))
    assert same_budget == budget
    assert (again.config, again.world_config, again.seed, again.lanes) == (
        experiment.config,
        experiment.world_config,
        experiment.seed,
        experiment.lanes,
    )
    if hasattr(experiment, "parts"):
        assert again.parts == experiment.parts


def test_an_environment_without_a_scenario_comes_back(tmp_path):
    experiment = prepare_run(None, "dqn", {"hidden": "8"}, environment="Acrobot-v1")
    run, _ = kept(experiment, tmp_path, steps=100)
    assert experiment_of(run)[0].scenario.environment_id == "Acrobot-v1"


def test_a_world_of_ones_own_is_the_one_it_began_with(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(WORLD)
    settings = {"world": str(file), "max_steps": "30"}
    experiment = prepare("gridworld", "q-learning", settings, seed=1, lanes=2)
    whole, budget = kept(experiment, tmp_path, steps=300)
    expected = train(experiment, budget, whole)
    run, _ = kept(experiment, tmp_path, steps=300)
    looks = iter(range(1000))
    assert train(experiment, budget, run, interrupted=lambda: next(looks) == 99).status == "stopped"
    file.write_text(WORLD.replace("+1", "+5"))
    again, _ = experiment_of(run)
    assert again.world_config == experiment.world_config
    assert again.model.max_steps == 30
    result = train(again, budget, run, resume=True)
    assert dataclasses.replace(result, wall_seconds=0, steps_per_second=0, peak_rss_mb=0) == dataclasses.replace(
        expected, wall_seconds=0, steps_per_second=0, peak_rss_mb=0
    )
    file.unlink()
    experiment_of(run)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scenario": "nowhere", "algorithm": "dqn", "config": {}}, "there is no environment 'nowhere'"),
        ({"scenario": "os:system", "algorithm": "dqn", "config": {}}, "without a module"),
        ({"algorithm": "alchemy"}, "has no algorithm 'alchemy'"),
        ({"config": {"gamma": 3.0}}, "gamma must be in"),
        ({"config": {"gamma": [1]}}, "TypeError"),
        ({"config": {"alpha": 0.5}}, "AttributeError"),
        ({"config": {"warp": 1}}, "no setting 'warp'"),
        ({"lanes": 1_000_000}, "lanes must be in"),
        ({"world": "S . +1"}, "has no map|KeyError"),
        ({"budget": {}}, None),
        ({"budget": {"steps": -1, "episodes": 1, "sweeps": 0}}, "the limit steps must be a whole number"),
        ({"budget": {"steps": None, "episodes": None, "sweeps": 0}}, "the limit episodes must be"),
        ({"budget": {"steps": 1.5}}, "the limit steps"),
        ({"budget": {"hours": 1}}, "TypeError"),
    ],
)
def test_a_manifest_of_nothing_that_can_be_built_is_refused_with_a_sentence(tmp_path, changes, reason):
    run, _ = kept(prepare("cliffwalking", "q-learning"), tmp_path)
    write_json(run.path / MANIFEST, {**read_json(run.path / MANIFEST), **changes})
    crafted = open_run(str(run.path), tmp_path)
    if reason is None:
        assert experiment_of(crafted)[1] == Budget()
        return
    with pytest.raises(RunError, match=f"describes no run that can be built: .*({reason})") as error:
        experiment_of(crafted)
    assert "\n" not in str(error.value)


def test_another_machine_is_mentioned(tmp_path):
    run, _ = kept(prepare("cliffwalking", "q-learning"), tmp_path)
    assert warning(run) is None
    document = read_json(run.path / MANIFEST)
    document["packages"]["numpy"] = "1.0"
    write_json(run.path / MANIFEST, document)
    sentence = warning(open_run(str(run.path), tmp_path))
    assert sentence.startswith("the last bits may differ from an uninterrupted run: numpy was 1.0 and is ")


# ── going on ─────────────────────────────────────────────────────────────────────────────────────────────


def learn(tmp_path, stop_at=None, **limits):
    experiment = prepare("cliffwalking", "sarsa", {"max_steps": "7"}, seed=5)
    run, budget = kept(experiment, tmp_path, **limits)
    looks = iter(range(1, 10**9))
    return run, train(experiment, budget, run, interrupted=lambda: next(looks) == stop_at)


def points(run):
    curves = read_scalars(run.events)
    return {tag: (s.steps.tolist(), s.values.tolist()) for tag, s in curves.items() if not tag.startswith("time/")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of more than a thousand episodes, which is read only."""
    return learn(tmp_path_factory.mktemp("whole"), episodes=1315)[0]


@pytest.mark.parametrize("stop_at", [777, 7531])
def test_curves_of_a_stopped_run_end_with_what_there_was_and_go_on_without_a_seam(tmp_path, whole, stop_at):
    """Beyond a thousand episodes a point is a mean of ten: the one cut short by a stop must not stay."""
    run, result = learn(tmp_path, stop_at, episodes=1315)
    assert result.status == "stopped"
    episodes = len(read_tables(run.tables)["episode_return_lanes"])
    expected = episodes if episodes <= 1000 else 1000 - (1000 - episodes) // 10
    assert len(points(run).get("episode/return", ([],))[0]) == expected
    result = train(*experiment_of(run), run, resume=True)
    assert points(run) == points(whole)
    assert result.state_sha256 == read_result(whole).state_sha256
    assert len(points(run)["episode/return"][0]) == 1000 + 32


def test_seconds_add_up(tmp_path):
    run, first = learn(tmp_path, 2000, steps=4000)
    result = train(*experiment_of(run), run, resume=True)
    assert result.wall_seconds > first.wall_seconds
    assert result.env_steps == 4000


@pytest.mark.parametrize("algorithm", ["sarsa", "value-iteration"])
def test_the_axis_of_seconds_knows_no_time_between_a_stop_and_a_resume(tmp_path, monkeypatch, algorithm):
    experiment = prepare("cliffwalking", algorithm, {"max_steps": "7"})
    run, budget = kept(experiment, tmp_path)
    looks = iter(range(10**9))
    train(experiment, budget, run, interrupted=lambda: next(looks) == 300)
    now = time.time()
    monkeypatch.setattr("scenarios.runs.tfevents.time.time", lambda: now + 900)
    result = train(*experiment_of(run), run, resume=True)
    store = CurveStore(run.path)
    store.poll()
    clock = store.series("time/seconds")
    assert (np.diff(clock.steps) >= 0).all()
    assert (np.diff(clock.values) > 0).all()
    assert len(clock.steps) < 20 + 5 * result.wall_seconds
    for name in store.names:
        x = store.places(name, "seconds")
        assert (np.diff(x)[np.diff(store.series(name).steps) > 0] > 0).all()  # each moment has a time of its own
        assert 0 < x[0] <= x[-1] <= result.wall_seconds * (1 + 1e-6)


def test_an_evaluation_on_request_has_its_time(tmp_path):
    learner = learner_of(prepare("cliffwalking", "value-iteration"), Budget(sweeps=9))
    curves = Curves(tmp_path / EVENTS, learner)
    for event in itertools.islice(learner.events(), 3):
        learner.take_in(event)
    curves.note({"evaluation/on_request": -13.0})
    curves.tell()
    points = read_scalars(tmp_path / EVENTS)
    assert points["evaluation/on_request"].steps.tolist() == points["time/seconds"].steps.tolist() == [3]


def test_what_has_ended_does_not_go_on(tmp_path):
    run, _ = learn(tmp_path, steps=50)
    with pytest.raises(RunError, match="has ended: finished; start a new run"):
        check_resumable(run)
    stopped, _ = learn(tmp_path, 20, steps=50)
    check_resumable(stopped)


def test_a_run_that_only_lacks_its_result_gets_it(tmp_path):
    run, result = learn(tmp_path, steps=50)
    run.result.unlink()
    run.tables.unlink()
    again = train(*experiment_of(run), run, resume=True)
    assert (again.status, again.env_steps, again.state_sha256) == (result.status, 50, result.state_sha256)
    assert len(points(run)["episode/return"][0]) == again.episodes


def test_a_run_that_never_had_a_checkpoint_begins_anew(tmp_path):
    run, result = learn(tmp_path, steps=50)
    for _, path in checkpoints(run.path):
        path.unlink()
    (run.path / ".tmp-0123456789abcdef").touch()
    assert train(*experiment_of(run), run, resume=True).state_sha256 == result.state_sha256
    assert not list(run.path.glob(".tmp-*"))


def test_a_new_run_is_never_learnt_over_an_old_one(tmp_path):
    run, result = learn(tmp_path, steps=50)
    before = {path.name: path.read_bytes() for path in run.path.iterdir()}
    with pytest.raises(RunError, match=r"events\.out\.tfevents\.rltop cannot be created \(File exists\)"):
        train(*experiment_of(run), run)
    assert {path.name: path.read_bytes() for path in run.path.iterdir()} == before
    assert read_result(run) == result


def test_curves_that_are_damaged_before_the_checkpoint_are_named(tmp_path):
    run, _ = learn(tmp_path, 2000, steps=4000)
    data = bytearray(run.events.read_bytes())
    data[100] ^= 1
    run.events.write_bytes(data)
    with pytest.raises(RunError, match=r"events\.out\.tfevents\.rltop is damaged at byte"):
        train(*experiment_of(run), run, resume=True)
    run.events.write_bytes(data[:50])
    with pytest.raises(RunError, match=r"events\.out\.tfevents\.rltop is damaged at byte"):
        train(*experiment_of(run), run, resume=True)


def test_the_second_trainer_names_the_first(tmp_path):
    run, _ = learn(tmp_path, 20, steps=50)
    with exclusive_lock(run.lock), pytest.raises(RunError, match=f"is locked by process {os.getpid()}; wait"):
        train(*experiment_of(run), run, resume=True)
    assert read_result(run).status == "stopped"


def test_a_diverged_run_keeps_its_last_finite_checkpoint(tmp_path, monkeypatch):
    from scenarios.runs import keeping, session

    monkeypatch.setattr(session, "ATTEND_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(keeping, "CHECKPOINT_SHARE", 1e9)
    experiment = prepare("cliffwalking", "q-learning", {"gamma": "1", "alpha": "1"}, seed=5)
    rewards = experiment.model.reward.copy()
    rewards[:, 0] = float("inf")  # it takes a while to get to that corner
    experiment = experiment.with_model(dataclasses.replace(experiment.model, reward=rewards))
    run, budget = kept(experiment, tmp_path, steps=10_000)
    result = train(experiment, budget, run)
    assert result.status == "diverged"
    assert checkpoints(run.path)[0][0] == result.env_steps - 1
    with pytest.raises(RunError, match="would diverge again; start a new run"):
        check_resumable(run)
