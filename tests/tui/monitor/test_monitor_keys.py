"""Every key of the monitor, on runs whose curves one can foresee: run number s has the return 10 · s · n."""

import asyncio
import csv
import json
import math
import shutil

import pytest
from monitor_app import POINTS, append, new_run, opened
from textual.widgets import Input

from scenarios.runs.files import exclusive_lock
from tests.tui.driving import SIZES
from tui.monitor.keys import KEYS
from tui.monitor.search import MetricScreen

END = 100.0 * (POINTS - 1)


@pytest.fixture
def runs(tmp_path):
    """Three seeds, and another algorithm."""
    return [new_run(tmp_path, seed) for seed in (1, 2, 3)] + [new_run(tmp_path, 4, "ppo", status="stopped")]


def names(driver):
    return [row.name for row in driver.session.rows]


def lines(driver, chart=0):
    return [line for line in driver.session.charts[chart].lines if len(line.curve[0])]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
async def test_it_shows_the_newest_run_with_its_curve(tmp_path, runs, size):
    async with opened(size, tmp_path) as driver:
        assert "4 runs" in driver.text("table")
        assert driver.session.current.path == runs[3].path
        assert "episode/return" in driver.text("chart0")
        assert runs[3].path.name in driver.text("chart0")
        assert "★ 3 solved" in driver.header
        assert "■ 1 stopped" in driver.header
        assert "space mark" in driver.text("footer")


