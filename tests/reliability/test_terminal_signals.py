"""Whatever ends the app, the terminal is left as it was found, the process is gone, and its code says why."""

import os
import signal
import subprocess
import sys
import time

import pytest
from pseudoterminal import ENTERED

SIGNALS = [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGTERM, 143)]
ONE_FIRST = [pytest.param(*one, marks=pytest.mark.slow) if one[0] != signal.SIGINT else one for one in SIGNALS]
WITHIN = 2.0  # seconds


def assert_left(terminal, number, code):
    ended, took = terminal.end(number)
    assert ended == code
    assert took < WITHIN
    assert terminal.is_restored()
    assert b"Traceback" not in terminal.sent


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_in_the_picker(terminal, number, code):
    picker = terminal()
    picker.read_until(b"Gridworld")
    picker.settle()
    assert_left(picker, number, code)


@pytest.mark.parametrize(("number", "code"), ONE_FIRST)
def test_in_a_lesson_at_full_speed(terminal, number, code):
    lesson = terminal("learn", "cliffwalking", "--algorithm", "q-learning,sarsa", columns=120, rows=40)
    lesson.read_until(b"Q-learning")
    lesson.settle()
    lesson.type(b"]" * 12 + b" ")
    assert len(lesson.read(0.5)) > 100  # it plays
    assert_left(lesson, number, code)


@pytest.mark.parametrize("wait", [0.0, *(pytest.param(wait, marks=pytest.mark.slow) for wait in (0.01, 0.03, 0.1))])
def test_while_it_opens(terminal, wait):
    picker = terminal()
    picker.read_until(ENTERED)
    picker.read(wait)
    assert_left(picker, signal.SIGTERM, 143)


def test_in_a_dialog(terminal):
    picker = terminal()
    picker.read_until(b"Policy evaluation")
    picker.settle()
    picker.type(b"\t\t ")
    picker.read_until(b"keeps the old one")
    assert_left(picker, signal.SIGHUP, 129)


@pytest.mark.slow
def test_before_it_opens_no_escape_was_sent(terminal):
    picker = terminal()
    time.sleep(0.05)
    ended, took = picker.end(signal.SIGTERM)
    assert ended in (143, -signal.SIGTERM)
    assert took < WITHIN
    assert b"\x1b" not in picker.sent


def test_control_c(terminal):
    picker = terminal()
    picker.read_until(b"Policy evaluation")
    picker.settle()
    picker.type(b"\x03")
    assert_left(picker, None, 130)


def test_a_terminal_that_reads_nothing(terminal):
    """It fills up, the app waits for it, and a signal still ends the process."""
    lesson = terminal("learn", "cliffwalking", columns=200, rows=60)
    lesson.read_until(b"Q-learning")
    lesson.settle()
    lesson.type(b"]" * 12 + b" ")
    lesson.type(b"?\x1b" * 100)  # full repaints that nobody reads
    time.sleep(1.0)
    began = time.monotonic()
    lesson.process.send_signal(signal.SIGTERM)
    assert lesson.process.wait(5) == 143
    assert time.monotonic() - began < WITHIN


@pytest.mark.parametrize("controlling", [True, False])
def test_a_terminal_that_is_closed(controlling, terminal):
    """The kernel sends SIGHUP, but only where the terminal controls the app; else nobody says a word."""
    lesson = terminal("learn", "cliffwalking", controlling=controlling)
    lesson.read_until(b"Q-learning")
    lesson.settle()
    os.close(lesson.slave)
    os.close(lesson.master)
    began = time.monotonic()
    assert lesson.process.wait(5) == 129
    assert time.monotonic() - began < WITHIN
    lesson.master, lesson.slave = os.openpty()


def test_control_z_and_back(terminal):
    picker = terminal()
    picker.read_until(b"Policy evaluation")
    picker.settle()
    picker.suspend()
    assert picker.is_restored()
    before = len(picker.sent)
    picker.process.send_signal(signal.SIGCONT)
    picker.read_until(ENTERED, b"Gridworld", since=before)
    picker.type(b"q")
    assert picker.end()[0] == 0
    assert picker.is_restored()


def test_an_interrupt_whose_exception_is_lost_is_noticed_later():
    """As when it comes inside a callback of an import."""
    lost = """
import os, signal
from tui import interrupts
from tui.terminal import ending_on_signals

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background of a shell

class Callback:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        sum(range(1000))

left = []
with interrupts.remembered():
    Callback()
    with ending_on_signals(left.append):
        print(left)
"""
    done = subprocess.run([sys.executable, "-c", lost], capture_output=True, text=True, check=True)
    assert "KeyboardInterrupt" in done.stderr
    assert done.stdout == "[130]\n"
