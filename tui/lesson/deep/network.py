"""The network looked at closely: its layers with their weights' ranges, and what else the algorithm keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from scenarios.lessons.explain_deep import minibatch_of
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.words import counted, grouped, number
from tui.drawing.cells import Cells
from tui.drawing.theme import Theme
from tui.lesson.panes.text import Span, bar, bar_style, clipped, joined, put_spans

_NAME = 11  # columns of a fact's name
_BAR = 12


def draw_network(stepper: Stepper, width: int, height: int, theme: Theme) -> Cells:
    """Sizes, weights by layer, and the memory or the rollout that is learnt from."""
    cells = Cells(width, height)
    lines = [*_facts(stepper, width, theme), [], *_layers(stepper, width, theme)]
    for row, spans in enumerate(lines[:height]):
        put_spans(cells, row, 0, spans, theme)
    return cells


def _facts(stepper: Stepper, width: int, theme: Theme) -> list[list[Span]]:
    experiment = stepper.experiment
    muted, text = theme.style(theme.palette.muted), theme.style(theme.palette.text)
    lines: list[list[Span]] = []
    for name, value, share in _FACTS[experiment.algorithm.name](stepper):
        spans: list[Span] = [(f"{name:<{_NAME}} ", muted)]
        if share is not None:
            spans += [(bar(share, _BAR, theme).ljust(_BAR) + " ", bar_style(1.0, theme))]
        spans.append((clipped(value, width - _NAME - 1 - (0 if share is None else _BAR + 1), theme), text))
        lines.append(spans)
    return lines


def _layers(stepper: Stepper, width: int, theme: Theme) -> list[list[Span]]:
    """Every array of weights: its shape, its least and its greatest number."""
    experiment = stepper.experiment
    weights = experiment.algorithm.parameters(stepper.state)
    total = sum(array.size for array in weights.values())
    muted, text = theme.style(theme.palette.muted), theme.style(theme.palette.text)
    title = joined((f"{grouped(total)} weights", "from least to greatest"), theme)
    lines: list[list[Span]] = [[(clipped(title, width, theme), muted)]]
    wide = max(len(name) for name in weights)
    for name, array in weights.items():
        shape = " x ".join(map(str, array.shape))
        low, high = number(float(array.min())), number(float(array.max()))
        lines.append([(f"{name:<{wide}}  ", text), (f"{shape:>8}  ", muted), (f"{low:>8} … {high}", text)])
    return lines


Fact = tuple[str, str, float | None]  # a name, what there is to say, and a share of a whole


def _dqn(stepper: Stepper) -> list[Fact]:
    state, config = stepper.state, stepper.experiment.config
    size, room = state.replay.size * state.replay.count, state.replay.rows * state.replay.count
    apart = float(np.abs(state.q.vector.values - state.target.vector.values).max())
    return [
        ("replay", f"{grouped(size)} of {grouped(room)} steps", size / room),
        ("ε", f"{number(100 * float(config.epsilon(state.steps)))} % of its actions are random", None),
        ("step size", number(float(config.learning_rate(state.steps))), None),
        ("|θ − θ⁻|", f"at most {number(apart)}; {counted(state.steps - state.copied, 'step')} old", None),
    ]


def _ppo(stepper: Stepper) -> list[Fact]:
    state, config = stepper.state, stepper.experiment.config
    facts: list[Fact] = [("step size", number(float(config.learning_rate(state.steps))), None)]
    event = stepper.event
    if event is None:
        return [("rollout", "none yet", None), *facts]
    parts = config.epochs * (config.rollout_size // config.batch)
    done = parts - state.left
    batch = state.batch
    facts = [
        ("rollout", f"{done} of {parts} minibatches", done / parts),
        ("advantages", f"{_range(batch.advantage)}", None),
        ("returns", f"{_range(batch.returns)}, V explains {number(100 * state.explained_variance)} %", None),
        *facts,
    ]
    if event.metrics:
        _, rows = minibatch_of(config, stepper.witness_of(event))
        facts.insert(1, ("minibatch", f"rows {rows.start + 1} to {rows.stop} of {config.rollout_size}", None))
    return facts


def _classification(stepper: Stepper) -> list[Fact]:
    state, config = stepper.state, stepper.experiment.config
    images = len(state.examples.pixels)
    return [
        ("epoch", f"{state.cursor} of {grouped(images)} images", state.cursor / images),
        ("step size", number(float(config.learning_rate(state.epoch))), None),
    ]


def _range(array: Any) -> str:
    return f"{number(float(array.min()))} … {number(float(array.max()))}" if array.size else "none"


_FACTS: dict[str, Callable[[Stepper], list[Fact]]] = {"dqn": _dqn, "ppo": _ppo, "classification": _classification}
