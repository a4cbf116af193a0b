"""The app's themes, made of the same colours as the drawings."""

from __future__ import annotations

from textual.theme import Theme

from tui.drawing.cells import RGB
from tui.drawing.theme import DARK as DARK_PALETTE
from tui.drawing.theme import LIGHT as LIGHT_PALETTE
from tui.drawing.theme import Palette, mix


def _hex(colour: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _theme(name: str, palette: Palette, screen: RGB, *, dark: bool) -> Theme:
    return Theme(
        name=name,
        dark=dark,
        primary=_hex(palette.series[0]),
        secondary=_hex(palette.series[2]),
        accent=_hex(palette.accent),
        warning=_hex(palette.warning),
        error=_hex(palette.warning),
        success=_hex(palette.series[2]),
        foreground=_hex(palette.text),
        background=_hex(screen),
        surface=_hex(palette.background),
        panel=_hex(mix(palette.background, palette.faint, 0.5)),
        variables={
            "border": _hex(palette.series[0]),
            "border-blurred": _hex(palette.faint),
            "footer-background": _hex(screen),
            "footer-key-foreground": _hex(palette.accent),
            "footer-description-foreground": _hex(palette.muted),
        },
    )


DARK = _theme("rltop-dark", DARK_PALETTE, (20, 22, 27), dark=True)
LIGHT = _theme("rltop-light", LIGHT_PALETTE, (252, 252, 253), dark=False)
THEMES = (DARK, LIGHT)
