"""A run on trial: episodes that its policy plays greedily, on seeds it has never learnt from nor been chosen by.

Shapes: E episodes, S states, A actions.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np

from algorithms.contract import Floats, Ints
from algorithms.exploration import TieBreak, greedy
from engine.randomness import generator
from scenarios.experiment import AnyExperiment, DeepExperiment, Experiment
from scenarios.lessons.ledger import band
from scenarios.runs.budget import Budget
from scenarios.runs.checkpoint import checkpoints, read_checkpoint
from scenarios.runs.directory import Run
from scenarios.runs.evaluation import EPISODES, evaluate
from scenarios.runs.files import RunError
from scenarios.runs.keeping import identity_of, load_checkpoint
from scenarios.runs.learners import Learner, best_of
from scenarios.runs.resume import experiment_of
from scenarios.runs.tables import read_tables
from scenarios.worlds.model import TabularWorld

Which = Literal["best", "last"]
UNSEEN_SEEDS = 2**64  # training takes seeds below 2^63, its evaluations the 2^63 above


def evaluate_run(run: Run, episodes: int | None, seed: int, which: Which = "best") -> dict[str, Any]:
    """What `rltop eval --json` prints: returns, lengths, their mean, deviation and 95 % t interval.

    Without `episodes` there are 100, or all held-out images. A tabular run has no best policy but its last. Raises
    RunError when there is none, or it cannot be used.
    """
    experiment, budget = experiment_of(run)
    if isinstance(experiment, Experiment):
        which = "last"
        returns, lengths = _play(experiment, _action_values(run, experiment, budget), episodes or EPISODES, seed)
    else:
        state = _state(run, experiment, budget, which)
        returns, lengths = evaluate(
            experiment, lambda obs: experiment.greedy(state, obs), episodes, UNSEEN_SEEDS + seed
        )
    mean, low, high = (float(number[0]) for number in band(returns[None]))
    return {
        "run": str(run.path),
        "checkpoint": which,
        "episodes": len(returns),
        "seed": seed,
        "returns": returns.tolist(),
        "mean": mean,
        "std": float(returns.std(ddof=1)) if len(returns) > 1 else 0.0,
        "ci95": None if math.isnan(low) else [low, high],
        "lengths": lengths.tolist(),
    }


def _state(run: Run, experiment: DeepExperiment, budget: Budget, which: Which) -> Any:
    """A state that acts as the best or the last policy of a deep learner does."""
    if which == "last":
        return _newest(run, experiment, budget).state
    if not run.best.exists():
        raise RunError(run.best, "is not there: no greedy evaluation has been held yet", "use --checkpoint last")
    state = experiment.initial_state()
    fresh = best_of(experiment.algorithm.parameters(state), 0.0, 0)
    best = read_checkpoint(run.best, identity_of(run), fresh)
    experiment.algorithm.load_parameters(state, best["weights"])
    return state


def _newest(run: Run, experiment: AnyExperiment, budget: Budget) -> Learner:
    """The run as its newest usable checkpoint left it."""
    fault = RunError(run.path, "has no checkpoint yet", "wait for one, or send it the command `checkpoint`")
    for transitions, _ in checkpoints(run.path):
        try:
            return load_checkpoint(run, experiment, budget, transitions)[1]
        except RunError as error:
            fault = error
    raise fault


def _action_values(run: Run, experiment: Experiment, budget: Budget) -> Floats:
    """Q(s, a) of lane 0. [S, A]"""
    if run.tables.exists() and not checkpoints(run.path):  # too large a run to have checkpoints
        kept = read_tables(run.tables)
    else:
        kept = _newest(run, experiment, budget).tables()
    q: Floats = kept["q"][0].astype(np.float64)
    return q


def _play(experiment: Experiment, q: Floats, episodes: int, seed: int) -> tuple[Floats, Ints]:
    """Return and length of episodes played side by side; ties are broken as the learner breaks them. [E] each

    Where there is no time limit an episode is left after 10·S + 1000 steps: a greedy policy may go round in circles.
    """
    world, rng = TabularWorld(experiment.model, episodes), generator(UNSEEN_SEEDS + seed)
    tie_break: TieBreak = getattr(experiment.config, "tie_break", "random")
    offset = np.arange(episodes) * world.states
    returns, lengths = np.zeros(episodes), np.zeros(episodes, np.intp)
    playing = np.ones(episodes, np.bool_)
    s = world.start(rng)
    for t in range(experiment.model.max_steps or 10 * world.states + 1000):
        step = world.step(s, greedy(q[s - offset], tie_break, rng), np.full(episodes, t), rng)
        returns += np.where(playing, step.r, 0.0)
        lengths += playing
        playing &= ~step.last
        if not playing.any():
            break
        s = step.s2
    return returns, lengths
