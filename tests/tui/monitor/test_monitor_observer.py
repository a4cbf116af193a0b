"""What a look at real directories finds: runs, curves of those that are looked at, and what has come since."""

from dataclasses import replace

import numpy as np
from monitor_app import POINTS, append, new_run

from scenarios.runs.collection import row_of
from scenarios.runs.directory import create_run
from scenarios.runs.files import exclusive_lock
from scenarios.runs.inspection import solved_return
from tui.monitor import observer
from tui.monitor.lines import MOST_LINES, Style
from tui.monitor.observer import Observer, Wanted, bundles_of, chart_rows, solved_by_all


def names(lines):
    return [line.title() for line in lines.lines]


def test_a_look_finds_the_runs_and_reads_only_the_curves_that_are_wanted(tmp_path):
    one, two = new_run(tmp_path, 1), new_run(tmp_path, 2)
    seen = Observer([tmp_path]).look(Wanted(runs=(two.path,), sparks=(one.path,)))
    assert [row.path for row in seen.rows] == [one.path, two.path]
    assert seen.metrics == ("episode/return", "loss/value")
    (chart,) = seen.charts
    assert (chart.metric, names(chart)) == ("episode/return", [two.path.name])
    assert chart.lines[0].curve[1].tolist() == [20.0 * n for n in range(POINTS)]
    assert list(seen.sparks) == [one.path]
    assert seen.sparks[one.path].tolist() == [10.0 * n for n in range(POINTS)]
    assert seen.solved == 475


def test_as_many_charts_as_there_is_room_for_of_the_metrics_that_are_asked_for(tmp_path):
    run = new_run(tmp_path)
    look = Observer([tmp_path]).look
    assert [chart.metric for chart in look(Wanted((run.path,), charts=4)).charts] == ["episode/return", "loss/value"]
    chosen = look(Wanted((run.path,), ("loss/value", "nowhere"), charts=4)).charts
    assert [chart.metric for chart in chosen] == ["loss/value"]
    nowhere = look(Wanted((run.path,), ("nowhere",), charts=4)).charts
    assert [chart.metric for chart in nowhere] == ["episode/return", "loss/value"]
    assert look(Wanted()).charts == ()


def test_new_points_and_new_runs_appear(tmp_path):
    run = new_run(tmp_path)
    (run.path / "result.json").unlink()
    observed = Observer([tmp_path])
    with exclusive_lock(run.lock):
        wanted = Wanted((run.path,), sparks=(run.path,))
        assert len(observed.look(wanted).charts[0].lines[0].curve[0]) == POINTS
        append(run, {"episode/return": float}, POINTS, POINTS + 5)
        new_run(tmp_path, 2)
        seen = observed.look(wanted)
        assert len(seen.charts[0].lines[0].curve[0]) == POINTS + 5
        assert len(seen.rows) == 2


def test_without_a_look_at_the_disk_only_what_is_known_is_seen(tmp_path):
    new_run(tmp_path)
    observed = Observer([tmp_path])
    assert len(observed.look(Wanted()).rows) == 1
    new_run(tmp_path, 2)
    assert len(observed.look(Wanted(again=False)).rows) == 1


def test_runs_that_are_gone_are_forgotten(tmp_path):
    run = new_run(tmp_path)
    observed = Observer([tmp_path])
    observed.look(Wanted((run.path,), sparks=(run.path,)))
    for file in run.path.iterdir():
        file.unlink()
    run.path.rmdir()
    seen = observed.look(Wanted((run.path,), sparks=(run.path,)))
    assert (seen.rows, seen.charts, dict(seen.sparks)) == ((), (), {})


def test_runs_that_differ_by_their_seed_alone_are_one_line(tmp_path):
    runs = [new_run(tmp_path, seed) for seed in (1, 2, 3)] + [new_run(tmp_path, 4, "ppo")]
    paths = tuple(run.path for run in runs)
    (chart,) = Observer([tmp_path]).look(Wanted(paths)).charts
    assert names(chart) == ["dqn · 3 seeds", runs[3].path.name]
    assert "3 seeds" in chart.lines[0].method
    (alone,) = Observer([tmp_path]).look(Wanted(paths, grouped=False)).charts
    assert names(alone) == [run.path.name for run in runs]


def test_groups_are_named_by_what_tells_them_apart(tmp_path):
    for seed in (1, 2):
        for rate in (0.1, 0.2):
            new_run(tmp_path, seed, learning_rate=rate)
    rows = Observer([tmp_path]).look(Wanted()).rows
    assert [one.name for one in bundles_of(rows, grouped=True)] == [
        "lr=0.1",
        "lr=0.2",
    ]
    assert bundles_of(rows[:3:2], grouped=True)[0].name == "cartpole dqn"


