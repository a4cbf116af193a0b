"""Where the panes of a live screen are: inside, apart from each other, and enough of them."""

from itertools import product

import pytest

from tui.live.layout import LOWER, PANES, Wanted, arrange

WIDTHS, HEIGHTS = (1, 10, 60, 80, 99, 100, 120, 160, 200, 400), (1, 5, 18, 24, 30, 40, 44, 60, 120)
WANTED = [
    Wanted(scene, thoughts, lower, zoomed)
    for scene, thoughts, lower, zoomed in product((True, False), (True, False), LOWER, (None, "world", "messages"))
]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_parts_lie_inside_and_apart(wanted):
    for width, height in product(WIDTHS, HEIGHTS):
        places = arrange(width, height, wanted).places
        taken = set()
        for place in places.values():
            assert place.width > 0
            assert place.height > 0
            cells = {
                (row, col)
                for row in range(place.row, place.row + place.height)
                for col in (place.col, place.col + place.width - 1)
            }
            assert all(0 <= row < height and 0 <= col < width for row, col in cells)
            assert not cells & taken
            taken |= cells


@pytest.mark.parametrize("wanted", [wanted for wanted in WANTED if wanted.zoomed is None], ids=str)
def test_where_there_is_room_everything_is_there(wanted):
    hidden = (set() if wanted.scene else {"world"}) | (set() if wanted.thoughts and wanted.scene else {"thoughts"})
    for size in ((120, 40), (150, 42), (200, 60), (400, 120)):
        assert set(arrange(*size, wanted).places) == {"header", "footer", *PANES} - hidden


def test_a_small_screen_shows_the_scene_its_thoughts_and_one_pane():
    for lower in LOWER:
        places = arrange(80, 24, Wanted(True, True, lower)).places
        assert {"world", "thoughts", "numbers", lower} <= set(places)
        assert places["world"].width >= 38
        assert places["world"].height >= 12
    assert not arrange(80, 24, Wanted(True, True, "returns")).framed


def test_one_too_small_says_so():
    assert set(arrange(59, 24, Wanted(True, True, "returns")).places) == {"header"}


def test_a_zoomed_pane_has_the_screen_for_itself():
    places = arrange(120, 40, Wanted(True, True, "returns", "diagnostics")).places
    assert set(places) == {"header", "diagnostics", "footer"}
    assert places["diagnostics"].height == 38
