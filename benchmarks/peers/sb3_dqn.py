"""Stable-Baselines3's DQN on CartPole-v1 with the settings of the RL Zoo; prints environment steps per second.

    python sb3_dqn.py STEPS

Needs stable-baselines3. One thread; counted is the time after the first update.
"""

import sys
import time

import gymnasium
import torch
from stable_baselines3 import DQN
from stable_baselines3.common.callbacks import BaseCallback

ZOO = {
    "learning_rate": 2.3e-3,
    "batch_size": 64,
    "buffer_size": 100_000,
    "learning_starts": 1_000,
    "gamma": 0.99,
    "target_update_interval": 10,
    "train_freq": 256,
    "gradient_steps": 128,
    "exploration_fraction": 0.16,
    "exploration_final_eps": 0.04,
    "policy_kwargs": {"net_arch": [256, 256]},
}


class Clock(BaseCallback):
    """Notes when learning begins."""

    began = 0.0

    def _on_step(self) -> bool:
        if self.num_timesteps == ZOO["learning_starts"]:
            self.began = time.perf_counter()
        return True


def main(steps: int) -> None:
    torch.set_num_threads(1)
    model = DQN("MlpPolicy", gymnasium.make("CartPole-v1"), seed=1, device="cpu", **ZOO)
    clock = Clock()
    model.learn(steps, callback=clock)
    print((model.num_timesteps - ZOO["learning_starts"]) / (time.perf_counter() - clock.began))


main(int(sys.argv[1]))
