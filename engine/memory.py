"""Where arrays lie in memory."""

from __future__ import annotations

import math

import numpy as np

from engine.operations import Array

CACHE_LINE = 64  # bytes, as many as the widest vector instructions read


def aligned(shape: int | tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
    """Zeros that begin on a cache line: elsewhere every wide read of them would touch two."""
    size = math.prod(shape) if isinstance(shape, tuple) else shape
    room = np.zeros(size * dtype.itemsize + CACHE_LINE, np.uint8)
    start = -room.ctypes.data % CACHE_LINE
    return room[start : start + size * dtype.itemsize].view(dtype).reshape(shape)
