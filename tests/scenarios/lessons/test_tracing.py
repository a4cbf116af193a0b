"""Lines of a deep page: into the functions beside it, through loops without their middle, with the values they gave."""

from __future__ import annotations

import numpy as np
import pytest

from algorithms.registry import DEEP_ALGORITHMS, algorithm_named
from engine.tensor import Tensor
from scenarios.lessons.tracing import RETURN, source_of, sources_of
from scenarios.lessons.values import Summary, summarised
from tests.scenarios.lessons.deep import small


def traced(stepper):
    """The lines of the next update and its event; the update is made."""
    stepper.line_forward()
    lines = list(stepper.lines)
    return lines, stepper.forward()


def text(line):
    return line.source.lines[line.number - line.source.first_line].strip()


def test_the_page_and_the_functions_beside_it_are_followed_and_nothing_else():
    names = {source.name for source in sources_of(algorithm_named("dqn")).values()}
    assert {"dqn", "learn", "epsilon_greedy", "dqn_target"} <= names
    assert {source.file for source in sources_of(algorithm_named("dqn")).values()} == {"algorithms/dqn.py"}
    assert source_of(algorithm_named("ppo")).name == "ppo"


def test_an_acting_step_of_dqn():
    lines, event = traced(small("dqn"))
    assert [line.source.name for line in lines].count("epsilon_greedy") >= 4
    assert {line.source.name for line in lines} == {"dqn", "epsilon_greedy"}
    calls = [line for line in lines if text(line).startswith("a = epsilon_greedy")]
    assert len(calls) == 2  # on the way in, and back with what it gave
    assert not calls[0].values
    assert str(calls[1].values["a"]) == f"int64[1]  [{event.a[0, 0]}]"
    given = next(line for line in lines if text(line).startswith("return a"))
    assert given.values[RETURN] == calls[1].values["a"]
    assert given.depth == 1
    head = next(line for line in lines if text(line).startswith("def epsilon_greedy"))
    assert head.values["epsilon"] == 1.0


@pytest.mark.parametrize(("updates", "kept"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2]), (4, [0, 1, 3]), (40, [0, 1, 39])])
def test_of_a_loop_two_turns_and_the_last_are_kept(updates, kept):
    stepper = small("dqn", updates=updates, double=False)
    stepper.jump(23)
    lines, event = traced(stepper)
    assert event.metrics
    heads = [line for line in lines if text(line).startswith("for u in range")]
    assert [line.values["u"] for line in heads if "u" in line.values] == kept
    assert [line.skipped for line in heads if line.skipped] == ([updates - 3] if updates > 3 else [])
    norms = [line.values["norm"] for line in lines if "norm" in line.values]
    assert len(norms) == len(kept)
    assert norms[-1] == event.metrics["update/gradient_norm"]
    assert len(lines) < 70


def test_values_of_a_round_are_those_of_the_round():
    stepper = small("dqn")
    stepper.jump(23)
    lines, _ = traced(stepper)
    y = next(line.values["y"] for line in lines if "y" in line.values and line.source.name == "learn")
    shown = next(line for line in lines if text(line).startswith("return y"))
    assert shown.values[RETURN] == y
    given = [line for line in lines if text(line).startswith("metrics = learn")][-1]
    assert str(given.values["metrics"]).startswith("value ")
    assert text(lines[-1]).startswith("yield Experience")


def test_a_line_that_changes_a_part_of_an_array_shows_that_part():
    """Of y[u] = ... that row of y, of a[i] = ... that action: neither gives a name another value."""
    stepper = small("dqn", updates=2, epsilon="1")
    stepper.jump(23)
    lines, event = traced(stepper)
    parts = [line.values["y[u]"] for line in lines if text(line).startswith("y[u] = ") and line.values]
    targets = [line for line in lines if line.source.name == "double_dqn_target"]
    assert parts == [line.values[RETURN] for line in targets if RETURN in line.values]
    assert [str(part).partition("  ")[0] for part in parts] == ["float32[4]", "float32[4]"]
    assert [line.values["a[i]"] for line in lines if "a[i]" in line.values] == [event.a[0, 0]]


def test_ppo_is_followed_into_its_rollout_and_its_minibatches():
    stepper = small("ppo")
    lines, _ = traced(stepper)
    assert {line.source.name for line in lines} == {"ppo", "roll_out"}
    lines, event = traced(stepper)
    assert {line.source.name for line in lines} == {"ppo", "improve", "normalised", "moved"}
    kl = [line.values["kl"] for line in lines if "kl" in line.values and line.source.name == "improve"]
    assert kl == [event.metrics["policy/kl"]]


@pytest.mark.parametrize("algorithm", DEEP_ALGORITHMS, ids=lambda algorithm: algorithm.name)
def test_a_traced_update_is_the_same_to_the_bit(algorithm):
    one, two = small(algorithm.name), small(algorithm.name)
    for _ in range(30):
        one.line_forward()
        for mine, theirs in zip(one.forward()[:2], two.forward()[:2], strict=True):
            assert mine.tobytes() == theirs.tobytes()


def test_arrays_are_summarised():
    assert summarised(0.5) == 0.5
    assert summarised(np.float32(0.5)) == 0.5
    assert summarised(np.array([0.02, -0.3], np.float32)).forms == (
        "float32[2]  [0.02, −0.3]",
        "[0.02, −0.3]",
        "2 numbers",
    )
    long = summarised(np.linspace(-1.2, 1, 12, dtype=np.float32).reshape(3, 4))
    assert long.forms == (
        "float32[3, 4]  −1.2 … 1  [−1.2, −1, −0.8, …]",
        "float32[3, 4]  −1.2 … 1",
        "3x4  −1.2 … 1",
        "3x4",
    )
    assert summarised(np.array([[0.5, 2.0]])).forms[1:] == ("[0.5, 2]", "1x2")  # which is no state of 1 and 2
    assert summarised(np.arange(404)).forms[2:] == ("404 numbers  0 … 403", "404 numbers")
    assert summarised(np.empty((0, 3))).forms[-1] == "0x3"
    assert str(summarised(np.ones(9, np.bool_))) == "bool[9]  9 true  [True, True, True, …]"
    assert str(summarised(np.full(9, np.nan))) == "float64[9]  nothing finite  [nan, nan, nan, …]"
    assert "2 … 2, 1 not finite" in str(summarised(np.array([2.0, np.inf, 2, 2, 2])))
    assert str(summarised(np.empty((0, 3)))) == "float64[0, 3], empty"
    assert summarised(Tensor(np.float32(2.0))) == 2.0
    assert str(summarised(Tensor(np.ones(2, np.float32)))) == "float32[2]  [1, 1]"
    assert str(summarised({"loss/value": 0.5, "policy/kl": 0.25})) == "value 0.5, kl 0.25"
    assert summarised({}) is None
    assert summarised(object()) is None
    assert summarised(slice(2, 5)) == "2…4"
    assert isinstance(long, Summary)
