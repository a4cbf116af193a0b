"""The source with the line that is being stepped."""

from __future__ import annotations

import pytest

from scenarios.catalog.scenario import TABULAR_ALGORITHMS
from tui.drawing.cells import Cells
from tui.drawing.theme import make_theme
from tui.lesson.panes.source import draw_source, page_of

THEME = make_theme()


def lines(cells: Cells) -> list[str]:
    return [cells.line(row).rstrip() for row in range(cells.height)]


def stepped(play, algorithm: str, count: int):
    lesson = play("cliffwalking", algorithm, 3)
    for _ in range(count):
        lesson.line_forward()
    return lesson.focused


def test_lines_carry_the_values_they_gave(play):
    stepper = stepped(play, "q-learning", 6)
    drawn = lines(draw_source(stepper, 72, 14, THEME))
    values = {name: value for line in stepper.lines[:6] for name, value in line.values.items()}
    lit = [line for line in drawn if line.startswith("►")]
    assert len(lit) == 1
    assert " bootstrap = greatest(" in lit[0]
    assert lit[0].endswith("bootstrap = 0")
    line = next(line for line in drawn if " s = state.s" in line)
    assert line.endswith(f"s = {values['s']}")
    line = next(line for line in drawn if "= world.step" in line)
    assert line.endswith(f"  {values['s2']}, −1, 1, False")  # no room for their names
    line = next(line for line in drawn if "a = epsilon_greedy" in line)
    assert line.endswith(f"{values['a']} {'↑→↓←'[values['a']]}")
    code = [line.rstrip() for line in stepper.source.lines]
    assert next(line for line in drawn if " old = " in line)[6:].rstrip() in code  # nothing beside: not yet executed


def test_values_can_be_covered(play):
    stepper = stepped(play, "sarsa", 9)
    covered = lines(draw_source(stepper, 66, 20, THEME, values=False))
    assert [line for line in covered if line.startswith("►")]
    assert all("−" not in line and " = 0" not in line for line in covered if "config" not in line and '"""' not in line)


@pytest.mark.parametrize("algorithm", TABULAR_ALGORITHMS)
def test_every_step_is_lit_and_numbered_as_in_the_file(play, algorithm):
    lesson = play("gridworld", algorithm, 3)
    stepper = lesson.focused
    lesson.line_forward()
    while stepper.line >= 0:
        number = stepper.lines[stepper.line].number
        code = stepper.source.lines[number - stepper.source.first_line].strip()
        for height in (3, 8, 14, 40):
            lit = [line for line in lines(draw_source(stepper, 120, height, THEME)) if line.startswith("►")]
            assert len(lit) == 1
            assert lit[0].startswith(f"►{number:>4} ")
            assert code.split("  # ")[0][:60] in lit[0]
        lesson.line_forward()


def test_the_docstring_gives_way_to_the_loop(play):
    stepper = stepped(play, "q-learning", 2)
    source = stepper.source
    whole = "\n".join(lines(draw_source(stepper, 150, len(source.lines), THEME)))
    assert "Watkins (1989)" in whole
    folded = lines(draw_source(stepper, 150, 14, THEME))
    assert [int(line[1:5]) for line in folded if int(line[1:5]) in source.loop] == list(source.loop)
    assert any(line.endswith(" …") and '"""Off-policy TD control' in line for line in folded)
    assert not any("Watkins" in line for line in folded)


def test_the_window_follows_the_line_where_the_loop_does_not_fit(play):
    stepper = stepped(play, "sarsa", 8)
    drawn = lines(draw_source(stepper, 80, 5, THEME))
    assert drawn[2].startswith("►")  # in the middle


def test_long_lines_end_in_an_ellipsis_and_keep_their_values(play):
    stepper = stepped(play, "q-learning", 6)
    drawn = lines(draw_source(stepper, 44, 14, THEME))
    line = next(line for line in drawn if " s2, r" in line)
    assert "…" in line
    assert line.endswith("−1, 1, False")
    assert max(map(len, drawn)) <= 44


