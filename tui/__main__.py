"""The command `rltop`: runs one command and turns whatever goes wrong into one sentence and an exit code.

Exit codes: 0 done, 1 the run failed or diverged, 2 usage, 128 + n stopped by signal n. Nothing heavy (numpy,
gymnasium, textual) is imported before a command needs it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from tui.commands.errors import FAILED, complain, exit_code_of
from tui.commands.parser import parse
from tui.interrupts import remembered

# One BLAS thread: a second gains nothing at these sizes, loses several times under load and changes the last bits.
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, sys.argv by default; returns the exit code."""
    os.environ.update(dict.fromkeys(THREADS, "1"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no γ shows a question mark
    try:
        with remembered():
            code = _run(sys.argv[1:] if arguments is None else arguments)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        _discard_output()
        return 0
    except OSError as error:
        _discard_output()
        complain(f"the output cannot be written ({error.strerror or error}): check where it goes")
        return FAILED
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        options = parse(arguments)
        code: int = options.run(options)
    except SystemExit as ended:  # argparse, after --help and --version
        return int(ended.code or 0)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if isinstance(error, OSError) and error.filename is None:
            raise  # stdout's own
        return exit_code_of(error)
    return code


def _discard_output() -> None:
    """Send what is still buffered nowhere, so that the interpreter does not stumble over it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    sys.exit(main())
