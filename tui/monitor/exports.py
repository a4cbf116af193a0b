"""What the charts show, for other programs: a table, a document, or a picture."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from algorithms.contract import Floats
from scenarios.runs.export import deliver
from tui.drawing.cells import Cells, safe_text
from tui.drawing.svg import to_svg
from tui.drawing.theme import Theme
from tui.lesson.frame import BOX, draw_framed
from tui.monitor.chart import Chart, draw, titles
from tui.monitor.lines import Line

FORMATS = (".csv", ".json", ".svg")
SIZE = 110, 26  # columns and rows of a chart in a picture
_BATCH = 10_000  # rows


class ExportError(ValueError):
    """A file that cannot be written so; one sentence."""


def target_of(text: str) -> Path:
    """The file that a text names.

    Raises:
        ExportError: it names none, or one of another kind than we write.
    """
    path = Path(text.strip()).expanduser()
    if path.suffix.lower() not in FORMATS or not path.stem:
        raise ExportError(f"the file's name must end in {', '.join(FORMATS)}, got {safe_text(text, 60) or 'nothing'}")
    return path.absolute()


def export(charts: Sequence[Chart], path: Path, theme: Theme) -> None:
    """Write charts atomically, as the file's name says.

    Raises:
        RunError: the file cannot be written, or is a device, pipe or directory.
    """
    suffix = path.suffix.lower()
    if suffix == ".svg":
        export_svg(charts, path, theme)
    elif suffix == ".json":
        document = json.dumps(document_of(charts), allow_nan=False, indent=1)
        deliver([f"{document}\n".encode()], path)
    else:
        deliver(csv_of(charts), path)


def export_svg(charts: Sequence[Chart], path: Path | None, theme: Theme) -> None:
    """Write charts as a picture, whatever the file is called, or to standard output where there is none.

    Raises:
        RunError: the file cannot be written, or is a device, pipe or directory.
    """
    deliver([picture_of(charts, theme).encode()], path)


def csv_of(charts: Sequence[Chart]) -> Iterator[bytes]:
    """A row a point: `metric,line,axis,x,value,low,high`; the bounds of a band are empty where there is none."""
    yield b"metric,line,axis,x,value,low,high\n"
    for chart in charts:
        for line in chart.lines:
            columns = _columns(line)
            for start in range(0, len(columns[0]), _BATCH):
                yield _rows(chart, line.title(), [part[start : start + _BATCH].tolist() for part in columns])


def _rows(chart: Chart, name: str, columns: Sequence[Sequence[float]]) -> bytes:
    text = io.StringIO()
    x, y, *band = columns
    bounds = [["" if math.isnan(value) else value for value in bound] for bound in band] or [[""] * len(x)] * 2
    table = zip(x, y, *bounds, strict=True)
    csv.writer(text, lineterminator="\n").writerows([chart.metric, name, chart.x, *row] for row in table)
    return text.getvalue().encode()


def document_of(charts: Sequence[Chart]) -> dict[str, Any]:
    """The same as an object that JSON can hold; null stands for what is not a finite number."""
    return {
        "charts": [
            {
                "metric": chart.metric,
                "axis": chart.x,
                "smoothing": chart.smoothing,
                "lines": [_line(line) for line in chart.lines if len(line.curve[0])],
            }
            for chart in charts
        ]
    }


def _line(line: Line) -> dict[str, Any]:
    x, y, *band = map(_plain, _columns(line))
    low, high = band or (None, None)
    runs = [str(path) for path in line.runs]
    return {
        "name": line.title(),
        "runs": runs,
        "method": line.method or None,
        "x": x,
        "value": y,
        "low": low,
        "high": high,
    }


def _columns(line: Line) -> list[Floats]:
    """x, y, and the bounds of the band where there is one."""
    return [*line.curve, *(line.band or ())]


def _plain(values: Floats) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


def picture_of(charts: Sequence[Chart], theme: Theme, size: tuple[int, int] = SIZE) -> str:
    """The charts as the app draws them, one below the other, as SVG."""
    width, height = size
    cells = Cells(width, max(1, height * len(charts)))
    for number, chart in enumerate(charts):
        cells.blit(_framed(chart, width, height, theme), number * height, 0)
    return to_svg(cells, theme.palette, safe_text(", ".join(chart.metric for chart in charts), 200))


def _framed(chart: Chart, width: int, height: int, theme: Theme) -> Cells:
    def inside(columns: int, rows: int) -> Cells:
        return draw(chart, columns, rows, theme)[0]

    return draw_framed(inside, titles(chart), width, height, theme, BOX, focused=False)
