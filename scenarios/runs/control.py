"""The control file of a run: commands that any client appends, and that the trainer reads at safe points.

A command is one line of JSON, {"command": "pause"}; `COMMANDS` is the closed set. Anybody may write anything into the
file: what is no command is ignored, with a sentence. Changes of settings that took effect are recorded by the trainer
in a file of its own, with the transition after which they did, so that a resumed run makes them again.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, get_type_hints

from algorithms.schedules import Schedule
from scenarios.configuration import SettingError, configure, settings_of
from scenarios.runs.files import AppendFile, RunError, look, open_regular, printable, write_all
from scenarios.runs.records import RecordReader, frame

COMMANDS: dict[str, dict[str, type]] = {  # with the members each has
    "pause": {},
    "resume": {},
    "step": {"n": int},
    "stop": {},
    "checkpoint": {},
    "evaluate": {},
    "set": {"key": str, "value": str},
}
MOST_STEPS = 10**15
LONGEST_LINE = 1024  # bytes
MAX_CONTROL_BYTES = 1 << 20  # of a file that is still appended to
POLL_BYTES = 1 << 14  # read at a time, so that a flood of commands does not keep the trainer from learning
MOST_CHANGES = 1000  # of settings in one run
MAX_CHANGES_BYTES = 2 << 20
ONLY_AT_THE_BEGINNING = ("q0",)  # settings that learning never reads again


class Command(NamedTuple):
    """What a client wants."""

    name: str
    n: int = 0  # transitions, of `step`
    key: str = ""  # setting, of `set`
    value: str = ""  # its text


def parse(line: bytes) -> Command:
    """The command of a line; raises ValueError, one sentence, for anything else."""
    try:
        given = json.loads(line.decode())
    except (ValueError, RecursionError):
        raise ValueError("it is not a line of JSON") from None
    name = given.get("command") if isinstance(given, dict) else None
    if not isinstance(name, str) or name not in COMMANDS:
        raise ValueError(f"its command is none of {', '.join(COMMANDS)}")
    members = COMMANDS[name]
    if given.keys() != {"command", *members} or any(type(given[key]) is not kind for key, kind in members.items()):
        wanted = ", ".join(f"{key} ({kind.__name__})" for key, kind in members.items()) or "nothing else"
        raise ValueError(f"{name} takes {wanted}")
    if name == "step" and not 1 <= given["n"] <= MOST_STEPS:
        raise ValueError(f"n must be in [1, {MOST_STEPS}]")
    return Command(name, **{key: given[key] for key in members})


def send(path: Path, command: Command) -> None:
    """Append a command to a control file, in one piece.

    Raises:
        RunError: the file is no ordinary one, has no room for more, or the disk refused.
    """
    members = {key: getattr(command, key) for key in COMMANDS[command.name]}
    line = json.dumps({"command": command.name, **members}).encode() + b"\n"
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
        try:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode) or found.st_size + len(line) > MAX_CONTROL_BYTES:
                raise RunError(path, f"is no file of less than {MAX_CONTROL_BYTES} bytes", "delete it")
            torn = found.st_size and os.pread(fd, 1, found.st_size - 1) != b"\n"  # an append that was cut short
            write_all(fd, b"\n" + line if torn else line)
        finally:
            os.close(fd)
    except OSError as error:
        raise RunError.from_os(path, "cannot be written", error) from error


class ControlReader:
    """Reads the commands that are appended to a control file; hostile until parsed."""

    def __init__(self, path: Path, offset: int = 0) -> None:
        self.path = path
        self.offset = offset  # bytes read
        self._rest = b""  # a line that has not ended
        self._overlong = False  # the line under way is ignored to its end
        self._fault: str | None = None

    def poll(self) -> Iterator[Command | str]:
        """What was appended since the last poll, as far as `POLL_BYTES` go: commands, and sentences on other things."""
        try:
            size = os.stat(self.path).st_size
            if size == self.offset:
                return
            data = self._read(size)
            self._fault = None
        except FileNotFoundError:
            return
        except (OSError, RunError) as error:
            if str(error) != self._fault:  # say it once
                self._fault = str(error)
                yield self._fault
            return
        if size < self.offset:
            yield f"{self.path.name} was cut: commands are read from its new end on"
            self.offset, self._rest, self._overlong = size, b"", False
            return
        self.offset += len(data)
        yield from self._lines(data)

    def _read(self, size: int) -> bytes:
        with open_regular(self.path) as fd:
            return os.pread(fd, min(POLL_BYTES, max(0, size - self.offset)), self.offset)

    def _lines(self, data: bytes) -> Iterator[Command | str]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            if self._overlong or len(line) > LONGEST_LINE:
                self._overlong = False
                yield f"a line of {self.path.name} is ignored: it has more than {LONGEST_LINE} bytes"
            elif line.strip():
                yield self._parsed(line)
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._overlong = b"", True

    def _parsed(self, line: bytes) -> Command | str:
        try:
            return parse(line)
        except ValueError as error:
            shown = printable(line.decode(errors="replace"), limit=60)
            return f"a line of {self.path.name} is ignored: {error}, got {shown}"


# ── settings that change while a run learns ──────────────────────────────────────────────────────────────


def changeable(config: type[Any]) -> tuple[str, ...]:
    """The settings of a configuration that learning reads at every step: numbers and schedules."""
    kinds = get_type_hints(config)
    return tuple(
        name for name, kind in kinds.items() if kind in (float, Schedule) and name not in ONLY_AT_THE_BEGINNING
    )


def changed(config: Any, key: str, value: str) -> Any:
    """A configuration with one setting changed that is `changeable`.

    Raises SettingError, one sentence, for another setting or a value out of range.
    """
    allowed = changeable(type(config))
    if key not in allowed:
        raise SettingError(f"{printable(key, 40)!r} cannot be changed while a run learns: {', '.join(allowed)} can")
    return configure(type(config), settings_of(config) | {key: value})


class Change(NamedTuple):
    """A setting that was changed after so many transitions."""

    transitions: int
    key: str
    value: str


class ChangeLog:
    """Owns the record of changes: each is on the disk before it takes effect.

    Raises RunError when the file is damaged or cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: AppendFile | None = None
        self._size = 0
        self.changes: list[Change] = []  # in the order in which they took effect
        if path.exists():
            reader = RecordReader(path, MAX_CHANGES_BYTES)
            records = [record for batch in reader.poll() for record in batch]
            self._size = reader.offset  # a torn tail is a change that did not take effect
            self.changes = sorted(map(self._change, records), key=lambda change: change.transitions)

    def _change(self, record: bytes) -> Change:
        try:
            transitions, key, value = json.loads(record.decode())
            if type(transitions) is not int or not 0 <= transitions < 1 << 63 or {type(key), type(value)} != {str}:
                raise ValueError
        except (ValueError, RecursionError):
            raise RunError(self.path, "is damaged", "restore it from a copy or delete the run") from None
        return Change(transitions, key, value)

    def record(self, change: Change) -> None:
        """Keep a change; raises RunError when that is not possible."""
        if len(self.changes) >= MOST_CHANGES:
            raise RunError(self.path, f"holds {MOST_CHANGES} changes already", "start a new run")
        self._file = self._file or AppendFile(self.path, self._size)
        self._file.append(frame(json.dumps(change).encode()))
        self._file.sync()
        self._size = self._file.size
        self.changes = sorted([*self.changes, change], key=lambda one: one.transitions)

    def close(self) -> None:
        """Let go of the file."""
        if self._file:
            self._file.close()


def changes_of(path: Path) -> tuple[Change, ...]:
    """The changes in a record, read again when its file is another one. Raises RunError when it is damaged."""
    return _changes_in(path, looked) if (looked := look(path)) else ()


@lru_cache(1000)
def _changes_in(path: Path, looked: tuple[int, ...]) -> tuple[Change, ...]:
    return tuple(ChangeLog(path).changes)
