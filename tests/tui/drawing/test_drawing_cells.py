"""Cells: clipping, alignment, hostile text, differences."""

import random
import unicodedata

import numpy as np
import pytest
from rich.cells import cell_len

from tui.drawing.cells import PLAIN, Cells, Run, Style, changes, decode, encode, pack, safe_text, unpack

RED = Style((255, 0, 0), None, bold=True)
HOSTILE = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b2J",
    "[/b][red]markup[/]",
    "a\u202egnp.exe",
    "z\u200bw\u200cj\u200d\ufeff\u2060",
    "e\u0301\u0301\u0301\u0301\u0301",
    "👩‍👩‍👧‍👦 family",
    "🇩🇪🇫🇷",
    "👍🏽",
    "☺\ufe0f",
    "日本語",
    "ｗｉｄｅ",
    "\ud800 alone",
    "a\tb\nc\r\nd\x0be",
    "\x00\x07\x08\x7f",
    "각",
    "नमस्ते",
    "سلام",
    "\U000e0041 tag",
    "\u2028\u2029",
    "",
]


def hostile_strings(count):
    """Seeded strings of pieces and of random code points."""
    rng = random.Random(7)
    for _ in range(count):
        pieces = rng.choices(HOSTILE, k=rng.randrange(4))
        points = [chr(rng.choice((rng.randrange(0x300), rng.randrange(0x110000)))) for _ in range(rng.randrange(12))]
        rng.shuffle(pieces)
        yield "".join(pieces[:2] + points + pieces[2:])


def test_text_is_put_and_clipped_on_all_sides():
    cells = Cells(5, 3)
    cells.put(0, 3, "abc")
    cells.put(1, -2, "abcd")
    cells.put(2, -9, "abc")
    cells.put(-1, 0, "no")
    cells.put(3, 0, "no")
    cells.put(2, 5, "no")
    assert str(cells) == "   ab\ncd   \n     "


def test_a_style_belongs_to_its_cells():
    cells = Cells(4, 1)
    cells.put(0, 1, "ab", RED)
    assert [cells.style_at(0, col) for col in range(4)] == [PLAIN, RED, RED, PLAIN]


@pytest.mark.parametrize(
    "style",
    [PLAIN, RED, Style((0, 0, 0), (255, 255, 255)), Style(None, (1, 2, 3), False, True, True, True)],
)
def test_a_packed_style_comes_back(style):
    assert unpack(pack(style)) == style


def test_wide_characters_take_two_cells_and_never_half_of_one():
    cells = Cells(6, 1)
    cells.put(0, 0, "日本語")
    assert cells.line(0) == "日本語"
    cells.put(0, 1, "x")  # the right half of the first goes, and so its left half
    assert cells.line(0) == " x本語"
    cells.put(0, 5, "y")
    assert cells.line(0) == " x本 y"
    cells.put(0, 4, "漢字")  # the second does not fit
    assert cells.line(0) == " x本漢"
    cells.put(0, -1, "漢")
    assert cells.line(0) == " x本漢"


def test_blit_cuts_wide_characters_at_its_edges():
    source = Cells(4, 1)
    source.put(0, 0, "日本")
    target = Cells(5, 2)
    target.put(1, 0, "漢字.")
    target.blit(source, 1, -1)
    assert target.line(1) == " 本 ."
    target.blit(source, 0, 3)
    assert target.line(0) == "   日"
    target.blit(source, 5, 5)
    assert target.line(1) == " 本 ."


def test_fill_is_a_clipped_rectangle():
    cells = Cells(4, 3)
    cells.fill(1, 2, 9, 9, RED, "#")
    cells.fill(-1, -1, 2, 2, PLAIN, "o")
    assert str(cells) == "o   \n  ##\n  ##"
    assert cells.style_at(2, 3) == RED


def test_every_line_is_as_wide_as_the_grid_whatever_is_put():
    rng = random.Random(1)
    cells = Cells(17, 4)
    for text in hostile_strings(2000):
        cells.put(rng.randrange(-1, 5), rng.randrange(-5, 18), text)
        for row in range(4):
            line = cells.line(row)
            assert cell_len(line) == 17
            assert sum(map(cell_len, line)) == 17
            assert line.isprintable()


@pytest.mark.parametrize("count", [1_000, pytest.param(6_000, marks=pytest.mark.slow)])
def test_safe_text_over_thousands_of_hostile_strings(count):
    for text in hostile_strings(count):
        for limit in (0, 1, 2, 7, 40):
            safe = safe_text(text, limit)
            assert cell_len(safe) <= limit
            assert safe.isprintable()
            assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc") for c in safe)
            assert decode(encode(safe)) == safe
            assert safe_text(safe, limit) == safe


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain name", "plain name"),
        ("\x1b[31mred", "?[31mred"),
        ("a\nb\tc", "a b c"),
        ("a\u202eb\u200bc", "abc"),
        ("[/b]", "[/b]"),
        ("cafe\u0301", "café"),
        (ValueError("bad\x07"), "bad?"),
        (12, "12"),
        ("x" * 50, "x" * 19 + "…"),
        ("日" * 50, "日" * 9 + "…"),
    ],
)
def test_safe_text_examples(value, expected):
    assert safe_text(value, 20) == expected


def test_safe_text_of_an_object_that_cannot_be_written():
    class Rude(Exception):
        def __str__(self):
            raise RuntimeError

    assert safe_text(Rude()) == "<Rude>"


def test_safe_text_does_not_read_ten_megabytes():
    assert safe_text("\u200b" * 10_000_000 + "end", 10) == "…"
    assert safe_text("ab" * 5_000_000, 4) == "aba…"
    assert safe_text("abcdef", 4, "...") == "a..."


def test_changes_are_exactly_the_cells_that_differ():
    rng = np.random.default_rng(3)
    for _ in range(200):
        width, height = rng.integers(1, 30), rng.integers(1, 6)
        before, after = Cells(width, height), Cells(width, height)
        for _ in range(rng.integers(0, 6)):
            row, col = rng.integers(height), rng.integers(width)
            text = "".join(rng.choice(list("ab ."), size=rng.integers(1, 5)))
            style = [PLAIN, RED][rng.integers(2)]
            for cells in (before, after) if rng.random() < 0.7 else (after,):
                cells.put(row, col, text, style)
        covered = np.zeros((height, width), bool)
        for run in changes(before, after):
            assert not covered[run.row, run.col : run.col + run.width].any()
            covered[run.row, run.col : run.col + run.width] = True
        assert (covered == ((before.codes != after.codes) | (before.styles != after.styles))).all()


def test_changes_are_maximal_runs():
    before, after = Cells(10, 2), Cells(10, 2)
    assert changes(before, after) == []
    after.put(0, 2, "abc")
    after.put(0, 7, "d")
    after.put(1, 9, "e")
    assert changes(before, after) == [Run(0, 2, 3), Run(0, 7, 1), Run(1, 9, 1)]


def test_a_wide_character_changes_whole():
    before, after = Cells(6, 1), Cells(6, 1)
    before.put(0, 2, "日")
    after.put(0, 2, "本")
    assert changes(before, after) == [Run(0, 2, 2)]


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 5), (5, 0), (-3, 2)])
def test_a_grid_without_cells(width, height):
    cells = Cells(width, height)
    cells.put(0, 0, "x")
    cells.fill(0, 0, 3, 3, RED)
    cells.blit(Cells(2, 2), 0, 0)
    assert changes(cells, Cells(width, height)) == []