def test_no_group_is_without_a_name(tmp_path):
    rows = Observer([tmp_path]).look(Wanted()).rows
    assert bundles_of(rows, grouped=True) == []
    for seed in (1, 2):
        new_run(tmp_path, seed)
    rows = Observer([tmp_path]).look(Wanted()).rows
    longer = [row._replace(manifest=replace(row.manifest, budget={"steps": 7})) for row in rows]
    mapped = [row._replace(manifest=replace(row.manifest, world="S *")) for row in rows]
    named = [one.name for one in bundles_of([*rows, *longer], grouped=True)]
    assert named[1] == "steps=7"
    named = [one.name for one in bundles_of([*rows, *mapped], grouped=True)]
    assert named == ["cartpole dqn", "map=unnamed"]


def test_no_more_lines_are_drawn_than_can_be_told_apart(tmp_path):
    paths = tuple(new_run(tmp_path, seed, learning_rate=seed / 100).path for seed in range(1, MOST_LINES + 4))
    (chart,) = Observer([tmp_path]).look(Wanted(paths)).charts
    assert len(chart.lines) == MOST_LINES
    assert chart.left_out == 3


def test_the_window_and_the_x_axis_are_those_asked_for(tmp_path):
    run = new_run(tmp_path)
    look = Observer([tmp_path]).look
    seconds = look(Wanted((run.path,), style=Style("seconds"))).charts[0].lines[0].curve[0]
    assert seconds[[0, -1]].tolist() == [0.0, POINTS - 1.0]
    part = look(Wanted((run.path,), style=Style(window=(1000.0, 2000.0)))).charts[0].lines[0].curve[0]
    assert part[0] >= 900
    assert part[-1] <= 2100
    assert len(part) < POINTS


def test_damaged_and_empty_runs_have_no_curve_and_stop_nothing(tmp_path):
    sound, empty, torn = new_run(tmp_path, 1), create_run(tmp_path, "cartpole", "dqn", {}, 2), new_run(tmp_path, 3)
    torn.events.write_bytes(torn.events.read_bytes()[:1000] + b"\xff" * 500)
    broken = new_run(tmp_path, 4)
    (broken.path / "run.json").write_text("{")
    paths = tuple(run.path for run in (sound, empty, torn, broken))
    seen = Observer([tmp_path]).look(Wanted(paths, sparks=paths, diagnosed=broken.path, grouped=False))
    assert len(seen.rows) == 4
    lengths = [len(line.curve[0]) for line in seen.charts[0].lines]
    assert lengths[:2] == [POINTS, 0]
    assert 0 < lengths[2] < POINTS  # up to the damage
    assert lengths[3] == POINTS


def test_the_curves_of_the_table_come_a_few_at_a_time(tmp_path, monkeypatch):
    paths = tuple(new_run(tmp_path, seed).path for seed in range(3))
    monkeypatch.setattr(observer, "SPARK_SECONDS", 0.0)
    observed = Observer([tmp_path])
    seen = observed.look(Wanted(sparks=paths))
    assert seen.unfinished
    assert not seen.sparks
    monkeypatch.setattr(observer, "SPARK_SECONDS", 60.0)
    seen = observed.look(Wanted(sparks=paths))
    assert not seen.unfinished
    assert len(seen.sparks) == 3


def test_not_all_curves_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(observer, "MOST_STORES", 2)
    paths = tuple(new_run(tmp_path, seed).path for seed in range(5))
    observed = Observer([tmp_path])
    observed.look(Wanted(paths, sparks=paths))
    assert len(observed._curves._stores) == 2


def test_charts_without_a_screen(tmp_path):
    new_run(tmp_path, 1)
    new_run(tmp_path, 2)
    rows = Observer([tmp_path]).look(Wanted()).rows
    charts = chart_rows(rows, [], columns=200)
    assert [chart.metric for chart in charts] == ["episode/return", "loss/value"]
    assert [chart.solved for chart in charts] == [475, None]
    assert np.isfinite(charts[0].lines[0].band[0][-1])


def test_a_seed_that_was_run_again_is_left_out_of_the_mean(tmp_path):
    paths = tuple(new_run(tmp_path, seed).path for seed in (1, 1, 2))
    (chart,) = Observer([tmp_path]).look(Wanted(paths)).charts
    assert names(chart) == ["cartpole dqn · 2 seeds (1 repeat left out)"]
    assert len(chart.lines[0].parts) == 2
    (alone,) = Observer([tmp_path]).look(Wanted(paths[:2])).charts
    assert names(alone) == [f"{paths[0].name} (1 repeat left out)"]


def test_what_counts_as_solved_is_that_of_the_runs_own_world(tmp_path):
    def solved(*configs):
        runs = [create_run(tmp_path, "cartpole", "dqn", config, 1) for config in configs]
        rows = [row_of(run.path) for run in runs]
        return solved_by_all(rows)

    assert solved({}, {"sutton_barto_reward": False}) == 475
    assert solved({"sutton_barto_reward": True}) == 0
    assert solved({}, {"sutton_barto_reward": True}) is None
    assert solved({"sutton_barto_reward": "nonsense"}) is None
    for scenario in ("", "nowhere", "\x1b[2J"):
        assert (
            solved_return(
                replace(row_of(create_run(tmp_path, "cartpole", "dqn", {}, 1).path).manifest, scenario=scenario)
            )
            is None
        )
