"""The control file: what clients append, whatever it is, and what the trainer makes of it."""

import json
import os
import time
from itertools import islice

import numpy as np
import pytest

from algorithms.td import TDConfig
from scenarios.configuration import SettingError
from scenarios.experiment import prepare
from scenarios.runs import session
from scenarios.runs.budget import Budget
from scenarios.runs.checkpoint import checkpoints, digest
from scenarios.runs.control import (
    LONGEST_LINE,
    MAX_CONTROL_BYTES,
    Change,
    ChangeLog,
    Command,
    ControlReader,
    changed,
    parse,
    send,
)
from scenarios.runs.files import RunError
from scenarios.runs.learners import learner_of
from scenarios.runs.progress import MAX_LOG_BYTES, read_status
from scenarios.runs.standing import overview
from scenarios.runs.tfevents import EventWriter, read_scalars
from scenarios.runs.training import open_training, train

EVERY = [
    Command("pause"),
    Command("resume"),
    Command("step", n=3),
    Command("stop"),
    Command("checkpoint"),
    Command("evaluate"),
    Command("set", key="alpha", value="0.1"),
]


# ── the file ─────────────────────────────────────────────────────────────────────────────────────────────


def test_every_command_arrives(tmp_path):
    path = tmp_path / "control.jsonl"
    reader = ControlReader(path)
    assert list(reader.poll()) == []
    for command in EVERY:
        send(path, command)
        assert list(reader.poll()) == [command]
        assert list(reader.poll()) == []
    assert list(ControlReader(path).poll()) == EVERY
    assert path.read_text().splitlines()[0] == '{"command": "pause"}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "not a line of JSON"),
        (b"\xff", "not a line of JSON"),
        (b"[" * 1000, "not a line of JSON"),
        (b"9" * 1000, "none of pause"),
        (b"[]", "its command is none of pause, resume, step, stop, checkpoint, evaluate, set"),
        (b'{"command": ["stop"]}', "its command is none of"),
        (b'{"command": "rm -rf"}', "its command is none of"),
        (b'{"command": "stop", "now": true}', "stop takes nothing else"),
        (b'{"command": "step"}', r"step takes n \(int\)"),
        (b'{"command": "step", "n": "3"}', "step takes n"),
        (b'{"command": "step", "n": true}', "step takes n"),
        (b'{"command": "step", "n": 0}', "n must be in"),
        (b'{"command": "step", "n": 1e3}', "step takes n"),
        (b'{"command": "set", "key": "alpha"}', r"set takes key \(str\), value \(str\)"),
        (b'{"command": "set", "key": "alpha", "value": 0.1}', "set takes key"),
    ],
)
def test_anything_else_is_no_command(line, reason):
    with pytest.raises(ValueError, match=reason):
        parse(line)


def test_lines_may_come_in_pieces(tmp_path):
    path = tmp_path / "control.jsonl"
    reader, found = ControlReader(path), []
    whole = b"".join(json.dumps({"command": name}).encode() + b"\n" for name in ("pause", "resume", "stop"))
    with open(path, "wb", buffering=0) as file:
        for byte in whole:
            file.write(bytes([byte]))
            found += reader.poll()
    assert found == [Command("pause"), Command("resume"), Command("stop")]


def test_a_command_after_one_that_was_cut_short_is_not_lost(tmp_path):
    path = tmp_path / "control.jsonl"
    path.write_bytes(b'{"command": "pa')
    send(path, Command("stop"))
    first, second = ControlReader(path).poll()
    assert "is ignored: it is not a line of JSON" in first
    assert second == Command("stop")


