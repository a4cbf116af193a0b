"""A session at a live screen: a run, how it is looked at, and what was asked of it. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np

from scenarios.runs.control import Change, Command, send
from scenarios.runs.curvestore import CurveStore
from scenarios.runs.files import RunError
from scenarios.runs.frames import Frame, FrameReader, TableFrame
from tui.lesson.dialogs import Dialog
from tui.live.curves import Curves, shown_metric
from tui.live.facts import Facts
from tui.live.playback import Playback
from tui.live.view import View, recalled
from tui.live.watch import Seen, Watch
from tui.memory import Plain

SPEED, CHANGE = "time/steps_per_second", "sweep/largest_change"
MESSAGE_SECONDS = 6.0  # that a sentence stays in the header
MOST_SAID = 200  # sentences of our own that are kept


class Session:
    """Owns what a live screen is about; its commands are functions of it, in `asking`, `scrubbing` and `looking`."""

    def __init__(self, facts: Facts, watch: Watch, memory: Mapping[str, Plain]) -> None:
        self.facts, self.watch = facts, watch
        self.view: View = recalled(memory)
        self.playback = Playback()
        self.curves = Curves()
        self.frame: Frame | TableFrame | None = None  # the one that is shown
        self.names: list[str] = []  # of the metrics there are
        self.speed: float | None = None  # steps a second of late
        self.change: float | None = None  # of a value, in the last sweep of planning
        self.message, self.mistake = "", False  # in the header until the next key, or for a while
        self._message_age = 0.0
        self.said: list[tuple[str, str]] = []  # time and sentence: what was asked from here
        self.sent: list[Command] = []  # commands since they were last told
        self._asked: list[tuple[int, Change]] = []  # of settings, and how many changes were recorded by then
        self.dialog: Dialog | None = None  # to be opened
        self.background: Callable[[], str] | None = None  # to be done off the screen's thread; a sentence comes of it
        self.leaving = False
        self._looks = 0  # how often the run had been looked at when its curves were
        self._began = False  # a moment was shown
        self.stepping = False  # updates are made one by one from here: the latest moment is looked at

    @property
    def seen(self) -> Seen:
        """The run as it was last looked at."""
        return self.watch.seen

    @property
    def config(self) -> Any:
        """The configuration as it is by now: as the run began, with what was changed, or asked for here just now."""
        recorded = self.seen.changes
        return self.facts.after((*recorded, *(change for count, change in self._asked if len(recorded) <= count)))

    @property
    def metric(self) -> str:
        """The metric of the large chart."""
        return shown_metric(self.names, self.view.metric)

    # time

    @property
    def moves(self) -> bool:
        """Whether time alone shows another frame."""
        seen = self.seen
        return self.playback.moves(seen.frames, seen.newest)

    def fade(self, elapsed: float) -> bool:
        """Let the sentence in the header grow older; whether it vanishes."""
        if not self.message:
            self._message_age = 0.0
            return False
        self._message_age += elapsed
        if self._message_age > MESSAGE_SECONDS:
            self.message, self.mistake = "", False
        return not self.message

    def tick(self, elapsed: float) -> bool:
        """Let time pass: whether another frame is shown."""
        with self.watch.look() as run:
            if run is None:
                return False
            if self.seen.looks != self._looks:
                self._looks, self.names = self.seen.looks, list(run.curves.names)
                self.speed, self.change = _last(run.curves, SPEED), _last(run.curves, CHANGE)
            frames, before = run.frames, self.frame
            count = len(frames)
            if not count:
                self.frame = None
                return before is not None
            if not self._began:
                self.playback.follow(self.seen.newest)
                self._began = True
            if self.stepping and self.playback.live:
                self.playback.at = count - 1
            self.playback.tick(elapsed, frames.rate, count, self.seen.newest, episode_of(frames, self.playback.at))
            return self._show(frames)

    def _show(self, frames: FrameReader) -> bool:
        """Hold the frame that playback is at; whether it is another one."""
        before = self.frame
        found = frames[max(0, min(self.playback.at, len(frames) - 1))]
        if before is not None and _moment(before) == _moment(found):
            return False
        self.frame = found
        return True

    def show_now(self) -> None:
        """Hold the frame that playback was put to."""
        with self.watch.look() as run:
            if run is not None and len(run.frames):
                self._show(run.frames)

    @property
    def env_steps(self) -> int | None:
        """Where in the run the moment is that was scrubbed to; None while the newest is followed."""
        return None if self.playback.live or self.frame is None else self.frame.env_steps

    # what is asked

    def say(self, sentence: str, *, mistake: bool = False) -> None:
        """Put a sentence into the header, and among the messages."""
        self.message, self.mistake, self._message_age = sentence, mistake, 0.0
        self.said = [*self.said[1 - MOST_SAID :], (f"{datetime.now(UTC):%H:%M:%S}", sentence)]

    def ask_to_change(self, key: str, text: str) -> None:
        """Ask for another value of a setting."""
        if self.ask(Command("set", key=key, value=text), f"asked for {key} {text}"):
            self._asked.append((len(self.seen.changes), Change(0, key, text)))

    def ask(self, command: Command, sentence: str) -> bool:
        """Append a command to the run's control file; whether that was possible."""
        if not self.seen.learns:
            self.say(f"{self.why_not()}: nothing learns here now", mistake=True)
            return False
        try:
            send(self.facts.run.control, command)
        except RunError as error:
            self.say(str(error), mistake=True)
            return False
        self.sent.append(command)
        self.say(sentence)
        self.watch.hurry()
        return True

    def why_not(self) -> str:
        """Why nothing learns."""
        status = self.seen.status
        return {"": "the run has not been read yet", "dead": "its process has died"}.get(status, f"the run is {status}")


def _last(curves: CurveStore, name: str) -> float | None:
    """The last value of a metric; None where there is none."""
    values = curves.series(name).values if name in curves.names else ()
    return float(values[-1]) if len(values) else None


def episode_of(frames: FrameReader, at: int) -> range:
    """The frames of the episode of a frame; of tables all."""
    return frames.episode_of(max(0, min(at, len(frames) - 1)))


def _moment(frame: Frame | TableFrame) -> tuple[object, ...]:
    if isinstance(frame, TableFrame):
        return frame.env_steps, frame.s, frame.a, np.float32(frame.v).tobytes()
    return frame.env_steps, frame.episode, frame.step
