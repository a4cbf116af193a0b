"""The replay memory: n-step returns on paper, the ring against a list, and who is drawn how often."""

import numpy as np
import pytest

from algorithms.contract import Transition
from algorithms.replay import Replay, n_step
from engine.randomness import generator


def column(*numbers, dtype=np.float32):
    return np.array(numbers, dtype)[:, None]


NONE = column(False, False, False, dtype=bool)


# n-step returns


def test_three_rewards_on_paper():
    """G = 1 + ½·2 + ¼·4 = 3, then ⅛ V(s₃)."""
    g, discount, further = n_step(column(1, 2, 4), column(1, 1, 1), NONE, 0.5)
    assert (g[0], discount[0], further[0]) == (3.0, 0.125, 2)


def test_a_termination_cuts_the_return_and_the_bootstrap():
    """G = 1 + ½·2 = 2; what comes after belongs to another episode, and the terminal state is worth nothing."""
    g, discount, further = n_step(column(1, 2, 4), column(1, 0, 1), column(False, True, False, dtype=bool), 0.5)
    assert (g[0], discount[0], further[0]) == (2.0, 0.0, 1)


def test_a_time_limit_cuts_the_return_but_keeps_the_bootstrap():
    """G = 1 + ½·2 = 2, then ¼ V of where the time was up: not 0, and not the next episode's reward."""
    g, discount, further = n_step(column(1, 2, 4), column(1, 1, 1), column(False, True, False, dtype=bool), 0.5)
    assert (g[0], discount[0], further[0]) == (2.0, 0.25, 1)


def test_one_step_is_the_reward():
    g, discount, further = n_step(column(3), column(1), column(True, dtype=bool), 0.5)
    assert (g[0], discount[0], further[0]) == (3.0, 0.5, 0)


# the ring


def steps(count, environments, seed=1):
    """Made-up steps whose numbers tell them apart, with endings of both kinds."""
    rng = generator(seed)
    for t in range(count):
        s = np.stack([[t, i] for i in range(environments)]).astype(np.float32)
        a = rng.integers(0, 5, environments)
        r = rng.integers(1, 9, environments).astype(np.float32)
        terminated, truncated = rng.random(environments) < 0.2, rng.random(environments) < 0.1
        final = s + np.float32(0.5)
        yield s, a, Transition(s + 1, r, (~terminated).astype(np.float32), terminated | truncated, final)


def walked(history, t, i, n, gamma):
    """What an n-step sample beginning with step t of environment i must be, step by step."""
    g, weight = 0.0, 1.0
    for k in range(n):
        step = history[t + k][2]
        g += weight * step.r[i]
        weight *= gamma * step.discount[i]
        if step.last[i]:
            break
    return history[t][0][i], history[t][1][i], g, weight, step.final[i]


@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("environments", [1, 3])
@pytest.mark.parametrize("taken", [5, 20, 47])
def test_samples_are_what_happened_before_and_after_the_ring_is_full(n, environments, taken):
    replay, history = Replay(20, environments, 2), list(steps(taken, environments))
    for step in history:
        replay.append(*step)
    assert replay.size == min(taken, 20)
    samples = replay.sample((8, 50), n, 0.5, generator(2))
    following = replay.following(samples.place)
    seen = set()
    for at in np.ndindex(8, 50):
        t, i = samples.s[at].astype(int)
        seen.add((t, i))
        s, a, g, discount, s2 = walked(history, t, i, n, 0.5)
        assert samples.s[at].tolist() == s.tolist()
        assert samples.a[at] == a
        assert samples.g[at] == pytest.approx(g)
        assert samples.discount[at] == pytest.approx(discount)
        assert following[at].tolist() == s2.tolist()
    known = {(t, i) for t in range(max(0, taken - 20), taken - n + 1) for i in range(environments)}
    assert seen == known


def test_every_sample_is_as_likely():
    """Within four standard errors, in a number of rows no power of two divides."""
    replay = Replay(100, 1, 2)
    for step in steps(77, 1):
        replay.append(*step)
    draws = 77_000
    counts = np.bincount(replay.sample((draws,), 1, 0.9, generator(3)).s[:, 0].astype(int), minlength=77)
    assert np.abs(counts - draws / 77).max() < 4 * np.sqrt(draws / 77)


def test_places_are_told_apart_where_it_pays():
    replay = Replay(100, 1, 2)
    for step in steps(100, 1):
        replay.append(*step)
    for place in (np.array([[3, 5], [5, 9]]), np.arange(60).reshape(6, 10) % 7):
        places, own = replay.distinct(place)
        assert own.shape == place.shape
        assert np.array_equal(places[own], place)
    assert len(places) == 7


def test_a_dump_is_a_copy_and_comes_back():
    replay, other = Replay(20, 2, 2), Replay(20, 2, 2)
    history = list(steps(33, 2))
    for step in history[:30]:
        replay.append(*step)
    snapshot = replay.dump()
    other.load(snapshot)
    for step in history[30:]:
        replay.append(*step)
        other.append(*step)
    one, two = (memory.sample((100,), 3, 0.9, generator(1)) for memory in (replay, other))
    assert all(mine.tobytes() == theirs.tobytes() for mine, theirs in zip(one, two, strict=True))
    assert snapshot["next"] == 10
    assert snapshot["s"][9, 0, 0] == 29


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"next": 3}, "5 rows, the next one at 3, do not fit"),
        ({"s": np.zeros((25, 1, 2), np.float32)}, "25 rows"),
        ({"r": np.zeros((5, 1))}, "stored r must be float32"),
        ({"a": np.zeros((5, 2), np.int32)}, r"stored a must be int32 \(5, 1\), got \(5, 2\)"),
        ({"last": np.zeros((1, 1), np.bool_)}, "stored last must be bool"),
    ],
)
def test_what_does_not_fit_is_not_loaded(changes, complaint):
    replay = Replay(20, 1, 2)
    for step in steps(5, 1):
        replay.append(*step)
    with pytest.raises(ValueError, match=complaint):
        Replay(20, 1, 2).load({**replay.dump(), **changes})
