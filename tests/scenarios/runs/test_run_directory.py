"""Run directories: names, manifests, results, and what a hostile name or file can do (nothing)."""

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from scenarios.runs import directory
from scenarios.runs.directory import (
    Result,
    create_run,
    open_run,
    read_result,
    runs_root,
    summary,
    write_result,
)
from scenarios.runs.files import RunError, read_json, write_json

CONFIG = {"alpha": 0.5, "gamma": 1.0, "epsilon": 0.1, "tie_break": "random", "in_place": False}
RESULT = Result(
    status="finished",
    env_steps=1000,
    episodes=50,
    wall_seconds=0.25,
    steps_per_second=4000.0,
    return_mean=-50.19,
    eval_mean=None,
    peak_rss_mb=61.5,
    message=None,
)


def new(root, scenario="cliffwalking", algorithm="q-learning", seed=7, **options):
    return create_run(root, scenario, algorithm, CONFIG, seed, **options)


# ── where runs live ──────────────────────────────────────────────────────────────────────────────────────


def test_the_root_is_the_option_then_the_environment_then_the_platform(monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", "/from/environment")
    assert runs_root("given") == Path("given")
    assert runs_root() == Path("/from/environment")
    for unset in (lambda: monkeypatch.setenv("RLTOP_RUNS", ""), lambda: monkeypatch.delenv("RLTOP_RUNS")):
        unset()
        assert runs_root().parts[-2:] == ("rltop", "runs")
        assert runs_root().is_absolute()


def test_runs_are_numbered_after_the_last(tmp_path):
    root = tmp_path / "a" / "b"
    assert [new(root).path.name for _ in range(2)] == [
        "cliffwalking-q-learning-s7-001",
        "cliffwalking-q-learning-s7-002",
    ]
    (root / "cliffwalking-q-learning-s7-1041").mkdir()
    (root / "cliffwalking-q-learning-s7-copy").mkdir()
    (root / f"cliffwalking-q-learning-s7-{'9' * 5000}"[:200]).mkdir()
    assert new(root).path.name == "cliffwalking-q-learning-s7-1042"
    assert new(root, seed=70).path.name == "cliffwalking-q-learning-s70-001"


def test_runs_made_at_once_never_share_a_directory(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        paths = {run.path for run in pool.map(lambda _: new(tmp_path), range(100))}
    assert len(paths) == 100
    assert {open_run(name, tmp_path).path for name in os.listdir(tmp_path)} == paths


@pytest.mark.parametrize(
    ("scenario", "part"),
    [
        ("ALE/Pong-v5", "ALE-Pong-v5"),
        ("../../etc", "etc"),
        ("a\0\x1b[31m\nb", "a-31m-b"),
        ("猫", "run"),
        ("x" * 500, "x" * 60),
        (".hidden", "hidden"),
    ],
)
def test_any_environment_id_makes_a_plain_directory_name(tmp_path, scenario, part):
    run = new(tmp_path, scenario)
    assert run.path == tmp_path / f"{part}-q-learning-s7-001"
    assert open_run(run.path.name, tmp_path).manifest.scenario == scenario


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"seed": -1}, r"seed must be in \[0, 2\*\*63\), got -1"),
        ({"seed": 1 << 63}, "seed must be in"),
        ({"seed": 1.0}, "seed must be int"),
        ({"seed": True}, "seed must be int"),
        ({"lanes": 0}, r"lanes must be in \[1, 1000000\], got 0"),
        ({"world": b"map"}, "world must be str or NoneType"),
        ({"world": "\ud800"}, "cannot hold this as JSON"),
    ],
)
def test_a_run_that_cannot_be_described_leaves_nothing_behind(tmp_path, options, reason):
    with pytest.raises(RunError, match=reason):
        new(tmp_path, **options)
    assert os.listdir(tmp_path) == []


def test_a_configuration_that_is_not_finite_is_refused(tmp_path):
    with pytest.raises(RunError, match="Out of range float values"):
        create_run(tmp_path, "s", "a", {"alpha": float("nan")}, 0)
    assert os.listdir(tmp_path) == []


def test_a_root_that_cannot_hold_runs_is_named(tmp_path):
    (tmp_path / "file").touch()
    for root in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "a\0b"):
        with pytest.raises(RunError, match="cannot hold a new run"):
            new(root)


# ── manifest ─────────────────────────────────────────────────────────────────────────────────────────────


def test_the_manifest_says_what_is_needed_to_run_it_again(tmp_path):
    run = new(tmp_path, lanes=100, world='map = """\nS +1\n"""\n')
    assert open_run(run.path.name, tmp_path) == run
    found = json.loads((run.path / "run.json").read_text())
    assert {key: found[key] for key in ("format", "scenario", "algorithm", "config", "seed", "lanes", "world")} == {
        "format": 1,
        "scenario": "cliffwalking",
        "algorithm": "q-learning",
        "config": CONFIG,
        "seed": 7,
        "lanes": 100,
        "world": 'map = """\nS +1\n"""\n',
    }
    assert found["packages"]["numpy"] == found["numeric"]["numpy"]
    assert re.fullmatch(r"3\.\d+\.\d+\S*", found["python"])
    assert set(found["numeric"]) == {"system", "machine", "simd", "numpy", "blas", "blas_threads"}
    assert found["created"].endswith("+00:00")


