"""The registry of metrics: each declared once, well formed."""

import re

from scenarios.runs.metrics import METRICS


def test_every_metric_is_declared_once_and_in_full():
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert {"episode/return", "episode/length", "sweep/largest_change", "value/td_error"} <= set(names)
    for metric in METRICS:
        assert re.fullmatch(r"[a-z]+/[a-z]+(_[a-z]+)*", metric.name)
        assert metric.better in ("higher", "lower", "none")
        assert metric.unit
        assert re.fullmatch(r"[A-Z].*\.", metric.meaning)
