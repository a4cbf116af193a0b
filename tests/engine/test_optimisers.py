"""Optimisers on a flat vector: numbers on paper, the reference, storage; schedules."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine import optimisers, schedules
from engine.layers import Linear
from engine.optimisers import SGD, Adam, AdamW, Optimiser, RMSprop
from engine.parameters import ParameterVector
from engine.randomness import generator
from engine.tensor import Tensor

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "ppo_dqn_adam_scalars.json").read_text())["expected"]
MAKERS: dict[str, Callable[[ParameterVector], Optimiser]] = {
    "SGD": lambda p: SGD(p, 0.1),
    "momentum": lambda p: SGD(p, 0.1, momentum=0.9),
    "RMSprop": lambda p: RMSprop(p, 0.1),
    "Adam": lambda p: Adam(p, 0.1),
    "AdamW": lambda p: AdamW(p, 0.1),
}


def vector(*values: float) -> tuple[Tensor, ParameterVector]:
    x = Tensor(values, requires_grad=True, dtype=np.float64)
    return x, ParameterVector([x])


def descend(x: Tensor, parameters: ParameterVector, optimiser: Optimiser) -> None:
    """One step on Σ x², gradient 2x."""
    parameters.zero_grad()
    (x * x).sum().backward()
    optimiser.step()


# ---- steps --------------------------------------------------------------------------------------------


def test_adam_of_the_reference() -> None:
    x, parameters = vector(1.0)
    optimiser = Adam(parameters, learning_rate=0.1)
    path = []
    for _ in range(5):
        descend(x, parameters, optimiser)
        path.append(x.item())
    assert path == pytest.approx(EXPECTED["adam_theta_1_to_5"], abs=1e-9)


def test_adam_without_bias_correction_is_another_path(monkeypatch: pytest.MonkeyPatch) -> None:
    x, parameters = vector(1.0)
    optimiser = Adam(parameters, learning_rate=0.1)
    optimiser.steps = 10**9  # far enough for the correction to be 1
    descend(x, parameters, optimiser)
    assert abs(x.item() - EXPECTED["adam_theta_1_to_5"][0]) > 1e-2


@pytest.mark.parametrize(
    ("name", "after_one", "after_two"),
    [
        ("SGD", 0.8, 0.64),  # 1 - 0.1·2, 0.8 - 0.1·1.6
        ("momentum", 0.8, 0.46),  # v = 0.9·2 + 1.6 = 3.4, 0.8 - 0.34
        ("RMSprop", 0.0, 0.0),  # v = 0.01·4, 1 - 0.1·2/0.2
        ("Adam", 0.9, None),  # the first step is the learning rate itself
        ("AdamW", 0.899, None),  # shrunk to 1 - 0.1·0.01 first
    ],
)
def test_first_steps_on_paper(name: str, after_one: float, after_two: float | None) -> None:
    x, parameters = vector(1.0)
    optimiser = MAKERS[name](parameters)
    descend(x, parameters, optimiser)
    assert x.item() == pytest.approx(after_one, abs=1e-6)
    descend(x, parameters, optimiser)
    if after_two is not None:
        assert x.item() == pytest.approx(after_two, abs=1e-6)


@pytest.mark.parametrize("name", MAKERS)
def test_all_find_the_minimum(name: str) -> None:
    x, parameters = vector(3.0, -2.0)
    optimiser = MAKERS[name](parameters)
    for step in range(300):
        optimiser.learning_rate = schedules.linear(step / 300, 0.1, 0.0)
        descend(x, parameters, optimiser)
    assert np.abs(x.data).max() < 1e-2


@pytest.mark.parametrize("name", MAKERS)
def test_blocks_do_not_change_a_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    start = generator(0).standard_normal(1000).astype(np.float32)
    results = []
    for block in (optimisers.BLOCK, 64, 999):
        monkeypatch.setattr(optimisers, "BLOCK", block)
        x, parameters = vector(*start)
        optimiser = MAKERS[name](parameters)
        for _ in range(5):
            descend(x, parameters, optimiser)
        results.append(x.data.copy())
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])
    assert np.abs(results[0] - start).min() > 0


@pytest.mark.parametrize("name", MAKERS)
def test_stored_and_restored_it_continues_bit_for_bit(name: str) -> None:
    x, parameters = vector(3.0, -2.0)
    optimiser = MAKERS[name](parameters)
    for _ in range(3):
        descend(x, parameters, optimiser)
    y, copied = vector(*x.data)
    restored = MAKERS[name](copied)
    state = optimiser.state()
    restored.load_state(state)
    for _ in range(3):
        descend(x, parameters, optimiser)
        descend(y, copied, restored)
    np.testing.assert_array_equal(x.data, y.data)
    assert restored.steps == 6
    assert int(state["steps"]) == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": np.array(-1)}, "steps must be >= 0, got -1"),
        ({"steps": np.array(3.0)}, "steps must be int64"),
        ({"first_sum": np.zeros(3)}, "first_sum must be float64"),
        ({"second_sum": np.array([np.nan, 1.0])}, "second_sum is not finite"),
        ({"third": np.zeros(2)}, "unknown"),
    ],
)
def test_state_that_does_not_fit_changes_nothing(change: dict[str, Any], message: str) -> None:
    x, parameters = vector(3.0, -2.0)
    optimiser = Adam(parameters, 0.1)
    descend(x, parameters, optimiser)
    before = optimiser.state()
    with pytest.raises(ValueError, match=message):
        optimiser.load_state({**before, **change})
    assert all(np.array_equal(before[name], array) for name, array in optimiser.state().items())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda p: SGD(p, -1), "learning_rate must be in"),
        (lambda p: SGD(p, float("nan")), "learning_rate must be in"),
        (lambda p: SGD(p, 1, momentum=1), r"momentum must be in \[0, 1\), got 1"),
        (lambda p: RMSprop(p, 1, decay=1.5), "decay must be in"),
        (lambda p: Adam(p, 1, beta1=1), "beta1 must be in"),
        (lambda p: Adam(p, 1, beta2=-0.1), "beta2 must be in"),
        (lambda p: Adam(p, 1, epsilon=-1), "epsilon must be in"),
        (lambda p: AdamW(p, 1, weight_decay=-1), "weight_decay must be in"),
    ],
)
def test_settings_are_checked(make: Callable[[ParameterVector], Optimiser], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(vector(1.0)[1])


# ---- the vector ---------------------------------------------------------------------------------------


def test_parameters_and_gradients_are_views_of_one_vector() -> None:
    layer = Linear(2, 3, generator(0))
    values = [parameter.data.copy() for parameter in layer.parameters()]
    parameters = ParameterVector(layer.parameters())
    np.testing.assert_array_equal(parameters.values, np.concatenate([value.ravel() for value in values]))
    parameters.values[:] = 7
    assert (layer.weight.data == 7).all()
    layer(Tensor(np.ones((4, 2)))).sum().backward()
    for parameter in layer.parameters():
        assert parameter.grad is not None
        assert np.shares_memory(parameter.grad, parameters.gradients)
    np.testing.assert_array_equal(parameters.gradients, [4] * 9)


def test_a_parameter_without_a_gradient_counts_as_zero() -> None:
    used, unused = (Tensor(np.ones(2), requires_grad=True, dtype=np.float64) for _ in range(2))
    parameters = ParameterVector([used, unused])
    for loss in ((used + unused).sum(), used.sum()):
        parameters.zero_grad()
        loss.backward()
    np.testing.assert_array_equal(parameters.gradients, [1, 1, 0, 0])
    unused.grad = np.array([5.0, 6.0])
    np.testing.assert_array_equal(parameters.gradients, [1, 1, 5, 6])


def test_clipping_by_norm() -> None:
    x, parameters = vector(3.0, 4.0)
    (x * x * 0.5).sum().backward()
    assert parameters.clip_norm(10.0) == 5
    np.testing.assert_array_equal(x.grad, [3, 4])
    assert parameters.clip_norm(1.0) == 5
    np.testing.assert_allclose(x.grad, [0.6, 0.8])
    x.grad = np.array([np.nan, 1.0])
    assert np.isnan(parameters.clip_norm(1.0))


def test_what_cannot_be_in_a_vector() -> None:
    x, y = vector(1.0)[0], Tensor(np.ones(2), requires_grad=True, dtype=np.float64)
    for given, message in (
        ([], "at least one tensor"),
        ([x], "another parameter vector"),
        ([y, y], "given twice"),
        ([y * 2], "made with requires_grad=True"),
        ([Tensor([1.0])], "made with requires_grad=True"),
        ([y, Tensor([1.0], requires_grad=True)], "one precision, got float32 and float64"),
    ):
        with pytest.raises(ValueError, match=message):
            ParameterVector(given)


@pytest.mark.parametrize("kind", [partial(SGD, momentum=0.9), partial(RMSprop, decay=0.9), Adam, AdamW])
def test_what_fades_away_is_forgotten_before_it_is_subnormal(kind: Callable[..., Optimiser]) -> None:
    x = Tensor([1.0, 1.0], requires_grad=True)
    vector = ParameterVector([x])
    optimiser, smallest = kind(vector, 1e-3), np.finfo(np.float32).smallest_normal
    for step in range(900):
        vector.zero_grad()
        (x * np.array([1.0, float(step == 0)], np.float32)).sum().backward()
        optimiser.step()
        for memory in optimiser.memories.values():
            assert ((memory == 0) | (np.abs(memory) >= smallest)).all()
    assert all(memory[0] > 0.5 for memory in optimiser.memories.values())
    fast = next(iter(optimiser.memories.values()))
    assert fast[1] == 0


# ---- schedules ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule", [schedules.linear, schedules.cosine])
def test_schedules_that_end(schedule: Callable[..., Any]) -> None:
    progress = np.array([-1, 0, 0.5, 1, 7])
    np.testing.assert_allclose(schedule(progress, 10, 1), [10, 10, 5.5, 1, 1])
    assert [schedule(x, 10, 1) for x in progress.tolist()] == schedule(progress, 10, 1).tolist()


def test_cosine_starts_and_ends_slowly() -> None:
    assert schedules.cosine(0.1, 1, 0) > schedules.linear(0.1, 1, 0)
    assert schedules.cosine(0.9, 1, 0) < schedules.linear(0.9, 1, 0)


def test_an_exponential_schedule_halves_what_is_left() -> None:
    np.testing.assert_allclose(schedules.exponential(np.arange(4.0), 9, 1), [9, 5, 3, 2])
    assert schedules.exponential(2.0, 9, 1) == 3