@pytest.mark.parametrize("algorithm", TABULAR_ALGORITHMS)
def test_the_lit_line_can_be_read_whole_with_its_values(play, algorithm):
    """In as many rows as it needs, where the pane has them; the lines around it are cut."""
    lesson = play("cliffwalking", algorithm, 3)
    stepper = lesson.focused
    lesson.line_forward()
    unfolded = 0
    while stepper.line >= 0:
        line = stepper.lines[stepper.line]
        drawn = lines(draw_source(stepper, 54, 16, THEME))
        first = next(i for i, row in enumerate(drawn) if row.startswith("►"))
        after = next((i for i in range(first + 1, 16) if drawn[i][1:5].strip()), 16)
        lit = "".join("".join(row[6:].split()) for row in drawn[first:after])
        code = stepper.source.lines[line.number - stepper.source.first_line].partition("  # ")[0]
        assert "".join(code.split()) in lit
        assert all(f"{name}=" in lit for name in line.values)
        unfolded += after - first > 1
        assert len(drawn) == 16
        lesson.line_forward()
    assert unfolded


def test_a_pane_without_room_cuts_the_lit_line_too(play):
    stepper = stepped(play, "q-learning", 5)
    for height in (1, 2, 3, 5):
        drawn = lines(draw_source(stepper, 30, height, THEME))
        lit = [row for row in drawn if row.startswith("►")]
        assert "…" in lit[0]
        assert len(lit) == 1


def test_an_unfolded_line_is_indented_as_it_was_and_lit_in_all_its_rows(play):
    stepper = stepped(play, "sarsa", 4)
    cells = draw_source(stepper, 54, 14, THEME)
    first = next(row for row in range(14) if cells.line(row).startswith("►"))
    rows = [cells.line(row)[6:].rstrip() for row in range(first, first + 4)]
    assert rows[:2] == ["        s2, r, discount, last", "          = world.step(s, a, state.t, rng)"]
    assert rows[2].endswith("discount = 1  last = False")
    assert rows[3].startswith("        a2 = epsilon_greedy(")
    assert cells.style_at(first + 2, 20).bg == cells.style_at(first, 20).bg != cells.style_at(first + 3, 20).bg


def test_nothing_is_lit_while_no_line_is_stepped_but_the_loop_stands_out(play):
    stepper = play("cliffwalking", "q-learning", 3).focused
    cells = draw_source(stepper, 80, 14, THEME)
    assert not any(line.startswith("►") for line in lines(cells))
    outside = cells.style_at(0, 10).fg
    inside = next(row for row in range(14) if " s = state.s" in cells.line(row))
    assert cells.style_at(inside, cells.line(inside).index("s = ")).fg == THEME.palette.text != outside


def test_kinds_of_words_have_their_own_colours_and_the_page_is_read_once(play):
    source = play("cliffwalking", "q-learning").focused.source
    page = page_of(source)
    assert page is page_of(source)
    kinds = {text: kind for row in page.rows for text, kind in row.pieces}
    assert kinds["while"] == kinds["True"] == kinds["yield"] == "keyword"
    assert kinds["# [L]"] == "comment"
    assert all(
        "".join(text for text, _ in row.pieces) == line for row, line in zip(page.rows, source.lines, strict=True)
    )
    assert [page.rows[i].pieces[-1][1] for i in page.docstring if page.rows[i].pieces] == ["string"] * 4


def test_the_lit_line_needs_no_colour(play):
    stepper = stepped(play, "q-learning", 4)
    cells = draw_source(stepper, 66, 14, make_theme(colour=False))
    row = next(row for row in range(14) if cells.line(row).startswith("►"))
    assert cells.style_at(row, 20).bold
    assert not cells.style_at(row - 1, 20).bold
