"""Glyphs and colours: every glyph takes one cell, text reads on its background, signs need no colour."""

import dataclasses
import itertools
import math

import pytest
from rich.cells import cell_len

from tui.drawing.theme import ASCII, DARK, LIGHT, UNICODE, Box, Direction, arrow_text, contrast, luminance, make_theme

U, R, D, L = Direction.UP, Direction.RIGHT, Direction.DOWN, Direction.LEFT


def characters(glyphs):
    """All characters of a table."""
    for value in dataclasses.asdict(glyphs).values():
        texts = value.values() if isinstance(value, dict) else [value] if isinstance(value, str) else value
        yield from itertools.chain.from_iterable(texts)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_every_glyph_takes_one_cell(glyphs):
    assert all(cell_len(character) == 1 for character in characters(glyphs))


def test_ascii_is_ascii():
    assert all(character.isascii() for character in characters(ASCII))


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
def test_kinds_and_directions_have_glyphs_of_their_own(glyphs):
    kinds = [glyphs.agent, glyphs.wall, glyphs.start, glyphs.goal, glyphs.terminal, glyphs.cliff, glyphs.hole]
    assert len(set(kinds)) == len(kinds)
    assert len(set(glyphs.arrows)) == 8
    assert len(set(glyphs.lines)) == len(glyphs.lines)
    assert len(set(glyphs.levels)) == 8
    assert glyphs.light != glyphs.ring != glyphs.selection
    assert isinstance(glyphs.ring, Box)


@pytest.mark.parametrize(
    ("directions", "width", "text"),
    [
        ([], 3, ""),
        ([U], 1, "↑"),
        ([R, L], 2, "←→"),
        ([R, L], 1, "↔"),
        ([U, D], 1, "↕"),
        ([U, R], 1, "└"),
        ([D, R], 1, "┌"),
        ([L, D], 1, "┐"),
        ([U, L], 1, "┘"),
        ([U, D, R], 1, "├"),
        ([L, D, R], 1, "┬"),
        ([U, D, L], 1, "┤"),
        ([U, R, L], 1, "┴"),
        ([U, R, D, L], 3, "┼"),
        ([U, R, D, L], 4, "←↑↓→"),
        ([Direction.UP_LEFT, Direction.DOWN_RIGHT], 2, "↖↘"),
        ([Direction.UP_LEFT, R], 1, "*"),
    ],
)
def test_ties_are_several_arrows_or_one_joint(directions, width, text):
    assert arrow_text(directions, width, UNICODE) == text


def test_the_glyph_of_a_tie_has_its_arms():
    """Box drawing characters name their arms, so a wrong table shows."""
    import unicodedata

    names = {U: "UP", R: "RIGHT", D: "DOWN", L: "LEFT"}
    for tie, glyph in UNICODE.ties.items():
        words = unicodedata.name(glyph)
        expected = {frozenset({U, D}): "UP DOWN ARROW", frozenset({L, R}): "LEFT RIGHT ARROW"}.get(tie)
        if expected:
            assert words == expected
        else:
            words = words.replace("VERTICAL", "UP DOWN").replace("HORIZONTAL", "LEFT RIGHT")
            assert {name in words for direction, name in names.items() if direction in tie} == {True}
            assert not any(name in words for direction, name in names.items() if direction not in tie)


@pytest.mark.parametrize("palette", [DARK, LIGHT])
def test_text_on_every_colour_reads(palette):
    """WCAG 2.1 asks for a contrast of 4.5."""
    theme = make_theme(dark=palette is DARK)
    shades = [theme.diverging(i / 100) for i in range(-100, 101)] + [theme.sequential(i / 100) for i in range(101)]
    fixed = [palette.background, palette.goal, palette.terminal, palette.hole, palette.jump, palette.agent]
    for background in shades + fixed:
        light, dark = sorted((luminance(background), luminance(contrast(background))), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize("dark", [True, False])
def test_scales(dark):
    theme = make_theme(dark=dark)
    assert theme.diverging(0) == theme.sequential(0) == theme.palette.background
    assert theme.diverging(-1) == theme.diverging(-math.inf) == theme.palette.negative[-1]
    assert theme.diverging(1) == theme.diverging(7) == theme.palette.positive[-1]
    assert theme.sequential(2) == theme.palette.sequential[-1]
    assert theme.diverging(math.nan) == theme.sequential(math.nan) == theme.palette.faint
    assert theme.diverging(0.5) == theme.diverging(0.501)  # shades are steps


def test_blue_and_orange_differ_for_every_kind_of_colour_vision():
    """Blue over red is what deuteranopes and protanopes still see; luminance tells both from zero."""
    for dark in (True, False):
        theme = make_theme(dark=dark)
        negative, positive, zero = theme.diverging(-1), theme.diverging(1), theme.diverging(0)
        assert positive[2] - positive[0] > 100
        assert negative[0] - negative[2] > 100
        assert abs(luminance(negative) - luminance(zero)) > 0.05
        assert abs(luminance(positive) - luminance(zero)) > 0.05


def test_without_colour_no_style_has_one():
    theme = make_theme(colour=False)
    assert theme.style((1, 2, 3), (4, 5, 6), bold=True, reverse=True) == (None, None, True, False, False, True)
