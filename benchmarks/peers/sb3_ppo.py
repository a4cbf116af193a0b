"""Stable-Baselines3's PPO on LunarLander-v3 with the settings of the RL Zoo; prints environment steps per second.

    python sb3_ppo.py ROLLOUTS

Needs stable-baselines3, box2d and pygame-ce. One thread, environments without render mode, monitor or evaluation;
counted are whole rollouts with all of their updates.
"""

import sys
import time

import gymnasium
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.vec_env import DummyVecEnv

ENVIRONMENTS = 16
ZOO = {"n_steps": 1024, "batch_size": 64, "gae_lambda": 0.98, "gamma": 0.999, "n_epochs": 4, "ent_coef": 0.01}


class Clock(BaseCallback):
    """Notes when learning begins."""

    began = 0.0

    def _on_training_start(self) -> None:
        self.began = time.perf_counter()

    def _on_step(self) -> bool:
        return True


def main(rollouts: int) -> None:
    torch.set_num_threads(1)
    environments = DummyVecEnv([lambda: gymnasium.make("LunarLander-v3")] * ENVIRONMENTS)
    model = PPO("MlpPolicy", environments, seed=1, device="cpu", **ZOO)
    clock = Clock()
    model.learn(rollouts * ENVIRONMENTS * ZOO["n_steps"], callback=clock)
    print(model.num_timesteps / (time.perf_counter() - clock.began))


main(int(sys.argv[1]))
