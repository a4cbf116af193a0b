"""One update of a deep learner in words: what it did, and what that means for one sample of it, with its numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from algorithms import dqn, ppo
from algorithms.actor_critic import ActorCritic
from algorithms.classification import ClassificationState
from algorithms.contract import Experience, Floats32
from algorithms.dqn import DQNState
from algorithms.networks import Network
from algorithms.ppo import PPOState
from engine.tensor import Tensor, no_grad
from scenarios.experiment import DeepExperiment
from scenarios.lessons.witness import Witness
from scenarios.lessons.words import Explanation, bracketed, counted, decimals_of, grouped, listed, number

ACTS = "a = argmax Q(s,·;θ), or with probability ε at random"
REGRESSES = "θ ← θ − α ∇ loss(Q(s,a;θ) − y)"
JUDGES = "Â = δ + γλ δ′ + (γλ)² δ″ + …,  δ = r + γ V(s′) − V(s)"
IMPROVES = "maximise min(ρ Â, clip(ρ, 1 − ε, 1 + ε) Â),  ρ = π(a|s;θ) / π(a|s;θ_old)"
NAMES = "minimise −log p(y|x;θ)"


_READ = {"kl": "KL", "td_error": "TD error", "q_mean": "mean Q", "epsilon": "ε", "train": ""}


def explain_experience(experiment: DeepExperiment, before: Witness, state: Any, event: Experience) -> Explanation:
    """What an event did and why, from what was there before it and the state that it left."""
    return _STORIES[experiment.algorithm.name](experiment, before, state, event)


def shown_action(a: Any) -> str:
    """An action: its number, or the numbers of a continuous one."""
    return listed(a) if np.ndim(a) else str(int(a))


def measured(metrics: Mapping[str, float]) -> str:
    """Diagnostics in a line: loss 0.43, gradient norm 3.2."""
    return ", ".join(f"{metric_name(name)} {number(value)}" for name, value in metrics.items())


def metric_name(name: str) -> str:
    """A diagnostic's name as it is read: of loss/value the value loss, of policy/kl the KL."""
    group, _, own = name.partition("/")
    text = _READ.get(own, own.replace("_", " "))
    return f"{text} loss".lstrip() if group == "loss" else text or group


# ── DQN ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _explain_dqn(experiment: DeepExperiment, before: Witness, state: DQNState, event: Experience) -> Explanation:
    return (_explain_round if event.metrics else _explain_acting)(experiment, before, state, event)


def _q_network(weights: Mapping[str, Floats32]) -> Network:
    """The network that has these weights."""
    matrices = [array for array in weights.values() if array.ndim == 2]
    network = Network((len(matrices[0]), *(matrix.shape[1] for matrix in matrices)), np.random.default_rng(0))
    network.load_state(weights)
    return network


def _explain_acting(experiment: DeepExperiment, before: Witness, state: DQNState, event: Experience) -> Explanation:
    config, steps = experiment.config, before.counts["steps"]
    obs, a = event.obs[0], event.a[0]
    q = _q_network(before.weights).values(obs)[0]
    epsilon = float(config.epsilon(steps))
    explored = bool(before.rng().random(len(obs))[0] < epsilon)
    how = f"drawn at random, ε = {number(epsilon)}" if explored else f"greedy, ε = {number(epsilon)}"
    ended = "; the episode is over" if event.last[0, 0] else ""
    numbers = (
        f"s = {listed(obs[0])}",
        f"Q(s,·;θ) = {listed(q)}",
        f"a = {shown_action(a[0])}  {how}",
        f"r = {number(float(event.r[0, 0]))}{ended}",
    )
    fill = f"The replay memory has {counted(state.replay.size * state.replay.count, 'step')} of {_room(state)}."
    sentence = f"It acts and remembers. {fill} {_next_round(config, state)}"
    return Explanation(ACTS, numbers, sentence, None, None, covered=numbers[:2])


def _room(state: DQNState) -> str:
    return grouped(state.replay.rows * state.replay.count)


def _next_round(config: Any, state: DQNState) -> str:
    """When it learns next."""
    due = max(state.steps + 1, config.learning_starts)
    due += -due % config.train_every
    return f"It learns in {counted(due - state.steps, 'step')}."


