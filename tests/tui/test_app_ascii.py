"""The ASCII gate and the pages of text, as pure functions."""

import pytest
from rich.cells import cell_len

from tui.drawing.theme import make_theme
from tui.help.ascii import ascii_text
from tui.help.page import Paragraph, draw_page, page_lines


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("plain", "plain"),
        ("╭─ αγε ─╮", "+- age -+"),
        ("Q(s′,·) ← −1 ≤ 2", "Q(s',.) < -1 < 2"),
        ("é", "e"),
        ("漢字", "? ? "),
        ("Ａ", "A "),
        ("★●▒", "**?"),
    ],
)
def test_ascii_is_as_wide_as_what_it_stands_for(text, plain):
    assert ascii_text(text) == plain
    assert len(plain) == cell_len(text)


def test_paragraphs_wrap_with_their_name_in_the_indent():
    lines = page_lines([Paragraph("Keys", "heading"), Paragraph("one two three", name="ab", indent=4)], 12)
    assert lines == [("", "Keys", "heading"), ("ab", "    one two", "body"), ("", "    three", "body")]


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (20, 3), (40, 10)])
def test_a_page_says_where_there_is_more(size):
    width, height = size
    lines = page_lines([Paragraph(f"line {number}") for number in range(30)], width)
    first, middle = (draw_page(lines, offset, width, height, make_theme()) for offset in (0, 10))
    if width > 10:
        assert first.line(0).startswith("line 0")
        assert first.line(height - 1).endswith("▾")
        assert middle.line(0).endswith("▴")
