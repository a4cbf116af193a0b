"""What the tests of reliability share: homes of their own, and a directory of real runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory and home folders that are nobody else's."""
    for kind in ("STATE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def kept_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of a few runs that are read only."""
    from screens import make_runs

    root = tmp_path_factory.mktemp("runs")
    make_runs(root)
    return root


@pytest.fixture
def runs_for(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Path]:
    """A directory of runs that may be written to; an empty one for screens that show none."""
    from screens import NEED_RUNS

    def runs(screen: str) -> Path:
        root = tmp_path / "runs"
        if screen in NEED_RUNS:
            shutil.copytree(request.getfixturevalue("kept_runs"), root)
        return root

    return runs