def test_a_hostile_file_is_read_in_small_pieces_and_answered_in_short_sentences(tmp_path):
    path, rng = tmp_path / "control.jsonl", np.random.default_rng(4)
    noise = rng.bytes(300_000) + b"\n" + b"x" * 300_000 + b"\n"
    path.write_bytes(noise + b'{"command": "stop"}\n')
    reader, found, polls = ControlReader(path), [], 0
    while reader.offset < path.stat().st_size:
        found += reader.poll()
        polls += 1
    assert polls == -(-path.stat().st_size // (1 << 14))
    assert found[-1] == Command("stop")
    assert all(isinstance(sentence, str) and len(sentence) < 300 and sentence.isprintable() for sentence in found[:-1])
    assert any(f"more than {LONGEST_LINE} bytes" in sentence for sentence in found[:-1])


def test_a_file_that_shrinks_or_is_none_at_all(tmp_path):
    path = tmp_path / "control.jsonl"
    send(path, Command("pause"))
    reader = ControlReader(path)
    assert list(reader.poll()) == [Command("pause")]
    path.write_bytes(b"")
    (sentence,) = reader.poll()
    assert "was cut" in sentence
    send(path, Command("stop"))
    assert list(reader.poll()) == [Command("stop")]
    path.unlink()
    assert list(reader.poll()) == []
    os.mkfifo(path)
    reader = ControlReader(path, offset=5)
    (sentence,) = reader.poll()
    assert "is not an ordinary file" in sentence
    assert list(reader.poll()) == []  # said once


def test_clients_are_told_when_nothing_can_be_said(tmp_path):
    path = tmp_path / "control.jsonl"
    path.write_bytes(bytes(MAX_CONTROL_BYTES))
    with pytest.raises(RunError, match="is no file of less than"):
        send(path, Command("stop"))
    with pytest.raises(RunError, match="cannot be written"):
        send(tmp_path, Command("stop"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RunError, match="is no file of less"):
        send(tmp_path / "pipe", Command("stop"))


# ── settings ─────────────────────────────────────────────────────────────────────────────────────────────


def test_numbers_and_schedules_can_change():
    config = TDConfig()
    assert changed(config, "gamma", "0.9").gamma == 0.9
    assert str(changed(config, "alpha", "linear(1, 0.1, 50)").alpha) == "linear(1, 0.1, 50)"


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("q0", "1", "'q0' cannot be changed while a run learns: alpha, gamma, epsilon can"),
        ("tie_break", "first", "cannot be changed"),
        ("__class__", "int", "cannot be changed"),
        ("\x1b[2J", "1", "cannot be changed"),
        ("gamma", "1.5", r"gamma must be in \[0, 1\], got 1.5"),
        ("gamma", "nan", "gamma must be in"),
        ("alpha", "__import__('os')", "alpha: expected a number, linear"),
    ],
)
def test_other_changes_are_refused_with_a_sentence(key, value, reason):
    with pytest.raises(SettingError, match=reason):
        changed(TDConfig(), key, value)


def test_changes_are_kept_in_the_order_of_their_effect(tmp_path):
    log = ChangeLog(tmp_path / "changes.log")
    assert not log.path.exists()
    for transitions, value in ((100, "0.1"), (50, "0.2"), (100, "0.3")):
        log.record(Change(transitions, "alpha", value))
    log.close()
    with open(log.path, "ab") as file:
        file.write(b"torn")
    again = ChangeLog(log.path)
    assert [change.value for change in again.changes] == ["0.2", "0.1", "0.3"] == [c.value for c in log.changes]
    again.record(Change(7, "gamma", "1"))
    again.close()
    assert len(ChangeLog(log.path).changes) == 4


# ── a run that is told things ────────────────────────────────────────────────────────────────────────────


@pytest.fixture(autouse=True)
def _attentive(monkeypatch):
    monkeypatch.setattr(session, "ATTEND_SECONDS", 0.0)
    monkeypatch.setattr(session, "TELL_SECONDS", 0.0)


EXPERIMENT = prepare("cliffwalking", "q-learning", seed=3, lanes=2)
BUDGET = Budget(steps=400, episodes=100)


class Client:
    """Speaks through the control file after so many events, or so many looks at a run that stands still."""

    def __init__(self, run, **speeches):
        """speeches: at_N=commands, or bytes as they are."""
        self._run = run
        self._speeches = {int(name.removeprefix("at_")): speech for name, speech in speeches.items()}
        self.looks, self.seen = 0, []

    def __call__(self):
        self.looks += 1
        self.seen.append(read_status(self._run.status))
        for speech in self._speeches.get(self.looks, ()):
            if isinstance(speech, bytes):
                with open(self._run.control, "ab") as file:
                    file.write(speech)
            else:
                send(self._run.control, speech)
        return False


