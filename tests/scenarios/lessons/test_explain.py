"""Explanations say what happened, in numbers that can be checked on paper."""

from __future__ import annotations

import pytest

from scenarios.experiment import prepare
from scenarios.lessons.explain import FORMULAS, explain
from scenarios.lessons.lesson import Lesson
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import bracketed, decimals_of, number
from scenarios.worlds.maps import parse_map
from tests.scenarios.lessons.exactness import in_map

# Three cells in a row, a step costs 0.1, the last one pays 1: entering it brings 0.9.
ROW = 'map = """\nS . +1\n"""\nliving_reward = -0.1\ndiscount = 0.9\n'


def row(algorithm, **settings):
    settings = {"tie_break": "first", "epsilon": "0", "alpha": "0.5", "block": "1"} | settings
    return Stepper(in_map(parse_map(ROW, "row"), algorithm, **settings))


def explained(stepper, updates):
    """The explanations of the next updates."""
    return [explain(stepper, stepper.forward()) for _ in range(updates)]


def test_numbers_are_short_and_have_a_true_minus():
    shown = {0.0: "0", 1.0: "1", -1.0: "−1", 0.5: "0.5", -0.04876: "−0.0488", 12.346: "12.35"}
    shown |= {1234567.0: "1234567", 2e9: "2e+09", 3e-7: "3.0e−07", float("-inf"): "−∞"}
    assert {value: number(value) for value in shown} == shown
    assert number(-0.0) == "0"
    assert number(float("nan")) == "nan"
    assert bracketed(-2.0) == "(−2)"
    assert bracketed(2.0) == "2"


def test_numbers_of_one_formula_have_as_many_decimals():
    assert [number(value, decimals_of(8.08125)) for value in (8.08125, 1.0, 0.21544)] == ["8.0813", "1", "0.2154"]
    assert [number(value, decimals_of(-120.125)) for value in (-120.126, 0.2154)] == ["−120.13", "0.22"]
    assert number(-12345.678, decimals_of(0.5, -12345.678)) == "−12346"
    assert bracketed(-7.8659, 4) == "(−7.8659)"
    assert decimals_of(float("nan"), float("inf")) == 4


@pytest.mark.parametrize("algorithm", ["q-learning", "sarsa", "double-q-learning"])
def test_what_a_formula_says_comes_out(algorithm):
    """Worked out from the numbers as they are shown: the error, and the new estimate."""
    stepper = Stepper(prepare("cliffwalking", algorithm, {"alpha": "0.3"}, seed=1))
    stepper.jump(1_500)
    for _ in range(200):
        first, second = explain(stepper, stepper.forward()).numbers
        inside = first.partition("[")[2].rstrip("]")
        expression, _, new = second.partition("=")[2].partition("  =  ")
        error = expression.rpartition(" · ")[2]
        worked_out, error, total, new = (
            eval(text.replace("−", "-").replace("·", "*")) for text in (inside, error, expression, new)
        )
        assert error == pytest.approx(worked_out, abs=2e-4)
        assert new == pytest.approx(total, abs=2e-4)


def test_q_learning_counts_on_the_best_next_action():
    first, second, *_, eighth, ninth = explained(row("q-learning"), 9)
    # first: up, against the edge
    assert first.numbers == ("Q(0, ↑) ← 0 + 0.5 [−0.1 + 0.9·0 − 0]", "     = 0 + 0.5 · (−0.1)  =  −0.05")
    assert first.formula == "Q(s,a) ← Q(s,a) + α [r + γ max Q(s′,·) − Q(s,a)]"
    assert first.sentence == (
        "Worse than expected by 0.1: the estimate falls. It counts on the best next action, whatever it will really do."
    )
    assert (first.before, first.after, first.direction) == (0.0, -0.05, "down")
    assert second.numbers[0] == "Q(0, →) ← 0 + 0.5 [−0.1 + 0.9·0 − 0]"
    # eighth: Q(1, →) is 0.45 by now, −0.1 + 0.9 · 0.45 − (−0.05) = 0.355
    assert eighth.numbers == (
        "Q(0, →) ← −0.05 + 0.5 [−0.1 + 0.9·0.45 − (−0.05)]",
        "     = −0.05 + 0.5 · 0.355  =  0.1275",
    )
    assert eighth.direction == "up"
    # ninth: the end, nothing follows: 0.45 + 0.5 · (0.9 − 0.45) = 0.675
    assert ninth.numbers[0] == "Q(1, →) ← 0.45 + 0.5 [0.9 + 0 − 0.45]"
    assert ninth.sentence.endswith("The episode ends here, so nothing follows the reward.")


def test_sarsa_names_the_action_it_will_take():
    stepper = row("sarsa")
    first, second = explained(stepper, 2)
    assert first.sentence.endswith("It counts on ↑, the action it will really take next.")
    assert second.numbers[1] == "     = −0.05 + 0.5 · (−0.05)  =  −0.075"
    assert second.sentence.endswith("It counts on →, the action it will really take next.")
    assert stepper.state.a[0] == 1


