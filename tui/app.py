"""The app: opens lessons, from the command line or from the picker."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from textual import events, on, work
from textual.actions import ActionParseResult
from textual.app import App
from textual.binding import Binding, BindingType
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from scenarios.configuration import SettingError
from scenarios.experiment import AnyExperiment
from scenarios.runs.directory import Run, open_run
from scenarios.runs.files import RunError
from scenarios.worlds.errors import WorldError
from tui.drawing.cells import safe_text
from tui.drawing.shown import remember_what_is_shown
from tui.drawing.wire import PartsUpdate, ScreenUpdate, SpansUpdate, send_spans_only
from tui.help.ascii import AsciiFilter
from tui.help.keys import apply_keys, key_lines
from tui.help.palette import Palette
from tui.help.screen import HelpScreen
from tui.help.small import TooSmallScreen
from tui.help.themes import DARK, LIGHT, THEMES
from tui.lesson.messages import ViewChanged
from tui.lesson.screen import LessonScreen
from tui.memory import Memory, keep, recall
from tui.messages import ScreenViewChanged
from tui.picker.choice import Choice, prepare_lesson
from tui.picker.launching import Launched, launch, tell_what_goes_on
from tui.picker.messages import AutodiffPicked, LessonPicked, RunsPicked, TrainingPicked
from tui.picker.remembering import remembered_choice, remembering
from tui.picker.screen import MOTTO, PickerScreen
from tui.terminal import erases_cells, knows_few_signs, run_until_signal, why_no_screen, why_too_small

if TYPE_CHECKING:
    from tui.autodiff.session import Session

OPENING = 0.04  # seconds in which a screen finds its places
PATIENCE = 1.0  # seconds that a key waits for what came before it


class RltopApp(App[None]):
    """The screens, what they share, and the way out."""

    TITLE = "rltop"
    ENABLE_COMMAND_PALETTE = False  # Textual's falls over keys that come before its list is laid out
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "help", "help", id="app.help"),
        Binding("ctrl+p", "palette", "palette", id="app.palette"),
        Binding("q", "leave", "quit", id="app.quit"),
        Binding("ctrl+c", "interrupt", "quit at once", show=False, priority=True, id="app.interrupt"),
        Binding("ctrl+z", "suspend_process", "to the shell; fg comes back", show=False, id="app.suspend"),
        Binding("ctrl+l", "redraw", "draw the screen anew", show=False, id="app.redraw"),
        Binding("ctrl+t", "toggle_theme", "dark or light", show=False, id="app.theme"),
    ]

    def __init__(
        self,
        experiments: Sequence[AnyExperiment] = (),
        memory: Memory | None = None,
        *,
        ascii_only: bool = False,
        begin: Callable[[RltopApp], None] | None = None,
    ) -> None:
        # With the terminal's own colours Textual leaves colours out under NO_COLOR; with its own it would grey them.
        super().__init__(ansi_color="NO_COLOR" in os.environ or None)
        self.experiments = tuple(experiments)
        self.begin = begin  # opens the first screen; without it that is a lesson or the picker
        self.memory = memory or Memory()
        self.ascii_only = ascii_only = ascii_only or knows_few_signs()
        self.code: int | None = None  # the exit code, from when the app is told to end
        self.typed: deque[tuple[float, events.Event]] = deque()  # and when it arrived
        self.handing_over = self.launching = False  # what was typed to a screen; trainers, which are about to begin
        self.started: dict[Path, Run] = {}  # whose trainers began here
        self.mistake: BaseException | None = None  # of our own, which ended the app
        self.shown = remember_what_is_shown(self.console)
        self.shown.erases = erases_cells()
        self.drawn_for = self.size
        if ascii_only:
            self._filters.append(AsciiFilter())
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.memory.theme if self.memory.theme in (DARK.name, LIGHT.name) else DARK.name

    def on_mount(self) -> None:
        """Open the screen that was asked for, or the picker; tell what is wrong with the user's keys."""
        if self.begin is not None:
            self.begin(self)
        elif self.experiments:
            self.open_lesson(self.experiments)
        else:
            self.push_screen(PickerScreen(remembered_choice(self.memory)))
        self.app_resume_signal.subscribe(self, lambda _: self.shown.forget())
        for problem in apply_keys(self, all_bindings):
            self.notify(problem, severity="warning", markup=False, timeout=15)

    # Output

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Send what has changed on the terminal, of any screen."""
        if renderable is not None and not isinstance(renderable, PartsUpdate | ScreenUpdate | SpansUpdate):
            self.shown.forget()
        self.shown.synchronised, self.shown.size = self._sync_available, self.size
        super()._display(screen, renderable)
        send_spans_only(screen)

    def _begin_update(self) -> None:
        """Nothing: an update says where it begins and ends by itself. Every write wakes the thread that writes."""

    _end_update = _begin_update

    def push_screen(self, *arguments: Any, **options: Any) -> Any:
        """Open a screen; how it looks before everything in it has its place is not sent."""
        if not self.is_headless:
            self.delay_update(OPENING)
        return super().push_screen(*arguments, **options)

    def action_redraw(self) -> None:
        """Draw everything anew, for a terminal that something else has written to."""
        self.shown.forget()
        self.screen.refresh()

    # Input

    async def on_event(self, event: events.Event) -> None:
        """What was typed, clicked or resized waits until all that came before has had its effect.

        Otherwise keys that arrive in one packet would go to a screen that is about to be covered, or to one that is
        not there yet.
        """
        if isinstance(event, events.Resize) and event.size != self.size:
            self.shown.forget()  # a terminal may move its lines about
        typed = isinstance(event, events.InputEvent | events.Paste | events.Resize) and not event.is_forwarded
        if not typed:
            await super().on_event(event)
        elif isinstance(event, events.Key) and event.key in self._keymap.get("app.interrupt", "ctrl+c").split(","):
            self.action_interrupt()  # whatever else waits
        elif self.code is None:
            self.typed.append((time.monotonic(), event))
            await self._hand_over()

    async def _hand_over(self) -> None:
        while self.typed and (self._is_settled() or time.monotonic() > self.typed[0][0] + PATIENCE):
            await super().on_event(self.typed.popleft()[1])
        if self.typed and not self.handing_over:
            self.handing_over = True
            self.call_later(self._hand_over_later)

    async def _hand_over_later(self) -> None:
        await asyncio.sleep(0)
        self.handing_over = False
        await self._hand_over()

    def _is_settled(self) -> bool:
        """Whether nothing is on its way: the screen on top is there, and no message waits for it, its focus or us."""
        if not self.screen_stack:
            return True
        waiting = (self.focused or self.screen).ancestors_with_self
        return self.screen.is_mounted and not any(pump.message_queue_size for pump in waiting)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, unless its key came too late: the app ends, or its screen is closed or covered by now."""
        covered = isinstance(default_namespace, Widget) and self.screen not in default_namespace.ancestors_with_self
        return self.code is None and not covered and await super().run_action(action, default_namespace, namespaces)

    def on_resize(self, event: events.Resize) -> None:
        """Ask for room while there is too little."""
        if event.size != self.drawn_for:
            self.drawn_for = event.size
            self.shown.forget()
        asks, why = isinstance(self.screen, TooSmallScreen), why_too_small(*event.size)
        if why is not None and not asks:
            self.push_screen(TooSmallScreen())
        elif why is None and asks:
            self.pop_screen()

    # Lessons

    @on(LessonPicked)
    def _lesson_picked(self, event: LessonPicked) -> None:
        self.memory = remembering(self.memory, event.choice)
        self.open_lesson(event.experiments)

    def open_lesson(self, experiments: Sequence[AnyExperiment]) -> None:
        """Begin a lesson, over the picker if there is one."""
        self.push_screen(LessonScreen(experiments, self.memory.view))

    @on(ViewChanged)
    def _view_changed(self, event: ViewChanged) -> None:
        self.memory = replace(self.memory, view=event.memory)

    @on(AutodiffPicked)
    def _autodiff_picked(self) -> None:
        self.open_autodiff()

    def open_autodiff(self, session: Session | None = None) -> None:
        """Begin the lesson of the engine, with an example if with nothing else."""
        from tui.autodiff.screen import AutodiffScreen
        from tui.autodiff.session import Session

        self.push_screen(AutodiffScreen(session or Session()))

    # Runs

    @on(TrainingPicked)
    def _training_picked(self, event: TrainingPicked) -> None:
        if not self.launching:
            self.launching = True
            self.memory = remembering(self.memory, event.choice)
            self._say("its trainer begins ..." if event.choice.seeds == 1 else "its trainers begin ...")
            self._launch(event.choice)

    @work(thread=True)
    def _launch(self, choice: Choice) -> None:
        try:
            self.post_message(Launched(launch(choice)))
        except (SettingError, WorldError, RunError) as error:
            self.post_message(Launched(None, str(error)))

    @on(Launched)
    def _launched(self, event: Launched) -> None:
        self.launching = False
        self._say(MOTTO)
        if event.launch is None:
            self.warn(event.problem)
            return
        runs = [run.path for run in event.launch.runs]
        self.started |= {run.path: run for run in event.launch.runs}
        if len(runs) == 1:
            self.open_run(runs[0])
        else:
            self.open_monitor(runs)
        for sentence in (*event.launch.warnings, event.launch.sentence):
            if sentence:
                self.notify(safe_text(sentence, 300), markup=False, timeout=8)

    def _say(self, words: str) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, PickerScreen):
                screen.say(words)

    @on(RunsPicked)
    def _runs_picked(self, event: RunsPicked) -> None:
        self.open_monitor([event.choice.runs_directory])

    def open_run(self, path: Path) -> None:
        """Show a run, live or finished, over what is there."""
        try:
            run = open_run(str(path.absolute()), path.parent)
        except RunError as error:
            self.warn(str(error))
            return
        from tui.live.screen import LiveScreen

        memory = self.memory.screens.get("live", {})
        self.push_screen(LiveScreen(run, memory, started_here=path in self.started))

    def warn(self, sentence: str) -> None:
        """Say what cannot be."""
        self.notify(safe_text(sentence, 400), severity="warning", markup=False, timeout=15)

    def open_monitor(self, paths: Sequence[Path], view: Mapping[str, Any] | None = None) -> None:
        """Show many runs: run directories, or directories of them; `view` is how, instead of as before."""
        from tui.monitor.screen import MonitorScreen

        self.push_screen(MonitorScreen(paths, {**self.memory.screens.get("monitor", {}), **(view or {})}))

    def on_run_opened(self, event: Any) -> None:
        """A run was chosen among many."""
        self.open_run(event.path)

    @on(ScreenViewChanged)
    def _screen_view_changed(self, event: ScreenViewChanged) -> None:
        self.memory = replace(self.memory, screens={**self.memory.screens, event.name: dict(event.view)})

    # Actions

    def get_key_display(self, binding: Binding) -> str:
        """A key as it is written on a keyboard, rather than as a sign that few fonts have."""
        return {"enter": "enter", "backspace": "bksp"}.get(binding.key) or super().get_key_display(binding)

    def action_help(self) -> None:
        """Explain the screen on top."""
        lesson = isinstance(self.screen, PickerScreen | LessonScreen)
        words = getattr(self.screen, "help_words", list)()
        self.push_screen(HelpScreen(key_lines(self.screen), curves_first=not lesson, words=words))

    def action_leave(self) -> None:
        """Close the screen on top; the last one ends the app. A dialog is closed by its own keys."""
        if self.screen.is_modal:
            return
        if len(self.screen_stack) > 2:
            self.pop_screen()
        else:
            self.exit()

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the app; the first reason gives the exit code."""
        self.code = return_code if self.code is None else self.code
        self.typed.clear()  # what waits has no effect any more
        super().exit(result, return_code, message)

    def action_interrupt(self) -> None:
        """Control-C ends the app at once."""
        self.exit(return_code=130)

    def action_toggle_theme(self) -> None:
        """Dark to light, light to dark."""
        self.theme = LIGHT.name if self.current_theme.dark else DARK.name

    def action_palette(self) -> None:
        """Find a command of the screen on top by its name, and run it."""
        bindings = self.screen.active_bindings

        def run(name: str | None) -> None:
            active = next((active for active in bindings.values() if name and active.binding.id == name), None)
            if active is not None:
                self.call_later(self.run_action, active.binding.action, active.node)

        self.push_screen(Palette(key_lines(self.screen)), run)

    def _fatal_error(self) -> None:
        """End after a mistake of our own and leave it to the caller; Textual would print a page of traceback.

        What goes wrong in screens that are closed while they open, because the app ends, is none.
        """
        if self.code is None:
            self.mistake = self.mistake or sys.exception()
        self.panic()


def all_bindings() -> list[Binding]:
    """Every binding of every screen: what a user's keys.toml may name. All screens are imported for it."""
    from tui.help.bindings import screen_bindings

    return [*(binding for binding in RltopApp.BINDINGS if isinstance(binding, Binding)), *screen_bindings()]


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
        choice = Choice(scenario, tuple(algorithms), settings or {}, seed or 0, lanes) if scenario is not None else None
        experiments = prepare_lesson(choice) if choice is not None else ()
    except (SettingError, WorldError) as error:
        return _refuse(str(error))
    memory = recall() if choice is None else remembering(recall(), choice)
    return _show(RltopApp(experiments, memory, ascii_only=ascii))


