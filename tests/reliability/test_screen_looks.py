"""Every screen in ASCII, without colours, and on a light terminal: nothing else is sent, and all of it can be read."""

import pytest
from screens import QUICK_FIRST, SCREENS, opened
from textual import events

from tests.tui.driving import settle, text_of
from tui.drawing.theme import luminance
from tui.help.ascii import AsciiFilter
from tui.help.themes import LIGHT

LEAST = 3.0  # contrast of text with what lies behind it; faint lines and marks that say nothing alone are exempt


def segments(app):
    return [segment for row in app.screen._compositor.render_strips() for segment in row]


async def look_at(screen, runs, check, **options):
    """Check a screen as it opens, and after a key or two."""
    opens, _ = SCREENS[screen]
    app = opens(runs)
    for name, value in options.items():
        setattr(app, name, value)
    async with opened(app, (120, 40)) as pilot:
        check(app)
        for key in ("tab", "down", "question_mark"):
            app.post_message(events.Key(key, None))
            await settle(pilot)
            check(app)


@pytest.mark.parametrize("screen", QUICK_FIRST)
async def test_ascii_is_nothing_else(homes, runs_for, screen):
    opens, _ = SCREENS[screen]
    app = opens(runs_for(screen))
    app.ascii_only = True
    app._filters.append(AsciiFilter())

    async with opened(app, (120, 40)) as pilot:
        for key in ("tab", "down", "question_mark"):
            text = text_of(app)
            assert text.isascii(), sorted(set(text) - set(map(chr, range(128))))
            app.post_message(events.Key(key, None))
            await settle(pilot)


@pytest.mark.parametrize("screen", QUICK_FIRST)
async def test_without_colour_nothing_has_one(homes, runs_for, screen, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    def check(app):
        colours = [c for s in segments(app) if s.style for c in (s.style.color, s.style.bgcolor) if c is not None]
        assert all(colour.is_default for colour in colours)
        assert len(text_of(app).strip()) > 200

    await look_at(screen, runs_for(screen), check)


@pytest.mark.parametrize("screen", QUICK_FIRST)
async def test_words_can_be_read_on_light_and_on_dark(homes, runs_for, screen):
    def check(app):
        pale = []
        for segment in segments(app):
            style, text = segment.style, segment.text.strip()
            if style is None or style.color is None or style.bgcolor is None or not any(map(str.isalpha, text)):
                continue
            ink, paper = (tuple(c.get_truecolor()) for c in (style.color, style.bgcolor))
            low, high = sorted((luminance(ink), luminance(paper)))
            if (high + 0.05) / (low + 0.05) < LEAST:
                pale.append((text, ink, paper))
        assert not pale

    runs = runs_for(screen)
    await look_at(screen, runs, check)
    if (damaged := runs / "damaged").exists():
        (damaged / "run.json").unlink()
        damaged.rmdir()
    await look_at(screen, runs, check, theme=LIGHT.name)
