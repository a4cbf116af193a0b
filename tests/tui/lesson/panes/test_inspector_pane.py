"""One cell looked at closely."""

from __future__ import annotations

import pytest

from tui.drawing.cells import Cells
from tui.drawing.theme import make_theme
from tui.lesson.panes.inspector import draw_inspector

THEME = make_theme()


def lines(cells: Cells) -> list[str]:
    return [cells.line(row).rstrip() for row in range(cells.height)]


def test_values_visits_and_history_newest_first(play):
    stepper = play("cliffwalking", "q-learning", 40).focused
    drawn = lines(draw_inspector(stepper, 36, 60, 16, THEME))
    assert drawn[0] == "row 3, column 0 · state 36 · start"
    q, visits = stepper.state.q[36], stepper.ledger.visits[36]
    for a, arrow in enumerate("↑→↓←"):
        assert drawn[1 + a][:3] == ("★ " if q[a] == q.max() else "  ") + arrow
        assert f"{q[a]:.3g}"[:4] in drawn[1 + a]
        assert drawn[1 + a].endswith(f" {visits[a]} visit{'s' * bool(visits[a] != 1)}")
    assert drawn[6] == f"updated {visits.sum()} times, newest first"
    records = stepper.ledger.updates_of(36)
    assert [int(line.split()[0]) for line in drawn[7:] if line] == [record.step for record in records[:9]]
    assert drawn[7].split()[1] == "↑→↓←"[records[0].a]
    assert drawn[7].split()[-2:] == ["error", f"{records[0].error:g}".replace("-", "−")]


def test_a_wall_has_nothing_to_tell(play):
    stepper = play("gridworld", "value-iteration", 2, world="book").focused
    assert lines(draw_inspector(stepper, 5, 50, 6, THEME)) == ["row 1, column 1 · state 5 · wall", "", "", "", "", ""]


@pytest.mark.parametrize(
    ("scenario", "algorithm", "cell"), [("cliffwalking", "q-learning", 47), ("frozenlake", "value-iteration", 5)]
)
def test_an_end_has_no_actions(play, scenario, algorithm, cell):
    drawn = lines(draw_inspector(play(scenario, algorithm, 40).focused, cell, 50, 12, THEME))
    assert drawn[1] == "the episode ends here: there are no actions"
    assert "★" not in "".join(drawn)
    assert drawn[3].startswith("updated")


def test_a_cell_that_sweeps_update_together_with_others_counts_them(play):
    stepper = play("frozenlake", "value-iteration", 12).focused
    assert lines(draw_inspector(stepper, 14, 50, 12, THEME))[6] == "updated 12 times"


def test_the_state_of_taxi_that_is_on_the_board(play):
    stepper = play("taxi", "sarsa", 50).focused
    layout = stepper.experiment.model.layout
    state = int(stepper.state.s[0])
    drawn = lines(draw_inspector(stepper, layout.cell(state), 60, 12, THEME))
    assert f"state {state}" in drawn[0]
    assert drawn[1] == layout.within[state % 20]
    assert [line[2:10].strip() for line in drawn[2:8]] == ["↓", "↑", "→", "←", "pick up", "drop off"]


def test_a_cell_that_is_none_draws_nothing(play):
    stepper = play("gridworld", "sarsa").focused
    assert str(draw_inspector(stepper, 16, 20, 2, THEME)).strip() == ""
    assert str(draw_inspector(stepper, -1, 20, 2, THEME)).strip() == ""
