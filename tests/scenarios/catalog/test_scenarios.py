"""The catalogue: every scenario builds, can be solved as it says, and refuses bad settings in one sentence."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from algorithms.registry import ALGORITHMS
from scenarios.catalog import SCENARIOS, scenario_named
from scenarios.catalog.scenario import Scenario
from scenarios.configuration import SettingError, configure, field_help, settings_of
from scenarios.experiment import prepare
from scenarios.worlds.errors import WorldError
from scenarios.worlds.evaluation import greedy_returns
from scenarios.worlds.maps import find_world, read_map

EVERY_SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
WITH_A_NUMBER = [
    ("gridworld", {}),
    ("gridworld", {"world": "windy"}),
    ("gridworld", {"world": "windy-king"}),
    ("cliffwalking", {}),
    ("cliffwalking", {"max_steps": "14"}),
    ("frozenlake", {}),
    ("frozenlake", {"map_name": "8x8"}),
    ("frozenlake", {"is_slippery": "false"}),
    ("taxi", {}),
]
WITHOUT_A_NUMBER = [
    ("gridworld", {"world": "book"}),
    ("gridworld", {"max_steps": "3"}),
    ("cliffwalking", {"is_slippery": "true"}),
    ("cliffwalking", {"max_steps": "13"}),  # no more than standing still earns
    ("frozenlake", {"success_rate": "0.5"}),
    ("taxi", {"is_rainy": "true"}),
]


def test_the_order_is_that_of_difficulty() -> None:
    assert [scenario.name for scenario in SCENARIOS] == ["gridworld", "cliffwalking", "frozenlake", "taxi"]


@EVERY_SCENARIO
def test_every_scenario_says_what_it_is_and_runs_every_algorithm(scenario: Scenario) -> None:
    texts = [scenario.title, scenario.summary, scenario.teaches, scenario.look_for]
    assert all(text.isprintable() and text.strip() == text and text for text in texts)
    assert len(scenario.summary) <= 120
    assert scenario.algorithms == tuple(algorithm.name for algorithm in ALGORITHMS)
    assert scenario.default_algorithm in scenario.algorithms
    assert set(scenario.defaults) <= set(scenario.algorithms)
    for name in scenario.algorithms:
        experiment = prepare(scenario.name, name)
        assert experiment.config.gamma == experiment.model.discount
        assert len(experiment.model.layout.kinds) * experiment.model.layout.states_per_cell == experiment.model.states
        next(experiment.resume(experiment.initial_state()))


@EVERY_SCENARIO
def test_world_settings_explain_themselves_and_survive_a_file(scenario: Scenario) -> None:
    fields = [field.name for field in dataclasses.fields(scenario.world)]
    help_of = field_help(scenario.world)
    assert list(help_of) == fields
    assert all(sentence.endswith(".") for sentence in help_of.values())
    settings = configure(scenario.world, {"max_steps": "17"})
    assert configure(scenario.world, settings_of(settings)) == settings
    assert scenario.build(settings).max_steps == 17


@pytest.mark.parametrize(("name", "settings"), WITH_A_NUMBER)
def test_solved_is_within_reach_and_not_reached_by_doing_anything(name: str, settings: dict[str, str]) -> None:
    experiment = prepare(name, "value-iteration", {"theta": "1e-12", **settings})
    solved = experiment.scenario.solved(experiment.world_config)
    assert solved.greedy_return is not None
    assert solved.source
    state, model = experiment.initial_state(), experiment.model
    nothing_learnt = greedy_returns(model, np.zeros((model.states, model.actions)))
    for _ in experiment.resume(state):
        pass
    best = greedy_returns(model, model.lookahead(state.v, model.discount).T)
    assert best is not None
    assert nothing_learnt is not None
    assert nothing_learnt[0] < solved.greedy_return <= best[0] + 1e-9
    assert best[0] - solved.greedy_return < 0.05  # and nothing easy


@pytest.mark.parametrize(("name", "settings"), WITHOUT_A_NUMBER)
def test_no_number_where_none_is_agreed_on(name: str, settings: dict[str, str]) -> None:
    scenario = scenario_named(name)
    solved = scenario.solved(configure(scenario.world, settings))
    assert solved.greedy_return is None
    assert "theta" in solved.meaning


def test_a_world_of_ones_own_is_not_measured_by_the_shipped_one_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = scenario_named("gridworld")
    assert scenario.solved(configure(scenario.world, {})).greedy_return == -2
    monkeypatch.chdir(tmp_path)
    Path("fig4-1").write_text('map = "S . . 1"')
    assert scenario.solved(configure(scenario.world, {})).greedy_return is None
    assert scenario.build(configure(scenario.world, {})).states == 4


def test_gridworld_takes_a_file_and_its_time_limit_gives_way_to_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text('map = "S . 1"\nmax_steps = 9\ndiscount = 0.5')
    own = prepare("gridworld", "q-learning", {"world": str(path)})
    assert (own.model.max_steps, own.config.gamma) == (9, 0.5)
    assert prepare("gridworld", None, {"world": str(path), "max_steps": "4"}).model.max_steps == 4
    assert prepare("gridworld", None, {"world": str(path), "gamma": "0.25"}).config.gamma == 0.25
    assert own.model.origin == read_map(path)
    assert prepare("gridworld", None, {"world": "jumps"}).model.origin == read_map(find_world("jumps"))


@pytest.mark.parametrize(
    ("name", "settings", "complaint"),
    [
        ("gridword", {}, "there is no scenario 'gridword': did you mean 'gridworld'?"),
        ("chess", {}, "there is no scenario 'chess': the scenarios are gridworld, cliffwalking, frozenlake, taxi"),
        ("gridworld", {"max_steps": "0"}, "max_steps must be in [1, 1e+09], got 0"),
        ("gridworld", {"max_steps": "soon"}, "max_steps: expected a whole number, got 'soon'"),
        ("cliffwalking", {"is_slipery": "true"}, "there is no setting 'is_slipery': did you mean 'is_slippery'?"),
        ("cliffwalking", {"is_slippery": "maybe"}, "is_slippery must be one of true, false, got 'maybe'"),
        ("frozenlake", {"map_name": "16x16"}, "map_name must be one of 4x4, 8x8, got '16x16'"),
        ("frozenlake", {"success_rate": "1.5"}, "success_rate must be in [0, 1], got 1.5"),
        ("frozenlake", {"success_rate": "nan"}, "success_rate must be in [0, 1], got nan"),
        ("taxi", {"max_steps": "-1"}, "max_steps must be"),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(name: str, settings: dict[str, str], complaint: str) -> None:
    with pytest.raises(SettingError) as caught:
        prepare(name, None, settings)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_world_is_refused_with_the_nearest_shipped_one() -> None:
    with pytest.raises(WorldError, match="there is no world file jump: did you mean 'jumps'"):
        prepare("gridworld", None, {"world": "jump"})


# Learning by acting, with the defaults a lesson begins with


def learnt(name: str, algorithm: str, lanes: int, episodes: int, **settings: str) -> np.ndarray:
    """The exact greedy return of every lane. [L]"""
    experiment = prepare(name, algorithm, settings, seed=1, lanes=lanes)
    state: Any = experiment.initial_state()
    for _ in experiment.resume(state):
        if state.episode.min() >= episodes:
            break
    returns = greedy_returns(experiment.model, state.action_values(slice(None)))
    assert returns is not None
    return returns


def test_q_learning_walks_along_the_cliff() -> None:
    assert (learnt("cliffwalking", "q-learning", 20, 500) == -13).all()


@pytest.mark.slow
def test_q_learning_crosses_the_ice() -> None:
    scenario = scenario_named("frozenlake")
    returns = learnt("frozenlake", "q-learning", 20, scenario.episodes)
    assert (returns >= 0.70).mean() >= 0.8


def test_q_learning_learns_to_walk_out_of_figure_4_1() -> None:
    assert np.median(learnt("gridworld", "q-learning", 20, 500)) >= -2.2


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", ["sarsa", "q-learning", "expected-sarsa", "double-q-learning"])
@pytest.mark.parametrize(("name", "good", "share"), [("frozenlake", 0.70, 0.75), ("taxi", 7.5, 0.75)])
def test_the_defaults_learn(name: str, good: float, share: float, algorithm: str) -> None:
    returns = learnt(name, algorithm, 40, scenario_named(name).episodes)
    assert (returns >= good).mean() >= share
