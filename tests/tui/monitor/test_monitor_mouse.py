"""The mouse on the monitor: choosing, opening, sorting, marking, reading, zooming and scrolling."""

import pytest
from monitor_app import POINTS, new_run, opened
from textual import events

END = 100.0 * (POINTS - 1)
ROW = 4  # of a chart's plot


@pytest.fixture
def runs(tmp_path):
    return [new_run(tmp_path, seed) for seed in (1, 2, 3)]


async def test_on_the_table(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.click("table", 2, 20)
        assert driver.session.current.path == runs[1].path
        assert not driver.app.opened
        await driver.click("table", 2, 20)
        assert driver.app.opened == [runs[1].path]
        await driver.click("table", 3, 0)
        assert list(driver.view.marked) == [runs[0].path]
        await driver.click("table", 3, 0)
        assert not driver.view.marked
        titles = driver.text("table").splitlines()[1]
        await driver.click("table", 0, titles.index("return"))
        assert (driver.view.sort, driver.view.descending) == ("return_mean", True)
        await driver.click("table", 0, titles.index("return"))
        assert not driver.view.descending
        await driver.mouse(events.MouseScrollDown, "table", 1, 5)
        assert driver.session.place == 2
        await driver.mouse(events.MouseScrollUp, "table", 1, 5)
        assert driver.session.place == 0
        await driver.click("table", 5, 20)  # below the last run
        assert driver.session.place == 0


async def test_the_cursor_follows_the_mouse_until_it_is_pinned(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        width = driver.screen.query_one("#chart0").room[0]
        await driver.mouse(events.MouseMove, "chart0", ROW, width - 1)
        assert driver.view.at == pytest.approx(END, abs=1000)
        await driver.mouse(events.MouseMove, "chart1", ROW, 7)
        assert driver.view.at == 0.0
        assert "at 0 steps" in driver.text("chart0")
        await driver.mouse(events.MouseMove, "chart1", ROW, 2)  # beside the plot
        assert driver.view.at == 0.0
        await driver.mouse(events.MouseMove, "table", ROW, 20)
        assert driver.view.at is None
        await driver.click("chart0", ROW, 7)
        await driver.mouse(events.MouseMove, "chart0", ROW, 30)
        await driver.mouse(events.MouseMove, "table", ROW, 20)
        assert driver.view.at == 0.0
        assert driver.app.focused.id == "chart0"


async def test_dragging_and_the_wheel_zoom(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        width = driver.screen.query_one("#chart0").room[0]
        middle = (width + 7) // 2
        await driver.drag("chart0", ROW, 7, middle)
        low, high = driver.view.window
        assert low == pytest.approx(0.0)
        assert high == pytest.approx(END / 2, rel=0.05)
        assert [float(line.curve[0][-1]) <= high + 200 for line in driver.session.charts[0].lines]
        await driver.press("0")
        await driver.mouse(events.MouseScrollUp, "chart1", ROW, middle)
        low, high = driver.view.window
        assert high - low == pytest.approx(END * 2 / 3)
        await driver.mouse(events.MouseScrollDown, "chart1", ROW, middle)
        await driver.mouse(events.MouseScrollDown, "chart1", ROW, middle)
        assert driver.view.window is None


async def test_the_side_scrolls_and_the_footer_is_pressed(tmp_path, runs):
    async with opened((120, 40), tmp_path) as driver:
        await driver.mouse(events.MouseScrollDown, "side", 3, 3)
        assert driver.view.scroll == 3
        await driver.mouse(events.MouseScrollUp, "side", 3, 3)
        assert driver.view.scroll == 0
        col = driver.text("footer").index("seeds")
        await driver.pilot.click("#footer", offset=(col, 0))
        await driver.settle()
        assert not driver.view.grouped
