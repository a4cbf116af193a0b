"""PPO: its laws, its formulas against numbers on paper, its switches, and that it learns."""

import dataclasses
from itertools import islice, pairwise

import numpy as np
import pytest

from algorithms.contract import Transition, dump, load
from algorithms.ppo import PPOConfig, greedy, initial_ppo, load_parameters, moved, normalised, parameters, ppo, thoughts
from algorithms.rollouts import Group, Groups
from algorithms.schedules import Linear
from engine.randomness import generator
from engine.tensor import Tensor
from scenarios.configuration import field_help
from scenarios.runs.checkpoint import digest
from tests.algorithms.test_contract import same

SMALL = {"hidden": "8-8", "environments": 4, "rollout_steps": 8, "epochs": 2, "batch": 16}
MINIBATCHES = 4
EVERYTHING = {
    "value_clip": 0.2,
    "learning_rate": Linear(1e-2, 0, 200),
    "clip": Linear(0.3, 0.1, 200),
    "entropy_bonus": Linear(0.1, 0, 200),
}


class Targets:
    """Act near, or in the half of, a number that is observed with its sign; episodes end in both ways."""

    observation_size, scene = 2, np.empty(0, np.float32)

    def __init__(self, count, continuous=False, rng=None):
        self.count, self.continuous = count, continuous
        self.actions = 1 if continuous else 2
        self.rng = rng or generator(0)
        self.t = np.arange(count)
        self.limit = 7
        self.paid = 1

    def reset(self):
        self.obs = self.rng.uniform(-1, 1, (self.count, 2)).astype(np.float32)
        return self.obs

    def step(self, a):
        x = self.obs[:, 0]
        r = self.paid * (-np.abs(a[:, 0] - x) if self.continuous else np.where(a == (x > 0), 1, -1))
        self.t = self.t + 1
        terminated, truncated = self.t % 5 == 0, self.t % self.limit == 0
        final = self.rng.uniform(-1, 1, (self.count, 2)).astype(np.float32)
        last = terminated | truncated
        self.obs = np.where(last[:, None], np.float32(0.5), final)
        return Transition(self.obs, r.astype(np.float32), (~terminated).astype(np.float32), last, final)

    def dump(self):
        return {"obs": self.obs.copy(), "t": self.t.copy(), "rng": self.rng.bit_generator.state}

    def load(self, snapshot):
        self.obs, self.t = snapshot["obs"].copy(), snapshot["t"].copy()
        self.rng.bit_generator.state = snapshot["rng"]


def beginning(seed=1, continuous=False, **settings):
    """A configuration, actors and a fresh state."""
    config = PPOConfig(**{**SMALL, **settings})
    rng = generator(seed)
    n = config.environments // config.groups
    actors = Groups([Group(Targets(n, continuous, generator(seed + i)), rng) for i in range(config.groups)])
    return config, actors, initial_ppo(actors, config, rng)


@pytest.mark.parametrize("continuous", [False, True])
def test_complete_at_every_yield(continuous):
    """Cut after every event, in the middle of an epoch too: a fresh state loaded goes on bit for bit."""
    config, actors, whole = beginning(1, continuous, **EVERYTHING)
    uncut = ppo(actors, config, whole)
    snapshot = dump(beginning(1, continuous, **EVERYTHING)[2])
    for event in islice(uncut, 5 * (1 + MINIBATCHES) + 2):
        _, others, fresh = beginning(99, continuous, **EVERYTHING)
        load(fresh, snapshot)
        assert same(next(ppo(others, config, fresh)), event)
        snapshot = dump(fresh)
        assert digest(snapshot) == digest(dump(whole))
    assert np.isfinite(whole.network.theta.values).all()


def test_one_yield_per_transition():
    """A rollout changes no parameter and a minibatch no environment; every event carries what happened."""
    config, actors, state = beginning()
    names = {"loss/policy", "loss/value", "policy/entropy", "policy/kl", "policy/clip_fraction"}
    names |= {"value/explained_variance", "update/gradient_norm"}
    before, steps = dump(state), 0
    for i, event in enumerate(islice(ppo(actors, config, state), 3 * (1 + MINIBATCHES))):
        after = dump(state)
        acted = i % (1 + MINIBATCHES) == 0
        assert (digest(before["network"]) == digest(after["network"])) == acted
        assert (digest(before["environments"]) == digest(after["environments"])) != acted
        assert event.r.shape == event.last.shape == ((8, 4) if acted else (0, 4))
        assert event.obs.shape == (*event.r.shape, 2)
        assert event.a.shape == event.r.shape
        assert event.metrics.keys() == (set() if acted else names)
        steps += event.r.size
        assert state.steps == steps
        before = after


def test_an_event_is_its_own():
    config, actors, state = beginning()
    page = ppo(actors, config, state)
    event = next(page)
    kept = [np.copy(part) for part in (event.r, event.last, event.obs, event.a)]
    for _ in islice(page, 3 * (1 + MINIBATCHES)):
        pass
    assert same(tuple(kept), (event.r, event.last, event.obs, event.a))