def learn(tmp_path, **speeches):
    run = open_training(EXPERIMENT, BUDGET, tmp_path)
    client = Client(run, **speeches)
    return run, train(EXPERIMENT, BUDGET, run, interrupted=client), client


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The digest of the state of a run that nobody talks to."""
    return learn(tmp_path_factory.mktemp("alone"))[1].state_sha256


def test_paused_stepped_and_resumed_it_learns_the_same(tmp_path, alone):
    speeches = {"at_10": [Command("pause")], "at_13": [Command("step", n=5)], "at_22": [Command("resume")]}
    run, result, client = learn(tmp_path, **speeches)
    paused = [said for said in client.seen if said and said.activity == "paused"]
    assert {said.transitions for said in paused} == {10, 15}
    assert {said.process for said in paused} == {os.getpid()}
    assert result.state_sha256 == alone
    assert not run.status.exists()


def test_time_stands_still_while_it_is_paused(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda _, sleep=time.sleep: sleep(0.1))
    for last in ("resume", "stop"):
        began = time.perf_counter()
        _, result, _ = learn(tmp_path, at_10=[Command("pause")], at_15=[Command(last)])
        assert time.perf_counter() - began - result.wall_seconds > 0.4  # it slept four times at least


def test_a_paused_run_has_a_checkpoint_and_says_so(tmp_path):
    seen = []
    run = open_training(EXPERIMENT, BUDGET, tmp_path)
    client = Client(run, at_10=[Command("pause")], at_14=[Command("resume")])

    def look():
        seen.append((overview(run)["status"], [transitions for transitions, _ in checkpoints(run.path)]))
        return client()

    train(EXPERIMENT, BUDGET, run, interrupted=look)
    assert seen[5] == ("running", [])
    assert seen[12] == ("paused", [10])
    assert overview(run)["status"] == "finished"


def test_stopped_it_can_go_on(tmp_path, alone):
    run, result, _ = learn(tmp_path, at_10=[Command("stop"), Command("pause")])
    assert (result.status, result.env_steps) == ("stopped", 20)
    assert overview(run)["status"] == "stopped"
    result = train(EXPERIMENT, BUDGET, run, resume=True)  # the commands of before are not obeyed again
    assert result.state_sha256 == alone


def test_evaluations_and_checkpoints_change_nothing(tmp_path, alone):
    run, result, _ = learn(tmp_path, at_10=[Command("checkpoint")], at_50=[Command("evaluate"), Command("checkpoint")])
    assert result.state_sha256 == alone
    assert [transitions for transitions, _ in checkpoints(run.path)] == [400, 50]
    assert "the greedy policy earns -" in run.log.read_text()
    on_request = read_scalars(run.events)["evaluation/on_request"]
    assert (on_request.steps.tolist(), len(on_request.values)) == ([100], 1)
    assert f"the greedy policy earns {on_request.values[0]:.2f}"[:28] in run.log.read_text()


def test_a_checkpoint_on_request_is_answered(tmp_path, alone):
    run, result, _ = learn(tmp_path, at_10=[Command("checkpoint"), Command("checkpoint")])
    assert result.state_sha256 == alone
    kept, again = run.log.read_text().splitlines()
    assert kept.endswith(f" a checkpoint is kept after 10 updates, {10 * EXPERIMENT.lanes} steps")
    assert again.endswith(" there is a checkpoint of just here")


def test_a_checkpoint_that_cannot_be_kept_is_answered_every_time(tmp_path, alone, monkeypatch):
    def full(path, *_):
        raise RunError(path, "cannot be written", "free space on that disk")

    monkeypatch.setattr("scenarios.runs.keeping.write_checkpoint", full)
    run, result, _ = learn(tmp_path, at_10=[Command("checkpoint")], at_20=[Command("checkpoint")] * 2)
    assert result.state_sha256 == alone
    assert [line[20:33] for line in run.log.read_text().splitlines()[:3]] == ["no checkpoint"] * 3


def test_an_evaluation_on_request_waits_for_a_disk_that_is_full(tmp_path, alone, monkeypatch):
    write, refused = EventWriter.scalars, []

    def full(writer, step, values):
        if "evaluation/on_request" in values and len(refused) < 3:
            refused.append(step)
            raise RunError(tmp_path, "cannot be written", "free space")
        write(writer, step, values)

    monkeypatch.setattr(EventWriter, "scalars", full)
    run, result, _ = learn(tmp_path, at_10=[Command("evaluate")], at_50=[Command("evaluate")])
    assert result.state_sha256 == alone
    assert refused == [20, 20, 20]
    assert read_scalars(run.events)["evaluation/on_request"].steps.tolist() == [20, 100]


def test_an_evaluation_that_fails_is_no_end(tmp_path, alone, monkeypatch):
    monkeypatch.setattr("scenarios.runs.learners.TabularLearner.try_out", lambda _: 1 / 0)
    run, result, _ = learn(tmp_path, at_10=[Command("evaluate")])
    assert result.state_sha256 == alone
    assert "cannot be tried out (ZeroDivisionError" in run.log.read_text()


NONSENSE = [
    b'{"command": "set", "key": "lanes", "value": "7"}\n',
    b'{"command": "set", "key": "gamma", "value": "7"}\n',
    b'{"command": "self-destruct"}\n',
    b"\x00\xff\x1b[2J\n" * 10_000,
    b"x" * 100_000,
]


def test_nonsense_changes_nothing_and_fills_no_disk(tmp_path, alone):
    run, result, _ = learn(tmp_path, at_10=NONSENSE)
    assert result.state_sha256 == alone
    log = run.log.read_text()
    assert "set lanes is ignored: 'lanes' cannot be changed while a run learns" in log
    assert "set gamma is ignored: gamma must be in [0, 1], got 7" in log
    assert "\x1b" not in log
    assert run.log.stat().st_size <= MAX_LOG_BYTES


def reference(changes):
    """The digest of a state that learnt with other settings from given updates on."""
    experiment, state, done = EXPERIMENT, EXPERIMENT.initial_state(), 0
    for at, key, value in [*changes, (BUDGET.steps, None, None)]:
        for _ in islice(experiment.resume(state), at - done):
            pass
        if key:
            experiment = experiment.with_config(changed(experiment.config, key, value))
        done = at
    learner = learner_of(EXPERIMENT, BUDGET)
    learner.state = state
    return digest(learner.dump()["state"])


def test_a_setting_changes_what_is_learnt_from_then_on(tmp_path, alone):
    speeches = {
        "at_30": [Command("set", key="alpha", value="0.1")],
        "at_60": [Command("set", key="epsilon", value="linear(0.5, 0, 9)"), Command("set", key="gamma", value="0.9")],
    }
    run, result, _ = learn(tmp_path, **speeches)
    changes = [(30, "alpha", "0.1"), (60, "epsilon", "linear(0.5, 0, 9)"), (60, "gamma", "0.9")]
    assert result.state_sha256 == reference(changes) != alone
    assert f"alpha is 0.1 after 30 updates, {30 * EXPERIMENT.lanes} steps\n" in run.log.read_text()
    assert [tuple(change) for change in ChangeLog(run.changes).changes] == changes


class Killed(BaseException):
    """As abrupt as a kill: nothing is written any more."""


@pytest.mark.parametrize("killed_at", [25, 30, 31, 59, 61, 200])
def test_a_resumed_run_makes_the_same_changes_at_the_same_places(tmp_path, killed_at):
    run = open_training(EXPERIMENT, BUDGET, tmp_path)
    speeches = {
        "at_20": [Command("checkpoint")],
        "at_30": [Command("set", key="alpha", value="0.1"), Command("checkpoint")],
        "at_60": [Command("set", key="gamma", value="0.9")],
    }
    client = Client(run, **speeches)

    def interrupted():
        if client.looks == killed_at:
            raise Killed
        return client()

    with pytest.raises(Killed):
        train(EXPERIMENT, BUDGET, run, interrupted=interrupted)
    made = [tuple(change) for change in ChangeLog(run.changes).changes]
    assert len(made) == (killed_at >= 30) + (killed_at >= 60)
    result = train(EXPERIMENT, BUDGET, run, resume=True)
    assert result.state_sha256 == reference(made)


def test_a_change_that_is_lost_is_noticed(tmp_path):
    run, _, _ = learn(tmp_path, at_30=[Command("set", key="alpha", value="0.1")], at_40=[Command("stop")])
    run.changes.unlink()
    with pytest.raises(RunError, match=r"changes\.log has lost one of 1 changes"):
        train(EXPERIMENT, BUDGET, run, resume=True)


def test_a_change_that_cannot_be_recorded_is_not_made(tmp_path, alone, monkeypatch):
    def full(self, change):
        raise RunError(self.path, "cannot be written", "free space on that disk")

    monkeypatch.setattr(ChangeLog, "record", full)
    run, result, _ = learn(tmp_path, at_30=[Command("set", key="alpha", value="0.1")])
    assert result.state_sha256 == alone
    assert "set alpha is ignored: " in run.log.read_text()
