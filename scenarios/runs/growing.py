"""An array that grows at its end, at the cost of a list."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray


class Growing:
    """Rows of one type, appended again and again; `rows` are all of them, in one piece.

    What was given as `rows` stays as it is when more is appended: it may be kept.
    """

    def __init__(self, dtype: npt.DTypeLike, *shape: int) -> None:
        """dtype and shape of a row."""
        self._room: NDArray[Any] = np.empty((0, *shape), dtype)
        self.rows: NDArray[Any] = self._room

    def extend(self, more: NDArray[Any]) -> None:
        """Append rows."""
        size, end = len(self.rows), len(self.rows) + len(more)
        if end > len(self._room):
            room = np.empty((max(end, 2 * len(self._room)), *self._room.shape[1:]), self._room.dtype)
            room[:size] = self.rows
            self._room = room
        self._room[size:end] = more
        self.rows = self._room[:end]
