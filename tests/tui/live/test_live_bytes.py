"""What a live screen sends at 150x42: at most 8 kB a second, 3 kB frozen, nothing while nothing is new."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = str(Path(__file__).parents[3])
PROGRAM = """
import sys
from pathlib import Path
from tests.tui.live.fake_run import LiveApp, growing, new_run
LiveApp(growing(new_run(Path(sys.argv[1])))).run()
"""


@pytest.mark.parametrize("seconds", [1.5, pytest.param(3.0, marks=pytest.mark.slow)])
def test_a_live_screen_sends_little(terminal, tmp_path, seconds):
    seen = {"columns": 150, "rows": 42, "COLORTERM": "truecolor", "PYTHONPATH": ROOT}
    app = terminal(str(tmp_path), program=("-c", PROGRAM), **seen)
    app.read_until(b"recorded episode", seconds=60)
    app.read(seconds / 3)
    moving = app.read(seconds)
    assert 100 * seconds <= len(moving) <= 8000 * seconds
    app.type(b"f")
    app.read(seconds / 3)
    frozen = app.read(2 * seconds)  # a busy machine paints what is read every two seconds
    assert 20 * seconds <= len(frozen) <= 2 * 3000 * seconds
    app.type(b"k")  # the run of this test stands still when it is asked for something
    app.read(2.5)  # a busy machine paints later
    assert app.read(seconds / 2) == b""
    assert app.process.poll() is None  # silent, not gone