def test_every_epoch_learns_from_every_step_once_in_another_order():
    config, actors, state = beginning()
    page = ppo(actors, config, state)
    rollout = next(page)
    seen = []
    for _ in range(MINIBATCHES):
        next(page)
        i = (-state.left - 1) % 2
        seen.append(state.batch.obs[i * 16 : (i + 1) * 16, 0])
    epochs = [np.concatenate(seen[:2]), np.concatenate(seen[2:])]
    for epoch in epochs:
        np.testing.assert_array_equal(np.sort(epoch), np.sort(rollout.obs[..., 0].ravel()))
    assert not np.array_equal(*epochs)


def test_values_and_probabilities_are_those_of_the_policy_that_acted():
    """V(s') is V of the next observation, of the final one at a time limit; checked by the tape, row by row."""
    _, actors, state = beginning()
    network = state.network
    rollout = actors.collect(network, 40)
    v = network.critic(Tensor(rollout.obs.reshape(-1, 2))).data.reshape(40, 4)
    np.testing.assert_allclose(rollout.v, v, atol=1e-6)
    log_prob = network.pi(network.actor(Tensor(rollout.obs.reshape(-1, 2)))).log_prob(rollout.a.reshape(-1))
    np.testing.assert_allclose(rollout.log_prob.ravel(), log_prob.data, atol=1e-6)
    goes_on, cut_off = ~rollout.last[:-1], rollout.last & (rollout.discount > 0)
    np.testing.assert_allclose(rollout.v_next[:-1][goes_on], v[1:][goes_on], atol=1e-6)
    assert cut_off[:-1].any()
    assert not np.isclose(rollout.v_next[:-1][cut_off[:-1]], v[1:][cut_off[:-1]], atol=1e-6).any()


def test_actions_are_drawn_from_the_policy():
    """Frequencies of 4,000 draws at one observation within 4 standard errors of softmax(logits)."""
    _, _, state = beginning()
    network = state.network
    logits = np.tile(np.array([[0.4, -0.6]], np.float32), (4000, 1))
    a = network.sample(logits, network.noise([generator(5)], 4000)[:, 0])
    p = 1 / (1 + np.exp(-1.0))
    assert abs((a == 0).mean() - p) < 4 * np.sqrt(p * (1 - p) / 4000)


def test_the_groups_do_not_depend_on_one_another():
    """What the first group brings is the same whatever stands beside it."""
    _, actors, state = beginning(groups=2)
    _, alone, _ = beginning(groups=2)
    both = actors.collect(state.network, 20)
    first = Groups(alone._groups[:1]).collect(state.network, 20)
    assert same(tuple(both.columns(slice(0, 2))), tuple(first))


def test_the_loss_at_theta_old():
    """Before the first step ρ = 1: the loss is −mean Â = 0, KL and clip fraction 0, the entropy that of the start."""
    config, actors, state = beginning(epochs=1, batch=32)
    page = ppo(actors, config, state)
    next(page)
    metrics = next(page).metrics
    assert metrics["loss/policy"] == pytest.approx(0, abs=1e-6)
    assert metrics["policy/kl"] == pytest.approx(0, abs=1e-6)
    assert metrics["policy/clip_fraction"] == 0
    assert metrics["policy/entropy"] == pytest.approx(np.log(2), abs=1e-3)
    assert metrics["value/explained_variance"] == state.explained_variance <= 1


def test_kl_and_clip_fraction_on_paper():
    """The ratios of the reference scalars: 0.5, 0.9, 1, 1.1, 1.5."""
    kl, clip_fraction = moved(np.log(np.array([0.5, 0.9, 1.0, 1.1, 1.5])), 0.2)
    assert kl == pytest.approx(0.05954648166105647, abs=1e-12)
    assert clip_fraction == pytest.approx(0.4)


def test_normalised_advantages():
    x = normalised(np.array([1.0, 2.0, 3.0, 6.0], np.float32))
    assert x.mean() == pytest.approx(0, abs=1e-6)
    assert x.std() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(normalised(np.ones(4, np.float32)), 0)


def test_kl_early_stop_leaves_the_rollout():
    """With a large step size the policy moves too far at once: the next event is another rollout."""
    settings = {"learning_rate": Linear(0.05, 0.05, 1), "epochs": 8, "max_gradient_norm": 100.0}
    config, actors, state = beginning(target_kl=0.01, **settings)
    events = list(islice(ppo(actors, config, state), 12))
    for event, following in pairwise(events):
        too_far = not event.r.size and event.metrics["policy/kl"] > 0.01
        assert not too_far or following.r.size
    assert sum(event.r.size > 0 for event in events) >= 2
    config, actors, state = beginning(**settings)
    assert sum(event.r.size > 0 for event in islice(ppo(actors, config, state), 12)) == 1


def test_schedules_reach_the_optimiser():
    config, actors, state = beginning(learning_rate=Linear(1e-2, 0, 64))
    page = ppo(actors, config, state)
    rates = []
    for event in islice(page, 2 * (1 + MINIBATCHES)):
        if not event.r.size:
            rates.append(state.optimiser.learning_rate)
    np.testing.assert_allclose(rates, [5e-3] * 4 + [0] * 4)


