"""This update, in numbers and words, and the question before it."""

from __future__ import annotations

import math
import re

import pytest

from scenarios.lessons.explain import explain
from scenarios.lessons.words import Explanation
from tui.drawing.cells import Cells
from tui.drawing.theme import make_theme
from tui.lesson.panes.update import draw_update

THEME = make_theme()
UPDATE = Explanation(
    "Q(s,a) ← Q(s,a) + α [r + γ max Q(s′,·) − Q(s,a)]",
    ("Q(24, →) ← −1 + 0.5 [−1 + 0.9·(−2) − (−1)]", "     = −1 + 0.5 · (−1.8)  =  −1.9"),
    "Worse than expected by 1.8: the estimate falls. It counts on the best next action, whatever it will really do.",
    -1.0,
    -1.9,
)


def lines(cells: Cells) -> list[str]:
    return [cells.line(row).rstrip() for row in range(cells.height)]


def test_everything_where_there_is_room():
    assert lines(draw_update(UPDATE, 50, 12, THEME)) == [
        "Q(s,a) ← Q(s,a) + α [r + γ max Q(s′,·) − Q(s,a)]",
        "",
        "Q(24, →) ← −1 + 0.5 [−1 + 0.9·(−2) − (−1)]",
        "     = −1 + 0.5 · (−1.8)  =  −1.9",
        "",
        "before    −1 ━━━━━━━━━━━━━",
        "after   −1.9 ━━━━━━━━━━━━━━━━━━━━━━━━ ▼ by 0.9",
        "",
        "Worse than expected by 1.8: the estimate falls. It",
        "counts on the best next action, whatever it will",
        "really do.",
        "",
    ]


def test_numbers_come_first_then_the_sentence_then_the_change_then_the_formula():
    assert lines(draw_update(UPDATE, 50, 1, THEME)) == ["Q(24, →) ← −1 + 0.5 [−1 + 0.9·(−2) − (−1)]"]
    small = lines(draw_update(UPDATE, 50, 5, THEME))
    assert small[1].endswith("=  −1.9")
    assert small[2].startswith("Worse than expected")
    larger = lines(draw_update(UPDATE, 50, 7, THEME))
    assert larger[3].startswith("after   −1.9")
    assert not any("α" in line for line in larger)


def test_a_question_covers_what_would_give_the_result_away():
    drawn = lines(draw_update(UPDATE, 50, 10, THEME, prompt="Will Q(24, →) go up, down or stay?", score=(3, 4)))
    assert drawn == [
        "Q(s,a) ← Q(s,a) + α [r + γ max Q(s′,·) − Q(s,a)]",
        "",
        "Q(24, →) ← −1 + 0.5 [? + ? − (−1)]",
        "",
        "before  −1 ━━━━━━━━━━━━━━━━━━━━━━━━",
        "after    ?",
        "",
        "Will Q(24, →) go up, down or stay?",
        "",
        "                                      3 of 4 right",
    ]


@pytest.mark.parametrize("scenario", ["gridworld", "cliffwalking", "frozenlake", "taxi"])
@pytest.mark.parametrize("algorithm", ["policy-evaluation", "policy-iteration", "value-iteration", "double-q-learning"])
def test_a_question_looks_the_same_whatever_the_result(play, scenario, algorithm):
    lesson = play(scenario, algorithm, 2)
    told = explain(lesson.focused, lesson.focused.peek())
    numbers = re.sub(r"(?<=\[)\S+ \+ \S+(?= −)", "7 + 9·77", told.numbers[0])  # r and what follows it
    last = told.numbers[-1].rsplit(" ", 1)[0] + " 123.25"
    other = Explanation(told.formula, (numbers, *told.numbers[1:-1], last), "It rose.", told.before, 123.25)
    drawn = [str(draw_update(update, 60, 12, THEME, prompt="Up or down?")) for update in (told, other)]
    assert drawn[0] == drawn[1]
    assert str(draw_update(told, 60, 12, THEME)) != str(draw_update(other, 60, 12, THEME))


def test_a_symbol_has_the_colour_of_its_number():
    cells = draw_update(UPDATE, 50, 12, THEME)
    formula, numbers = cells.line(0), cells.line(2)

    def colour(row: int, place: int):
        return cells.style_at(row, place).fg

    pairs = [
        (formula.index("α"), numbers.index("0.5")),
        (formula.index("[r") + 1, numbers.index("[−1") + 1),
        (formula.index("γ"), numbers.index("0.9")),
        (formula.index("max"), numbers.index("(−2)")),
    ]
    colours = [(colour(0, symbol), colour(2, number)) for symbol, number in pairs]
    assert all(symbol == number for symbol, number in colours)
    assert len(set(colours)) == 4


def test_a_backup_that_is_too_long_keeps_what_every_line_comes_to(play):
    lesson = play("frozenlake", "value-iteration", 20)
    told = explain(lesson.focused, lesson.focused.event)
    drawn = lines(draw_update(told, 50, 10, THEME))
    for number in told.numbers:
        assert any(line.endswith(number.split(" = ")[-1]) for line in drawn)
    assert max(map(len, drawn)) <= 50
    wide = "\n".join(lines(draw_update(told, 100, 14, THEME)))
    assert all(number in wide for number in told.numbers)


def test_before_anything_has_happened():
    assert lines(draw_update(None, 40, 2, THEME)) == ["No update yet: step once, or play.", ""]
    assert lines(draw_update(None, 40, 2, THEME, prompt="What next?"))[0] == "What next?"


@pytest.mark.parametrize(("before", "after"), [(math.nan, 1.0), (1.0, math.inf), (-math.inf, math.nan), (0.0, 0.0)])
def test_numbers_that_are_none_are_drawn_as_what_they_are(before, after):
    told = Explanation("V(s) ← ?", ("V(0) ← nan",), "Lost.", before, after)
    drawn = "\n".join(lines(draw_update(told, 40, 8, THEME)))
    for value in (before, after):
        assert {math.nan: "nan", math.inf: "∞"}.get(value, "") in drawn
    assert "Lost." in drawn
