"""`rltop attach` on a terminal: it opens the live screen, and says how the run was left."""

import pytest

from scenarios.runs.directory import Result, write_result
from scenarios.runs.files import exclusive_lock
from tests.tui.live.fake_run import ended, new_run
from tui.__main__ import main


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path))
    return new_run(tmp_path, "cartpole")


@pytest.fixture
def opened(monkeypatch):
    """The paths of the screens that were opened; each is left with the code in `codes`."""
    paths, codes = [], [0]

    def run_live(path, *, ascii=False):
        paths.append((path, ascii))
        return codes[0]

    monkeypatch.setattr("tui.app.run_live", run_live)
    monkeypatch.setattr("tui.terminal.why_no_screen", lambda: None)
    return paths, codes


@pytest.mark.parametrize("code", [0, 130], ids=["left", "interrupted"])
def test_a_run_that_learns_goes_on(run, opened, capsys, code):
    opened[1][0] = code
    with exclusive_lock(run.lock):
        assert main(["attach", run.path.name, "--ascii"]) == 0
    assert opened[0] == [(run.path, True)]
    name = run.path.name
    assert capsys.readouterr().err == f"{name} goes on: `rltop attach` follows it again, `rltop stop` ends it\n"


def test_ascii_may_stand_before_the_command(run, opened):
    write_result(run, Result(**vars(ended("solved"))))
    for arguments in (["--ascii", "attach"], ["attach", "--ascii"], ["attach"]):
        assert main([*arguments, run.path.name]) == 0
    assert opened[0] == [(run.path, True), (run.path, True), (run.path, False)]


def test_one_that_has_ended_says_how(run, opened, capsys):
    write_result(run, Result(**vars(ended("solved"))))
    assert main(["attach", run.path.name]) == 0
    assert capsys.readouterr().out.startswith("solved: DQN on Cart pole")


def test_one_that_has_died_says_how_it_goes_on(run, opened, capsys):
    assert main(["attach", run.path.name]) == 1
    assert "`rltop resume cartpole-dqn-s0-001` begins anew, as there is no checkpoint" in capsys.readouterr().err


def test_a_signal_is_its_exit_code(run, opened, capsys):
    opened[1][0] = 143
    assert main(["attach", run.path.name]) == 143
    assert capsys.readouterr() == ("", "")


def test_plain_opens_nothing(run, opened, capsys):
    write_result(run, Result(**vars(ended("finished"))))
    assert main(["attach", run.path.name, "--plain"]) == 0
    assert not opened[0]
    assert capsys.readouterr().out.startswith("finished: DQN on Cart pole")
