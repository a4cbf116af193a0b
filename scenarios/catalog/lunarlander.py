"""Lunar lander: a task with physics in it, and a policy that is a probability."""

from __future__ import annotations

from dataclasses import dataclass

from algorithms.contract import check_range
from scenarios.catalog.scenario import ControlScenario, Solved


@dataclass(frozen=True)
class LunarLanderSettings:
    continuous: bool = False
    """Whether the engines are throttled by two numbers in [-1, 1]; else one of four actions fires one or none."""
    gravity: float = -10.0
    """Gravity in (-12, 0)."""
    enable_wind: bool = False
    """Whether the wind blows."""
    wind_power: float = 15.0
    """Largest force of the wind in [0, 20]."""
    turbulence_power: float = 1.5
    """Largest torque of the wind in [0, 2]."""

    def __post_init__(self) -> None:
        if not -12 < self.gravity < 0:
            raise ValueError(f"gravity must be in (-12, 0), got {self.gravity:g}")
        check_range("wind_power", self.wind_power, 0, 20)
        check_range("turbulence_power", self.turbulence_power, 0, 2)


def solved(settings: LunarLanderSettings) -> Solved:
    """gymnasium registers a threshold for the default physics; another world has the same reward."""
    return Solved(
        "The greedy policy earns 200 on average over 100 episodes; a good landing earns 250 to 300.",
        "gymnasium, the reward threshold registered with LunarLander-v3",
        200,
    )


SCENARIO = ControlScenario(
    name="lunarlander",
    title="Lunar lander",
    summary="Land between the flags, upright and softly, with three engines and little fuel.",
    teaches=(
        "Policy gradients. PPO learns no values of actions but the policy itself, as probabilities: it acts for a "
        "while, judges every action by its advantage - how much better than expected things went on - and makes the "
        "good ones more likely. It learns ten times from the same rollout, so it must not go too far: beyond a ratio "
        "of 1.2 an action earns nothing more. A critic only says what was to be expected. Nothing is remembered: what "
        "an older policy saw would not tell what this one is worth. DQN, which remembers all of it, lands after a "
        "fifth of the steps, and less gently."
    ),
    look_for=(
        "The length of the episodes. First the lander crashes after 80 steps; then it learns not to crash and hovers "
        "until the time is up, a thousand steps for a return near 0; then it dares to come down, and the length falls "
        "as the return rises. The entropy falls from ln 4 = 1.39 as it makes up its mind, and the KL divergence says "
        "how far one rollout has moved it."
    ),
    solved=solved,
    world=LunarLanderSettings,
    environment_id="LunarLander-v3",
    needs="Box2D",
    algorithms=("dqn", "ppo"),
    default_algorithm="ppo",
    defaults={
        "dqn": {
            "gamma": 0.998,  # as for ppo: with 0.99 it hovers
            "n_step": 3,
            "double": True,
            "updates": 128,
            "learning_rate": "linear(7e-4, 5e-5, 150000)",
            "epsilon": "linear(1, 0.03, 20000)",
            "evaluate_every": 10_000,
            "evaluate_episodes": 30,
            "evaluations_solved": 0,  # 200 is not the best it can
        },
        "ppo": {
            "environments": 16,
            "rollout_steps": 256,
            "epochs": 10,
            "batch": 256,
            "gamma": 0.999,  # a lower one learns faster and hovers more: landing pays late
            "gae_lambda": 0.97,  # with 0.98 one seed in six jitters long on the ground before it learns to lie still
            "learning_rate": "linear(7e-4, 0, 750000)",
            "entropy_bonus": "linear(0.01, 0, 750000)",
            "workers": None,
            "evaluate_every": 50_000,
            "evaluations_solved": 0,  # 200 is not the best it can
        },
    },
    steps={"dqn": 150_000, "ppo": 750_000},
)
