"""Choices: what becomes of names, settings and lanes."""

import pytest

from scenarios.catalog import SCENARIOS
from scenarios.configuration import SettingError
from scenarios.worlds.errors import WorldError
from tui.picker.choice import Choice, prepare_lesson, toggled, with_setting, without_setting


def test_two_algorithms_share_seed_and_lanes():
    first, second = prepare_lesson(Choice("cliffwalking", ("q-learning", "sarsa"), {"alpha": "0.25"}, 7))
    assert (first.algorithm.name, second.algorithm.name) == ("q-learning", "sarsa")
    assert first.seed == second.seed == 7
    assert first.config.alpha.value == second.config.alpha.value == 0.25


@pytest.mark.parametrize(
    ("scenario", "settings", "lanes"),
    [
        ("gridworld", {}, 100),  # 16 states x 4 actions
        ("cliffwalking", {}, 100),  # 48 x 4: 208 would fit
        ("frozenlake", {"map_name": "8x8"}, 100),
        ("taxi", {}, 13),  # 500 x 6: 40,000 / 3,000
    ],
)
def test_learners_get_as_many_lanes_as_the_screen_can_follow(scenario, settings, lanes):
    (experiment,) = prepare_lesson(Choice(scenario, ("q-learning",), settings))
    assert experiment.lanes == lanes


def test_given_lanes_are_kept():
    (experiment,) = prepare_lesson(Choice("taxi", ("q-learning",), lanes=3))
    assert experiment.lanes == 3


def test_planners_back_up_one_state_an_update_unless_told_otherwise():
    (one,) = prepare_lesson(Choice("gridworld", ("value-iteration",)))
    (four,) = prepare_lesson(Choice("gridworld", ("value-iteration",), {"block": "4"}))
    assert (one.config.states_per_update, four.config.states_per_update) == (1, 4)


def test_a_planner_and_a_learner_each_get_their_own_settings():
    planner, learner = prepare_lesson(
        Choice("gridworld", ("value-iteration", "sarsa"), {"theta": "0.5", "alpha": "0.25", "gamma": "0.9"})
    )
    assert (planner.config.theta, planner.config.gamma) == (0.5, 0.9)
    assert (learner.config.alpha.value, learner.config.gamma) == (0.25, 0.9)


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        (Choice("cliffwalkin"), SettingError, "did you mean 'cliffwalking'"),
        (Choice("taxi", ("q-learning", "sarsa", "expected-sarsa")), SettingError, "two side by side, got 3"),
        (Choice("taxi", ("sarsa", "sarsa")), SettingError, "must differ, got 'sarsa' twice"),
        (Choice("taxi", ("dqn",)), SettingError, "has no algorithm 'dqn'"),
        (Choice("taxi", ("sarsa", "dqn")), SettingError, "has no algorithm 'dqn'"),
        (Choice("taxi", ("sarsa",), {"alpha": "2"}), SettingError, "alpha must be in (0, 1], got 2"),
        (Choice("taxi", ("sarsa",), {"alpah": "1"}), SettingError, "did you mean 'alpha'"),
        (Choice("taxi", ("sarsa",), {"theta": "1"}), SettingError, "there is no setting 'theta'"),
        (Choice("taxi", ("sarsa",), lanes=0), SettingError, "lanes must be in [1, 10000], got 0"),
        (Choice("taxi", ("sarsa",), seed=-1), SettingError, "seed"),
        (Choice("gridworld", (), {"world": "/nowhere.toml"}), WorldError, "nowhere.toml"),
    ],
)
def test_what_cannot_be_is_one_sentence(choice, error, words):
    with pytest.raises(error) as raised:
        prepare_lesson(choice)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_toggling_keeps_one_and_at_most_two():
    choice = Choice("cliffwalking")
    assert toggled(choice, "q-learning").algorithms == ("q-learning",)  # the only one stays
    two = toggled(choice, "sarsa")
    assert two.algorithms == ("q-learning", "sarsa")
    assert toggled(two, "q-learning").algorithms == ("sarsa",)
    assert toggled(two, "expected-sarsa").algorithms == ("sarsa", "expected-sarsa")


def test_toggling_forgets_settings_of_an_algorithm_left_out():
    choice = Choice("gridworld", ("q-learning", "value-iteration"), {"theta": "1", "alpha": "0.5", "world": "book"})
    assert toggled(choice, "value-iteration").settings == {"alpha": "0.5", "world": "book"}


def test_settings_are_put_and_taken_back():
    choice = with_setting(with_setting(with_setting(Choice("taxi"), "alpha", "0.1"), "seed", "5"), "lanes", "7")
    assert (choice.settings, choice.seed, choice.lanes) == ({"alpha": "0.1"}, 5, 7)
    back = without_setting(without_setting(without_setting(choice, "alpha"), "seed"), "lanes")
    assert back == Choice("taxi")
    with pytest.raises(ValueError, match="seed: expected a whole number, got 'x'"):
        with_setting(choice, "seed", "x")


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_every_scenario_opens_with_every_algorithm(scenario):
    for algorithm in scenario.algorithms:
        (experiment,) = prepare_lesson(Choice(scenario.name, (algorithm,)))
        assert experiment.algorithm.name == algorithm
