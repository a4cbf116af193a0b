"""`rltop watch` without a screen, and `rltop export --svg`: what scripts and pipes get."""

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from scenarios.runs.directory import Result, create_run, write_result
from scenarios.runs.tfevents import EventWriter
from tui.__main__ import main

ROOT = Path(__file__).parents[3]


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Two seeds of one algorithm, and one of another."""
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path))
    made = []
    for seed, algorithm in ((1, "dqn"), (2, "dqn"), (3, "ppo")):
        run = create_run(tmp_path, "cartpole", algorithm, {"learning_rate": 10.0**-seed}, seed)
        with EventWriter(run.events) as writer:
            for n in range(20):
                writer.scalars(10 * n, {"episode/return": 1.0 * seed * n}, 1e6 + n)
        write_result(run, Result("solved", 200, 20, 1.0, 200.0, 100.0 * seed, None, 50.0, None))
        made.append(run)
    return made


@pytest.fixture
def rltop(capsys):
    def run(*arguments):
        code = main(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_table(rltop, runs):
    code, out, err = rltop("watch", "--once")
    titles, *lines = out.splitlines()
    assert (code, err) == (0, "")
    assert titles.split() == [
        "status",
        "run",
        "scenario",
        "algorithm",
        "seed",
        "steps",
        "episodes",
        "return",
        "greedy",
        "steps/s",
        "age",
    ]
    assert [line.split()[1] for line in lines] == [run.path.name for run in reversed(runs)]
    assert "\x1b" not in out


def test_without_a_terminal_it_prints_as_well(rltop, runs):
    assert rltop("watch") == rltop("watch", "--once")


@pytest.mark.parametrize(
    ("columns", "titles"),
    [
        (200, "status run scenario algorithm seed steps episodes return greedy steps/s age"),
        (80, "status run algorithm seed steps return greedy age"),
        (60, "status run steps return greedy age"),
        (20, "status run"),
    ],
)
def test_on_a_terminal_rows_are_as_wide_as_it_is(rltop, runs, monkeypatch, columns, titles):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    _, out, _ = rltop("watch", "--once")
    assert out.splitlines()[0].split() == titles.split()
    assert columns == 20 or max(map(len, out.splitlines())) <= columns


@pytest.mark.parametrize(
    ("blind", "reason"),
    [
        ("sys.stderr.isatty", "the app needs a terminal to draw on, and standard error is none"),
        (None, "the terminal is 50x10, and the app needs 60x18"),
    ],
)
def test_why_there_is_no_screen_is_said_where_one_might_be_expected(rltop, runs, monkeypatch, blind, reason):
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True)
    for name, value in {"TERM": "xterm", "COLUMNS": "50", "LINES": "10"}.items():
        monkeypatch.setenv(name, value)
    if blind:
        monkeypatch.setattr(blind, lambda: False)
    code, out, err = rltop("watch")
    assert (code, err) == (0, f"rltop: the runs are printed once, since {reason}\n")
    assert runs[0].path.name in out
    assert rltop("watch", "--once") == (0, out, "")


def test_filter_and_order(rltop, runs):
    _, out, _ = rltop("watch", "--once", "--filter", "algo=dqn learning_rate<=0.1", "--sort", "return", "--descending")
    assert [line.split()[1] for line in out.splitlines()[1:]] == [runs[1].path.name, runs[0].path.name]


def test_a_chart(rltop, runs):
    _, out, _ = rltop("watch", "--once", "--metric", "episode/return", "--filter", "ppo")
    assert "episode/return (reward)" in out
    assert f"{runs[2].path.name} 57.0" in out
    _, plain, _ = rltop("watch", "--once", "--ascii", "--metric", "episode/return", "--filter", "ppo")
    assert "****" in plain


def test_json(rltop, runs):
    code, out, _ = rltop("watch", "--json", "--metric", "episode/return", "--filter", "dqn")
    document = json.loads(out)
    assert code == 0
    assert [one["run"] for one in document["runs"]] == [str(run.path) for run in reversed(runs[:2])]
    first = document["runs"][0]
    assert (first["status"], first["config"], first["share"]) == ("solved", {"learning_rate": 0.01}, 1.0)
    assert first["age"] >= 0
    assert document["damaged"] == []
    assert [len(line["x"]) for line in document["charts"][0]["lines"]] == [20, 20]


def test_some_of_the_runs(rltop, runs, tmp_path):
    _, out, _ = rltop("watch", "--once", str(runs[1].path))
    assert [line.split()[1] for line in out.splitlines()[1:]] == [runs[1].path.name]


def test_damaged_runs_are_named(rltop, runs):
    (runs[0].path / "run.json").write_text("{")
    _, out, err = rltop("watch", "--once")
    assert len(out.splitlines()) == 3
    assert "run.json" in err
    assert len(json.loads(rltop("watch", "--json")[1])["damaged"]) == 1


def test_no_runs(rltop, tmp_path, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "none"))
    code, out, _ = rltop("watch", "--once")
    assert code == 0
    assert "makes one" in out
    assert json.loads(rltop("watch", "--json")[1]) == {"runs": [], "damaged": []}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--filter", "sed=1"], "did you mean seed?"),
        (["--sort", "retrun"], "did you mean return?"),
        (["nowhere"], "there is no directory 'nowhere'"),
        (["--metric", "no/such"], "no run here has the metric 'no/such'"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(rltop, runs, arguments, sentence):
    code, _, err = rltop("watch", "--once", *arguments)
    assert code == 2
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_nothing_of_the_screen_is_imported(runs, tmp_path):
    program = (
        "import sys; from tui.__main__ import main; main(['watch', '--once', '--metric', 'episode/return']); "
        "main(['watch', '--json']); sys.exit('textual' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT, capture_output=True, timeout=60)


def test_the_curves_of_a_run_are_drawn(rltop, runs, tmp_path):
    target = tmp_path / "picture.svg"
    assert rltop("export", runs[0].path.name, "--svg", str(target)) == (0, "", "")
    assert "episode/return (reward)" in " ".join(ET.parse(target).getroot().itertext())
    code, _, err = rltop("export", runs[0].path.name, "--svg", str(target), "--metric", "no/such")
    assert code == 2
    assert "has no metric 'no/such'" in err
    assert rltop("export", runs[0].path.name)[0] == 2


def test_without_a_filter_the_screen_begins_with_every_run(runs, rltop, monkeypatch):
    views = []
    monkeypatch.setattr("tui.terminal.why_no_screen", lambda: None)
    monkeypatch.setattr("tui.app.run_monitor", lambda paths, *, ascii, view: views.append(view) or 0)
    assert rltop("watch", "--filter", "ppo") == rltop("watch") == (0, "", "")
    assert [view["query"] for view in views] == ["ppo", ""]