async def test_the_cursor_moves_and_the_charts_follow(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        order = names(driver)
        for key, place in (("down", 1), ("j", 2), ("up", 1), ("k", 0), ("up", 0), ("end", 3), ("down", 3), ("home", 0)):
            await driver.press(key)
            assert driver.session.place == place
            assert [line.name for line in lines(driver)] == [order[place]]
            assert order[place] in driver.text("side")


async def test_where_there_comes_to_be_room_for_other_charts_the_screen_is_painted_once(tmp_path, runs, monkeypatch):
    """On a slow line a screen that is painted twice takes twice as long."""
    async with opened((150, 42), tmp_path) as driver:
        painted = []
        paint = driver.screen._paint_all
        monkeypatch.setattr(driver.screen, "_paint_all", lambda: painted.append(len(driver.session.charts)) or paint())
        for charts in (2, 1, 2):  # charts alone, the table alone, both
            await driver.press("f")
            assert painted.pop() == len(driver.session.charts) == charts
            assert not painted


async def test_charts_that_do_not_come_in_time_are_not_waited_for(tmp_path, runs, monkeypatch):
    async with opened((150, 42), tmp_path) as driver:
        monkeypatch.setattr(driver.screen.lookout, "_send", lambda _: None)
        before = driver.screen.arrangement
        await driver.pilot.press("f")
        while driver.screen.arrangement == before:
            await asyncio.sleep(0.01)
        assert driver.screen.lookout.looking


async def test_a_page_is_as_many_runs_as_are_in_sight(tmp_path):
    for seed in range(12):
        new_run(tmp_path, seed)
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("home")
        page = driver.session.height - 1
        await driver.press("pagedown", "pagedown")
        assert driver.session.place == 2 * page
        assert names(driver)[2 * page] in driver.text("table")
        await driver.press("pageup")
        assert driver.session.place == page


async def test_marked_runs_are_drawn_over_each_other(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("g", "space", "space")
        assert list(driver.view.marked) == [runs[3].path, runs[2].path]
        assert [line.runs[0] for line in lines(driver)] == [runs[3].path, runs[2].path]
        await driver.press("up", "space")
        assert list(driver.view.marked) == [runs[3].path]
        await driver.press("a")
        assert len(driver.view.marked) == 4
        assert "4 runs are marked" in driver.header
        await driver.press("a")
        assert not driver.view.marked
        await driver.press("a", "u")
        assert not driver.view.marked


async def test_all_that_match_are_marked(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("slash", *"algo=dqn", "enter", "a")
        assert set(driver.view.marked) == {run.path for run in runs[:3]}


async def test_seeds_stand_together_with_their_band(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("a")
        assert [len(line.runs) for line in lines(driver)] == [1, 3]
        assert "95 % t interval of 3 seeds" in driver.text("chart0")
        await driver.press("g")
        assert "every run" in driver.header
        assert len(lines(driver)) == 4
        await driver.press("g")
        assert len(lines(driver)) == 2


async def test_searching_filters_and_says_what_it_does_not_understand(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("slash", *"ppo")
        assert names(driver) == [runs[3].path.name]
        assert "1 of 4 runs · ppo" in driver.text("table")
        await driver.press(" ", *"sed=")
        assert "did you mean seed?" in driver.header
        await driver.press(*["backspace"] * 5, *" sq")
        assert names(driver) == []
        assert "no run matches" in driver.text("table")
        await driver.press("escape")
        assert len(names(driver)) == 4
        assert driver.view.query == ""
        assert not driver.screen.query_one("#search", Input).display


async def test_a_search_stays_while_one_moves_and_is_taken_up_again(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("slash", *"dqn", "down", "enter")
        assert driver.session.place == 1
        assert not driver.screen.query_one("#search", Input).display
        await driver.press("slash", *" seed=2")
        assert driver.view.query == "dqn seed=2"
        assert names(driver) == [runs[1].path.name]


async def test_sorting_by_every_column(tmp_path, runs):
    async with opened((200, 60), tmp_path) as driver:
        assert names(driver) == [run.path.name for run in reversed(runs)]
        await driver.press("r")
        assert names(driver) == [run.path.name for run in runs]
        seen = set()
        for _ in range(10):
            await driver.press("s")
            seen.add(driver.view.sort)
        assert len(seen) == 10
        await driver.press("S")
        while driver.view.sort != "return_mean":
            await driver.press("s")
        assert names(driver)[0] == runs[3].path.name  # the largest first
        assert "return▾" in driver.text("table")
        assert driver.session.current is not None


async def test_the_side_shows_details_differences_and_diagnosis(tmp_path, runs):
    other = new_run(tmp_path, 5, learning_rate=0.5)
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("home")
        assert "learning_rate" in driver.text("side")
        await driver.press("d")
        assert "Mark another run" in driver.text("side")
        await driver.press("down", "space", "home")
        text = driver.text("side")
        assert driver.session.current.path == other.path
        assert "0.5" in text
        assert "learning_rate" in text
        await driver.press("d")
        assert "diagnosis" in driver.text("side")
        await driver.press("d", "ctrl+d")
        assert driver.view.scroll == 6
        await driver.press("ctrl+u")
        assert driver.view.scroll == 0


async def test_the_room_goes_to_charts_or_table(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("f")
        assert driver.text("table") == ""
        assert driver.text("chart1")
        await driver.press("f")
        assert driver.text("chart0") == ""
        assert driver.text("table")
        await driver.press("f")
        assert driver.text("table")
        assert driver.text("chart0")


async def test_where_room_is_scarce_the_lower_pane_changes(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        assert driver.text("side") == ""
        await driver.press("tab")
        assert driver.text("side")
        assert driver.text("chart0") == ""
        await driver.press("shift+tab")
        assert driver.text("chart0")
        await driver.press("d")
        assert "details" in driver.text("side")
        await driver.press("d")
        assert "differences" in driver.text("side")
        await driver.press("l")  # about the charts
        assert driver.text("chart0")


async def test_the_focus_goes_round(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        order = []
        for _ in range(5):
            await driver.press("tab")
            order.append(driver.app.focused.id)
        assert order == ["table", "chart0", "chart1", "side", "table"]
        assert driver.session.chart == 1
        await driver.press("shift+tab")
        assert driver.app.focused.id == "side"


async def test_metrics_are_chosen(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        assert [chart.metric for chart in driver.session.charts] == ["episode/return", "loss/value"]
        await driver.press("m")
        assert isinstance(driver.on_top, MetricScreen)
        await driver.press(*"lossv", "enter")  # it is in the second chart: keys go there
        assert driver.on_top is driver.screen
        assert driver.session.chart == 1
        await driver.press("m", *"return", "tab", "escape")  # charted no more
        assert driver.session.metrics == ("loss/value",)
        await driver.press("m", *"return", "enter")
        assert driver.session.metrics == ("episode/return",)
        await driver.press("m", *"loss", "tab", "escape")
        assert driver.session.metrics == ("episode/return", "loss/value")
        before = driver.session.chart
        await driver.press("c")
        assert driver.session.chart == 1 - before
        await driver.press("c")
        assert driver.session.chart == before


async def test_a_chart_goes_through_all_metrics(tmp_path):
    run = new_run(tmp_path)
    append(run, dict.fromkeys(("a/b", "policy/entropy"), float), POINTS, POINTS + 2)
    async with opened((80, 24), tmp_path) as driver:
        seen = []
        for _ in range(4):
            await driver.press("n")
            seen.append(driver.session.charts[0].metric)
        assert seen == ["loss/value", "policy/entropy", "a/b", "episode/return"]
        await driver.press("N")
        assert driver.session.charts[0].metric == "a/b"


async def test_the_x_axis_is_steps_episodes_or_seconds(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        ends = []
        for _ in range(3):
            await driver.press("x")
            ends.append((driver.view.x, float(lines(driver)[0].curve[0][-1])))
        assert [x for x, _ in ends] == ["episodes", "seconds", "steps"]
        assert ends[1:] == [("seconds", POINTS - 1.0), ("steps", END)]


async def test_logarithmic_axes(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("l")
        assert "1e1" in driver.text("chart0")
        assert "logarithmic" in driver.header
        await driver.press("L")
        assert "1e2" in driver.text("chart0").splitlines()[-1]
        await driver.press("l", "L")
        assert "linear" in driver.header
        assert "1e" not in driver.text("chart0")


async def test_smoothing_more_and_less(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("right_square_bracket")
        assert driver.view.smoothing == 0.5
        assert "smoothed 0.5" in driver.text("chart0")
        assert lines(driver)[0].ghost is not None
        await driver.press(*["right_square_bracket"] * 6)
        assert driver.view.smoothing == 0.99
        await driver.press(*["left_square_bracket"] * 7)
        assert driver.view.smoothing == 0.0


async def test_one_cursor_reads_all_charts(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("right")
        assert driver.view.at == END
        await driver.press(*["comma"] * 2, *["left"] * 10)
        assert driver.view.at == pytest.approx(END / 2)
        assert "at 2 450 steps" in driver.text("chart0")
        assert "at 2 450 steps" in driver.text("chart1")
        assert "980.0" in driver.text("chart0")  # 10 · 4 · 24.5
        await driver.press("comma", "full_stop", "shift+left", "shift+right")
        assert driver.view.at == pytest.approx(END / 2)
        await driver.press(*["shift+left"] * 4)
        assert driver.view.at == 0.0
        await driver.press("escape")
        assert driver.view.at is None


async def test_zooming_and_moving_what_is_zoomed_in(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("right", *["shift+left"] * 3, "plus")
        low, high = driver.view.window
        assert high - low == pytest.approx(END * 2 / 3)
        assert (low + high) / 2 == pytest.approx(END / 2)
        await driver.press("less_than_sign")
        assert driver.view.window[0] == pytest.approx(0.0)
        await driver.press("greater_than_sign", "greater_than_sign", "greater_than_sign", "greater_than_sign")
        assert driver.view.window[1] == pytest.approx(END)
        await driver.press("equals_sign")
        assert driver.view.window[1] - driver.view.window[0] == pytest.approx(END * 4 / 9)
        await driver.press(*["minus"] * 6)
        assert driver.view.window is None
        await driver.press("plus", "0")
        assert (driver.view.window, driver.view.at) == (None, None)


async def test_zooming_on_a_logarithmic_axis(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("L", *["plus"] * 3)
        low, high = driver.view.window
        assert 0 < low < high < END
        await driver.press(*["minus"] * 4)
        assert driver.view.window is None


async def test_zooming_very_far_in_ends_somewhere(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("right", *["shift+left"] * 3, *["plus"] * 36)
        low, high = driver.view.window
        assert high > low


async def test_a_run_is_opened(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("down", "enter")
        assert driver.app.opened == [runs[2].path]
        (runs[2].path / "run.json").write_text("{")
        await driver.look()
        await driver.press("enter")
        assert driver.app.opened == [runs[2].path]
        assert "is damaged" in driver.header


async def test_what_is_shown_is_written(tmp_path, runs, monkeypatch):
    monkeypatch.chdir(tmp_path)
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("w")
        line = driver.on_top.query_one(Input)
        assert line.value == "charts.svg"
        line.value = "x.png"
        await driver.press("enter")
        assert ".csv, .json, .svg" in str(driver.on_top.query_one("#complaint").render())
        line.value = "x.json"
        await driver.press("enter")
        await driver.settle()
        assert driver.on_top is driver.screen
        assert "x.json" in driver.header
        document = json.loads((tmp_path / "x.json").read_text())
        assert [chart["metric"] for chart in document["charts"]] == ["episode/return", "loss/value"]


async def test_every_point_of_the_window_is_written(tmp_path, runs, monkeypatch):
    monkeypatch.chdir(tmp_path)
    append(runs[3], {"episode/return": float}, POINTS, 5000)
    async with opened((80, 24), tmp_path) as driver:
        whole = driver.session.reach[1]
        driver.view.window = (whole / 2, whole)
        await driver.press("w")
        driver.on_top.query_one(Input).value = "x.csv"
        await driver.press("enter")
        await driver.settle()
    table = list(csv.DictReader((tmp_path / "x.csv").read_text().splitlines()))
    assert len([row for row in table if row["metric"] == "episode/return"]) == pytest.approx(2500, abs=3)


async def test_runs_that_are_gone_are_marked_no_more(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("space", "down", "space")
        assert "2 marked" in driver.text("table")
        shutil.rmtree(next(iter(driver.view.marked)))
        await driver.look()
        assert len(driver.view.marked) == 1
        driver.screen._paint_all()
        assert "1 marked" in driver.text("table")


async def test_the_cursor_at_the_end_of_a_logarithmic_axis_reads_the_last_value(tmp_path, runs):
    rounded_up = next(n for n in range(POINTS, 2 * POINTS) if 10.0 ** math.log10(100 * n) > 100 * n)
    append(runs[3], {"episode/return": float}, POINTS, rounded_up + 1)
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("L", "right")
        assert "no value" not in driver.text("chart0")


async def test_nothing_is_written_over_without_asking(tmp_path, runs, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "charts.svg").write_text("mine")
    async with opened((120, 40), tmp_path) as driver:
        await driver.press("w", "enter")
        await driver.settle()
        await driver.press("1")
        await driver.settle()
        assert driver.on_top is driver.screen
        assert (tmp_path / "charts.svg").read_text() == "mine"
        await driver.press("w", "enter")
        await driver.settle()
        await driver.press("2")
        await driver.settle()
        assert (tmp_path / "charts.svg").read_text().startswith("<svg")
        assert "written" in driver.header


async def test_new_points_and_runs_appear(tmp_path, runs):
    (runs[3].path / "result.json").unlink()
    with exclusive_lock(runs[3].lock):
        async with opened((120, 40), tmp_path) as driver:
            assert "► running" in driver.text("table")
            append(runs[3], {"episode/return": lambda n: 0.0}, POINTS, POINTS + 10)
            new_run(tmp_path, 9)
            await driver.look()
            assert len(names(driver)) == 5
            assert driver.session.current.path == runs[3].path  # the cursor stays on its run
            assert len(lines(driver)[0].curve[0]) == POINTS + 10


async def test_the_view_is_told_to_be_remembered_and_comes_back(tmp_path, runs):
    async with opened((80, 24), tmp_path) as driver:
        await driver.press("x", "r", "g", "l", "n")
        told = driver.app.told[-1]
        assert (told["x"], told["descending"], told["grouped"], told["log_y"]) == ("episodes", False, False, True)
    async with opened((80, 24), tmp_path, view=told) as driver:
        assert driver.view.x == "episodes"
        assert driver.session.metrics == tuple(told["metrics"].split(","))
        assert not driver.app.told


async def test_escape_lets_go_one_after_the_other_and_leaves_in_the_end(tmp_path, runs):
    async with opened((80, 24), tmp_path, view={"query": "dqn"}) as driver:
        assert len(names(driver)) == 3
        await driver.press("right", "escape")
        assert driver.view.query == ""
        await driver.press("escape")
        assert driver.view.at is None
        assert driver.app.left == 0
        await driver.press("escape")
        assert driver.app.left == 1


async def test_an_empty_directory_and_none_at_all(tmp_path):
    (tmp_path / "empty").mkdir()
    async with opened((80, 24), tmp_path / "empty") as driver:
        assert "no runs in" in driver.text("table")
        for key in KEYS:
            if key.id not in ("metric", "search"):
                await driver.press(key.keys.partition(",")[0])
        await driver.press("enter")
    async with opened((200, 60), tmp_path / "nowhere") as driver:
        assert "is not there" in driver.text("table")


async def test_damaged_curves_are_told(tmp_path, runs):
    append(runs[3], {"episode/return": float}, POINTS, 10 * POINTS)
    whole = runs[3].events.read_bytes()
    runs[3].events.write_bytes(whole[: len(whole) // 3] + b"?" * 9 + whole[len(whole) // 3 :])
    async with opened((200, 60), tmp_path) as driver:
        driver.screen._paint_all()
        assert "is damaged: what came after step" in driver.header
        assert "what came after step" in driver.text("side")
        await driver.press("d", "d")
        assert "diagnosis" in driver.text("side")
        assert "what came after step" in driver.text("side")
        assert "Nothing stands out" not in driver.text("side")
