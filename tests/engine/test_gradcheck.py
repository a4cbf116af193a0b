"""Every derivative against the finite difference of its function; and the check itself against wrong derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from gradient_cases import CASES, NAMES, OURS, cases_of, named

from engine.gradcheck import GradientError, gradcheck
from engine.operations import Array, Binary, Joint, Operation, Unary, binary, movement, reduce, unary
from engine.randomness import generator
from engine.tensor import Tensor, apply, tape


def test_there_are_more_than_2000_cases_of_every_operation_of_the_table() -> None:
    assert len(CASES) >= 2000
    reached = set()
    for case in CASES:
        result = OURS[case.name](*[Tensor(x, requires_grad=True, dtype=np.float64) for x in case.inputs], *case.options)
        reached.update(id(node.operation) for node in tape(result))
    for group in (unary, reduce, binary, movement):
        table = [row for row in vars(group).values() if isinstance(row, Operation)]
        assert table
        assert [row.name for row in table if id(row) not in reached] == []


@pytest.mark.parametrize("name", NAMES)
def test_derivatives(name: str) -> None:
    for case in cases_of(name):
        with named(case):
            gradcheck(lambda *tensors, case=case: OURS[name](*tensors, *case.options), *case.inputs, rng=generator(3))


def test_the_case_that_fails_is_named() -> None:
    case = CASES[-1]
    with pytest.raises(GradientError) as error, named(case):
        raise GradientError("wrong")
    assert error.value.__notes__ == [case.id]


X = np.linspace(-1.4, 1.9, 12).reshape(3, 4)


def _wrong_unary(forward: Callable[..., Any], derivative: Callable[..., Any]) -> Callable[[Tensor], Tensor]:
    return lambda x: apply(Unary("wrong", "", forward, derivative), x)


class _NoUnbroadcast(Binary):
    def gradients(self, node: Tensor) -> Any:
        a, b = node.inputs
        return ((a, node.grad), (b, np.asarray(node.grad)[0]))


def _assigning(g: Array, y: Array, x: Array) -> Array:
    gradient = np.zeros_like(x)
    gradient[[0, 0, 2]] = g
    return gradient


@pytest.mark.parametrize(
    "function",
    [
        pytest.param(_wrong_unary(np.tanh, lambda g, y, x: g * (1 - y)), id="factor"),
        pytest.param(_wrong_unary(np.tanh, lambda g, y, x: 1 - y * y), id="g forgotten"),
        pytest.param(_wrong_unary(np.negative, lambda g, y, x: g), id="sign"),
        pytest.param(_wrong_unary(lambda x: x.copy(), lambda g, y, x: g * (1 + 1e-4)), id="a tenth of a permille"),
        pytest.param(_wrong_unary(lambda x: x[[0, 0, 2]], _assigning), id="assigned, not added"),
        pytest.param(_wrong_unary(lambda x: x.T.copy(), lambda g, y, x: g.reshape(x.shape)), id="order"),
        pytest.param(
            lambda x: apply(_NoUnbroadcast("wrong", "", np.add, np.add, np.add), x, x[0]), id="broadcast not summed"
        ),
        pytest.param(lambda x: x * x.detach(), id="a path cut"),
    ],
)
def test_a_wrong_derivative_fails(function: Callable[[Tensor], Tensor]) -> None:
    with pytest.raises(GradientError, match="input 0 of shape"):
        gradcheck(function, X)


def test_the_input_with_the_wrong_derivative_is_named() -> None:
    wrong = Binary("wrong", "", np.multiply, lambda g, y, a, b: g * b, lambda g, y, a, b: g * b)
    with pytest.raises(GradientError, match="input 1"):
        gradcheck(lambda a, b: apply(wrong, a, b), X, X + 1)


def test_nan_is_not_right() -> None:
    with pytest.raises(GradientError):
        gradcheck(_wrong_unary(np.negative, lambda g, y, x: g * np.nan), X)


def test_the_error_is_returned_and_inputs_are_left_alone() -> None:
    x = X.copy()
    assert 0 <= gradcheck(lambda x: (x * x).sum(), x) < 1e-8
    np.testing.assert_array_equal(x, X)


def test_a_missing_rule_raises() -> None:
    x = Tensor(X, requires_grad=True)
    with pytest.raises(NotImplementedError, match="round has no derivative"):
        apply(Operation("round", "none", np.round), x).sum().backward()


@pytest.mark.parametrize("row", [unary.EXP, movement.STACK], ids=str)
def test_a_row_says_its_name_and_formula(row: Unary | Joint) -> None:
    assert str(row) == f"{row.name}: {row.formula}"
    assert row.name
    assert row.formula
