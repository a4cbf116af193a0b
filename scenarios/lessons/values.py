"""What a learner sees of a value in the source: a number, a short row of them, or what there is to know of an array."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.tensor import Tensor
from scenarios.lessons.words import number

FEW = 4  # numbers of an array that are shown one by one
SOME = 3  # ... of a larger one


@dataclass(frozen=True)
class Summary:
    """An array, or another value of many parts, from the longest description of it to the shortest."""

    forms: tuple[str, ...]

    def __str__(self) -> str:
        return self.forms[0]


Value = float | int | bool | str | tuple[float, ...] | Summary


def as_first_lane_sees(value: Any, lanes: int) -> Value | None:
    """A number, or a short row of numbers, of the first lane (or the first state of a backup); None if too big."""
    if isinstance(value, slice):
        return f"{value.start}" if value.stop - value.start == 1 else f"{value.start}…{value.stop - 1}"
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return _plain(value)
    if not isinstance(value, np.ndarray) or value.size == 0:
        return None
    if value.ndim == 1 and len(value) in (lanes, 1):
        return _plain(value[0])
    if value.ndim == 2 and len(value) == lanes and value.shape[1] <= 8:
        return tuple(float(x) for x in value[0])
    if value.ndim == 2 and value.shape[1] == 1:  # [A, n] of one state
        return tuple(float(x) for x in value[:, 0])
    return None


def summarised(value: Any) -> Value | None:
    """A number as it is; an array or a tensor by its type, shape, range and a few of its entries; None for others."""
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return _plain(value)
    if isinstance(value, slice):
        return f"{value.start}…{value.stop - 1}"
    if isinstance(value, Tensor):
        return _plain(value.data[()]) if value.data.ndim == 0 else _summary(value.data)
    if isinstance(value, np.ndarray):
        return _plain(value[()]) if value.ndim == 0 else _summary(value)
    if isinstance(value, Mapping) and value and all(isinstance(x, float | int) for x in value.values()):
        texts = [f"{name.rpartition('/')[2]} {number(float(x))}" for name, x in value.items()]
        return Summary((", ".join(texts), texts[0], f"{len(texts)} numbers"))
    return None


def _summary(array: NDArray[Any]) -> Value:
    kind, shape = f"{array.dtype}[{', '.join(map(str, array.shape))}]", _shape(array)
    if array.size == 0:
        return Summary((f"{kind}, empty", shape))
    entries = [_entry(x) for x in array.ravel()[: FEW if array.size <= FEW else SOME]]
    if array.size <= FEW:
        row = "[" + ", ".join(entries) + "]"
        return Summary((f"{kind}  {row}", row, entries[0] if array.size == 1 else shape))
    some = "[" + ", ".join(entries) + ", …]"
    span = _span(array)
    return Summary((f"{kind}  {span}  {some}", f"{kind}  {span}", f"{shape}  {span}", shape))


def _shape(array: NDArray[Any]) -> str:
    """Numbers along every axis, as nobody reads values: 16x32; of a vector how many it has."""
    return "x".join(map(str, array.shape)) if array.ndim > 1 else f"{array.size} numbers"


def _span(array: NDArray[Any]) -> str:
    """From the least to the greatest number; how many are true."""
    if array.dtype == np.bool_:
        return f"{np.count_nonzero(array)} true"
    finite = array[np.isfinite(array)]
    if not finite.size:
        return "nothing finite"
    lost = array.size - finite.size
    text = f"{number(float(finite.min()))} … {number(float(finite.max()))}"
    return f"{text}, {lost} not finite" if lost else text


def _entry(x: Any) -> str:
    return str(bool(x)) if isinstance(x, np.bool_) else number(float(x))


def _plain(value: Any) -> Value:
    plain: Value = value.item()
    return plain
