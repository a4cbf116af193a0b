"""The world grid: exact text at small sizes, every size and every kind of bad number, hits."""

import dataclasses
import math

import numpy as np
import pytest

from tui.drawing.board import GRIDWORLD, Board, Kind, Layer, fit, state_at
from tui.drawing.cells import Cells, changes
from tui.drawing.grid import draw_board, draw_legend
from tui.drawing.theme import Direction, make_theme

UNICODE, ASCII, GREY = make_theme(), make_theme(ascii_only=True), make_theme(colour=False)
FROZENLAKE = (Direction.LEFT, Direction.DOWN, Direction.RIGHT, Direction.UP)
TAXI = (Direction.DOWN, Direction.UP, Direction.RIGHT, Direction.LEFT, "P", "D")
KING = tuple(Direction)
WIDTHS = [1, 2, 5, 10, 20, 40, 80, 120, 200, 400]
HEIGHTS = [1, 2, 5, 10, 24, 50, 120]


def book_grid(**changed):
    """The 4x3 grid with a wall and two ends."""
    kinds = np.zeros(12, np.uint8)
    kinds[[3, 7, 5, 8]] = Kind.GOAL, Kind.TERMINAL, Kind.WALL, Kind.START
    values = np.array([0.812, 0.868, 0.918, 0, 0.762, 0, 0.66, 0, 0.705, 0.655, 0.611, 0.388])
    board = Board(
        3,
        4,
        kinds,
        labels={3: "+1", 7: "-1"},
        values=values,
        q=values[:, None] - np.array([0, 0.05, 0.1, 0.3]),
        greedy=[{0, 1} if state == 8 else {state % 4} for state in range(12)],
        visits=np.arange(12) * 30,
        td_errors=values - 0.7,
        agent=9,
    )
    return dataclasses.replace(board, **changed)


def picture(text):
    """The rows between bars."""
    return [line.strip()[1:-1] for line in text.strip().split("\n")]


def rows(cells):
    return str(cells).split("\n")


def test_values_with_frames_agent_update_and_what_is_hidden():
    drawn = draw_board(book_grid(updated=10, hidden=4), Layer.VALUE, 41, 13, UNICODE)
    assert rows(drawn) == picture(
        """
        |┌─────────┬─────────┬─────────┬─────────┐|
        |│         │         │         │         │|
        |│  0.812  │  0.868  │  0.918  │   ★+1   │|
        |│    ↑    │    →    │    ↓    │         │|
        |├─────────┼─────────┼─────────┼─────────┤|
        |│         │▒▒▒▒▒▒▒▒▒│         │         │|
        |│    ?    │▒▒▒▒▒▒▒▒▒│  0.660  │   ◆-1   │|
        |│         │▒▒▒▒▒▒▒▒▒│    ↓    │         │|
        |├─────────┼─────────┏━━━━━━━━━┓─────────┤|
        |│S        │  ●      ┃         ┃         │|
        |│  0.705  │  0.655  ┃  0.611  ┃  0.388  │|
        |│    ↑→   │    →    ┃    ↓    ┃    ←    │|
        |└─────────┴─────────┗━━━━━━━━━┛─────────┘|
        """
    )


def test_action_values_lie_on_their_sides():
    drawn = draw_board(book_grid(updated=8, selected=0), Layer.Q, 49, 13, ASCII)
    assert rows(drawn) == picture(
        """
        |o~~~~~~~~~~~o-----------+-----------+-----------+|
        |:   ^0.812  :   0.868   |   0.918   |           ||
        |:0.512 0.762:0.568 .818>|0.618 0.868|    $+1    ||
        |:   0.712   :   0.768   |   v0.818  |           ||
        |o~~~~~~~~~~~o-----------+-----------+-----------+|
        ||   ^0.762  |###########|   0.660   |           ||
        ||0.462 0.712|###########|0.360 0.610|    T-1    ||
        ||   0.662   |###########|   v0.560  |           ||
        |*===========*-----------+-----------+-----------+|
        |!   ^0.705  !   0.655   |   0.611   |   0.388   ||
        |!0.405 .655>!0.355@.605>|0.311 0.561|<.088 0.338||
        |!   0.605   !   0.555   |   v0.511  |   0.288   ||
        |*===========*-----------+-----------+-----------+|
        """
    )


