"""What the picker says of the thing under its cursor: pages of paragraphs, and the menu's rows."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from algorithms.registry import ALGORITHMS, Algorithm, algorithm_named
from scenarios.catalog import SCENARIOS, scenario_named
from scenarios.catalog.scenario import Scenario
from scenarios.experiment import Experiment
from tui.drawing.cells import safe_text
from tui.help.page import Paragraph
from tui.picker.choice import Choice
from tui.picker.menu import Row
from tui.picker.settings import Setting

BLANK = Paragraph("")


def menu_rows(choice: Choice, settings: Sequence[Setting], search: str = "") -> list[Row]:
    """The menu: lessons, the algorithms of the chosen one, and its settings; a search leaves what has its words."""
    scenario = scenario_named(choice.scenario)
    chosen = choice.chosen
    lessons = [_lesson_row(other, choice) for other in SCENARIOS if _has(search, _words_of(other))]
    algorithms = [
        _algorithm_row(algorithm, chosen)
        for algorithm in ALGORITHMS
        if algorithm.name in scenario.algorithms and _has(search, f"{algorithm.name} {algorithm.title}")
    ]
    rows = _group("Lesson", "", lessons) + _group("Algorithm", "one or two", algorithms)
    for group in dict.fromkeys(setting.group for setting in settings):
        listed = [_setting_row(s) for s in settings if s.group == group and _has(search, f"{s.key} {s.sentence}")]
        title = {"run": "Run", "world": "World"}.get(group, "Settings")
        rows += _group(title, f"of {group}" if title == "Settings" else "", listed)
    return rows


def _group(title: str, note: str, rows: list[Row]) -> list[Row]:
    return [Row(title, note=note), *rows] if rows else []


def _has(search: str, text: str) -> bool:
    return all(word in text.lower() for word in search.lower().split())


def _words_of(scenario: Scenario) -> str:
    return f"{scenario.name} {scenario.title} {scenario.summary} {scenario.teaches} {scenario.look_for}"


def _lesson_row(scenario: Scenario, choice: Choice) -> Row:
    here = scenario.name == choice.scenario
    return Row(scenario.title, "lesson", f"lesson {scenario.name}", mark=">" if here else "", strong=here)


def _algorithm_row(algorithm: Algorithm, chosen: Sequence[str]) -> Row:
    place = chosen.index(algorithm.name) + 1 if algorithm.name in chosen else 0
    mark = "[ ]" if not place else "[x]" if len(chosen) == 1 else f"[{place}]"
    key = f"algorithm {algorithm.name}"
    return Row(algorithm.title, "algorithm", key, mark=mark, note=f"§{algorithm.section}", strong=bool(place))


def _setting_row(setting: Setting) -> Row:
    note = safe_text(setting.value, 60)
    return Row(setting.key, "setting", f"setting {setting.key}", note=note, strong=setting.changed)


def about_lesson(choice: Choice, experiments: Sequence[Experiment], problem: str = "") -> list[Paragraph]:
    """What the chosen scenario teaches, what to look for, and what counts as solved."""
    scenario = scenario_named(choice.scenario)
    if problem:
        return [Paragraph(safe_text(problem, 400), "warning")]
    world = experiments[0].world_config if experiments else scenario.world()
    solved = scenario.solved(world)
    warnings = [safe_text(f"{w[0].upper()}{w[1:]}.", 400) for e in experiments[:1] for w in e.model.warnings]
    return [
        Paragraph(scenario.summary, "current"),
        *(Paragraph(warning, "warning") for warning in warnings),
        BLANK,
        Paragraph("What it teaches", "heading"),
        Paragraph(scenario.teaches),
        BLANK,
        Paragraph("What to look for", "heading"),
        Paragraph(scenario.hint(world)),
        BLANK,
        Paragraph("Solved", "heading"),
        Paragraph(solved.meaning),
        Paragraph(solved.source, "muted"),
    ]


def about_algorithm(name: str) -> list[Paragraph]:
    """An algorithm's own words: its docstring, formula and source."""
    algorithm = algorithm_named(name)
    first, *rest = inspect.getdoc(algorithm.page).split("\n\n")  # type: ignore[union-attr]
    kind = "plans with a model of the world" if algorithm.plans else "learns from experience"
    return [
        Paragraph(f"{algorithm.title} {kind}", "heading"),
        Paragraph(first.replace("\n", " "), "formula"),
        *(Paragraph(part.replace("\n", " ")) for part in rest),
    ]


def about_settings(settings: Sequence[Setting], key: str = "") -> tuple[list[Paragraph], int]:
    """Every setting with its sentence, default and range, and which paragraph begins the one under the cursor."""
    paragraphs: list[Paragraph] = []
    current = 0
    for setting in settings:
        if setting.key == key:
            current = len(paragraphs)
        now = f"{safe_text(setting.value, 60)}, default {safe_text(setting.default, 60)}"
        value = now if setting.changed else f"{safe_text(setting.value, 60)} (default)"
        looks = "current" if setting.key == key else "body"
        paragraphs += [
            Paragraph(f"{setting.key} = {value}", "formula" if setting.key == key else "heading"),
            Paragraph(setting.sentence, looks, indent=2),
        ]
        if setting.allowed and setting.allowed not in setting.sentence:
            paragraphs.append(Paragraph(f"allowed: {setting.allowed}", "muted", indent=2))
    return paragraphs, current
