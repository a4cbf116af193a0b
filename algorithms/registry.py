"""The algorithms by name, in order of increasing difficulty."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from algorithms import dynamic_programming as dp
from algorithms import td


@dataclass(frozen=True)
class Algorithm:
    """One algorithm: its page and what the page needs."""

    name: str
    title: str
    section: str  # of Sutton & Barto (2018)
    plans: bool  # it asks a model (dynamic programming) instead of acting in a world
    page: Callable[[Any, Any, Any], Iterator[Any]]  # (world or model, config, state) -> events
    config: type[Any]
    initial: Callable[[Any, Any, Any], Any]  # (world or model, config, generator) -> state


ALGORITHMS: tuple[Algorithm, ...] = (
    Algorithm("policy-evaluation", "Policy evaluation", "4.1", True, dp.policy_evaluation, dp.DPConfig, dp.initial_dp),
    Algorithm("policy-iteration", "Policy iteration", "4.3", True, dp.policy_iteration, dp.DPConfig, dp.initial_dp),
    Algorithm("value-iteration", "Value iteration", "4.4", True, dp.value_iteration, dp.DPConfig, dp.initial_dp),
    Algorithm("sarsa", "SARSA", "6.4", False, td.sarsa, td.TDConfig, td.initial_sarsa),
    Algorithm("q-learning", "Q-learning", "6.5", False, td.q_learning, td.TDConfig, td.initial_td),
    Algorithm("expected-sarsa", "Expected SARSA", "6.6", False, td.expected_sarsa, td.TDConfig, td.initial_td),
    Algorithm(
        "double-q-learning", "Double Q-learning", "6.7", False, td.double_q_learning, td.TDConfig, td.initial_double_q
    ),
)


def algorithm_named(name: str) -> Algorithm:
    """The algorithm of that name; raises KeyError when there is none."""
    return {algorithm.name: algorithm for algorithm in ALGORITHMS}[name]
