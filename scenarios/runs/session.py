"""A run at work: the loop that learns, and what it attends to between two events.

Twenty times a second the loop looks up: it obeys the commands of clients, writes the curves, says how far it is, and
keeps a checkpoint when one is due. Nothing of that changes what is learnt, but for a setting that a client changes.
"""

from __future__ import annotations

import dataclasses
import math
import time
import traceback
from collections.abc import Callable
from contextlib import suppress

from scenarios.configuration import SettingError
from scenarios.experiment import AnyExperiment
from scenarios.lessons.words import counted
from scenarios.runs.budget import Budget
from scenarios.runs.control import Change, ChangeLog, Command, ControlReader, changed
from scenarios.runs.curves import Curves
from scenarios.runs.directory import Run
from scenarios.runs.files import RunError
from scenarios.runs.keeping import Keeper, Mark, reopen
from scenarios.runs.learners import Ending, Learner, learner_of
from scenarios.runs.progress import Activity, Progress, TrainerLog, write_status
from scenarios.runs.recording import recorder_of

ATTEND_SECONDS = 0.05
TELL_SECONDS = 0.25
STATUS_SECONDS = 1.0
FEW_STEPS = 100  # of a run that stands still are all recorded

STOPPED = Ending("stopped")


class Session:
    """Owns a run while it learns; the lock on its directory is held by whoever calls."""

    def __init__(
        self,
        experiment: AnyExperiment,
        budget: Budget,
        run: Run,
        report: Callable[[Progress], None],
        interrupted: Callable[[], bool],
        *,
        resume: bool = False,
    ) -> None:
        """Begin a run, or `resume` one where its newest checkpoint left it; raises RunError when that cannot be."""
        self._run, self._report, self._interrupted = run, report, interrupted
        self.log = TrainerLog(run.log)
        if resume:
            _clear(run)
            mark, self.learner, self.curves = reopen(run, experiment, budget, self.log)
            self._keeper = Keeper(run, mark.transitions)
            self._control = ControlReader(run.control, run.control.stat().st_size if run.control.exists() else 0)
            self.log.say(f"goes on after {_counted(mark.transitions, self.learner)}")
        else:
            mark, self.learner = Mark(), learner_of(experiment, budget)
            self.curves, self._keeper = Curves(run.events, self.learner), Keeper(run)
            self._control = ControlReader(run.control)
        self._recorder = recorder_of(self.learner, run.frames, lambda: self.curves.seconds)
        self._unrecorded: str | None = None  # why, as the log says
        self.transitions, self._finished = mark.transitions, mark.finished
        self._changes, self._changes_made = ChangeLog(run.changes), mark.changes
        self._paused, self._pause_at = False, math.inf
        self._halt = math.inf  # transitions after which to attend at once
        self._due = self._tell_due = self._status_due = -math.inf

    # ── learning ─────────────────────────────────────────────────────────────────────────────────────────

    def learn(self) -> Ending:
        """Learn until there is an end; an exception is the ending `failed`, with its traceback in the log."""
        try:
            ending = Ending("finished") if self._finished else self._attend()
            while ending is None:
                ending = self._learn()
            return ending
        except Exception as error:
            self.log.traceback(traceback.format_exc())
            return Ending("failed", f"{type(error).__name__}: {error}")

    def _learn(self) -> Ending | None:
        """Learn until there is an end; None where settings have changed, and events are to be asked for anew."""
        learner, recorder, interrupted, clock = self.learner, self._recorder, self._interrupted, time.perf_counter
        experiment = learner.experiment
        for event in learner.events():
            self.transitions += 1
            if recorder.watching:
                recorder.take(event)
            if ending := learner.take_in(event):
                return ending
            if interrupted():
                return STOPPED
            if clock() >= self._due or self.transitions >= self._halt:
                if ending := self._attend():
                    return ending
                if learner.experiment is not experiment:
                    return None
        return Ending("finished")

    def close(self, ending: Ending) -> Progress:
        """Keep what there is after the end; returns how far it came."""
        if ending.status in ("finished", "stopped"):
            self._keep(finished=ending.status == "finished")
        self._keeper.keep_best(self.learner)
        self._recorder.close()
        self._changes.close()
        progress = dataclasses.replace(self.curves.close(), unkept=self._keeper.fault)
        with suppress(OSError):
            self._run.status.unlink(missing_ok=True)
        return progress

    # ── between two events ───────────────────────────────────────────────────────────────────────────────

    def _attend(self) -> Ending | None:
        """Do all that is due; why the run ends here, if it does."""
        self._make_recorded_changes()
        if self._obey_all():
            return STOPPED
        if self.transitions >= self._pause_at:
            self._paused, self._pause_at = True, math.inf
        if self._paused and self._stand_still():
            return STOPPED
        self._record(closely=self._pause_at - self.transitions <= FEW_STEPS)
        now = time.perf_counter()
        if now >= self._status_due:
            self._keeper.keep_best(self.learner)
            self._say_status("running")
        if now >= self._tell_due:
            self._report(self._tell())
            self._tell_due = now + TELL_SECONDS
        if self._keeper.is_due():
            self._keep()
        upcoming = self._changes.changes[self._changes_made :]
        self._halt = min(self._pause_at, upcoming[0].transitions if upcoming else math.inf)
        self._due = now + ATTEND_SECONDS
        return None

    def _stand_still(self) -> bool:
        """Wait until there is a command to go on; True when there is one to stop."""
        began, stopped = time.perf_counter(), False
        self._report(self._tell())
        self._record()
        self._keep()
        self._say_status("paused")
        while self._paused and not stopped:
            time.sleep(ATTEND_SECONDS)
            stopped = self._interrupted() or self._obey_all()
        self.curves.stand_still(time.perf_counter() - began)
        self._status_due = -math.inf
        return stopped

    def _keep(self, *, finished: bool = False) -> None:
        """Write a checkpoint, unless there is one of just here."""
        if self._keeper.kept == self.transitions and not finished:
            return
        self._tell()
        mark = Mark(self.transitions, self.curves.seconds, 0, self._changes_made, finished)
        before = self._keeper.fault
        self._keeper.keep(mark, self.learner, self.curves)
        if self._keeper.fault and self._keeper.fault != before:
            self.log.say(f"no checkpoint: {self._keeper.fault}")

    def _tell(self) -> Progress:
        before = self.curves.fault
        progress = self.curves.tell()
        if progress.fault != before:
            self.log.say(f"metrics paused: {progress.fault}" if progress.fault else "metrics are written again")
        return dataclasses.replace(progress, unkept=self._keeper.fault)

    def _record(self, *, closely: bool = False) -> None:
        self._recorder.attend(closely=closely)
        if (fault := self._recorder.fault) != self._unrecorded:
            self._unrecorded = fault
            self.log.say(f"frames paused: {fault}" if fault else "frames are recorded again")

    def _say_status(self, activity: Activity) -> None:
        progress = dataclasses.replace(self.curves.progress(), unkept=self._keeper.fault)
        with suppress(RunError):  # whoever looks sees an older one
            write_status(self._run.status, activity, self.transitions, progress)
        self._status_due = time.perf_counter() + STATUS_SECONDS

    # ── commands ─────────────────────────────────────────────────────────────────────────────────────────

    def _obey_all(self) -> bool:
        """Obey the commands that have come; True when one of them is to stop."""
        for command in self._control.poll():
            if isinstance(command, str):
                self.log.say(command)
            elif self._obey(command):
                return True
        return False

    def _obey(self, command: Command) -> bool:
        match command.name:
            case "stop":
                return True
            case "pause":
                self._paused, self._pause_at = True, math.inf
            case "resume":
                self._paused, self._pause_at = False, math.inf
            case "step":
                self._paused, self._pause_at = False, self.transitions + command.n
            case "checkpoint":
                self._keep_on_request()
            case "evaluate":
                self._try_out()
            case "set":
                self._change(Change(self.transitions, command.key, command.value))
        return False

    def _keep_on_request(self) -> None:
        """Keep a checkpoint now, and let the log say what has come of it."""
        is_kept, fault = self._keeper.kept == self.transitions, self._keeper.fault
        self._keep()
        if is_kept:
            self.log.say("there is a checkpoint of just here")
        elif self._keeper.kept == self.transitions:
            self.log.say(f"a checkpoint is kept after {_counted(self.transitions, self.learner)}")
        elif self._keeper.fault == fault:  # of another one the log knows
            self.log.say(f"no checkpoint: {fault}")

    def _try_out(self) -> None:
        """Let the log and a curve say what the greedy policy earns; what goes wrong with it is no end of the run."""
        try:
            value = self.learner.try_out()
            if value is not None:
                self.curves.note({"evaluation/on_request": value})
            earned = (
                f"the greedy policy earns {value:.2f}"
                if value is not None
                else "what the greedy policy earns is unknown"
            )
        except Exception as error:
            earned = f"the greedy policy cannot be tried out ({type(error).__name__}: {error})"
        self.log.say(f"{earned} after {_counted(self.transitions, self.learner)}")

    def _change(self, change: Change) -> None:
        """Change a setting from here on; it is recorded first."""
        try:
            config = changed(self.learner.experiment.config, change.key, change.value)
            self._changes.record(change)
        except (SettingError, RunError) as error:
            return self.log.say(f"set {change.key} is ignored: {error}")
        self.learner.reconfigure(config)
        self._changes_made += 1
        so_far = _counted(change.transitions, self.learner)
        return self.log.say(f"{change.key} is {change.value} after {so_far}")

    def _make_recorded_changes(self) -> None:
        """The changes that took effect here before the run was resumed from an earlier checkpoint."""
        for change in self._changes.changes[self._changes_made :]:
            if change.transitions > self.transitions:
                break
            self.learner.reconfigure(changed(self.learner.experiment.config, change.key, change.value))
            self._changes_made += 1


def _counted(updates: int, learner: Learner) -> str:
    """How far a run is: steps in environments are what its curves count; updates, where these are not the same."""
    steps = learner.log.env_steps
    told = [(updates, "update")] if updates != steps else []
    told += [(steps, "step")] if steps or not updates else []
    return ", ".join(counted(count, unit) for count, unit in told)


def _clear(run: Run) -> None:
    """Remove what only means something while a trainer works, and what a killed one has left half-written."""
    with suppress(OSError):
        for path in (run.status, *run.path.glob(".tmp-*")):
            path.unlink(missing_ok=True)
