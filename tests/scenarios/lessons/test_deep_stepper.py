"""A deep lesson goes forward and back exactly: state, event and memory, bit for bit, whatever was changed meanwhile."""

from __future__ import annotations

import math

import numpy as np
import pytest

from algorithms.contract import dump
from scenarios.configuration import SettingError
from scenarios.lessons import stepper as stepping
from scenarios.lessons.lesson import Lesson
from scenarios.lessons.stepper import size_of
from scenarios.lessons.until import MetricAbove, ReturnOf, episode_ends, learns
from tests.scenarios.lessons.deep import SMALL, seen, small
from tests.scenarios.lessons.exactness import frozen

NAMES = ("dqn", "ppo", "classification")


def recorded(stepper, steps):
    story = [seen(stepper)]
    for _ in range(steps):
        stepper.forward()
        story.append(seen(stepper))
    return story


@pytest.mark.parametrize("name", NAMES)
def test_back_is_the_exact_inverse_of_forward(name):
    stepper = small(name)
    story = recorded(stepper, 90)
    assert len({repr(entry["state"]["q" if name == "dqn" else "network"]) for entry in story}) > 5
    for expected in reversed(story[:-1]):
        assert stepper.back()
        assert seen(stepper) == expected
    assert not stepper.back()
    assert recorded(stepper, 90) == story


@pytest.mark.parametrize("name", NAMES)
def test_wandering_arrives_where_straight_ways_lead(name, monkeypatch):
    """With memory so tight that keyframes are thinned out, and one after nearly every update where there is some."""
    monkeypatch.setattr(stepping, "FIRST_EFFORT", 1e-4)
    straight = small(name)
    story = recorded(straight, 140)
    monkeypatch.setattr(stepping, "KEYFRAME_BYTES", 12 * straight._keyframes[-1].size)
    monkeypatch.setattr(stepping, "FINE_BYTES", 8 * straight._keyframes[-1].size)
    wanderer, rng = small(name), np.random.default_rng(1)
    for _ in range(40):
        match rng.integers(5):
            case 0:
                wanderer.jump(int(rng.integers(140)))
            case 1:
                wanderer.forward() if wanderer.step < 140 else None
            case 2:
                wanderer.peek()
            case 3:
                wanderer.line_forward() if wanderer.step < 140 else None
            case _:
                wanderer.back()
        assert seen(wanderer) == story[wanderer.step]
    assert len(wanderer._keyframes) <= 13


def test_continuous_actions_go_back_too():
    stepper = small("ppo", "pendulum")
    story = recorded(stepper, 40)
    stepper.jump(2)
    assert seen(stepper) == story[2]
    assert recorded(stepper, 38)[-1] == story[-1]


@pytest.mark.parametrize("name", NAMES)
def test_peek_shows_the_next_update_and_changes_nothing(name):
    stepper = small(name)
    for _ in range(26):
        before = seen(stepper)
        shown = stepper.peek()
        left = frozen(dump(stepper.left_by(shown)))
        assert seen(stepper) == before
        assert frozen(stepper.forward()) == frozen(shown)
        assert frozen(dump(stepper.state)) == left


@pytest.mark.parametrize("name", NAMES)
def test_lines_forward_and_back_pass_the_same_places(name):
    stepper = small(name)
    stepper.jump(23)
    places = [(stepper.step, stepper.line, seen(stepper))]
    while stepper.step < 25:
        event = stepper.line_forward()
        assert (event is not None) == (stepper.line < 0)
        places.append((stepper.step, stepper.line, seen(stepper)))
    assert len(places) > 20
    for place in reversed(places[:-1]):
        assert stepper.line_back()
        assert (stepper.step, stepper.line, seen(stepper)) == place


@pytest.mark.parametrize(
    ("name", "settings"), [("dqn", {"gamma": "0.5", "epsilon": "0.5"}), ("ppo", {"learning_rate": "0.02"})]
)
def test_a_change_is_part_of_the_story(name, settings):
    """Back across a change and forward again: the old settings before it, the new ones after."""
    lesson = Lesson([small(name).experiment])
    stepper = lesson.focused
    before = recorded(stepper, 45)
    lesson.set(**settings)
    after = recorded(stepper, 45)
    plain = small(name)
    plain.jump(90)
    assert frozen(dump(plain.state)) != after[-1]["state"]
    for expected in reversed([*before[:-1], *after[:-1]]):
        stepper.back()
        assert (stepper.step, seen(stepper)["state"]) == (expected["step"], expected["state"])
        if stepper.step == 45:
            break
    stepper.jump(20)
    assert seen(stepper) == before[20]
    stepper.jump(90)
    assert seen(stepper) == after[-1]


def test_only_what_learning_reads_at_every_step_can_be_changed():
    lesson = Lesson([small("dqn").experiment])
    lesson.forward()
    for key in ("hidden", "replay_size", "environments", "batch"):
        with pytest.raises(SettingError, match="cannot be changed while it learns"):
            lesson.set(**{key: "9"})
    with pytest.raises(SettingError, match="no setting 'gama'"):
        lesson.set(gama="0.5")
    with pytest.raises(SettingError, match="in \\[0, 1\\]"):
        lesson.set(gamma="2")


