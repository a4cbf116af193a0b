"""Curves of numbers that nobody expects, on the screens that show them: drawn as what they are, and quickly."""

import math
import time

import numpy as np
import pytest
from screens import ShellOnly, opened
from textual import events

from scenarios.runs.curvestore import CurveStore
from scenarios.runs.directory import create_run
from scenarios.runs.tfevents import EventWriter, Series
from tests.tui.driving import settle, text_of
from tui.drawing.charts import Series as Line
from tui.drawing.charts import draw_chart
from tui.drawing.theme import make_theme

LARGEST = 3.4e38  # of the numbers that a curve on the disk can hold
CURVES = {
    "episode/return": [math.nan, 1.0, math.inf, -math.inf, LARGEST, -LARGEST, 0.0, math.nan],
    "episode/length": [1.0],  # one point
    "evaluation/return": [math.nan] * 8,
    "loss/value": [7.0] * 8,  # a constant
    "loss/policy": [0.0] * 8,
    "policy/entropy": [LARGEST, -LARGEST] * 4,
    "value/td_error": [1e-45, -1e-45] * 4,
    "update/gradient_norm": [math.inf] * 8,
    "time/steps_per_second": [-1.0, math.nan] * 4,
}
KEYS = [*"mlmxlsml", "tab", "home", "end", "pageup"]


def extreme_run(root, seed, curves):
    run = create_run(root, "cartpole", "dqn", {"gamma": 0.9}, seed)
    with EventWriter(run.events) as writer:
        for step in range(max(map(len, curves.values()), default=0)):
            writer.scalars(2**40 * step, {name: float(v[step]) for name, v in curves.items() if step < len(v)})
    return run


@pytest.mark.parametrize("screen", ["live", "monitor"])
@pytest.mark.parametrize("curves", [CURVES, pytest.param({}, marks=pytest.mark.slow)], ids=["extreme", "none at all"])
async def test_screens_show_any_numbers(homes, screen, curves):
    runs = [extreme_run(homes / "runs", seed, curves) for seed in (1, 2)]
    app = ShellOnly(
        begin=(lambda app: app.open_run(runs[0].path))
        if screen == "live"
        else (lambda app: app.open_monitor([homes / "runs"]))
    )
    async with opened(app, (120, 40)) as pilot:
        for size in ((80, 24), (160, 45)):
            for number, key in enumerate(KEYS):
                app.post_message(events.Key(key, key if len(key) == 1 else None))
                if number % 3 == 0:
                    await settle(pilot)
            assert app.mistake is None
            assert "cartpole" in text_of(app).lower()
            await pilot.resize_terminal(*size)
            await settle(pilot)


@pytest.mark.slow
def test_ten_million_points_are_drawn_from_the_store_at_once(tmp_path):
    count, theme = 10_000_000, make_theme()
    store = CurveStore(tmp_path)
    values = np.random.default_rng(0).standard_normal(count).astype(np.float32)
    values[::1_000_003] = math.nan
    store.extend({"episode/return": Series(np.arange(count), np.arange(count) * 1e-3, values)})
    for low, high in ((-math.inf, math.inf), (2e6, 8e6), (5e6, 5e6 + 300)):
        times = []
        for _ in range(5):
            began = time.process_time()
            x, y = store.window("episode/return", "steps", low, high, 150)
            draw_chart([Line("return", x, y)], 150, 30, theme)
            times.append(time.process_time() - began)
        print(f"{1000 * min(times):.1f} ms")
        assert min(times) < 0.05
