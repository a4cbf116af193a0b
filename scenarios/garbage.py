"""Python's search for garbage, kept out of the way while thousands of objects are made of which none is any."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_from_collecting() -> Iterator[None]:
    """No search meanwhile: one looks through all objects there are, again and again while they grow in number."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
