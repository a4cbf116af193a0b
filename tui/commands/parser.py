"""The command line as argparse knows it; builds in milliseconds, because no command imports what it needs to run."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from tui.commands import (
    attach,
    completion,
    export,
    inspect,
    learn,
    listing,
    ls,
    resume,
    serve,
    stop,
    train,
    watch,
    world,
)
from tui.commands import eval as evaluate
from tui.commands.errors import UsageError

COMMANDS: tuple[ModuleType, ...] = (
    listing,
    learn,
    train,
    ls,
    watch,
    attach,
    stop,
    resume,
    evaluate,
    inspect,
    export,
    world,
    serve,
    completion,
)

DESCRIPTION = "See reinforcement learning think, one update at a time, in your terminal."
NOTES = """\
without a command: the app, where you pick a scenario and watch it learn

examples:
  rltop                                     pick a scenario and learn
  rltop list                                what there is to learn
  rltop learn cliffwalking --algorithm q-learning,sarsa
  rltop train frozenlake --algorithm value-iteration
"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose refusals are one sentence, raised and not printed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message.removeprefix('argument ')}; see {self.prog} --help")


class Version(argparse.Action):
    """Prints the version; asks for it only when it is wanted."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import version

        print(f"rltop {version('rltop')}")
        parser.exit()


def build_parser() -> Parser:
    """The parser of `rltop` with all its commands."""
    parser = Parser(prog="rltop", description=DESCRIPTION, epilog=NOTES)
    parser.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    learn.add_ascii(parser)
    parser.set_defaults(run=learn.run_picker, command=None, ascii=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command", parser_class=Parser)
    for command in COMMANDS:
        own = commands.add_parser(
            command.NAME, help=command.SUMMARY, description=f"{command.SUMMARY}.", epilog=command.NOTES
        )
        own.set_defaults(run=command.run)
        command.add_arguments(own)
    return parser


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; `run` is the function that does what they say.

    Raises UsageError, one sentence, for what cannot be understood.
    """
    names = [command.NAME for command in COMMANDS]
    if arguments and not arguments[0].startswith("-") and arguments[0] not in names:
        raise UsageError(f"there is no command {arguments[0]!r}: {_nearest(arguments[0], names, 'the commands are')}")
    parser = build_parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        raise UsageError(_unknown(unknown[0], parser, options.command))
    return options


def _unknown(argument: str, parser: Parser, command: str | None) -> str:
    own = parser
    if command is not None:
        own = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction)).choices[command]
    if not argument.startswith("-"):
        return f"{own.prog} takes no further argument {argument!r}; see {own.prog} --help"
    known = [flag for flag in own._option_string_actions if flag.startswith("--")]
    return f"{own.prog} has no option {argument!r}: {_nearest(argument, known, 'its options are')}"


def _nearest(name: str, known: Sequence[str], introduction: str) -> str:
    # two dashes in common are no likeness
    near = difflib.get_close_matches(name[:100].strip("-"), [one.strip("-") for one in known], 1)
    near = [one for one in known if near and one.strip("-") == near[0]]
    return f"did you mean {near[0]}?" if near else f"{introduction} {', '.join(known)}"
