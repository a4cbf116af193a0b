"""The picker: a menu on the left, what it is about on the right; enter starts the lesson."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from scenarios.catalog import SCENARIOS, scenario_named
from scenarios.configuration import SettingError
from scenarios.experiment import Experiment, field_names
from scenarios.worlds.errors import WorldError
from tui.drawing.board import Layer
from tui.drawing.canvas import Canvas
from tui.drawing.cells import Cells, safe_text
from tui.drawing.grid import draw_board
from tui.help.page import MORE, Page, drawing_theme, page_lines
from tui.picker.about import BLANK, about_algorithm, about_lesson, about_settings, menu_rows
from tui.picker.choice import Choice, prepare_lesson, toggled, with_setting, without_setting
from tui.picker.dialog import ValueDialog
from tui.picker.menu import Menu, Row
from tui.picker.preview import empty_board
from tui.picker.settings import Setting, settings_list, sketched_list


class PickerScreen(Screen[None]):
    """Choose a scenario, one algorithm or two, and their settings."""

    CSS_PATH = "picker.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-medium"), (160, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "search", id="picker.search"),
        Binding("backspace,delete", "default", "back to the default", show=False, id="picker.default"),
        Binding("pagedown,ctrl+d", "scroll_text(6)", "more text", show=False, id="picker.text-down"),
        Binding("pageup,ctrl+u", "scroll_text(-6)", "text back", show=False, id="picker.text-up"),
        Binding("escape", "clear", "clear the search", show=False, id="picker.clear"),
    ]

    @dataclass
    class Picked(Message):
        """A lesson is to begin."""

        choice: Choice
        experiments: tuple[Experiment, ...]

    @dataclass
    class Prepared(Message):
        """A choice was prepared, off the screen's thread; `problem` is a sentence where it could not be."""

        choice: Choice
        experiments: tuple[Experiment, ...]
        fresh: tuple[Experiment, ...]
        problem: str

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self.choices = {choice.scenario: choice}  # the latest of every scenario
        self.experiments: tuple[Experiment, ...] = ()  # of this choice, empty until they are prepared
        self.settings: list[Setting] = []
        self.problem = ""
        self.search = ""
        self.starting = False

    def compose(self) -> ComposeResult:
        """The menu; the world, what the lesson is about, and what the cursor is on."""
        yield Static(
            Content.assemble(("rltop", "bold"), "   see reinforcement learning think, one update at a time"), id="title"
        )
        with Grid():
            with Vertical(id="choose"):
                line = Input(placeholder="search", id="search")
                line.cursor_blink = False
                yield line
                yield Menu(id="menu")
            yield Canvas(id="world")
            yield Page(id="detail")
            yield Page(id="lesson")
        yield Footer()

    def on_mount(self) -> None:
        """Show what is chosen."""
        self.query_one("#menu", Menu).focus()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._show_world())
        self._choose(self.choice, f"lesson {self.choice.scenario}")

    # What is chosen

    def _choose(self, choice: Choice, key: str | None = None) -> None:
        """Make this the choice and prepare it in the background."""
        self.starting = False
        self.choice = self.choices[choice.scenario] = choice
        self.experiments, self.problem = (), ""
        self.settings = sketched_list(choice)
        self._list_rows(key)
        self._prepare(choice)

    @work(thread=True, exclusive=True)
    def _prepare(self, choice: Choice) -> None:
        try:
            experiments = prepare_lesson(choice)
            world_keys = field_names(scenario_named(choice.scenario).world)
            world = {key: value for key, value in choice.settings.items() if key in world_keys}
            untouched = replace(choice, settings=world, seed=0, lanes=None)
            fresh = experiments if untouched == choice else prepare_lesson(untouched)
            problem = ""
        except (SettingError, WorldError) as error:
            experiments, fresh, problem = (), (), str(error)
        self.post_message(self.Prepared(choice, experiments, fresh, problem))

    @on(Prepared)
    def _prepared(self, event: Prepared) -> None:
        if event.choice != self.choice:
            return
        if event.problem and event.choice != Choice(event.choice.scenario):
            self.notify(safe_text(event.problem, 300), severity="warning", markup=False, timeout=15)
            self._choose(Choice(event.choice.scenario))
            return
        self.experiments, self.problem = event.experiments, event.problem
        if event.experiments:
            self.settings = settings_list(event.choice, event.experiments, event.fresh)
        self._list_rows()
        self._show_world()
        if self.starting:
            self.action_start()

    # What is shown

    def _list_rows(self, key: str | None = None) -> None:
        menu = self.query_one("#menu", Menu)
        menu.list_rows(menu_rows(self.choice, self.settings, self.search), key)
        self._show_texts(menu.current)

    def _show_texts(self, row: Row | None) -> None:
        lesson, detail = self.query_one("#lesson", Page), self.query_one("#detail", Page)
        scenario = scenario_named(self.choice.scenario)
        lesson.border_title = Content(scenario.title)
        lesson.write(about_lesson(self.choice, self.experiments, self.problem))
        kind, _, key = (row.key if row else "").partition(" ")
        self.set_class(kind in ("algorithm", "setting") and not self.problem, "-detail")
        if kind == "setting":
            paragraphs, current = about_settings(self.settings, key)
            detail.write(paragraphs, len(page_lines(paragraphs[:current], detail.size.width - MORE)))
        else:
            names = (key,) if kind == "algorithm" else self.choice.chosen
            words = [paragraph for name in names for paragraph in (*about_algorithm(name), BLANK)]
            detail.write([*words, *about_settings(self.settings)[0]])
        detail.border_title = "Settings" if kind == "setting" else "Algorithm"

    def _show_world(self) -> None:
        world = self.query_one("#world", Canvas)
        if not self.experiments:
            world.draw(Cells)
            return
        board, theme = empty_board(self.experiments[0]), drawing_theme(self.app)
        world.draw(lambda width, height: draw_board(board, Layer.VALUE, width, height, theme))

    # What is done

    @on(Menu.Moved)
    def _moved(self, event: Menu.Moved) -> None:
        kind, _, key = event.row.key.partition(" ")
        if kind == "lesson" and key != self.choice.scenario:
            self._choose(self.choices.get(key, Choice(key, seed=self.choice.seed)))
        else:
            self._show_texts(event.row)

    @on(Menu.Chosen)
    def _chosen(self, event: Menu.Chosen) -> None:
        kind, _, key = event.row.key.partition(" ")
        if kind == "lesson":
            self._moved(Menu.Moved(event.row))
        elif kind == "algorithm":
            self._choose(toggled(self.choice, key))
        elif setting := next((setting for setting in self.settings if setting.key == key), None):
            self._change(setting)

    def _change(self, setting: Setting) -> None:
        """Go to the next option, or ask for a value."""
        if setting.options:
            place = setting.options.index(setting.value) if setting.value in setting.options else -1
            self._choose(with_setting(self.choice, setting.key, setting.options[(place + 1) % len(setting.options)]))
            return

        def check(text: str) -> str | None:
            try:
                prepare_lesson(with_setting(self.choice, setting.key, text))
            except ValueError as error:
                return str(error)
            return None

        def take(text: str | None) -> None:
            if text is not None:
                self._choose(with_setting(self.choice, setting.key, text))

        self.app.push_screen(ValueDialog(setting, check), take)

    def action_default(self) -> None:
        """Take the setting under the cursor back to its default."""
        row = self.query_one("#menu", Menu).current
        if row is not None and row.kind == "setting":
            self._choose(without_setting(self.choice, row.key.partition(" ")[2]))

    def action_start(self) -> None:
        """Begin the lesson, as soon as it is prepared."""
        self.starting = not self.experiments and not self.problem
        if self.experiments:
            self.post_message(self.Picked(self.choice, self.experiments))

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
        self.query_one("#menu", Menu).focus()

    def action_clear(self) -> None:
        """Leave the search and show everything again."""
        self.query_one("#search", Input).value = ""
        self.remove_class("-searching")
        self.query_one("#menu", Menu).focus()


def first_choice() -> Choice:
    """What a learner who has never been here begins with."""
    return Choice(SCENARIOS[0].name)