def _explain_round(experiment: DeepExperiment, before: Witness, state: DQNState, event: Experience) -> Explanation:
    """A round of updates by the first sample of the first of them."""
    config = experiment.config
    old, rng = _q_network(before.weights), before.rng()
    dqn.epsilon_greedy(old.values(event.obs[0]), config.epsilon(before.counts["steps"]), rng)  # as it has drawn
    samples = state.replay.sample((config.updates, config.batch), config.n_step, config.gamma, rng)
    s, a = samples.s[0, :1], int(samples.a[0, 0])
    s2 = state.replay.following(samples.place[0, :1])
    g, discount = samples.g[0, :1], samples.discount[0, :1]
    q_target = state.target.values(s2)[0].copy()
    if config.double:
        q_online = old.values(s2)[0].copy()
        y = float(dqn.double_dqn_target(g, discount, q_target[:, None], q_online[:, None])[0])
        worth, formula = float(q_target[q_online.argmax()]), "y = r + γ Q(s′, argmax Q(s′,·;θ); θ⁻)"
    else:
        y = float(dqn.dqn_target(g, discount, q_target[:, None])[0])
        worth, formula = float(q_target.max()), "y = r + γ max Q(s′,·;θ⁻)"
    if config.n_step > 1:
        formula = formula.replace("r + γ", "G + γⁿ")
    was, now = float(old.values(s)[0, a]), float(state.q.values(s)[0, a])
    digits = decimals_of(was)  # which a question may show
    follows = f"{float(discount[0]):.6g}·{bracketed(worth, digits)}" if discount[0] else "0"
    sample = f"first sample:  a = {a} in s = {listed(s[0])}"
    numbers = (
        sample,
        f"y = {number(float(g[0]), digits)} + {follows} = {number(y, digits)}",
        f"y − Q(s,a;θ) = {number(y, digits)} − {bracketed(was, digits)} = {number(y - was, digits)}",
        measured(event.metrics),
    )
    rounds = f"{counted(config.updates, 'update')} of {counted(config.batch, 'sample')} each."
    age = state.steps - state.copied
    frozen = "θ⁻ was copied from θ just before." if age == 0 else f"θ⁻ is θ of {counted(age, 'step')} ago."
    covered = (sample, f"Q(s,a;θ) = {number(was, digits)}", "y = ? + ?")
    sentence = f"{rounds} {_towards(was, now, y)} {frozen}"
    return Explanation(f"{formula},  {REGRESSES}", numbers, sentence, was, now, "Q(s,a;θ) of the first sample", covered)


def _towards(was: float, now: float, target: float) -> str:
    """Whether an estimate has come closer to its target."""
    if abs(target - now) <= abs(target - was):
        return "Q of this sample comes closer to its target."
    return "Q of this sample moves away from its target: the others pull, too."


# ── PPO ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _explain_ppo(experiment: DeepExperiment, before: Witness, state: PPOState, event: Experience) -> Explanation:
    return (_explain_minibatch if event.metrics else _explain_rollout)(experiment, before, state, event)


def _explain_rollout(experiment: DeepExperiment, before: Witness, state: PPOState, event: Experience) -> Explanation:
    """A rollout by the first step of the first environment."""
    config, (steps, count) = experiment.config, event.r.shape
    r, v, advantage = (float(x) for x in (event.r[0, 0], state.batch.v[0, 0], state.batch.advantage[0]))
    scale = state.scale.deviation + 1e-8 if config.scale_rewards else 1.0
    digits = decimals_of(r, v, advantage)
    paid = number(r, digits) if scale == 1.0 else f"{number(r, digits)} / {number(scale, decimals_of(scale))}"
    numbers = [f"{counted(steps, 'step')} x {counted(count, 'environment')} = {counted(event.r.size, 'step')}"]
    if event.last[0, 0] or steps == 1:
        numbers.append(f"first step:  r = {paid}, V(s) = {number(v, digits)}, and its episode is cut there")
    else:
        v2 = float(state.batch.v[count, 0])
        delta = r / scale + config.gamma * v2 - v
        follows = f"{number(config.gamma)}·{bracketed(v2, digits)}"
        numbers.append(f"first step:  δ = {paid} + {follows} − {bracketed(v, digits)} = {number(delta, digits)}")
    numbers.append(f"Â = {number(advantage, digits)}, and V is to learn V + Â = {number(v + advantage, digits)}")
    ended = int(event.last.sum())
    parts = config.rollout_size // config.batch
    sentence = (
        f"It acted by the policy as it is; {counted(ended, 'episode')} ended. Now it learns from these steps in "
        f"{counted(config.epochs, 'epoch')} of {counted(parts, 'minibatch').replace('hs', 'hes')}, then forgets them."
    )
    return Explanation(JUDGES, tuple(numbers), sentence, None, None, covered=tuple(numbers[:1]))


