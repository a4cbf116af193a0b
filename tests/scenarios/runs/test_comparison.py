"""Runs that differ by their seed alone, and in what two of them differ."""

from dataclasses import replace
from pathlib import Path

import pytest

from scenarios.runs.collection import RunRow
from scenarios.runs.comparison import ABSENT, default_settings, differences_of, group_by_seed
from scenarios.runs.control import Change, ChangeLog
from scenarios.runs.directory import Manifest

NUMERIC = {"system": "Linux", "numpy": "2.4", "simd": ["AVX2"]}
MANIFEST = Manifest(
    1,
    "cartpole",
    "dqn",
    {"gamma": 0.99, "n_step": 3, "double": False},
    1,
    1,
    None,
    {"steps": 1000},
    "",
    "3.11.7",
    {"numpy": "2.4"},
    NUMERIC,
)


def row(name="a", config=None, **changes):
    manifest = replace(MANIFEST, **changes)
    manifest = replace(manifest, config=manifest.config | (config or {}))
    identity = (manifest.scenario, manifest.algorithm, manifest.seed, manifest.lanes)
    return RunRow(Path(name), name, "finished", *identity, manifest=manifest)


def test_runs_that_differ_by_their_seed_alone_are_a_group():
    rows = [row("c", seed=3), row("x", {"n_step": 1}), row("a", seed=1), row("b", seed=2, created="later")]
    groups = group_by_seed(rows)
    assert [[one.name for one in group.rows] for group in groups] == [["a", "b", "c"], ["x"]]
    assert [group.distinct for group in groups] == [(("n_step", 3),), (("n_step", 1),)]


@pytest.mark.parametrize(
    "changes",
    [
        {"scenario": "acrobot"},
        {"algorithm": "ppo"},
        {"lanes": 2},
        {"world": "a map"},
        {"budget": {"steps": 2000}},
        {"config": {"gamma": 0.9}},
        {"config": {"new": None}},
    ],
)
def test_whatever_else_differs_makes_another_group(changes):
    assert len(group_by_seed([row(), row(**changes)])) == 2


def test_a_group_without_others_like_it_is_distinct_in_nothing():
    (group,) = group_by_seed([row("a", seed=1), row("b", seed=2)])
    assert group.distinct == ()
    one, other = group_by_seed([row(config={"double": True}), row()])
    assert (one.distinct, other.distinct) == ((("double", True),), (("double", False),))


def test_a_seed_that_was_run_again_counts_once():
    rows = [row("a", seed=1), row("b", seed=1)._replace(env_steps=9), row("c", seed=2), row("d", seed=1)]
    (group,) = group_by_seed(rows)
    assert [one.name for one in group.rows] == ["b", "c"]  # that went furthest
    assert [one.name for one in group.repeats] == ["a", "d"]


def test_a_setting_that_was_changed_later_makes_another_group_and_is_told(tmp_path):
    plain, steered = (row(str(tmp_path / name), seed=seed) for name, seed in (("a", 1), ("b", 2)))
    steered.path.mkdir()
    log = ChangeLog(steered.path / "changes.log")
    log.record(Change(9203, "learning_rate", "0.01"))
    log.close()
    _, other = group_by_seed([plain, steered])
    assert dict(other.distinct) == {"changed": "learning_rate to 0.01"}
    found = differences_of(plain, steered)
    assert [tuple(one)[:4] for one in found] == [
        ("seed", 1, 2, "what"),
        ("learning_rate at 9 203", ABSENT, "0.01", "change"),
    ]
    (steered.path / "changes.log").write_bytes(b"nonsense")
    assert len(group_by_seed([plain, steered])) == 1


def test_lanes_and_limits_tell_groups_apart_too():
    groups = group_by_seed([row(), row(budget={"steps": 2000}), row(lanes=8)])
    assert [dict(group.distinct) for group in groups] == [
        {"lanes": 1, "steps": 1000},
        {"lanes": 1, "steps": 2000},
        {"lanes": 8, "steps": 1000},
    ]


def test_maps_tell_groups_apart_by_their_names():
    maps = ('name = "one"', 'name = "other"\nnoise = 0.1', 'name = "other"\nnoise = 0.2', "S *", "name = 3")
    groups = group_by_seed([row(), *(row(world=world) for world in maps)])
    assert [dict(group.distinct).get("map") for group in groups] == [
        None,
        "one",
        "other 1",
        "other 2",
        "unnamed 1",
        "unnamed 2",
    ]


def test_damaged_runs_are_alone():
    damaged = [RunRow(Path(name), name, "damaged", fault="it is") for name in "xy"]
    assert [[one.name for one in group.rows] for group in group_by_seed(damaged)] == [["x"], ["y"]]
    assert group_by_seed([]) == []


def test_only_what_differs_is_told_and_defaults_are_marked():
    found = differences_of(row(), row(seed=2, config={"n_step": 1, "gamma": 0.9}))
    assert [(one.key, one.first, one.second, one.kind) for one in found] == [
        ("seed", 1, 2, "what"),
        ("gamma", 0.99, 0.9, "setting"),
        ("n_step", 3, 1, "setting"),
    ]
    assert [(one.first_is_default, one.second_is_default) for one in found[1:]] == [(True, False), (True, False)]
    assert differences_of(row(), row("b")) == []


def test_a_default_is_that_of_the_runs_own_scenario_and_algorithm():
    found = differences_of(row(config={"gamma": 0.98}), row(algorithm="ppo", config={"clip": "0.2"}))
    marked = {one.key: (one.first, one.second, one.first_is_default, one.second_is_default) for one in found}
    assert marked["algorithm"] == ("dqn", "ppo", False, False)
    assert marked["clip"] == (ABSENT, "0.2", False, True)
    assert marked["gamma"] == (0.98, 0.99, False, True)


def test_machine_versions_limits_and_maps_are_told():
    other = row(
        python="3.12.1", packages={"numpy": "2.5"}, numeric=NUMERIC | {"simd": []}, budget={"steps": 9}, world="S\nG\n"
    )
    found = [(one.key, one.first, one.second, one.kind) for one in differences_of(row(), other)]
    assert found == [
        ("map", ABSENT, "a map of 2 lines", "what"),
        ("steps", 1000, 9, "limit"),
        ("python", "3.11.7", "3.12.1", "machine"),
        ("numpy", "2.4", "2.5", "machine"),
        ("simd", '["AVX2"]', "[]", "machine"),
    ]


def test_a_damaged_run_differs_in_nothing_known():
    assert differences_of(row(), RunRow(Path("x"), "x", "damaged")) == []


def test_defaults_of_every_kind_of_scenario():
    assert default_settings("cartpole", "dqn")["n_step"] == 3
    assert default_settings("cliffwalking", "sarsa")["alpha"] == "0.5"
    assert default_settings("Acrobot-v1", "ppo")["gamma"] == 0.99
    assert "evaluate_every" in default_settings("digits", "classification")
    assert default_settings("cartpole", "sarsa") == {}
    assert default_settings("cartpole", "nonsense") == default_settings("nonsense", "nonsense") == {}
