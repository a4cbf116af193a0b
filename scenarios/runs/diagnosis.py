"""What is wrong with a run, by rules that look at its curves as they grow; each says what it saw and what to try.

A rule looks at windows of a curve, never at all of it: a diagnosis takes a millisecond however long a run is. It
says nothing until it has seen enough, and nothing of what a healthy run shows, too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from algorithms.contract import Floats
from scenarios.runs.query import number_of
from scenarios.runs.tfevents import Series

Severity = Literal["note", "warning"]

MOST_POINTS = 400  # of one window that are looked at
FEWEST_POINTS = 8  # before a rule says anything
PIECES = 12  # in which a run is looked at as a whole
GROUPS = re.compile(r"(?<=\d),(?=\d{3})")  # of digits: 12,345, which is to be 12 345 as everywhere on a screen
GAUSSIAN_ENTROPY = 0.5 * math.log(2 * math.pi * math.e)  # of one continuous action with deviation 1


@dataclass(frozen=True)
class Diagnosis:
    """One thing that a rule has seen."""

    rule: str
    metric: str
    """The curve that shows it."""
    severity: Severity
    """A note explains what may look wrong; a warning says that something probably is."""
    sentence: str
    """What was seen, with its numbers."""
    advice: str
    """What to try."""


class _Run(NamedTuple):
    """What the rules look at."""

    curves: Mapping[str, Series]
    algorithm: str
    config: Mapping[str, Any]
    share: float | None
    solved: float | None
    steps: int  # so far
    total: float  # steps of the whole budget; so far, where nobody knows

    def setting(self, key: str) -> float | None:
        """A number among the settings, of a schedule the one that it starts with."""
        return number_of(self.config.get(key))

    def window(self, metric: str, first: float, last: float = 1.0) -> Floats:
        """Finite values of a curve between two shares of the steps so far, not more than `MOST_POINTS` of them."""
        series = self.curves.get(metric)
        if series is None:
            return np.empty(0)
        shares = np.array([first * self.steps, last * self.steps], np.int64)  # whole: floats would copy all steps
        low, high = np.searchsorted(series.steps, shares, side="right")
        low = min(int(low), max(0, int(high) - 1)) if last == 1.0 else int(low)  # the newest point always counts
        stride = -(-(int(high) - low) // MOST_POINTS) or 1
        values: Floats = np.asarray(series.values[low : int(high) : stride], np.float64)
        return values[np.isfinite(values)]

    def points(self, metric: str) -> int:
        """How many there are."""
        return len(self.curves[metric].steps) if metric in self.curves else 0


def diagnose(
    curves: Mapping[str, Series],
    algorithm: str,
    config: Mapping[str, Any],
    share: float | None,
    solved: float | None,
    *,
    fault: str | None = None,
) -> list[Diagnosis]:
    """What the rules see in a run, warnings first.

    Args:
        curves: every metric so far, as it was recorded.
        algorithm: its name.
        config: every setting, as plain values.
        share: of the budget that is used, None where that is unknown.
        solved: the return that counts as solved, None where there is no such number.
        fault: why its metrics or checkpoints cannot be written just now, if so.
    """
    found = [Diagnosis("paused", "", "warning", f"Not all is kept: {fault.rstrip('.')}.", _DISK)] if fault else []
    steps = max((int(series.steps[-1]) for series in curves.values() if len(series.steps)), default=0)
    total = steps / share if share else float(steps)
    run = _Run(curves, algorithm, config, share, solved, steps, max(total, 1.0))
    with np.errstate(all="ignore"):
        found += [replace(one, sentence=GROUPS.sub(" ", one.sentence)) for rule in RULES for one in rule(run)]
    return sorted(found, key=lambda one: one.severity != "warning")


_DISK = "Free space on that disk: learning goes on meanwhile, and the curves catch up when there is room again."


# ── what breaks ──────────────────────────────────────────────────────────────────────────────────────────


def not_finite(run: _Run) -> Iterator[Diagnosis]:
    """A loss, value or gradient that is NaN or infinite."""
    for metric, series in run.curves.items():
        if metric.split("/")[0] in ("loss", "value", "update", "policy") and len(series.values):
            recent = series.values[-MOST_POINTS:]
            broken = np.flatnonzero(~np.isfinite(recent))
            if broken.size:
                at = len(series.values) - len(recent) + int(broken[0])
                yield Diagnosis(
                    "not-finite",
                    metric,
                    "warning",
                    f"{metric} became {recent[broken[0]]:g} after {int(series.steps[at]):,} steps.",
                    "Start again from the last checkpoint with a lower learning rate, or with smaller rewards.",
                )
                return


def exploding_gradient(run: _Run) -> Iterator[Diagnosis]:
    """A gradient a hundred times as long as it was."""
    metric = "update/gradient_norm"
    before, now = run.window(metric, 0.0, 0.7), run.window(metric, 0.95)
    if min(len(before), len(now)) < FEWEST_POINTS:
        return
    usual, recent = float(np.median(before)), float(np.median(now))
    limit = run.setting("max_gradient_norm") or 1.0
    if recent > 100 * max(usual, 1e-8) and recent > 10 * limit:
        yield Diagnosis(
            "exploding-gradient",
            metric,
            "warning",
            f"The gradient is {recent:.3g} long, {recent / max(usual, 1e-8):,.0f} times as long as before.",
            "Lower the learning rate, or scale the rewards down; clipping only hides it.",
        )


def unbounded_values(run: _Run) -> Iterator[Diagnosis]:
    """Q-values beyond what the rewards can add up to, and still growing."""
    metric = "value/q_mean"
    now, before = run.window(metric, 0.95), run.window(metric, 0.7, 0.85)
    bound = _largest_value(run)
    if bound is None or min(len(now), len(before)) < 3:
        return
    recent, earlier = float(np.median(now)), float(np.median(before))
    if abs(recent) > 2 * bound and abs(recent) > 1.05 * abs(earlier):
        yield Diagnosis(
            "unbounded-values",
            metric,
            "warning",
            f"The Q-values have grown to {recent:,.4g}, but what has been earned allows {bound:,.4g} at most.",
            "Set double = true, lower the learning rate, or copy the target network less often (target_every).",
        )


def _largest_value(run: _Run) -> float | None:
    """A bound of |Q(s,a)| from what was earned: the largest return, or the largest mean reward for ever, discounted."""
    returns, lengths = run.window("episode/return", 0.0), run.window("episode/length", 0.0)
    gamma = run.setting("gamma")
    if len(returns) < FEWEST_POINTS or len(returns) != len(lengths) or gamma is None:
        return None
    a_step = float(np.max(np.abs(returns) / np.maximum(lengths, 1)))
    largest = float(np.abs(returns).max())
    return max(largest, a_step / (1 - gamma)) if gamma < 1 else largest


# ── the policy ───────────────────────────────────────────────────────────────────────────────────────────


def collapsed_entropy(run: _Run) -> Iterator[Diagnosis]:
    """A policy that is certain of itself long before the end."""
    metric = "policy/entropy"
    if run.points(metric) < FEWEST_POINTS:
        return
    series = run.curves[metric]
    start, now = float(series.values[0]), float(np.median(series.values[-5:]))
    if not math.isfinite(start) or not math.isfinite(now):
        return
    actions = max(1, round(start / GAUSSIAN_ENTROPY))
    continuous = now < 0 or abs(start / GAUSSIAN_ENTROPY - actions) < 0.015
    # a continuous one is as narrow as a hundredth of what it was
    limit = start - actions * math.log(100) if continuous else 0.03 * start
    late = run.share is not None and run.share > 0.8
    if not (now < limit and (continuous or start > 0.1)) or late or _is_solved(run):
        return
    first_low = int(np.argmax(series.values < limit))
    halfway = series.values[: first_low + 1] > (start + limit) / 2
    last_high = int(np.flatnonzero(halfway)[-1]) if halfway.any() else 0
    yield Diagnosis(
        "collapsed-entropy",
        metric,
        "warning",
        f"The entropy fell from {start:.2f} to {now:.2f}, most of it {_how_fast(run, series, last_high, first_low)}: "
        "the policy has stopped exploring.",
        "Raise entropy_bonus, or lower the learning rate; then begin again, it will hardly recover.",
    )


def _how_fast(run: _Run, series: Series, first: int, last: int) -> str:
    """The time between two points, in rollouts where these are known."""
    steps = max(0, int(series.steps[last] - series.steps[first]))
    size = (run.setting("environments") or 0) * (run.setting("rollout_steps") or 0)
    if not size:
        return f"within {steps:,} steps"
    rollouts = max(1, math.ceil(steps / size))
    return "within one rollout" if rollouts == 1 else f"within {rollouts:,} rollouts"


def clip_fraction(run: _Run) -> Iterator[Diagnosis]:
    """A clip that throws away most of what is learnt, or never acts."""
    metric = "policy/clip_fraction"
    now, ever = run.window(metric, 0.9), run.window(metric, 0.0)
    if len(now) < FEWEST_POINTS or len(ever) < 4 * FEWEST_POINTS:
        return
    recent, mean = float(now.mean()), float(ever.mean())
    if recent > 0.3:
        yield Diagnosis(
            "high-clip-fraction",
            metric,
            "warning",
            f"{recent:.0%} of the actions are beyond the clip: most of each rollout teaches nothing any more.",
            "Lower the learning rate or the epochs, or set target_kl = 0.02.",
        )
    elif mean < 0.002 and not _is_solved(run):
        yield Diagnosis(
            "no-clipping",
            metric,
            "note",
            f"Only {mean:.2%} of the actions have ever been beyond the clip: the policy moves very little.",
            "Raise the learning rate or the epochs; if the return rises fast enough, all is well.",
        )


def high_kl(run: _Run) -> Iterator[Diagnosis]:
    """A policy that has moved too far from the one that acted."""
    metric = "policy/kl"
    now = run.window(metric, 0.9)
    limit = max(0.05, 2 * (run.setting("target_kl") or 0.0))
    if len(now) >= FEWEST_POINTS and (recent := float(np.median(now))) > limit:
        yield Diagnosis(
            "high-kl",
            metric,
            "warning",
            f"The policy moves by a KL divergence of {recent:.3f} within one rollout, where 0.02 is plenty.",
            "Lower the learning rate or the epochs, or set target_kl = 0.02.",
        )


def blind_critic(run: _Run) -> Iterator[Diagnosis]:
    """A critic that foresees less than the mean of the returns would."""
    metric = "value/explained_variance"
    now, before = run.window(metric, 0.85), run.window(metric, 0.6, 0.85)
    early = run.share is not None and run.share < 0.1
    if min(len(now), len(before)) < FEWEST_POINTS or early or _is_solved(run):  # of equal returns there is no variance
        return
    recent = float(np.median(now))
    if recent < -0.05 and float(np.median(before)) < 0:
        yield Diagnosis(
            "blind-critic",
            metric,
            "warning",
            f"The explained variance is {recent:.2f}: the critic is worse than a constant, and misleads the policy.",
            "Raise value_weight or the learning rate, or give the critic more to learn from (rollout_steps, hidden).",
        )


# ── the return ───────────────────────────────────────────────────────────────────────────────────────────


def evaluation_apart(run: _Run) -> Iterator[Diagnosis]:
    """A greedy policy that earns much less than the one that explores, or much more."""
    metric = "evaluation/return"
    training, ever = run.window("episode/return", 0.9), run.window("episode/return", 0.0)
    if run.points(metric) < 5 or len(training) < FEWEST_POINTS:
        return
    latest = run.curves[metric].values[-3:].astype(np.float64)
    earned = float(training.mean())
    apart = max(float(np.percentile(ever, 95) - np.percentile(ever, 5)) / 2, 0.15 * abs(earned))
    if not np.isfinite(latest).all() or apart <= 0:
        return
    if latest.max() < earned - apart:
        yield Diagnosis(
            "evaluation-below-training",
            metric,
            "warning",
            f"The greedy policy earns {latest.mean():,.1f} where training earns {earned:,.1f}: what it has learnt "
            "works only with its own randomness.",
            "Let it learn on with less and less exploration (entropy_bonus falling to 0), and watch some episodes.",
        )
    elif latest.min() > earned + apart:
        yield Diagnosis(
            "evaluation-above-training",
            metric,
            "note",
            f"The greedy policy earns {latest.mean():,.1f} where training earns {earned:,.1f}: exploring costs it.",
            "Nothing is wrong. The evaluation says what has been learnt.",
        )


def no_improvement(run: _Run) -> Iterator[Diagnosis]:
    """A return that has not risen for a third of the run, or has fallen back to where it was."""
    metric, share = "episode/return", run.share
    if share is None or share < 0.5 or run.points(metric) < 3 * PIECES or _is_solved(run):
        return
    means = np.array([_mean(run.window(metric, i / PIECES, (i + 1) / PIECES)) for i in range(PIECES)])
    third = math.ceil(PIECES / 3 / share)  # of the whole run, in pieces of what there is so far
    before, lately = means[:-third][~np.isnan(means[:-third])], means[-third:][~np.isnan(means[-third:])]
    if not len(before) or not len(lately):
        return
    first, best, highest, now = float(before[0]), float(before.max()), float(lately.max()), float(lately[-1])
    noise = float(np.median(np.abs(np.diff(np.concatenate([before, lately])))))
    if highest > best + max(0.02 * (best - first), noise):
        return
    if best - first <= 3 * noise:
        yield Diagnosis(
            "no-improvement",
            metric,
            "warning",
            f"The return has not risen yet: {first:,.1f} in the beginning, {now:,.1f} after {share:.0%} of the run.",
            "Let it explore more or longer, or take larger steps; where rewards are rare, use a larger n_step or λ.",
        )
    elif best - first > 5 * noise and float(lately[-2:].max()) < best - 0.6 * (best - first):
        yield Diagnosis(
            "lost-return",
            metric,
            "warning",
            f"The return has fallen from {best:,.1f} to {now:,.1f}.",
            "The best policy is kept. Lower the learning rate, or let it fall to 0 towards the end.",
        )
    else:
        yield Diagnosis(
            "plateau",
            metric,
            "note",
            f"The return has not risen for a third of the run: it stays at about {_mean(lately):,.1f}.",
            "It may have got where it can with these settings; what is left may be the price of exploring.",
        )


def still_random(run: _Run) -> Iterator[Diagnosis]:
    """An ε that is still near 1 late in the run."""
    metric = "exploration/epsilon"
    if run.share is None or run.share < 0.4 or not run.points(metric):
        return
    epsilon = float(run.curves[metric].values[-1])
    if epsilon >= 0.5:
        yield Diagnosis(
            "still-random",
            metric,
            "warning",
            f"After {run.share:.0%} of the run {epsilon:.0%} of the actions are still random.",
            f"Let it fall sooner: epsilon = linear(1, 0.05, {_rounded(run.total / 10)}) for a run as long as this one.",
        )


def slower(run: _Run) -> Iterator[Diagnosis]:
    """A speed that is half of what it was."""
    metric = "time/steps_per_second"
    if run.points(metric) < 25:
        return
    values = run.curves[metric].values
    usual, recent = float(np.median(values[-110:-10])), float(np.median(values[-10:]))
    if recent < 0.5 * usual:
        yield Diagnosis(
            "slower",
            metric,
            "note",
            f"It learns at {recent:,.0f} steps per second, less than half of the {usual:,.0f} before.",
            "Something else may use the processor: see `top`, and how many runs learn at once.",
        )


RULES: tuple[Callable[[_Run], Iterator[Diagnosis]], ...] = (
    not_finite,
    exploding_gradient,
    unbounded_values,
    collapsed_entropy,
    clip_fraction,
    high_kl,
    blind_critic,
    evaluation_apart,
    no_improvement,
    still_random,
    slower,
)


def _is_solved(run: _Run) -> bool:
    """Whether the run earns by now what counts as solved, exploring or greedy."""
    if run.solved is None:
        return False
    greedy = run.window("evaluation/return", 0.0)
    best = max(float(greedy.max(initial=-math.inf)), _mean(run.window("episode/return", 0.9)))
    return best >= run.solved


def _mean(values: Floats) -> float:
    return float(values.mean()) if len(values) else math.nan


def _rounded(number: float) -> int:
    """To two digits, as one would type it."""
    return int(float(f"{number:.1e}"))
