"""What stderr shows of a run."""

import io

import pytest

from scenarios.runs.progress import Progress
from tui.commands import progress as page
from tui.commands.progress import ProgressPrinter, describe, duration, short
from tui.commands.running import describe as conclusion


def learning(seconds=2.0, fault=None):
    return Progress(seconds, 12_300, 500, 0, 0.25, -48.123, None, fault)


def planning():
    return Progress(3.0, 0, 0, 1234, None, None, 1.25e-5, None)


def test_learning_in_one_line():
    assert describe(learning(), lanes=10) == " 25%  50 episodes  6150 steps/s  return -48.12  6.0 s left"


def test_planning_in_one_line():
    assert describe(planning(), lanes=1) == "sweep 1,234  largest change 1.25e-05  3.0 s"


def test_a_plain_line_every_ten_seconds(capsys):
    printer = ProgressPrinter(lanes=10)
    for second in range(35):
        printer(learning(float(second)))
    assert capsys.readouterr().err.count("\n") == 3


def test_a_pause_of_the_metrics_is_said_once(capsys):
    printer = ProgressPrinter(lanes=1)
    for fault in (None, "disk full", "disk full", None, None):
        printer(learning(fault=fault))
    assert capsys.readouterr().err == "metrics paused: disk full\nmetrics are written again\n"


def test_a_stderr_that_has_gone(monkeypatch):
    class Gone(io.StringIO):
        def write(self, text):
            raise BrokenPipeError

    monkeypatch.setattr(page.sys, "stderr", Gone())
    printer = ProgressPrinter(lanes=1)
    printer(learning(100.0))
    printer(learning(200.0))


@pytest.mark.parametrize(
    ("number", "text"), [(7, "7"), (999, "999"), (4372, "4372"), (12_345, "12.3k"), (8_200_000, "8.2M"), (3e9, "3G")]
)
def test_short(number, text):
    assert short(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0031, "3 ms"), (1.84, "1.8 s"), (42.4, "42 s"), (200.2, "3 min 20 s"), (18_750, "5 h 12 min")],
)
def test_duration(seconds, text):
    assert duration(seconds) == text


def test_a_result_says_how_many_there_were():
    found = {
        "scenario": "gridworld",
        "algorithm": "sarsa",
        "lanes": 2,
        "status": "finished",
        "message": None,
        "run": "r",
    }
    found |= {
        "env_steps": 40,
        "episodes": 14,
        "sweeps": None,
        "wall_seconds": 2.0,
        "return_mean": -3.0,
        "eval_mean": -2,
    }
    assert "-3.00  mean of the last 7 episodes" in conclusion(found)
    assert "work    40 steps, 14 episodes, 2.0 s" in conclusion(found)
    assert "mean of the last 100 episodes" in conclusion({**found, "episodes": 900})
    assert "mean of the last episode\n" in conclusion({**found, "episodes": 1})
    planned = {**found, "algorithm": "value-iteration", "env_steps": 0, "episodes": 0, "return_mean": None, "sweeps": 4}
    assert "work    4 sweeps, 2.0 s" in conclusion(planned)