def run_autodiff(expression: str | None = None, *, ascii: bool = False) -> int:
    """Open the lesson of the engine; the exit code when the app is left.

    An expression that cannot be used is one sentence on stderr and exit code 2.
    """
    from scenarios.lessons.autodiff.reading import ExpressionError
    from tui.autodiff.session import Session

    try:
        session = Session(expression)
    except ExpressionError as error:
        return _refuse(str(error))
    return _show(RltopApp(memory=recall(), ascii_only=ascii, begin=lambda app: app.open_autodiff(session)))


def run_live(path: Path, *, ascii: bool = False) -> int:
    """Follow one run; the exit code when the app is left.

    Raises RunError, one sentence, where there is no run to be read.
    """
    open_run(str(path.absolute()), path.parent)
    return _show(RltopApp(memory=recall(), ascii_only=ascii, begin=lambda app: app.open_run(path)))


def run_monitor(paths: Sequence[Path], *, ascii: bool = False, view: Mapping[str, Any] | None = None) -> int:
    """Follow many runs, looked at as `view` says or else as before; the exit code when the app is left."""
    return _show(RltopApp(memory=recall(), ascii_only=ascii, begin=lambda app: app.open_monitor(paths, view)))


def _show(app: RltopApp) -> int:
    """Run an app on this terminal, and remember how things were looked at; a mistake of our own is raised."""
    if (why := why_no_screen()) is not None:
        return _refuse(why)
    code = run_until_signal(app)
    if code in (0, 130):  # else nobody may be there to read it
        tell_what_goes_on(app.started.values())
    keep(replace(app.memory, theme=app.theme))
    if app.mistake is not None:
        raise app.mistake
    return code


def _refuse(why: str) -> int:
    print(f"rltop: {safe_text(why, 500)}", file=sys.stderr)
    return 2
