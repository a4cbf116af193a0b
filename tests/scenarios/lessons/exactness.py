"""Everything that can be seen of a stepper, in a form that can be compared bit for bit."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.contract import dump
from algorithms.registry import algorithm_named
from scenarios.experiment import Experiment, field_names, prepare
from scenarios.lessons.stepper import Stepper
from scenarios.worlds.maps import MapWorld, build_map, parse_map

CORRIDOR = """
name = "corridor"
map = '''
S . . +1
. # . -1
'''
discount = 0.9
noise = 0.2
living_reward = -0.1
max_steps = 30
"""


def corridor() -> MapWorld:
    """A small slippery world with a wall, two ends and a time limit."""
    return parse_map(CORRIDOR, "corridor")


def in_map(world: MapWorld, algorithm: str, lanes: int = 1, **settings: Any) -> Experiment:
    """An experiment in a map of text, with those of the settings that its algorithm has."""
    known = field_names(algorithm_named(algorithm).config)
    fitting = {"gamma": world.discount} | {key: value for key, value in settings.items() if key in known}
    experiment = prepare("gridworld", algorithm, fitting, seed=5, lanes=lanes)
    return experiment.with_model(build_map(world))


def seen(stepper: Stepper) -> dict[str, Any]:
    """State, event and all that is remembered, but for what lies too far back to be remembered."""
    ledger = stepper.ledger
    curves = {}
    for name, curve in (("returns", ledger.returns()), ("lengths", ledger.lengths())):
        curves |= {f"{name} {field}": getattr(curve, field).tobytes() for field in ("first", "mean", "low", "high")}
    return {
        "step": stepper.step,
        "state": frozen(dump(stepper.state)),
        "event": frozen(stepper.event),
        "experiment": id(stepper.experiment),
        "ledger": frozen(ledger.snapshot()),
        "sweeps": tuple(ledger.sweep_changes),
        "history": tuple(ledger.history)[-100:],
        "tables": frozen((stepper.tables.v, stepper.tables.q)),
        **curves,
    }


def frozen(value: Any) -> Any:
    """A value as something that `==` compares bit for bit."""
    if isinstance(value, dict):
        return {key: frozen(part) for key, part in value.items()}
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(map(frozen, value))
    return repr(value)
