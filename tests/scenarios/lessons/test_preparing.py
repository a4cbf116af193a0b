"""Deep lessons to be: gentle settings that the learner's own go before, and what cannot be."""

from __future__ import annotations

import pytest

from scenarios.configuration import SettingError
from scenarios.experiment import prepare
from scenarios.lessons.preparing import GENTLE, own_size, prepare_deep_lesson
from scenarios.worlds.errors import WorldError


def test_a_lesson_has_gentle_settings_and_the_learners_own_go_before():
    pytest.importorskip("Box2D")
    plain = prepare_deep_lesson("cartpole")
    assert plain.algorithm.name == "dqn"
    assert plain.config.updates == GENTLE["dqn"]["updates"]
    own = prepare_deep_lesson("cartpole", ("dqn",), {"updates": "3", "gamma": 0.5}, seed=4)
    assert (own.config.updates, own.config.gamma, own.config.batch, own.seed) == (3, 0.5, GENTLE["dqn"]["batch"], 4)
    lander = prepare_deep_lesson("lunarlander")
    assert (lander.config.environments, lander.config.gamma, lander.acting.workers) == (4, 0.999, 0)
    assert prepare_deep_lesson("pendulum").config.epochs == 10
    assert prepare_deep_lesson("digits").config.hidden == "64-32"


def test_a_lesson_says_how_often_it_learns_from_a_rollout():
    """The scenario's text tells of training, which does so more often."""
    said = "In this lesson it learns 4 times over from every rollout of 512 steps."
    assert own_size(prepare_deep_lesson("cartpole", ("ppo",))) == said
    assert "10 times over" in own_size(prepare_deep_lesson("cartpole", ("ppo",), {"epochs": "10"}))
    assert own_size(prepare_deep_lesson("cartpole", ("dqn",))) == ""
    assert own_size(prepare("cliffwalking", "sarsa")) == ""


def test_any_environment_of_gymnasium_can_be_a_lesson():
    lesson = prepare_deep_lesson(None, ("dqn",), environment="Acrobot-v1")
    assert lesson.scenario.environment_id == "Acrobot-v1"
    assert lesson.config.updates == GENTLE["dqn"]["updates"]


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (("cartpole", ("dqn", "ppo")), {}, "shows one algorithm, got dqn, ppo"),
        (("cartpole", ("sarsa",)), {}, "no algorithm 'sarsa'"),
        (("cliffwalking", ()), {}, "has a table"),
        (("cartpole", ()), {"updates": "many"}, "updates: expected a whole number"),
        (("cartpole", ("ppo",)), {"workers": "2"}, "workers must be 0, got 2"),
        (("cartpole", ("ppo",)), {"batch": "100"}, "batch must divide"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_a_sentence(arguments, settings, sentence):
    with pytest.raises(SettingError, match=sentence):
        prepare_deep_lesson(*arguments, settings)


def test_an_environment_that_does_not_fit_is_said_in_a_sentence():
    with pytest.raises(WorldError, match="Discrete"):
        prepare_deep_lesson(None, ("dqn",), environment="Pendulum-v1")
    with pytest.raises(SettingError, match="one learner"):
        prepare_deep_lesson("cartpole", lanes=3)
