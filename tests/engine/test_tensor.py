"""The tape: what is recorded, in which order it is run back, what is left in memory; precision and errors."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest
from gradient_cases import CASES, OURS

from engine.distributions import Categorical
from engine.layers import mlp
from engine.losses import clipped_surrogate_loss, mean_squared_error, weighted_sum
from engine.optimisers import Adam
from engine.parameters import ParameterVector
from engine.randomness import generator
from engine.tensor import Tensor, concatenate, maximum, no_grad, tape, where


def leaf(data: Any) -> Tensor:
    return Tensor(data, requires_grad=True, dtype=np.float64)


# ---- gradients on paper -------------------------------------------------------------------------------


def test_diamond() -> None:
    """y = (2x)(x + 1): two paths meet, dy/dx = 4x + 2 = 14 at x = 3."""
    x = leaf(3.0)
    y = (2 * x) * (x + 1)
    y.backward()
    assert y.item() == 24
    assert x.grad == 14


def test_a_result_used_often_collects_every_gradient() -> None:
    """h = x², y = h + h·h + h: dy/dx = 2x (2 + 2h) = 4 · 10 = 40 at x = 2."""
    x = leaf(2.0)
    h = x * x
    (h + h * h + h).backward()
    assert x.grad == 40


def test_gradients_of_several_passes_add_up() -> None:
    x = leaf([1.0, 2.0])
    (x * x).sum().backward()
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad, [4, 8])


def test_a_start_other_than_one() -> None:
    x = leaf([1.0, 2.0])
    (x * x).backward([10.0, 100.0])
    np.testing.assert_array_equal(x.grad, [20, 400])


def test_what_a_leaf_holds_is_its_own() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    start = np.ones(2)
    (x + y).backward(start)
    assert x.grad is not None
    x.grad *= 5
    np.testing.assert_array_equal(y.grad, [1, 1])
    np.testing.assert_array_equal(start, [1, 1])


def test_a_sum_shared_by_two_nodes_is_not_added_to_in_place() -> None:
    """u and v receive the same array from u + v; u's second gradient must not leak into v."""
    x = leaf([1.0, 2.0])
    u, v = x * 2, x * 3
    ((u + v) + u * 10).sum().backward()
    np.testing.assert_array_equal(x.grad, [25, 25])


# ---- the tape -----------------------------------------------------------------------------------------


def test_chain_of_10000_nodes_without_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y * 1.0001
    y.backward()
    assert x.grad == pytest.approx(1.0001**10_000, rel=1e-9)


def test_a_long_chain_can_be_dropped_without_a_backward_pass() -> None:
    y = leaf(1.0)
    for _ in range(100_000):
        y = -y
    del y


def test_the_tape_tells_operation_inputs_and_value_oldest_first() -> None:
    x, w = leaf([[1.0, 2.0]]), leaf([[3.0], [4.0]])
    loss = ((x @ w).tanh() * x.sum()).mean()
    nodes = tape(loss)
    names = [node.operation.name for node in nodes if node.operation]
    assert names == ["matmul", "tanh", "sum", "mul", "mean"]
    assert nodes[0].inputs == (x, w)
    assert nodes[0].data.item() == 11
    assert str(nodes[1].operation) == "tanh: dx = g · (1 - y²)"
    assert nodes[-1] is loss
    assert tape(x) == []


def test_backward_steps_visit_every_node_once_youngest_first_with_its_gradient_complete() -> None:
    x = leaf(2.0)
    h = x * x
    y = h * 3 + h
    steps = [(node.operation.name, float(node.grad)) for node in y.backward_steps() if node.operation]
    assert steps == [("add", 1.0), ("mul", 1.0), ("mul", 4.0)]
    assert x.grad == 16


def test_backward_frees_the_graph() -> None:
    x = leaf(2.0)
    h = x * x
    y = h * 3
    y.backward()
    for node in (h, y):
        assert (node.inputs, node.saved, node.grad) == ((), (), None)
    with pytest.raises(RuntimeError, match="freed this graph"):
        y.backward()
    with pytest.raises(RuntimeError, match="freed this graph"):
        (h * 2).backward()


def test_only_what_needs_a_gradient_is_recorded() -> None:
    x, constant = leaf([1.0, 2.0]), Tensor([3.0, 4.0], dtype=np.float64)
    assert (constant * 2).operation is None
    (x * constant).sum().backward()
    assert constant.grad is None
    with pytest.raises(RuntimeError, match="computed from one with requires_grad"):
        (constant * 2).sum().backward()
    with pytest.raises(RuntimeError, match="computed from one with requires_grad"):
        leaf(1.0).backward()


def test_detach_cuts_the_path() -> None:
    x = leaf(3.0)
    (x * x.detach()).backward()
    assert x.grad == 3


def test_no_grad_records_nothing_and_ends_with_its_block() -> None:
    x = leaf(3.0)
    with no_grad():
        y = x * x
        with no_grad():
            pass
        assert (x * x).operation is None
    assert y.operation is None
    assert not y.requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        _ = 1 / 0
    assert (x * x).requires_grad


def test_no_grad_is_the_threads_own() -> None:
    x = leaf(3.0)
    recorded = []
    with no_grad():
        thread = threading.Thread(target=lambda: recorded.append((x * x).requires_grad))
        thread.start()
        thread.join()
    assert recorded == [True]


# ---- memory -------------------------------------------------------------------------------------------


