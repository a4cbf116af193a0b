"""The ground of LunarLander: what is told of it is what the lander meets, whoever plays and wherever it is loaded."""

from itertools import islice

import numpy as np
import pytest

from algorithms.ppo import PPOConfig, initial_ppo, ppo
from algorithms.rollouts import Groups
from engine.randomness import generator
from scenarios.worlds.control import ControlWorld, make
from scenarios.worlds.rollouts import plan_groups
from scenarios.worlds.scenes import scene_of
from scenarios.worlds.workers import WorkerGroups

LANDER = "LunarLander-v3"


def lander(seed=1, count=2):
    pytest.importorskip("Box2D")
    world = ControlWorld(LANDER, count, generator(seed))
    world.reset()
    return world


def test_the_pad_is_flat_and_a_quarter_of_the_sky_high():
    heights = lander().scene
    assert heights.shape == (11,)
    assert np.allclose(heights[4:7], 0.99 * 10 / 3)
    assert len(set(heights.tolist())) > 5


def test_it_is_the_ground_of_the_world():
    """The ends of the edges that the moon is made of."""
    pytest.importorskip("Box2D")
    bare = make(LANDER).unwrapped
    bare.reset(seed=4)
    _, *edges = (fixture.shape.vertices for fixture in bare.moon.fixtures)
    ends = {round(x, 3): y for edge in edges for x, y in edge}
    assert sorted(ends) == pytest.approx(np.linspace(0, 20, 11), abs=1e-3)
    assert [ends[x] for x in sorted(ends)] == pytest.approx(scene_of(bare))


def test_it_changes_with_the_episode_and_is_there_again_after_a_load():
    world, scenes = lander(), []
    a = np.zeros(2, np.intp)
    while len(scenes) < 2:
        scene = world.scene
        if world.step(a).last[0]:
            scenes.append(scene)
            assert not np.array_equal(scene, world.scene)
        else:
            assert scene is world.scene
    other = lander(seed=9)
    other.load(world.dump())
    assert np.array_equal(other.scene, world.scene)


def test_other_worlds_hide_nothing():
    world = ControlWorld("CartPole-v1", 1, generator(1))
    world.reset()
    assert world.scene.shape == (0,)
    assert not world.scene.flags.writeable


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_a_rollout_brings_the_scene_of_every_episode_of_its_first_column(workers):
    pytest.importorskip("Box2D")
    config = PPOConfig(environments=4, groups=2, rollout_steps=150, batch=600, epochs=1, hidden="8")
    rng = generator(5)
    plans = plan_groups(LANDER, {}, 4, 2, rng)
    actors = WorkerGroups(plans, workers) if workers else Groups([plan.build() for plan in plans])
    state = initial_ppo(actors, config, rng)
    alone = ControlWorld(LANDER, 1, generator(0))
    alone.reset()
    told, again = [], None
    for event in islice(ppo(actors, config, state), 6):
        if not event.r.size:
            continue
        assert len(actors.scenes) == 1 + np.count_nonzero(event.last[:, 0])
        if again is not None:
            assert np.array_equal(actors.scenes[0], again)
        again = actors.scenes[-1]
        told += [scene.tobytes() for scene in actors.scenes[1:]]
        first = actors.dump()["groups"][0]["environments"]
        alone.load({"began": first["began"][:1], "taken": first["taken"][:1]})
        assert np.array_equal(alone.scene, again)
    if workers:
        actors.close()
    assert len(told) == len(set(told)) > 1
