"""The keys of all screens together: what a user's keys.toml may name beside those that hold everywhere."""

from __future__ import annotations

from textual.binding import Binding

from tui.autodiff.editing import ExpressionScreen
from tui.autodiff.screen import AutodiffScreen
from tui.help.palette import Palette
from tui.help.screen import HelpScreen
from tui.help.small import TooSmallScreen
from tui.lesson.screen import LessonScreen
from tui.live.keys import bindings as of_live
from tui.monitor.keys import bindings as of_monitor
from tui.monitor.search import MetricScreen
from tui.picker.dialog import ValueDialog
from tui.picker.menu import Menu
from tui.picker.screen import PickerScreen

LESSONS = (LessonScreen, AutodiffScreen, ExpressionScreen)
OTHERS = (PickerScreen, Menu, ValueDialog, MetricScreen, HelpScreen, Palette, TooSmallScreen)


def screen_bindings() -> list[Binding]:
    """Every binding of every screen."""
    owned = [binding for owner in (*LESSONS, *OTHERS) for binding in owner.BINDINGS if isinstance(binding, Binding)]
    return [*owned, *of_live(), *of_monitor()]
