"""Curves as they are drawn: nothing that could be seen is lost, and what is no number stays what it is."""

import math
import os
import re

import numpy as np
import pytest

from scenarios.runs.curvestore import POINTS_A_COLUMN, CurveStore
from scenarios.runs.directory import EVENTS
from scenarios.runs.files import RunError
from scenarios.runs.tfevents import EventWriter, Series

INFINITE = -math.inf, math.inf


def series(values, step=3, begin=0):
    n = np.arange(begin, begin + len(values))
    return Series(step * n, 1000.0 + 0.5 * n, np.asarray(values, np.float32))


def store_of(tmp_path, **curves):
    store = CurveStore(tmp_path)
    store.extend({name.replace("_", "/", 1): points for name, points in curves.items()})
    return store


def noise(count, seed=0):
    return np.random.default_rng(seed).standard_normal(count).astype(np.float32)


def test_few_points_are_all_there(tmp_path):
    values = [1.0, math.nan, -math.inf, 1e38, 5.0]
    store = store_of(tmp_path, a_b=series(values))
    x, y = store.window("a/b", "steps", *INFINITE, 10)
    assert x.tolist() == [0, 3, 6, 9, 12]
    assert np.array_equal(y, np.float32(values).astype(float), equal_nan=True)
    assert store.names == ["a/b"]
    assert np.array_equal(store.series("a/b").values, np.float32(values), equal_nan=True)
    with pytest.raises(KeyError):
        store.series("c/d")


def test_one_point_before_and_one_after_belong_to_a_part(tmp_path):
    store = store_of(tmp_path, a_b=series(range(10), step=10))
    assert store.window("a/b", "steps", 25, 45, 10)[0].tolist() == [20, 30, 40, 50]
    assert store.window("a/b", "steps", 30, 40, 10)[0].tolist() == [20, 30, 40, 50]
    assert store.window("a/b", "steps", 31, 32, 10)[0].tolist() == [30, 40]
    assert store.window("a/b", "steps", -50, -20, 10)[0].tolist() == [0]
    assert store.window("a/b", "steps", 500, 900, 10)[0].tolist() == [90]
    assert store.window("a/b", "steps", math.nan, math.nan, 10)[0].tolist() == list(range(0, 100, 10))


