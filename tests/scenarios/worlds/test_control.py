"""Control tasks: the same as gymnasium's own environment, and replayed exactly from where a dump was taken."""

import gymnasium
import numpy as np
import pytest

from engine.randomness import generator
from scenarios.worlds.control import ControlWorld, QuickGenerator
from scenarios.worlds.errors import WorldError

IDS = ["CartPole-v1", "Acrobot-v1", "MountainCar-v0", "Pendulum-v1"]


def random_actions(world, rng):
    if world.continuous:
        return rng.uniform(-1, 1, (world.count, world.actions)).astype(np.float32)
    return rng.integers(0, world.actions, world.count)


@pytest.mark.parametrize("environment_id", [*IDS, "LunarLander-v3"])
def test_a_dump_taken_anywhere_is_continued_bit_for_bit(environment_id):
    pytest.importorskip("Box2D")
    world = ControlWorld(environment_id, 3, generator(1))
    other = ControlWorld(environment_id, 3, generator(2))
    world.reset()
    rng = generator(3)
    for step in range(260):
        if step in (0, 97, 230):
            other.load(world.dump())
        a = random_actions(world, rng)
        one, two = world.step(a), other.step(a)
        for mine, theirs in zip(one, two, strict=True):
            assert mine.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("environment_id", ["CartPole-v1", "Pendulum-v1", "LunarLander-v3"])
def test_of_an_episode_that_it_is_in_only_what_is_missing_is_played(environment_id, monkeypatch):
    """Further on in the same episode; earlier in it and in another one everything is played anew."""
    pytest.importorskip("Box2D")
    world, rng = ControlWorld(environment_id, 1, generator(1)), generator(3)
    world.reset()
    dumps = [world.dump()]
    while len(dumps) < 400 and len(dumps[-1]["taken"][0]) == len(dumps) - 1:
        world.step(random_actions(world, rng))
        dumps.append(world.dump())
    other = ControlWorld(environment_id, 1, generator(2))
    other.reset()
    plain = other._bare[0].step
    played = []
    monkeypatch.setattr(other._bare[0], "step", lambda action: played.append(action) or plain(action))
    landing = int(environment_id == "LunarLander-v3")  # its reset is a step, too
    for at, steps in ((10, 10 + landing), (10, 0), (14, 4), (6, 6 + landing), (-1, landing), (3, 3 + landing)):
        played.clear()
        other.load(dumps[at])
        assert len(played) == steps
        control = ControlWorld(environment_id, 1, generator(9))
        control.load(dumps[at])
        a = random_actions(world, generator(7))
        for mine, theirs in zip(other.step(a), control.step(a), strict=True):
            assert mine.tobytes() == theirs.tobytes()
        other.load(dumps[at])


@pytest.mark.parametrize("environment_id", [*IDS, "LunarLander-v3"])
def test_the_same_as_gymnasiums_own_environment(environment_id):
    pytest.importorskip("Box2D")
    world = ControlWorld(environment_id, 1, generator(1))
    own = gymnasium.make(environment_id)
    world.reset()
    own.reset(seed=0)
    own.unwrapped.np_random.bit_generator.state = world.dump()["began"][0]
    obs, _ = own.reset()
    rng = generator(3)
    endings = 0
    for _ in range(600):
        a = random_actions(world, rng)
        step = world.step(a)
        final, r, terminated, truncated, _ = own.step(a[0])
        np.testing.assert_array_equal(step.final[0], np.asarray(final, np.float32))
        assert step.r[0] == np.float32(r)
        assert step.discount[0] == (0.0 if terminated else 1.0)
        assert step.last[0] == (terminated or truncated)
        if terminated or truncated:
            obs, _ = own.reset()
            np.testing.assert_array_equal(step.obs[0], np.asarray(obs, np.float32))
            endings += 1
    assert endings >= 1


def test_quick_numbers_are_numpys_own():
    ours, numpys = QuickGenerator(np.random.PCG64(1)), np.random.Generator(np.random.PCG64(1))
    for _ in range(3):
        for low, high in ((-1.0, 1.0), (0.1, 0.7), (-1, 1), (np.zeros(3), np.ones(3))):
            np.testing.assert_array_equal(ours.uniform(low, high), numpys.uniform(low, high))
        assert ours.uniform() == numpys.uniform()
        np.testing.assert_array_equal(ours.uniform(2.0, 3.0, size=4), numpys.uniform(2.0, 3.0, size=4))
    assert ours.bit_generator.state == numpys.bit_generator.state


def test_a_time_limit_does_not_zero_the_discount():
    world = ControlWorld("Pendulum-v1", 1, generator(1))
    world.reset()
    steps = [world.step(np.zeros((1, 1), np.float32)) for _ in range(200)]
    assert [bool(step.last[0]) for step in steps] == [False] * 199 + [True]
    assert steps[-1].discount[0] == 1.0
    assert not np.array_equal(steps[-1].obs, steps[-1].final)


@pytest.mark.parametrize(
    ("environment_id", "sentence"),
    [("NoSuch-v0", "no environment"), ("FrozenLake-v1", "only vectors of numbers"), ("", "no environment")],
)
def test_what_does_not_fit_is_refused_with_a_sentence(environment_id, sentence):
    with pytest.raises(WorldError, match=sentence):
        ControlWorld(environment_id, 1, generator(1))
