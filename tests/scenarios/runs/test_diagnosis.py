"""Diagnosis: every rule fires on what it is about, and on nothing that a healthy run shows."""

import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

from scenarios.runs import diagnosis
from scenarios.runs.diagnosis import RULES, Diagnosis, diagnose
from scenarios.runs.metrics import METRICS
from scenarios.runs.tfevents import Series

DOCS = Path(__file__).parents[3] / "docs" / "curves.md"
HEALTHY = json.loads((Path(__file__).parents[2] / "data" / "healthy_curves.json").read_text())
PPO = {"environments": 8, "rollout_steps": 128, "gamma": 0.99, "max_gradient_norm": 0.5, "target_kl": None}
DQN = {"gamma": 0.99, "max_gradient_norm": 10.0, "learning_rate": "linear(1e-3, 0, 1000)"}
STEPS = 100_000


def curve(values, steps=STEPS):
    values = np.array(values, np.float32)
    where = np.linspace(steps / max(1, len(values)), steps, len(values)).astype(np.int64)
    return Series(where, np.zeros(len(values)), values)


def bent(*corners, points=200):
    """A curve through some values, evenly spaced."""
    return curve(np.interp(np.linspace(0, 1, points), np.linspace(0, 1, len(corners)), corners))


def noisy(series, deviation):
    rng = np.random.default_rng(5)
    return series._replace(values=series.values + rng.normal(0, deviation, len(series.values)).astype(np.float32))


def found(curves, algorithm="ppo", config=PPO, share=0.6, solved=None, **more):
    return {one.rule: one for one in diagnose(curves, algorithm, config, share, solved, **more)}


def check(one: Diagnosis, severity: str, *words: str):
    assert one.severity == severity
    assert one.sentence.endswith(".")
    assert one.advice.endswith(".")
    for word in words:
        assert word in one.sentence


# ── healthy runs ─────────────────────────────────────────────────────────────────────────────────────────


def cut(document, share):
    curves = {}
    last = max(points["steps"][-1] for points in document["curves"].values())
    for metric, points in document["curves"].items():
        n = int(np.searchsorted(points["steps"], share * last, side="right"))
        steps, values = np.array(points["steps"][:n], np.int64), np.array(points["values"][:n], np.float32)
        curves[metric] = Series(steps, np.zeros(n), values)
    return curves


@pytest.mark.parametrize("document", HEALTHY, ids=lambda document: document["name"])
def test_healthy_runs_are_never_warned_of(document):
    """Recorded curves, thinned: at every moment of these runs nothing but a plateau is noted."""
    for share in np.linspace(0.01, 1, 50):
        what = (document["algorithm"], document["config"], share * document["share"], document["solved"])
        for one in diagnose(cut(document, share), *what):
            assert (one.rule, one.severity) == ("plateau", "note"), one.sentence


@pytest.mark.parametrize("curves", [{}, {"episode/return": curve([])}, {"policy/entropy": curve([0.0])}])
def test_little_is_no_reason_to_say_anything(curves):
    for share in (None, 0.0, 1.0):
        assert found(curves, share=share) == {}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.0, 3e38, -3e38, 1e-45])
def test_no_value_is_too_odd_to_be_looked_at(value):
    metrics = [metric for document in HEALTHY for metric in document["curves"]]
    for points in (1, 7, 300):
        curves = {metric: curve(np.full(points, value)) for metric in metrics}
        for share in (None, 0.0, 0.5, 1.0):
            for one in diagnose(
                curves, "ppo", {"gamma": "odd", "max_gradient_norm": [], "environments": None}, share, 0
            ):
                assert one.sentence


def test_long_curves_are_looked_at_in_windows():
    """Only slices of a curve are copied: the whole of it may be as long as one likes."""
    long = curve(np.zeros(1_000_000))
    looked_at = []

    class Watched(np.ndarray):
        def __getitem__(self, key):
            part = super().__getitem__(key)
            looked_at.append(np.size(part))
            return part

    found({metric: long._replace(values=long.values.view(Watched)) for metric in HEALTHY[4]["curves"]})
    assert 0 < max(looked_at) <= 400


def test_every_rule_has_a_sentence_of_its_own():
    assert len({rule.__doc__ for rule in RULES}) == len(RULES)


