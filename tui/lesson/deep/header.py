"""What the line above a deep lesson says: settings as they are now, and how far it has come."""

from __future__ import annotations

from algorithms.classification import ClassificationState
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import counted, grouped, number

_SIGNS = (("α", "learning_rate"), ("γ", "gamma"), ("ε", "epsilon"), ("clip", "clip"))


def deep_settings(stepper: Stepper) -> str:
    """Step size, discount, exploration and clip by the schedules as they stand."""
    config, state = stepper.experiment.config, stepper.state
    done = state.epoch if isinstance(state, ClassificationState) else state.steps
    values = [(sign, getattr(config, name)) for sign, name in _SIGNS if hasattr(config, name)]
    return " ".join(f"{sign} {number(float(value(done) if callable(value) else value))}" for sign, value in values)


def deep_clock(stepper: Stepper) -> tuple[str, ...]:
    """Updates of the lesson, steps in environments where these are not the same, and the episode."""
    ledger, step = stepper.ledger, f"step {grouped(stepper.step)}"
    if isinstance(stepper.state, ClassificationState):
        return step, f"epoch {grouped(stepper.state.epoch + 1)}"
    episode = f"episode {grouped(len(ledger.finished) + 1)}"
    if ledger.env_steps == stepper.step:
        return step, episode
    return step, counted(ledger.env_steps, "environment step"), episode