def changed_by(**settings):
    """Whether a setting changes what is learnt."""
    results = []
    for more in ({}, settings):
        config, actors, state = beginning(**more)
        for _ in islice(ppo(actors, config, state), 2 * (1 + MINIBATCHES)):
            pass
        results.append(state.network.theta.values.copy())
    assert all(np.isfinite(result).all() for result in results)
    return not np.array_equal(*results)


@pytest.mark.parametrize(
    "setting",
    [
        {"value_clip": 1e-3},
        {"entropy_bonus": Linear(0.1, 0.1, 1)},
        {"clip": Linear(1e-3, 1e-3, 1)},
        {"normalise_advantages": False},
        {"scale_rewards": False},
        {"max_gradient_norm": 1e-3},
        {"gae_lambda": 0.1},
        {"gamma": 0.1},
        {"value_weight": 2.0},
    ],
    ids=lambda setting: next(iter(setting)),
)
def test_every_switch_does_something(setting):
    assert changed_by(**setting)


def test_clipping_far_away_changes_nothing():
    assert not changed_by(value_clip=1e6)
    assert not changed_by(target_kl=1e6)


@pytest.mark.parametrize("continuous", [False, True])
def test_learns(continuous):
    """Guessing earns 0 (discrete) and about −0.9 (continuous) a step; an hour of luck would not reach these."""
    settings = {"environments": 16, "rollout_steps": 32, "batch": 64, "epochs": 8, "gamma": 0.0}
    config, actors, state = beginning(3, continuous, hidden="32", learning_rate=Linear(1e-2, 0, 30_000), **settings)
    rewards = [event.r.mean() for event in islice(ppo(actors, config, state), 40 * 65) if event.r.size]
    assert np.mean(rewards[-3:]) > (-0.25 if continuous else 0.9)
    obs = np.array([[0.6, 0], [-0.6, 0]], np.float32)
    chosen = greedy(config, state, obs)
    np.testing.assert_allclose(chosen, [[0.6], [-0.6]] if continuous else [1, 0], atol=0.15)


def test_values_are_thought_of_in_the_rewards_as_they_are_paid():
    """What learns from scaled rewards learns the same of rewards 100 times as large, and expects 100 times as much."""
    expected = []
    for size in (1, 100):
        config, actors, state = beginning(3)
        for group in actors._groups:
            group.environments.paid = size
        obs = np.array([[0.6, 0], [-0.6, 0]], np.float32)
        learnt = state.network.thoughts(obs).value
        np.testing.assert_array_equal(thoughts(config, state, obs).value, learnt)  # nothing was paid yet
        list(islice(ppo(actors, config, state), 20))
        expected.append(thoughts(config, state, obs).value)
        np.testing.assert_allclose(expected[-1], state.network.thoughts(obs).value * state.scale.deviation, rtol=1e-6)
        unscaled = dataclasses.replace(config, scale_rewards=False)
        np.testing.assert_array_equal(thoughts(unscaled, state, obs).value, state.network.thoughts(obs).value)
    np.testing.assert_allclose(expected[1], 100 * expected[0], rtol=1e-3)


def test_parameters_are_the_weights_themselves():
    config, actors, state = beginning(continuous=True)
    names = [f"{net}.{layer}.{what}" for net in ("actor", "critic") for layer in "012" for what in ("weight", "bias")]
    assert list(parameters(state)) == [*names[:6], "log_std", *names[6:]]
    saved = {name: array.copy() for name, array in parameters(state).items()}
    for _ in islice(ppo(actors, config, state), 6):
        pass
    assert not same(saved, parameters(state))
    load_parameters(state, saved)
    assert same(saved, parameters(state))
    with pytest.raises(ValueError, match="does not fit"):
        load_parameters(state, {})


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"batch": 7}, "batch must divide the 4096 steps of a rollout, got 7"),
        ({"batch": 8192}, "batch must divide the 4096 steps of a rollout, got 8192"),
        ({"groups": 3}, "groups must divide the 16 environments, got 3"),
        ({"gamma": 1.5}, r"gamma must be in \[0, 1\], got 1.5"),
        ({"gae_lambda": -0.1}, r"gae_lambda must be in \[0, 1\], got -0.1"),
        ({"learning_rate": Linear(-1e-3, 0, 10)}, r"learning_rate must be in \[0, 1\], got -0.001"),
        ({"target_kl": 0.0}, "target_kl must be a finite number > 0, got 0"),
        ({"value_clip": float("nan")}, "value_clip must be a finite number > 0, got nan"),
        ({"epochs": 0}, r"epochs must be in \[1, 1e\+06\], got 0"),
        ({"hidden": "0-3"}, "hidden must be 1 to 8 sizes of layers"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_settings_that_cannot_be_are_refused_with_a_sentence(setting, sentence):
    with pytest.raises(ValueError, match=sentence):
        PPOConfig(**setting)


def test_every_field_is_a_setting_with_a_sentence():
    assert field_help(PPOConfig).keys() == {field.name for field in dataclasses.fields(PPOConfig)}
