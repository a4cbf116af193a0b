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
    Metric("loss/train", "nat", "lower", "The mean of minus the logarithm of the probability of the right class."),
    Metric("accuracy/train", "1", "higher", "The share of distorted images named rightly while learning from them."),
    Metric("loss/value", "1", "lower", "The loss of the value network: its squared or Huber error."),
    Metric("loss/policy", "1", "lower", "The loss of the policy: minus the clipped surrogate of the advantages."),
    Metric(
        "value/explained_variance",
        "1",
        "higher",
        "The share of the returns' variance that the critic foresaw: 1 is perfect, 0 no better than their mean.",
    ),
    Metric(
        "policy/entropy",
        "nat",
        "none",
        "How undecided the policy is: ln(actions) when all are equally likely, 0 when one is certain.",
    ),
    Metric(
        "policy/kl",
        "nat",
        "none",
        "How far the policy has moved from the one that acted: the KL divergence; above 0.02 it moves fast.",
    ),
    Metric(
        "policy/clip_fraction",
        "1",
        "none",
        "The share of actions whose probability has moved beyond the clip: from there on nothing pulls it further.",
    ),
    Metric("update/gradient_norm", "1", "none", "The length of the gradient, before it is clipped."),
    Metric(
        "evaluation/return",
        "reward",
        "higher",
        "The mean return of the greedy policy on episodes it does not learn from; of a classifier, its accuracy on "
        "held-out images.",
    ),
    Metric("evaluation/length", "steps", "none", "The mean number of steps of the episodes of a greedy evaluation."),
    Metric("exploration/epsilon", "1", "none", "The probability ε of a random action now."),
    Metric("learning/alpha", "1", "none", "The step size α now: the share of each TD error that is learnt."),
    Metric("time/steps_per_second", "steps/s", "higher", "Environment steps of all lanes per second of wall time."),
)
