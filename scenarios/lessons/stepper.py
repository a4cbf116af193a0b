"""One experiment played forward and backward, exactly: keyframes, replay, interventions.

Stepping back restores the nearest keyframe (a dump of the state) and runs forward to the step before; that is exact
because an algorithm's state holds all that changes. Keyframes are thinned out as they grow old, so that a lesson of
any length fits a bounded memory; while stepping back through an old stretch, a finer set of them is kept for it.
"""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from algorithms.contract import dump, load
from scenarios.experiment import Tables, tables
from scenarios.lessons.ledger import RECALLED_HISTORY
from scenarios.lessons.subjects import subject_of
from scenarios.lessons.tracing import Line, Source, source_of, trace

KEYFRAME_BYTES = 96 * 2**20
FINE_BYTES = 32 * 2**20
FIRST_SPACING = 64  # updates between two keyframes at most ...
FIRST_EFFORT = 0.02  # ... and seconds that making them took


@dataclass(frozen=True)
class Keyframe:
    """Everything needed to go on from after update number `step`."""

    step: int
    state: dict[str, Any]
    ledger: dict[str, Any]

    @cached_property
    def size(self) -> int:
        """About how many bytes it takes."""
        return size_of(self.state) + size_of(self.ledger)


def size_of(part: Any) -> int:
    """About how many bytes a part of a dump takes."""
    if isinstance(part, dict):
        return sum(map(size_of, part.values()))
    if isinstance(part, list | tuple):
        return sum(map(size_of, part))
    return part.nbytes if isinstance(part, np.ndarray) else 256


