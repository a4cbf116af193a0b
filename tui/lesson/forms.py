"""The windows in which a session's dialogs are answered."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static

from tui.drawing.cells import safe_text
from tui.help.dialog import Dialog as Window
from tui.lesson.changing import MISTAKES
from tui.lesson.dialogs import Choices, Dialog, Form

LONGEST = 1000  # characters of an answer


def screen_for(dialog: Dialog) -> Window[None]:
    """The window for a dialog."""
    return FormScreen(dialog) if isinstance(dialog, Form) else ChoicesScreen(dialog)


class Box(Window[None]):
    """A framed box in the middle, over the lesson."""

    DEFAULT_CSS = """
    Box { align: center middle; background: $background 50%; }
    Box Vertical {
        width: 64; max-width: 95%; height: auto; border: round $accent; padding: 0 1; background: $surface;
    }
    """


class FormScreen(Box):
    """Lines to fill in; enter takes them all, and where that is refused says why and stays."""

    DEFAULT_CSS = """
    FormScreen Input, FormScreen Input:focus { border: none; height: 1; padding: 0 1; background: $boost; }
    FormScreen Input:focus { background: $primary 30%; }
    FormScreen .hint { color: $text-muted; margin-bottom: 1; }
    FormScreen #complaint { color: $text-error; text-style: bold; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "give up", id="lesson-form.cancel")]

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.form = form

    def compose(self) -> ComposeResult:
        """Every field with its name and what is allowed, and room for a complaint."""
        with Vertical() as box:
            box.border_title = Content(self.form.title)
            box.border_subtitle = Content("enter takes it, esc gives up")
            for field in self.form.fields:
                yield Static(Content(field.label))
                line = Input(field.value, max_length=LONGEST, select_on_focus=True)
                line.cursor_blink = False
                yield line
                yield Static(Content(field.hint), classes="hint")
            yield Static("", id="complaint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Hand the answers over."""
        event.stop()
        if not self.is_active:
            return
        try:
            self.form.take([line.value for line in self.query(Input)])
        except MISTAKES as error:
            self.query_one("#complaint", Static).update(Content(safe_text(error, 300)))
        else:
            self.dismiss()


class ChoicesScreen(Box):
    """One of several things to do, by arrow and enter, number or mouse."""

    DEFAULT_CSS = """
    ChoicesScreen OptionList, ChoicesScreen OptionList:focus {
        border: none; background: $surface; padding: 0; height: auto;
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss", "give up", id="lesson-choices.cancel"),
        *(Binding(str(n), f"take({n - 1})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, choices: Choices) -> None:
        super().__init__()
        self.choices = choices

    def compose(self) -> ComposeResult:
        """The options with their numbers."""
        with Vertical() as box:
            box.border_title = Content(self.choices.title)
            box.border_subtitle = Content("enter or a number takes one, esc gives up")
            texts = (text for text, _ in self.choices.options)
            yield OptionList(*(Content(f"{number} {text}") for number, text in enumerate(texts, start=1)))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Do what was chosen."""
        event.stop()
        self.action_take(event.option_index)

    def action_take(self, index: int) -> None:
        """Do the option of this number."""
        if self.is_active and index < len(self.choices.options):
            self.choices.options[index][1]()
            self.dismiss()
