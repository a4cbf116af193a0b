"""Every input that cannot be used: one sentence on stderr that says what to do, exit code 2, nothing on stdout."""

import os

import pytest

from tui.__main__ import main

MAPS = {
    "ragged": 'map = """\nS . .\n. +1\n"""',
    "nostart": 'map = """\n. . +1\n"""',
    "symbol": 'map = """\nS X +1\n"""',
    "invalid": "map = [",
    "unknown": 'map = """\nS +1\n"""\nnoisy = 1',
    "range": 'map = """\nS +1\n"""\nnoise = 3',
    "fine": 'map = """\nS +1\n"""',
}

REFUSED = [
    # names
    ("train clifwalking", "did you mean 'cliffwalking'"),
    ("train xyz", "the scenarios are gridworld, cliffwalking"),
    ("list taxis", "did you mean 'taxi'"),
    ("learn clifwalking", "did you mean 'cliffwalking'"),
    ("train cliffwalking --algorithm qlearning", "choose one of"),
    ("train cliffwalking --set alfa=1", "did you mean 'alpha'"),
    ("train cliffwalking --set max_sweeps=3", "did you mean 'max_steps'"),
    ("world windi", "did you mean windy"),
    # values
    ("train cliffwalking --set alpha=2", "alpha must be in (0, 1], got 2"),
    ("train cliffwalking --set alpha=much", "alpha: expected a number, linear("),
    ("train cliffwalking --set epsilon=-1", "epsilon must be in [0, 1], got -1"),
    ("train cliffwalking --set gamma=1.5", "gamma must be in [0, 1], got 1.5"),
    ("train cliffwalking --set gamma=nan", "gamma must be in [0, 1], got nan"),
    ("train cliffwalking --set gamma", "must be KEY=VALUE"),
    ("train cliffwalking --set tie_break=last", "one of first, random"),
    ("train cliffwalking --lanes 0", "--lanes: must be a whole number in [1, 10000], got '0'"),
    ("train cliffwalking --lanes many", "got 'many'"),
    ("train cliffwalking --episodes 0", "--episodes: must be a whole number"),
    ("train cliffwalking --steps 0", "--steps: must be a whole number"),
    ("train cliffwalking --seed -1", "--seed: must be a whole number in [0,"),
    ("train cliffwalking --seed abc", "got 'abc'"),
    ("train cliffwalking --seed 9223372036854775808", "--seed: must be a whole number"),
    ("train gridworld --algorithm value-iteration --steps 5", "max_sweeps=N"),
    ("train gridworld --algorithm value-iteration --episodes 5", "max_sweeps=N"),
    ("train gridworld --set max_sweeps=-1", "max_sweeps must be"),
    ("train cliffwalking --lanes 10000 --episodes 1000000", "more than one run can keep"),
    # worlds
    ("train gridworld --world ragged.toml", "row 1 of the map has 2 cells but row 0 has 3"),
    ("train gridworld --world nostart.toml", "the map has no start: mark at least one cell with S"),
    ("train gridworld --world symbol.toml", "unknown symbol 'X' in row 0, column 1"),
    ("train gridworld --world invalid.toml", "invalid TOML"),
    ("train gridworld --world unknown.toml", "did you mean 'noise'"),
    ("train gridworld --world range.toml", "noise must be a number in [0, 1], got 3"),
    ("train gridworld --world missing.toml", "there is no world file missing.toml"),
    ("train gridworld --world folder", "is a directory"),
    ("train gridworld --world binary.toml", "is not text"),
    ("train gridworld --world huge.toml", "at most 1,000,000 cells"),
    ("learn gridworld --world ragged.toml", "row 1 of the map"),
    ("train cliffwalking --world fine.toml", "--world is for gridworld"),
    # places
    ("train cliffwalking --runs a_file", "cannot hold a new run"),
    ("train cliffwalking --runs a_file/below", "cannot hold a new run"),
    ("train cliffwalking --runs /proc/here", "cannot hold a new run"),
    ("ls --runs a_file", "cannot be listed"),
    ("inspect nowhere", "`rltop ls` lists the runs there are"),
    ("inspect folder", "is neither a run under"),
    ("ls algoritm=ppo", "did you mean algorithm?"),
    ("ls --sort sed", "did you mean seed?"),
    ("ls status=runing", "there is no status 'runing': they are running, paused, waiting, dead, solved,"),
    ("watch --once --filter status=runing", "there is no status 'runing': they are running,"),
    ("ls lr>fast", "lr> needs one number"),
    ("export nowhere --csv x.csv", "is neither a run under"),
    # the command line itself
    ("trian", "there is no command 'trian': did you mean train?"),
    ("help", "the commands are list, learn, train"),
    ("--bogus", "no option '--bogus'"),
    ("train", "required: SCENARIO; see rltop train --help"),
    ("train cliffwalking again", "no further argument 'again'"),
    ("train cliffwalking --episode 5", "did you mean --episodes?"),
    ("train cliffwalking --seed", "expected one argument"),
    ("train cliffwalking --json=yes", "see rltop train --help"),
    ("inspect", "required: RUN"),
    ("export run", "name a file to write: --csv FILE"),
    ("completion ksh", "one of bash, zsh, fish"),
    # no terminal
    ("", "terminal"),
    ("learn cliffwalking", "terminal"),
    ("learn cliffwalking --algorithm sarsa,q-learning,sarsa", "got 3"),
    ("learn cliffwalking --algorithm sarsa,nothing", "choose one of"),
    # the lesson of the engine
    ("learn cartpole --algorithm dqn", "terminal"),
    ("learn cartpole --algorithm dqn,ppo", "shows one algorithm, got dqn, ppo"),
    ("learn cartpole --set updates=0", "updates must be in"),
    ("learn --env Nowhere-v0", "there is no environment 'Nowhere-v0'"),
    ("learn cartpole --env CartPole-v1", "not both"),
    ("learn", "SCENARIO"),
    ("learn autodiff", "terminal"),
    ("learn autodiff x*x with x=2", "terminal"),
    ("learn autodiff x* with x=2", "something is missing behind *, at character 2"),
    ("learn autodiff --seed 3", "autodiff has no --seed: it takes an expression"),
    ("learn autodiff --set alpha=1", "autodiff has no --set"),
    ("learn cliffwalking x**2", "no further argument 'x**2'"),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    for name, text in MAPS.items():
        (tmp_path / f"{name}.toml").write_text(text)
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    (tmp_path / "folder").mkdir()
    (tmp_path / "a_file").touch()
    monkeypatch.setenv("RLTOP_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def _huge(tmp_path):
    row = " ".join("." * 10_000) + "\n"
    with open(tmp_path / "huge.toml", "w") as file:
        file.write('map = """\nS ' + row[2:])
        file.writelines([row] * 9_999)
        file.write('"""\n')
    yield
    (tmp_path / "huge.toml").unlink()


def check_refused(capsys, arguments, hint):
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("rltop: ")
    assert err.count("\n") == 1
    assert hint in err
    assert "Traceback" not in err
    assert not os.path.exists("runs")


@pytest.mark.usefixtures("_huge")
@pytest.mark.parametrize(("line", "hint"), [pair for pair in REFUSED if "huge" in pair[0]])
def test_refused_because_it_is_too_large(capsys, line, hint):
    check_refused(capsys, line.split(), hint)


@pytest.mark.parametrize(("line", "hint"), [pair for pair in REFUSED if "huge" not in pair[0]])
def test_refused(capsys, line, hint):
    check_refused(capsys, line.split(), hint)


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "\x1b[31mred"],
        ["train", "gridworld", "--world", "a\nb\x1b]0;title\x07"],
        ["inspect", "\x1b[2J"],
        ["\x1b[2J"],
        ["train", "cliffwalking", "--set", "\x9b31m=1"],
        ["train", "cliffwalking", "--seed", "\u202e1"],
        ["inspect", "a\0b"],
        ["train", "x" * 5000],
        ["train", "gridworld", "--runs", ""],
        [""],
    ],
)
def test_what_is_quoted_cannot_steer_the_terminal(capsys, arguments):
    assert main(arguments) == 2
    _, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert len(err) < 1200
    assert err[:-1].isprintable()
