"""Small images: whole pixels, two to a character; captions below; whatever is in them."""

import numpy as np
import pytest

from tui.drawing.images import draw_image, draw_images
from tui.drawing.theme import make_theme

UNICODE, ASCII, GREY = make_theme(), make_theme(ascii_only=True), make_theme(colour=False)
CHECKERED = np.array([[0.0, 1.0], [1.0, 0.0]])


def test_whole_pixels_in_the_middle():
    assert str(draw_image(CHECKERED, 10, 2, ASCII)) == "     @@   \n   @@     "
    assert str(draw_image(CHECKERED, 4, 9, GREY)).split() == ["██", "██"]


def test_two_pixels_share_a_character():
    cells = draw_image(CHECKERED, 2, 1, UNICODE)
    dark, bright = UNICODE.palette.background, UNICODE.palette.text
    assert str(cells) == 2 * UNICODE.glyphs.upper_half
    assert (cells.style_at(0, 0).fg, cells.style_at(0, 0).bg) == (dark, bright)
    assert (cells.style_at(0, 1).fg, cells.style_at(0, 1).bg) == (bright, dark)


def test_of_an_image_that_is_too_large_pixels_are_left_out():
    image = np.zeros((28, 28))
    image[:14] = 1.0
    assert str(draw_image(image, 14, 7, ASCII)).split("\n")[:4] == ["@" * 14] * 3 + ["=" * 14]


def test_images_stand_side_by_side_over_their_captions():
    drawn = str(draw_images(np.array([CHECKERED, CHECKERED]), ["one", "two"], 7, 3, ASCII))
    assert drawn == "==   ==\non   tw\n       "


@pytest.mark.parametrize("theme", [UNICODE, ASCII, GREY], ids=["unicode", "ascii", "grey"])
def test_every_size_and_bad_data(theme):
    for shape in ((0, 0), (1, 5), (3, 3), (64, 2)):
        for value in (np.nan, np.inf, -np.inf, 1e308, 0.5):
            image = np.full(shape, value)
            for width, height in ((0, 0), (1, 1), (7, 3), (80, 24)):
                cells = draw_image(image, width, height, theme)
                assert (cells.width, cells.height) == (width, height)
                cells = draw_images(np.array([image]), ["caption"], width, height, theme)
                assert (cells.width, cells.height) == (width, height)
