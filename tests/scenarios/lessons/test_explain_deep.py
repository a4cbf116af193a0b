"""Explanations of deep updates: their numbers worked out again from the state before, by other means."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from scenarios.lessons.explain import explain
from scenarios.lessons.explain_deep import metric_name
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import number
from tests.scenarios.lessons.deep import small


def next_explained(stepper: Stepper):
    """The explanation of the next update: the same before it is made and after."""
    foreseen = explain(stepper, stepper.peek())
    made = explain(stepper, stepper.forward())
    assert foreseen == made
    return made


def forward_of(weights, x):
    """A relu network by hand."""
    matrices = [value for value in weights.values() if value.ndim == 2]
    biases = [value for value in weights.values() if value.ndim == 1]
    for i, (matrix, bias) in enumerate(zip(matrices, biases, strict=True)):
        x = x @ matrix + bias
        x = np.maximum(x, 0) if i + 1 < len(matrices) else x
    return x


def numbers_in(line):
    return [float(text.replace("−", "-")) for text in re.findall(r"−?\d[\d.]*(?:e[−+]?\d+)?", line)]


def comes_out(line):
    """What a line says at its end is what its numbers come to as they are shown."""
    *_, expression, result = line.split(" = ")
    worked_out, result = (eval(text.replace("−", "-").replace("·", "*")) for text in (expression, result))
    return result == pytest.approx(worked_out, abs=2e-4)


def test_sums_come_out_where_some_of_their_numbers_are_large():
    """Above 1 the two decimals of a number alone are too few for what is left when it is taken from another."""
    stepper = small("dqn", learning_rate="0.01")
    stepper.jump(399)
    explained = next_explained(stepper)
    assert explained.before > 1
    assert all(map(comes_out, explained.numbers[1:3]))
    acting = small("ppo")
    rollout = next_explained(acting)
    assert comes_out(rollout.numbers[1])
    advantage, total = numbers_in(rollout.numbers[2])
    assert total == pytest.approx(float(acting.state.batch.v[0, 0]) + advantage, abs=2e-4)


def test_an_acting_step_of_dqn_says_whether_it_was_random():
    stepper = small("dqn", epsilon="0.5")
    kinds = set()
    for _ in range(19):
        obs, q = (
            stepper.state.obs[0].copy(),
            forward_of(stepper.experiment.algorithm.parameters(stepper.state), stepper.state.obs)[0],
        )
        explained = next_explained(stepper)
        event = stepper.event
        random = "at random" in explained.numbers[2]
        kinds.add(random)
        assert random or event.a[0, 0] == q.argmax()
        assert explained.numbers[0] == f"s = [{', '.join(number(round(float(x), 3)) for x in obs)}]"
        np.testing.assert_allclose(numbers_in(explained.numbers[1].partition("=")[2]), q, atol=1e-3)
        assert explained.numbers[2].startswith(f"a = {event.a[0, 0]}  ")
        assert explained.numbers[3].startswith("r = 1")
        assert (explained.before, explained.after, explained.direction) == (None, None, "unchanged")
        assert f"{stepper.step} step" in explained.sentence
        assert explained.sentence.endswith(f"It learns in {24 - stepper.step} step{'s' * (stepper.step < 23)}.")
    assert kinds == {True, False}


def test_exploration_is_what_the_generator_drew():
    """A random action that happens to be the greedy one is said to be random all the same."""
    always = small("dqn", epsilon="1")
    for _ in range(10):
        assert "at random" in next_explained(always).numbers[2]


@pytest.mark.parametrize("settings", [{}, {"double": True}, {"n_step": 3}, {"loss": "squared"}], ids=str)
def test_a_round_of_dqn_by_its_first_sample(settings):
    stepper = small("dqn", **settings)
    stepper.jump(55)
    before = {name: array.copy() for name, array in stepper.experiment.algorithm.parameters(stepper.state).items()}
    explained = next_explained(stepper)
    state, config = stepper.state, stepper.experiment.config
    a, *s = numbers_in(explained.numbers[0])
    a = int(a)
    rows = np.abs(state.replay.s[: state.replay.size, 0] - s).sum(axis=1)
    place = int(rows.argmin())
    assert rows[place] < 0.05
    assert state.replay.a[place, 0] == a
    g, discount, i = 0.0, 1.0, place
    for _ in range(config.n_step):
        g += discount * float(state.replay.r[i, 0])
        discount *= config.gamma * float(state.replay.discount[i, 0])
        if state.replay.last[i, 0]:
            break
        i = (i + 1) % state.replay.rows
    end = i if state.replay.last[i, 0] else (i - 1) % state.replay.rows
    s2 = state.replay.s2[end]
    q_target = state.target.values(s2).copy()[0]
    best = forward_of(before, s2)[0].argmax() if config.double else q_target.argmax()
    y = g + discount * float(q_target[best])
    was = float(forward_of(before, state.replay.s[place, 0])[a])
    now = float(forward_of(stepper.experiment.algorithm.parameters(state), state.replay.s[place, 0])[a])
    assert numbers_in(explained.numbers[1])[-1] == pytest.approx(y, abs=0.006)
    assert numbers_in(explained.numbers[2])[-1] == pytest.approx(y - was, abs=0.006)
    assert (explained.before, explained.after) == pytest.approx((was, now), abs=1e-5)
    assert explained.entry == "Q(s,a;θ) of the first sample"
    for line in explained.numbers[1:3]:
        assert comes_out(line)
    closer = abs(y - now) <= abs(y - was)
    assert ("comes closer" in explained.sentence) == closer
    assert ("argmax" in explained.formula) == config.double
    assert ("γⁿ" in explained.formula) == (config.n_step > 1)
    assert explained.covered[-1] == "y = ? + ?"
    assert not any(f"= {number(y)}" in line or f"= {number(y - was)}" in line for line in explained.covered)


def test_where_an_episode_ends_nothing_follows():
    """Samples that end their episode: y is the reward alone."""
    found = 0
    for seed in range(30):
        stepper = small("dqn", seed=seed)
        stepper.jump(23)
        line = next_explained(stepper).numbers[1]
        if "+ 0 =" in line:
            assert line == "y = 1 + 0 = 1"
            found += 1
    assert found


def test_a_rollout_of_ppo_by_its_first_step():
    stepper = small("ppo", scale_rewards=False, gamma="0.9", gae_lambda="0")
    explained = next_explained(stepper)
    batch = stepper.state.batch
    v, v2 = float(batch.v[0, 0]), float(batch.v[2, 0])
    assert explained.numbers[0] == "16 steps x 2 environments = 32 steps"
    assert numbers_in(explained.numbers[1])[-1] == pytest.approx(1 + 0.9 * v2 - v, abs=0.006)
    # λ = 0: the advantage is δ alone, and the return to learn r + γ V(s')
    assert numbers_in(explained.numbers[2]) == pytest.approx([1 + 0.9 * v2 - v, 1 + 0.9 * v2], abs=0.006)
    assert "2 epochs of 2 minibatches" in explained.sentence
    assert explained.before is None


def test_scaled_rewards_are_shown_with_their_scale():
    stepper = small("ppo")
    explained = next_explained(stepper)
    r, scale = numbers_in(explained.numbers[1])[:2]
    assert r == 1
    assert scale == pytest.approx(stepper.state.scale.deviation, abs=0.006)


@pytest.mark.parametrize("scenario", ["cartpole", "pendulum"])
def test_a_minibatch_of_ppo_by_its_first_step(scenario):
    stepper = small("ppo", scenario)
    stepper.forward()
    places = []
    for _ in range(4):
        explained = next_explained(stepper)
        places.append(explained.numbers[0])
        was, acted, ratio, after = numbers_in(explained.numbers[3])
        assert ratio == pytest.approx(was / acted, abs=0.02)
        assert (explained.before, explained.after) == pytest.approx((was, after * acted), rel=0.01)
        assert explained.numbers[2].endswith("; ρ is clipped to 0.8 … 1.2")
        advantage = numbers_in(explained.numbers[2])[0]
        assert explained.sentence.startswith("Better" if advantage > 0 else "Worse")
        up = explained.after > explained.before
        assert (f"{'more' if up else 'less'} likely") in explained.sentence
        assert not any("Â = −" in line or re.search(r"Â = \d", line) for line in explained.covered)
    assert places == [
        "epoch 1 of 2, minibatch 1 of 2",
        "epoch 1 of 2, minibatch 2 of 2",
        "epoch 2 of 2, minibatch 1 of 2",
        "epoch 2 of 2, minibatch 2 of 2",
    ]


def test_the_first_minibatch_begins_where_it_acted():
    """Before the first step of Adam the policy is the one that acted: the ρ that it learns by is 1, as its KL says."""
    stepper = small("ppo", learning_rate="0.05")
    stepper.forward()
    explained = next_explained(stepper)
    acted = float(np.exp(stepper.state.batch.log_prob[0]))
    assert explained.before == pytest.approx(acted, rel=1e-5)
    used, after = explained.numbers[3].split(" = ")[2].split(", after the step ")
    assert used == "1.0000"
    assert float(after) == pytest.approx(explained.after / acted, abs=1e-4)
    assert abs(float(after) - 1) > 0.01
    assert "KL 0," in explained.numbers[4]


def test_classification_by_its_first_image():
    stepper = small("classification")
    stepper.jump(7)
    before = {name: array.copy() for name, array in stepper.experiment.algorithm.parameters(stepper.state).items()}
    explained = next_explained(stepper)
    logits = forward_of(before, stepper.event.obs[0, 0])
    p = np.exp(logits - logits.max())
    p /= p.sum()
    y = int(numbers_in(explained.numbers[1])[0])
    assert explained.before == pytest.approx(float(p[y]), rel=1e-4)
    assert numbers_in(explained.numbers[2])[-1] == pytest.approx(-math.log(p[y]), abs=0.006)
    assert explained.numbers[0] == "images 673 to 768 of 1440, epoch 1"
    assert explained.entry == f"p({y}|x;θ)"


def test_diagnostics_have_readable_names():
    names = {"loss/value": "value loss", "value/td_error": "TD error", "policy/kl": "KL", "value/q_mean": "mean Q"}
    names |= {"loss/train": "loss", "accuracy/train": "accuracy", "policy/clip_fraction": "clip fraction"}
    assert {name: metric_name(name) for name in names} == names
