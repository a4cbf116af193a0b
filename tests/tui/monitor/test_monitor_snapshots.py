"""The monitor as text at three sizes."""

from pathlib import Path

import pytest
from monitor_app import new_run, opened

from tests.tui.driving import SIZES
from tui.monitor import columns


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Five runs whose age and path stay the same from day to day."""
    monkeypatch.setattr(columns, "age_text", lambda _: "5 min")
    monkeypatch.chdir(tmp_path)
    root = Path("runs")
    found = [new_run(root, seed) for seed in (1, 2, 3)]
    return [*found, new_run(root, 1, "ppo"), new_run(root, 2, "ppo", status="diverged", gamma=0.9)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
async def test_marked_runs_with_the_cursor(check_snapshot, runs, size):
    async with opened(size, Path("runs"), view={"smoothing": 0.5, "side": "differences"}) as driver:
        await driver.press("a", "right", "shift+left", "shift+left")
        check_snapshot(driver.app, "monitor-{}x{}".format(*size))


async def test_differences(check_snapshot, runs):
    async with opened((80, 24), Path("runs"), view={"side": "differences", "lower": "side"}) as driver:
        await driver.press("down", "space", "home")
        check_snapshot(driver.app, "monitor-differences-80x24")
