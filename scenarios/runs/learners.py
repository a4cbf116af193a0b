"""An experiment under way: its state, what is remembered of its events, and what has come of it in the end.

Shapes: L lanes, S states, A actions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from algorithms.contract import Backup, Experience, Floats32, Snapshot, Update, dump, load
from scenarios.experiment import AnyExperiment, DeepExperiment, Experiment, tables
from scenarios.runs.archive import Array
from scenarios.runs.budget import Budget
from scenarios.runs.directory import Status
from scenarios.runs.episodes import EpisodeLog, Log, SweepLog
from scenarios.runs.evaluation import Evaluations
from scenarios.runs.experience import ExperienceLog
from scenarios.worlds.evaluation import greedy_returns

CLOSE_ENOUGH = 1e-6  # to the return that counts as solved: an exact evaluation still rounds


class Ending(NamedTuple):
    """Why the loop ended."""

    status: Status
    message: str | None = None


class Verdict(NamedTuple):
    """What has come of a run."""

    status: Status
    eval_mean: float | None  # what the greedy policy earns
    remark: str | None = None


class Learner(Protocol):
    """What the loop asks of an experiment under way."""

    state: Any

    @property
    def experiment(self) -> AnyExperiment: ...
    @property
    def log(self) -> Log: ...
    @property
    def eval_mean(self) -> float | None: ...

    def events(self) -> Iterator[Any]: ...
    def take_in(self, event: Any) -> Ending | None: ...
    def tables(self) -> dict[str, Array]: ...
    def verdict(self, ending: Ending) -> Verdict: ...
    def dump(self) -> dict[str, Any]: ...
    def load(self, snapshot: Snapshot) -> None: ...
    def reconfigure(self, config: Any) -> None: ...
    def best(self) -> dict[str, Any] | None: ...
    def try_out(self) -> float | None: ...


def best_of(weights: dict[str, Floats32], mean: float, env_steps: int) -> dict[str, Any]:
    """What best.npz holds: the weights, the mean return of their evaluation and the environment step they are from."""
    return {"weights": weights, "mean": mean, "env_steps": env_steps}


def learner_of(experiment: AnyExperiment, budget: Budget) -> TabularLearner | DeepLearner:
    """An experiment at its beginning."""
    if isinstance(experiment, Experiment):
        return TabularLearner(experiment, budget)
    return DeepLearner(experiment, budget)


class TabularLearner:
    """A tabular experiment under way."""

    eval_mean = None  # before the end

    def __init__(self, experiment: Experiment, budget: Budget) -> None:
        self.experiment = experiment
        self.state = experiment.initial_state()
        self.log: SweepLog | EpisodeLog = (
            SweepLog(budget.sweeps)
            if experiment.algorithm.plans
            else EpisodeLog(experiment.lanes, budget.episodes, budget.steps)
        )

    def events(self) -> Iterator[Any]:
        """The algorithm at work from here on."""
        return self.experiment.resume(self.state)

    def take_in(self, event: Any) -> Ending | None:
        """Remember an event; why the run ends here, if it does."""
        enough = self.log.add(event)
        if not math.isfinite(np.add.reduce(event.new)):
            return Ending("diverged", self._where(event))
        return Ending("finished") if enough else None

    def _where(self, event: Update | Backup) -> str:
        """The first value that is not finite."""
        worst = int(np.argmin(np.isfinite(event.new)))
        value = f"became {event.new[worst]:g}"
        if isinstance(event, Backup):
            return f"V({event.states.start + worst}) {value} in sweep {event.sweep + 1}"
        return f"Q({event.s[worst] % self.experiment.model.states}, {event.a[worst]}) of lane {worst} {value}"

    def tables(self) -> dict[str, Array]:
        """What every lane has learnt, and the log."""
        experiment, model = self.experiment, self.experiment.model
        if experiment.algorithm.plans:
            believed = tables(experiment, self.state)
            return {"v": believed.v[None], "q": believed.q[None]} | self.log.tables()
        q = self.state.action_values(slice(None)).reshape(experiment.lanes, model.states, model.actions)
        return {"v": q.max(axis=2), "q": q} | self.log.tables()

    def verdict(self, ending: Ending) -> Verdict:
        """What the greedy policy of lane 0 earns, exactly, and whether that counts as solved."""
        status = ending.status
        value = None if status in ("diverged", "failed") else self._greedy_return()
        if status == "finished" and self._is_solved(value):
            status = "solved"
        return Verdict(status, value, self._unsettled())

    def _greedy_return(self) -> float | None:
        """The exact expected return of the greedy policy of lane 0; None where that would take too long."""
        returns = greedy_returns(self.experiment.model, tables(self.experiment, self.state).q)
        return None if returns is None else float(returns[0])

    def _is_solved(self, value: float | None) -> bool:
        """Whether the greedy policy earns what counts as solved; without such a number, whether planning converged."""
        experiment = self.experiment
        needed = experiment.scenario.solved(experiment.world_config).greedy_return
        if experiment.algorithm.plans and (needed is None or experiment.algorithm.name == "policy-evaluation"):
            return bool(self.state.converged)
        return needed is not None and value is not None and value >= needed - CLOSE_ENOUGH

    def _unsettled(self) -> str | None:
        """A sentence on planning that ended before it had converged."""
        if not self.experiment.algorithm.plans or self.state.converged:
            return None
        largest = self.log.largest_change
        change = "" if largest is None else f": the last one changed a value by {largest:g}"
        return f"ended after {self.log.sweeps:,} sweeps, before the values had settled{change}"

    def dump(self) -> dict[str, Any]:
        """Everything that changes, in named arrays and plain numbers: from here the run continues bit for bit."""
        return {"state": dump(self.state), "log": self.log.dump()}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        load(self.state, snapshot["state"])
        self.log.load(snapshot["log"])

    def reconfigure(self, config: Any) -> None:
        """Learn with other settings; events asked for from now on know of them."""
        self.experiment = self.experiment.with_config(config)

    def best(self) -> None:
        """No policy is kept but the last."""

    def try_out(self) -> float | None:
        """What the greedy policy is worth now; None where that would take too long."""
        return self._greedy_return()


class DeepLearner:
    """A deep experiment under way."""

    def __init__(self, experiment: DeepExperiment, budget: Budget) -> None:
        self.experiment = experiment
        self.state = experiment.initial_state()
        self.log = ExperienceLog(experiment.side_by_side, budget.episodes, budget.steps)
        self.evaluations = Evaluations(experiment)
        self._weights = experiment.algorithm.parameters(self.state)
        owners = [array if array.base is None else array.base for array in self._weights.values()]
        self._vectors = list({id(owner): owner for owner in owners}.values())  # that all weights are views of

    @property
    def eval_mean(self) -> float | None:
        """Of the best greedy evaluation so far."""
        return self.evaluations.best_mean

    def events(self) -> Iterator[Experience]:
        """The algorithm at work from here on."""
        return self.experiment.resume(self.state)

    def take_in(self, event: Experience) -> Ending | None:
        """Remember an event, and evaluate when it is time; why the run ends here, if it does."""
        enough = self.log.add(event)
        if event.metrics and (fault := self._fault(event)):
            return Ending("diverged", fault)
        if enough or self.evaluations.due(self.log.env_steps):
            self.log.note(self.evaluations.hold(self.state, self.log.env_steps))
            enough |= self.evaluations.settled
        return Ending("finished") if enough else None

    def _fault(self, event: Experience) -> str | None:
        """The first diagnostic or weight that is not finite."""
        for name, value in event.metrics.items():
            if not math.isfinite(value):
                return f"{name} became {value:g} after {self.log.env_steps:,} steps"
        if all(math.isfinite(np.add.reduce(vector, axis=None)) for vector in self._vectors):
            return None
        name = next((name for name, array in self._weights.items() if not np.isfinite(array).all()), "together")
        return f"the weights {name} are no longer finite after {self.log.env_steps:,} steps"

    def tables(self) -> dict[str, Array]:
        """The log."""
        return self.log.tables()

    def verdict(self, ending: Ending) -> Verdict:
        """What the best greedy evaluation earned, and whether that counts as solved."""
        solved = ending.status == "finished" and self.evaluations.solved
        return Verdict("solved" if solved else ending.status, self.evaluations.best_mean)

    def dump(self) -> dict[str, Any]:
        """Everything that changes, in named arrays and plain numbers: from here the run continues bit for bit."""
        return {"state": dump(self.state), "log": self.log.dump(), "evaluations": self.evaluations.dump()}

    def load(self, snapshot: Snapshot) -> None:
        """Take over what `dump` gave."""
        load(self.state, snapshot["state"])
        self.log.load(snapshot["log"])
        self.evaluations.load(snapshot["evaluations"])

    def reconfigure(self, config: Any) -> None:
        """Learn with other settings; events asked for from now on know of them."""
        self.experiment = self.evaluations.experiment = self.experiment.with_config(config)

    def best(self) -> dict[str, Any] | None:
        """The weights of the best greedy evaluation, its mean return and environment step; None before the first."""
        held = self.evaluations
        if held.best_mean is None:
            return None
        return best_of(held.best, held.best_mean, held.best_step)

    def try_out(self) -> float:
        """The mean return of a greedy evaluation now, which has no consequences."""
        return self.evaluations.try_out(self.state)[0]
