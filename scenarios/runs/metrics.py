"""Every metric a run records, declared once: its name, unit, direction and meaning."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    """One scalar curve."""

    name: str
    """A path, `family/what`, as TensorBoard groups it."""
    unit: str
    """What one is counted in; "1" for a pure number."""
    better: Literal["higher", "lower", "none"]
    """The direction in which learning goes well, "none" where there is no such direction."""
    meaning: str
    """One sentence for a learner."""


METRICS = (
    Metric(
        "episode/return",
        "reward",
        "higher",
        "The sum of the rewards of one episode, not discounted, averaged over the lanes.",
    ),
    Metric("episode/length", "steps", "none", "The number of steps of one episode, averaged over the lanes."),
    Metric(
        "sweep/largest_change",
        "reward",
        "lower",
        "The largest |V_new(s) − V_old(s)| over all states in one sweep; below θ the sweeps stop.",
    ),
    Metric(
        "value/td_error",
        "reward",
        "lower",
        "The mean |target − Q(s,a)| of recent updates: how surprised the learner still is.",
    ),
    Metric("value/q_mean", "reward", "none", "The mean Q(s,a) of the samples learnt from."),
    Metric("loss/value", "1", "lower", "The loss of the value network: its squared or Huber error."),
    Metric("update/gradient_norm", "1", "none", "The length of the gradient, before it is clipped."),
    Metric(
        "evaluation/return",
        "reward",
        "higher",
        "The mean return of the greedy policy, without exploration, on episodes it does not learn from.",
    ),
    Metric("evaluation/length", "steps", "none", "The mean number of steps of the episodes of a greedy evaluation."),
    Metric("exploration/epsilon", "1", "none", "The probability ε of a random action now."),
    Metric("learning/alpha", "1", "none", "The step size α now: the share of each TD error that is learnt."),
    Metric("time/steps_per_second", "steps/s", "higher", "Environment steps of all lanes per second of wall time."),
)
