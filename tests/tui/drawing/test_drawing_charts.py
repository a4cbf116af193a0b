"""Charts: exact text at small sizes, every size and every kind of bad data, old cells that stay."""

import numpy as np
import pytest

from tui.drawing.axes import Axes, Axis
from tui.drawing.cells import changes
from tui.drawing.charts import ChartOptions, Series, draw_chart, value_at, x_at
from tui.drawing.plot import line_sample
from tui.drawing.theme import make_theme

UNICODE, ASCII, GREY, LIGHT = (
    make_theme(),
    make_theme(ascii_only=True),
    make_theme(colour=False),
    make_theme(dark=False),
)
WIDTHS = [1, 2, 5, 10, 20, 40, 80, 120, 200, 400]
HEIGHTS = [1, 2, 5, 10, 24, 50, 120]
X = np.arange(11.0)


def picture(text):
    """The rows between bars."""
    return [line.strip()[1:-1] for line in text.strip().split("\n")]


def rows(cells):
    return str(cells).split("\n")


def test_a_line_in_braille():
    drawn, axes = draw_chart([Series("y", X, X)], 30, 8, UNICODE, ChartOptions("step", "up"))
    assert rows(drawn) == picture(
        """
        |up  ⠒⠒⠒⠒ y                    |
        |    10┤                  ⢀⣀⠤⠒⠉|
        |      │              ⣀⠤⠒⠊⠁    |
        |      │         ⣀⡠⠔⠊⠉         |
        |      │    ⢀⡠⠤⠒⠉              |
        |     0┤⣀⠤⠒⠉⠁                  |
        |      └┬─────────────────────┬|
        |       0                  step|
        """
    )
    assert axes == Axes(Axis(0, 10), Axis(0, 10))


def test_a_line_in_ascii():
    drawn, _ = draw_chart([Series("y", X, X)], 30, 8, ASCII, ChartOptions("step", "up"))
    assert rows(drawn) == picture(
        """
        |up  **** y                    |
        |    10+                    ***|
        |      |              ******   |
        |      |         *****         |
        |      |   ******              |
        |     0+***                    |
        |      ++---------------------+|
        |       0                  step|
        """
    )


def test_what_is_no_number_is_a_gap_with_a_mark():
    y = X.copy()
    y[[3, 5, 7]] = np.nan, np.inf, -np.inf
    drawn, _ = draw_chart([Series("y", X, y)], 30, 8, ASCII)
    assert rows(drawn)[1:6] == picture(
        """
        |    10+           ^        ***|
        |      |                  **   |
        |      |         *   *         |
        |      |   **                  |
        |     0+***    x       v       |
        """
    )


def test_a_point_a_constant_and_nothing():
    one, axes = draw_chart([Series("", [3], [475])], 24, 6, UNICODE)
    assert "•" in str(one)
    assert axes.y.low < 475 < axes.y.high
    flat, _ = draw_chart([Series("", X, np.full(11, 5.0))], 24, 6, UNICODE)
    assert [line[7:] for line in rows(flat)].count("⠤" * 17) + [line[7:] for line in rows(flat)].count("⠒" * 17) == 1
    for empty in ([], [Series("", [], [])], [Series("", [1, 2], [np.nan, np.nan])]):
        drawn, _ = draw_chart(empty, 24, 6, UNICODE)
        assert "no data yet" in str(drawn)


def test_a_logarithmic_axis_says_why_it_is_empty():
    losses = [Series("", [1, 2, 3], [-13.0, -100.0, 0.0])]
    drawn, _ = draw_chart(losses, 60, 8, UNICODE, ChartOptions(log_y=True))
    assert "no value above 0" in str(drawn)
    assert "no data" not in str(drawn)
    narrow, _ = draw_chart(losses, 24, 8, UNICODE, ChartOptions(log_y=True))
    assert "no value above 0" in str(narrow)


def test_two_lines_differ_without_colour():
    x = np.arange(200.0)
    series = [Series("a", x, x * 0 + 1), Series("b", x, x * 0)]
    drawn, _ = draw_chart(series, 40, 8, GREY)
    assert drawn.line(0).rstrip() == "⠒⠒⠒⠒ a  ⠒⠒ ⠒ b"
    assert drawn.line(1)[7:] == "⠉" * 33
    assert drawn.line(5)[7:] == "⣀⣀ " * 11
    assert {"*", "+"} <= set(str(draw_chart(series, 40, 8, ASCII)[0]))


