"""What this process takes of the machine."""

from __future__ import annotations

import os
import resource
import sys
from contextlib import suppress


def peak_rss_mb() -> float:
    """The largest resident memory so far, in 10^6 bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak * (1 if sys.platform == "darwin" else 1024) / 1e6


def rss_mb() -> float:
    """The resident memory now, in 10^6 bytes; where the system does not say, the largest so far."""
    with suppress(OSError, ValueError, IndexError), open("/proc/self/statm", "rb") as file:
        return int(file.read(200).split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return peak_rss_mb()
