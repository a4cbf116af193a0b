"""Steppers of deep learners of a size for tests, and everything that can be seen of them."""

from __future__ import annotations

from typing import Any

from algorithms.contract import dump
from scenarios.lessons.preparing import prepare_deep_lesson
from scenarios.lessons.stepper import Stepper
from tests.scenarios.lessons.exactness import frozen

SMALL: dict[str, dict[str, Any]] = {
    "dqn": {
        "hidden": "8",
        "replay_size": 60,
        "learning_starts": 20,
        "train_every": 8,
        "updates": 4,
        "batch": 4,
        "target_every": 16,
    },
    "ppo": {"hidden": "8", "environments": 2, "rollout_steps": 16, "batch": 16, "epochs": 2},
    "classification": {"hidden": "8", "batch": 96},
}


def small(algorithm: str, scenario: str | None = "cartpole", seed: int = 3, **settings: Any) -> Stepper:
    """A stepper of a deep learner that learns little, often."""
    scenario = "digits" if algorithm == "classification" else scenario
    return Stepper(prepare_deep_lesson(scenario, (algorithm,), SMALL[algorithm] | settings, seed=seed))


def seen(stepper: Stepper) -> dict[str, Any]:
    """State, event and all that is remembered."""
    ledger = stepper.ledger
    return {
        "step": stepper.step,
        "state": frozen(dump(stepper.state)),
        "event": frozen(stepper.event),
        "config": stepper.experiment.config,
        "witness": stepper.event is not None and frozen(stepper.witness_of(stepper.event).__dict__),
        "ledger": frozen(ledger.snapshot()),
        "finished": tuple(ledger.finished),
        "learnt": tuple((learnt.step, tuple(learnt.metrics.items())) for learnt in ledger.learnt),
        "trail": frozen(tuple(ledger.trail[-100:])),
    }
