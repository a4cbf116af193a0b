"""The vector of poles: the same physics as single ones, episodes that restart at once, dumps that go on."""

import gymnasium
import numpy as np
import pytest

from algorithms.rollouts import Group
from engine.randomness import generator
from scenarios.worlds.control import ControlWorld
from scenarios.worlds.rollouts import plan_groups
from scenarios.worlds.vector import MANY, VectorCartPole


def test_the_same_physics_as_a_single_pole():
    """From the state of every pole a single one of gymnasium's goes to the same place, with the same ending."""
    world, rng = VectorCartPole(20, generator(1)), generator(2)
    world.reset()
    single = gymnasium.make("CartPole-v1").unwrapped
    single.reset(seed=0)
    endings = 0
    for _ in range(60):
        before, a = world.dump()["state"], rng.integers(0, 2, 20)
        step = world.step(a)
        for i in range(20):
            single.state, single.steps_beyond_terminated = before[:, i], None
            obs, r, terminated, _, _ = single.step(int(a[i]))
            np.testing.assert_array_equal(step.final[i], obs)
            assert (step.r[i], step.discount[i], step.last[i]) == (r, 0.0 if terminated else 1.0, terminated)
            if step.last[i]:
                assert np.abs(step.obs[i]).max() <= 0.05
            else:
                np.testing.assert_array_equal(step.obs[i], obs)
            endings += terminated
    assert endings > 20


def test_no_step_is_wasted_after_an_ending():
    """Every step pays 1, the first of an episode too, and moves the pole from where it began."""
    world, rng = VectorCartPole(32, generator(1)), generator(2)
    obs = world.reset()
    for _ in range(100):
        step = world.step(rng.integers(0, 2, 32))
        assert (step.r == 1).all()
        np.testing.assert_allclose(step.final[:, 0], obs[:, 0] + 0.02 * obs[:, 1], atol=1e-6)
        obs = step.obs


def test_a_time_limit_does_not_zero_the_discount():
    world = VectorCartPole(16, generator(1))
    world.reset()
    snapshot = world.dump()
    snapshot["steps"][3] = 499
    world.load(snapshot)
    step = world.step(np.zeros(16, np.intp))
    assert step.last.tolist() == [i == 3 for i in range(16)]
    assert step.discount.tolist() == [1.0] * 16
    assert not np.array_equal(step.final[3], step.obs[3])
    assert world.dump()["steps"].tolist() == [int(i != 3) for i in range(16)]


def test_a_dump_taken_anywhere_is_continued_bit_for_bit():
    world, other, rng = VectorCartPole(16, generator(1)), VectorCartPole(16, generator(9)), generator(3)
    world.reset(), other.reset()
    for step in range(80):
        if step in (0, 37, 60):
            other.load(world.dump())
        a = rng.integers(0, 2, 16)
        for mine, theirs in zip(world.step(a), other.step(a), strict=True):
            assert mine.tobytes() == theirs.tobytes()


def test_a_dump_of_an_ended_episode_is_refused():
    world = VectorCartPole(16, generator(1))
    world.reset()
    snapshot = world.dump()
    snapshot["steps"][0] = 500
    with pytest.raises(ValueError, match="below 500"):
        world.load(snapshot)


def test_many_poles_are_a_vector_and_few_are_not():
    def environments(environment_id: str, count: int) -> Group:
        return plan_groups(environment_id, {}, count, 1, generator(1))[0].build().environments

    assert isinstance(environments("CartPole-v1", MANY), VectorCartPole)
    assert isinstance(environments("CartPole-v1", MANY - 1), ControlWorld)
    assert isinstance(environments("Acrobot-v1", MANY), ControlWorld)


def test_options_reach_the_environment():
    world = VectorCartPole(16, generator(1), sutton_barto_reward=True)
    world.reset()
    assert (world.step(np.zeros(16, np.intp)).r == 0).all()
