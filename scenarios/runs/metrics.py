"""Every metric a run records, declared once: its name, unit, direction, meaning, and how it looks in good health."""

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
    healthy: str
    """What it looks like when all is well."""
    unhealthy: str
    """What it means when it does not, and what to try."""


METRICS = (
    Metric(
        "episode/return",
        "reward",
        "higher",
        "The sum of the rewards of one episode, not discounted, averaged over the lanes.",
        "Noisy, and rising in the mean; a long flat stretch before the first success is normal where rewards are rare.",
        "Flat for a third of the run: it explores too little to find anything better, or takes steps too small. "
        "Falling for good after a rise: steps too large. Look at the greedy evaluation before you judge: exploring "
        "costs return.",
    ),
    Metric(
        "episode/length",
        "steps",
        "none",
        "The number of steps of one episode, averaged over the lanes.",
        "It moves the way the task rewards: longer where one must survive, shorter where one must arrive.",
        "Stuck at the time limit where one should arrive: it has learnt to avoid the risk and wait. Read it together "
        "with the return.",
    ),
    Metric(
        "episode/count",
        "episodes",
        "none",
        "The number of episodes finished so far, in every lane.",
        "It rises all the time: steeply while episodes are short, slowly while they are long.",
        "If it stays as it is, an episode never ends: give the environment a time limit.",
    ),
    Metric(
        "sweep/largest_change",
        "reward",
        "lower",
        "The largest |V_new(s) − V_old(s)| over all states in one sweep; below θ the sweeps stop.",
        "It shrinks by a factor of about γ with every sweep: a straight line on a logarithmic axis.",
        "If it stays as it is, γ is 1 and some states never reach an end: lower γ, or give the world a way out.",
    ),
    Metric(
        "value/td_error",
        "reward",
        "lower",
        "The mean |target − Q(s,a)| of recent updates: how surprised the learner still is.",
        "It jumps when something new is found and falls again; in a world of chance it never reaches 0.",
        "Growing along with the Q-values without an end, the learner chases its own estimates: copy the target "
        "network less often, or lower the learning rate.",
    ),
    Metric(
        "value/q_mean",
        "reward",
        "none",
        "The mean Q(s,a) of the samples learnt from.",
        "It settles near the discounted return that the policy really earns, which rewards of at most r in size keep "
        "below r / (1 − γ).",
        "Beyond that bound it believes in rewards that do not exist: the maximum over noisy estimates feeds itself. "
        "Try double = true, a lower learning rate, or a target network that is copied less often.",
    ),
    Metric(
        "loss/train",
        "nat",
        "lower",
        "The mean of minus the logarithm of the probability of the right class.",
        "It begins at ln(classes), 2.3 for ten, and falls fast at first, then slowly.",
        "Stuck where it began, it learns nothing: another learning rate. Low while the held-out accuracy falls, it "
        "learns by heart: less training, or more distortion.",
    ),
    Metric(
        "accuracy/train",
        "1",
        "higher",
        "The share of distorted images named rightly while learning from them.",
        "A little below the accuracy on held-out images, which are not distorted.",
        "Well above the held-out accuracy it has learnt by heart; at 0.1 it guesses among ten.",
    ),
    Metric(
        "loss/value",
        "1",
        "lower",
        "The loss of the value network: its squared or Huber error.",
        "No steady fall: it rises whenever the policy improves, because there is more to foresee, and comes down "
        "again.",
        "Growing over orders of magnitude or NaN: the learning rate is too high, or the rewards are too large and "
        "want scaling.",
    ),
    Metric(
        "loss/policy",
        "1",
        "lower",
        "The loss of the policy: minus the clipped surrogate of the advantages.",
        "Small and around zero, usually a little below. Its size says nothing of how good the policy is.",
        "Large swings: the policy is moved too far by one rollout. Lower the learning rate, the epochs or the clip.",
    ),
    Metric(
        "value/explained_variance",
        "1",
        "higher",
        "The share of the returns' variance that the critic foresaw: 1 is perfect, 0 no better than their mean.",
        "It climbs from about 0 towards 0.5 and more, dips when the policy finds something new, and recovers.",
        "Below 0 for long, the critic is worse than a constant and its advantages are noise: raise value_weight, the "
        "learning rate or the rollout's length, or give the critic a larger network.",
    ),
    Metric(
        "policy/entropy",
        "nat",
        "none",
        "How undecided the policy is: ln(actions) when all are equally likely, 0 when one is certain.",
        "It begins near ln(actions), 1.39 for four, and falls slowly over the whole run as the policy makes up its "
        "mind. For continuous actions it is the width of the distribution, and may be negative.",
        "Near 0 early on, the policy has stopped exploring and repeats the first thing that paid: raise "
        "entropy_bonus, lower the learning rate. As high at the end as at the beginning, it has learnt nothing, or "
        "the bonus is too large.",
    ),
    Metric(
        "policy/kl",
        "nat",
        "none",
        "How far the policy has moved from the one that acted: the KL divergence; above 0.02 it moves fast.",
        "Between 0.003 and 0.02 on average, with single peaks; towards 0 as the learning rate falls to 0.",
        "Above 0.05 for long, the rollout no longer describes the policy that learns from it: lower the learning rate "
        "or the epochs, or set target_kl. Near 0 from the start it hardly moves at all: raise the learning rate.",
    ),
    Metric(
        "policy/clip_fraction",
        "1",
        "none",
        "The share of actions whose probability has moved beyond the clip: from there on nothing pulls it further.",
        "Between 0.02 and 0.2; it falls as the learning rate does.",
        "Above 0.3 most of the work is thrown away: lower the learning rate or the epochs. At 0 the clip never acts "
        "and the steps are too small: raise the learning rate or the epochs.",
    ),
    Metric(
        "update/gradient_norm",
        "1",
        "none",
        "The length of the gradient, before it is clipped.",
        "Of one order of magnitude throughout, with peaks that the clipping cuts off.",
        "Growing a hundredfold, what is learnt is about to blow up: lower the learning rate, scale the rewards. "
        "Always far above max_gradient_norm, every step has the same length, whatever the error.",
    ),
    Metric(
        "evaluation/return",
        "reward",
        "higher",
        "The mean return of the greedy policy on episodes it does not learn from; of a classifier, its accuracy on "
        "held-out images.",
        "It rises with the return of training and lies above it, since it does not explore. It may drop sharply and "
        "recover: the best is kept.",
        "Far below training: a policy that needs its own randomness, as one that is stuck wherever it is certain. "
        "Train longer with less exploration, and look at more evaluation episodes.",
    ),
    Metric(
        "evaluation/on_request",
        "reward",
        "higher",
        "The mean return of the greedy policy when somebody asked for it; it has no consequences for the run.",
        "It lies on the curve of the regular evaluations: both play the same episodes.",
        "Below them, the policy is worse now than it was: what is kept is the best of the regular ones.",
    ),
    Metric(
        "evaluation/length",
        "steps",
        "none",
        "The mean number of steps of the episodes of a greedy evaluation.",
        "Like the length of the episodes in training, and steadier.",
        "At the time limit, where one should arrive: greedy, it goes round in circles.",
    ),
    Metric(
        "exploration/epsilon",
        "1",
        "none",
        "The probability ε of a random action now.",
        "It falls from 1 to a few hundredths over the first tenth or fifth of the run.",
        "Still near 1 late in the run, it has acted at random and never used what it learnt: shorten the schedule. At "
        "0 from the beginning, it never tries anything else.",
    ),
    Metric(
        "learning/alpha",
        "1",
        "none",
        "The step size α now: the share of each TD error that is learnt.",
        "Constant, or falling slowly: in a world of chance only a falling one lets the values settle.",
        "Near 0 too early, learning stands still before it has got anywhere; near 1 in a world of chance, each value "
        "is the last thing that happened.",
    ),
    Metric(
        "time/seconds",
        "s",
        "none",
        "How long the run had learnt by then: pauses, and the time between a stop and a resume, are left out.",
        "Nearly a straight line, a little steeper once learning has begun.",
        "Where it bends upwards learning has become slower: look at the steps per second.",
    ),
    Metric(
        "time/steps_per_second",
        "steps/s",
        "higher",
        "Environment steps of all lanes per second of wall time.",
        "Level once learning has begun; longer episodes may take longer to reset or evaluate.",
        "Half of what it was: something else uses the processor or memory. See `top`, and that no more runs learn at "
        "once than there are cores.",
    ),
)


def metric_named(name: str) -> Metric | None:
    """The declaration of a metric; None for one that is not ours, as in a log of another version."""
    return _BY_NAME.get(name)


_BY_NAME = {metric.name: metric for metric in METRICS}
