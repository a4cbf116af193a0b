"""Every screen in every size, and while the window is pulled about: nothing raises, and it comes back as it was."""

import random

import pytest
from screens import QUICK_FIRST, SCREENS, opened

from tests.tui.driving import settle, text_of

WIDTHS = (1, 2, 5, 10, 20, 40, 80, 120, 200, 400)
HEIGHTS = (1, 2, 5, 10, 24, 50, 120)
ALL = [(width, height) for width in WIDTHS for height in HEIGHTS]
FEW = [(1, 1), (400, 2), (60, 18)]
SIZE = 100, 30


async def pull(screen, runs, sizes):
    """Give a screen one size after the other, and then its own again."""
    opens, kind = SCREENS[screen]
    async with opened(opens(runs), SIZE) as pilot:
        before = type(pilot.app.screen)
        assert before is kind
        for size in sizes:
            await pilot.resize_terminal(*size)
            await settle(pilot)
            lines = text_of(pilot.app).splitlines()
            assert len(lines) <= max(1, size[1])
        await pilot.resize_terminal(*SIZE)
        await settle(pilot)
        assert type(pilot.app.screen) is kind
        assert len(text_of(pilot.app).strip()) > 200
    assert pilot.app.mistake is None


@pytest.mark.parametrize("screen", QUICK_FIRST)
@pytest.mark.parametrize("sizes", [FEW, pytest.param(ALL, marks=pytest.mark.slow)], ids=["few", "all"])
async def test_every_size(homes, runs_for, screen, sizes):
    await pull(screen, runs_for(screen), sizes)


@pytest.mark.slow
@pytest.mark.parametrize("screen", SCREENS)
async def test_500_sizes_at_random(homes, runs_for, screen):
    chance = random.Random(screen)
    await pull(screen, runs_for(screen), [(chance.randint(1, 400), chance.randint(1, 120)) for _ in range(500)])
