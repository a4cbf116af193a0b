"""gymnasium's tabular worlds as tabular models, through the transitions they declare. S states, A actions, M outcomes.

gymnasium is imported when a world is built, not before.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from scenarios.worlds.layout import Kind, Layout
from scenarios.worlds.model import TabularModel

Transitions = dict[tuple[int, float, bool], float]  # (s', r, terminated) -> probability

CARDINAL = ("up", "right", "down", "left")
LAKE_ACTIONS = ("left", "down", "right", "up")
TAXI_ACTIONS = ("down", "up", "right", "left", "pick up", "drop off")
LETTERS = {b"S": Kind.START, b"F": Kind.FREE, b"H": Kind.HOLE, b"G": Kind.TERMINAL}


def cliff_walking(is_slippery: bool = False, max_steps: int | None = None) -> TabularModel:
    """CliffWalking-v1: a fall costs 100 and leads back to the start; gymnasium sets no time limit."""
    environment = _made("CliffWalking-v1", is_slippery=is_slippery)
    rows, columns = environment.shape
    kinds = np.full(rows * columns, Kind.FREE, np.int8)
    kinds[environment._cliff.ravel()] = Kind.CLIFF
    kinds[environment.start_state_index], kinds[-1] = Kind.START, Kind.TERMINAL
    text = {Kind.FREE: "", Kind.CLIFF: "C", Kind.START: "S", Kind.TERMINAL: "G"}
    layout = Layout(rows, columns, kinds, tuple(text[Kind(kind)] for kind in kinds), CARDINAL)
    return _model(environment, layout, discount=1.0, max_steps=max_steps)


def frozen_lake(
    map_name: Literal["4x4", "8x8"] = "4x4",
    is_slippery: bool = True,
    success_rate: float = 1 / 3,
    max_steps: int | None = None,
) -> TabularModel:
    """FrozenLake-v1: holes end the episode, only the goal pays; 100 steps are allowed on 4x4 and 200 on 8x8.

    It suggests γ = 0.99: without a discount, walking about for ever is as good as arriving.
    """
    environment = _made("FrozenLake-v1", map_name=map_name, is_slippery=is_slippery, success_rate=success_rate)
    letters = environment.desc.ravel()
    kinds = np.array([LETTERS[letter] for letter in letters], np.int8)
    labels = tuple("" if letter == b"F" else letter.decode() for letter in letters)
    rows, columns = environment.desc.shape
    layout = Layout(rows, columns, kinds, labels, LAKE_ACTIONS)
    return _model(environment, layout, discount=0.99, max_steps=max_steps or {"4x4": 100, "8x8": 200}[map_name])


def taxi(is_rainy: bool = False, max_steps: int | None = 200) -> TabularModel:
    """Taxi-v4: state = ((row · 5 + column) · 5 + passenger) · 4 + destination; 200 steps are allowed."""
    environment = _made("Taxi-v4", is_rainy=is_rainy)
    drawing = environment.desc[1:-1]  # cells at odd columns, what separates them at even ones
    rows, columns = len(drawing), len(drawing[0]) // 2
    landmarks = tuple(row * columns + column for row, column in environment.locs)
    labels = [drawing[cell // columns][2 * (cell % columns) + 1].decode().strip() for cell in range(rows * columns)]
    fences = [cell for cell in range(rows * columns) if drawing[cell // columns][2 * (cell % columns) + 2] == b"|"]
    names = [labels[cell] for cell in landmarks]
    places = [*(f"passenger at {name}" for name in names), "passenger in the taxi"]
    layout = Layout(
        rows,
        columns,
        np.full(rows * columns, Kind.FREE, np.int8),
        tuple(labels),
        TAXI_ACTIONS,
        fences=tuple(cell for cell in fences if cell % columns < columns - 1),
        within=tuple(f"{place}, to {name}" for place in places for name in names),
        landmarks=landmarks,
    )
    return _model(environment, layout, discount=1.0, max_steps=max_steps)


def _made(name: str, **settings: Any) -> Any:
    import gymnasium

    return gymnasium.make(name, **settings).unwrapped


def _model(environment: Any, layout: Layout, discount: float, max_steps: int | None) -> TabularModel:
    starts = np.flatnonzero(environment.initial_state_distrib)
    next_state, reward, ends, chance = _factors(environment.P)
    return TabularModel(
        next_state=next_state,
        reward=reward,
        ends=ends,
        chance=chance,
        start_states=starts,
        start_chance=environment.initial_state_distrib[starts],
        layout=layout,
        discount=discount,
        max_steps=max_steps,
    )


def _factors(declared: Any) -> tuple[Any, Any, Any, Any]:
    """next_state, reward, ends [M, S] and chance [A, M, 1 or S] of gymnasium's P[s][a] = [(p, s', r, terminated)].

    A world without chance has one outcome an action; else M is the most distinct outcomes that any state has.
    """
    table = [[_distinct(declared[s][a]) for a in range(len(declared[s]))] for s in range(len(declared))]
    states, actions = len(table), len(table[0])
    if all(len(transitions) == 1 for row in table for transitions in row):
        outcomes = [[next(iter(transitions)) for transitions in row] for row in table]
        chance = np.eye(actions)[:, :, None]
    else:
        outcomes = [list(dict.fromkeys(outcome for transitions in row for outcome in transitions)) for row in table]
        width = max(map(len, outcomes))
        chance = np.zeros((actions, width, states))
        for s, row in enumerate(table):
            for a, transitions in enumerate(row):
                for outcome, probability in transitions.items():
                    chance[a, outcomes[s].index(outcome), s] = probability
            outcomes[s] += outcomes[s][:1] * (width - len(outcomes[s]))  # outcomes that never happen
    next_state = np.array([[s2 for s2, _, _ in row] for row in outcomes], np.int32).T
    reward = np.array([[r for _, r, _ in row] for row in outcomes], np.float64).T
    ends = np.array([[end for _, _, end in row] for row in outcomes], np.bool_).T
    return np.ascontiguousarray(next_state), np.ascontiguousarray(reward), np.ascontiguousarray(ends), chance


def _distinct(transitions: Any) -> Transitions:
    """P[s][a] with equal outcomes added up and impossible ones left out."""
    probabilities: Transitions = {}
    for p, s2, r, terminated in transitions:
        if p > 0:
            outcome = (int(s2), float(r), bool(terminated))
            probabilities[outcome] = probabilities.get(outcome, 0.0) + p
    return probabilities
