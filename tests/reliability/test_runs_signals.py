"""The screens of runs and control-z: the shell gets its terminal as it was, and fg brings back all of the screen."""

import os
import signal
import time

import pytest
from pseudoterminal import ENTERED, Pseudoterminal

from tests.tui.drawing.terminal_emulator import Terminal

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("command", "shown"), [("attach", "return per episode"), ("watch", "cartpole-dqn-s3")])
def test_control_z_and_back(tmp_path, kept_runs, command, shown):
    (run,) = kept_runs.glob("cartpole-*")
    terminal = Pseudoterminal(tmp_path, command, str(run if command == "attach" else kept_runs), columns=120, rows=40)
    try:
        terminal.read_until(shown.encode())
        terminal.read(1.0)
        terminal.type(b"\x1a")
        patience = time.monotonic() + 5
        while os.waitid(os.P_PID, terminal.process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT) is None:
            assert time.monotonic() < patience
            terminal.read(0.02)
        terminal.read(0.2)
        assert terminal.is_restored()
        before = len(terminal.sent)
        terminal.process.send_signal(signal.SIGCONT)
        terminal.read(3.0)
        again = bytes(terminal.sent[before:])
        assert ENTERED in again
        emulated = Terminal(120, 40)
        emulated.feed(again.decode(errors="ignore"))
        assert shown in "\n".join(emulated.text())  # all of it, on a terminal that has forgotten everything
        assert sum(bool(line.strip()) for line in emulated.text()) > 30
    finally:
        terminal.close()
