"""The app: opens lessons, from the command line or from the picker."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from textual import on
from textual.app import App
from textual.binding import Binding, BindingType

from scenarios.catalog import SCENARIOS
from scenarios.configuration import SettingError
from scenarios.experiment import Experiment
from scenarios.worlds.errors import WorldError
from tui.drawing.cells import safe_text
from tui.memory import Memory, keep, recall
from tui.picker.choice import Choice, prepare_lesson
from tui.picker.screen import PickerScreen, first_choice
from tui.terminal import why_no_screen
from tui.help.themes import DARK, LIGHT


class RltopApp(App[None]):
    """The screens, what they share, and the way out."""

    TITLE = "rltop"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", "quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", "to the shell, back with fg", show=False, id="app.suspend"),
        Binding("q", "leave", "quit", id="app.quit"),
    ]

    def __init__(self, experiments: Sequence[Experiment], memory: Memory, *, ascii_only: bool = False) -> None:
        super().__init__()
        self.experiments = tuple(experiments)
        self.memory = memory
        self.ascii_only = ascii_only
        self.register_theme(DARK)
        self.register_theme(LIGHT)
        self.theme = memory.theme if memory.theme in (DARK.name, LIGHT.name) else DARK.name

    def on_mount(self) -> None:
        """Open the lesson that was asked for, or the picker."""
        if self.experiments:
            self.open_lesson(self.experiments)
        else:
            self.push_screen(PickerScreen(self._remembered_choice()))

    def _remembered_choice(self) -> Choice:
        memory = self.memory
        if memory.scenario not in {scenario.name for scenario in SCENARIOS}:
            return first_choice()
        return Choice(memory.scenario, memory.algorithms, memory.settings, memory.seed)

    @on(PickerScreen.Picked)
    def _picked(self, event: PickerScreen.Picked) -> None:
        choice = event.choice
        settings = {key: str(value) for key, value in choice.settings.items()}
        self.memory = replace(
            self.memory,
            scenario=choice.scenario,
            algorithms=choice.algorithms,
            settings=settings,
            seed=choice.seed,
        )
        self.open_lesson(event.experiments)

    def open_lesson(self, experiments: Sequence[Experiment]) -> None:
        """Begin a lesson, over the picker if there is one."""
        from tui.lesson.screen import LessonScreen

        self.push_screen(LessonScreen(experiments, self.memory.view))

    def action_leave(self) -> None:
        """Close the screen on top; the last one ends the app."""
        if len(self.screen_stack) > 2:
            self.pop_screen()
        else:
            self.exit()

    def action_interrupt(self) -> None:
        """Control-C ends the app at once."""
        self.exit(return_code=130)


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
    keep(replace(app.memory, theme=app.theme))
    return app.return_code or 0


def _refuse(why: str) -> int:
    print(f"rltop: {safe_text(why, 500)}", file=sys.stderr)
    return 2
