"""The registry of metrics: each declared once, well formed."""

import re

from scenarios.runs.metrics import METRICS, metric_named


def test_every_metric_is_declared_once_and_in_full():
    names = [metric.name for metric in METRICS]
    assert len(set(names)) == len(names)
    assert {"episode/return", "episode/length", "sweep/largest_change", "value/td_error"} <= set(names)
    for metric in METRICS:
        assert re.fullmatch(r"[a-z]+/[a-z]+(_[a-z]+)*", metric.name)
        assert metric.better in ("higher", "lower", "none")
        assert metric.unit
        for text in (metric.meaning, metric.healthy, metric.unhealthy):
            assert re.fullmatch(r"[A-Z].*\.", text)
            assert text.isprintable()


def test_a_metric_is_found_by_its_name():
    assert metric_named("policy/kl").unit == "nat"
    assert metric_named("of/another") is None