def test_the_policy_is_drawn_large():
    drawn = draw_board(book_grid(), Layer.POLICY, 41, 13, UNICODE)
    assert rows(drawn)[-5:] == picture(
        """
        |├─────────┼─────────┼─────────┼─────────┤|
        |│S   ▲    │         │    ┃    │         │|
        |│    •━►  │  ━ ● ►  │    ┃    │  ◄━━━━  │|
        |│         │         │    ▼    │         │|
        |└─────────┴─────────┴─────────┴─────────┘|
        """
    )


@pytest.mark.parametrize(
    ("layer", "width", "height", "expected"),
    [
        (
            Layer.VALUE,
            24,
            6,
            """
            |   .812 .868 .918 ★+1   |
            |  ( ↑ )  →    ↓         |
            |   .762▒▒▒▒▒ .660 ◆-1   |
            |    ↑  ▒▒▒▒▒  ↓         |
            |   .705 .655 .611 .388  |
            |  S ↑→ ●  → [ ↓ ]  ←    |
            """,
        ),
        (
            Layer.VISITS,
            12,
            3,
            """
            | 0  30 60★+1|
            |120▒▒▒180◆-1|
            |240 ● 300330|
            """,
        ),
        (
            Layer.VALUE,
            8,
            3,
            """
            | 8 8 9★+|
            | 7▒▒ 6◆-|
            | 7●  6 3|
            """,
        ),
        (
            Layer.VALUE,
            4,
            3,
            """
            |889★|
            |7▒6◆|
            |7●63|
            """,
        ),
        (
            Layer.POLICY,
            4,
            3,
            """
            |↑→↓★|
            |↑▒↓◆|
            |└●↓←|
            """,
        ),
    ],
)
def test_small_boards(layer, width, height, expected):
    assert rows(draw_board(book_grid(updated=10, selected=0), layer, width, height, UNICODE)) == picture(expected)


def test_where_brackets_have_no_room_marks_are_reversed():
    drawn = draw_board(book_grid(updated=10, selected=0), Layer.VALUE, 4, 3, UNICODE)
    assert drawn.style_at(2, 2).reverse
    assert drawn.style_at(2, 2).bold
    assert drawn.style_at(0, 0).reverse
    assert not drawn.style_at(0, 1).reverse


@pytest.mark.parametrize("layer", list(Layer))
@pytest.mark.parametrize(
    ("width", "height"), [(41, 13), (31, 9), (28, 9), (24, 6), (24, 3), (20, 3), (12, 3), (8, 3), (4, 3)]
)
def test_agent_update_and_selection_show_in_every_size_and_layer_without_colour(layer, width, height):
    plain = draw_board(book_grid(agent=None), layer, width, height, GREY)
    seen = []
    for mark in ("agent", "updated", "selected"):
        for state in (0, 5, 10):
            marked = draw_board(book_grid(**{"agent": None, mark: state}), layer, width, height, GREY)
            assert changes(plain, marked)
            seen.append((str(marked), marked.styles.tobytes()))
    assert len(set(seen)) == len(seen)  # and none looks like another


def test_a_sign_never_needs_colour():
    board = book_grid(values=np.linspace(-1, 1, 12), agent=None)
    digits = draw_board(board, Layer.VALUE, 4, 3, GREY)
    assert digits.line(0) == "986★"
    assert digits.style_at(0, 0).underline  # negative
    assert not digits.style_at(2, 0).underline
    assert draw_board(board, Layer.VALUE, 8, 3, GREY).line(0) == "-9-8-6★+"
    assert draw_board(board, Layer.VALUE, 16, 3, GREY).line(0) == " -1↑-.8→-.6↓ ★+1"
    surprise = book_grid(td_errors=np.full(12, 0.25))
    assert draw_board(surprise, Layer.TD_ERROR, 28, 3, GREY).line(0) == " +0.250 +0.250 +0.250  ★+1  "