class Update:
    """A policy and value update as an algorithm makes it."""

    def __init__(self) -> None:
        rng = generator(0)
        self.actor, self.critic = mlp((8, 32, 4), rng), mlp((8, 32, 1), rng)
        self.parameters = ParameterVector([*self.actor.parameters(), *self.critic.parameters()])
        self.optimiser = Adam(self.parameters, 1e-3)
        self.obs = rng.standard_normal((64, 8)).astype(np.float32)
        self.actions, self.returns = rng.integers(4, size=64), self.obs[:, :1]

    def __call__(self) -> None:
        obs = Tensor(self.obs)
        policy = Categorical(self.actor(obs))
        log_prob = policy.log_prob(self.actions)
        loss = weighted_sum(
            (1, clipped_surrogate_loss(log_prob, log_prob.data, self.returns[:, 0], 0.2)),
            (0.5, mean_squared_error(self.critic(obs), self.returns)),
            (-0.01, policy.mean_entropy()),
        )
        self.parameters.zero_grad()
        loss.backward()
        self.optimiser.step()


def test_no_cycles_are_left_for_the_garbage_collector() -> None:
    update = Update()
    update()
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            update()
        abandoned = (leaf([1.0]) * 2).sum()
        del abandoned
        assert gc.collect() == 0
        assert gc.garbage == []
    finally:
        gc.enable()


def test_memory_does_not_grow_over_1000_updates() -> None:
    update = Update()
    tracemalloc.start()
    try:
        for _ in range(20):
            update()
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        for _ in range(1000):
            update()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 1 << 20
    assert peak - before < 1 << 20


# ---- precision ----------------------------------------------------------------------------------------


def test_float32_is_never_promoted() -> None:
    """Every case once more in float32: no value and no gradient may become float64."""
    for case in CASES:
        inputs = [Tensor(x, requires_grad=True) for x in case.inputs]
        result = OURS[case.name](*inputs, *case.options)
        assert result.dtype == np.float32, case.id
        result.backward(np.ones(result.shape))
        assert {tensor.grad.dtype for tensor in inputs if tensor.grad is not None} <= {np.dtype(np.float32)}, case.id


@pytest.mark.parametrize("other", [2, 0.5, np.float64(0.5), np.array(0.5), np.ones(3), np.ones(3, int), [1, 2, 3]])
def test_numbers_and_arrays_take_the_precision_of_the_tensor(other: Any) -> None:
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for result in (
        x + other,
        other - x,
        x * other,
        other / x,
        x**other,
        maximum(other, x),
        where(x.data > 1, other, x),
    ):
        assert isinstance(result, Tensor)
        assert result.dtype == np.float32


def test_tensors_of_two_precisions_do_not_mix() -> None:
    with pytest.raises(TypeError, match="one precision, got tensors of float32 and float64"):
        Tensor([1.0]) + leaf([1.0])


@pytest.mark.parametrize("data", [1, 2.5, [1, 2], np.arange(3), np.float64(3), np.zeros(2), np.zeros(2, ">f4"), True])
def test_everything_becomes_float32_unless_asked(data: Any) -> None:
    for tensor, dtype in ((Tensor(data), np.float32), (Tensor(data, dtype=np.float64), np.float64)):
        assert tensor.dtype == dtype
        assert tensor.dtype.isnative
        assert tensor.detach().dtype == dtype
        np.testing.assert_array_equal(tensor.data, data)
    with pytest.raises(TypeError, match="float32 or float64, got int64"):
        Tensor(data, dtype=np.dtype(np.int64))


# ---- stability ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_large_inputs_overflow_nowhere(dtype: type) -> None:
    """Warnings are errors here: an overflow inside would be one."""
    x = np.array([[1e4, -1e4, 0.0], [-1e4, -1e4, -1e4]])
    expected = {
        "sigmoid": [[1, 0, 0.5], [0, 0, 0]],
        "softplus": [[1e4, 0, np.log(2)], [0, 0, 0]],
        "tanh": [[1, -1, 0], [-1, -1, -1]],
        "softmax": [[1, 0, 0], [1 / 3] * 3],
        "log_softmax": [[0, -2e4, -1e4], [-np.log(3)] * 3],
        "logsumexp": 1e4,
    }
    for name, values in expected.items():
        tensor = Tensor(x, requires_grad=True, dtype=dtype)
        result = getattr(tensor, name)()
        np.testing.assert_allclose(result.data, np.array(values), rtol=1e-5)
        result.sum().backward()
        assert np.isfinite(tensor.grad).all()


def test_sigmoid_keeps_its_left_tail() -> None:
    np.testing.assert_allclose(leaf([-40.0]).sigmoid().data, np.exp(-40.0), rtol=1e-12)


# ---- errors -------------------------------------------------------------------------------------------


def test_errors_say_what_to_do() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match=r"one element; pass a gradient of shape \(2,\)"):
        (x * 2).backward()
    with pytest.raises(ValueError, match=r"gradient must have shape \(2,\), got \(3,\)"):
        (x * 2).backward(np.ones(3))
    with pytest.raises(TypeError, match="numpy records nothing"):
        np.asarray(x)
    with pytest.raises(TypeError):
        np.exp(x)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="numpy records nothing"):
        Tensor(x)
    with pytest.raises(TypeError, match="one of the two must be a tensor"):
        maximum(1.0, 2.0)
    with pytest.raises(ValueError, match="mean over 0 elements"):
        leaf(np.zeros((0, 3))).mean(0)
    with pytest.raises(ValueError, match="var over 1 elements"):
        leaf([1.0]).var(ddof=1)


def test_what_a_tensor_shows() -> None:
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    assert (x.shape, x.ndim, x.size, len(x)) == ((2, 3), 2, 6, 2)
    assert repr(Tensor(1.5)) == "Tensor(1.5)"
    assert repr(x.sum()) == "Tensor(6.0, sum)"
    assert len(list(x)) == 2
    assert concatenate([x, x]).shape == (4, 3)
