"""The line above a lesson."""

from __future__ import annotations

import pytest

from algorithms.registry import algorithm_named
from scenarios.catalog import scenario_named
from tui.drawing.theme import make_theme
from tui.lesson.panes.header import draw_header, lesson_text

THEME = make_theme()


def header(lesson, width: int, **said) -> str:
    return draw_header(lesson, width, THEME, **{"playing": True, "speed": "10/s"} | said).line(0).rstrip()


def test_parts_are_dropped_as_it_gets_narrow(play):
    lesson = play("cliffwalking", "q-learning,sarsa", 1234, lanes=1)
    episode = lesson.focused.ledger.episodes[0] + 1
    clock = f"step 1 234 · episode {episode}"
    both = "Q-learning | SARSA"
    settings = "α 0.50 γ 1.00 ε 0.10"
    assert header(lesson, 118).split("   ")[:4] == [f"rltop · Cliff walking · {both}", settings, "seed 7", clock]
    assert header(lesson, 80).startswith(f"{both}   {settings}   {clock}")
    assert header(lesson, 60).startswith(f"{both}   {clock}")
    assert header(lesson, 40).startswith(clock)
    for width in (118, 80, 60, 40, 20):
        assert len(header(lesson, width)) == width
        assert header(lesson, width).endswith("► 10/s")


def test_planning_counts_sweeps_and_names_theta(play):
    line = header(play("gridworld", "value-iteration", 3), 118, playing=False)
    assert "γ 1.00 θ 1.0e−08" in line
    assert "step 3 · sweep 3" in line
    assert line.endswith("❚❚ 10/s")
    assert "rltop · Gridworld: " in line  # and the name of the map


def test_a_schedule_is_shown_as_it_stands(play):
    lesson = play("cliffwalking", "sarsa", 1, epsilon="linear(0.5, 0, 100)")
    assert "ε 0.50" in header(lesson, 118)


@pytest.mark.parametrize("width", [118, 80, 40, 25])
def test_a_message_is_seen_at_any_width_and_cannot_escape(play, width):
    lesson = play("gridworld", "sarsa,q-learning")
    line = header(lesson, width, message="no\x1b[2Jway back")
    assert "no?" in line
    assert "\x1b" not in line


def test_what_a_lesson_is_about():
    text = lesson_text(scenario_named("cliffwalking"), algorithm_named("sarsa"))
    paragraphs = text.split("\n\n")
    assert paragraphs[0] == "Cliff walking, SARSA (Sutton & Barto, section 6.4)"
    assert paragraphs[1].startswith("On-policy against off-policy.")
    assert paragraphs[2].startswith("Look for: ")
    assert paragraphs[3].startswith("Solved: The greedy policy walks the 13 steps")
