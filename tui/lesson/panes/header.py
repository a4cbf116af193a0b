"""The line above a lesson, and what a scenario has to say before it begins."""

from __future__ import annotations

from typing import Any

import numpy as np

from algorithms.registry import Algorithm
from scenarios.catalog.scenario import Description
from scenarios.lessons.lesson import Lesson
from scenarios.lessons.stepper import Stepper
from scenarios.lessons.subjects import DEEP
from scenarios.lessons.words import grouped, number
from tui.drawing.cells import Cells, safe_text
from tui.drawing.theme import Theme
from tui.lesson.deep.header import deep_clock, deep_settings
from tui.lesson.panes.text import Span, draw_headline, joined


def draw_header(lesson: Lesson, width: int, theme: Theme, *, playing: bool, speed: str, message: str = "") -> Cells:
    """One line: what runs, its settings, how far it is, and whether it plays; a narrow one says less."""
    palette = theme.palette
    strong, plain = theme.style(palette.text, bold=True), theme.style(palette.muted)
    glyph = theme.glyphs.play if playing else theme.glyphs.pause
    playback = f"{glyph} {speed}".rstrip()
    names, short = (_names(lesson, theme), strong), (_names(lesson, theme, short=True), strong)
    settings, seed, clock = (_settings(lesson.focused), plain), (_seed(lesson), plain), (_clock(lesson, theme), plain)
    left: list[list[Span]] = [
        [names, settings, seed, clock],
        [names, settings, clock],
        [short, settings, clock],
        [short, clock],
        [clock],
        [(_clock(lesson, theme, short=True), plain)],
    ]
    if message:
        warning = (message, theme.style(palette.warning, bold=True))
        left = [[short, warning], [warning]]
    return draw_headline(left, (playback, theme.style(palette.accent, bold=True)), width, theme)


def _names(lesson: Lesson, theme: Theme, short: bool = False) -> str:
    algorithms = " | ".join(stepper.experiment.algorithm.title for stepper in lesson.steppers)
    if short:
        return algorithms
    title = lesson.focused.experiment.scenario.title
    world = lesson.map  # a map of one's own has a name
    return joined(("rltop", f"{title}: {safe_text(world.name, 24)}" if world else title, algorithms), theme)


def _settings(stepper: Stepper) -> str:
    """Step size, discount and exploration as they are now, schedules included."""
    if stepper.subject is DEEP:
        return deep_settings(stepper)
    config = stepper.experiment.config
    parts = []
    for sign, name in (("α", "alpha"), ("γ", "gamma"), ("ε", "epsilon"), ("θ", "theta")):
        value: Any = getattr(config, name, None)
        if isinstance(value, float | int):
            parts.append(f"{sign} {number(value) if name == 'theta' else f'{value:.2f}'}")
        elif value is not None:  # a schedule over the first lane's episodes
            parts.append(f"{sign} {float(np.ravel(value(stepper.state.episode))[0]):.2f}")
    return " ".join(parts)


def _seed(lesson: Lesson) -> str:
    return f"seed {lesson.focused.experiment.seed}"


def _clock(lesson: Lesson, theme: Theme, short: bool = False) -> str:
    stepper = lesson.focused
    step = f"step {grouped(lesson.step)}"
    if short:
        return step
    if stepper.subject is DEEP:
        return joined(deep_clock(stepper), theme)
    if stepper.experiment.algorithm.plans:
        return joined((step, f"sweep {grouped(stepper.state.sweeps)}"), theme)
    return joined((step, f"episode {grouped(int(stepper.ledger.episodes[0]) + 1)}"), theme)


def lesson_text(scenario: Description, algorithm: Algorithm, settings: Any = None) -> str:
    """What a lesson is about: what it teaches, what to look for, what counts as solved; paragraphs by blank lines."""
    world = settings if settings is not None else scenario.world()
    solved = scenario.solved(world)
    by_tables = algorithm.family in ("planning", "tabular")
    source = f"Sutton & Barto, section {algorithm.section}" if by_tables else algorithm.section
    return "\n\n".join(
        (
            f"{scenario.title}, {algorithm.title} ({source})",
            scenario.teaches,
            f"Look for: {scenario.hint(world)}",
            f"Solved: {solved.meaning} ({solved.source})",
        )
    )
