"""Limits of a run, and worlds in which learning would never end by itself."""

import pytest

from scenarios.configuration import SettingError
from scenarios.experiment import prepare
from scenarios.runs.budget import ENDLESS_STEPS, ENDLESS_SWEEPS, MOST_SWEEPS, Budget, budget_for
from scenarios.worlds.maps import build_map, parse_map

POCKET = "S . +1\n# # #\n. . ."
LOCKED_IN = "S . # +1"
CONTINUING = "S . ."
TRAP = "S . +1\n. . ."  # with a jump from the right of row 1 onto itself


def experiment(rows, algorithm="value-iteration", options="living_reward = -1", **settings):
    model = build_map(parse_map(f'map = """\n{rows}\n"""\n{options}\n', "test"))
    return prepare("gridworld", algorithm, settings).with_model(model)


def test_the_scenarios_own_episodes():
    assert budget_for(prepare("cliffwalking", "sarsa", lanes=10)) == (Budget(episodes=500), ())


def test_whichever_comes_first():
    budget, warnings = budget_for(prepare("cliffwalking", "sarsa"), steps=1000, episodes=7)
    assert (budget.steps, budget.episodes, warnings) == (1000, 7, ())


def test_steps_alone_record_all_the_episodes_that_fit():
    budget, _ = budget_for(prepare("cliffwalking", "sarsa", lanes=500), steps=10**9)
    assert budget.steps == 10**9
    assert 50_000 < budget.episodes < 70_000  # 512 MiB of 16 bytes an episode, in 500 lanes


@pytest.mark.parametrize("limits", [{"steps": 5}, {"episodes": 5}])
def test_planning_takes_no_steps_or_episodes(limits):
    with pytest.raises(SettingError, match="max_sweeps=N"):
        budget_for(prepare("gridworld", "value-iteration"), **limits)


def test_more_episodes_than_a_run_keeps():
    with pytest.raises(SettingError, match="at most 33"):
        budget_for(prepare("cliffwalking", "sarsa", lanes=1000), episodes=10**6)


def test_more_values_than_a_run_keeps():
    wide = "S" + " ." * 199 + ("\n" + " ".join("." * 200)) * 198 + "\n" + ". " * 199 + "+1"
    big = experiment(wide, "sarsa")
    assert budget_for(big)[1] == ()
    with pytest.raises(SettingError, match="use fewer lanes"):
        budget_for(prepare("gridworld", "sarsa", lanes=1000).with_model(big.model))


def test_planning_that_converges_is_not_bounded():
    assert budget_for(prepare("gridworld", "policy-evaluation")) == (Budget(sweeps=MOST_SWEEPS), ())


@pytest.mark.parametrize(("rows", "stuck"), [(POCKET, "3 states"), (LOCKED_IN, "2 states"), (CONTINUING, "3 states")])
def test_planning_that_cannot_converge(rows, stuck):
    budget, (warning,) = budget_for(experiment(rows))
    assert budget.sweeps == ENDLESS_SWEEPS
    assert f"from {stuck} no ending can be reached" in warning


@pytest.mark.parametrize(
    ("options", "settings"),
    [
        ("living_reward = -1\ndiscount = 0.9", {"gamma": 0.9}),  # a discount makes every sum finite
        ("living_reward = 0", {}),  # nothing is paid where no ending can be reached
    ],
)
def test_planning_without_an_ending_may_still_converge(options, settings):
    assert budget_for(experiment(POCKET, options=options, **settings))[1] == ()


def test_sweeps_that_were_asked_for_are_done():
    assert budget_for(experiment(POCKET), sweeps_given=True) == (Budget(sweeps=MOST_SWEEPS), ())


@pytest.mark.parametrize(
    ("rows", "options"),
    [
        (LOCKED_IN, ""),
        (CONTINUING, ""),
        (TRAP, "[[jump]]\nfrom = [1, 2]\nto = [1, 2]\nreward = 0"),
    ],
)
def test_episodes_that_may_never_end(rows, options):
    learner = experiment(rows, "q-learning", options)
    budget, (warning,) = budget_for(learner)
    assert budget.steps == ENDLESS_STEPS
    assert "no ending can be reached" in warning
    assert budget_for(learner, episodes=3)[0] == Budget(ENDLESS_STEPS, 3)
    assert budget_for(learner, steps=50)[1] == ()  # that many were asked for
    assert budget_for(experiment(rows, "q-learning", f"max_steps = 9\n{options}"))[1] == ()


def test_a_pocket_that_the_start_does_not_reach_is_harmless():
    assert budget_for(experiment(POCKET, "q-learning"))[1] == ()