# ── what breaks ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_full_disk():
    one = found({}, fault="the disk is full; free space.")["paused"]
    check(one, "warning", "the disk is full")
    assert found({}, fault=None) == {}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_not_finite(value):
    values = np.ones(100)
    values[70:] = value
    check(found({"loss/value": curve(values)})["not-finite"], "warning", f"became {value:g} after 71 000 steps")
    assert "not-finite" not in found({"loss/value": curve(np.ones(100)), "episode/return": curve(values)})


def test_a_gradient_that_explodes():
    norm = "update/gradient_norm"
    check(
        found({norm: bent(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 300, 90_000)})["exploding-gradient"], "warning", "times as long"
    )
    assert found({norm: bent(0.001, 0.001, 0.4)}) == {}  # from nothing to something
    assert found({norm: bent(1, 20)}) == {}


def test_q_values_without_bound():
    earned = {"episode/return": curve(np.full(20, 200.0)), "episode/length": curve(np.full(20, 200.0))}
    one = found(earned | {"value/q_mean": bent(0, 50, 300, 2000)}, "dqn", DQN)["unbounded-values"]
    check(one, "warning", "allows 200 at most")
    assert found(earned | {"value/q_mean": bent(0, 50, 90, 110)}, "dqn", DQN) == {}
    assert found(earned | {"value/q_mean": bent(0, 900, 600, 500)}, "dqn", DQN) == {}  # it comes down again
    assert found({"value/q_mean": bent(0, 50, 300, 2000)}, "dqn", DQN) == {}  # nobody knows what is earned
    long = {"episode/return": curve(np.full(20, -500.0)), "episode/length": curve(np.full(20, 500.0))}
    assert "unbounded-values" in found(long | {"value/q_mean": bent(0, -1500, -9000)}, "dqn", {"gamma": 1.0})


# ── the policy ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_entropy_that_collapses():
    values = np.concatenate([np.full(60, 1.38), np.linspace(1.38, 0.02, 4), np.full(60, 0.02)])
    one = found({"policy/entropy": curve(values)})["collapsed-entropy"]
    check(one, "warning", "from 1.38 to 0.02", "within 2 rollouts")
    check(found({"policy/entropy": curve(values)}, config={})["collapsed-entropy"], "warning", "within 1 612 steps")
    entropy = "policy/entropy"
    assert found({entropy: bent(1.38, 0.5, 0.1)}) == {}
    assert found({entropy: curve(values)}, share=0.9) == {}  # then it may be certain
    assert found({entropy: curve(values), "evaluation/return": bent(0, 300)}, solved=200) == {}


def test_a_continuous_policy_may_have_a_negative_entropy():
    entropy = "policy/entropy"
    assert found({entropy: bent(1.42, 0.0, -0.5)}) == {}
    assert found({entropy: bent(2 * 1.42, 0.0, -3.0)}) == {}
    check(found({entropy: bent(1.42, -3.5, -3.5)})["collapsed-entropy"], "warning", "from 1.42 to -3.50")


def test_a_clip_that_always_or_never_acts():
    clip = "policy/clip_fraction"
    check(found({clip: noisy(bent(0.2, 0.45), 0.05)})["high-clip-fraction"], "warning", "of the actions")
    check(found({clip: bent(0.0, 0.001)})["no-clipping"], "note", "0.05%")
    assert found({clip: noisy(bent(0.2, 0.1, 0.0), 0.02)}) == {}  # as the learning rate falls to 0
    assert found({clip: bent(0.0, 0.0, points=20)}) == {}  # too early to say
    values = np.full(200, 0.1)
    values[-3] = 0.9
    assert found({clip: curve(values)}) == {}  # a single peak


def test_a_policy_that_moves_too_far():
    kl = "policy/kl"
    check(found({kl: bent(0.01, 0.09)})["high-kl"], "warning", "0.08")
    assert found({kl: bent(0.01, 0.03)}) == {}
    assert found({kl: bent(0.01, 0.09)}, config=PPO | {"target_kl": 0.06}) == {}  # as it was asked to


def test_a_critic_that_is_blind():
    variance = "value/explained_variance"
    check(found({variance: bent(0.1, -0.2, -0.4)})["blind-critic"], "warning", "worse than a constant")
    assert found({variance: bent(0.1, -0.2, 0.4)}) == {}
    assert found({variance: bent(0.1, -0.2, -0.4)}, share=0.05) == {}  # it has only begun
    always_the_same = {variance: bent(0.9, -0.2, -0.4), "episode/return": curve(np.full(50, 500.0))}
    assert found(always_the_same, solved=475) == {}


