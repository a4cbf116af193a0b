"""What is written of the charts: tables, documents and pictures that other programs read."""

import csv
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from scenarios.runs.files import RunError
from tui.drawing.theme import make_theme
from tui.monitor.chart import Chart
from tui.monitor.exports import ExportError, export, export_svg, target_of
from tui.monitor.lines import NOTHING, Line

X = np.arange(4.0)
PLAIN = Line('a, "b"', (Path("/r/a"),), (X, np.array([1.0, np.nan, np.inf, 4.0])))
BANDED = Line(
    "seeds",
    (Path("/r/b"), Path("/r/c")),
    (X, X),
    (X - 1, np.array([1.0, 2.0, 3.0, np.nan])),
    parts=((X, X), (X[:3], X[:3])),
    counts=np.array([2, 2, 2, 1]),
)
ABSENT = Line("absent", (Path("/r/d"),), NOTHING)
CHARTS = [Chart("episode/return", (PLAIN, BANDED)), Chart("loss/value", (ABSENT,), x="seconds", smoothing=0.9)]
THEME = make_theme()


def test_a_table_has_a_row_a_point(tmp_path):
    export(CHARTS, tmp_path / "x.csv", THEME)
    with (tmp_path / "x.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert rows[0] == {
        "metric": "episode/return",
        "line": 'a, "b"',
        "axis": "steps",
        "x": "0.0",
        "value": "1.0",
        "low": "",
        "high": "",
    }
    assert (rows[5]["line"], rows[5]["value"], rows[5]["low"], rows[5]["high"]) == (
        "seeds · 2 seeds",
        "1.0",
        "0.0",
        "2.0",
    )
    assert (rows[7]["low"], rows[7]["high"]) == ("2.0", "")


def test_a_document_says_null_where_there_is_no_number(tmp_path):
    export(CHARTS, tmp_path / "x.json", THEME)
    first, second = json.loads((tmp_path / "x.json").read_text())["charts"]
    assert first["lines"][0]["value"] == [1.0, None, None, 4.0]
    assert first["lines"][0]["low"] is None
    assert first["lines"][1] == {
        "name": "seeds · 2 seeds",
        "runs": ["/r/b", "/r/c"],
        "method": "mean and 95 % t interval of 1 to 2 seeds",
        "x": [0.0, 1.0, 2.0, 3.0],
        "value": [0.0, 1.0, 2.0, 3.0],
        "low": [-1.0, 0.0, 1.0, 2.0],
        "high": [1.0, 2.0, 3.0, None],
    }
    assert (second["metric"], second["axis"], second["smoothing"], second["lines"]) == (
        "loss/value",
        "seconds",
        0.9,
        [],
    )


def test_a_picture_shows_all_charts(tmp_path):
    export_svg(CHARTS, tmp_path / "picture", THEME)
    text = " ".join(ET.parse(tmp_path / "picture").getroot().itertext())
    assert "episode/return (reward)" in text
    assert "loss/value" in text
    assert "seeds" in text


def test_hostile_names_stay_text(tmp_path):
    nasty = Line("</text><script>\x1b[2J\u202e", (Path("/r/\x1b"),), (X, X))
    for name in ("x.csv", "x.json", "x.svg"):
        export([Chart("\x1b]0;m\x07<b>", (nasty,))], tmp_path / name, THEME)
    assert ET.parse(tmp_path / "x.svg").getroot().find(".//{*}script") is None
    assert "\x1b" not in (tmp_path / "x.svg").read_text() + (tmp_path / "x.json").read_text()


@pytest.mark.parametrize("name", ["", "x", "x.png", ".svg", "x.svg/", "   "])
def test_a_name_must_say_what_to_write(name):
    if name == "x.svg/":
        assert target_of(name).name == "x.svg"
    else:
        with pytest.raises(ExportError, match=r"\.csv, \.json, \.svg"):
            target_of(name)


def test_what_is_no_ordinary_file_is_not_written(tmp_path):
    with pytest.raises(RunError, match="ordinary file"):
        export(CHARTS, tmp_path, THEME)
    with pytest.raises(RunError, match="nowhere"):
        export(CHARTS, tmp_path / "nowhere" / "x.csv", THEME)
