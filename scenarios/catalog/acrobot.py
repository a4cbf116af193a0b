"""Acrobot: swing up two links by the joint between them."""

from __future__ import annotations

from dataclasses import dataclass

from scenarios.catalog.scenario import ControlScenario, Solved


@dataclass(frozen=True)
class AcrobotSettings:
    """The world as gymnasium registers it, with nothing to set."""


def solved(settings: AcrobotSettings) -> Solved:
    """gymnasium registers a threshold."""
    return Solved(
        "The greedy policy is up after 100 steps on average over 100 episodes: return -100; a good one needs 75 to 85.",
        "gymnasium, the reward threshold registered with Acrobot-v1; Sutton (1996)",
        -100,
    )


SCENARIO = ControlScenario(
    name="acrobot",
    title="Acrobot",
    summary="Swing two linked rods up past the line, with a motor only in the joint between them.",
    teaches=(
        "Credit for what pays late. Every step costs 1 until the tip is above the line, so for hundreds of steps all "
        "actions look alike; then one swing ends it. The learner must find out that the swings before were what made "
        "it possible. DQN passes the news back by its targets, several steps at a time; PPO by the advantages of a "
        "whole rollout. And the motor is too weak for the direct way: energy is gathered by swinging back first."
    ),
    look_for=(
        "The length of the episodes, which is the return without its sign. At first 500, where time runs out; once a "
        "swing has happened to succeed it falls below 100 within a few dozen episodes. The Q-values of DQN fall at the "
        "same time, from 0 towards minus the discounted steps still to go: it has learnt how far away the end is."
    ),
    solved=solved,
    world=AcrobotSettings,
    environment_id="Acrobot-v1",
    algorithms=("dqn", "ppo"),
    default_algorithm="dqn",
    defaults={
        "dqn": {
            "n_step": 3,
            "learning_rate": "linear(1e-3, 2e-4, 50000)",
            "epsilon": "linear(1, 0.04, 5000)",
        },
        "ppo": {
            "environments": 8,
            "groups": 1,
            "rollout_steps": 128,
            "batch": 128,
            "learning_rate": "linear(1e-3, 0, 100000)",
            "evaluate_every": 10_000,
            "evaluations_solved": 0,  # -100 is not the best it can
        },
    },
    steps={"dqn": 50_000, "ppo": 100_000},
)
