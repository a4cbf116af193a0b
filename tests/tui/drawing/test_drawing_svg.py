"""Cells as SVG: well formed, nothing but what was drawn, whatever the text."""

import xml.etree.ElementTree as ET

import numpy as np

from tui.drawing.cells import Cells, Style
from tui.drawing.charts import ChartOptions, Series, draw_chart
from tui.drawing.svg import FONTS, HEIGHT, MARGIN, WIDTH, to_svg
from tui.drawing.theme import DARK, make_theme

SPACE = "{http://www.w3.org/2000/svg}"


def parsed(cells, title=""):
    return ET.fromstring(to_svg(cells, DARK, title))


def test_a_phrase_is_as_wide_as_its_cells():
    cells = Cells(12, 2)
    cells.put(1, 3, "ab cd  方", Style((1, 2, 3), bold=True))
    root = parsed(cells, "a <title>")
    assert root.find(f"{SPACE}title").text == "a <title>"
    assert root.get("width") == str(12 * WIDTH + 2 * MARGIN)
    first, second = root.iter(f"{SPACE}text")
    assert (first.text, first.get("x"), first.get("textLength")) == ("ab cd", str(3 * WIDTH), str(5 * WIDTH))
    assert (second.text, second.get("x"), second.get("textLength")) == ("方", str(10 * WIDTH), str(2 * WIDTH))
    assert first.get("fill") == "#010203"
    assert first.get("font-weight") == "bold"
    assert HEIGHT < float(first.get("y")) < 2 * HEIGHT


def test_dots_lines_and_bars_are_drawn_and_not_written():
    cells = Cells(4, 1)
    cells.put(0, 0, "⠉┼▄█")
    root = parsed(cells)
    assert not list(root.iter(f"{SPACE}text"))
    paths = [path.get("d") for path in root.iter(f"{SPACE}path")]
    assert len(paths) == 2
    assert paths[0].count("L") == 4  # four arms
    assert paths[1].count("a") == 4  # two dots, two arcs each
    assert f"v{HEIGHT / 2}" in paths[1]
    assert f"v{float(HEIGHT)}" in paths[1]


def test_reverse_is_carried_out():
    cells = Cells(1, 1)
    cells.put(0, 0, "x", Style(reverse=True))
    root = parsed(cells)
    assert [rect.get("fill") for rect in root.iter(f"{SPACE}rect")] == ["#20232a", "#e0e2e6"]
    assert next(root.iter(f"{SPACE}text")).get("fill") == "#20232a"


def test_hostile_text_stays_text():
    nasty = "".join(map(chr, [*range(0x100), 0x202E, 0xFFFE, 0xFFFF, 0xD800])) + "</text><script>&amp;"
    cells = Cells(400, 1)
    cells.put(0, 0, nasty)
    root = parsed(cells)
    assert {element.tag.removeprefix(SPACE) for element in root.iter()} <= {"svg", "title", "rect", "g", "text", "path"}
    assert "script" in "".join(element.text or "" for element in root.iter(f"{SPACE}text"))


def test_a_chart_needs_no_font_of_its_own():
    x = np.arange(100.0)
    chart, _ = draw_chart([Series("a", x, x, x - 5, x + 5)], 60, 14, make_theme(), ChartOptions("steps", "return"))
    text = to_svg(chart, DARK)
    assert FONTS in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "return" in text


def test_nothing_is_a_picture_too():
    assert parsed(Cells(0, 0)).get("width") == str(2 * MARGIN)
