"""What stands beside the charts: the details of a run, differences of two, and a diagnosis."""

from pathlib import Path

import pytest
from monitor_app import new_run

from scenarios.runs.collection import RunRow, row_of
from scenarios.runs.diagnosis import Diagnosis
from tui.drawing.cells import encode
from tui.drawing.theme import make_theme
from tui.monitor.side import Item, details, diagnosis, differences, draw_side, lines_hidden

UNICODE, ASCII = make_theme(), make_theme(ascii_only=True)


def text(items, width=50, height=60, theme=UNICODE):
    return str(draw_side(items, 0, width, height, theme))


@pytest.fixture
def row(tmp_path):
    return row_of(new_run(tmp_path, 3, learning_rate="0.5", gamma=0.99).path)


def test_details_say_everything_and_mark_what_is_not_the_scenarios_own(row):
    shown = text(details(row, UNICODE))
    for part in ("★ solved", "cartpole", "seed", "5 000", "483.00", "learning_rate", "numpy", "rltop"):
        assert part in shown
    cells = draw_side(details(row, UNICODE), 0, 50, 60, UNICODE)
    lines = str(cells).splitlines()
    changed = next(n for n, line in enumerate(lines) if line.startswith("learning_rate"))
    assert cells.style_at(changed, lines[changed].index("0.5")).fg == UNICODE.palette.accent
    assert "not linear(" in lines[changed + 1]
    same = next(n for n, line in enumerate(lines) if line.startswith("gamma"))
    assert cells.style_at(same, lines[same].index("0.99")).fg == UNICODE.palette.text


def test_a_damaged_run_has_its_sentence():
    fault = "run.json is damaged: restore it from a copy or delete the run"
    shown = text(details(RunRow(Path("/r/x"), "x", "damaged", fault=fault), UNICODE), 80)
    assert fault in shown


def test_differences_of_two_runs(tmp_path, row):
    other = row_of(new_run(tmp_path, 4, learning_rate="0.25", gamma=0.99).path)
    shown = text(differences(row, other), 70)
    assert [line.split() for line in shown.splitlines() if line.startswith(("seed", "learning_rate"))] == [
        ["seed", "3", "4"],
        ["learning_rate", "0.5", "0.25"],
    ]
    assert "gamma" not in shown
    assert "483.00" in shown
    assert "Mark another run" in text(differences(row, None))
    assert "in the same way" in text(differences(row, row))
    assert "tells nothing" in text(differences(row, RunRow(Path("/x"), "x", "damaged", fault="broken")))


def test_a_diagnosis_says_what_to_try(row):
    assert "Nothing stands out" in text(diagnosis(row, []))
    found = Diagnosis("rule", "policy/entropy", "warning", "The entropy has collapsed.", "Try a larger bonus.")
    shown = text(diagnosis(row, [found]))
    assert "The entropy has collapsed." in shown
    assert "Try a larger bonus." in shown
    assert "policy/entropy" in shown


def test_it_scrolls_as_far_as_there_is_text():
    items = [Item(f"line {n}") for n in range(30)]
    assert lines_hidden(items, 20, 10, UNICODE) == 20
    top, end = (str(draw_side(items, scroll, 20, 10, UNICODE)) for scroll in (0, 999))
    assert "line 0 " in top
    assert "▾" in top
    assert "line 29" in end
    assert "▴" in end


@pytest.mark.parametrize("theme", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_every_size_and_hostile_text(row, theme):
    nasty = "\x1b[2J\u202e\u200b\n[red]" + "方" * 50 + "\ud800"
    hostile = row._replace(name=nasty, message=nasty, scenario=nasty)
    found = [Diagnosis(nasty, nasty, "note", nasty, nasty)]
    for items in (details(hostile, theme), differences(hostile, row), diagnosis(hostile, found)):
        for width in (0, 1, 2, 5, 20, 80, 400):
            for height in (0, 1, 5, 60):
                drawn = draw_side(items, 3, width, height, theme)
                assert (drawn.width, drawn.height) == (width, height)
                for line in range(height):
                    assert drawn.line(line).isprintable()
                    assert len(encode(drawn.line(line))) == width