def test_all_ties_are_drawn():
    board = book_grid(greedy=[{0, 1, 2, 3}] * 12, agent=None)
    assert draw_board(board, Layer.VALUE, 41, 13, UNICODE).line(3).count("←↑↓→") == 3
    assert draw_board(board, Layer.POLICY, 4, 3, UNICODE).line(0) == "┼┼┼★"
    star = rows(draw_board(board, Layer.POLICY, 41, 13, UNICODE))
    assert [line[:11] for line in star[1:4]] == ["│    ▲    │", "│  ◄━•━►  │", "│    ▼    │"]


def test_frozen_lakes_actions_have_their_own_order():
    board = book_grid(actions=FROZENLAKE, greedy=[{0}] * 12, agent=None)
    assert draw_board(board, Layer.POLICY, 4, 3, UNICODE).line(0) == "←←←★"


def test_eight_directions_around_a_cell():
    q = np.tile(np.arange(8) / 10 + 0.1, (1, 1))
    board = Board(1, 1, np.zeros(1, np.uint8), actions=KING, q=q, greedy=[{7}])
    assert rows(draw_board(board, Layer.Q, 13, 5, UNICODE))[1:4] == ["│.80 .10 .50│", "│.40     .20│", "│.70 .30 .60│"]


def test_taxi_has_walls_between_cells_and_actions_without_direction():
    q = np.arange(12.0).reshape(2, 6)
    board = Board(1, 2, np.zeros(2, np.uint8), TAXI, {0: "R"}, None, q, [{5}, {1}], agent=1, walls_right=frozenset({0}))
    drawn = draw_board(board, Layer.Q, 25, 7, UNICODE)
    assert rows(drawn)[1:6] == picture(
        """
        |│    1.00   █   ↑7.00   │|
        |│   P4.00   █   P10.0   │|
        |│3.00   2.00█9.00 ● 8.00│|
        |│   D5.00   █   D11.0   │|
        |│     0     █    6.00   │|
        """
    )
    assert draw_board(dataclasses.replace(board, greedy=None), Layer.VALUE, 3, 1, UNICODE).line(0) == "R█●"
    assert "D" in draw_board(board, Layer.POLICY, 12, 2, UNICODE).line(1)


def test_a_world_larger_than_the_canvas_is_cropped_around_the_agent():
    kinds = np.zeros(10_000, np.uint8)
    board = Board(100, 100, kinds, values=np.arange(10_000.0), agent=5050)
    drawn = draw_board(board, Layer.VALUE, 30, 11, UNICODE)
    layout = fit(board, 30, 11)
    assert (layout.rows, layout.cols) == (10, 30)
    assert drawn.line(10).startswith(f"rows {layout.first_row}-{layout.first_row + 9} of 100, columns ")
    row, col = layout.corner(50, 50)
    assert drawn.line(row)[col] == "●"
    assert fit(dataclasses.replace(board, agent=5051), 30, 11) == layout  # the window moves by halves, not by cells


def test_every_focus_is_inside_its_window():
    board = Board(37, 23, np.zeros(851, np.uint8))
    for width, height in [(1, 1), (3, 2), (5, 9), (22, 30), (60, 20)]:
        for state in range(0, 851, 7):
            layout = fit(board, width, height, focus=state)
            row, col = divmod(state, 23)
            assert layout.first_row <= row < layout.first_row + layout.rows
            assert layout.first_col <= col < layout.first_col + layout.cols
            assert layout.first_row + layout.rows <= 37
            assert layout.first_col + layout.cols <= 23


@pytest.mark.parametrize(
    ("rows_", "cols", "width", "height", "cell"),
    [
        (4, 4, 58, 20, (11, 3, True)),
        (4, 4, 36, 14, (7, 2, True)),
        (4, 12, 58, 20, (4, 3, False)),
        (4, 12, 36, 14, (3, 2, False)),
        (4, 12, 100, 30, (7, 3, True)),
        (8, 8, 58, 20, (7, 2, False)),
        (3, 4, 58, 20, (11, 5, True)),
        (1, 1, 400, 120, (11, 5, True)),
        (5, 5, 5, 5, (1, 1, False)),
    ],
)
def test_the_largest_cells_that_fit(rows_, cols, width, height, cell):
    layout = fit(Board(rows_, cols, np.zeros(rows_ * cols, np.uint8)), width, height)
    assert (layout.cell_width, layout.cell_height, layout.framed) == cell
    assert (layout.rows, layout.cols) == (rows_, cols)


