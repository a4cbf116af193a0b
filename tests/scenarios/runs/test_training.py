"""The loop: what a headless run writes, and how it ends."""

import dataclasses
import json
import signal

import numpy as np
import pytest

from scenarios.experiment import prepare
from scenarios.runs import session
from scenarios.runs.budget import Budget, budget_for
from scenarios.runs.directory import open_run, read_result
from scenarios.runs.files import RunError, exclusive_lock
from scenarios.runs.inspection import inspect
from scenarios.runs.signals import StopRequest
from scenarios.runs.standing import overview
from scenarios.runs.tables import read_tables
from scenarios.runs.tfevents import EventWriter, read_scalars
from scenarios.runs.training import open_training, train


def learn(tmp_path, experiment, budget=None, **options):
    budget = budget or budget_for(experiment)[0]
    run = open_training(experiment, budget, tmp_path)
    return run, train(experiment, budget, run, **options)


def attentive(monkeypatch):
    """Let it look up and say how far it is after every event."""
    monkeypatch.setattr(session, "ATTEND_SECONDS", 0.0)
    monkeypatch.setattr(session, "TELL_SECONDS", 0.0)


def q_learning(**options):
    return prepare("cliffwalking", "q-learning", seed=3, lanes=4, **options)


def spoilt(experiment, reward):
    """The same experiment where the very first step pays something that is no number."""
    model = experiment.model
    rewards = model.reward.copy()
    rewards[:, model.start_states] = reward
    return experiment.with_model(dataclasses.replace(model, reward=rewards))


# how it ends


def test_planning_is_solved_when_it_has_converged(tmp_path):
    run, result = learn(tmp_path, prepare("gridworld", "policy-evaluation"))
    assert (result.status, result.env_steps, result.episodes) == ("solved", 0, 0)
    assert (result.steps_per_second, result.return_mean, result.message) == (0.0, None, None)
    assert result.eval_mean == pytest.approx(-2)
    assert read_result(run) == result


def test_planning_cut_short_says_so(tmp_path):
    run, result = learn(tmp_path, prepare("gridworld", "policy-evaluation", {"max_sweeps": 2}))
    assert result.status == "finished"
    assert result.message == "ended after 2 sweeps, before the values had settled: the last one changed a value by 1"
    assert inspect(run)["sweeps"] == 2


def test_a_good_enough_greedy_policy_is_solved_however_it_was_found(tmp_path):
    taxi = prepare("taxi", "value-iteration", {"max_sweeps": 3})
    assert learn(tmp_path, taxi)[1].status == "finished"
    assert learn(tmp_path, prepare("taxi", "value-iteration"))[1].eval_mean == pytest.approx(7.93, abs=1e-9)
    assert learn(tmp_path, prepare("cliffwalking", "q-learning", lanes=2))[1].status == "solved"
    assert learn(tmp_path, prepare("cliffwalking", "expected-sarsa", lanes=2))[1].status == "finished"


def test_every_lane_has_its_episodes(tmp_path):
    run, result = learn(tmp_path, q_learning(), Budget(episodes=30))
    kept = read_tables(run.tables)
    assert kept["episode_return_lanes"].shape == (30, 4)
    assert np.isfinite(kept["episode_return_lanes"]).all()
    assert (kept["episode_length_lanes"] >= 13).all()
    assert result.episodes == 120
    assert result.env_steps >= kept["episode_length_lanes"].sum()
    assert result.return_mean == pytest.approx(kept["episode_return_lanes"].mean())


def test_asked_to_stop_it_keeps_everything(tmp_path):
    questions = iter(range(1000))
    experiment = q_learning()
    run, result = learn(tmp_path, experiment, interrupted=lambda: next(questions) == 499)
    assert (result.status, result.env_steps) == ("stopped", 500 * 4)
    state = experiment.initial_state()
    for _, _event in zip(range(500), experiment.resume(state), strict=False):
        pass
    assert np.array_equal(read_tables(run.tables)["q"].reshape(-1, 4), state.q)
    assert read_result(run) == result


