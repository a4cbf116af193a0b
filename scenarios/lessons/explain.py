"""One update in words: the formula, the same with its numbers, and a sentence about what happened."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.contract import Backup, Experience, Floats, Update
from algorithms.dynamic_programming import DPState
from algorithms.exploration import tied
from scenarios.experiment import Experiment
from scenarios.lessons.explain_deep import explain_experience
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import NOTHING, Explanation, bracketed, decimals_of, number
from scenarios.worlds.layout import ARROWS, DIRECTIONS, Kind, Layout
from scenarios.worlds.model import TabularModel

FORMULAS = {
    "policy-evaluation": "V(s) ← Σ_a π(a|s) Σ p(s′,r|s,a) [r + γ V(s′)]",
    "policy-iteration": "V(s) ← Σ_a π(a|s) Σ p(s′,r|s,a) [r + γ V(s′)]",
    "value-iteration": "V(s) ← max_a Σ p(s′,r|s,a) [r + γ V(s′)]",
    "sarsa": "Q(s,a) ← Q(s,a) + α [r + γ Q(s′,a′) − Q(s,a)]",
    "q-learning": "Q(s,a) ← Q(s,a) + α [r + γ max Q(s′,·) − Q(s,a)]",
    "expected-sarsa": "Q(s,a) ← Q(s,a) + α [r + γ Σ π(a′|s′) Q(s′,a′) − Q(s,a)]",
    "double-q-learning": "Q₁(s,a) ← Q₁(s,a) + α [r + γ Q₂(s′, argmax Q₁(s′,·)) − Q₁(s,a)]",
}
NOTHING_FOLLOWS = {
    Kind.TERMINAL: "The episode is over here: nothing follows, so it is worth 0.",
    Kind.HOLE: "The episode is over here: nothing follows, so it is worth 0.",
    Kind.WALL: "A wall: nobody is ever here.",
}
IMPROVEMENT = "π(s) ← argmax_a Σ p(s′,r|s,a) [r + γ V(s′)]"


def action_sign(layout: Layout, action: int) -> str:
    """An action as an arrow, or by name where it is no direction."""
    name = layout.actions[action]
    return ARROWS.get(name, name)


def explain(stepper: Stepper, event: Any) -> Explanation:
    """What the latest update of a stepper (or the next, got by `peek`) did and why."""
    experiment = stepper.experiment_of(event)
    if isinstance(event, Experience):
        return explain_experience(experiment, stepper.witness_of(event), stepper.left_by(event), event)
    if isinstance(event, Backup):
        return _explain_backup(experiment, stepper.state_of(event), _values_read(stepper, event), event)
    return _explain_update(experiment, event)


def _explain_update(experiment: Experiment, event: Update) -> Explanation:
    layout = experiment.model.layout
    s, a = int(event.s[0]), int(event.a[0])
    r, bootstrap, discount = (float(x[0]) for x in (event.r, event.bootstrap, event.discount))
    old, new, target = (float(x[0]) for x in (event.old, event.new, event.target))
    error = target - old if abs(target - old) > NOTHING else 0.0
    alpha = float(np.ravel(event.alpha)[0])
    table = "Q" if event.table is None else ("Q₁", "Q₂")[int(event.table[0])]
    entry = f"{table}({s}, {action_sign(layout, a)})"
    digits = decimals_of(old)  # and no other, for a question shows it
    begun = f"{number(old, digits)} + {number(alpha)}"
    follows = f"{number(experiment.config.gamma)}·{bracketed(bootstrap, digits)}" if discount else "0"
    numbers = (
        f"{entry} ← {begun} [{number(r, digits)} + {follows} − {bracketed(old, digits)}]",
        f"     = {begun} · {bracketed(error, digits)}  =  {number(new, digits)}",
    )
    sentence = " ".join(part for part in (_surprise(error, "estimate", digits), _why(experiment, event)) if part)
    formula = FORMULAS[experiment.algorithm.name]
    if table == "Q₂":
        formula = formula.translate(str.maketrans("₁₂", "₂₁"))
    return Explanation(formula, numbers, sentence, old, new, entry)


def _surprise(error: float, what: str, digits: int) -> str:
    if abs(error) <= NOTHING:
        return f"Just as expected: the {what} stays."
    if error > 0:
        return f"Better than expected by {number(error, digits)}: the {what} rises."
    return f"Worse than expected by {number(-error, digits)}: the {what} falls."


def _why(experiment: Experiment, event: Update) -> str:
    """What stands behind the target, where there is something to say."""
    layout = experiment.model.layout
    if not event.discount[0]:
        return "The episode ends here, so nothing follows the reward."
    if event.last[0]:
        return "Time is up, but the world would have gone on: what follows still counts."
    if _fell(experiment.model, event):
        return "It stepped off the cliff and is back at the start; the episode goes on."
    if event.a2 is not None:
        return f"It counts on {action_sign(layout, int(event.a2[0]))}, the action it will really take next."
    return {
        "q-learning": "It counts on the best next action, whatever it will really do.",
        "expected-sarsa": "It counts on the average over what it might do next, exploring included.",
        "double-q-learning": "One table picks the best next action, the other says what that is worth.",
    }.get(experiment.algorithm.name, "")


def _fell(model: TabularModel, event: Update) -> bool:
    """The first lane's step can only have been one off a cliff."""
    layout = model.layout
    s, s2 = int(event.s[0]), int(event.s2[0])
    if layout.wind or layout.states_per_cell != 1 or not (layout.kinds == Kind.CLIFF).any():
        return False
    chance = model.chance[int(event.a[0]), :, 0 if model.chance.shape[2] == 1 else s]
    moves = (chance > 0) & (model.next_state[:, s] == s2) & (model.reward[:, s] == event.r[0])
    per_direction = len(moves) // model.actions
    return all(_leads_off(layout, s, int(m) // per_direction) for m in moves.nonzero()[0])


def _leads_off(layout: Layout, s: int, action: int) -> bool:
    down, right = DIRECTIONS[layout.actions[action]]
    row, column = s // layout.columns + down, s % layout.columns + right
    inside = 0 <= row < layout.rows and 0 <= column < layout.columns
    return inside and bool(layout.kinds[row * layout.columns + column] == Kind.CLIFF)


def _explain_backup(experiment: Experiment, state: DPState, v: Floats, event: Backup) -> Explanation:
    layout = experiment.model.layout
    s = event.states.start
    q, old, new = event.q[:, 0], float(event.old[0]), float(event.new[0])
    digits = decimals_of(*q, old)
    terms = tuple(
        f"{action_sign(layout, a)}  {_expectation(experiment, v, s, a, digits)} = {number(q[a], digits)}"
        for a in range(len(q))
    )
    best = " ".join(action_sign(layout, int(a)) for a in tied(q).nonzero()[0])
    if event.improvement:
        return Explanation(
            IMPROVEMENT, (*terms, f"π({s}) ← {best}"), f"Greedy in state {s}: {best}.", old, new, f"π({s})"
        )
    if new == 0 and layout.kinds[layout.cell(s)] in NOTHING_FOLLOWS:
        sentence = NOTHING_FOLLOWS[Kind(layout.kinds[layout.cell(s)])]
        return Explanation(FORMULAS[experiment.algorithm.name], (f"V({s}) ← 0",), sentence, old, new, f"V({s})")
    if experiment.algorithm.name == "value-iteration":
        result, sentence = f"V({s}) ← max = {number(new, digits)}", f"Best in state {s}: {best}."
    else:
        shares = [number(p) for p in state.policy[:, s]]
        weighted = " + ".join(f"{p}·{bracketed(x, digits)}" for p, x in zip(shares, q, strict=True) if p != "0")
        result, sentence = f"V({s}) ← {weighted} = {number(new, digits)}", "An average over what the policy might do."
    return Explanation(
        FORMULAS[experiment.algorithm.name],
        (*terms, result),
        f"{_surprise(new - old, 'value', digits)} {sentence}",
        old,
        new,
        f"V({s})",
    )


def _values_read(stepper: Stepper, event: Backup) -> Floats:
    """The values as they were when the backup read them, or will be when it does."""
    state: DPState = stepper.state_of(event)
    if event is not stepper.event:
        return state.v
    if stepper.experiment_of(event).config.in_place:
        v = state.v.copy()
        v[event.states] = event.old
        return v
    return state.v_next if event.last and not event.improvement else state.v  # a sweep's end swaps them


def _expectation(experiment: Experiment, v: Floats, s: int, a: int, digits: int) -> str:
    """Σ p [r + γ V(s')] of one action with its numbers."""
    model, gamma = experiment.model, number(experiment.config.gamma)
    chance = model.chance[a, :, 0 if model.chance.shape[2] == 1 else s]
    parts = []
    for m in chance.nonzero()[0]:
        worth = 0.0 if model.ends[m, s] else float(v[model.next_state[m, s]])
        inside = f"{number(model.reward[m, s], digits)} + {gamma}·{bracketed(worth, digits)}"
        parts.append(inside if chance[m] == 1 else f"{number(chance[m])}·[{inside}]")
    return " + ".join(parts)
