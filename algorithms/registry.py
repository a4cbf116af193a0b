"""The algorithms by name, in order of increasing difficulty."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from algorithms import classification, dqn, ppo, td
from algorithms import dynamic_programming as dp
from algorithms.contract import Floats32, Thoughts

Family = Literal["planning", "tabular", "supervised", "deep"]


@dataclass(frozen=True)
class Algorithm:
    """One algorithm: its page and what the page needs."""

    name: str
    title: str
    section: str  # of Sutton & Barto (2018), or the paper
    # planning asks a model; tabular acts in a world of few states; supervised is told what is right; deep acts in a
    # world that is observed
    family: Family
    page: Callable[[Any, Any, Any], Iterator[Any]]  # (model, world or environments; config; state) -> events
    config: type[Any]
    initial: Callable[[Any, Any, Any], Any]  # (model, world or environments; config; generator) -> state

    @property
    def plans(self) -> bool:
        """It asks a model (dynamic programming) instead of acting in a world."""
        return self.family == "planning"


@dataclass(frozen=True)
class DeepAlgorithm(Algorithm):
    """An algorithm that learns a network: how to act with it, and its weights as named arrays."""

    continuous: tuple[bool, ...]  # which kinds of actions it can learn: discrete (False), continuous (True)
    greedy: Callable[[Any, Any, Floats32], NDArray[Any]]  # (config, state, obs [N, O]) -> actions [N] or [N, A]
    thoughts: Callable[[Any, Any, Floats32], Thoughts]  # (config, state, obs [N, O]); it changes nothing
    parameters: Callable[[Any], dict[str, Floats32]]  # (state) -> the weights themselves, not copies
    load_parameters: Callable[[Any, Mapping[str, Any]], None]  # ValueError where names, shapes or numbers do not fit
    by_rollouts: bool = False  # it is given `Actors`, which play whole rollouts, instead of `Environments`


ALGORITHMS: tuple[Algorithm, ...] = (
    Algorithm(
        "policy-evaluation", "Policy evaluation", "4.1", "planning", dp.policy_evaluation, dp.DPConfig, dp.initial_dp
    ),
    Algorithm(
        "policy-iteration", "Policy iteration", "4.3", "planning", dp.policy_iteration, dp.DPConfig, dp.initial_dp
    ),
    Algorithm("value-iteration", "Value iteration", "4.4", "planning", dp.value_iteration, dp.DPConfig, dp.initial_dp),
    Algorithm("sarsa", "SARSA", "6.4", "tabular", td.sarsa, td.TDConfig, td.initial_sarsa),
    Algorithm("q-learning", "Q-learning", "6.5", "tabular", td.q_learning, td.TDConfig, td.initial_td),
    Algorithm("expected-sarsa", "Expected SARSA", "6.6", "tabular", td.expected_sarsa, td.TDConfig, td.initial_td),
    Algorithm(
        "double-q-learning",
        "Double Q-learning",
        "6.7",
        "tabular",
        td.double_q_learning,
        td.TDConfig,
        td.initial_double_q,
    ),
)

SUPERVISED_ALGORITHMS: tuple[DeepAlgorithm, ...] = (
    DeepAlgorithm(
        "classification",
        "Classification",
        "Rumelhart et al., 1986",
        "supervised",
        classification.classification,
        classification.ClassificationConfig,
        classification.initial_classification,
        (False,),
        classification.greedy,
        classification.thoughts,
        classification.parameters,
        classification.load_parameters,
    ),
)

DEEP_ALGORITHMS: tuple[DeepAlgorithm, ...] = (
    DeepAlgorithm(
        "dqn",
        "DQN",
        "Mnih et al., 2015",
        "deep",
        dqn.dqn,
        dqn.DQNConfig,
        dqn.initial_dqn,
        (False,),
        dqn.greedy,
        dqn.thoughts,
        dqn.parameters,
        dqn.load_parameters,
    ),
    DeepAlgorithm(
        "ppo",
        "PPO",
        "Schulman et al., 2017",
        "deep",
        ppo.ppo,
        ppo.PPOConfig,
        ppo.initial_ppo,
        (False, True),
        ppo.greedy,
        ppo.thoughts,
        ppo.parameters,
        ppo.load_parameters,
        by_rollouts=True,
    ),
)

EVERY_ALGORITHM: tuple[Algorithm, ...] = (*ALGORITHMS, *SUPERVISED_ALGORITHMS, *DEEP_ALGORITHMS)


def algorithm_named(name: str) -> Algorithm:
    """The algorithm of that name; raises KeyError when there is none."""
    return {algorithm.name: algorithm for algorithm in EVERY_ALGORITHM}[name]


def deep_algorithm_named(name: str) -> DeepAlgorithm:
    """The algorithm of that name that learns a network; raises KeyError when there is none."""
    return {algorithm.name: algorithm for algorithm in (*SUPERVISED_ALGORITHMS, *DEEP_ALGORITHMS)}[name]