@pytest.mark.parametrize("walls", [frozenset(), frozenset({1})])
@pytest.mark.parametrize("width", WIDTHS)
def test_a_hit_is_the_state_drawn_there(width, walls):
    board = book_grid(walls_right=walls)
    for height in HEIGHTS:
        layout = fit(board, width, height)
        hits = {}
        for row in range(min(height, 40)):
            for col in range(min(width, 130)):
                state = state_at(board, width, height, row, col)
                if state is not None:
                    hits.setdefault(state, []).append((row, col))
        assert len(hits) == layout.rows * layout.cols or max(width, height) > 40
        for state, places in hits.items():
            assert places[0] == layout.corner(*divmod(state, 4))
            assert len(places) == layout.cell_width * layout.cell_height
    assert state_at(board, width, 24, -1, 0) is None
    assert state_at(board, width, 24, 0, 10_000) is None


NASTY = [math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, -0.0, 0.0, 1e-5, -3.25, 1234567.0]


def nasty_boards():
    """Boards with every kind of cell and number, of several shapes."""
    rng = np.random.default_rng(2)
    for rows_, cols, actions in [
        (1, 1, GRIDWORLD),
        (4, 12, GRIDWORLD),
        (8, 8, KING),
        (5, 5, TAXI),
        (1, 60, FROZENLAKE),
    ]:
        states = rows_ * cols
        yield Board(
            rows_,
            cols,
            rng.integers(0, len(Kind), states).astype(np.uint8),
            actions,
            {0: "\x1b[31m", 3: "[/b]日本語\u202e", states - 1: "+1"},
            rng.choice(NASTY, states),
            rng.choice(NASTY, (states, len(actions))),
            [set(rng.integers(0, len(actions), rng.integers(0, 5)).tolist()) for _ in range(states)],
            rng.choice([0, 1, 999, 10**9], states) if rows_ < 5 else rng.choice(NASTY, states),
            rng.choice(NASTY, states),
            agent=int(rng.integers(states)),
            updated=int(rng.integers(states)),
            selected=int(rng.integers(states)),
            hidden=int(rng.integers(states)),
            walls_right=frozenset(rng.integers(0, states, 4).tolist()),
        )
    yield Board(0, 0, np.zeros(0, np.uint8))
    yield Board(
        2, 2, np.zeros(4, np.uint8), actions=(), q=np.zeros((4, 0)), agent=99, updated=-1, selected=50, scale=0.0
    )
    yield Board(3, 3, np.zeros(9, np.uint8), greedy=[()] * 9, scale=math.nan)


@pytest.mark.parametrize("width", WIDTHS)
def test_every_size_layer_and_number(width):
    for height in HEIGHTS:
        for index, board in enumerate(nasty_boards()):
            theme = (UNICODE, ASCII, GREY)[index % 3]
            for layer in Layer:
                drawn = draw_board(board, layer, width, height, theme)
                assert (drawn.width, drawn.height) == (width, height)
                assert all(line.isprintable() for line in rows(drawn))
                legend = draw_legend(board, layer, width, theme, fit(board, width, height))
                assert (legend.width, legend.height) == (width, 1)


def test_numbers_that_are_none_are_named():
    board = book_grid(values=np.array([math.nan, math.inf, -math.inf, *np.zeros(9)]))
    text = str(draw_board(board, Layer.VALUE, 41, 13, UNICODE))
    assert "nan" in text
    assert " ∞ " in text
    assert "-∞" in text
    assert "inf" in str(draw_board(board, Layer.VALUE, 41, 13, ASCII))


def test_a_wide_label_stays_in_its_cell():
    for width, height in [(41, 13), (24, 6), (12, 3), (8, 3), (4, 3)]:
        plain = draw_board(book_grid(), Layer.VALUE, width, height, UNICODE)
        wide = draw_board(book_grid(labels={0: "日本語", 3: "日本語", 7: "-1"}), Layer.VALUE, width, height, UNICODE)
        for run in changes(plain, wide):
            for col in range(run.col, run.col + run.width):
                assert state_at(book_grid(), width, height, run.row, col) in (0, 3)


