"""What a disk or a stranger does to the bytes of a file."""

from __future__ import annotations

import numpy as np


def alter(data: bytearray, rng: np.random.Generator, end: int) -> None:
    """Change some bytes that begin before `end`, take some out or put some in."""
    at, size = int(rng.integers(0, end)), int(rng.integers(1, 30))
    match int(rng.integers(0, 4)):
        case 0:
            data[at] ^= 1 << size % 8
        case 1:
            data[at : at + 4] = rng.bytes(4)
        case 2:
            del data[at : at + size]
        case 3:
            data[at:at] = rng.bytes(size)