@pytest.mark.parametrize("count", [100, 1000, 4095, 4096, 20_000, 70_001])
def test_the_least_and_the_greatest_of_every_part_are_seen(tmp_path, count):
    values = noise(count)
    store = store_of(tmp_path, a_b=series(values))
    for columns in (1, 7, 80):
        for low, high in (INFINITE, (-1.0, 3.0 * count), (300.0, 1.5 * count), (3 * count // 2, 3 * count - 100)):
            x, y = store.window("a/b", "steps", low, high, columns)
            inside = values[int(max(0, math.ceil(max(low, 0) / 3))) : int(min(high, 3 * count) // 3 + 1)]
            if len(inside):
                assert y.min() <= inside.min()
                assert y.max() >= inside.max()
            assert set(y) <= set(values.astype(float))
            assert (np.diff(x) > 0).all()
            assert len(x) <= max(POINTS_A_COLUMN * columns, 4) + 2
            assert np.array_equal(y, values[(x / 3).astype(int)])


def test_every_column_has_its_own_extremes(tmp_path):
    """A wave of which each column sees one: a column's least and greatest are nearly those of its points."""
    t = np.arange(100_000)
    values = np.sin(t * 2 * np.pi / 1000) * (1 + t // 1000)
    store = store_of(tmp_path, a_b=series(values, step=1))
    x, y = store.window("a/b", "steps", 0, 100_000, 100)
    for column in range(100):
        here = y[(x >= 1000 * column) & (x < 1000 * (column + 1))]
        assert here.max() == pytest.approx(1 + column, rel=0.01)
        assert here.min() == pytest.approx(-1 - column, rel=0.01)


def test_appended_bit_by_bit_it_is_the_same(tmp_path):
    values = noise(30_000)
    values[[5, 777, 20_000]] = math.nan
    whole, parts = store_of(tmp_path, a_b=series(values)), CurveStore(tmp_path)
    at, rng = 0, np.random.default_rng(1)
    while at < len(values):
        size = int(rng.integers(0, 200))
        parts.extend({"a/b": series(values[at : at + size], begin=at)})
        at += size
    for low, high in (INFINITE, (1000.0, 50_000.0)):
        for one, other in zip(
            whole.window("a/b", "steps", low, high, 50), parts.window("a/b", "steps", low, high, 50), strict=True
        ):
            assert np.array_equal(one, other, equal_nan=True)


@pytest.mark.parametrize("spoilt", [math.nan, math.inf, -math.inf])
def test_one_in_a_hundred_thousand_is_seen(tmp_path, spoilt):
    values = noise(100_000)
    values[54_321] = spoilt
    _, y = store_of(tmp_path, a_b=series(values)).window("a/b", "steps", *INFINITE, 60)
    assert np.count_nonzero(~np.isfinite(y)) == 1
    assert np.array_equal(y[~np.isfinite(y)], [spoilt], equal_nan=True)
    assert y[np.isfinite(y)].max() == values[np.isfinite(values)].max()


@pytest.mark.parametrize(
    "values", [[math.nan] * 5000, [math.inf] * 5000, [2.5] * 5000, [1e38, -1e38] * 2500, [], [3.0]]
)
def test_odd_curves_have_windows(tmp_path, values):
    store = store_of(tmp_path, a_b=series(values))
    for axis in ("steps", "episodes", "seconds"):
        for window in (INFINITE, (0.0, 0.0), (5.0, 1.0), (-1e308, 1e308), (math.inf, math.inf), (100.0, 5000.0)):
            x, y = store.window("a/b", axis, *window, 20)
            assert len(x) == len(y) <= 110
            assert set(map(str, y)) <= set(map(str, np.float32(values).astype(float)))
            if values and window == INFINITE:
                assert len(x)


def test_points_in_no_order_are_no_trouble(tmp_path):
    """As only a forged file has them: steps that jump about, times that are no numbers."""
    rng = np.random.default_rng(3)
    steps, walls = rng.integers(-(2**63), 2**63 - 1, 9000), rng.standard_normal(9000)
    walls[::7], walls[::11] = math.nan, math.inf
    store = store_of(tmp_path, a_b=Series(steps, walls, noise(9000)), episode_count=Series(steps, walls, noise(9000)))
    store.extend({"time/seconds": Series(steps, walls, noise(9000))})
    for axis in ("steps", "episodes", "seconds"):
        for window in (INFINITE, (0.0, 1e18), (math.nan, 3.0)):
            x, y = store.window("a/b", axis, *window, 20)
            assert len(x) == len(y) <= 9000


# ── axes ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_seconds_are_those_of_learning(tmp_path):
    """Told in batches, with a pause of 900 s before the last."""
    walls = np.array([1000.2, 1000.2, 1000.2, 1900.4, 1900.4])
    store = store_of(
        tmp_path,
        time_seconds=Series(np.array([40, 80]), walls[1::2], np.float32([0.25, 0.5])),
        a_b=Series(np.array([0, 20, 40, 60, 80]), walls, np.arange(5, dtype=np.float32)),
    )
    assert store.places("a/b", "seconds").tolist() == [0, 0.125, 0.25, 0.375, 0.5]
    assert store.places("time/seconds", "seconds").tolist() == [0.25, 0.5]
    x, y = store.window("a/b", "seconds", 0.3, 0.4, 9)
    assert (x.tolist(), y.tolist()) == ([0.25, 0.375, 0.5], [2, 3, 4])


def test_without_a_clock_of_learning_seconds_count_from_the_first_point_of_the_run(tmp_path):
    store = store_of(tmp_path, a_b=series(range(6), begin=4), c_d=series(range(3), begin=2))
    assert store.places("c/d", "seconds").tolist() == [0.0, 0.5, 1.0]
    assert store.window("a/b", "seconds", 1.4, 2.1, 9)[0].tolist() == [1.0, 1.5, 2.0, 2.5]


def test_episodes_are_counted_together_with_their_returns(tmp_path):
    """Several episodes may end with one step: each has its own place."""
    steps, walls = np.array([10, 20, 20, 20, 35]), np.arange(5.0)
    count, earned = np.float32([1, 2, 3, 4, 5]), np.float32([7, 8, 9, 10, 11])
    store = store_of(tmp_path, episode_count=Series(steps, walls, count), episode_return=Series(steps, walls, earned))
    x, y = store.window("episode/return", "episodes", 2, 4, 9)
    assert (x.tolist(), y.tolist()) == ([1, 2, 3, 4, 5], [7, 8, 9, 10, 11])
    x, y = store.window("episode/return", "episodes", 3.5, 4.5, 9)
    assert (x.tolist(), y.tolist()) == ([3, 4, 5], [9, 10, 11])


def test_other_metrics_lie_between_the_episodes(tmp_path):
    counts = Series(np.array([10, 20, 40]), np.arange(3.0), np.float32([1, 2, 10]))
    loss = Series(np.array([0, 5, 10, 15, 20, 30, 40, 80]), np.arange(8.0), np.arange(8, dtype=np.float32))
    store = store_of(tmp_path, episode_count=counts, loss_value=loss)
    assert store.places("loss/value", "episodes").tolist() == [0.0, 0.5, 1.0, 1.5, 2.0, 6.0, 10.0, 10.0]
    assert store.window("loss/value", "episodes", 1.4, 5, 9)[0].tolist()[:2] == [1.0, 1.5]
    x, _ = store.window("loss/value", "episodes", 5, 9, 9)
    assert 6.0 in x.tolist()


def test_without_a_count_of_episodes_it_is_steps(tmp_path):
    store = store_of(tmp_path, a_b=series(range(5)))
    assert store.window("a/b", "episodes", 3, 6, 9)[0].tolist() == store.window("a/b", "steps", 3, 6, 9)[0].tolist()


# ── a file that grows ────────────────────────────────────────────────────────────────────────────────────


def test_it_follows_a_file_that_grows_and_one_that_is_cut_back(tmp_path):
    store = CurveStore(tmp_path)
    assert (store.poll(), store.names) == (False, [])
    with EventWriter(tmp_path / EVENTS) as writer:
        sizes = []
        for step in range(5):
            writer.scalars(step, {"a/b": step, **({"c/d": 2.0} if step else {})})
            sizes.append(writer.size)
            assert store.poll()
            assert not store.poll()
    kept = store.series("a/b").values
    assert (store.names, kept.tolist()) == (["a/b", "c/d"], [0, 1, 2, 3, 4])
    with EventWriter(tmp_path / EVENTS, sizes[1]) as writer:
        writer.scalars(2, {"a/b": 20.0})
    assert store.poll()
    assert store.generation == 1
    assert store.series("a/b").values.tolist() == [0, 1, 20]
    assert kept.tolist() == [0, 1, 2, 3, 4]  # what was given out stays as it was


def test_a_file_that_cannot_be_read_is_told_once(tmp_path):
    store = CurveStore(tmp_path)
    os.mkfifo(tmp_path / EVENTS)
    with pytest.raises(RunError, match="not an ordinary file"):
        store.poll()
    assert not store.poll()


def test_a_million_points_take_a_pyramid_of_a_fraction_of_their_size(tmp_path):
    store = store_of(tmp_path, a_b=series(noise(1_000_000)))
    curve = store._curves["a/b"]
    assert sum(level.rows.nbytes for level in curve._levels) < 0.1 * sum(part.nbytes for part in store.series("a/b"))
    looked_at = [curve.outline(first, 1_000_000 - first, 300) for first in (0, 5, 100_000, 499_000)]
    assert max(map(len, looked_at)) < 40 * 300


def test_a_damaged_file_says_where_its_curves_end(tmp_path):
    """A record that was cut short, as by a kill, is no damage."""
    path = tmp_path / EVENTS
    with EventWriter(path) as writer:
        for n in range(500):
            writer.scalars(n, {"a/b": n})
    whole = path.read_bytes()

    def damage(data):
        path.write_bytes(data)
        store = CurveStore(tmp_path)
        store.poll()
        return store.damage

    assert damage(whole) is damage(whole[:-5]) is damage(b"") is None
    middle = len(whole) // 2
    said = damage(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    assert re.search(r"is damaged: what came after step 2[45]\d cannot be shown", said)
    assert "they cannot be shown" in damage(np.random.default_rng(1).bytes(10_000))
