"""What a lesson sends to the terminal: at most 3 kB a second at ten updates a second, nothing while it rests."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PROGRAM = """
import sys
from scenarios.catalog import any_scenario_named
from scenarios.catalog.scenario import Scenario
from scenarios.lessons.preparing import prepare_deep_lesson
from tests.tui.lesson.lesson_app import LessonApp, experiments
from tui.memory import ViewMemory
name, *algorithms = sys.argv[1:]
tables = isinstance(any_scenario_named(name), Scenario)
prepared = experiments(name, *algorithms, lanes=100) if tables else [prepare_deep_lesson(name, algorithms)]
LessonApp(prepared, ViewMemory(speed=10.0)).run()
"""


@contextlib.contextmanager
def on_a_terminal(columns: int, rows: int, *arguments: str) -> Iterator[Callable[..., bytes]]:
    """A lesson on a pseudo terminal: a function that types, and returns what is sent in so many seconds."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = dict(os.environ, TERM="xterm-256color", COLORTERM="truecolor", PYTHONPATH=str(ROOT))
    environment |= {"OPENBLAS_NUM_THREADS": "1"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-c", PROGRAM, *arguments]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, cwd=ROOT, start_new_session=True
    ) as process:
        os.close(theirs)

        def send(keys: str, seconds: float) -> bytes:
            os.write(ours, keys.encode())
            sent, end = b"", time.monotonic() + seconds
            while (left := end - time.monotonic()) > 0:
                if select.select([ours], [], [], left)[0]:
                    sent += os.read(ours, 65536)
            return sent

        try:
            yield send
        finally:
            process.kill()
            os.close(ours)


LESSONS = {
    "two learners": ("cliffwalking", "q-learning", "sarsa"),
    "a planner": ("gridworld", "policy-evaluation"),
    "a network": ("cartpole", "dqn"),
}


@pytest.mark.parametrize(
    ("lesson", "seconds"),
    [("two learners", 2.0), *(pytest.param(lesson, 4.0, marks=pytest.mark.slow) for lesson in LESSONS)],
)
def test_ten_updates_a_second_take_3_kb_a_second(lesson, seconds):
    with on_a_terminal(120, 40, *LESSONS[lesson]) as send:
        deadline = time.monotonic() + 60
        while b"step" not in send("", 0.2):
            assert time.monotonic() < deadline, "the lesson did not begin"
        while send("", 0.5):
            assert time.monotonic() < deadline, "the lesson does not come to rest"
        send("i", 0.3)
        assert send("", 0.4) == b""  # at rest
        send(" ", 1.5)
        sent = send("", seconds)
        assert len(sent) <= 3000 * seconds
        assert len(sent) >= 300 * seconds  # it does play
        send(" ", 0.5)
        assert send("", 0.5) == b""
