"""Scalars as CSV and JSON: every point once, exactly, in a file that is whole or absent."""

import csv
import json
import os

import numpy as np
import pytest

from scenarios.runs.directory import create_run
from scenarios.runs.export import export_csv, export_json
from scenarios.runs.files import RunError
from scenarios.runs.standing import overview
from scenarios.runs.tfevents import EventWriter, read_scalars


@pytest.fixture
def run(tmp_path):
    run = create_run(tmp_path / "runs", "cliffwalking", "sarsa", {}, 0)
    with EventWriter(run.events) as writer:
        writer.scalars(10, {"episode/return": -0.1, "episode/length": 13}, wall_time=1e9 + 0.125)
        writer.scalars(20, {"episode/return": float("nan")}, wall_time=1e9 + 1)
        writer.scalars(30, {"episode/return": float("-inf"), 'a,"b\n': 1e-7}, wall_time=1e9 + 2)
    return run


def test_every_point_is_a_row(run, tmp_path):
    export_csv(run, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == (
        "metric,step,wall_time,value\n"
        '"a,""b\n",30,1000000002.0,1e-07\n'
        "episode/length,10,1000000000.125,13.0\n"
        "episode/return,10,1000000000.125,-0.1\n"
        "episode/return,20,1000000001.0,nan\n"
        "episode/return,30,1000000002.0,-inf\n"
    )


def test_long_curves_come_back_exactly(tmp_path):
    run = create_run(tmp_path, "s", "a", {}, 0)
    rng = np.random.default_rng(7)
    with EventWriter(run.events) as writer:
        for i, value in enumerate(rng.normal(size=25_000) * 10.0 ** rng.integers(-30, 30, 25_000)):
            writer.scalars(i, {"x": value}, wall_time=1e9 + i / 7)
    export_csv(run, tmp_path / "out.csv")
    with open(tmp_path / "out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    series = read_scalars(run.events)["x"]
    assert [int(row["step"]) for row in rows] == series.steps.tolist()
    assert [float(row["wall_time"]) for row in rows] == series.wall_times.tolist()
    assert [np.float32(row["value"]) for row in rows] == series.values.tolist()


def test_json_has_every_point_and_what_was_run(run, tmp_path):
    export_json(run, tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    curves = document.pop("curves")
    assert document == {**overview(run), "config": {}, "changes": []}
    assert curves == {
        'a,"b\n': {"unit": None, "steps": [30], "wall_times": [1e9 + 2], "values": [1e-7]},
        "episode/length": {"unit": "steps", "steps": [10], "wall_times": [1e9 + 0.125], "values": [13.0]},
        "episode/return": {
            "unit": "reward",
            "steps": [10, 20, 30],
            "wall_times": [1e9 + 0.125, 1e9 + 1, 1e9 + 2],
            "values": [-0.1, None, None],
        },
    }


def test_json_of_a_run_without_a_point(tmp_path):
    run = create_run(tmp_path, "s", "a", {"gamma": 0.5}, 0)
    EventWriter(run.events).close()
    export_json(run, tmp_path / "out.json")
    document = json.loads((tmp_path / "out.json").read_text())
    assert (document["curves"], document["config"], document["status"]) == ({}, {"gamma": 0.5}, "dead")


def test_a_link_is_followed_and_kept(run, tmp_path):
    (tmp_path / "target.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("target.csv")
    export_csv(run, tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "target.csv").read_text().startswith("metric,")


@pytest.mark.parametrize("kind", ["pipe", "directory", "device", "loop", "NUL"])
def test_what_is_no_file_is_never_replaced(run, tmp_path, kind):
    path = tmp_path / "out"
    match kind:
        case "pipe":
            os.mkfifo(path)
        case "directory":
            path.mkdir()
        case "device":
            path.symlink_to("/dev/null")
        case "loop":
            path.symlink_to("out")
        case "NUL":
            path = tmp_path / "a\0b"
    before = os.listdir(tmp_path)
    with pytest.raises(RunError, match=r"is not an ordinary file|is not a file that can be written"):
        export_csv(run, path)
    assert os.listdir(tmp_path) == before


def test_a_run_without_events_is_named(tmp_path):
    run = create_run(tmp_path, "s", "a", {}, 0)
    with pytest.raises(RunError, match=r"events.out.tfevents.rltop cannot be read"):
        export_csv(run, tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()
