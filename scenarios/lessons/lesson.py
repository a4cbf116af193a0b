"""A lesson: one algorithm, or two side by side on the same seed and clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from algorithms.contract import Floats
from scenarios.configuration import SettingError, configure, settings_of, unknown_key
from scenarios.experiment import AnyExperiment, Experiment
from scenarios.lessons.stepper import Stepper
from scenarios.worlds.errors import WorldError
from scenarios.worlds.maps import MapWorld, build_map

Condition = Callable[[Stepper], bool]


class Lesson:
    """Plays its steppers in lockstep on one clock; the focused one decides what 'until' and a line step mean."""

    def __init__(self, experiments: Sequence[AnyExperiment]) -> None:
        self.steppers = [Stepper(experiment) for experiment in experiments]
        self.focus = 0

    @property
    def focused(self) -> Stepper:
        return self.steppers[self.focus]

    @property
    def step(self) -> int:
        """Ticks of the common clock since the start."""
        return self.focused.step

    @property
    def ended(self) -> bool:
        return all(stepper.ended for stepper in self.steppers)

    def forward(self) -> bool:
        """One update of every stepper that has more to play, while the others wait; False when none has."""
        waiting = [stepper for stepper in self.steppers if stepper.forward() is None]
        if len(waiting) == len(self.steppers):
            return False
        for stepper in waiting:
            stepper.wait()
        return True

    def run(self, seconds: float, most: int | None = None, until: Condition | None = None) -> bool:
        """Play for a time slice, at most so many updates; True when `until` came true or all is played."""
        deadline = time.perf_counter() + seconds
        made = 0
        while most is None or made < most:
            if not self.forward() or self._reached(until):
                return True
            made += 1
            if time.perf_counter() > deadline:
                return False
        return False

    def _reached(self, until: Condition | None) -> bool:
        return until is not None and self.focused.event is not None and until(self.focused)

    def back(self) -> bool:
        """Undo one update; False at the start."""
        return self._back_to(self.step - 1)

    def back_to_end(self) -> bool:
        """Back to the focused stepper's end of the episode, or sweep, before, or to the start; False at the start."""
        return self.step > 0 and self._back_to(self.focused.ledger.end_before(self.step))

    def _back_to(self, step: int) -> bool:
        if step < 0:
            return False
        for stepper in self.steppers:
            stepper.jump(step)
        return True

    def jump(self, step: int, seconds: float) -> bool:
        """Go to a step within a time slice; True when there, or at the end of what there is to play."""
        if step <= self.step:
            return self._back_to(max(step, 0))
        return self.run(seconds, most=step - self.step) or self.step == step

    def line_forward(self) -> bool:
        """One source line of the focused stepper, the others follow when it finishes the update; False at the end."""
        return self._by_line(self.focused.line_forward)

    def line_out(self) -> bool:
        """Out of the function that the focused stepper is in, or to the end of its update; False at the end."""
        return self._by_line(self.focused.line_out)

    def _by_line(self, move: Callable[[], Any]) -> bool:
        before = self.focused.step, self.focused.line
        move()
        if self.focused.step > before[0]:
            for stepper in self.steppers:
                if stepper is not self.focused and stepper.forward() is None:
                    stepper.wait()
        return (self.focused.step, self.focused.line) != before

    def line_back(self) -> bool:
        """One source line back; False at the start."""
        moved = self.focused.line_back()
        for stepper in self.steppers:
            if stepper.step > self.step:
                stepper.jump(self.step)
        return moved

    def set(self, **settings: Any) -> None:
        """Change settings (text or values) of every algorithm that has them, from here on.

        Raises SettingError, one sentence, and changes nothing when a value is out of range or no algorithm has it.
        """
        known = set().union(*(settings_of(stepper.experiment.config) for stepper in self.steppers))
        live = self.live_settings
        for key in settings:
            if key not in known:
                raise unknown_key(key, sorted(known))
            if key not in live:
                raise SettingError(f"{key} cannot be changed while it learns: {', '.join(live)} can")
        changed = []
        for stepper in self.steppers:
            config = stepper.experiment.config
            own = settings_of(config)
            fitting = {key: value for key, value in settings.items() if key in own}
            changed.append(configure(type(config), own | fitting))
        for stepper, config in zip(self.steppers, changed, strict=True):
            if config != stepper.experiment.config:
                stepper.change(stepper.experiment.with_config(config))

    @property
    def live_settings(self) -> list[str]:
        """The settings that can be changed while it learns, in the order of their pages."""
        names = [name for stepper in self.steppers for name in stepper.subject.live_settings(stepper.experiment)]
        return list(dict.fromkeys(names))

    @property
    def map(self) -> MapWorld | None:
        """The text map as it stands now, where the world is one; it can be edited and saved."""
        experiment = self.focused.experiment
        origin = experiment.model.origin if isinstance(experiment, Experiment) else None
        return origin if isinstance(origin, MapWorld) else None

    def set_cell(self, cell: int, symbol: str) -> None:
        """Change one cell of a text map (`#` a wall, `.` free, a number a terminal) and learn on from here.

        Raises WorldError, one sentence, and changes nothing where that makes no world.
        """
        world = self.map
        if world is None:
            raise WorldError("only a gridworld of text can be changed: open one with rltop learn gridworld")
        model = build_map(world.with_cell(*divmod(cell, len(world.symbols[0])), symbol))
        for stepper in self.steppers:
            stepper.change(stepper.experiment.with_model(model))

    def reset(self, seed: int | None = None) -> None:
        """Back to step 0 with the present settings and world, on the same seed or another one."""
        for stepper in self.steppers:
            stepper.reset(seed)

    def difference(self) -> Floats:
        """How much more the first algorithm believes each state to be worth than the second. [S]"""
        first, second = (stepper.tables.v for stepper in self.steppers)
        return np.subtract(first, second)
