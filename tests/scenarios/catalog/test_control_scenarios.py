"""The scenarios with observations: every algorithm's settings fit, bad ones are refused, PPO runs through the loop."""

from __future__ import annotations

import os
import sys

import gymnasium
import numpy as np
import pytest

from scenarios.catalog import CONTROL_SCENARIOS
from scenarios.catalog.scenario import ControlScenario
from scenarios.configuration import SettingError, configure, field_help
from scenarios.experiment import Acting, decide_control, prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.training import open_training, train
from scenarios.worlds.control import acts_continuously, reward_threshold
from scenarios.worlds.errors import WorldError

EVERY_SCENARIO = pytest.mark.parametrize("scenario", CONTROL_SCENARIOS, ids=lambda scenario: scenario.name)
SMALL = {"environments": 4, "rollout_steps": 16, "batch": 32, "epochs": 2, "hidden": "8", "evaluate_episodes": 2}


@EVERY_SCENARIO
def test_every_scenario_says_what_it_is_and_its_settings_fit(scenario: ControlScenario) -> None:
    texts = [scenario.title, scenario.summary, scenario.teaches, scenario.look_for]
    assert all(text.isprintable() and text.strip() == text and text for text in texts)
    assert len(scenario.summary) <= 120
    assert scenario.default_algorithm in scenario.algorithms
    assert set(scenario.steps) == set(scenario.algorithms) >= set(scenario.defaults)
    assert all(sentence.endswith(".") for sentence in field_help(scenario.world).values())
    for algorithm in scenario.algorithms:
        experiment = decide_control(scenario, algorithm)
        assert experiment.config.environments >= 1


@EVERY_SCENARIO
def test_the_settings_of_a_world_are_what_gymnasium_takes(scenario: ControlScenario) -> None:
    pytest.importorskip("Box2D")
    experiment = decide_control(scenario)
    assert acts_continuously(scenario.environment_id, **experiment.options) in experiment.algorithm.continuous
    own, defaults = gymnasium.make(scenario.environment_id).unwrapped, experiment.options
    assert all(getattr(own, name, getattr(own, f"_{name}", default)) == default for name, default in defaults.items())


@EVERY_SCENARIO
def test_the_number_that_counts_as_solved_is_gymnasiums(scenario: ControlScenario) -> None:
    solved = scenario.solved(scenario.world())
    assert solved.greedy_return == reward_threshold(scenario.environment_id)
    assert "gymnasium" in solved.source


@pytest.mark.parametrize(
    ("name", "settings", "complaint"),
    [
        ("lunarlander", {"gravity": "-12"}, r"gravity must be in \(-12, 0\), got -12"),
        ("lunarlander", {"gravity": "nan"}, r"gravity must be in \(-12, 0\), got nan"),
        ("lunarlander", {"wind_power": "21"}, r"wind_power must be in \[0, 20\], got 21"),
        ("lunarlander", {"turbulence_power": "-1"}, r"turbulence_power must be in \[0, 2\], got -1"),
        ("lunarlander", {"continuous": "perhaps"}, "continuous must be one of true, false"),
        ("pendulum", {"g": "1000"}, r"g must be in \[0, 100\], got 1000"),
        ("pendulum", {"workers": "-1"}, r"workers must be in \[0, 256\], got -1"),
        ("pendulum", {"groups": "3"}, "groups must divide the 8 environments, got 3"),
        ("pendulum", {"learning_rate": "-1"}, r"learning_rate must be in \[0, 1\], got -1"),
    ],
)
def test_settings_out_of_range_are_refused_with_a_sentence(name: str, settings: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        prepare_run(name, "ppo", settings)


@pytest.mark.parametrize(
    ("workers", "groups", "cores", "processes"),
    [(None, 2, 1, 0), (None, 2, 2, 2), (None, 2, 64, 2), (None, 4, 3, 3), (None, 1, 8, 0), (0, 2, 8, 0), (5, 2, 1, 5)],
)
def test_workers_are_as_many_as_the_cores_where_nobody_says(
    workers: int | None, groups: int, cores: int, processes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(cores), raising=False)
    assert Acting(workers).processes(groups) == processes


def test_only_an_algorithm_of_rollouts_has_workers() -> None:
    with pytest.raises(SettingError, match="there is no setting 'workers'"):
        prepare_run("cartpole", "dqn", {"workers": "2"})


@pytest.mark.parametrize(
    ("version", "sentence"),
    [((3, 13), "is not installed here: pip install box2d"), ((3, 14), "has no wheel for Python 3.14 yet: use Python")],
)
def test_without_box2d_the_lander_is_refused_with_a_sentence(
    version: tuple[int, int], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in [name for name in sys.modules if name.startswith("gymnasium.envs.box2d")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "Box2D", None)
    monkeypatch.setattr(sys, "version_info", version)
    with pytest.raises(WorldError, match=f"^LunarLander-v3 needs Box2D, which {sentence}"):
        prepare_run("lunarlander")


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("cartpole", {"groups": 2, "workers": 0}),
        ("lunarlander", {"groups": 1, "workers": 0}),
        ("lunarlander", {"continuous": True, "workers": 2}),
        ("pendulum", {"groups": 2, "workers": 1}),
    ],
)
def test_ppo_runs_through_the_loop(name: str, settings: dict[str, object], tmp_path) -> None:
    pytest.importorskip("Box2D")
    experiment = prepare_run(name, "ppo", {**SMALL, **settings}, seed=3)
    budget, warnings = budget_for(experiment, 500)
    result = train(experiment, budget, open_training(experiment, budget, tmp_path))
    assert (result.status in ("finished", "solved"), warnings) == (True, ())
    assert result.env_steps == 512
    assert np.isfinite(result.eval_mean)


def test_dqn_throttles_no_lander() -> None:
    pytest.importorskip("Box2D")
    assert prepare_run("lunarlander", "dqn").config.double
    with pytest.raises(WorldError, match="dqn needs Discrete ones: choose --algorithm ppo"):
        prepare_run("lunarlander", "dqn", {"continuous": "true"})


def test_the_lander_can_be_throttled() -> None:
    pytest.importorskip("Box2D")
    experiment = prepare_run("lunarlander", "ppo", {"continuous": "true", "workers": "0"})
    state = experiment.initial_state()
    assert (state.environments.continuous, state.environments.actions) == (True, 2)
    assert configure(experiment.scenario.world, {}).continuous is False