def test_expected_sarsa_and_double_q_learning_say_what_they_count_on():
    assert explained(row("expected-sarsa"), 1)[0].sentence.endswith("exploring included.")
    stepper = row("double-q-learning")
    tables = {}
    for _ in range(9):
        update = explain(stepper, stepper.forward())
        table = ("Q₁", "Q₂")[stepper.event.table[0]]
        assert update.numbers[0].startswith(table)
        tables[table] = update.formula
    assert tables["Q₁"] == FORMULAS["double-q-learning"]
    assert tables["Q₂"] == "Q₂(s,a) ← Q₂(s,a) + α [r + γ Q₁(s′, argmax Q₂(s′,·)) − Q₂(s,a)]"


def test_a_time_limit_is_no_end():
    stepper = Stepper(in_map(parse_map(ROW + "max_steps = 1\n", "row"), "q-learning", tie_break="first", epsilon="0"))
    assert "Time is up" in explained(stepper, 1)[0].sentence


def falls_told(stepper: Stepper, updates: int, reward: float) -> int:
    """How many of so many updates are told as falls; those are told so that have this reward."""
    falls = 0
    for _ in range(updates):
        event = stepper.forward()
        fell = "stepped off the cliff" in explain(stepper, event).sentence
        assert fell == (event.r[0] == reward)
        falls += fell
    return falls


def test_a_fall_from_the_cliff_is_told_as_one():
    assert falls_told(Stepper(prepare("cliffwalking", "q-learning", seed=1)), 400, -100) > 3


def test_a_slip_off_the_cliff_is_told_as_one():
    """On slippery ground what counts is where it went, not where it meant to go."""
    world = 'map = """\nS . . +1\n. . . .\nS C C .\n"""\nnoise = 0.5\nliving_reward = -1\ncliff_reward = -10\n'
    stepper = Stepper(in_map(parse_map(world, "cliff"), "q-learning", gamma=0.9))
    assert falls_told(stepper, 600, -10) > 10


def test_policy_evaluation_averages():
    stepper = row("policy-evaluation")
    first, second, third, fourth, *_ = explained(stepper, 6)
    assert first.numbers == (
        *(f"{arrow}  −0.1 + 0.9·0 = −0.1" for arrow in "↑→↓←"),
        "V(0) ← 0.25·(−0.1) + 0.25·(−0.1) + 0.25·(−0.1) + 0.25·(−0.1) = −0.1",
    )
    assert second.after == pytest.approx((3 * -0.1 + 0.9) / 4)
    assert third.numbers == ("V(2) ← 0",)
    assert third.sentence == "The episode is over here: nothing follows, so it is worth 0."
    # second sweep, state 0: three times back to −0.1, once on to 0.15
    assert fourth.numbers[1] == "→  −0.1 + 0.9·0.15 = 0.035"
    assert fourth.numbers[-1].endswith(" = −0.1337")


@pytest.mark.parametrize("in_place", ["true", "false"])
@pytest.mark.parametrize("name", ["policy-evaluation", "policy-iteration", "value-iteration"])
def test_the_numbers_of_a_backup_are_those_it_read(name, in_place):
    """Every term shown, added up as it stands, is the lookahead that the event carries: also at a sweep's end."""
    stepper = row(name, in_place=in_place)
    ends = 0
    while (event := stepper.forward()) is not None:
        for a, term in enumerate(explain(stepper, event).numbers[:4]):
            if "V(" in term:
                continue
            shown = term.split(maxsplit=1)[1].replace("−", "-").replace("·", "*")
            expression, _, result = shown.partition(" = ")
            assert float(result) == pytest.approx(event.q[a, 0], abs=1e-4)
            assert eval(expression) == pytest.approx(event.q[a, 0], abs=2e-4)
        ends += event.last
    assert ends >= 3


def test_value_iteration_takes_the_best_and_improvement_is_greedy():
    assert explained(row("value-iteration"), 2)[1].numbers[-1] == "V(1) ← max = 0.9"
    stepper = row("policy-iteration")
    event = stepper.forward()
    while not event.improvement:
        event = stepper.forward()
    update = explain(stepper, event)
    assert update.numbers[-1] == "π(0) ← →"
    assert update.direction == "unchanged"


@pytest.mark.parametrize("name", ["q-learning", "value-iteration", "policy-iteration"])
def test_a_peeked_update_is_explained_as_when_it_is_made(name):
    stepper = row(name)
    for _ in range(9):
        shown = explain(stepper, stepper.peek())
        event = stepper.forward()
        assert explain(stepper, event) == shown


@pytest.mark.parametrize("name", ["q-learning", "policy-iteration"])
def test_an_explanation_stays_what_it_was_when_something_is_changed(name):
    """The latest update was made with the settings, the world and the values before the change."""
    lesson = Lesson([row(name).experiment])
    stepper = lesson.focused
    while not (stepper.step > 40 and getattr(stepper.event, "last", [False])):
        lesson.forward()
    before = explain(stepper, stepper.event)
    lesson.set(gamma="0.5")
    assert explain(stepper, stepper.event) == before
    lesson.set_cell(1, "-5")
    assert explain(stepper, stepper.event) == before
    lesson.forward()
    lesson.back()
    assert explain(stepper, stepper.event) == before
    assert stepper.experiment.config.gamma == 0.5
