"""What the picker says of the thing under its cursor: pages of paragraphs, and the menu's rows."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from algorithms.registry import EVERY_ALGORITHM, Algorithm, algorithm_named
from scenarios.catalog import CONTROL_SCENARIOS, DATA_SCENARIOS, SCENARIOS, AnyScenario
from scenarios.catalog.environment import KNOWN
from scenarios.catalog.scenario import ControlScenario, Scenario
from scenarios.experiment import AnyExperiment, Experiment
from scenarios.worlds.control import why_missing
from tui.drawing.cells import safe_text
from tui.help.page import Paragraph
from tui.picker.choice import Choice, described
from tui.picker.menu import Row
from tui.picker.settings import Setting

NETWORKS = (*DATA_SCENARIOS, *CONTROL_SCENARIOS)
LISTED = {scenario.environment_id for scenario in CONTROL_SCENARIOS}
# title, note, names; in order of increasing difficulty, then what gymnasium has beside the catalogue
SHELVES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Tables", "every number can be seen", tuple(scenario.name for scenario in SCENARIOS)),
    (
        "Networks",
        "for what no table can hold",
        (*(scenario.name for scenario in NETWORKS), *(name for name in KNOWN if name not in LISTED)),
    ),
)
AUTODIFF = Row("Gradients, node by node", "lesson", "autodiff")  # a lesson without a scenario
OTHER = "another environment ..."
KINDS = {"planning": "plans with a model of the world", "supervised": "learns from examples"}
BLANK = Paragraph("")
AUTODIFF_SUMMARY = "How a network knows which way to change its weights: gradients, node by node."
AUTODIFF_TEACHES = (
    "Whatever is computed is written on a tape, every operation with its inputs. Walking back over it, each hands the "
    "gradient on by one small rule: the chain rule, and nothing else. Here an expression of yours, or a network of two "
    "layers, is drawn as a graph, and stepped forward and back with the numbers filled in."
)
AUTODIFF_LOOK_FOR = (
    "A value that is used twice: its gradient is a sum, and it hands nothing on before the sum is complete. The check "
    "by finite differences: two ways to the same number. And the result, which falls with every step down the gradient."
)


def menu_rows(choice: Choice, settings: Sequence[Setting], search: str = "") -> list[Row]:
    """The menu: scenarios, the algorithms of the chosen one, and its settings; a search leaves what has its words."""
    scenario = described(choice.scenario)
    rows: list[Row] = []
    for title, note, listed in SHELVES:
        found = [described(name) for name in listed]
        shelf = [_lesson_row(s, choice) for s in found if _has(search, _words_of(s))]
        if title == "Networks" and _has(search, f"{AUTODIFF.label} {AUTODIFF_SUMMARY} {AUTODIFF_TEACHES} autodiff"):
            shelf.insert(0, AUTODIFF)
        rows += _group(title, note, shelf)
    if choice.scenario not in {name for _, _, listed in SHELVES for name in listed}:
        rows.append(_lesson_row(scenario, choice))
    if _has(search, OTHER):
        rows.append(Row(OTHER, "lesson", "other environment"))
    algorithms = [
        _algorithm_row(algorithm, choice.chosen)
        for algorithm in EVERY_ALGORITHM
        if algorithm.name in scenario.algorithms and _has(search, f"{algorithm.name} {algorithm.title}")
    ]
    rows += _group("Algorithm", "one or two" if isinstance(scenario, Scenario) else "", algorithms)
    for group in dict.fromkeys(setting.group for setting in settings):
        of = [_setting_row(s) for s in settings if s.group == group and _has(search, f"{s.key} {s.sentence}")]
        title, _, note = group.partition(" ")
        rows += _group(title, note, of)
    return rows


def _group(title: str, note: str, rows: list[Row]) -> list[Row]:
    return [Row(title, note=note), *rows] if rows else []


def _has(search: str, text: str) -> bool:
    return all(word in text.lower() for word in search.lower().split())


def _words_of(scenario: AnyScenario) -> str:
    return f"{scenario.name} {scenario.title} {scenario.summary} {scenario.teaches} {scenario.look_for}"


def _lesson_row(scenario: AnyScenario, choice: Choice) -> Row:
    here, missing = scenario.name == choice.scenario, why_not(scenario)
    note = f"needs {getattr(scenario, 'needs', '')}" if missing else ""
    return Row(
        scenario.title, "lesson", f"lesson {scenario.name}", ">" if here else "", note, strong=here, grey=bool(missing)
    )


def why_not(scenario: AnyScenario) -> str | None:
    """One sentence that says why a scenario cannot be had here; None where it can."""
    if isinstance(scenario, ControlScenario):
        return why_missing(scenario.environment_id, scenario.needs)
    return None


def _algorithm_row(algorithm: Algorithm, chosen: Sequence[str]) -> Row:
    place = chosen.index(algorithm.name) + 1 if algorithm.name in chosen else 0
    mark = "[ ]" if not place else "[x]" if len(chosen) == 1 else f"[{place}]"
    source = f"§{algorithm.section}" if algorithm.section[0].isdigit() else algorithm.section
    return Row(algorithm.title, "algorithm", f"algorithm {algorithm.name}", mark=mark, note=source, strong=bool(place))


def _setting_row(setting: Setting) -> Row:
    note = safe_text(setting.value, 60)
    return Row(setting.key, "setting", f"setting {setting.key}", note=note, strong=setting.changed)


def about_lesson(choice: Choice, experiments: Sequence[AnyExperiment], problem: str = "") -> list[Paragraph]:
    """What the chosen scenario teaches, what to look for, and what counts as solved; first what is wrong with it."""
    scenario = described(choice.scenario)
    world = experiments[0].parts[0] if experiments else scenario.world()
    solved = scenario.solved(world)
    warnings = [e.model.warnings for e in experiments[:1] if isinstance(e, Experiment)]
    wrong = [problem] if problem else [f"{w[0].upper()}{w[1:]}." for some in warnings for w in some]
    return [
        Paragraph(scenario.summary, "current"),
        *(Paragraph(safe_text(one, 400), "warning") for one in wrong),
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


def about_autodiff() -> list[Paragraph]:
    """What the lesson of the engine teaches."""
    return [
        Paragraph(AUTODIFF_SUMMARY, "current"),
        BLANK,
        Paragraph("What it teaches", "heading"),
        Paragraph(AUTODIFF_TEACHES),
        BLANK,
        Paragraph("What to look for", "heading"),
        Paragraph(AUTODIFF_LOOK_FOR),
        BLANK,
        Paragraph("enter opens it; `rltop learn autodiff EXPRESSION` opens it with an expression of yours", "muted"),
    ]


def about_algorithm(name: str) -> list[Paragraph]:
    """An algorithm's own words: its docstring, formula and source."""
    algorithm = algorithm_named(name)
    first, *rest = inspect.getdoc(algorithm.page).split("\n\n")  # type: ignore[union-attr]
    kind = KINDS.get(algorithm.family, "learns from experience")
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


def about_detail(kind: str, key: str, choice: Choice, settings: Sequence[Setting]) -> tuple[str, list[Paragraph], int]:
    """What is said of a row of some kind: the title, paragraphs, and how many of them come before its own."""
    if kind == "setting":
        return "Settings", *about_settings(settings, key)
    names = (key,) if kind == "algorithm" else choice.chosen
    words = [paragraph for name in names for paragraph in (*about_algorithm(name), BLANK)]
    return "Algorithm", [*words, *about_settings(settings)[0]], 0
