"""The list of settings: values, defaults, ranges, sentences."""

from dataclasses import replace

import pytest

from scenarios.catalog import SCENARIOS
from tui.picker.choice import Choice, prepare_lesson
from tui.picker.settings import OPEN, settings_list, sketched_list


def listed(choice: Choice, untouched: Choice | None = None):
    fresh = prepare_lesson(untouched or Choice(choice.scenario, choice.algorithms))
    return {setting.key: setting for setting in settings_list(choice, prepare_lesson(choice), fresh)}


def test_a_learner_has_run_world_and_own_settings():
    settings = listed(Choice("cliffwalking", ("q-learning",)))
    assert list(settings) == [
        *("seed", "seeds", "lanes", "steps", "episodes", "runs"),
        *("is_slippery", "max_steps"),
        *("alpha", "gamma", "epsilon", "q0", "tie_break"),
    ]
    assert settings["alpha"].value == settings["alpha"].default == "0.5"
    assert settings["alpha"].allowed == "(0, 1]"
    assert "Step size" in settings["alpha"].sentence
    assert settings["q0"].allowed == "[-1e+09, 1e+09]"
    assert settings["is_slippery"].options == ("false", "true")
    assert settings["tie_break"].options == ("first", "random")
    assert settings["max_steps"].value == "none"
    assert settings["max_steps"].allowed == "[1, 1e+09], or none"
    assert settings["lanes"].default == "100"
    assert not any(setting.changed for setting in settings.values())


def test_planners_have_no_lanes():
    settings = listed(Choice("frozenlake", ("value-iteration",)))
    assert "lanes" not in settings
    assert settings["theta"].allowed == "a finite number >= 0"
    assert settings["max_sweeps"].allowed == settings["block"].allowed == "a whole number >= 0"
    assert settings["map_name"].options == ("4x4", "8x8")
    assert settings["gamma"].default == "0.99"  # what the world suggests
    assert settings["block"].default == "1"


def test_what_was_changed_says_so():
    choice = Choice("cliffwalking", ("sarsa",), {"alpha": "0.1", "is_slippery": "true"}, seed=3, lanes=20)
    settings = listed(choice, replace(choice, settings={"is_slippery": "true"}, seed=0, lanes=None))
    changed = {key for key, setting in settings.items() if setting.changed}
    assert changed == {"alpha", "is_slippery", "seed", "lanes"}
    assert (settings["alpha"].value, settings["alpha"].default) == ("0.1", "0.5")


def test_settings_of_two_algorithms_name_their_owners():
    settings = listed(Choice("gridworld", ("value-iteration", "sarsa")))
    assert settings["gamma"].group == "Settings of Value iteration and SARSA"
    assert settings["theta"].group == "Settings of Value iteration"
    assert settings["alpha"].group == "Settings of SARSA"


def test_a_schedule_is_shown_as_it_is_written():
    settings = listed(Choice("cliffwalking", ("sarsa",), {"epsilon": "linear(0.5,0.05,200)"}))
    assert settings["epsilon"].value == "linear(0.5, 0.05, 200)"
    assert "linear(" in " ".join(settings["epsilon"].offers)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_before_the_world_is_built_all_is_listed_but_what_it_has_a_say_in(scenario):
    for algorithms in [(name,) for name in scenario.algorithms] + [("value-iteration", "sarsa")]:
        choice = Choice(scenario.name, algorithms)
        sketched = {setting.key: setting for setting in sketched_list(choice)}
        known = listed(choice)
        assert list(sketched) == list(known)
        for key, setting in known.items():
            assert sketched[key] == setting or (key in ("gamma", "lanes") and sketched[key].value == OPEN)


def test_a_sketch_of_settings_that_cannot_be_shows_the_defaults():
    settings = {
        setting.key: setting for setting in sketched_list(Choice("cliffwalking", ("sarsa",), {"alpha": "2"}, lanes=3))
    }
    assert settings["alpha"].value == "0.5"
    assert settings["lanes"].value == "3"