def test_ascii_boards_are_ascii():
    for board in list(nasty_boards())[1:3]:
        plain = dataclasses.replace(board, labels={})
        for layer in Layer:
            assert str(draw_board(plain, layer, 60, 24, ASCII)).isascii()
            assert str(draw_legend(plain, layer, 100, ASCII)).isascii()


def test_without_colour_nothing_has_one():
    for board in nasty_boards():
        for layer in Layer:
            drawn = draw_board(board, layer, 58, 20, GREY)
            assert not (drawn.styles & np.uint64((1 << 50) - 1)).any()


def test_a_small_change_of_a_value_changes_only_its_digits():
    board = book_grid(agent=None, scale=1.0)
    values = board.values.copy()
    values[1] += 0.001
    before = draw_board(board, Layer.VALUE, 41, 13, UNICODE)
    after = draw_board(dataclasses.replace(board, values=values), Layer.VALUE, 41, 13, UNICODE)
    assert sum(run.width for run in changes(before, after)) == 1


def test_a_moving_agent_changes_few_cells():
    before = draw_board(book_grid(agent=9), Layer.VALUE, 41, 13, UNICODE)
    after = draw_board(book_grid(agent=10), Layer.VALUE, 41, 13, UNICODE)
    assert sum(run.width for run in changes(before, after)) <= 6


def test_a_board_checks_its_shapes():
    with pytest.raises(ValueError, match=r"values must have shape \(4,\), got \(3,\)"):
        Board(2, 2, np.zeros(4, np.uint8), values=np.zeros(3))
    with pytest.raises(ValueError, match=r"q must have shape \(4, 4\), got \(4, 2\)"):
        Board(2, 2, np.zeros(4, np.uint8), q=np.zeros((4, 2)))


def test_legends():
    assert draw_legend(book_grid(updated=3), Layer.VALUE, 64, UNICODE).line(0).rstrip() == (
        "V 0          1   ● agent  [] updated  S start  ★ goal  ◆ end"
    )
    assert draw_legend(book_grid(), Layer.POLICY, 30, GREY).line(0).rstrip() == "policy  ● agent  S start"
    tiny = draw_legend(book_grid(), Layer.VALUE, 64, GREY, fit(book_grid(), 4, 3)).line(0)
    assert "0-9 tenths of it, underlined: below 0" in tiny
    king = Board(1, 1, np.zeros(1, np.uint8), actions=KING)
    assert "u up right" in draw_legend(king, Layer.POLICY, 80, ASCII).line(0)


@pytest.mark.parametrize(
    ("width", "height", "mark"), [(37, 10, "┏┓"), (20, 9, "┏┓"), (16, 6, "[]"), (28, 3, "[]"), (8, 3, "  ")]
)
def test_the_legend_shows_the_mark_that_the_board_draws(width, height, mark):
    board = book_grid(updated=0, agent=None)
    layout = fit(board, width, height)
    legend = draw_legend(board, Layer.VALUE, 80, UNICODE, layout)
    place = legend.line(0).index(" updated") - 2
    assert legend.line(0)[place : place + 2] == mark
    assert legend.style_at(0, place).reverse == (mark == "  ")
    drawn = draw_board(board, Layer.VALUE, width, height, UNICODE)
    row, col = layout.corner(0, 0)
    if mark == "  ":
        assert drawn.style_at(row, col).reverse
    else:
        assert set(mark) <= set(str(drawn))


@pytest.mark.parametrize(("width", "height", "name"), [(49, 16, "Q"), (24, 9, "max Q"), (8, 3, "max Q")])
def test_the_legend_says_where_the_largest_q_is_shown_alone(width, height, name):
    board = book_grid(agent=None)
    legend = draw_legend(board, Layer.Q, 80, GREY, fit(board, width, height)).line(0)
    assert legend.startswith(f"{name} ")


def test_drawing_is_pure():
    board = book_grid(updated=1, selected=2)
    first, second = (draw_board(board, Layer.Q, 58, 20, UNICODE) for _ in range(2))
    assert changes(first, second) == []
    assert isinstance(first, Cells)
