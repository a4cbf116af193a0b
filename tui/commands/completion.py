"""`rltop completion`: what a shell needs to complete rltop's command line."""

from __future__ import annotations

import argparse

from tui.commands.errors import UsageError

NAME = "completion"
SUMMARY = "Print the completions for a shell"
NOTES = """\
examples:
  eval "$(rltop completion bash)"                                  in ~/.bashrc
  rltop completion zsh > "${fpath[1]}/_rltop"                      once
  rltop completion fish > ~/.config/fish/completions/rltop.fish    once
"""

SHELLS = ("bash", "zsh", "fish", "tcsh")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What `rltop completion` takes."""
    parser.add_argument("shell", metavar="SHELL", type=_shell, choices=SHELLS, help=", ".join(SHELLS))


def run(options: argparse.Namespace) -> int:
    """Print the completions; scenarios, algorithms and worlds are those of now."""
    import shtab

    from tui.commands.parser import build_parser

    if options.shell not in shtab.SUPPORTED_SHELLS:
        raise UsageError(f"the installed shtab knows no {options.shell}: install a newer one, pip install -U shtab")
    parser = build_parser()
    _offer_names(parser)
    print(shtab.complete(parser, shell=options.shell))
    return 0


def _shell(text: str) -> str:
    if text not in SHELLS:
        raise argparse.ArgumentTypeError(f"must be one of {', '.join(SHELLS)}, got {text!r}")
    return text


def _offer_names(parser: argparse.ArgumentParser) -> None:
    """Tell every argument what can stand there."""
    import shtab

    from algorithms.registry import EVERY_ALGORITHM
    from scenarios.catalog import EVERY_SCENARIO
    from scenarios.worlds.maps import shipped_worlds

    names = {
        "SCENARIO": [one.name for one in EVERY_SCENARIO],
        "--algorithm": [one.name for one in EVERY_ALGORITHM],
    }
    files = {"--runs": shtab.DIRECTORY, "--world": shtab.FILE, "--csv": shtab.FILE, "RUN": shtab.DIRECTORY}
    commands = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction)).choices
    for command, own in commands.items():
        for action in own._actions:
            label = action.option_strings[0] if action.option_strings else str(action.metavar)
            action.choices = names.get(label, action.choices)
            if label in files:
                action.complete = files[label]
            if command == "world" and label == "NAME":
                action.choices = shipped_worlds()
