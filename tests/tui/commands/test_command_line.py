"""The command line, in process: what it prints, on which stream, and the exit code."""

import json
import re
import subprocess

import pytest

from scenarios import experiment
from scenarios.runs import training
from scenarios.runs.collection import row_of
from scenarios.runs.comparison import changes_in
from scenarios.runs.control import Change, ChangeLog
from scenarios.runs.directory import open_run
from scenarios.runs.files import RunError
from scenarios.runs.following import RunFollower
from scenarios.runs.learners import Ending
from scenarios.runs.records import frame
from scenarios.runs.session import Session
from tui.__main__ import main
from tui.commands import arguments, listing

FINISHED = {
    "run",
    "scenario",
    "algorithm",
    "seed",
    "lanes",
    "status",
    "env_steps",
    "episodes",
    "wall_seconds",
    "steps_per_second",
    "return_mean",
    "eval_mean",
    "peak_rss_mb",
}
TABLES = {"config", "changes", "shape", "v", "q", "policy", "sweeps", "episode_return", "episode_return_lanes"}


@pytest.fixture(autouse=True)
def _runs(tmp_path, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def rltop(capsys):
    """Runs a command line; returns (exit code, stdout, stderr)."""

    def run(line, *more):
        code = main([*line.split(), *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


# list


def test_list(rltop):
    code, out, err = rltop("list")
    assert (code, err) == (0, "")
    for name in ("gridworld", "cliffwalking", "frozenlake", "taxi", "double-q-learning", "windy-king"):
        assert name in out


def test_list_json(rltop):
    listed = json.loads(rltop("list --json")[1])
    assert [one["name"] for one in listed["scenarios"]][:4] == ["gridworld", "cliffwalking", "frozenlake", "taxi"]
    assert "q-learning" in listed["scenarios"][1]["algorithms"]
    assert {one["name"]: one["plans"] for one in listed["algorithms"]}["value-iteration"]
    assert "book" in listed["worlds"]


def test_list_explains_every_setting(rltop):
    _, out, _ = rltop("list cliffwalking")
    for key in ("alpha", "gamma", "epsilon", "q0", "tie_break", "theta", "max_sweeps", "in_place", "is_slippery"):
        assert f"\n  {key} " in out
    assert "in (0, 1]" in out
    settings = json.loads(rltop("list cliffwalking --json")[1])["settings"]
    assert all(setting["meaning"] for setting in settings)
    alpha = next(setting for setting in settings if setting["key"] == "alpha")
    assert alpha["default"] == "0.5"
    assert alpha["algorithms"] == ["sarsa", "q-learning", "expected-sarsa", "double-q-learning"]


def test_list_shows_the_worlds_own_discount(rltop):
    settings = json.loads(rltop("list frozenlake --json")[1])["settings"]
    assert {setting["default"] for setting in settings if setting["key"] == "gamma"} == {0.99}


# train and what comes after it


def test_one_episode_is_no_episodes(rltop):
    assert " steps, 1 episode, " in rltop("train cliffwalking --episodes 1")[1]
    assert " steps, 2 episodes, " in rltop("train cliffwalking --episodes 2")[1]


def test_train_json_is_one_object(rltop):
    code, out, err = rltop("train cliffwalking --episodes 20 --lanes 3 --seed 7 --json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    result = json.loads(out)
    assert set(result) >= FINISHED
    assert (result["scenario"], result["algorithm"]) == ("cliffwalking", "q-learning")
    assert (result["seed"], result["lanes"], result["episodes"]) == (7, 3, 60)
    assert result["peak_rss_mb"] > 10


def test_the_same_command_gives_the_same_numbers(rltop):
    line = "train frozenlake --algorithm sarsa --episodes 30 --seed 2 --json"
    first, second = (json.loads(rltop(line)[1]) for _ in range(2))
    assert first["run"] != second["run"]
    assert all(first[key] == second[key] for key in ("env_steps", "return_mean", "eval_mean", "status"))


def test_settings_reach_the_algorithm_and_the_world(rltop):
    rltop("train cliffwalking --set alpha=0.25 --set is_slippery=true --set max_steps=50 --episodes 2")
    config = json.loads(rltop("inspect cliffwalking-q-learning-s0-001 --json")[1])["config"]
    assert (config["alpha"], config["is_slippery"], config["max_steps"]) == ("0.25", True, 50)


def test_inspect_json(rltop):
    rltop("train gridworld --algorithm value-iteration --world book --set theta=1e-12")
    code, out, err = rltop("inspect gridworld-value-iteration-s0-001 --json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    found = json.loads(out)
    assert set(found) >= FINISHED | TABLES
    assert found["shape"] == [3, 4]
    assert found["v"][5] is None


def test_inspect_tells_what_was_changed(rltop, tmp_path):
    rltop("train cliffwalking --episodes 2")
    (run,) = tmp_path.glob("**/cliffwalking-q-learning-s0-001")
    log = ChangeLog(run / "changes.log")
    log.record(Change(7, "alpha", "0.25"))
    log.close()
    found = json.loads(rltop("inspect cliffwalking-q-learning-s0-001 --json")[1])
    assert found["changes"] == [{"transitions": 7, "key": "alpha", "value": "0.25"}]
    assert "\n  alpha = 0.25, from transition 7\n" in rltop("inspect cliffwalking-q-learning-s0-001")[1]
    with open(run / "changes.log", "wb") as file:
        file.write(frame(b"nonsense"))
    code, out, err = rltop("inspect cliffwalking-q-learning-s0-001 --json")
    assert (code, out) == (2, "")
    assert "changes.log is damaged" in err
    row, follower = row_of(run), RunFollower(open_run(str(run), run.parent))
    follower.poll()
    assert follower.changes == changes_in(row) == ()
    assert "changes.log is damaged" in follower.damage[0]


def test_inspect_takes_a_path_too(rltop, tmp_path):
    rltop("train gridworld --runs here")
    code, out, _ = rltop("inspect here/gridworld-policy-evaluation-s0-001")
    assert code == 0
    assert str(tmp_path / "here" / "gridworld-policy-evaluation-s0-001") in out
    assert " -14 -20 -22" in out
    assert "\n  in_place = false\n" in out
    assert re.search(r"\nwall_seconds     [0-9.e-]{1,11}\n", out)
    assert "↑→" in out


def test_ls(rltop, tmp_path):
    assert "no runs" in rltop("ls")[1]
    rltop("train gridworld")
    rltop("train cliffwalking --episodes 3")
    broken = tmp_path / "runs" / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    code, out, err = rltop("ls")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "run",
        "gridworld-policy-evaluation-s0-001",
        "cliffwalking-q-learning-s0-001",
    ]
    assert "broken" in err
    listed = json.loads(rltop("ls --json")[1])
    assert [one["status"] for one in listed["runs"]] == ["solved", "finished"]
    assert len(listed["damaged"]) == 1


def test_ls_finds_and_sorts(rltop):
    for command in ("gridworld", "cliffwalking --episodes 3", "cliffwalking --episodes 3 --set alpha=0.1"):
        rltop(f"train {command}")

    def listed(arguments):
        return [line.split()[0].removeprefix("cliffwalking-") for line in rltop(f"ls {arguments}")[1].splitlines()[1:]]

    assert listed("cliff") == ["q-learning-s0-001", "q-learning-s0-002"]
    assert listed("algo=q-learning alpha<0.2") == ["q-learning-s0-002"]
    assert listed("cliff --sort alpha") == ["q-learning-s0-002", "q-learning-s0-001"]
    assert listed("cliff --descending") == ["q-learning-s0-002", "q-learning-s0-001"]
    assert rltop("ls status=failed") == (0, "no run fits\n", "")
    assert [one["run"][-3:] for one in json.loads(rltop("ls alpha=0.1 --json")[1])["runs"]] == ["002"]


def test_export(rltop, tmp_path):
    rltop("train gridworld --set max_sweeps=2")
    assert rltop("export gridworld-policy-evaluation-s0-001 --csv curves.csv")[0] == 0
    header, *rows = (tmp_path / "curves.csv").read_text().splitlines()
    assert header == "metric,step,wall_time,value"
    points = [row.split(",")[:2] for row in rows]
    assert [point for point in points if point[0] == "sweep/largest_change"] == [
        ["sweep/largest_change", "1"],
        ["sweep/largest_change", "2"],
    ]


def test_export_to_standard_output(rltop, tmp_path):
    rltop("train gridworld --set max_sweeps=2")
    export = "export gridworld-policy-evaluation-s0-001"
    rltop(f"{export} --csv curves.csv --json curves.json --svg curves.svg")
    for kind in ("csv", "json", "svg"):
        assert rltop(f"{export} --{kind} -") == (0, (tmp_path / f"curves.{kind}").read_text(), "")
    assert not (tmp_path / "-").exists()
    code, out, err = rltop(f"{export} --csv - --json -")
    assert (code, out) == (2, "")
    assert "only one of --csv, --json and --svg" in err


def test_export_says_what_is_damaged(rltop, tmp_path):
    rltop("train gridworld --algorithm q-learning --episodes 300")
    (events,) = tmp_path.glob("**/events.out*")
    events.write_bytes(events.read_bytes()[:9000] + b"?" + events.read_bytes()[9000:])
    for kind in ("csv", "json", "svg"):
        code, _, err = rltop(f"export gridworld-q-learning-s0-001 --{kind} curves")
        assert code == 0
        assert err.startswith("rltop: warning: The file of its curves")


def test_world_prints_a_file_that_can_be_used(rltop, tmp_path):
    assert "windy" in rltop("world")[1].split()
    (tmp_path / "mine.toml").write_text(rltop("world windy")[1])
    result = json.loads(rltop("train gridworld --algorithm value-iteration --world mine.toml --json")[1])
    assert result["eval_mean"] == pytest.approx(-15)


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_completion(rltop, shell):
    code, out, err = rltop(f"completion {shell}")
    assert (code, err) == (0, "")
    assert "cliffwalking" in out
    assert "double-q-learning" in out


def test_completion_is_bash(rltop):
    script = rltop("completion bash")[1]
    asked = 'COMP_WORDS=(rltop train cli); COMP_CWORD=2; _shtab_rltop; echo "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", f"{script}\n{asked}"], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["cliffwalking"]


def test_warnings_do_not_spoil_the_json(rltop, tmp_path):
    (tmp_path / "locked.toml").write_text('map = """\nS # +1\n"""\nmax_steps = 5\n')
    code, out, err = rltop("train gridworld --algorithm q-learning --world locked.toml --episodes 3 --json")
    assert code == 0
    assert err.startswith("rltop: warning: no terminal cell can be reached from the start in row 0, column 0")
    assert err.count("\n") == 1
    assert json.loads(out)["episodes"] == 3


def test_help_shows_examples(rltop):
    for command in ("", "list", "learn", "train", "inspect", "ls", "export", "world", "completion"):
        code, out, _ = rltop(f"{command} --help")
        assert code == 0
        assert "examples:\n  rltop" in out or command == "completion"


def test_version(rltop):
    code, out, _ = rltop("--version")
    assert (code, out.split()[0]) == (0, "rltop")


def test_planning_needs_no_lanes(rltop):
    code, out, err = rltop("train gridworld --lanes 500 --json")
    assert (code, json.loads(out)["lanes"]) == (0, 1)
    assert err == "rltop: warning: policy-evaluation plans with a model, so one lane is as good as 500\n"


def test_the_limit_of_lanes_is_the_experiments():
    assert arguments.MOST_LANES == experiment.MOST_LANES


# what goes wrong while a command works


def raising(error):
    def stand_in(*_):
        raise error

    return stand_in


@pytest.mark.parametrize("status", ["diverged", "failed"])
def test_a_run_that_went_wrong(rltop, monkeypatch, status):
    monkeypatch.setattr(Session, "learn", lambda _: Ending(status, "V(3) became inf in sweep 2"))
    code, out, err = rltop("train cliffwalking --json")
    assert (code, err) == (1, f"rltop: the run {status}: V(3) became inf in sweep 2\n")
    assert json.loads(out)["status"] == status


def test_results_that_cannot_be_written(rltop, monkeypatch):
    monkeypatch.setattr(training, "write_tables", raising(RunError("tables.npz", "is full", "free space")))
    assert rltop("train gridworld") == (1, "", "rltop: tables.npz is full; free space\n")


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (MemoryError(), 1, "there is not enough memory"),
        (ZeroDivisionError("by\nnothing"), 1, "unexpected ZeroDivisionError: by\\nnothing (RLTOP_DEBUG=1"),
        (OSError(13, "Permission denied", "a.toml"), 1, "a.toml cannot be used (Permission denied)"),
    ],
)
def test_the_unexpected_is_one_sentence(rltop, monkeypatch, error, code, sentence):
    monkeypatch.setattr(listing, "run", raising(error))
    ended, out, err = rltop("list")
    assert (ended, out, err.count("\n")) == (code, "", 1)
    assert err.startswith(f"rltop: {sentence}")


def test_debugging_shows_where(rltop, monkeypatch):
    monkeypatch.setenv("RLTOP_DEBUG", "1")
    monkeypatch.setattr(listing, "run", raising(ZeroDivisionError()))
    code, _, err = rltop("list")
    assert code == 1
    assert "in stand_in" in err


def test_control_c(rltop, monkeypatch):
    monkeypatch.setattr(listing, "run", raising(KeyboardInterrupt()))
    assert rltop("list") == (130, "", "")
