"""The monitor as text at three sizes, and that it stands every size and any keys."""

import random
from pathlib import Path

import pytest
from monitor_app import SIZES, new_run, opened

from tui.monitor import columns
from tui.monitor.keys import KEYS


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


async def test_every_size_and_any_keys(runs):
    chance = random.Random(5)
    keys = [key for line in KEYS for key in line.keys.split(",") if line.id not in ("export", "metric", "search")]
    async with opened((120, 40), Path("runs")) as driver:
        for width in (1, 2, 5, 20, 59, 60, 100, 200, 400):
            for height in (1, 5, 18, 30, 60):
                await driver.pilot.resize_terminal(width, height)
                driver.screen.action_do(chance.choice(KEYS[:10]).id)
        for _ in range(100):
            key = chance.choice(keys)
            driver.screen.action_do(next(line.id for line in KEYS if key in line.keys.split(",")))
        await driver.settle()
        assert driver.header.startswith("rltop watch")