def test_a_band_is_a_fill_behind_the_line():
    series = [Series("", X, X * 0, X * 0 - 1, X * 0 + 1)]
    drawn, _ = draw_chart(series, 24, 12, UNICODE)
    assert drawn.line(4)[7:] == "⣀" * 17
    assert len({drawn.style_at(row, 12).bg for row in range(10)} - {None}) == 1
    assert drawn.style_at(4, 12).fg == UNICODE.series(0)
    assert "░" in str(draw_chart(series, 24, 12, GREY)[0])
    assert ":" in str(draw_chart(series, 24, 12, make_theme(ascii_only=True, colour=False))[0])


def test_a_band_ends_in_eighths_of_a_cell():
    blocks = set()
    for top in np.linspace(0.1, 1, 40):
        x = np.arange(11.0)
        drawn, _ = draw_chart([Series("", x, x * 0 - 1, x * 0 - 1, x * 0 + top), Series("", [0], [1])], 12, 3, UNICODE)
        blocks.update(str(drawn))
    assert len(blocks & set("▁▂▃▄▅▆▇█")) >= 3


def test_a_reference_line_and_its_name():
    drawn, axes = draw_chart([Series("", X, X)], 40, 8, UNICODE, ChartOptions(reference=20, reference_label="solved"))
    assert axes.y.high >= 20
    assert "---- solved" in drawn.line(0)
    assert any("-" * 30 in line for line in rows(drawn)[1:])
    for reference in (np.nan, np.inf):
        assert "-" * 30 not in str(draw_chart([Series("", X, X)], 40, 8, UNICODE, ChartOptions(reference=reference))[0])


def test_a_logarithmic_axis():
    y = 10.0 ** np.arange(-3, 3)
    drawn, axes = draw_chart([Series("", np.arange(6), y)], 40, 14, ASCII, ChartOptions(log_y=True))
    assert (axes.y.low, axes.y.high) == (-3, 2)
    assert [line[:6].strip() for line in rows(drawn) if line[:6].strip()][:6] == [
        "1e2",
        "1e1",
        "1e0",
        "1e-1",
        "1e-2",
        "1e-3",
    ]
    zero, _ = draw_chart([Series("", X, X)], 40, 8, ASCII, ChartOptions(log_x=True, log_y=True))
    assert "1e0" in zero.line(7)


def test_values_beyond_the_limits_are_marked_at_the_edge():
    y = np.concatenate((np.full(5, -1000.0), np.full(6, -20.0)))
    drawn, axes = draw_chart([Series("", X, y)], 30, 8, ASCII, ChartOptions(y_limits=(-100, 0)))
    assert axes.y.low >= -120
    assert drawn.line(5)[7:].count("v") == 5


def test_a_reference_beyond_the_limits_is_still_seen():
    _, axes = draw_chart([Series("", X, X)], 30, 8, ASCII, ChartOptions(y_limits=(0, 10), reference=475.0))
    assert axes.y.high >= 475


def test_the_legend_has_priority_over_the_label():
    drawn, _ = draw_chart([Series("run A", X, X)], 24, 8, ASCII, ChartOptions(y_label="a very long label of y"))
    assert drawn.line(0).rstrip().endswith("**** run A")
    assert "..." in drawn.line(0)


@pytest.mark.parametrize("theme", [UNICODE, *(pytest.param(one, marks=pytest.mark.slow) for one in (ASCII, GREY))])
def test_old_cells_stay_while_data_is_appended(theme):
    rng = np.random.default_rng(4)
    y = rng.normal(size=600).cumsum()
    before, axes, moved, columns = None, None, 0, []
    for count in range(40, 600):
        series = [Series("return", np.arange(count), y[:count], y[:count] - 1, y[:count] + 1)]
        drawn, new_axes = draw_chart(series, 80, 14, theme, axes=axes)
        if new_axes == axes:
            column = 7 + int((count - 1) / (axes.x.high - axes.x.low) * 73)
            columns += [abs(run.col + run.width - 1 - column) for run in changes(before, drawn)]
        else:
            moved += 1
        before, axes = drawn, new_axes
    assert moved <= 20
    assert len(columns) > 300
    assert max(columns) <= 2  # only where the newest point is


