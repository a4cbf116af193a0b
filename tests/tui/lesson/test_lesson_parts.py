"""The parts of the lesson screen that need no screen: player, quiz, arrangement, frame, footer, pacing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scenarios.lessons.lesson import Lesson
from tests.tui.lesson.lesson_app import experiments
from tui.drawing.cells import Cells
from tui.drawing.theme import make_theme
from tui.lesson.changing import settings
from tui.lesson.footer import Item, draw_footer, items
from tui.lesson.frame import BOX, RULE, Border, draw_framed
from tui.lesson.keys import footer_entries
from tui.lesson.layout import LOWER, PANES, Wanted, arrange
from tui.lesson.pacing import BYTES, Pacing
from tui.lesson.player import SPEEDS, Player
from tui.lesson.quiz import Quiz
from tui.lesson.session import Session
from tui.memory import ViewMemory

THEME = make_theme()


def lesson(*algorithms, scenario="cliffwalking"):
    return Lesson(experiments(scenario, *(algorithms or ("q-learning",))))


# Player


def test_updates_are_due_by_accumulated_time():
    player = Player(lesson(), 2.0)
    player.play()
    made = []
    for _ in range(80):  # ten seconds in eighths
        before = player.lesson.step
        player.advance(0.125, 1.0)
        made.append(player.lesson.step - before)
    assert made == [1, 0, 0, 0] * 20  # the first at once


def test_a_stalled_machine_does_not_catch_up():
    player = Player(lesson(), 30.0)
    player.play()
    player.advance(60.0, 1.0)
    assert player.lesson.step == 3


def test_as_fast_as_possible_keeps_to_its_budget():
    player = Player(lesson(), 0.0)
    assert math.isinf(player.speed)
    player.play()
    player.advance(1 / 30, 0.01)
    assert player.lesson.step > 5


@pytest.mark.parametrize(
    ("given", "becomes"), [(0.5, 0.5), (2, 2), (3, 5), (1e9, math.inf), (0, math.inf), (0.001, 0.5)]
)
def test_any_remembered_speed_becomes_one_there_is(given, becomes):
    assert Player(lesson(), given).speed == becomes


def test_speeds_end_at_both_ends():
    player = Player(lesson(), 2.0)
    for by, end in ((-1, SPEEDS[0]), (1, SPEEDS[-1])):
        for _ in range(20):
            player.change_speed(by)
        assert player.speed == end


# Session


def test_messages_fade_while_playing_and_mistakes_stay():
    session = Session(lesson(), ViewMemory(speed=10.0))
    session.player.play()
    session.message = "done"
    for _ in range(100):
        session.frame(0.03, 0.001)
    assert session.message == "done"
    for _ in range(50):
        session.frame(0.03, 0.001)
    assert session.message == ""
    session.message, session.mistake = "alpha must be in (0, 1], got 2", True
    for _ in range(500):
        session.frame(0.03, 0.001)
    assert session.message.startswith("alpha")


def test_learning_goes_on_playing_when_something_is_changed():
    session = Session(lesson(), ViewMemory(speed=10.0))
    session.player.play()
    settings(session)
    session.dialog.take(["0.25", "", ""])
    assert session.lesson.focused.experiment.config.alpha(0) == 0.25
    assert session.player.playing


# Quiz


@pytest.mark.parametrize(
    ("scenario", "algorithm"),
    [("cliffwalking", "sarsa"), ("gridworld", "value-iteration"), ("frozenlake", "double-q-learning")],
)
def test_the_quiz_knows_the_truth(scenario, algorithm):
    played, quiz = lesson(algorithm, scenario=scenario), Quiz()
    for count in range(1, 40):
        while not quiz.ask(played.focused):  # an end
            assert played.forward()
            assert float(played.focused.event.new[0]) == float(played.focused.event.old[0])
        question = quiz.question
        assert "What will" in quiz.prompt
        quiz.answer("up")
        played.forward()
        event = played.focused.event
        rises = float(event.new[0]) > float(event.old[0]) + 1e-12
        assert (question.direction == "up") == rises
        assert quiz.asked == count
    assert 0 <= quiz.right < quiz.asked


def test_improvements_of_a_policy_are_not_asked_about():
    played, quiz = Lesson(experiments("gridworld", "policy-iteration", theta=1.0)), Quiz()
    asked = set()
    while played.forward():
        ask = quiz.ask(played.focused)
        event = played.focused.peek()
        ends = event is not None and event.states.start in (0, 15)
        assert ask == (event is not None and not event.improvement and not ends)
        asked.add(ask)
    assert asked == {True, False}


# Arrangement


@pytest.mark.parametrize("worlds", [1, 2])
@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("selected", [False, True])
def test_parts_fill_the_screen_and_never_overlap(worlds, text, selected):
    for width in (*range(60, 210, 7), 400):
        for height in (*range(18, 70, 3), 150):
            wanted = Wanted(worlds, 8, text, selected, LOWER[0])
            places = arrange(width, height, wanted).places
            parts = np.zeros((height, width), int)
            for place in places.values():
                parts[place.row : place.row + place.height, place.col : place.col + place.width] += 1
            assert (parts == 1).all()
            assert sum(place.width * place.height for place in places.values()) == width * height
            assert ("text" in places) == text
            assert ("world2" in places) == (worlds == 2)
            assert all(place.height >= 4 and place.width >= 28 for name, place in places.items() if name in PANES)


def test_all_panes_are_there_where_there_is_room():
    assert set(arrange(200, 60, Wanted(2, 4, False, False, "update")).places) == {*PANES, "header", "footer"} - {"text"}
    assert "inspector" in arrange(120, 40, Wanted(2, 4, False, True, "update")).places
    assert "inspector" in arrange(120, 40, Wanted(1, 4, False, False, "update")).places
    for lower in LOWER:
        assert list(arrange(80, 24, Wanted(1, 4, lower == "text", False, lower)).places) == [
            "header",
            "world",
            lower,
            "footer",
        ]


# Frame and footer


def test_a_frame_leaves_its_room_and_shows_the_title_that_fits():
    sizes = []

    def draw(width, height):
        sizes.append((width, height))
        cells = Cells(width, height)
        cells.fill(0, 0, width, height, THEME.style(), "x")
        return cells

    boxed = draw_framed(draw, ["a long title", "short"], 12, 5, THEME, BOX, focused=False)
    ruled = draw_framed(draw, ["a long title", "short"], 30, 5, THEME, RULE, focused=True)
    joined = draw_framed(draw, ["t"], 9, 3, THEME, Border(True, False, frozenset({0, 7})), focused=False)
    assert sizes == [(10, 3), (30, 4), (7, 2)]
    assert str(boxed).split("\n")[:2] == ["┌─ short ──┐", "│xxxxxxxxxx│"]
    assert "a long title" in str(ruled)
    assert str(ruled).split("\n")[1] == "x" * 30
    assert str(joined).split("\n") == ["├─ t ──┴┐", "│xxxxxxx│", "│xxxxxxx│"]
    for width in range(4):
        for height in range(4):
            draw_framed(draw, ["t"], width, height, THEME, BOX, focused=True)


def test_the_footer_shows_what_fits_and_knows_what_was_clicked():
    left = [Item("a", "1", "first"), Item("b", "2", "second")]
    right = [Item("q", "q", "quit")]
    cells, ids = draw_footer(left, right, 40, THEME)
    assert str(cells) == "1 first  2 second" + " " * 17 + "q quit"
    assert (ids[0], ids[9], ids[8], ids[39]) == ("a", "b", None, "q")
    assert str(draw_footer(left, right, 17, THEME)[0]) == "1 first    q quit"
    for width in range(8):
        draw_footer(left, right, width, THEME)
    assert items(((("x", "y"), "both"), (("z",), "none")), {"x": "[", "y": "]"}) == [Item("y", "[ ]", "both")]


@pytest.mark.parametrize(("algorithms", "offered"), [(("q-learning",), False), (("q-learning", "sarsa"), True)])
def test_what_needs_two_algorithms_is_offered_with_two_only(algorithms, offered):
    words = [word for _, word in footer_entries(Session(lesson(*algorithms), ViewMemory()))]
    assert "curves" in words
    assert ("other" in words, "difference" in words) == (offered, offered)


# Pacing


def test_paintings_keep_to_the_budget_and_nothing_is_forgotten():
    pacing, painted, bytes_sent = Pacing(), [], 0.0
    parts = ("header", "world", "source", "update", "curves")

    def paint(name):
        nonlocal bytes_sent
        painted.append(name)
        bytes_sent += 500
        return 500.0

    for _ in range(300):  # ten seconds
        pacing.changed(parts)
        pacing.paint(1 / 30, 10.0, paint)
    assert bytes_sent <= 10.5 * sum(BYTES.values()) + 1500
    assert bytes_sent >= 9.0 * sum(BYTES.values())
    assert min(painted.count(name) for name in parts) >= 3
    painted.clear()
    pacing.changed(parts)
    pacing.paint(1 / 30, 1.0, paint)
    assert sorted(painted) == sorted(parts)  # slow enough to read: all at once


def test_dear_paintings_leave_less_time_for_learning():
    pacing = Pacing()
    assert pacing.budget == Pacing.SLICE
    pacing._cost = 0.1
    assert pacing.budget == Pacing.LEAST
