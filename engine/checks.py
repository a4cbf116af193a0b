"""What is checked at the door: arrays handed in as constants, and stored state before it is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.operations import Array
from engine.tensor import Tensor


def constant(given: Any, like: Tensor) -> Array:
    """`given` as an array of the precision of `like`; ValueError unless it has exactly its shape, TypeError for
    a tensor: it is no constant."""
    array, data = np.asarray(given), like.data
    if array.shape != data.shape:
        raise ValueError(f"targets and other constants must have the shape {data.shape}, got {array.shape}")
    return array if array.dtype == data.dtype else array.astype(data.dtype)


def class_indices(classes: Any, logits: Tensor) -> Array:
    """Where integer classes [...] of logits [..., A] lie in a flat [A, B] array: class c of row i at c·B + i.

    Raises ValueError for another shape, for what is no integer, and out of 0 .. A-1.
    """
    array, shape = np.asarray(classes), logits.data.shape
    if array.shape != shape[:-1]:
        raise ValueError(f"classes must have the shape {shape[:-1]}, got {array.shape}")
    try:
        return np.ravel_multi_index((array.ravel(), np.arange(array.size)), (shape[-1], array.size))
    except (TypeError, ValueError):
        raise ValueError(f"classes must be integers in 0 .. {shape[-1] - 1}, got {classes!r:.80}") from None


def load_arrays(own: Mapping[str, Array], given: Mapping[str, Any]) -> None:
    """Copy stored arrays into the own ones of the same names, all or none.

    Raises ValueError for missing or unknown names, another shape or dtype, NaN or infinity.
    """
    if set(own) != set(given):
        missing, unknown = sorted(set(own) - set(given)), sorted(map(str, set(given) - set(own)))
        raise ValueError(f"stored state does not fit: missing {missing}, unknown {unknown}")
    for name, array in own.items():
        stored = given[name]
        if not isinstance(stored, np.ndarray) or stored.dtype != array.dtype or stored.shape != array.shape:
            got = f"{getattr(stored, 'dtype', type(stored).__name__)} {getattr(stored, 'shape', '')}"
            raise ValueError(f"stored {name} must be {array.dtype} {array.shape}, got {got}")
        if not np.isfinite(stored).all():
            raise ValueError(f"stored {name} is not finite")
    for name, array in own.items():
        array[...] = given[name]
