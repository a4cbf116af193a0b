"""The picker: a menu on the left, what it is about on the right; enter opens the lesson, t trains."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from tui.drawing.canvas import Canvas
from tui.drawing.cells import safe_text
from tui.help.page import MORE, Page, drawing_theme, page_lines
from tui.picker.about import AUTODIFF, about_autodiff, about_detail, about_lesson, menu_rows
from tui.picker.choice import Choice, described, toggled, with_setting, without_setting
from tui.picker.dialog import ValueDialog
from tui.picker.menu import Menu, Row
from tui.picker.messages import AutodiffPicked, LessonPicked, Prepared, RunsPicked, TrainingPicked
from tui.picker.preparing import Preparation, prepare_choice, prepare_opening, why_impossible
from tui.picker.searchline import SearchLine
from tui.picker.settings import ENVIRONMENT, Setting, settings_list, sketched_list

MOTTO = "see reinforcement learning think, one update at a time"


class PickerScreen(Screen[None]):
    """Choose a scenario, its algorithms and their settings; then learn it, or let it be learnt."""

    CSS_PATH = "picker.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "train", "train", id="picker.train"),
        Binding("w", "runs", "runs", id="picker.runs"),
        Binding("slash", "search", "find", id="picker.search"),
        Binding("backspace,delete", "default", "back to the default", show=False, id="picker.default"),
        Binding("pagedown,ctrl+d", "scroll_text(6)", "more text", show=False, id="picker.text-down"),
        Binding("pageup,ctrl+u", "scroll_text(-6)", "text back", show=False, id="picker.text-up"),
        Binding("escape", "clear", "clear the search", show=False, id="picker.clear"),
    ]

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self.choices = {choice.scenario: choice}  # the latest of every scenario
        self.ready = Preparation(choice)  # what is known of it: nothing until it is prepared
        self.settings: list[Setting] = []
        self.search = ""
        self.wanted: Callable[[], None] | None = None  # what is to be done as soon as it is prepared

    def compose(self) -> ComposeResult:
        """The menu; the world, what the scenario is about, and what the cursor is on."""
        yield Static(id="title")
        with Grid():
            with Vertical(id="choose"):
                yield SearchLine()
                yield Menu(id="menu")
            yield Canvas(id="world")
            yield Page(id="detail")
            yield Page(id="lesson")
        yield Footer()

    def on_mount(self) -> None:
        """Show what is chosen."""
        self.say(MOTTO)
        self.query_one("#menu", Menu).focus()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._show_world())
        self._choose(self.choice, f"lesson {self.choice.scenario}")

    def on_resize(self) -> None:
        """The footer closes up where there is little room."""
        self.query_one(Footer).compact = self.size.width < 100

    def say(self, words: str) -> None:
        """Put words beside the name on top."""
        self.query_one("#title", Static).update(Content.assemble(("rltop", "bold $accent"), f"   {words}"))

    # What is chosen

    def _choose(self, choice: Choice, key: str | None = None) -> None:
        """Make this the choice and prepare it in the background."""
        self.wanted = None
        self.choice = self.choices[choice.scenario] = choice
        self.ready = Preparation(choice)
        self.settings = sketched_list(choice)
        self._list_rows(key)
        self._prepare(choice)

    @work(thread=True, exclusive=True)
    def _prepare(self, choice: Choice) -> None:
        self.post_message(Prepared(prepare_choice(choice)))

    @on(Prepared)
    def _prepared(self, event: Prepared) -> None:
        ready = event.preparation
        if ready.choice != self.choice:
            return
        if ready.problem and ready.choice != Choice(ready.choice.scenario):
            self.warn(ready.problem)
            self._choose(Choice(ready.choice.scenario))
            return
        self.ready = ready
        if ready.experiments:
            self.settings = settings_list(ready.choice, ready.experiments, ready.fresh)
        self._list_rows()
        self._show_world()
        if self.wanted is not None:
            self._when_ready(self.wanted)

    def warn(self, sentence: str) -> None:
        """Say what cannot be."""
        self.notify(safe_text(sentence, 400), severity="warning", markup=False, timeout=15)

    # What is shown

    def _list_rows(self, key: str | None = None) -> None:
        menu = self.query_one("#menu", Menu)
        menu.list_rows(menu_rows(self.choice, self.settings, self.search), key)
        self._show_texts(menu.current)

    def _show_texts(self, row: Row | None) -> None:
        lesson, detail = self.query_one("#lesson", Page), self.query_one("#detail", Page)
        if row == AUTODIFF:
            lesson.border_title = AUTODIFF.label
            lesson.write(about_autodiff())
            self.remove_class("-detail")
            return
        lesson.border_title = Content(safe_text(described(self.choice.scenario).title))
        lesson.write(about_lesson(self.choice, self.ready.experiments, self.ready.problem))
        kind, _, key = (row.key if row else "").partition(" ")
        self.set_class(kind in ("algorithm", "setting") and not self.ready.problem, "-detail")
        detail.border_title, paragraphs, before = about_detail(kind, key, self.choice, self.settings)
        detail.write(paragraphs, len(page_lines(paragraphs[:before], detail.size.width - MORE)))

    def _show_world(self) -> None:
        preview, theme = self.ready.preview, drawing_theme(self.app)
        if self._on_autodiff:
            from tui.autodiff.graph import draw_example as preview
        self.query_one("#world", Canvas).draw(lambda width, height: preview(width, height, theme))

    # What is done

    @on(Menu.Moved)
    def _moved(self, event: Menu.Moved) -> None:
        kind, _, key = event.row.key.partition(" ")
        if kind == "lesson" and key != self.choice.scenario:
            self._choose(self.choices.get(key, Choice(key, seed=self.choice.seed)))
        else:
            self._show_texts(event.row)
        self._show_world()

    @property
    def _on_autodiff(self) -> bool:
        return self.query_one("#menu", Menu).current == AUTODIFF

    @on(Menu.Chosen)
    def _chosen(self, event: Menu.Chosen) -> None:
        kind, _, key = event.row.key.partition(" ")
        if kind == "lesson":
            self._moved(Menu.Moved(event.row))
        elif kind == "algorithm":
            self._choose(toggled(self.choice, key))
        elif kind == "other":
            self._ask(ENVIRONMENT, Choice)
        elif setting := next((setting for setting in self.settings if setting.key == key), None):
            self._change(setting)

    def _change(self, setting: Setting) -> None:
        """Go to the next option, or ask for a value."""
        if setting.options:
            place = setting.options.index(setting.value) if setting.value in setting.options else -1
            self._choose(with_setting(self.choice, setting.key, setting.options[(place + 1) % len(setting.options)]))
        else:
            self._ask(setting, lambda text: with_setting(self.choice, setting.key, text))

    def _ask(self, setting: Setting, chosen: Callable[[str], Choice]) -> None:
        """Ask for a value until it can be used, and choose what follows from it."""

        def take(text: str | None) -> None:
            if text is not None:
                choice = chosen(text)
                self._choose(choice, None if choice.scenario == self.choice.scenario else f"lesson {choice.scenario}")

        self.app.push_screen(ValueDialog(setting, lambda text: why_impossible(chosen, text)), take)

    def action_default(self) -> None:
        """Take the setting under the cursor back to its default."""
        row = self.query_one("#menu", Menu).current
        if row is not None and row.kind == "setting":
            self._choose(without_setting(self.choice, row.key.partition(" ")[2]))

    def action_start(self) -> None:
        """Open the lesson, as soon as it is prepared."""
        if self._on_autodiff:
            self.post_message(AutodiffPicked())
            return
        self._when_ready(self._open_lesson)

    def action_train(self) -> None:
        """Let trainers begin, as soon as it is known that they can."""
        if self._on_autodiff:
            self.warn("nothing is trained here: enter opens the lesson")
        else:
            self._when_ready(self._train)

    def _when_ready(self, do: Callable[[], None]) -> None:
        self.wanted = None if self.ready.experiments or self.ready.problem else do
        if self.ready.problem:
            self.warn(self.ready.problem)
        elif self.ready.experiments:
            do()

    def _open_lesson(self) -> None:
        self._open(self.ready)  # as it is now: keys that follow may change the choice

    @work(thread=True, group="lesson", exclusive=True)
    def _open(self, ready: Preparation) -> None:
        experiments, problem = prepare_opening(ready)
        if problem:
            self.app.call_from_thread(self.warn, problem)
        else:
            self.post_message(LessonPicked(ready.choice, experiments))

    def _train(self) -> None:
        self.post_message(TrainingPicked(self.choice))

    def action_runs(self) -> None:
        """Show all runs."""
        self.post_message(RunsPicked(self.choice))

    def action_scroll_text(self, lines: int) -> None:
        """Scroll what is under the cursor, or the text of the lesson."""
        detail = self.query_one("#detail", Page)
        (detail if self.has_class("-detail") else self.query_one("#lesson", Page)).scroll_lines(lines)

    # Searching

    def action_search(self) -> None:
        """Type what to look for."""
        self.add_class("-searching")
        self.query_one("#search", Input).focus()

    @on(Input.Changed, "#search")
    def _search(self, event: Input.Changed) -> None:
        self.search = event.value
        self._list_rows()

    @on(Input.Submitted, "#search")
    def _searched(self) -> None:
        menu = self.query_one("#menu", Menu)
        menu.focus()
        if menu.current is not None:  # the choice may be among what the search has hidden
            self._moved(Menu.Moved(menu.current))

    def action_clear(self) -> None:
        """Leave the search and show everything again."""
        self.query_one("#search", Input).value = ""
        self.remove_class("-searching")
        self.query_one("#menu", Menu).focus()
