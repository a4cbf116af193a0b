"""What is checked at the door: arrays handed in as constants, and stored state before it is taken over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.operations import Array
from engine.tensor import Tensor


def constant(given: Any, like: Tensor, name: str) -> Array:
    """`given` as an array of the precision of `like`; ValueError unless it has exactly its shape."""
    if isinstance(given, Tensor):
        raise TypeError(f"{name} is a constant: pass an array (for a tensor its .data)")
    array = np.asarray(given, like.data.dtype)
    if array.shape != like.data.shape:
        raise ValueError(f"{name} must have the shape {like.shape}, got {array.shape}")
    return array


def class_indices(given: Any, logits: Tensor) -> Array:
    """Integer classes [...] for logits [..., A]; ValueError for another shape, no integers, or out of range."""
    array = np.asarray(given)
    if array.dtype.kind not in "iu":
        raise ValueError(f"classes must be integers, got {array.dtype}")
    if array.shape != logits.data.shape[:-1]:
        raise ValueError(f"classes must have the shape {logits.shape[:-1]}, got {array.shape}")
    array = array.astype(np.intp, copy=False)
    # Read as unsigned, a negative number is larger than any class.
    if array.size and array.view(np.uintp).max() >= logits.data.shape[-1]:
        raise ValueError(f"classes must be in 0 .. {logits.shape[-1] - 1}, got {array.min()} .. {array.max()}")
    return array


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
