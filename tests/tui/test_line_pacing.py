"""What a screen may send: within its budgets, in its turn, and never behind output that waits."""

import os
import pty
import select
import tty
from contextlib import suppress
from itertools import count
from queue import Queue
from types import SimpleNamespace

import pytest

from tui.drawing.cells import Cells, changes, estimated_bytes
from tui.drawing.theme import make_theme
from tui.pacing import (
    CROWDED_PACE,
    FRAMES,
    RATES,
    ByteBudget,
    Crowd,
    LinePacer,
    run_and_waited,
    waiting_bytes,
    waiting_writes,
)

THEME = make_theme()
FAR = {"SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}


def pacer(environ=None, writer=None, clock=lambda: (1, 0)):
    app = SimpleNamespace(_driver=SimpleNamespace(_writer_thread=writer))
    return LinePacer(app, environ or {}, clock)


def paint(pacer, moving, size, seconds=10, begin=0.0, ticks=64):
    """How many paintings of so many bytes are let through, asked so many times a second."""
    painted = 0
    for tick in range(seconds * ticks):
        if pacer.may_paint(begin + tick / ticks, moving):
            pacer.sent(size, moving)
            painted += 1
    return painted


def test_the_estimate_counts_what_changed():
    before = Cells(80, 24)
    after = Cells(80, 24)
    assert estimated_bytes(after, changes(before, after)) == 0
    after.put(3, 10, "x")
    assert 10 < estimated_bytes(after, changes(before, after)) < 60
    after.fill(0, 0, 80, 24, THEME.style(bg=(1, 2, 3)))
    assert estimated_bytes(after, changes(before, after)) > 1900


def test_a_debt_is_waited_for_and_little_is_saved():
    budget = ByteBudget()
    assert not budget.allows
    budget.earn(100.0, 1000.0)
    assert budget.left == 250.0
    budget.spend(1250.0)
    budget.earn(1.0, 1000.0)
    assert not budget.allows
    budget.earn(0.001, 1000.0)
    assert budget.allows


def test_small_frames_come_at_the_full_rate_and_large_ones_within_the_budget():
    assert paint(pacer(), True, 10) == pytest.approx(10 * FRAMES, abs=2)
    for moving, rate in RATES.items():
        assert paint(pacer(), moving, 1000) * 1000 == pytest.approx(10 * rate, rel=0.05, abs=1500)


def test_over_ssh_about_half():
    assert paint(pacer(FAR), True, 10) == pytest.approx(5 * FRAMES, abs=2)
    assert paint(pacer(FAR), False, 500) * 500 == pytest.approx(5 * RATES[False], abs=1000)


def waits(share):
    """The clock of a thread that runs 10 ms whenever it is asked, and waits a share of that for a core."""
    times = count(1)
    return lambda: (int(1e7) * (number := next(times)), int(share * 1e7 * number))


def test_where_others_want_the_cores_a_quarter_as_many_frames():
    assert paint(pacer(clock=waits(0.5)), True, 10) == pytest.approx(10 * FRAMES * CROWDED_PACE, abs=2)
    assert paint(pacer(FAR, clock=waits(0.5)), True, 10) == pytest.approx(10 * FRAMES * CROWDED_PACE, abs=2)
    assert paint(pacer(clock=waits(0.05)), True, 10) == pytest.approx(10 * FRAMES, abs=2)


def test_a_crowd_comes_and_goes():
    clock = [0, 0]
    crowd, seen = Crowd(lambda: tuple(clock)), []
    for second, waited in enumerate([0, 0, 8, 8, 8, 8, 0, 0, 0, 0]):
        clock[0], clock[1] = clock[0] + 10, clock[1] + waited
        seen.append(crowd.is_there(float(second)))
    assert seen == [False] * 2 + [True] * 6 + [False] * 2


def test_the_clock_of_this_thread_runs():
    before = run_and_waited()
    sum(range(1_000_000))
    after = run_and_waited()
    assert after == before == (1, 0) or after[0] > before[0]


def test_what_moves_and_what_is_read_do_not_take_each_others_bytes():
    one = pacer()
    assert one.may_paint(0.0, True)
    one.sent(1e6, True)
    assert one.may_paint(0.0, False)
    assert not one.may_paint(1.0, True)


def test_time_that_goes_back_pays_nothing():
    one = pacer()
    assert one.may_paint(10.0, False)
    one.sent(5000, False)
    assert not any(one.may_paint(now, False) for now in (9.0, 10.0, 9.0, 10.0, 9.0, 10.0))


def fill(fd):
    """Write until nothing more is taken: a terminal that is full may take some more a moment later."""
    os.set_blocking(fd, False)
    while select.select([], [fd], [], 0.2)[1]:
        with suppress(BlockingIOError):
            os.write(fd, bytes(4096))


def drain(ours, theirs):
    """Read until there is room again."""
    while not select.select([], [theirs], [], 0)[1]:
        os.read(ours, 65536)


def test_frames_are_dropped_while_output_waits():
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    try:
        queue = Queue()
        one = pacer(writer=SimpleNamespace(_queue=queue, fileno=lambda: theirs))
        assert one.backlog == 0
        assert one.may_paint(0.0, True)
        queue.put("fünf!")
        queue.put(None)  # how the writer is told to end
        assert waiting_writes(queue) == one.backlog == 5
        assert not one.may_paint(1.0, True)
        queue.get()
        assert one.may_paint(2.0, True)
        fill(theirs)
        assert waiting_bytes(theirs) == one.backlog > 0
        assert not one.may_paint(3.0, True)
        drain(ours, theirs)
        assert one.may_paint(4.0, True)
    finally:
        os.close(ours)
        os.close(theirs)
    assert waiting_bytes(theirs) == 0