def test_conditions():
    lesson = Lesson([small("dqn").experiment])
    assert lesson.run(math.inf, until=episode_ends)
    assert lesson.focused.event.last.any()
    assert lesson.run(math.inf, until=learns)
    assert lesson.step % SMALL["dqn"]["train_every"] == 0
    threshold = lesson.focused.event.metrics["update/gradient_norm"]
    assert lesson.run(math.inf, until=MetricAbove("update/gradient_norm", threshold))
    assert lesson.focused.event.metrics["update/gradient_norm"] > threshold
    assert lesson.run(math.inf, until=ReturnOf(20.0))
    assert lesson.focused.ledger.finished[-1].total >= 20
    assert lesson.focused.ledger.finished[-1].step == lesson.step
    for wrong in (math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            ReturnOf(wrong)
        with pytest.raises(ValueError, match="number >= 0"):
            MetricAbove("x", wrong)


@pytest.mark.parametrize("name", NAMES)
def test_back_to_the_end_of_an_episode_is_one_jump(name, monkeypatch):
    """It leads exactly to the latest update before in which an episode, of whichever environment, has ended."""
    stepper = small(name)
    lesson = Lesson([stepper.experiment])
    story = recorded(stepper, 90)
    ends = [0]
    for step in range(1, 90):
        stepper.jump(step)
        ends += [step] if episode_ends(stepper) else []
    assert len(ends) > 2
    lesson.jump(90, math.inf)
    jumps, jump = [], lesson.focused.jump
    monkeypatch.setattr(lesson.focused, "jump", lambda step: jumps.append(step) or jump(step))
    for end in reversed(ends):
        assert lesson.back_to_end()
        assert seen(lesson.focused) == story[end]
    assert jumps == ends[::-1]
    assert not lesson.back_to_end()


def test_a_ledger_counts_every_environment():
    stepper = small("ppo")
    totals, running = [], np.zeros(2)
    while len(totals) < 8:
        event = stepper.forward()
        for r, last in zip(event.r, event.last, strict=True):
            running += r
            for i in last.nonzero()[0]:
                totals.append(float(running[i]))
                running[i] = 0
    assert [episode.total for episode in stepper.ledger.finished] == totals
    assert [episode.length for episode in stepper.ledger.finished] == totals  # each step pays 1
    assert stepper.ledger.returns().y.tolist() == totals
    assert stepper.ledger.env_steps == stepper.state.steps
    losses = [learnt.metrics["loss/value"] for learnt in stepper.ledger.learnt]
    assert stepper.ledger.diagnostics("loss/value").y.tolist() == losses
    under_way = stepper.ledger.episode_under_way()
    assert len(under_way) == stepper.ledger.length_so_far
    assert frozen(under_way[-1].obs) != frozen(under_way[-2].obs)


def test_what_is_full_plays_no_further(monkeypatch):
    monkeypatch.setattr("scenarios.lessons.deep_ledger.MOST_EPISODES", 3)
    stepper = small("dqn")
    stepper.jump(10_000)
    assert stepper.ended
    assert len(stepper.ledger.finished) == 3
    assert stepper.forward() is None


@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value).*:RuntimeWarning")
@pytest.mark.parametrize("name", ["dqn", "ppo"])
def test_a_network_that_diverges_plays_no_further_and_can_be_gone_back_from(name):
    stepper = small(name)
    stepper.jump(40)
    weights = next(iter(stepper.experiment.algorithm.parameters(stepper.state).values()))
    story = seen(stepper)
    weights[...] = np.nan
    stepper.jump(200)
    assert stepper.ended
    assert stepper.ledger.diverged
    assert stepper.forward() is None
    assert stepper.peek() is None
    stepper.jump(40)
    assert not stepper.ended
    assert seen(stepper) == story
    assert stepper.forward() is not None


def test_a_trail_is_bounded(monkeypatch):
    monkeypatch.setattr("scenarios.lessons.deep_ledger.TRAIL", 50)
    assert small("classification").forward() is not None  # which is in no episode
    stepper = small("dqn")
    for _ in range(180):
        stepper.forward()
        assert len(stepper.ledger.trail) <= 100
    assert stepper.ledger.trail[-1].step == 180


def test_keyframes_fit_their_memory(monkeypatch):
    monkeypatch.setattr(stepping, "KEYFRAME_BYTES", 600_000)
    monkeypatch.setattr(stepping, "FINE_BYTES", 500_000)
    stepper = small("dqn", replay_size=2_000)
    for stop in (1_000, 2_500):
        stepper.jump(stop)
        for _ in range(20):
            stepper.back()
        kept = [{"state": frame.state, "ledger": frame.ledger} for frame in stepper._keyframes]
        assert sum(map(size_of, kept)) <= 600_000
        assert sum(frame.size for frame in stepper._fine) <= 500_000


def test_reset_and_reseed():
    stepper = small("ppo")
    first = recorded(stepper, 30)
    stepper.reset()
    assert recorded(stepper, 30) == first
    stepper.reset(seed=99)
    assert stepper.experiment.seed == 99
    assert recorded(stepper, 30)[-1]["state"] != first[-1]["state"]
