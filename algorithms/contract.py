"""What an algorithm and its surroundings agree on: worlds, models, events, and the dump of a state.

An algorithm is a generator `algorithm(world, config, state) -> Iterator[event]` under three laws:

1. complete at every yield: all that changes lives in `state`, so `dump`, `load` and a new generator continue
   bit for bit;
2. one yield per state transition: the event carries everything that happened;
3. the page is the lesson: its source is shown to learners as it is.

Shapes: L lanes (independent learners run in lockstep), S states, A actions. Lane l's states are offset by l·S,
so one table of L·S rows holds every learner and `q[s, a]` is each lane's own entry.
"""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Floats32 = NDArray[np.float32]
Ints = NDArray[np.intp]
Bools = NDArray[np.bool_]
Snapshot = Mapping[str, Any]


class Step(NamedTuple):
    """What one action brought in every lane: s', r, the discount of what follows and whether the episode ended.

    `discount` is 0 only where s' is terminal; a time limit sets `last` but leaves the discount at 1.
    """

    s2: Ints  # [L]
    r: Floats  # [L]
    discount: Floats  # [L]
    last: Bools  # [L]


class World(Protocol):
    """Experience: a world that is acted in, L lanes at once (Sutton & Barto 2018, section 3.1)."""

    lanes: int
    states: int
    actions: int

    def start(self, rng: np.random.Generator) -> Ints:
        """One starting state for every lane, lane offsets included. [L]"""
        ...

    def step(self, s: Ints, a: Ints, t: Ints, rng: np.random.Generator) -> Step:
        """Take action a in state s, t steps after the episode began. [L] each"""
        ...


class Model(Protocol):
    """Knowledge: p(s', r | s, a), for dynamic programming (Sutton & Barto 2018, equation 3.2)."""

    states: int
    actions: int

    def lookahead(self, v: Floats, gamma: float, states: slice) -> Floats:
        """q(s, a) = Σ_{s', r} p(s', r | s, a) [r + γ V(s')] of a slice of n states. [A, n]"""
        ...


class Transition(NamedTuple):
    """What one action brought in each of N environments with observations of O numbers.

    `final` is where the action led; `obs` is what to act on next: the same, or the first observation of a new
    episode where the one before has ended. `discount` is 0 only at true termination.
    """

    obs: NDArray[np.float32]  # [N, O]
    r: NDArray[np.float32]  # [N]
    discount: NDArray[np.float32]  # [N]
    last: Bools  # [N] the episode ended, by termination or by its time limit
    final: NDArray[np.float32]  # [N, O]


class Environments(Protocol):
    """N environments acted in side by side. They are part of an algorithm's state: they can be dumped and loaded."""

    count: int  # N
    observation_size: int  # O
    actions: int  # A actions to choose from, or numbers to an action where it is continuous
    continuous: bool
    scene: NDArray[
        np.float32
    ]  # what no observation says and a drawing of the first needs, of its episode; may be empty

    def reset(self) -> NDArray[np.float32]:
        """Begin a new episode everywhere. [N, O]"""
        ...

    def step(self, a: NDArray[Any]) -> Transition:
        """One action in every environment: [N] numbers of actions, or [N, A] where they are continuous."""
        ...

    def dump(self) -> dict[str, Any]: ...

    def load(self, snapshot: Snapshot) -> None: ...


class Update(NamedTuple):
    """One temporal-difference update in every lane: Q(s,a): old → new = old + α (target − old).

    target = r + γ · discount · bootstrap, where bootstrap is what the algorithm believes s' is worth.
    """

    s: Ints  # [L]
    a: Ints  # [L]
    r: Floats  # [L]
    s2: Ints  # [L]
    discount: Floats  # [L]
    last: Bools  # [L]
    alpha: float | Floats  # step size, one number or one per lane
    bootstrap: Floats  # [L]
    target: Floats  # [L]
    old: Floats  # [L]
    new: Floats  # [L]
    a2: Ints | None = None  # [L] the next action, where the target follows it (SARSA)
    table: Ints | None = None  # [L] 0 or 1: which of two tables was updated (Double Q-learning)


class Experience(NamedTuple):
    """One transition of a deep learner: T steps of N environments side by side, and what was learnt in it.

    T is 0 where it learnt without acting. The arrays are the event's own: what comes later does not change them.
    """

    r: Floats32  # [T, N]
    last: Bools  # [T, N] the episode ended with this step
    metrics: Mapping[str, float]  # diagnostics by name; empty where nothing was learnt
    obs: Floats32  # [T, N, O] what was acted on
    a: NDArray[Any]  # [T, N] actions, or [T, N, A] where they are continuous


class Thoughts(NamedTuple):
    """What a network thinks of N observations now: of every action, and what it expects from there on."""

    kind: Literal["q", "probability", "mean"]  # what `actions` holds: Q(s,·), π(·|s), the mean of a continuous action
    actions: Floats32  # [N, A]
    value: Floats32  # [N] V(s), or max_a Q(s,a); of a classifier the probability of its guess
    spread: Floats32 | None = None  # [A] standard deviation of continuous actions


class Backup(NamedTuple):
    """One dynamic-programming update of a slice of n states: V(s): old → new."""

    states: slice
    q: Floats  # [A, n] one-step lookahead the backup used
    old: Floats  # [n]
    new: Floats  # [n]
    sweep: int  # sweeps finished when this backup began
    largest_change: float  # max |new − old| so far in this sweep
    last: bool  # this backup ended its sweep
    improvement: bool = False  # the policy was improved here, and no value changed


def check_range(name: str, value: float, low: float, high: float = math.inf, *, above: bool = False) -> None:
    """Raise ValueError unless the value is finite and low <= value <= high, or low < value if `above`."""
    if low <= value <= high and math.isfinite(value) and not (above and value == low):
        return
    if math.isfinite(high):
        raise ValueError(f"{name} must be in {'(' if above else '['}{low:g}, {high:g}], got {value:g}")
    raise ValueError(f"{name} must be a finite number {'>' if above else '>='} {low:g}, got {value:g}")


def dump(state: Any) -> dict[str, Any]:
    """A copy of everything in a state record: arrays copied, generators as their bit generator's state.

    A part that owns more than an array has a `dump` and a `load` of its own (environments, a replay memory), or a
    `state` and a `load_state` (the engine's networks and optimisers).
    """
    return {f.name: _copied(getattr(state, f.name)) for f in dataclasses.fields(state)}


def load(state: Any, snapshot: Snapshot) -> None:
    """Put a `dump` back into a state record of the same type; the snapshot stays untouched."""
    for name, value in snapshot.items():
        current = getattr(state, name)
        if isinstance(current, np.random.Generator):
            current.bit_generator.state = value
        elif hasattr(current, "load"):
            current.load(value)
        elif hasattr(current, "load_state"):
            current.load_state(value)
        else:
            setattr(state, name, _copied(value))


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, np.random.Generator):
        return copy.deepcopy(value.bit_generator.state)
    if hasattr(value, "dump"):
        return value.dump()
    if hasattr(value, "load_state"):
        return value.state()
    return value