# ── the return ───────────────────────────────────────────────────────────────────────────────────────────


def test_an_evaluation_far_from_training():
    training = {"episode/return": noisy(bent(-200, 160), 20)}
    below = found(training | {"evaluation/return": curve([-200, -150, 0, -60, -20, -40])})["evaluation-below-training"]
    check(below, "warning", "earns -40.0 where training earns 14")
    above = found(training | {"evaluation/return": curve([-200, -150, 0, 400, 420, 410])})["evaluation-above-training"]
    check(above, "note", "410.0")
    for usual in (
        [-200, -150, 0, 100, 150, 170],
        [-200, -150, 0, 100, -200, 170],
        [-200, -20],
        [0, 0, 0, math.nan] * 2,
    ):
        assert found(training | {"evaluation/return": curve(usual)}) == {}


def test_a_return_that_has_never_risen():
    flat = {"episode/return": noisy(bent(-200, -200), 15)}
    check(found(flat)["no-improvement"], "warning", "after 60% of the run")
    assert found(flat, share=0.4) == {}
    assert found(flat, share=None) == {}
    assert found({"episode/return": noisy(bent(-200, -100), 15)}) == {}
    late = {"episode/return": noisy(bent(-200, -200, -200, -200, 0), 15)}
    assert found(late) == {}  # a late rise is one
    constant = {"episode/return": curve(np.full(100, -200.0))}
    assert "no-improvement" in found(constant)


def test_a_return_that_has_risen_and_stays_is_noted():
    check(found({"episode/return": noisy(bent(-200, 0, 0, 0, 0, 0), 10)}, share=0.9)["plateau"], "note", "stays at")
    assert found({"episode/return": noisy(bent(-200, 0, 0, 0, 0, 0), 10)}, share=0.9, solved=-20) == {}


def test_a_return_that_is_lost_again():
    one = found({"episode/return": noisy(bent(-200, 100, 0, -150, -150, -150), 10)}, share=0.9)["lost-return"]
    check(one, "warning", "from 76.3 to -148.6")


def test_actions_that_are_still_random_late_in_the_run():
    epsilon = "exploration/epsilon"
    one = found({epsilon: bent(1, 0.8)}, "dqn", DQN, 0.5)["still-random"]
    check(one, "warning", "After 50% of the run 80% of the actions")
    assert "linear(1, 0.05, 20000)" in one.advice
    assert found({epsilon: bent(1, 0.8)}, "dqn", DQN, 0.1) == {}
    assert found({epsilon: bent(1, 0.05, 0.05)}, "dqn", DQN, 0.5) == {}


def test_a_speed_that_has_fallen():
    speed = "time/steps_per_second"
    values = np.full(60, 1000.0)
    values[-12:] = 400
    check(found({speed: curve(values)})["slower"], "note", "400 steps per second", "1 000")
    values[-12:] = 700
    assert found({speed: curve(values)}) == {}
    values[-2:] = 1  # a moment
    assert found({speed: curve(values)}) == {}


def test_warnings_come_before_notes():
    curves = {"policy/kl": bent(0.01, 0.09), "policy/clip_fraction": bent(0, 0), "exploration/epsilon": bent(1, 1)}
    assert [one.severity for one in diagnose(curves, "ppo", PPO, 0.6, None)] == ["warning", "warning", "note"]


# ── the documentation ────────────────────────────────────────────────────────────────────────────────────


def test_every_rule_is_documented_and_nothing_else():
    source = Path(diagnosis.__file__).read_text()
    table = re.findall(r"^\| `([a-z-]+)` \|(.*?)\|.*\| (warning|note) \|$", DOCS.read_text(), re.MULTILINE)
    said = re.findall(r'Diagnosis\(\s*"([a-z-]+)",\s*(?:metric|""),\s*"(warning|note)"', source)
    assert {(rule, severity) for rule, _, severity in table} == {*said}
    known = {metric.name for metric in METRICS}
    for _, curves, _ in table:
        assert set(re.findall(r"`([a-z_/]+)`", curves)) <= known
