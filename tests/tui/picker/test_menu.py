"""The menu as cells: what is shown at which size."""

import pytest

from tui.drawing.theme import make_theme
from tui.picker.about import menu_rows
from tui.picker.choice import Choice, prepare_lesson
from tui.picker.menu import Row, draw_menu, rows_shown
from tui.picker.settings import settings_list

THEME = make_theme()
CHOICE = Choice("cliffwalking", ("q-learning", "sarsa"))


def rows(search=""):
    experiments = prepare_lesson(CHOICE)
    return menu_rows(CHOICE, settings_list(CHOICE, experiments, experiments), search)


def test_marks_say_what_is_chosen():
    marks = {row.key: row.mark for row in rows() if row.mark}
    assert marks["lesson cliffwalking"] == ">"
    assert marks["algorithm q-learning"] == "[1]"
    assert marks["algorithm sarsa"] == "[2]"
    assert marks["algorithm expected-sarsa"] == "[ ]"


@pytest.mark.parametrize(("width", "height"), [(31, 22), (38, 38), (44, 58), (10, 3), (3, 1), (1, 1), (0, 0)])
@pytest.mark.parametrize("colour", [True, False])
def test_draws_at_any_size(width, height, colour):
    menu = rows()
    for cursor in range(len(menu)):
        cells = draw_menu(menu, cursor, width, height, make_theme(colour=colour), active=True)
        assert (cells.width, cells.height) == (width, height)


def test_the_cursor_is_always_shown():
    menu = rows()
    for height in (3, 10, 22, 60):
        for cursor in range(len(menu)):
            assert cursor in rows_shown(menu, cursor, height)


def test_groups_are_set_apart_where_there_is_room():
    menu = [Row("A"), Row("one", "lesson", "lesson one"), Row("B"), Row("two", "lesson", "lesson two")]
    assert rows_shown(menu, 1, 4) == [0, 1, 2, 3]
    assert rows_shown(menu, 1, 5) == [0, 1, None, 2, 3]


def test_the_cursor_is_seen_without_colour():
    cells = draw_menu(rows(), 2, 38, 38, make_theme(colour=False), active=True)
    line = next(row for row in range(cells.height) if "Cliff walking" in cells.line(row))
    assert cells.style_at(line, 10).reverse
    assert not cells.style_at(line + 1, 10).reverse


def test_search_leaves_what_has_the_words():
    assert [row.label for row in rows("falls")][:2] == ["Tables", "Cliff walking"]
    found = [row.key for row in rows("step size") if row.key]
    assert "setting alpha" in found
    assert "setting q0" not in found
    assert rows("no such thing") == []


def test_a_long_value_is_cut():
    row = Row("world", "setting", "setting world", note="/a/very/long/path/to/a/world/file/of/mine.toml")
    line = draw_menu([row], 0, 31, 1, THEME, active=False).line(0)
    assert "world" in line
    assert "…" in line


def test_hostile_names_stay_in_their_place():
    row = Row("\x1b[31mred\x07", "setting", "setting x", note="\x1b]0;title\x07‮")
    line = draw_menu([row], 0, 31, 1, THEME, active=False).line(0)
    assert "\x1b" not in line
    assert "\x07" not in line
