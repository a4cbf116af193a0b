"""`rltop world`: the world files that come with rltop, to read and to copy."""

from __future__ import annotations

import argparse
import difflib
from importlib import resources

from tui.commands.errors import UsageError

NAME = "world"
SUMMARY = "Print a world file, to copy and change"
NOTES = """\
examples:
  rltop world                   the names
  rltop world windy > mine.toml
  rltop train gridworld --algorithm value-iteration --world mine.toml
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop world` takes."""
    parser.add_argument("name", metavar="NAME", nargs="?", help="which one; without a name, the names")


def run(options: argparse.Namespace) -> int:
    """Print the names, or one file."""
    from scenarios.worlds.maps import shipped_worlds

    names = shipped_worlds()
    if options.name is None:
        print("\n".join(names))
        return 0
    if options.name not in names:
        near = difflib.get_close_matches(options.name[:100], names, 1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
        raise UsageError(f"no world called {options.name!r} comes with rltop: {hint}")
    print(resources.files("scenarios.worlds").joinpath("files", f"{options.name}.toml").read_text("utf-8"), end="")
    return 0
