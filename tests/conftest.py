"""What tests of every package share: one BLAS thread, text snapshots of screens, terminals."""

from __future__ import annotations

import os

# numpy reads it when it is first imported, and tests import numpy before `engine`, which sets it for everybody else
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# tests start a few hundred programs: the first compiles the modules for all
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import difflib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.app import App

from tests.reliability.pseudoterminal import Pseudoterminal
from tui.drawing.cells import Cells

SNAPSHOTS = Path(__file__).parent / "tui" / "snapshots"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --update-snapshots` accepts every screen as it is now."""
    parser.addoption("--update-snapshots", action="store_true", help="write the text snapshots of screens anew")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than there are cores: many tests wait, for a terminal that must stay silent or a trainer."""
    return (os.cpu_count() or 1) + 1


def screen_text(shown: App | Cells) -> str:
    """The characters of a screen or a drawing, without blanks at the ends of lines."""
    if isinstance(shown, Cells):
        lines = str(shown).splitlines()
    else:
        rows = shown.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in row) for row in rows]
    return "".join(f"{line.rstrip()}\n" for line in lines)


@pytest.fixture
def check_snapshot(request: pytest.FixtureRequest) -> Callable[[App | Cells, str], None]:
    """Compares the text of an app's screen, or of a drawing, with tests/tui/snapshots/NAME.txt."""

    def check(shown: App | Cells, name: str) -> None:
        kept, text = SNAPSHOTS / f"{name}.txt", screen_text(shown)
        if request.config.getoption("--update-snapshots"):
            kept.write_text(text, "utf-8")
            return
        assert kept.exists(), f"there is no snapshot {name}: make it by pytest --update-snapshots, and look at it"
        before = kept.read_text("utf-8")
        if text != before:
            difference = "\n".join(difflib.unified_diff(before.splitlines(), text.splitlines(), "kept", "now", n=0))
            pytest.fail(f"{name} looks different (--update-snapshots keeps it as it is now):\n{difference}", False)

    return check


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Pseudoterminal]]:
    """terminal(*arguments, columns=..., rows=..., ...): the app on a pseudo terminal, which is closed in the end."""
    open_ones: list[Pseudoterminal] = []

    def start(*arguments: str, **options: Any) -> Pseudoterminal:
        open_ones.append(Pseudoterminal(tmp_path, *arguments, **options))
        return open_ones[-1]

    yield start
    for one in open_ones:
        one.close()
