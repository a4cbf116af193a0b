"""A run's scalars for other programs: a table that spreadsheets and data frames read, or a document."""

import csv
import io
import json
import math
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from scenarios.runs.directory import Run
from scenarios.runs.files import RunError, write_atomic
from scenarios.runs.inspection import configured
from scenarios.runs.metrics import metric_named
from scenarios.runs.tfevents import Series, read_scalars

_BATCH = 10_000  # rows


def export_csv(run: Run, file: Path | None) -> None:
    """Write every scalar in long form, see `deliver`: `metric,step,wall_time,value`, a header and a row each.

    Metrics in the order of their names, points as they were recorded; `wall_time` in seconds since 1970,
    `value` with the digits of its float32.

    Raises:
        RunError: the events cannot be read, or `file` cannot be written or is a device, pipe or directory.
    """
    deliver(_lines(read_scalars(run.events)), file)


def export_json(run: Run, file: Path | None) -> None:
    """Write every scalar and what was run as one JSON object, see `deliver`; null for what is not a finite number.

    Its members are those of `rltop inspect --json` up to `changes`, and `curves`: per metric its `unit`, `steps`,
    `wall_times` (seconds since 1970) and `values`.

    Raises:
        RunError: the run is damaged, or `file` cannot be written or is a device, pipe or directory.
    """
    deliver(_document(configured(run), read_scalars(run.events)), file)


def deliver(pieces: Iterable[bytes], file: Path | None) -> None:
    """Write a file atomically, or to standard output where there is none.

    Raises:
        RunError: the file cannot be written, or is a device, pipe or directory.
    """
    if file is None:
        sys.stdout.buffer.writelines(pieces)
    else:
        write_atomic(ordinary_file(file), pieces)


def ordinary_file(file: Path) -> Path:
    """Where a file is to be written: behind a link, if it is one, so that the link stays.

    Raises:
        RunError: there is a device, pipe or directory, or a link that leads nowhere.
    """
    try:
        target = file.resolve()
        special = os.path.lexists(target) and not target.is_file()
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: a link to itself, before Python 3.13
        raise RunError(file, "is not a file that can be written", "name another file") from error
    if special:
        raise RunError(file, "is not an ordinary file", "name a file to write")
    return target


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


def _document(about: dict[str, Any], scalars: dict[str, Series]) -> Iterator[bytes]:
    """The object in pieces, a metric each: a long run's is large."""
    yield json.dumps(about, indent=1, allow_nan=False).removesuffix("\n}").encode() + b',\n "curves": {'
    for number, tag in enumerate(sorted(scalars)):
        metric, series = metric_named(tag), scalars[tag]
        columns = {
            "unit": metric.unit if metric else None,
            "steps": series.steps.tolist(),
            "wall_times": _plain(series.wall_times.tolist()),
            "values": _plain([float(str(value)) for value in series.values]),  # the digits of a float32
        }
        text = f"{',' if number else ''}\n  {json.dumps(tag)}: {json.dumps(columns, allow_nan=False)}"
        yield text.encode()
    yield b"\n }\n}\n"


def _plain(numbers: list[float]) -> list[float | None]:
    return [number if math.isfinite(number) else None for number in numbers]
