"""How long a run may learn: the limits of its budget, and worlds in which learning would never end by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from algorithms.contract import Bools, Ints
from scenarios.configuration import SettingError
from scenarios.experiment import AnyExperiment, DataExperiment, DeepExperiment, Experiment
from scenarios.runs.tables import MAX_TABLES_BYTES
from scenarios.worlds.model import TabularModel

ENDLESS_SWEEPS = 10_000  # of dynamic programming that cannot converge
ENDLESS_STEPS = 100_000  # of every lane in a world whose episodes cannot end
MOST_SWEEPS = 10_000_000  # one run records
EPISODE_BYTES = 16  # a return and a length
SPARE_BYTES = 1 << 20
MOST_EPISODES = (MAX_TABLES_BYTES - SPARE_BYTES) // EPISODE_BYTES  # of a deep learner


@dataclass(frozen=True)
class Budget:
    """When a run ends at the latest, whichever limit it meets first; every lane has all of it."""

    steps: int | None = None
    episodes: int = 0
    sweeps: int = 0


def budget_for(
    experiment: AnyExperiment, steps: int | None = None, episodes: int | None = None, *, sweeps_given: bool = False
) -> tuple[Budget, tuple[str, ...]]:
    """The budget of a run, and a warning where learning would not end by itself.

    Without `steps` and `episodes` a learner has the scenario's own number of episodes. Dynamic programming runs until
    it converges or has done `max_sweeps`, if those are what the user asked for (`sweeps_given`).

    Raises SettingError, one sentence, for limits that do not fit the algorithm or tables too large to keep.
    """
    if not isinstance(experiment, Experiment):
        return _budget_of_deep(experiment, steps, episodes), ()
    if experiment.algorithm.plans:
        if steps is not None or episodes is not None:
            raise SettingError(
                f"{experiment.algorithm.name} sweeps over all states and takes no steps or episodes: limit it by "
                "max_sweeps=N"
            )
        return _budget_of_sweeps(experiment, sweeps_given)
    most = _episodes_that_fit(experiment)
    if (episodes or 0) > most:
        raise SettingError(
            f"{episodes} episodes of {experiment.lanes} lanes are more than one run can keep: at most {most} fit"
        )
    if steps is None and experiment.model.max_steps is None and _may_never_end(experiment.model):
        warning = (
            "this world has places from which no ending can be reached, so episodes may never end: stopping after "
            f"{ENDLESS_STEPS:,} steps at the latest (set max_steps, or ask for --steps)"
        )
        return Budget(steps=ENDLESS_STEPS, episodes=episodes or most), (warning,)
    return Budget(steps=steps, episodes=episodes or (experiment.scenario.episodes if steps is None else most)), ()


def _budget_of_deep(experiment: DeepExperiment, steps: int | None, episodes: int | None) -> Budget:
    """Without `steps` and `episodes` the scenario's own number of steps, or of epochs where it has examples."""
    if (episodes or 0) > MOST_EPISODES:
        raise SettingError(f"{episodes} episodes are more than one run can keep: at most {MOST_EPISODES:,} fit")
    if steps is None and episodes is None:
        if isinstance(experiment, DataExperiment):
            return Budget(episodes=experiment.scenario.episodes)
        steps = experiment.scenario.steps[experiment.algorithm.name]
    return Budget(steps=steps, episodes=episodes or MOST_EPISODES)


def _budget_of_sweeps(experiment: Experiment, sweeps_given: bool) -> tuple[Budget, tuple[str, ...]]:
    _check_size(experiment)
    if sweeps_given or experiment.config.gamma < 1 or not (count := _endless_states(experiment.model)):
        return Budget(sweeps=MOST_SWEEPS), ()
    warning = (
        f"gamma is 1 and from {count:,} state{'s' if count > 1 else ''} no ending can be reached, so values may grow "
        f"without bound: stopping after {ENDLESS_SWEEPS:,} sweeps at the latest (set gamma below 1, or max_sweeps)"
    )
    return Budget(sweeps=ENDLESS_SWEEPS), (warning,)


def _check_size(experiment: Experiment) -> int:
    """Bytes of a run's tables; raises SettingError when they are more than a file may hold."""
    model = experiment.model
    size = 8 * experiment.lanes * model.states * (model.actions + 1)
    if size > MAX_TABLES_BYTES - SPARE_BYTES:
        raise SettingError(
            f"the values of {experiment.lanes} lanes of {model.states:,} states take {size >> 20:,} MiB, at most "
            f"{MAX_TABLES_BYTES >> 20} are kept: use fewer lanes or a smaller world"
        )
    return size


def _episodes_that_fit(experiment: Experiment) -> int:
    """How many episodes of every lane one run can record, at least 1."""
    room = MAX_TABLES_BYTES - SPARE_BYTES - _check_size(experiment)
    return max(1, room // (EPISODE_BYTES * experiment.lanes))


def _may_never_end(model: TabularModel) -> bool:
    """Whether an episode can get to a state from which no sequence of actions ends it."""
    start = np.zeros(model.states, np.bool_)
    start[model.start_states] = True
    tails, heads = _transitions(model)
    return bool((_spread(start, tails, heads) & ~_can_end(model)).any())


def _endless_states(model: TabularModel) -> int:
    """How many states never reach an ending or a standstill, if anything is paid among them."""
    pays = _possible(model) & (model.reward != 0)
    still = (model.next_state == np.arange(model.states)).all(axis=0) & ~pays.any(axis=0)
    tails, heads = _transitions(model)
    endless = ~_spread(still | _can_end(model), heads, tails)
    return int(endless.sum()) if pays[:, endless].any() else 0


def _possible(model: TabularModel) -> Bools:
    """Which outcomes some action can bring about. [M, S]"""
    under_some_action: Bools = np.logical_or.reduce(model.chance > 0, axis=0)  # [M, 1 or S]
    return np.broadcast_to(under_some_action, model.next_state.shape)


def _can_end(model: TabularModel) -> Bools:
    """From which states some sequence of actions can end the episode. [S]"""
    tails, heads = _transitions(model)
    ending: Bools = np.logical_or.reduce(_possible(model) & model.ends, axis=0)
    return _spread(ending, heads, tails)


def _transitions(model: TabularModel) -> tuple[Ints, Ints]:
    """Every possible transition that goes on, as the states it leads from and to."""
    outcomes, tails = (_possible(model) & ~model.ends).nonzero()
    return tails, model.next_state[outcomes, tails].astype(np.intp)


def _spread(marked: Bools, tails: Ints, heads: Ints) -> Bools:
    """The marked states and all that can be reached from them along edges from tails to heads. [S]"""
    order = np.argsort(tails, kind="stable")
    first = np.searchsorted(tails[order], np.arange(len(marked) + 1)).data
    after = heads[order].data
    reached, frontier = bytearray(marked.tobytes()), marked.nonzero()[0].tolist()
    while frontier:
        state = frontier.pop()
        for following in after[first[state] : first[state + 1]]:
            if not reached[following]:
                reached[following] = 1
                frontier.append(following)
    return np.frombuffer(reached, np.bool_)
