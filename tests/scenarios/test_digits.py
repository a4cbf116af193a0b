"""Handwritten digits from the command line to the result, and the example of docs/digits.md."""

from __future__ import annotations

import contextlib
import io
import json
import re
import struct
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from algorithms.registry import SUPERVISED_ALGORITHMS
from engine.randomness import generator
from scenarios.catalog import DATA_SCENARIOS
from scenarios.configuration import field_help
from scenarios.experiment import prepare_data, prepare_run
from scenarios.runs.budget import Budget, budget_for
from scenarios.runs.directory import open_run
from scenarios.runs.evaluation import Evaluations
from scenarios.runs.training import open_training, train
from tui.__main__ import main

PAGE = (Path(__file__).parents[2] / "docs" / "digits.md").read_text(encoding="utf-8")
(DIGITS,) = DATA_SCENARIOS


@pytest.fixture
def rltop(capsys, tmp_path, monkeypatch):
    """Runs a command line in a folder of its own; returns (exit code, stdout, stderr)."""
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)

    def run(line: str, *more: str) -> tuple[int, str, str]:
        code = main([*line.split(), *more])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def write_folder(folder: Path, seed: int = 0) -> None:
    """Four files in the format of MNIST: noise."""
    folder.mkdir(exist_ok=True)
    rng = generator(seed)
    for prefix, count in (("train", 40), ("t10k", 10)):
        pixels, labels = rng.integers(0, 256, (count, 5, 5)), rng.integers(0, 10, count)
        for name, array in (("images-idx3", pixels), ("labels-idx1", labels)):
            header = struct.pack(f">{1 + array.ndim}I", 2048 + array.ndim, *array.shape)
            (folder / f"{prefix}-{name}-ubyte").write_bytes(header + array.astype(np.uint8).tobytes())


def test_the_scenario_says_what_it_is() -> None:
    texts = [DIGITS.title, DIGITS.summary, DIGITS.teaches, DIGITS.look_for]
    assert all(text.isprintable() and text.strip() == text and text for text in texts)
    assert len(DIGITS.summary) <= 120
    assert DIGITS.algorithms == tuple(algorithm.name for algorithm in SUPERVISED_ALGORITHMS)
    for part in prepare_data(DIGITS).parts:
        fields = list(part.__dataclass_fields__)
        assert list(field_help(type(part))) == fields
        assert all(sentence.endswith(".") for sentence in field_help(type(part)).values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 12))
def test_it_names_98_of_100_held_out_digits_rightly_with_every_seed(tmp_path, seed) -> None:
    experiment = prepare_run("digits", seed=seed)
    budget, warnings = budget_for(experiment)
    result = train(experiment, budget, open_training(experiment, budget, tmp_path))
    assert (result.status, result.env_steps, result.episodes, warnings) == ("solved", 86_400, 60, ())
    assert result.eval_mean is not None
    assert 0.98 <= result.eval_mean <= 1.0


