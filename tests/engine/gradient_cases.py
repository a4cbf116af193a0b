"""Every operation x shapes that broadcast x axes x layouts in memory, each also as torch writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from engine.operations import Array
from engine.tensor import concatenate, maximum, minimum, stack, where


class Case(NamedTuple):
    """`OURS[name](*tensors, *options)` is to be checked, `THEIRS[name](torch, *tensors, *options)` against it."""

    name: str
    inputs: tuple[Array, ...]
    options: tuple[Any, ...] = ()

    @property
    def id(self) -> str:
        shapes = "_".join("x".join(map(str, array.shape)) or "0d" for array in self.inputs)
        layouts = "".join("c" if array.flags.c_contiguous else "n" for array in self.inputs)
        options = "_".join(str(option).replace("\n", "") for option in self.options)
        return f"{self.name}-{shapes}-{layouts}-{options}"[:120]


# ---- layouts: the same shape, lying differently in memory ---------------------------------------------


def _plain(values: Array, shape: tuple[int, ...]) -> Array:
    return values[: int(np.prod(shape))].reshape(shape)


def _strided(values: Array, shape: tuple[int, ...]) -> Array:
    return _plain(values, (*shape[:-1], 2 * shape[-1]))[..., ::2]


def _transposed(values: Array, shape: tuple[int, ...]) -> Array:
    return _plain(values, shape[::-1]).T


def _reversed(values: Array, shape: tuple[int, ...]) -> Array:
    return _plain(values, shape)[(slice(None, None, -1),) * len(shape)]


def _repeated(values: Array, shape: tuple[int, ...]) -> Array:
    return np.broadcast_to(_plain(values, shape[-1:]), shape)


LAYOUTS = (_plain, _strided, _transposed, _reversed)


def spaced(offset: float = 0.0) -> Array:
    """Distinct numbers of both signs in random order, 0.15 apart and 0.07 from zero: no tie and no kink near."""
    grid = (np.arange(64) - 31.5) * 0.15 + offset
    return np.random.Generator(np.random.PCG64(7)).permutation(grid)


def positive(offset: float = 0.0) -> Array:
    return np.abs(spaced()) * 0.5 + 0.4 + offset


# ---- the operations, ours and torch's side by side ----------------------------------------------------

Function = Callable[..., Any]

UNARY: dict[str, tuple[Function, Function]] = {
    "neg": (lambda x: -x, lambda t, x: -x),
    "exp": (lambda x: x.exp(), lambda t, x: x.exp()),
    "abs": (lambda x: x.abs(), lambda t, x: x.abs()),
    "relu": (lambda x: x.relu(), lambda t, x: x.relu()),
    "leaky_relu": (lambda x: x.leaky_relu(0.1), lambda t, x: t.nn.functional.leaky_relu(x, 0.1)),
    "tanh": (lambda x: x.tanh(), lambda t, x: x.tanh()),
    "sigmoid": (lambda x: x.sigmoid(), lambda t, x: x.sigmoid()),
    "softplus": (lambda x: x.softplus(), lambda t, x: t.nn.functional.softplus(x, threshold=1000)),
    "clip": (lambda x: x.clip(-1.0, 2.0), lambda t, x: x.clamp(-1.0, 2.0)),
    "square": (lambda x: x**2, lambda t, x: x**2),
    "cube": (lambda x: x**3, lambda t, x: x**3),
    "power_0": (lambda x: x**0, lambda t, x: x**0),
    "reciprocal": (lambda x: 1 / x, lambda t, x: 1 / x),
    "add_number": (lambda x: 2 + x + 0.5, lambda t, x: 2 + x + 0.5),
    "sub_number": (lambda x: 2 - (x - 0.5), lambda t, x: 2 - (x - 0.5)),
    "mul_number": (lambda x: 2 * x * 0.3, lambda t, x: 2 * x * 0.3),
    "div_number": (lambda x: x / 3, lambda t, x: x / 3),
    "number_to_the": (lambda x: 1.7**x, lambda t, x: 1.7**x),
}
POSITIVE: dict[str, tuple[Function, Function]] = {
    "log": (lambda x: x.log(), lambda t, x: x.log()),
    "sqrt": (lambda x: x.sqrt(), lambda t, x: x.sqrt()),
    "power": (lambda x: x**-1.5, lambda t, x: x**-1.5),
}


def _torch_reduce(name: str) -> Function:
    def reduce(t: Any, x: Any, axis: Any, keepdims: bool) -> Any:
        dims = tuple(range(x.ndim)) if axis is None else axis
        return getattr(t, name)(x, dims, keepdims) if x.ndim else x * 1

    return reduce


REDUCE: dict[str, tuple[Function, Function]] = {
    "sum": (lambda x, axis, keep: x.sum(axis, keep), _torch_reduce("sum")),
    "mean": (lambda x, axis, keep: x.mean(axis, keep), _torch_reduce("mean")),
    "max": (lambda x, axis, keep: x.max(axis, keep), _torch_reduce("amax")),
    "min": (lambda x, axis, keep: x.min(axis, keep), _torch_reduce("amin")),
    "var": (
        lambda x, axis, keep: x.var(axis, keep),
        lambda t, x, axis, keep: t.var(x, axis, correction=0, keepdim=keep) if x.ndim else x * 0,
    ),
    "logsumexp": (lambda x, axis, keep: x.logsumexp(axis, keep), _torch_reduce("logsumexp")),
}
UNBIASED_VAR = (
    lambda x, axis, keep: x.var(axis, keep, ddof=1),
    lambda t, x, axis, keep: t.var(x, axis, correction=1, keepdim=keep),
)
SOFTMAX: dict[str, tuple[Function, Function]] = {
    "softmax": (lambda x, axis: x.softmax(axis), lambda t, x, axis: t.softmax(x, axis)),
    "log_softmax": (lambda x, axis: x.log_softmax(axis), lambda t, x, axis: t.log_softmax(x, axis)),
}
BINARY: dict[str, tuple[Function, Function]] = {
    "add": (lambda a, b: a + b, lambda t, a, b: a + b),
    "sub": (lambda a, b: a - b, lambda t, a, b: a - b),
    "mul": (lambda a, b: a * b, lambda t, a, b: a * b),
    "div": (lambda a, b: a / b, lambda t, a, b: a / b),
    "maximum": (maximum, lambda t, a, b: t.maximum(a, b)),
    "minimum": (minimum, lambda t, a, b: t.minimum(a, b)),
    "where": (
        lambda a, b: where(a.data < b.data, a, b * b),
        lambda t, a, b: t.where(a < b, a, b * b),
    ),
}
POW: dict[str, tuple[Function, Function]] = {"pow": (lambda a, b: a**b, lambda t, a, b: a**b)}
MATMUL: dict[str, tuple[Function, Function]] = {"matmul": (lambda a, b: a @ b, lambda t, a, b: a @ b)}
MOVEMENT: dict[str, tuple[Function, Function]] = {
    "reshape": (lambda x, *shape: x.reshape(*shape) * 2, lambda t, x, *shape: x.reshape(shape) * 2),
    "transpose": (lambda x, *axes: x.transpose(*axes) * 2, lambda t, x, *axes: x.permute(axes) * 2),
    "T": (lambda x: x.T * 2, lambda t, x: x.permute(tuple(reversed(range(x.ndim)))) * 2),
    "index": (lambda x, index: x[index] * 2, lambda t, x, index: x[_torch_index(t, index)] * 2),
    "gather": (
        lambda x, indices, axis: x.gather(indices, axis),
        lambda t, x, indices, axis: x.gather(axis, t.from_numpy(indices)),
    ),
    "concatenate": (
        lambda *parts: concatenate(parts[:-1], parts[-1]) * 2,
        lambda t, *parts: t.cat(parts[:-1], parts[-1]) * 2,
    ),
    "stack": (
        lambda *parts: stack(parts[:-1], parts[-1]) * 2,
        lambda t, *parts: t.stack(parts[:-1], parts[-1]) * 2,
    ),
}
ALL = {**UNARY, **POSITIVE, **REDUCE, "var_1": UNBIASED_VAR, **SOFTMAX, **BINARY, **POW, **MATMUL, **MOVEMENT}
OURS = {name: pair[0] for name, pair in ALL.items()}
THEIRS = {name: pair[1] for name, pair in ALL.items()}


def _torch_index(t: Any, index: Any) -> Any:
    if isinstance(index, tuple):
        return tuple(_torch_index(t, part) for part in index)
    return t.from_numpy(index) if isinstance(index, np.ndarray) else index


# ---- shapes, axes and the cases -----------------------------------------------------------------------

SHAPES: tuple[tuple[int, ...], ...] = ((), (1,), (1, 1), (0,), (0, 3), (5,), (3, 4), (2, 3, 4))
PAIRS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((), ()),
    ((1,), (1,)),
    ((1, 1), (0,)),
    ((0,), (0,)),
    ((0, 3), (3,)),
    ((0, 3), (1, 1)),
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((4,), (3, 4)),
    ((3, 4), (3, 1)),
    ((3, 1), (1, 4)),
    ((), (3, 4)),
    ((3, 4), ()),
    ((1,), (3, 4)),
    ((2, 3, 4), (3, 4)),
    ((2, 1, 4), (3, 1)),
)
PRODUCTS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((3,), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3,)),
    ((2, 3), (3, 4)),
    ((1, 1), (1, 1)),
    ((0, 3), (3, 2)),
    ((2, 0), (0, 3)),
    ((2, 2, 3), (3, 4)),
    ((2, 2, 3), (2, 3, 4)),
    ((2, 1, 2, 3), (3, 3, 2)),
    ((3,), (2, 3, 4)),
    ((2, 2, 3), (3,)),
)
AXES: dict[tuple[int, ...], tuple[Any, ...]] = {
    (): (None,),
    (1,): (None, 0),
    (1, 1): (None, 0, (0, 1)),
    (5,): (None, 0, -1),
    (3, 4): (None, 0, 1, -2, (0, 1), (1, 0)),
    (2, 3, 4): (None, 0, 1, -1, (0, 2), (-1, 1), (0, 1, 2)),
}


def laid_out(shape: tuple[int, ...], values: Array) -> list[Array]:
    """The values in this shape in every layout (a scalar has but one)."""
    return [layout(values, shape) for layout in (LAYOUTS if shape else LAYOUTS[:1])]


def unary_cases() -> Iterator[Case]:
    for table, values in ((UNARY, spaced()), (POSITIVE, positive())):
        for name, shape in product(table, SHAPES):
            yield from (Case(name, (x,)) for x in laid_out(shape, values))
        yield from (Case(name, (_repeated(values, (3, 4)),)) for name in table)


def reduce_cases() -> Iterator[Case]:
    for shape, axes in AXES.items():
        for name, axis, keep, x in product(REDUCE, axes, (False, True), laid_out(shape, spaced())):
            yield Case(name, (x,), (axis, keep))
    empty = np.zeros((0, 3))
    for axis, keep in product((None, 0, 1, (0, 1)), (False, True)):
        yield Case("sum", (empty,), (axis, keep))
    for name, keep in product(REDUCE, (False, True)):
        yield Case(name, (empty,), (1, keep))
    for axis, keep, x in product((None, 0, 1), (False, True), laid_out((3, 4), spaced())):
        yield Case("var_1", (x,), (axis, keep))
    for name, shape in product(SOFTMAX, ((1,), (5,), (0, 3), (3, 4), (2, 3, 4))):
        for axis, x in product(range(-1, len(shape)), laid_out(shape, spaced())):
            if shape[axis]:
                yield Case(name, (x,), (axis,))


def binary_cases() -> Iterator[Case]:
    for table, left, right in ((BINARY, spaced(), spaced(0.05)), (POW, positive(), spaced())):
        for name, (a, b) in product(table, PAIRS):
            for layout_a, layout_b in zip(LAYOUTS, (*LAYOUTS[1:], LAYOUTS[0]), strict=True):
                x = (layout_a if a else _plain)(left, a)
                yield Case(name, (x, (layout_b if b else _plain)(right, b)))
    for a, b in PRODUCTS:
        for layout_a, layout_b in product(LAYOUTS, LAYOUTS):
            yield Case("matmul", (layout_a(spaced(), a), layout_b(spaced(0.05), b)))


INDICES: dict[tuple[int, ...], tuple[Any, ...]] = {
    (5,): (2, -1, slice(1, 4), slice(None, None, 2), np.array([0, 3, 3, 3]), np.array([], int), None, Ellipsis),
    (3, 4): (
        1,
        (slice(None), 2),
        (slice(1, None), slice(None, None, 3)),
        (Ellipsis, None, 0),
        np.array([2, 2, 0]),
        (np.array([0, 0, 2]), np.array([1, 1, 3])),
        (slice(None), np.array([3, 3])),
        np.array([[0, 1], [1, 1]]),
        np.array([True, False, True]),
    ),
}


def movement_cases() -> Iterator[Case]:
    for x in laid_out((3, 4), spaced()):
        yield from (Case("reshape", (x,), shape) for shape in ((12,), (4, 3), (2, -1), (1, 3, 2, 2)))
        yield from (Case("transpose", (x,), axes) for axes in ((0, 1), (1, 0)))
        for axis, joint in product((0, 1, -1), ("concatenate", "stack")):
            yield Case(joint, (x, x * 0.5, x + 1), (axis,))
    for x in laid_out((2, 3, 4), spaced()):
        yield from (Case("transpose", (x,), axes) for axes in ((2, 0, 1), (1, 2, 0), (-1, 0, 1)))
    for shape, indices in INDICES.items():
        yield from (Case("index", (x,), (index,)) for x, index in product(laid_out(shape, spaced()), indices))
    for axis, shape in ((0, (2, 4)), (0, (5, 4)), (1, (3, 1)), (-1, (3, 6)), (1, (3, 0))):
        indices = np.arange(np.prod(shape, dtype=int)).reshape(shape) % 3
        yield from (Case("gather", (x,), (indices, axis)) for x in laid_out((3, 4), spaced()))
    yield Case("reshape", (np.zeros((0, 3)),), (3, 0))
    yield Case("reshape", (np.array(2.0),), (1, 1))
    yield Case("concatenate", (np.zeros((0, 3)), np.ones((2, 3))), (0,))
    yield Case("stack", (np.array(1.0), np.array(2.0)), (0,))
    yield from (Case("T", (x,)) for shape in SHAPES for x in laid_out(shape, spaced()))


CASES = [*unary_cases(), *reduce_cases(), *binary_cases(), *movement_cases()]
NAMES = tuple(dict.fromkeys(case.name for case in CASES))


def cases_of(name: str) -> list[Case]:
    """All cases of an operation; some thousand tests of a sixteenth of a millisecond would take long to set up."""
    return [case for case in CASES if case.name == name]


@contextmanager
def named(case: Case) -> Iterator[None]:
    """Say of which case it is that something fails."""
    try:
        yield
    except Exception as error:
        error.add_note(case.id)
        raise