def test_the_same_axes_hold_while_the_data_fit():
    axes = draw_chart([Series("", X, X)], 40, 8, UNICODE)[1]
    assert draw_chart([Series("", X[:5], X[:5])], 40, 8, UNICODE, axes=axes)[1] == axes
    assert draw_chart([Series("", X * 2, X)], 40, 8, UNICODE, axes=axes)[1].x.high == 20


def test_a_spike_among_a_million_points_is_drawn():
    y = np.zeros(1_000_000)
    y[654_321] = 1.0
    drawn, _ = draw_chart([Series("", np.arange(1e6), y)], 60, 10, ASCII)
    assert drawn.line(0)[7:].count("*") == 1
    assert drawn.line(0)[7 + round(0.654321 * 52)] == "*"


def nasty_series():
    """Lists of series with every kind of bad data."""
    rng = np.random.default_rng(6)
    nasty = np.array([np.nan, np.inf, -np.inf, 1.7e308, -1.7e308, 5e-324, 0.0, -0.0, 1.0])
    mixed = rng.choice(nasty, 500)
    x = np.arange(500.0)
    yield []
    yield [Series("", [], [])]
    yield [Series("one", [0], [1e308])]
    yield [Series("nan", x, x * np.nan), Series("inf", x, x * 0 + np.inf)]
    yield [Series("mixed", x, mixed, mixed - 1, mixed + 1), Series("日本語\x1b[2J" * 9, x, np.sin(x))]
    yield [Series("x", rng.choice(nasty, 500), mixed)]
    yield [Series("back", x[::-1], x), Series("same", x * 0, x), Series("ints", np.arange(9), np.arange(9))]
    yield [Series("crossed", x, x * 0, x + 1, -x)]
    yield [Series("many points", np.arange(20_000), rng.choice(nasty, 20_000))]