def rewritten(run, **changes):
    path = run.path / "run.json"
    document = read_json(path)
    for key, value in changes.items():
        if value is KeyError:
            del document[key]
        else:
            document[key] = value
    write_json(path, document)
    return path.parent.name


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format": 2}, "has format 2, this rltop reads 1; use the version of rltop that wrote it"),
        ({"format": KeyError}, "has format None"),
        ({"format": 10**4000}, "has format 1000"),
        ({"format": True}, "format must be int"),
        ({"seed": "7"}, "seed must be int"),
        ({"seed": -7}, "seed must be in"),
        ({"lanes": 10**9}, "lanes must be in"),
        ({"config": [1]}, "config must be dict"),
        ({"world": 3}, "world must be str or NoneType"),
        ({"created": "yesterday"}, "created is not a time"),
        ({"created": "2025-01-01T00:00:00"}, "created has no time zone"),
        ({"algorithm": KeyError}, "its keys are not format, scenario, algorithm"),
        ({"more": 1}, "its keys are not format, scenario, algorithm"),
    ],
)
def test_a_manifest_of_another_shape_is_refused(tmp_path, changes, reason):
    name = rewritten(new(tmp_path), **changes)
    with pytest.raises(RunError, match=reason):
        open_run(name, tmp_path)


def test_a_changed_manifest_is_noticed(tmp_path):
    run = new(tmp_path)
    path = run.path / "run.json"
    path.write_text(path.read_text().replace('"alpha": 0.5', '"alpha": 0.6'))
    with pytest.raises(RunError, match=r"run.json is damaged: its content does not match its sha256; restore it"):
        open_run(run.path.name, tmp_path)


# ── opening ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_is_opened_by_name_or_by_path(tmp_path, monkeypatch):
    run = new(tmp_path / "runs")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    for name in (run.path.name, str(run.path), f"../runs/{run.path.name}", f"{run.path}/"):
        assert open_run(name, tmp_path / "runs").manifest == run.manifest
    monkeypatch.chdir(run.path)
    assert open_run(".", elsewhere).manifest == run.manifest
    with pytest.raises(RunError):
        open_run("", elsewhere)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../secret",
        "runs/../../secret",
        "/",
        "/etc/passwd",
        "no-such-run",
        "a\0b",
        "\ud800",
        "\x1b]0;owned\x07",
        "x\ny",
        "x" * 100_000,
        "[/b]",
        "~",
    ],
)
def test_a_name_that_is_no_run_gets_one_plain_sentence(tmp_path, monkeypatch, name):
    root = tmp_path / "deep" / "runs"
    root.mkdir(parents=True)
    (tmp_path / "work").mkdir()
    new(tmp_path / "deep").path.rename(tmp_path / "deep" / "secret")
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(RunError) as error:
        open_run(name, root)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 600
    assert "is neither a run under" in str(error.value)


def test_the_nearest_name_is_suggested(tmp_path):
    new(tmp_path)
    with pytest.raises(RunError, match=r"did you mean cliffwalking-q-learning-s7-001?"):
        open_run("cliffwalking-qlearning-s7-001", tmp_path)


def test_a_folder_of_runs_that_is_none_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="file cannot be listed"):
        open_run("taxi", tmp_path / "file")


# ── result ───────────────────────────────────────────────────────────────────────────────────────────────


def test_the_result_holds_what_train_prints(tmp_path):
    run = new(tmp_path, lanes=3)
    assert read_result(run) is None
    write_result(run, RESULT)
    assert read_result(run) == RESULT
    found = json.loads(run.result.read_text())
    del found["sha256"]
    assert (
        found
        == summary(run, RESULT)
        == {
            "run": str(run.path),
            "scenario": "cliffwalking",
            "algorithm": "q-learning",
            "seed": 7,
            "lanes": 3,
            **asdict(RESULT),
        }
    )


def test_a_result_by_a_version_that_did_not_count_sweeps_is_read(tmp_path):
    run = new(tmp_path)
    members = summary(run, RESULT)
    del members["sweeps"]
    write_json(run.result, members)
    assert read_result(run) == RESULT


def test_a_run_that_was_moved_keeps_its_result(tmp_path):
    run = new(tmp_path)
    write_result(run, RESULT)
    run.path.rename(tmp_path / "renamed")
    moved = open_run("renamed", tmp_path)
    assert read_result(moved) == RESULT
    assert summary(moved, RESULT)["run"] == str(tmp_path / "renamed")


def test_a_mean_that_is_not_finite_becomes_null(tmp_path):
    run = new(tmp_path)
    write_result(run, replace(RESULT, status="diverged", return_mean=float("nan"), eval_mean=float("-inf")))
    assert read_result(run) == replace(RESULT, status="diverged", return_mean=None)
    with pytest.raises(RunError, match="cannot hold this as JSON"):
        write_result(run, replace(RESULT, wall_seconds=float("inf")))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "great"}, "status must be one of solved, finished, stopped, diverged, failed"),
        ({"episodes": 1.5}, "episodes must be int"),
        ({"return_mean": "high"}, "return_mean must be float or NoneType or int"),
        ({"seed": 8}, "belongs to another run: its seed is not that of run.json"),
        ({"more": 1}, "its keys are not status, env_steps"),
    ],
)
def test_a_result_of_another_shape_is_refused(tmp_path, changes, reason):
    run = new(tmp_path)
    write_json(run.result, {**summary(run, RESULT), **changes})
    with pytest.raises(RunError, match=reason):
        read_result(run)


def test_importing_run_directories_loads_nothing_heavy():
    import subprocess
    import sys

    code = f"import sys, {directory.__name__}; print([m for m in {HEAVY} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


HEAVY = ["numpy", "gymnasium", "platformdirs", "textual", "rich", "importlib.metadata"]
