"""Deep lessons to be: any scenario's algorithm with settings of a size that can be followed update by update."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scenarios.configuration import SettingError
from scenarios.experiment import AnyExperiment, ControlExperiment, DeepExperiment, Experiment, prepare_run

# What a lesson has where neither the learner nor the scenario's physics ask for something else: small rounds, small
# networks, and little to carry back and forth. Learning takes a few thousand steps more, and can be watched.
GENTLE: dict[str, dict[str, Any]] = {
    "dqn": {
        "hidden": "64-64",
        "replay_size": 5_000,
        "learning_starts": 200,
        "train_every": 32,
        "updates": 16,
        "batch": 32,
        "target_every": 128,
        "n_step": 1,
        "epsilon": "linear(1, 0.04, 3000)",
        "learning_rate": "linear(2.3e-3, 5e-4, 15000)",
    },
    "ppo": {
        "environments": 4,
        "groups": 1,
        "rollout_steps": 128,
        "batch": 128,
        "epochs": 4,
        "workers": 0,
    },
    "classification": {"hidden": "64-32"},
}
SCENARIO_GENTLE: dict[tuple[str, str], dict[str, Any]] = {
    ("cartpole", "ppo"): {"learning_rate": "linear(2e-3, 2e-4, 60000)"},
    ("pendulum", "ppo"): {"epochs": 10},
}


def prepare_deep_lesson(
    scenario: str | None,
    algorithms: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    *,
    environment: str | None = None,
    seed: int = 0,
    lanes: int = 1,
) -> DeepExperiment:
    """The experiment of a lesson of a deep learner, in a scenario or in an `environment` of gymnasium.

    Settings that are given count; for all others a lesson has its own, see `GENTLE`. Raises SettingError or
    WorldError, one sentence, for anything that cannot be.
    """
    if len(algorithms) > 1:
        raise SettingError(
            f"a lesson with networks shows one algorithm, got {', '.join(algorithms)}: their steps are not of one size"
        )
    name = algorithms[0] if algorithms else None
    plain = prepare_run(scenario, name, {}, environment=environment, seed=seed, lanes=lanes)
    if isinstance(plain, Experiment):
        raise SettingError(f"{plain.scenario.name} has a table: it needs no lesson with a network")
    own = GENTLE[plain.algorithm.name] | SCENARIO_GENTLE.get((plain.scenario.name, plain.algorithm.name), {})
    prepared = prepare_run(scenario, name, own | dict(settings or {}), environment=environment, seed=seed, lanes=lanes)
    assert not isinstance(prepared, Experiment)
    if isinstance(prepared, ControlExperiment) and prepared.acting.workers != 0:
        raise SettingError(f"a lesson acts in its own process: workers must be 0, got {prepared.acting.workers}")
    return prepared


def own_size(experiment: AnyExperiment) -> str:
    """How often a lesson learns from a rollout, for its scenario's text tells of training; empty for other learners."""
    if not (isinstance(experiment, ControlExperiment) and experiment.algorithm.by_rollouts):
        return ""
    config = experiment.config
    return f"In this lesson it learns {config.epochs} times over from every rollout of {config.rollout_size} steps."