OPTIONS = [
    ChartOptions(),
    ChartOptions("x\x1b[0m" * 50, "y" * 500, reference=np.nan, reference_label="\u202e"),
    ChartOptions("step", "loss", log_x=True, log_y=True, reference=0.0),
    ChartOptions(y_limits=(-1.0, 1.0), reference=1e308, reference_label="far"),
]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_size_and_every_data(width):
    for index, series in enumerate(nasty_series()):
        axes = None
        for height in HEIGHTS:
            theme = (UNICODE, ASCII, GREY, LIGHT)[(index + height) % 4]
            drawn, axes = draw_chart(series, width, height, theme, OPTIONS[(index + height // 2) % 4], axes)
            assert (drawn.width, drawn.height) == (width, height)
            assert all(line.isprintable() for line in rows(drawn))


def test_ascii_charts_are_ascii():
    for series in nasty_series():
        plain = [Series(f"s{i}", s.x, s.y, s.lower, s.upper) for i, s in enumerate(series)]
        assert str(
            draw_chart(plain, 60, 14, ASCII, ChartOptions("x" * 90, reference=1, reference_label="ref"))[0]
        ).isascii()


def test_a_series_checks_its_arrays():
    with pytest.raises(ValueError, match="must have one shape"):
        Series("a", [1, 2], [1])
    with pytest.raises(ValueError, match="must have one shape"):
        Series("a", [[1]], [[1]])
    with pytest.raises(ValueError, match="needs both lower and upper"):
        Series("a", [1], [1], lower=[0])


def test_a_window_shows_a_part_of_x_and_y_fits_what_lies_inside():
    _, axes = draw_chart([Series("y", X, X**2)], 40, 10, UNICODE, ChartOptions(window=(2.0, 4.5)))
    assert axes.x == Axis(2.0, 4.5)
    assert 0 <= axes.y.low <= 4
    assert 20.5 <= axes.y.high < 30


def test_a_window_between_two_points_shows_the_line_between_them():
    drawn, axes = draw_chart([Series("y", X, X)], 40, 10, UNICODE, ChartOptions(window=(2.25, 2.75), legend=False))
    assert axes.y.low <= 2.25 < 2.75 <= axes.y.high
    assert any(0x2800 < code < 0x2900 for code in drawn.codes[0])  # it reaches the top at the right
    assert "no data" not in str(drawn)


@pytest.mark.parametrize("window", [(3.0, 3.0), (5.0, 2.0), (np.nan, 3.0), (0.0, np.inf)])
def test_a_window_that_cannot_be_drawn_is_none(window):
    _, axes = draw_chart([Series("y", X, X)], 40, 10, UNICODE, ChartOptions(window=window))
    assert axes.x == Axis(0, 10)


def test_a_window_on_a_logarithmic_axis_begins_above_zero():
    _, axes = draw_chart([Series("y", X, X)], 40, 10, UNICODE, ChartOptions(window=(0.0, 10.0), log_x=True))
    assert axes.x == Axis(0.0, 1.0, True)


def test_a_logarithmic_axis_of_less_than_a_power_of_ten_has_round_values():
    labels = [label for _, label in Axis(np.log10(120.0), np.log10(480.0), True).ticks(4)]
    assert labels == ["200", "300", "400"]


def test_the_cursor_is_a_line_with_a_point_on_every_curve():
    options = ChartOptions(cursor=5.0, legend=False)
    drawn, axes = draw_chart([Series("a", X, X), Series("b", X, 10 - 0.5 * X)], 40, 14, UNICODE, options)
    column = next(col for col in range(8, 40) if str(drawn).count("\n") and drawn.line(0)[col] == "│")
    texts = [drawn.line(row)[column] for row in range(12)]
    assert texts.count("●") == 2
    assert texts.count("│") >= 9
    assert x_at(column, 40, axes) == pytest.approx(5.0, abs=0.2)
    beyond, _ = draw_chart([Series("a", X, X)], 40, 14, UNICODE, ChartOptions(cursor=11.0, legend=False))
    assert "●" not in str(beyond)


def test_columns_beside_the_plot_have_no_x():
    _, axes = draw_chart([Series("a", X, X)], 40, 14, UNICODE)
    assert x_at(6, 40, axes) is None
    assert x_at(40, 40, axes) is None
    assert x_at(7, 40, axes) == 0.0
    assert x_at(39, 40, axes) == 10.0


def test_the_value_at_an_x_is_on_the_line():
    y = np.array([0.0, 2.0, np.nan, 6.0, np.inf])
    x = np.arange(5.0)
    assert value_at(x, y, 0.5) == 1.0
    assert value_at(x, y, 1.0) == 2.0
    assert value_at(x, y, 4.0) == np.inf
    for nowhere in (-0.1, 1.5, 2.0, 3.5, 4.1):
        assert np.isnan(value_at(x, y, nowhere))
    assert np.isnan(value_at(np.zeros(0), np.zeros(0), 0.0))
    assert np.isfinite(value_at(np.array([-1e308, 1e308]), np.array([0.0, 1.0]), 0.0))


def test_lines_are_told_apart_when_the_colours_begin_again():
    for theme in (UNICODE, ASCII):
        samples = [(line_sample(number, 4, theme), theme.series(number)) for number in range(12)]
        assert len(set(samples)) == 12


def test_windows_and_cursors_over_bad_data_raise_nothing():
    bad = np.array([np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0])
    for y in (bad, bad[:1], bad[:0], np.zeros(6)):
        for window in (None, (0.0, 3.0), (-1e308, 1e308), (7.0, 9.0), (1e-300, 2e-300)):
            for log in (False, True):
                options = ChartOptions(window=window, cursor=2.0, log_x=log, log_y=log)
                for size in ((1, 1), (20, 5), (60, 12)):
                    draw_chart([Series("y", np.arange(float(len(y))), y)], *size, UNICODE, options)


def test_points_stand_for_themselves():
    line = Series("line", [0, 10], [0, 10])
    points = Series("points", [0, 5, 10, 3], [10, 5, 0, np.nan], points=True)
    text = str(draw_chart([line, points], 60, 12, UNICODE)[0])
    assert text.count(UNICODE.glyphs.point) == 3 + 1  # one in the legend
    alone = str(draw_chart([Series("", [1.0, 2.0], [1.0, 2.0], points=True)], 40, 8, UNICODE)[0])
    assert alone.count(UNICODE.glyphs.point) == 2
    assert not any(0x2800 < ord(character) < 0x2900 for character in alone)