@pytest.mark.parametrize("reward", [np.nan, np.inf, -np.inf])
def test_divergence_ends_within_one_update(tmp_path, reward):
    run, result = learn(tmp_path, spoilt(q_learning(), reward))
    assert (result.status, result.env_steps, result.eval_mean) == ("diverged", 4, None)
    assert result.message.startswith("Q(36, ")
    assert result.message.endswith(f"of lane 0 became {reward:g}")
    assert "NaN" not in json.dumps(inspect(run), allow_nan=False)


@pytest.mark.parametrize("reward", [np.nan, np.inf, -np.inf])
def test_planning_that_diverges_names_the_state(tmp_path, reward):
    run, result = learn(tmp_path, spoilt(prepare("cliffwalking", "value-iteration"), reward))
    assert (result.status, result.message) == ("diverged", f"V(36) became {reward:g} in sweep 1")
    assert inspect(run)["v"][36] is None


def test_an_exception_is_kept_with_its_traceback(tmp_path):
    def broken(world, config, state):
        yield from ()
        raise ZeroDivisionError("no such luck")

    experiment = q_learning()
    experiment = dataclasses.replace(experiment, algorithm=dataclasses.replace(experiment.algorithm, page=broken))
    run, result = learn(tmp_path, experiment)
    assert (result.status, result.message) == ("failed", "ZeroDivisionError: no such luck")
    assert "in broken" in (run.path / "trainer.log").read_text()
    assert "q" in read_tables(run.tables)


# what it writes


def test_the_same_seed_gives_the_same_run(tmp_path):
    first, second = (learn(tmp_path, q_learning(), Budget(episodes=50))[0] for _ in range(2))
    ours, theirs = read_tables(first.tables), read_tables(second.tables)
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[key], theirs[key]) for key in ours)
    assert np.ptp(ours["q"]) > 1
    curves = [read_scalars(run.events)["episode/return"] for run in (first, second)]
    assert np.array_equal(curves[0].steps, curves[1].steps)
    assert np.array_equal(curves[0].values, curves[1].values)


CLOCK = {"time/seconds", "time/steps_per_second"}


def test_curves_of_learning(tmp_path):
    run, result = learn(tmp_path, q_learning(), Budget(episodes=30))
    kept, curves = read_tables(run.tables), read_scalars(run.events)
    assert set(curves) == {f"episode/{what}" for what in ("count", "return", "length")} | CLOCK
    assert curves["episode/count"].values.tolist() == list(range(1, 31))
    assert curves["episode/return"].values == pytest.approx(kept["episode_return_lanes"].mean(axis=1), rel=1e-6)
    assert curves["episode/length"].values == pytest.approx(kept["episode_length_lanes"].mean(axis=1), rel=1e-6)
    slowest = kept["episode_length_lanes"].cumsum(axis=0).max(axis=1)
    assert curves["episode/return"].steps.tolist() == (4 * slowest).tolist()
    assert curves["time/steps_per_second"].steps[-1] == curves["time/seconds"].steps[-1] == result.env_steps


def test_curves_of_planning(tmp_path):
    run, _ = learn(tmp_path, prepare("gridworld", "policy-evaluation", {"max_sweeps": 3}))
    curves = read_scalars(run.events)
    assert set(curves) == {"sweep/largest_change", "time/seconds"}
    assert curves["time/seconds"].steps[-1] == 3
    assert curves["sweep/largest_change"].steps.tolist() == [1, 2, 3]
    # figure 4.1: the first sweep changes by 1, the next by 1, the third by 1 far from the corners
    assert curves["sweep/largest_change"].values.tolist() == [1, 1, 1]


def test_it_reports_as_it_goes(tmp_path, monkeypatch):
    attentive(monkeypatch)
    seen = []
    _, result = learn(tmp_path, q_learning(), Budget(episodes=20), report=seen.append)
    shares = [progress.share for progress in seen]
    assert shares == sorted(shares)
    assert 0 < shares[-1] <= 1
    assert seen[-1].env_steps <= result.env_steps
    assert seen[-1].return_mean < -12
    assert all(progress.fault is None for progress in seen)