def minibatch_of(config: Any, before: Witness) -> tuple[int, slice]:
    """Which minibatch of its epoch an update took, and its rows of the batch."""
    i = -before.counts["left"] % (config.rollout_size // config.batch)
    return i, slice(i * config.batch, (i + 1) * config.batch)


def _explain_minibatch(experiment: DeepExperiment, before: Witness, state: PPOState, event: Experience) -> Explanation:
    """An update by the first step of its minibatch."""
    config = experiment.config
    i, rows = minibatch_of(config, before)
    parts = config.rollout_size // config.batch
    epoch = config.epochs - (before.counts["left"] - 1) // parts
    batch = state.batch[rows]
    advantages = ppo.normalised(batch.advantage) if config.normalise_advantages else batch.advantage
    advantage, acted = float(advantages[0]), math.exp(float(batch.log_prob[0]))
    was = _probability(_old_policy(state.network, before.weights), batch.obs[:1], batch.a[:1])
    now = _probability(state.network, batch.obs[:1], batch.a[:1])
    clip = float(config.clip(state.steps))
    kind = "density" if state.network.continuous else "π(a|s)"
    where = f"epoch {epoch} of {config.epochs}, minibatch {i + 1} of {parts}"
    sample = f"first step:  a = {shown_action(batch.a[0])} in s = {listed(batch.obs[0])}"
    bounds = f"{number(1 - clip, 4)} … {number(1 + clip, 4)}"
    digits = decimals_of(was, acted)
    numbers = (
        where,
        sample,
        f"Â = {number(advantage, 4)}{', normalised' if config.normalise_advantages else ''}; ρ is clipped to {bounds}",
        f"ρ = {number(was, digits)} / {number(acted, digits)} = {was / acted:.4f}, after the step {now / acted:.4f}",
        measured(event.metrics),
    )
    covered = (where, sample, f"{kind} = {number(acted, digits)} when it acted, {number(was, digits)} now", "Â = ?")
    sentence = _likelier(advantage, was, now, acted, clip)
    return Explanation(IMPROVES, numbers, sentence, was, now, f"{kind} of the first step", covered)


def _old_policy(network: ActorCritic, weights: Mapping[str, Floats32]) -> ActorCritic:
    """The same network with the weights of before."""
    old = ActorCritic(
        network.observation_size, network.actions, network.continuous, network.hidden, np.random.default_rng(0)
    )
    old.load_state(weights)
    return old


def _probability(network: ActorCritic, obs: Floats32, a: NDArray[Any]) -> float:
    """π(a|s), or its density."""
    with no_grad():
        return math.exp(min(700.0, network.pi(network.actor(Tensor(obs))).log_prob(a).data.item()))


def _likelier(advantage: float, was: float, now: float, acted: float, clip: float) -> str:
    """Whether the action became more likely, and whether that is what its advantage asked for."""
    better = "Better than expected" if advantage > 0 else "Worse than expected"
    became = "more likely" if now > was else "less likely" if now < was else "no more likely"
    beyond = was / acted > 1 + clip if advantage > 0 else was / acted < 1 - clip
    if beyond:
        return f"{better}, but ρ was beyond the clip: this step earned nothing more. The action became {became}."
    if (now > was) == (advantage > 0):
        return f"{better}: the action became {became}."
    return f"{better}, and yet the action became {became}: the other steps pull, too."


# ── Classification ───────────────────────────────────────────────────────────────────────────────────────────


def _explain_classification(
    experiment: DeepExperiment, before: Witness, state: ClassificationState, event: Experience
) -> Explanation:
    """An update by the first image of its minibatch."""
    first = before.counts["cursor"]
    x, y = event.obs[0], int(state.examples.classes[state.order[first]])
    old = _q_network(before.weights)
    was, now = (float(_softmax(network.values(x)[0])[y]) for network in (old, state.network))
    guess = int(event.a[0, 0])
    images = f"{first + 1} to {first + len(event.r)} of {len(state.examples.pixels)}"
    numbers = (
        f"images {images}, epoch {before.counts['epoch'] + 1}",
        f"first image:  a {y}, guessed {guess}",
        f"−log p({y}|x;θ) = −log {number(was)} = {number(-math.log(max(was, 1e-300)), 4)}",
        measured(event.metrics),
    )
    verdict = "Right" if guess == y else "Wrong"
    moved = "rises" if now > was else "falls"
    sentence = f"{verdict}. The probability of the right answer {moved} from {number(was)} to {number(now)}."
    covered = (numbers[0], f"first image:  a {y}, p({y}|x;θ) = {number(was)}")
    return Explanation(NAMES, numbers, sentence, was, now, f"p({y}|x;θ)", covered)


def _softmax(logits: Floats32) -> Floats32:
    exp = np.exp(logits - logits.max())
    p: Floats32 = exp / exp.sum()
    return p


Story = Callable[[DeepExperiment, Witness, Any, Experience], Explanation]
_STORIES: dict[str, Story] = {"dqn": _explain_dqn, "ppo": _explain_ppo, "classification": _explain_classification}
