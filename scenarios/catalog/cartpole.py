"""Cart pole: the smallest task that needs a network."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.catalog.scenario import ControlScenario, Solved


@dataclass(frozen=True)
class CartPoleSettings:
    sutton_barto_reward: bool = False
    """Whether only the fall pays, -1, as in the book; else every step pays 1."""


def solved(settings: CartPoleSettings) -> Solved:
    """gymnasium registers a threshold for a reward of 1 a step."""
    source = "gymnasium, the reward threshold registered with CartPole-v1; Barto, Sutton and Anderson (1983)"
    if settings.sutton_barto_reward:
        return Solved("The pole never falls within the 500 steps of an episode: return 0.", source, 0.0)
    return Solved("The greedy policy earns 475 of 500 on average over 100 episodes.", source, 475)


SCENARIO = ControlScenario(
    name="cartpole",
    title="Cart pole",
    summary="Push a cart left or right so that the pole on it stays upright.",
    teaches=(
        "Learning from numbers instead of a table. Position, speed, angle and its speed are never the same twice, so "
        "no table has a row for them: a network must guess what it never saw from what it did. DQN makes that stable "
        "with three tricks. A replay memory mixes old and new experience, so that a batch is not twenty views of one "
        "moment. A frozen copy of the network gives the targets, so that it does not chase its own tail. And one of "
        "the two chooses the best action while the other says what it is worth (double=false leaves that out), so that "
        "a guess that is too high by chance is not believed for being the highest. PPO does without all three: it "
        "learns the policy itself, ten times over from what it has just done, and forgets it."
    ),
    look_for=(
        "The return of single episodes against the greedy evaluation. Learning is violently non-monotone: a policy "
        "that balances for 500 steps is followed by one that falls after 150, and recovers. Nothing is broken; that is "
        "why the best of many evaluations is kept, and not the last."
    ),
    solved=solved,
    world=CartPoleSettings,
    environment_id="CartPole-v1",
    algorithms=("dqn", "ppo"),
    default_algorithm="dqn",
    defaults={
        "dqn": {
            "n_step": 3,
            "double": True,  # else one seed in twenty believes in returns of a thousand, and falls at once
            "batch": 128,
            "learning_rate": "linear(2.3e-3, 2e-4, 30000)",
            "epsilon": "linear(1, 0.04, 5000)",
            "evaluate_episodes": 30,
            "evaluations_solved": 8,  # fewer are passed by policies of 470 on other episodes
        },
        "ppo": {
            "environments": 8,
            "groups": 1,
            "rollout_steps": 128,
            "batch": 128,
            "learning_rate": "linear(2e-3, 0, 100000)",
            "evaluate_every": 10_000,
            "evaluations_solved": 0,  # 475 is not the best it can
        },
    },
    steps={"dqn": 40_000, "ppo": 100_000},
)
