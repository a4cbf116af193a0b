"""A real training over a line: how much is sent, and what a slow line does to it. Minutes, so before a release."""

import os
import select
import time

import pytest
from pseudoterminal import Pseudoterminal

from scenarios.experiment import prepare_run
from scenarios.runs.budget import budget_for
from scenarios.runs.control import Command, send
from scenarios.runs.trainer import start, wait
from scenarios.runs.training import open_training

pytestmark = pytest.mark.slow

SECONDS = 6.0
SLOW = 9_600  # bytes a second


@pytest.fixture
def lander(tmp_path):
    """A lander that learns."""
    experiment = prepare_run("lunarlander", "ppo", {"workers": 0}, seed=1)
    run = open_training(experiment, budget_for(experiment)[0], tmp_path / "runs")
    start(run)
    yield run
    if not run.result.exists():
        send(run.control, Command("stop"))
        assert wait(run, 60)


class SlowTerminal(Pseudoterminal):
    """A terminal that takes only so many bytes a second."""

    def read(self, seconds: float) -> bytes:
        """What arrives within so many seconds, at the rate of the line."""
        start, began, taken = len(self.sent), time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            room = int(passed * SLOW) - taken
            if room > 0 and select.select([self.master], [], [], 0.01)[0]:
                data = os.read(self.master, room)
                self.sent += data
                taken += len(data)
            else:
                time.sleep(0.005)
        return bytes(self.sent[start:])

    def seconds_until(self, text: bytes) -> float:
        """How long it takes until a text arrives that has not yet."""
        before, began = len(self.sent), time.monotonic()
        while text not in self.sent[before:]:
            assert time.monotonic() < began + 20, bytes(self.sent[-2000:])
            self.read(0.02)
        return time.monotonic() - began


def watch(kind, tmp_path, run):
    """The live screen of a run at 150x42, once its environment moves."""
    terminal = kind(tmp_path, "attach", str(run.path), columns=150, rows=42, COLORTERM="truecolor")
    terminal.read_until(b"recorded episode", seconds=60)
    terminal.read(2.0)
    return terminal


def test_bytes_of_a_real_training(tmp_path, lander, record_property):
    terminal = watch(Pseudoterminal, tmp_path, lander)
    try:
        moving = len(terminal.read(SECONDS)) / SECONDS
        terminal.type(b"f")  # freeze the animation
        terminal.read(1.0)
        charts = len(terminal.read(SECONDS)) / SECONDS
        send(lander.control, Command("stop"))
        assert wait(lander, 60)
        terminal.settle(1.5, 60.0)
        idle = len(terminal.read(3.0))
        record_property("bytes_a_second", (round(moving), round(charts), idle))
        print(f"bytes a second: {moving:.0f} moving, {charts:.0f} charts only, {idle} at rest")
        assert 300 < moving <= 8_000
        assert 30 < charts <= 3_000
        assert idle == 0
    finally:
        terminal.close()


def test_a_slow_line_stays_usable(tmp_path, lander, record_property):
    """Keys take effect while the lander moves; what is shown is never older than a second."""
    terminal = watch(SlowTerminal, tmp_path, lander)
    try:
        terminal.read(3.0)
        waits = []
        for key, wanted in (
            (b"?", b"Keys"),
            (b"\x1b", b"recorded episode"),
            (b"?", b"Keys"),
            (b"\x1b", b"recorded episode"),
        ):
            terminal.type(key)
            waits.append(terminal.seconds_until(wanted))
            terminal.read(3.0)
        send(lander.control, Command("pause"))
        terminal.read(2.0)
        terminal.type(b"\x03")
        began = time.monotonic()
        while terminal.process.poll() is None:
            terminal.read(0.02)
            assert time.monotonic() < began + 10
        print("seconds from key to text:", [round(wait, 2) for wait in waits])
        record_property("key_seconds", waits)
        assert max(waits) <= 1.5
    finally:
        send(lander.control, Command("resume"))
        terminal.close()
