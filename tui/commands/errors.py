"""What goes wrong becomes one sentence on stderr and an exit code; never a traceback."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress

FAILED = 1
USAGE = 2


class UsageError(Exception):
    """Something on the command line, or the terminal, that cannot be used; one sentence for the user."""


def complain(sentence: str) -> None:
    """One line on stderr that cannot steer the terminal, whatever is quoted in it."""
    from scenarios.runs.files import printable

    if sys.stderr is None:
        return
    with suppress(OSError):  # nobody listens
        print(f"rltop: {printable(sentence, limit=1000)}", file=sys.stderr, flush=True)


def exit_code_of(error: Exception) -> int:
    """Complain about an error; returns the exit code it ends with."""
    if isinstance(error, UsageError):
        complain(str(error))
        return USAGE
    # only now, because a command that works may not need them
    from scenarios.configuration import SettingError
    from scenarios.runs.files import RunError
    from scenarios.worlds.errors import WorldError

    if isinstance(error, SettingError | WorldError | RunError):
        complain(str(error))
        return USAGE
    if isinstance(error, MemoryError):
        complain("there is not enough memory for this: use fewer lanes, fewer episodes or a smaller world")
        return FAILED
    if isinstance(error, OSError):
        complain(f"{error.filename} cannot be used ({error.strerror}): check it and try again")
        return FAILED
    if os.environ.get("RLTOP_DEBUG"):
        traceback.print_exception(error)
    complain(f"unexpected {type(error).__name__}: {error} (RLTOP_DEBUG=1 shows where; please report it)")
    return FAILED
