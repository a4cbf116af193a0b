"""The world: what the first lane believes, on the board."""

from __future__ import annotations

import numpy as np
import pytest

from tui.drawing.board import Kind, Layer
from tui.drawing.cells import Cells
from tui.drawing.theme import Direction, make_theme
from tui.lesson.panes.world import board_of, cell_at, draw_world

THEME = make_theme()


def text(cells: Cells) -> str:
    return "\n".join(cells.line(row).rstrip() for row in range(cells.height))


def test_figure_4_1_after_three_sweeps(play):
    """The numbers and arrows of Sutton & Barto (2018), figure 4.1, k = 3."""
    lesson = play("gridworld", "policy-evaluation", 3)
    assert text(draw_world(lesson.focused, Layer.VALUE, 26, 9, THEME)) == "\n".join(
        [
            "     ★0  -2.4 -2.9 -3.0",
            "   [   ]  ←    ←    ←↓",
            "    -2.4 -2.9 -3.0 -2.9",
            "     ↑    ←↑   ←↓   ↓",
            "    -2.9 -3.0 -2.9 -2.4",
            "     ↑    ↑→   ↓→   ↓",
            "    -3.0 -2.9 -2.4  ★0",
            "     ↑→   →    →",
            "V -3          0",
        ]
    )


def test_all_ties_are_shown_and_a_planner_has_no_agent(play):
    learner, planner = play("cliffwalking", "q-learning").focused, play("cliffwalking", "value-iteration").focused
    assert list(board_of(learner).greedy[0]) == [0, 1, 2, 3]
    assert (board_of(learner).agent, board_of(planner).agent) == (36, None)
    assert "←↑↓→" in text(draw_world(learner, Layer.POLICY, 58, 16, THEME))


def test_what_has_been_updated_visited_and_missed(play):
    stepper = play("cliffwalking", "sarsa", 1).focused
    board = board_of(stepper)
    assert board.updated == int(stepper.event.s[0])
    assert board.visits.sum() == board.visits[board.updated] == 1
    assert board.td_errors[board.updated] == stepper.event.target[0] - stepper.event.old[0] != 0


def test_hidden_covers_the_state_about_to_be_updated(play):
    lesson = play("cliffwalking", "q-learning", 5)
    stepper = lesson.focused
    at = int(stepper.state.s[0])
    for layer in (Layer.VALUE, Layer.Q, Layer.POLICY):
        covered = draw_world(stepper, layer, 58, 16, THEME, hidden=True)
        places = [(row, col) for row in range(16) for col in range(58) if covered.line(row)[col] == "?"]
        assert [cell_at(stepper, 58, 16, *place) for place in places] == [at]
        row, col = places[0]
        assert covered.line(row + 1)[col - 2 : col + 2].strip() == ""  # no arrow under it
    lesson.forward()
    assert int(stepper.event.s[0]) == at


def test_a_planner_hides_the_state_of_its_next_backup(play):
    stepper = play("gridworld", "value-iteration", 5, in_place="true").focused
    assert board_of(stepper, hidden=True).hidden == stepper.peek().states.start == 5


@pytest.mark.parametrize(("width", "height"), [(58, 16), (30, 9), (118, 40)])
@pytest.mark.parametrize("scenario", ["cliffwalking", "taxi", "frozenlake"])
def test_every_cell_is_found_where_it_is_drawn(play, scenario, width, height):
    stepper = play(scenario, "q-learning", 3).focused
    found = {cell_at(stepper, width, height, row, col) for row in range(height) for col in range(width)}
    cells = stepper.experiment.model.layout.rows * stepper.experiment.model.layout.columns
    assert found - {None} == set(range(cells))
    plain = draw_world(stepper, Layer.VALUE, width, height, THEME)
    for cell in (0, cells // 2, cells - 1):
        marked = draw_world(stepper, Layer.VALUE, width, height, THEME, selected=cell)
        mark = np.argwhere((marked.codes != plain.codes) | (marked.styles != plain.styles))
        if cell != board_of(stepper).updated:  # which has the mark of the update instead
            row, col = (mark.min(axis=0) + mark.max(axis=0)) // 2
            assert cell_at(stepper, width, height, row, col) == cell


def test_the_caption_is_not_a_cell(play):
    stepper = play("taxi", "q-learning").focused
    assert cell_at(stepper, 58, 16, 15, 20) is None


def test_taxi_shows_the_states_that_share_passenger_and_destination(play):
    lesson = play("taxi", "q-learning", 3000, lanes=1)
    stepper = lesson.focused
    layout = stepper.experiment.model.layout
    seen = set()
    for _ in range(300):
        lesson.forward()
        rest = int(stepper.state.s[0]) % 20
        board = board_of(stepper)
        assert np.array_equal(board.values, stepper.tables.v[rest::20])
        assert np.array_equal(board.q, stepper.tables.q[rest::20])
        drawn = text(draw_world(stepper, Layer.VALUE, 58, 16, THEME))
        assert layout.within[rest] in drawn
        waits, to = layout.passenger(rest)
        assert board.labels[to] == f"{layout.labels[to]} to"
        assert waits is None or board.labels[waits] == f"{layout.labels[waits]} from"
        same_slice = int(stepper.event.s[0]) % 20 == rest
        assert board.updated == (int(stepper.event.s[0]) // 20 if same_slice else None)
        seen.add(rest)
    assert len(seen) > 1
    assert board.actions == (Direction.DOWN, Direction.UP, Direction.RIGHT, Direction.LEFT, "P", "D")
    assert board.walls_right == frozenset(layout.fences)


def test_a_difference_takes_the_place_of_the_values(play):
    lesson = play("cliffwalking", "q-learning,sarsa", 500)
    drawn = text(draw_world(lesson.focused, Layer.POLICY, 58, 16, THEME, difference=lesson.difference()))
    board = board_of(lesson.focused, difference=lesson.difference())
    assert np.array_equal(board.values, lesson.steppers[0].tables.v - lesson.steppers[1].tables.v)
    assert not set("↑→↓←") & set(drawn)
    assert drawn.splitlines()[-1].startswith("Δ")
    assert drawn.endswith("first − second")


def test_good_ends_bad_ends_and_walls(play):
    board = board_of(play("gridworld", "value-iteration", 1, world="book").focused)
    assert (board.kinds[3], board.kinds[7], board.kinds[5]) == (Kind.GOAL, Kind.TERMINAL, Kind.WALL)
    assert (board.labels[3], board.labels[7]) == ("+1", "-1")


def test_starts_are_marked_where_they_are_few(play):
    few, many = (board_of(play("gridworld", "sarsa", world=world).focused) for world in ("book", "jumps"))
    assert (few.kinds == Kind.START).sum() == 1
    assert (many.kinds == Kind.START).sum() == 0


def test_wind_is_said_under_its_columns(play):
    stepper = play("gridworld", "q-learning", world="windy").focused
    drawn = draw_world(stepper, Layer.VALUE, 58, 16, THEME)
    assert drawn.line(14).split() == ["↑1", "↑1", "↑1", "↑2", "↑2", "↑1"]
    left = drawn.line(14).index("↑2")
    assert cell_at(stepper, 58, 16, 13, left) == 66  # the seventh column


def test_not_a_number_is_drawn(play):
    stepper = play("cliffwalking", "q-learning", 10).focused
    stepper.state.q[:] = np.nan
    stepper.state.q[0] = np.inf
    for layer in Layer:
        drawn = text(draw_world(stepper, layer, 58, 16, THEME))
        assert "nan" in drawn or layer not in (Layer.VALUE, Layer.Q)
