"""The app: opens lessons, from the command line or from the picker."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App
from textual.binding import Binding

from scenarios.configuration import SettingError
from scenarios.experiment import Experiment
from scenarios.worlds.errors import WorldError
from tui.drawing.cells import safe_text
from tui.memory import Memory, keep, recall
from tui.picker.choice import Choice, prepare_lesson
from tui.terminal import why_no_screen


class RltopApp(App[None]):
    """The screens, what they share, and the way out."""

    TITLE = "rltop"
    ENABLE_COMMAND_PALETTE = True

    def __init__(self, experiments: Sequence[Experiment], memory: Memory, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.experiments = tuple(experiments)
        self.memory = memory
        self.ascii_only = ascii_only

    def on_mount(self) -> None:
        """Open the lesson that was asked for."""
        from tui.lesson.screen import LessonScreen

        self.push_screen(LessonScreen(self.experiments, self.memory.view))


def run_app(
    scenario: str | None = None,
    algorithms: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
    seed: int | None = None,
    lanes: int | None = None,
    *,
    ascii: bool = False,
) -> int:
    """Open the picker, or the lesson of a scenario; the exit code when the app is left.

    Two algorithms run side by side. What cannot be opened is one sentence on stderr and exit code 2.
    """
    try:
        experiments: tuple[Experiment, ...] = ()
        if scenario is not None:
            experiments = prepare_lesson(Choice(scenario, tuple(algorithms), settings or {}, seed or 0, lanes))
    except (SettingError, WorldError) as error:
        return _refuse(str(error))
    if (why := why_no_screen()) is not None:
        return _refuse(why)
    app = RltopApp(experiments, recall(), ascii_only=ascii)
    app.run()
    return app.return_code or 0


def _refuse(why: str) -> int:
    print(f"rltop: {safe_text(why, 500)}", file=sys.stderr)
    return 2
