"""What reaches the terminal: nothing while nothing happens, nothing hostile, nothing at all where there is none."""

import re
import subprocess
import sys
import time

import pytest
from pseudoterminal import ENTERED

HOSTILE = "\x1b[31mred\x1b]0;title\x07\x9b5n\u202e\x08\x00"

# the control sequences that Textual and our compositor send: cursor, style, modes, queries, mouse pointer
OWN = re.compile(rb"\x1b\[[0-9;?<>$=]*[A-Za-z]|\x1b]22;[a-z]*\x07")


@pytest.mark.parametrize("seconds", [1.0, pytest.param(3.0, marks=pytest.mark.slow)])
def test_an_idle_screen_sends_nothing(terminal, record_property, seconds):
    """The picker, a lesson at its start, and a lesson that was played and paused."""
    began = time.monotonic()
    picker = terminal(columns=120, rows=40)
    picker.read_until(b"Gridworld")
    record_property("first_paint_seconds", round(time.monotonic() - began, 3))
    fresh = terminal("learn", "gridworld", columns=120, rows=40)
    played = terminal("learn", "cliffwalking", "--algorithm", "q-learning,sarsa", columns=120, rows=40)
    for idle in (picker, fresh, played):
        idle.settle()
    played.type(b" ")
    assert played.read(0.6)
    played.type(b" ")
    for idle in (picker, fresh, played):
        idle.settle()
    assert picker.read(seconds) == b""
    assert fresh.read(0.05) == b""  # what it sent in the same time
    assert played.read(0.05) == b""


PICKER, LESSON = (), ("learn", "gridworld")


@pytest.mark.parametrize("arguments", [PICKER, LESSON], ids=["picker", "lesson"])
@pytest.mark.parametrize("columns_rows", [(20, 5), (59, 24), (80, 17)], ids=str)
def test_too_small_a_terminal_is_one_sentence(terminal, columns_rows, arguments):
    columns, rows = columns_rows
    small = terminal(*arguments, columns=columns, rows=rows)
    assert small.end()[0] == 2
    text = small.sent.decode()
    assert text.startswith("rltop: ")
    assert "\x1b" not in text
    assert f"{columns}x{rows}" in text
    assert "60x18" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize(("term", "arguments"), [("dumb", PICKER), ("", PICKER), ("dumb", LESSON)])
def test_a_dumb_terminal_is_one_sentence(terminal, term, arguments):
    dumb = terminal(*arguments, TERM=term)
    assert dumb.end()[0] == 2
    assert dumb.sent.count(b"\n") == 1
    assert b"\x1b" not in dumb.sent
    assert b"dumb terminal" in dumb.sent


@pytest.mark.parametrize("arguments", [PICKER, LESSON], ids=["picker", "lesson"])
def test_no_terminal_is_one_sentence(arguments):
    run = subprocess.run(
        [sys.executable, "-m", "tui", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert "\x1b" not in run.stderr
    assert run.stderr.count("\n") == 1
    assert "needs a terminal" in run.stderr


def test_a_window_made_too_small_and_large_again(terminal):
    lesson = terminal("learn", "gridworld")
    lesson.read_until(b"Gridworld")
    lesson.settle()
    lesson.resize(30, 8)
    lesson.read_until(b"60x18")
    before = len(lesson.sent)
    lesson.resize(100, 30)
    lesson.settle()
    assert b"Policy evaluation" in lesson.sent[before:]


def without_own(sent: bytes) -> bytes:
    """What is left when the sequences that the app itself sends are taken out."""
    return OWN.sub(b"", sent)


def test_hostile_names_reach_the_terminal_as_text_only(terminal, tmp_path):
    world = tmp_path / "evil\x1b[2Jname\x07.toml"
    quoted = "".join(f"\\u{ord(character):04x}" for character in HOSTILE)
    world.write_text(f'name = "{quoted}"\nmap = """\nS . +1\n"""\ndiscount = 0.9\n')
    lesson = terminal("learn", "gridworld", "--world", str(world), columns=120, rows=40)
    lesson.read_until(ENTERED)
    lesson.settle()
    lesson.type(b".." + b"?")
    lesson.settle()
    lesson.type(b"\x1b")
    lesson.settle()
    lesson.type(b"\x13")  # save: the name of the world becomes a file name
    lesson.read_until(b"Save this world")
    lesson.settle()
    rest = without_own(bytes(lesson.sent))
    assert not re.search(rb"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]", rest)
    text = rest.decode()
    assert not re.search("[\x80-\x9f\u202a-\u202e]", text)
    assert b"\x1b[2Jname" not in lesson.sent
    assert b"\x1b[31mred" not in lesson.sent


def test_hostile_memory_and_keys_reach_the_terminal_as_text_only(terminal, tmp_path):
    folder = tmp_path / "config" / "rltop"
    folder.mkdir(parents=True)
    name = "".join(f"\\u{ord(character):04x}" for character in HOSTILE)
    (folder / "keys.toml").write_text(f'"{name}" = "{name}"\n"picker.start" = "{name}"\n')
    picker = terminal(columns=120, rows=40)
    picker.read_until(b"Policy evaluation")
    picker.settle()
    picker.read_until(b"names no key")
    rest = without_own(bytes(picker.sent))
    assert not re.search(rb"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]", rest)
    assert b"\x1b[31mred" not in picker.sent


def test_hostile_text_that_is_pasted_reaches_the_terminal_as_text_only(terminal):
    picker = terminal(columns=120, rows=40)
    picker.read_until(b"Policy evaluation")
    picker.settle()
    picker.type(b"/\x1b[200~" + HOSTILE.encode() + b"\x1b[201~\r")
    picker.settle()
    rest = without_own(bytes(picker.sent))
    assert not re.search(rb"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]", rest)
    assert not re.search("[\x80-\x9f\u202a-\u202e]", rest.decode())


def test_ascii_only(terminal):
    lesson = terminal("learn", "cliffwalking", "--ascii", columns=120, rows=40)
    lesson.read_until(ENTERED)
    lesson.settle()
    lesson.type(b"..?")
    lesson.settle()
    assert lesson.sent.isascii()


def test_sixteen_colours(terminal):
    """A terminal of sixteen colours gets no other."""
    lesson = terminal("learn", "cliffwalking", TERM="xterm-16color", COLORTERM="")
    lesson.read_until(ENTERED)
    lesson.settle()
    assert not re.search(rb"\x1b\[[0-9;]*[34]8;[25];", lesson.sent)