class Stepper:
    """Plays one experiment of any kind; what differs between kinds its `subject` knows.

    `step` ticks have passed, an update each; `event` is the latest, None at the start.
    A stepper that has come to its end can `wait` while another plays on: such a tick has no event.
    """

    def __init__(self, experiment: Any) -> None:
        self.subject = subject_of(experiment)
        self._begin(experiment)

    def _begin(self, experiment: Any) -> None:
        self.step = 0
        self.event: Any = None
        self.finished = False  # the algorithm has come to its end
        self.state = experiment.initial_state()
        self._left: Any = None  # the state that the latest event left, where a change has touched it since
        self._scratch: Any = None  # the state that the next update is rehearsed on
        self._witness: Any = None  # what the latest event has overwritten, where its explanation asks for it
        self.ledger: Any = self.subject.ledger(experiment)
        self.under_way: Any = None  # the event of the update being stepped through by line, not made yet
        self.lines: list[Line] = []  # of that update
        self.line = -1  # index of the line about to be left; -1 while no line is being stepped
        self._experiments = [(0, experiment)]  # (from which step on, which experiment)
        self._updates = experiment.resume(self.state)
        self._spacing, self._effort_allowed = FIRST_SPACING, FIRST_EFFORT
        self._effort = 0.0  # seconds of work since the latest keyframe
        self._keyframes = [self._keyframe()]
        self._fine: list[Keyframe] = []

    # what there is to see

    @property
    def experiment(self) -> Any:
        """The experiment as it stands for the next update."""
        return self._experiment_at(self.step)

    def experiment_of(self, event: Any) -> Any:
        """The experiment that made the latest event, or will make the one that `peek` has shown."""
        return self._experiment_at(self.step - 1) if event is self.event else self.experiment

    def state_of(self, event: Any) -> Any:
        """The state that the latest event left, whatever has been changed since; the present one for `peek`."""
        return self._left if event is self.event and self._left is not None else self.state

    def left_by(self, event: Any) -> Any:
        """The state after the latest event, or after the one that `peek` or a line step has shown."""
        return self.state_of(event) if event is self.event else self._scratch

    def witness_of(self, event: Any) -> Any:
        """What the latest event has overwritten, or the one that `peek` has shown will."""
        return self._witness if event is self.event else self.subject.witness(self.experiment, self.state)

    def _experiment_at(self, step: int) -> Any:
        return self._experiments[self._intervention_before(step)][1]

    def _intervention_before(self, step: int) -> int:
        return bisect.bisect_right(self._experiments, step, key=lambda change: change[0]) - 1

    @property
    def source(self) -> Source:
        """The function that is being stepped through by line, else the page."""
        return self.lines[self.line].source if self.line >= 0 else source_of(self.experiment.algorithm)

    @property
    def tables(self) -> Tables:
        """What the first lane of a learner with tables believes now."""
        return tables(self.experiment, self.state)

    @property
    def result_is_out(self) -> bool:
        """The line that computes the new estimate, or the last one, has been reached in the update stepped by line."""
        return self.line + 1 == len(self.lines) or any("new" in line.values for line in self.lines[: self.line + 1])

    @property
    def ended(self) -> bool:
        """There is nothing more to play: the algorithm has converged, or the lesson's memory is full."""
        return self.finished or self.ledger.full

    # forward

    def forward(self) -> Any:
        """Make one update; returns its event, or None where there is nothing more to play."""
        self._leave_lines()
        if self.ended:
            return None
        begun = time.perf_counter()
        event = self._next()
        if event is None:
            self.finished = True
            return None
        self._take(event)
        self._effort += time.perf_counter() - begun
        self._keep()
        return event

    def _next(self) -> Any:
        """The event of one more update, None where there is none."""
        self._witness = self.subject.witness(self.experiment, self.state)
        return next(self._updates, None)

    def wait(self) -> None:
        """Let a tick pass without an update."""
        self._leave_lines()
        self._take(None)
        self._keep()

    def _take(self, event: Any) -> None:
        self.step += 1
        self.event = event
        self._left = None
        if event is not None:
            self.ledger.fold(self.step, event)
        if self._experiments[self._intervention_before(self.step)][0] == self.step:
            self._enter(self.experiment)

    def _keep(self) -> None:
        due = self.step % self._spacing == 0 or self._effort > self._effort_allowed
        if due and self.step > self._keyframes[-1].step:
            self._keyframes.append(self._keyframe())
            self._effort = 0.0
            self._thin_out()

    def run(self, seconds: float, most: int | None = None, until: Callable[[Stepper], bool] | None = None) -> bool:
        """Make updates for a time slice, at most so many; True when `until` came true or all is played."""
        deadline = time.perf_counter() + seconds
        made = 0
        while most is None or made < most:
            if self.forward() is None or (until is not None and until(self)):
                return True
            made += 1
            if time.perf_counter() > deadline:
                return False
        return False

    def peek(self) -> Any:
        """The event of the next update, without making it."""
        return self._rehearse()[0]

    def _rehearse(self) -> tuple[Any, list[Line]]:
        """One update on a copy of the state, traced."""
        if self.ended:
            return None, []
        experiment, subject = self.experiment, self.subject
        if self._scratch is None:
            self._scratch = experiment.initial_state()
        load(self._scratch, dump(self.state))
        updates = experiment.resume(self._scratch)
        return trace(updates, subject.sources(experiment), lambda value: subject.seen(value, experiment))

    # backward

    def back(self) -> bool:
        """Undo one update; False at the start."""
        self._leave_lines()
        if self.step == 0:
            return False
        self._go_back_to(self.step - 1)
        return True

    def jump(self, step: int, seconds: float = math.inf) -> bool:
        """Go to after update number `step` (a whole number >= 0) within a time slice; True when there or at the end."""
        self._leave_lines()
        if step < self.step:
            self._go_back_to(max(step, 0))
        return self.step == step or self.run(seconds, most=step - self.step) or self.step == step

    def _go_back_to(self, step: int) -> None:
        before = max(step - 1, 0)  # one tick at least is played again, so that its event is there to be seen
        nearest = self._nearest(self._keyframes, before)
        self._fine = [frame for frame in self._fine if nearest.step <= frame.step <= before]
        nearest = self._fine[-1] if self._fine else nearest
        affordable = max(4, min(FIRST_SPACING, FINE_BYTES // self._keyframes[-1].size))
        spacing = max(1, math.ceil((step - nearest.step) / affordable))
        far_back = max(step - RECALLED_HISTORY, 0)
        self._restore(nearest if self.ledger.remembers(step) else self._nearest(self._keyframes, far_back))
        while self.step < step:
            self._replay()
            if nearest.step < self.step < step and self.step % spacing == 0:
                self._fine.append(self._keyframe())
        del self._fine[:-affordable]  # those far back can be had again

    def _replay(self) -> None:
        """A tick that has been played before: an update, or a wait where there was none to make."""
        event = None if self.ended else self._next()
        self.finished = self.finished or (event is None and not self.ledger.full)
        self._take(event)

    @staticmethod
    def _nearest(frames: list[Keyframe], step: int) -> Keyframe:
        return frames[bisect.bisect_right(frames, step, key=lambda frame: frame.step) - 1]

    def _keyframe(self) -> Keyframe:
        return Keyframe(self.step, dump(self.state), self.ledger.snapshot())

    def _restore(self, frame: Keyframe) -> None:
        load(self.state, frame.state)
        self.ledger.rewind(frame.step, frame.ledger)
        self.step, self.finished = frame.step, False
        self.event = self._left = self._witness = None
        self._effort = 0.0
        self._updates = self.experiment.resume(self.state)

    def _thin_out(self) -> None:
        while len(self._keyframes) > 4 and sum(frame.size for frame in self._keyframes) > KEYFRAME_BYTES:
            self._spacing *= 2
            self._effort_allowed *= 2
            self._keyframes = self._keyframes[::2]

    # by line

    def line_forward(self) -> Any:
        """Go one source line on; returns the event when that finishes the update, else None."""
        if self.line < 0:
            self.under_way, self.lines = self._rehearse()
        if self.line + 1 < len(self.lines):
            self.line += 1
            return None
        return self.forward()

    def line_out(self) -> Any:
        """Go on to where the function stepped through has been left, or of the page to the end of the update.

        Returns the event where that finishes the update, else None.
        """
        depth = self.lines[self.line].depth if self.line >= 0 else 0
        event = self.line_forward()
        while self.line >= 0 and self.lines[self.line].depth >= depth:
            event = self.line_forward()
        return event

    def line_back(self) -> bool:
        """Go one source line back, into the update before where this one has just begun; False at the start."""
        if self.line > 0:
            self.line -= 1
            return True
        if self.line == 0:
            self._leave_lines()
            return True
        if not self.back():
            return False
        self.under_way, self.lines = self._rehearse()
        self.line = len(self.lines) - 1
        return True

    def _leave_lines(self) -> None:
        self.under_way, self.lines, self.line = None, [], -1

    # interventions

    def change(self, experiment: Any) -> None:
        """From here on go on with another configuration or a changed world; what was to come is forgotten."""
        if self.step == 0:
            self._begin(experiment)
            return
        self._leave_lines()
        changed_here_before = self._experiments[self._intervention_before(self.step)][0] == self.step
        self._experiments = [change for change in self._experiments if change[0] < self.step]
        self._keyframes = [frame for frame in self._keyframes if frame.step < self.step]
        self._fine = [frame for frame in self._fine if frame.step < self.step]
        if changed_here_before:
            self._go_back_to(self.step)  # without the earlier change
        self._experiments.append((self.step, experiment))
        self._enter(experiment)

    def _enter(self, experiment: Any) -> None:
        """Go on by a changed experiment."""
        self.finished = False
        before = self._experiment_at(self.step - 1)
        self._left = self.subject.enter(self.state, before, experiment, self.ledger)
        self._updates = experiment.resume(self.state)

    def reset(self, seed: int | None = None) -> None:
        """Back to step 0 with the present settings and world, on the same seed or another one."""
        now = self.experiment
        self._begin(now if seed is None else replace(now, seed=seed))
