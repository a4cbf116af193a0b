"""A run's scalars as a table that spreadsheets and data frames read."""

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

from scenarios.runs.directory import Run
from scenarios.runs.files import RunError, write_atomic
from scenarios.runs.tfevents import Series, read_scalars

_BATCH = 10_000  # rows


def export_csv(run: Run, file: Path) -> None:
    """Write every scalar in long form, atomically: `metric,step,wall_time,value`, a header and a row each.

    Metrics in the order of their names, points as they were recorded; `wall_time` in seconds since 1970,
    `value` with the digits of its float32.

    Raises:
        RunError: the events cannot be read, or `file` cannot be written or is a device, pipe or directory.
    """
    try:
        target = file.resolve()  # the file behind a link is replaced, not the link
        special = os.path.lexists(target) and not target.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a link to itself, before Python 3.13
        raise RunError(file, "is not a file that can be written", "name another file") from error
    if special:
        raise RunError(file, "is not an ordinary file", "name a file to write")
    write_atomic(target, _lines(read_scalars(run.events)))


def _lines(scalars: dict[str, Series]) -> Iterator[bytes]:
    yield b"metric,step,wall_time,value\n"
    for tag in sorted(scalars):
        series = scalars[tag]
        for start in range(0, len(series.steps), _BATCH):
            steps, wall_times, values = series.at(slice(start, start + _BATCH))
            text = io.StringIO()
            rows = csv.writer(text, lineterminator="\n")
            rows.writerows(zip([tag] * len(steps), steps.tolist(), wall_times.tolist(), map(str, values), strict=True))
            yield text.getvalue().encode()
