"""What the world of a deep lesson can show, and which curves there are."""

from __future__ import annotations

from enum import StrEnum

from scenarios.experiment import DataExperiment, DeepExperiment
from scenarios.lessons.deep_ledger import DeepLedger
from scenarios.lessons.explain_deep import metric_name


class DeepLayer(StrEnum):
    """What the first pane shows."""

    WORLD = "world"
    EPISODE = "value"


def curve_title(name: str, experiment: DeepExperiment) -> str:
    """A curve in words: of examples an episode is an epoch, and its return the accuracy while learning."""
    if name not in ("return", "length"):
        return metric_name(name)
    if isinstance(experiment, DataExperiment):
        return f"{'accuracy' if name == 'return' else 'images'} per epoch"
    return f"{name} per episode"


def curve_names(ledger: DeepLedger) -> tuple[str, ...]:
    """What the curves pane can show by now."""
    return ("return", "length", *ledger.names)
