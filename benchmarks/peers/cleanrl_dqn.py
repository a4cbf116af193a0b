"""DQN on CartPole-v1 as a CleanRL script writes it, on torch; prints environment steps per second.

    python cleanrl_dqn.py STEPS

After Huang et al., "CleanRL: High-quality Single-file Implementations of Deep Reinforcement Learning Algorithms"
(2022), dqn.py, without its logging. Needs torch and stable-baselines3, whose replay buffer it uses. One thread; counted
is the time after the first update.
"""

import random
import sys
import time

import gymnasium
import numpy as np
import torch
from stable_baselines3.common.buffers import ReplayBuffer
from torch import nn, optim
from torch.nn import functional

BUFFER_SIZE = 10_000
LEARNING_STARTS = 10_000
TRAIN_FREQUENCY = 10
TARGET_NETWORK_FREQUENCY = 500
BATCH_SIZE = 128
LEARNING_RATE = 2.5e-4
GAMMA = 0.99
START_E, END_E, EXPLORATION_FRACTION = 1.0, 0.05, 0.5


class QNetwork(nn.Module):
    def __init__(self, env: gymnasium.vector.VectorEnv) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Linear(np.array(env.single_observation_space.shape).prod(), 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, env.single_action_space.n),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x)


def make_env(seed: int):
    def thunk():
        env = gymnasium.wrappers.RecordEpisodeStatistics(gymnasium.make("CartPole-v1"))
        env.action_space.seed(seed)
        return env

    return thunk


def linear_schedule(start_e: float, end_e: float, duration: float, t: int) -> float:
    return max((end_e - start_e) / duration * t + start_e, end_e)


def main(total_timesteps: int) -> None:
    torch.set_num_threads(1)
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002  as the script does
    torch.manual_seed(1)
    mode = gymnasium.vector.AutoresetMode.SAME_STEP
    envs = gymnasium.vector.SyncVectorEnv([make_env(1)], autoreset_mode=mode)
    q_network = QNetwork(envs)
    optimizer = optim.Adam(q_network.parameters(), lr=LEARNING_RATE)
    target_network = QNetwork(envs)
    target_network.load_state_dict(q_network.state_dict())
    rb = ReplayBuffer(
        BUFFER_SIZE,
        envs.single_observation_space,
        envs.single_action_space,
        torch.device("cpu"),
        handle_timeout_termination=False,
    )
    obs, _ = envs.reset(seed=1)
    began = 0.0
    for global_step in range(total_timesteps):
        if global_step == LEARNING_STARTS:
            began = time.perf_counter()
        epsilon = linear_schedule(START_E, END_E, EXPLORATION_FRACTION * total_timesteps, global_step)
        if random.random() < epsilon:
            actions = np.array([envs.single_action_space.sample() for _ in range(envs.num_envs)])
        else:
            q_values = q_network(torch.Tensor(obs))
            actions = torch.argmax(q_values, dim=1).cpu().numpy()
        next_obs, rewards, terminations, truncations, infos = envs.step(actions)
        real_next_obs = next_obs.copy()
        for idx, trunc in enumerate(truncations):
            if trunc:
                real_next_obs[idx] = infos["final_obs"][idx]
        rb.add(obs, real_next_obs, actions, rewards, terminations, infos)
        obs = next_obs
        if global_step > LEARNING_STARTS and global_step % TRAIN_FREQUENCY == 0:
            data = rb.sample(BATCH_SIZE)
            with torch.no_grad():
                target_max, _ = target_network(data.next_observations).max(dim=1)
                td_target = data.rewards.flatten() + GAMMA * target_max * (1 - data.dones.flatten())
            old_val = q_network(data.observations).gather(1, data.actions).squeeze()
            loss = functional.mse_loss(td_target, old_val)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if global_step % TARGET_NETWORK_FREQUENCY == 0:
                for target_param, param in zip(target_network.parameters(), q_network.parameters(), strict=True):
                    target_param.data.copy_(param.data)
    print((total_timesteps - LEARNING_STARTS) / (time.perf_counter() - began))


main(int(sys.argv[1]))
