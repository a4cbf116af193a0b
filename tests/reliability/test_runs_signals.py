"""The screens of runs and control-z: the shell gets its terminal as it was, and fg brings back all of the screen."""

import signal

import pytest
from pseudoterminal import ENTERED

from tests.tui.drawing.terminal_emulator import Terminal

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("command", "shown"), [("attach", "return per episode"), ("watch", "cartpole-dqn-s3")])
def test_control_z_and_back(terminal, kept_runs, command, shown):
    (run,) = kept_runs.glob("cartpole-*")
    screen = terminal(command, str(run if command == "attach" else kept_runs), columns=120, rows=40)
    screen.read_until(shown.encode())
    screen.read(1.0)
    screen.suspend()
    assert screen.is_restored()
    before = len(screen.sent)
    screen.process.send_signal(signal.SIGCONT)
    screen.read(3.0)
    again = bytes(screen.sent[before:])
    assert ENTERED in again
    emulated = Terminal(120, 40)
    emulated.feed(again.decode(errors="ignore"))
    assert shown in "\n".join(emulated.text())  # all of it, on a terminal that has forgotten everything
    assert sum(bool(line.strip()) for line in emulated.text()) > 30
