"""What the picker tells the app, and what its helpers tell the picker."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from scenarios.experiment import AnyExperiment
from tui.picker.choice import Choice
from tui.picker.preparing import Preparation


@dataclass
class Prepared(Message):
    """A choice was made ready, off the screen's thread."""

    preparation: Preparation


@dataclass
class LessonPicked(Message):
    """A lesson is to begin."""

    choice: Choice
    experiments: tuple[AnyExperiment, ...]


@dataclass
class AutodiffPicked(Message):
    """The lesson of the engine is to begin."""


@dataclass
class TrainingPicked(Message):
    """Trainers are to begin, one for each seed and algorithm."""

    choice: Choice


@dataclass
class RunsPicked(Message):
    """All runs are to be shown."""

    choice: Choice
