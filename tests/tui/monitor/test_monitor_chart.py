"""A chart of the monitor: legend, values at the cursor, what its axis holds, and whatever may be in the data."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tui.drawing.cells import Cells, encode
from tui.drawing.theme import make_theme
from tui.monitor.chart import Chart, draw, draw_legend, seconds_text, titles, x_text
from tui.monitor.lines import NOTHING, Bundle, Line, Style, lines_of

UNICODE, ASCII, GREY = make_theme(), make_theme(ascii_only=True), make_theme(colour=False)
X = np.arange(11.0)
T1 = 12.706  # of one degree of freedom: the interval of a and b is half of |a - b| times this
WIDTHS = [0, 1, 5, 20, 80, 400]
HEIGHTS = [0, 1, 5, 10, 24]


def line(name="a", slope=1.0, band=0.0, **members):
    """A line; with a band the mean of two, whose interval is so high to both sides."""
    y, apart = slope * X, band / T1
    seeds = {"parts": ((X, y - apart), (X, y + apart)), "counts": np.full(11, 2)} if band else {}
    runs = (Path(name[:50].encode("ascii", "replace").decode()),)
    return Line(name, runs, (X, y), (y - band, y + band) if band else None, **seeds, **members)


def text(chart, width=60, height=16, theme=UNICODE):
    return str(draw(chart, width, height, theme)[0])


def test_the_legend_names_every_line_with_its_latest_value():
    rows = text(Chart("episode/return", (line("one", 1.0), line("two", 2.0)))).splitlines()
    assert "one 10.0" in rows[0]
    assert "two 20.0" in rows[0]


def test_with_a_cursor_the_values_there_are_read():
    rows = text(Chart("m", (line("one", 1.0), line("two", 2.0)), at=2.5)).splitlines()
    assert "one 2.50" in rows[0]
    assert "two 5.00" in rows[0]
    assert text(Chart("m", (line(),), at=2.5)).count("●") == 1
    assert "no value" in text(Chart("m", (line(),), at=11.0))


def test_a_band_says_how_wide_it_is():
    assert "one 10.0 ±3.00" in text(Chart("m", (line("one", 1.0, 3.0),)))
    assert line(band=3.0).read(2.0).half == pytest.approx(3.0)
    assert np.isnan(line().read(2.0).half)
    assert "+-3.00" in text(Chart("m", (line(band=3.0),)), theme=ASCII)


def test_where_fewer_seeds_have_got_the_legend_counts_them():
    runs = tuple(Path(name) for name in "abc")
    curves = {run: (np.arange(n), np.ones(n)) for run, n in zip(runs, (11, 6, 6), strict=True)}
    bundle = [Bundle("dqn", runs)]
    (grouped,) = lines_of(bundle, curves.__getitem__, curves.__getitem__, Style())
    assert "dqn · 3 seeds 1.00 ±" in text(Chart("m", (grouped,), at=4.0))
    assert "dqn · 1 of 3 seeds 1.00" in text(Chart("m", (grouped,), at=8.0))
    assert "dqn · 3 seeds no value" in text(Chart("m", (grouped,), at=12.0))
    assert "dqn · 3 seeds 1.00 ±" in text(Chart("m", (grouped,)))
    (single,) = lines_of(bundle, lambda run: curves[run] if run == runs[0] else NOTHING, pytest.fail, Style())
    assert "dqn · 1 of 3 seeds 1.00" in text(Chart("m", (single,), at=4.0))


def grouped(curves, **style):
    """The mean of some curves, each of a seed."""
    by_run = dict(zip(map(Path, "abcdefgh"), curves, strict=False))
    (line,) = lines_of([Bundle("m", tuple(by_run))], by_run.__getitem__, pytest.fail, Style(**style))
    return line


def test_mean_interval_and_seeds_are_read_at_one_place():
    """One seed goes on to 10 and -50 there; the others end at 5 with 1 and 3."""
    x = np.arange(6.0)
    line = grouped([(x, np.full(6, 1.0)), (x, np.full(6, 3.0)), (X, np.where(X <= 5, 2.0, -50.0))])
    value, half, count = line.read()
    assert (value, count) == (pytest.approx(2.0), 3)
    assert half == pytest.approx(4.303 / np.sqrt(3))  # of 1, 2 and 3: deviation 1
    assert line.read(10.0)[::2] == (-50.0, 1)
    assert np.isnan(line.read(10.0).half)
    assert line.read(10.5).count == 0


def test_the_cursor_reads_the_runs_themselves_however_coarse_the_line():
    rng, x = np.random.default_rng(5), np.arange(50_001.0)
    curves = [(x, rng.normal(size=len(x))) for _ in range(3)]
    for at in rng.integers(0, 20_000, 20) * 2.0:
        line = grouped(curves)
        values = [np.interp(at, *part) for part in line.parts]
        assert line.read(at).value == pytest.approx(np.mean(values))


@pytest.mark.parametrize("log_x", [False, True])
def test_a_window_shows_more_of_a_mean(log_x):
    x = np.arange(1.0, 10_001.0)
    curves = [(x, np.sin(x / 20) + k) for k in range(2)]
    window = (40.0, 200.0)
    line = grouped(curves, window=window, log_x=log_x)
    assert line.curve[0][[0, -1]].tolist() == list(window)
    assert np.abs(line.curve[1] - np.sin(line.curve[0] / 20) - 0.5).max() < 0.01
    assert grouped(curves, window=(20_000.0, 30_000.0)).curve[0].tolist() == []
    smooth = lines_of(
        [Bundle("a", (Path("a"),))], lambda _: curves[0], lambda _: curves[0], Style("steps", 0.5, window)
    )
    assert (smooth[0].curve[0][0], smooth[0].curve[0][-1]) == (39.0, 201.0)


def test_seeds_that_were_run_again_are_said_to_be_left_out():
    once = Line("one", (Path("a"),), (X, X), repeats=(Path("b"),))
    assert once.title() == "one (1 repeat left out)"
    assert Line("m", (Path("a"), Path("b")), (X, X), repeats=(Path("c"), Path("d"))).title(1) == (
        "m · 1 of 2 seeds (2 repeats left out)"
    )


def test_a_band_of_few_seeds_does_not_flatten_the_lines():
    _, axes = draw(Chart("m", (line(band=1e6),)), 60, 16, UNICODE)
    assert -20 < axes.y.low < 0
    assert 10 < axes.y.high < 30


def test_a_terrible_beginning_does_not_flatten_the_rest():
    x = np.arange(100.0)
    y = np.where(x < 2, -2000.0, -13.0 - x % 10)
    drawn, axes = draw(Chart("m", (Line("a", (), (x, y)),)), 60, 16, UNICODE)
    assert axes.y.low > -50
    assert UNICODE.glyphs.below in drawn.line(13)


def test_the_axes_move_in_few_steps_while_a_curve_grows():
    rng, seen, axes = np.random.default_rng(3), [], None
    y = -13.0 - 2000.0 * np.exp(-np.arange(2000) / 20) - rng.exponential(20.0, 2000)
    for count in range(1, 2000, 7):
        grown = Line("a", (), (np.arange(float(count)), y[:count]))
        _, axes = draw(Chart("m", (grown,)), 60, 16, UNICODE, axes)
        if not seen or seen[-1] != axes.y:
            seen.append(axes.y)
    assert len(seen) <= 6
    assert seen[-1].low > -700


def test_lines_that_lack_the_metric_are_not_named_but_keep_their_number():
    chart = Chart("m", (Line("absent", (Path("x"),), NOTHING), line("there")))
    cells, _ = draw(chart, 60, 16, UNICODE)
    assert "absent" not in str(cells)
    assert cells.style_at(0, 0).fg == UNICODE.palette.series[1]


def test_a_legend_without_room_says_how_many_more_there_are():
    many = Chart("m", tuple(line(f"a long name of a run, number {n}") for n in range(10)), left_out=3, solved=5.0)
    shown = text(many, 60, 12)
    assert "number 0" in shown
    assert "and 11 more" in shown
    assert "solved" not in shown


def test_what_counts_as_solved_is_a_line_with_its_name():
    assert "solved at 475" in text(Chart("m", (line(),), solved=475.0))


def test_planning_goes_over_sweeps():
    chart = Chart("sweep/largest_change", (line(),), at=5.0)
    assert text(chart).rstrip().endswith("sweeps")
    assert titles(chart)[0] == "sweep/largest_change (reward) · at 5 sweeps"
    assert text(Chart("sweep/largest_change", (line(),), x="episodes")).rstrip().endswith("sweeps")
    assert text(Chart("sweep/largest_change", (line(),), x="seconds")).rstrip().endswith("seconds")


def test_the_title_says_how_it_is_shown():
    more = replace(line("b", band=1.0), counts=np.full(11, 5))
    chart = Chart("episode/return", (line(band=1.0), more, line("c")), smoothing=0.9, at=1234.0)
    assert titles(chart)[0] == (
        "episode/return (reward) · smoothed 0.9 · mean and 95 % t interval of 2 to 5 seeds · at 1 234 steps"
    )
    assert "episode/return (reward) · mean, 95 % t interval · at 1 234 steps" in titles(chart)
    assert titles(chart)[-1] == "episode/return (reward)"
    assert [len(title) for title in titles(chart)] == sorted((len(title) for title in titles(chart)), reverse=True)


def test_places_on_the_x_axis_in_words():
    assert x_text(12_345.0, "steps") == "12 345 steps"
    assert x_text(7.0, "episodes") == "7 episodes"
    assert x_text(342.0, "sweeps") == "342 sweeps"
    assert [x_text(s, "seconds") for s in (5.25, 65.0, 3725.0)] == ["5.2 s", "1 min 05 s", "1 h 02 min"]
    assert seconds_text(np.inf) == seconds_text(np.nan) == "?"


def test_the_latest_value_that_is_a_number_is_read():
    gappy = Line("a", (), (X[:3], np.array([1.0, 2.0, np.nan])))
    assert gappy.read().value == 2.0
    assert np.isnan(gappy.read(2.0).value)
    assert np.isnan(Line("a", (), NOTHING).read().value)


def test_the_curve_before_smoothing_is_a_pale_ghost():
    smooth = line(ghost=(X, 10.0 - X))
    ghostly, _ = draw(Chart("m", (smooth,)), 60, 16, UNICODE)
    colours = {ghostly.style_at(row, col).fg for row in range(2, 12) for col in range(8, 60)}
    assert UNICODE.palette.series[0] in colours
    assert len(colours - {None, UNICODE.palette.series[0]}) == 1
    assert text(Chart("m", (smooth,)), theme=GREY) == text(Chart("m", (line(),)), theme=GREY)


BAD = {
    "nan": np.full(11, np.nan),
    "infinite": np.where(X % 2 == 0, np.inf, -np.inf),
    "huge": np.where(X % 2 == 0, 1e308, -1e308),
    "constant": np.zeros(11),
    "one": np.zeros(1),
    "none": np.zeros(0),
}


@pytest.mark.parametrize("theme", [UNICODE, ASCII, GREY], ids=["unicode", "ascii", "grey"])
def test_every_size_and_bad_data(theme):
    lines = tuple(Line(name, (), (X[: len(y)], y), (y, y), (X[: len(y)], y)) for name, y in BAD.items())
    for width in WIDTHS:
        for height in HEIGHTS:
            chart = Chart(
                "m", lines, 2, log_y=width % 20 == 0, log_x=height % 10 == 0, at=2.0, window=(1.0, 5.0), solved=np.inf
            )
            drawn, _ = draw(chart, width, height, theme)
            assert (drawn.width, drawn.height) == (width, height)
            assert theme is not ASCII or str(drawn).isascii()


def test_hostile_names_and_metrics_are_text():
    nasty = ["\x1b[2J", "\u202eevil", "a\u200b\n\r\tb", "方" * 60, "\ud800\x9b1m", "x" * 100_000, "[red]x[/]"]
    for name in nasty:
        chart = Chart(name, (line(name), line(name, 2.0)))
        drawn, _ = draw(chart, 70, 14, UNICODE)
        for row in range(14):
            assert drawn.line(row).isprintable()
            assert len(encode(drawn.line(row))) == 70
        assert all(title.isprintable() and len(title) < 100 for title in titles(chart))


def test_ten_thousand_names_are_drawn():
    names = [f"\x1b[{n}m{chr(0x200B + n % 50)}run{n}" for n in range(10_000)]
    for start in range(0, 10_000, 100):
        lines = tuple(line(name) for name in names[start : start + 100])
        cells = Cells(400, 100)
        assert draw_legend(cells, Chart("m", lines), UNICODE)
        assert all(cells.line(row).isprintable() for row in range(100))