def test_metrics_that_cannot_be_written_come_later(tmp_path, monkeypatch):
    attentive(monkeypatch)
    write, calls, seen = EventWriter.scalars, [], []

    def full_disk(self, *scalars):
        calls.append(scalars)
        if 5 < len(calls) < 50:
            raise RunError("events", "cannot be written", "free space")
        write(self, *scalars)

    monkeypatch.setattr(EventWriter, "scalars", full_disk)
    run, result = learn(tmp_path, q_learning(), Budget(episodes=30), report=seen.append)
    assert any(progress.fault for progress in seen)
    assert result.message is None
    assert len(read_scalars(run.events)["episode/return"].steps) == 30


def test_one_writer(tmp_path):
    experiment = q_learning()
    run = open_training(experiment, Budget(episodes=1), tmp_path)
    with exclusive_lock(run.lock), pytest.raises(RunError, match="is locked by process"):
        train(experiment, Budget(episodes=1), run)


# what inspection makes of it


def test_inspection_of_the_book_grid(tmp_path):
    world = tmp_path / "mine.toml"
    world.write_text('map = """\n. . . +1\n. # . -1\nS . . .\n"""\ndiscount = 0.9\nnoise = 0.2\n')
    settings = {"world": str(world), "theta": "1e-12"}
    run, result = learn(tmp_path, prepare("gridworld", "value-iteration", settings, seed=5))
    world.unlink()  # the run remembers its map
    found = inspect(open_run(str(run.path), tmp_path))
    assert found["shape"] == [3, 4]
    assert found["actions"] == ["up", "right", "down", "left"]
    assert found["v"][5] is None
    assert found["v"][3] == found["v"][7] == 0
    assert found["v"][2] == pytest.approx(max(found["q"][2]), abs=1e-9)
    assert found["policy"][0] == [1]
    assert found["policy"][5] == []
    assert found["config"]["gamma"] == 0.9
    assert (found["seed"], found["lanes"], found["status"]) == (5, 1, "solved")
    assert found["episode_return"] is found["episode_return_lanes"] is None
    assert found["sweeps"] > 20
    assert found["eval_mean"] == result.eval_mean
    json.dumps(found, allow_nan=False)


def test_lanes_that_have_not_got_so_far_have_no_return(tmp_path):
    run, _ = learn(tmp_path, q_learning(), budget_for(q_learning(), steps=2000)[0])
    found = inspect(run)
    assert found["sweeps"] is None
    lanes = found["episode_return_lanes"]
    assert None in lanes[-1]
    known = [number for number in lanes[-1] if number is not None]
    assert found["episode_return"][-1] == pytest.approx(sum(known) / len(known))
    assert len(found["episode_return"]) == len(lanes)


def test_taxi_has_several_states_a_cell(tmp_path):
    run, _ = learn(tmp_path, prepare("taxi", "value-iteration"))
    found = inspect(run)
    assert found["shape"] is None
    assert len(found["v"]) == len(found["q"]) == len(found["policy"]) == 500


def test_a_run_that_has_not_ended(tmp_path):
    run = open_training(q_learning(), Budget(episodes=2), tmp_path)
    found = inspect(run)
    assert (found["status"], found["v"], found["return_mean"]) == ("dead", None, None)
    with exclusive_lock(run.lock):
        assert overview(run)["status"] == "running"
    assert set(found) == set(inspect(learn(tmp_path, q_learning(), Budget(episodes=2))[0]))


# signals


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_become_a_question(number):
    before = signal.getsignal(number)
    with StopRequest() as stop:
        assert not stop()
        signal.raise_signal(number)
        signal.raise_signal(signal.SIGTERM)
        assert stop()
        assert stop.signal == number
    assert signal.getsignal(number) is before
