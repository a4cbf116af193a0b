"""Remakes the pictures of the documentation: the app itself, driven by its keys, drawn as SVG.

python docs/pictures.py [FOLDER [NAME ...]]      (default: docs/images, all of them)
"""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

from tui.app import RltopApp
from tui.autodiff.session import Session
from tui.memory import Memory, ViewMemory
from tui.picker.choice import Choice, prepare_lesson

FONTS = "DejaVu Sans Mono, Menlo, Consolas"
CLIFF = Choice("cliffwalking", ("q-learning", "sarsa"), seed=7)
GRID = Choice("gridworld", ("value-iteration",), {"world": "book"})

CHAIN = "(a*b + c)**2 with a=2, b=-3, c=10"

# file name: what is opened (None for the picker, a text for an expression), how it is looked at, columns x rows, keys
PICTURES: dict[str, tuple[Choice | str | None, ViewMemory, tuple[int, int], tuple[str, ...]]] = {
    "picker.svg": (None, ViewMemory(), (120, 40), ("down", "tab", "down", "down", "down", "space")),
    "cliff-walking.svg": (CLIFF, ViewMemory(), (120, 40), ("j", *"12296", "enter", "full_stop")),
    "value-iteration.svg": (GRID, ViewMemory(), (120, 40), ("j", *"86", "enter", "full_stop")),
    "line-by-line.svg": (CLIFF, ViewMemory("Q"), (120, 40), ("j", *"3000", "enter", *"llllll")),
    "autodiff.svg": (CHAIN, ViewMemory(), (120, 40), ("e", *["full_stop"] * 3)),
    "small.svg": (CLIFF, ViewMemory("policy"), (80, 24), ("j", *"12296", "enter", "full_stop")),
}


def opened(what: Choice | str | None, view: ViewMemory) -> RltopApp:
    """The app before the first key."""
    if isinstance(what, str):
        return RltopApp(begin=lambda app: app.open_autodiff(Session(what)))
    return RltopApp(prepare_lesson(what) if what else (), Memory(view=view))


async def picture(what: Choice | str | None, view: ViewMemory, size: tuple[int, int], keys: tuple[str, ...]) -> str:
    """The app after some keys, as SVG."""
    app = opened(what, view)
    async with app.run_test(size=size) as pilot:
        for key in keys:
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            while getattr(getattr(app.screen, "session", None), "busy", False):
                await pilot.pause(0.05)
        await pilot.pause(0.2)
        svg = app.export_screenshot(title="rltop")
    # a picture asks no server for its letters
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL).replace("Fira Code", FONTS)


def main() -> None:
    """Write all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    for name in sys.argv[2:] or PICTURES:
        (folder / name).write_text(asyncio.run(picture(*PICTURES[name])), "utf-8")
        print(folder / name)


if __name__ == "__main__":
    main()
