"""What the app remembers between two starts: the lesson chosen last and how it was looked at.

One small JSON file in the platform's state directory. Whatever is in that file, reading it gives a memory: what is
not exactly as this page writes it is replaced by its default. Forgetting is harmless, so a folder that cannot be
written is not an error.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from scenarios.runs.files import RunError, read_bounded, write_atomic

MOST_BYTES = 64_000
LONGEST = 200  # characters of a remembered text
MOST_SCREENS = 10
MOST_SETTINGS = 50

Plain = str | int | float | bool


@dataclass(frozen=True)
class ViewMemory:
    """How a lesson was looked at last."""

    layer: str = "V"
    """What the cells show: V, Q, policy, visits or TD error."""
    speed: float = 2.0
    """Updates a second while playing; 0 is as fast as possible."""
    metric: str = "return"
    """What the curve shows: return or length."""
    predict: bool = False
    """Whether every update is asked about before it is made."""
    pane: str = "update"
    """The pane below the worlds where there is room for one: update, source, curves or inspector."""


@dataclass(frozen=True)
class Memory:
    """Everything that is remembered."""

    scenario: str = ""
    algorithms: tuple[str, ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    theme: str = ""
    view: ViewMemory = ViewMemory()
    screens: dict[str, dict[str, Plain]] = field(default_factory=dict)
    """How the other screens were looked at last, by their names; each knows its own words and doubts every value."""


def memory_file() -> Path:
    """Where the memory lies on this platform."""
    from platformdirs import user_state_path

    return user_state_path("rltop", appauthor=False) / "memory.json"


def recall(path: Path | None = None) -> Memory:
    """The memory as it was kept, with defaults for all that is missing or not as it should be."""
    try:
        data = json.loads(read_bounded(path or memory_file(), MOST_BYTES))
    except (RunError, OSError, ValueError, RecursionError):
        return Memory()
    whole = _fitting(data, _MEMORY)
    return Memory(**whole | {"view": ViewMemory(**_fitting(whole.get("view", {}), _VIEW))})


def keep(memory: Memory, path: Path | None = None) -> bool:
    """Write the memory; False where the disk refuses, which costs nobody anything but convenience."""
    path = path or memory_file()
    try:
        data = json.dumps(asdict(memory), allow_nan=False).encode()
        if len(data) > MOST_BYTES:
            return False
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, [data])
    except (RunError, OSError, ValueError):
        return False
    return True


def _fitting(data: Any, wanted: dict[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The members of a JSON object that are as they should be."""
    found: dict[str, Any] = {}
    if isinstance(data, dict):
        for name, read in wanted.items():
            try:
                found[name] = read(data[name])
            except (KeyError, ValueError):
                continue
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise ValueError
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > 2:
        raise ValueError
    return tuple(map(_text, value))


def _settings(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > MOST_SETTINGS:
        raise ValueError
    return {_text(key): _text(setting) for key, setting in value.items()}


def _screens(value: Any) -> dict[str, dict[str, Plain]]:
    if not isinstance(value, dict) or len(value) > MOST_SCREENS:
        raise ValueError
    return {_text(name): _plain(view) for name, view in value.items()}


def _plain(value: Any) -> dict[str, Plain]:
    if not isinstance(value, dict) or len(value) > MOST_SETTINGS:
        raise ValueError
    for one in value.values():
        if not (isinstance(one, int | float) and abs(one) < 2**63):  # not-a-number is not less than anything
            _text(one)
    return {_text(key): one for key, one in value.items()}


def _seed(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError
    return value


def _speed(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= 1e6:
        raise ValueError
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError
    return value


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError
    return value


_VIEW: dict[str, Callable[[Any], Any]] = {
    "layer": _text,
    "speed": _speed,
    "metric": _text,
    "predict": _flag,
    "pane": _text,
}
_MEMORY: dict[str, Callable[[Any], Any]] = {
    "scenario": _text,
    "algorithms": _texts,
    "settings": _settings,
    "seed": _seed,
    "theme": _text,
    "view": _object,
    "screens": _screens,
}
