"""`rltop list`: the scenarios and their algorithms, and everything about one of them."""

from __future__ import annotations

import argparse
import json
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scenarios.catalog.scenario import Description

NAME = "list"
SUMMARY = "List the scenarios and algorithms, or everything about one scenario"
NOTES = """\
examples:
  rltop list
  rltop list cliffwalking      what it teaches, when it is solved, and every --set KEY=VALUE
"""

WIDTH = 100
KINDS = {
    "planning": "plans with a model",
    "tabular": "learns from experience",
    "supervised": "learns a network from examples with their answers",
    "deep": "learns a network from experience",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop list` takes."""
    parser.add_argument("scenario", metavar="SCENARIO", nargs="?", help="show this one with its settings")
    parser.add_argument("--json", action="store_true", help="print it as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print all scenarios, or one."""
    from scenarios.catalog import EVERY_SCENARIO, any_scenario_named

    if options.scenario is not None:
        scenario = any_scenario_named(options.scenario)
        print(json.dumps(_details(scenario)) if options.json else _describe(scenario))
    elif options.json:
        print(json.dumps({"scenarios": [_brief(one) for one in EVERY_SCENARIO], **_parts()}))
    else:
        print("\n".join(_overview(EVERY_SCENARIO)))
    return 0


def _brief(scenario: Description) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "title": scenario.title,
        "summary": scenario.summary,
        "algorithms": list(scenario.algorithms),
        "default_algorithm": scenario.default_algorithm,
        "episodes": getattr(scenario, "episodes", None),
        "steps": dict(getattr(scenario, "steps", {})) or None,
    }


def _parts() -> dict[str, Any]:
    """The algorithms, and the world files that --world knows by name."""
    from algorithms.registry import EVERY_ALGORITHM
    from scenarios.worlds.maps import shipped_worlds

    algorithms = [
        {"name": one.name, "title": one.title, "section": one.section, "family": one.family, "plans": one.plans}
        for one in EVERY_ALGORITHM
    ]
    return {"algorithms": algorithms, "worlds": list(shipped_worlds())}


def _overview(scenarios: tuple[Description, ...]) -> Iterator[str]:
    parts = _parts()
    yield "scenarios"
    for scenario in scenarios:
        yield _entry(scenario.name, f"{scenario.summary} Default: {scenario.default_algorithm}.")
    yield "\nalgorithms (section of Sutton & Barto, 2018, or the paper)"
    for one in parts["algorithms"]:
        yield _entry(one["name"], f"{one['title']} ({one['section']}), {KINDS[one['family']]}.")
    yield "\nworlds for gridworld --world, beside your own files"
    yield _entry("", ", ".join(parts["worlds"]))
    yield "\nand a lesson of its own: `rltop learn autodiff`, how gradients are found, node by node"
    yield "\n`rltop list SCENARIO` says more about one; `rltop learn SCENARIO` opens its lesson."


def _details(scenario: Description) -> dict[str, Any]:
    """Everything about a scenario; a setting's `algorithms` is null where it belongs to the world."""
    solved = scenario.solved(scenario.world())
    return {
        **_brief(scenario),
        "teaches": scenario.teaches,
        "look_for": scenario.look_for,
        "solved": {"meaning": solved.meaning, "source": solved.source, "greedy_return": solved.greedy_return},
        "settings": [
            *_settings(scenario.world(), None),
            *(one for config, names in _families(scenario) for one in _settings(config, names)),
        ],
    }


def _families(scenario: Description) -> list[tuple[Any, list[str]]]:
    """The scenario's configurations, each with the algorithms that share it."""
    families: list[tuple[Any, list[str]]] = []
    for name, config in _configurations(scenario):
        for known, names in families:
            if known == config:
                names.append(name)
                break
        else:
            families.append((config, [name]))
    return families


def _configurations(scenario: Description) -> Iterator[tuple[str, Any]]:
    """Every algorithm's settings in this scenario, and how a deep one acts and is evaluated; no environment is made."""
    from scenarios.catalog.scenario import ControlScenario, DataScenario
    from scenarios.experiment import decide_control, prepare, prepare_data

    for name in scenario.algorithms:
        if isinstance(scenario, ControlScenario):
            yield from ((name, part) for part in decide_control(scenario, name).parts[1:])
        elif isinstance(scenario, DataScenario):
            yield from ((name, part) for part in prepare_data(scenario, name).parts[1:])
        else:
            yield name, prepare(scenario.name, name).config


def _settings(config: Any, algorithms: list[str] | None) -> list[dict[str, Any]]:
    from scenarios.configuration import field_help, settings_of

    sentences = field_help(type(config))
    return [
        {"key": key, "default": default, "meaning": sentences.get(key, ""), "algorithms": algorithms}
        for key, default in settings_of(config).items()
    ]


def _describe(scenario: Description) -> str:
    from algorithms.schedules import SYNTAX

    details = _details(scenario)
    solved = details["solved"]
    paragraphs = (
        ("", scenario.summary),
        ("it teaches", scenario.teaches),
        ("look for", scenario.look_for),
        ("solved", f"{solved['meaning']} ({solved['source']})"),
        ("algorithms", f"{', '.join(scenario.algorithms)}; default: {scenario.default_algorithm}"),
    )
    lines = [scenario.title, *(_entry(name, text) for name, text in paragraphs)]
    of: object = ()
    for setting in details["settings"]:
        if setting["algorithms"] != of:
            of = setting["algorithms"]
            lines.append(f"\nsettings of {'the world' if of is None else ', '.join(setting['algorithms'])}")
        default = "none" if setting["default"] is None else str(setting["default"]).lower()
        lines.append(_entry(setting["key"], f"{setting['meaning']} Default: {default}."))
    return "\n".join([*lines, "", _entry("schedules", f"Where a setting may be scheduled, its value is {SYNTAX}.")])


def _entry(name: str, text: str) -> str:
    """A name and its text, wrapped beside it."""
    return textwrap.fill(text, WIDTH, initial_indent=f"  {name:<18} ", subsequent_indent=" " * 21)