def test_train_eval_inspect(rltop) -> None:
    code, out, err = rltop("train digits --episodes 2 --seed 3 --json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert (result["status"], result["env_steps"], result["episodes"]) == ("finished", 2880, 2)
    assert 0.5 < result["return_mean"] < result["eval_mean"] < 0.98
    for checkpoint in ("best", "last"):
        found = json.loads(rltop(f"eval {result['run']} --checkpoint {checkpoint} --json")[1])
        assert (found["episodes"], found["mean"]) == (357, result["eval_mean"])
    some = [json.loads(rltop(f"eval {result['run']} --episodes 20 --seed {seed} --json")[1]) for seed in (5, 5, 6)]
    assert some[0]["returns"] == some[1]["returns"]
    assert [len(one["returns"]) for one in some] == [20, 20, 20]
    assert set(found["returns"]) == {0.0, 1.0}
    seen = json.loads(rltop(f"inspect {result['run']} --json")[1])
    assert seen["config"]["learning_rate"] == "linear(0.003, 0, 60)"
    assert len(seen["episode_return"]) == 2
    assert np.mean(seen["episode_return"]) == pytest.approx(result["return_mean"])
    assert "held-out images named rightly" in rltop("train digits --episodes 1")[1]


def test_the_last_network_is_kept_and_not_the_best_on_what_is_held_out() -> None:
    experiment = prepare_run("digits")
    learnt, fresh = experiment.initial_state(), experiment.initial_state()
    for _ in islice(experiment.resume(learnt), 45):
        pass
    evaluations = Evaluations(experiment)
    good = evaluations.hold(learnt, 1440)["evaluation/return"]
    bad = evaluations.hold(fresh, 2880)["evaluation/return"]
    assert good > 0.5 > bad == evaluations.best_mean
    assert np.array_equal(evaluations.best["0.weight"], fresh.network.weights()["0.weight"])


def test_stopped_and_resumed_it_ends_with_the_same_bits(tmp_path) -> None:
    experiment, budget = prepare_run("digits", seed=4), Budget(episodes=3)
    whole = train(experiment, budget, open_training(experiment, budget, tmp_path))
    minibatches = iter(range(100))
    run = open_training(experiment, budget, tmp_path)
    stopped = train(experiment, budget, run, interrupted=lambda: next(minibatches) == 70)
    assert (stopped.status, stopped.env_steps) == ("stopped", 71 * 32)
    assert stopped.state_sha256 != whole.state_sha256
    resumed = train(experiment, budget, open_run(run.path.name, tmp_path), resume=True)
    assert resumed.status == "finished"
    assert (resumed.state_sha256, resumed.eval_mean) == (whole.state_sha256, whole.eval_mean)
    assert resumed.return_mean == whole.return_mean


def test_a_folder_of_ones_own_is_found_from_anywhere_and_must_not_change(rltop, tmp_path, monkeypatch) -> None:
    write_folder(tmp_path / "mine")
    code, out, _ = rltop("train digits --set folder=mine --episodes 2 --json")
    result = json.loads(out)
    assert (code, result["env_steps"]) == (0, 80)
    config = json.loads(rltop(f"inspect {result['run']} --json")[1])["config"]
    assert config["folder"] == str(tmp_path / "mine")
    monkeypatch.chdir("/")
    assert rltop(f"eval {result['run']} --checkpoint last")[0] == 0
    write_folder(tmp_path / "mine", seed=1)
    code, out, err = rltop(f"eval {result['run']} --checkpoint last")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert "the images are not those that it has learnt from" in err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("learn digits --algorithm dqn", "has no algorithm"),
        ("train digits --set folder=nothing", "has no file train-images-idx3-ubyte"),
        ("train digits --set folder=", "must name a folder"),
        ("train digits --set folder=damaged", "is no IDX file"),
        ("train digits --set held_out=all", "must be one of tens, last"),
        ("train digits --set gamma=0.9", "there is no setting 'gamma'"),
        ("train digits --set batch=0", "batch must be in"),
        ("train digits --lanes 2", "is one learner, got 2 lanes"),
        ("train digits --algorithm dqn", "digits has no algorithm 'dqn'"),
        ("train cartpole --algorithm classification", "cartpole has no algorithm 'classification'"),
        ("train digits --world book", "digits has no map"),
    ],
)
def test_refused_in_one_sentence(rltop, tmp_path, line, sentence) -> None:
    write_folder(tmp_path / "damaged")
    (tmp_path / "damaged" / "train-images-idx3-ubyte").write_bytes(b"\x80\x04\x95")
    code, out, err = rltop(line)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert sentence in err


def test_listed_before_the_control_scenarios(rltop) -> None:
    names = [one["name"] for one in json.loads(rltop("list --json")[1])["scenarios"]]
    assert names.index("taxi") < names.index("digits") < names.index("cartpole")
    listed = json.loads(rltop("list digits --json")[1])
    assert (listed["episodes"], listed["solved"]["greedy_return"]) == (60, 0.98)
    assert {"folder", "held_out", "shift", "slant", "evaluate_every"} <= {one["key"] for one in listed["settings"]}
    assert all(one["meaning"] for one in listed["settings"])


def test_the_example_prints_what_the_page_says() -> None:
    ((code, expected),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert PAGE.count("```python") == 1
    printed, names = io.StringIO(), dict[str, Any]()
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    assert printed.getvalue() == expected
