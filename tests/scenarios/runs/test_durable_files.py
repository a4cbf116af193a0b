"""Atomic writes, whole appends, sealed JSON and the lock, on a disk that works."""

import hashlib
import json
import os
import subprocess
import sys
import tracemalloc
from contextlib import suppress

import numpy as np
import pytest

from scenarios.runs.files import (
    MAX_JSON_BYTES,
    AppendFile,
    RunError,
    exclusive_lock,
    lock_holder,
    open_regular,
    printable,
    read_bounded,
    read_json,
    remove,
    write_all,
    write_atomic,
    write_json,
)


def test_an_error_is_one_printable_sentence():
    error = RunError("runs/a\x1b[31m\nb\u202e", "is damaged", "delete it")
    assert str(error) == r"runs/a\x1b[31m\nb\u202e is damaged; delete it"
    assert len(printable("x" * 10_000_000)) == 201
    assert printable("größe 猫") == "größe 猫"


def test_a_file_is_replaced_with_the_permissions_of_a_new_file(tmp_path):
    path = tmp_path / "f"
    write_atomic(path, [b"old"])
    write_atomic(path, [b"n", memoryview(b"ew")])
    (tmp_path / "plain").touch()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    assert sorted(os.listdir(tmp_path)) == ["f", "plain"]


def test_content_and_name_are_made_durable_in_this_order(tmp_path, monkeypatch):
    calls = []

    def recorded(name, call):
        return lambda *arguments: calls.append(name) or call(*arguments)

    for name in ("open", "write", "fsync", "close", "replace"):
        monkeypatch.setattr(os, name, recorded(name, getattr(os, name)))
    write_atomic(tmp_path / "f", [b"content"])
    assert calls == ["open", "write", "fsync", "close", "replace", "open", "fsync", "close"]
    calls.clear()
    log = AppendFile(tmp_path / "log")
    log.append(b"record")
    assert calls == ["open", "open", "fsync", "close", "write"]
    log.close()
    assert calls[5:] == ["fsync", "close"]


def test_whatever_interrupts_a_write_leaves_the_old_file_and_no_scratch(tmp_path):
    def chunks():
        yield b"half"
        raise KeyboardInterrupt

    path = tmp_path / "f"
    write_atomic(path, [b"old"])
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, chunks())
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["f"]


@pytest.mark.parametrize("make", [AppendFile, lambda path: write_atomic(path, [b""])])
def test_an_impossible_place_is_named(tmp_path, make):
    with pytest.raises(RunError, match=r"no/such/f cannot be .* .No such file or directory.; check the path"):
        make(tmp_path / "no/such/f")
    with pytest.raises(RunError, match=r"File name too long.; choose a shorter name"):
        make(tmp_path / ("x" * 300))


def test_a_directory_is_not_replaced_by_a_file(tmp_path):
    (tmp_path / "d").mkdir()
    with pytest.raises(RunError, match=r"d cannot be written .Is a directory."):
        write_atomic(tmp_path / "d", [b""])
    assert os.listdir(tmp_path) == ["d"]


def test_a_write_that_takes_a_few_bytes_at_a_time_is_continued(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: write(fd, bytes(data)[:3]))
    write_atomic(tmp_path / "f", [b"0123456789", b"abc"])
    assert (tmp_path / "f").read_bytes() == b"0123456789abc"
    monkeypatch.setattr(os, "write", lambda fd, data: 0)
    with pytest.raises(OSError, match="Input/output error"):
        write_all(1, b"x")


def test_an_interrupted_append_is_cut_off_before_the_next(tmp_path, monkeypatch):
    path = tmp_path / "log"
    file = AppendFile(path)
    file.append(b"one")
    write = os.write

    def interrupted(fd, data):
        write(fd, bytes(data)[:2])
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        file.append(b"two")
    monkeypatch.undo()
    assert path.read_bytes() == b"onetw"
    file.append(b"three")
    file.close()
    assert path.read_bytes() == b"onethree"


def test_an_old_file_is_continued_from_where_it_is_said_to_be_whole(tmp_path):
    path = tmp_path / "log"
    path.write_bytes(b"whole" + b"torn")
    file = AppendFile(path, keep=5)
    assert path.read_bytes() == b"whole"
    file.append(b" again")
    file.sync()
    assert (path.read_bytes(), file.size) == (b"whole again", 11)
    file.close()
    for keep in (12, 10**15):
        with pytest.raises(RunError, match=f"is no file of at least {keep} bytes; restore it"):
            AppendFile(path, keep)
    assert path.read_bytes() == b"whole again"
    AppendFile(tmp_path / "new", keep=0).close()
    with pytest.raises(RunError, match="cannot be created"):
        AppendFile(tmp_path, keep=0)


def test_a_file_is_removed_if_there_is_one(tmp_path, monkeypatch):
    path = tmp_path / "f"
    path.touch()
    remove(path)
    remove(path)
    assert not path.exists()
    with pytest.raises(RunError, match=r"cannot be removed"):
        remove(tmp_path)


def test_what_need_not_be_durable_costs_no_fsync(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr(os, "fsync", calls.append)
    write_json(tmp_path / "f", {"a": 1}, durable=False)
    assert (read_json(tmp_path / "f"), calls) == ({"a": 1}, [])
    assert os.listdir(tmp_path) == ["f"]


def test_reading_is_bounded_and_never_waits(tmp_path):
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    assert read_bounded(path, 5) == b"12345"
    with pytest.raises(RunError, match="has 5 bytes, more than the 4 allowed"):
        read_bounded(path, 4)
    os.mkfifo(tmp_path / "pipe")
    for special in (tmp_path, tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(RunError, match="is not an ordinary file"):
            read_bounded(special, 5)
    with pytest.raises(RunError, match=r"x cannot be read .No such file or directory.; check the path"):
        read_bounded(tmp_path / "x", 5)


def test_a_read_error_inside_the_block_is_named(tmp_path):
    path = tmp_path / "f"
    path.touch()
    with pytest.raises(RunError, match=r"f cannot be read .Input/output error.; check that disk"), open_regular(path):
        raise OSError(5, "Input/output error")


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────

DOCUMENT = {"a": 1, "b": [1.5, None, True], "c": {"text": "ü\n\x1b", "big": 1 << 70}, "sum": 0.1 + 0.2}


def test_json_comes_back_and_is_json_for_others(tmp_path):
    path = tmp_path / "f.json"
    write_json(path, DOCUMENT)
    assert read_json(path) == DOCUMENT
    assert {**json.loads(path.read_text()), "sha256": None} == {**DOCUMENT, "sha256": None}


def test_a_file_of_an_older_version_is_read_and_a_change_to_it_noticed(tmp_path):
    path = tmp_path / "f.json"
    canonical = '{"a":1,"b":"\xfc"}'
    seal = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(f'{{\n "b": "\\u00fc",\n "a": 1,\n "sha256": "{seal}"\n}}\n')
    assert read_json(path) == {"a": 1, "b": "ü"}
    path.write_text(path.read_text().replace("1,", "2,"))
    with pytest.raises(RunError, match="its content does not match its sha256"):
        read_json(path)


def test_every_byte_of_a_document_is_under_its_seal(tmp_path):
    path = tmp_path / "f.json"
    write_json(path, DOCUMENT)
    whole = path.read_bytes()
    for at in range(len(whole)):
        for other in (b" ", b"1", b'"', b"}"):
            path.write_bytes(whole[:at] + other + whole[at + 1 :])
            with suppress(RunError):
                assert read_json(path) == DOCUMENT


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"bytes", np.float32(1), "\ud800"])
def test_what_json_cannot_hold_is_refused_before_writing(tmp_path, value):
    with pytest.raises(RunError, match="cannot hold this as JSON"):
        write_json(tmp_path / "f.json", {"x": [value]})
    assert os.listdir(tmp_path) == []


def test_documents_over_the_limits_are_refused(tmp_path):
    with pytest.raises(RunError, match="would exceed"):
        write_json(tmp_path / "f.json", {"x": "y" * MAX_JSON_BYTES})
    with pytest.raises(RunError, match="would exceed"):
        write_json(tmp_path / "f.json", {"x": [0] * 200_000})


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff\xfe{}",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": "\\ud800"}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' * 50_000,
        b"[" * 90_000,
        b"[" * 2_000_000,
        b'{"a": 1}',
        b'{"a": 1, "sha256": 7}',
    ],
)
def test_hostile_json_is_refused_in_bounded_memory(tmp_path, text):
    path = tmp_path / "f.json"
    path.write_bytes(text)
    tracemalloc.start()
    with pytest.raises(RunError, match=r"f.json (is not valid JSON|is damaged|has more than)"):
        read_json(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


def test_a_nest_of_the_most_items_allowed_stays_small(tmp_path):
    path = tmp_path / "f.json"
    path.write_bytes(b'{"a": [' + b"{}," * 49_000 + b"1]}")
    tracemalloc.start()
    with pytest.raises(RunError, match="is damaged"):
        read_json(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 64 << 20


# ── lock ─────────────────────────────────────────────────────────────────────────────────────────────────

HOLD = """
import sys
from pathlib import Path
from scenarios.runs.files import exclusive_lock
with exclusive_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_second_process_is_told_who_holds_the_lock_and_a_kill_frees_it(tmp_path):
    path = tmp_path / "lock"
    assert lock_holder(path) is None
    command = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout.readline() == b"held\n"
        assert lock_holder(path) == other.pid
        with pytest.raises(RunError, match=f"lock is locked by process {other.pid}; "), exclusive_lock(path):
            pass
        other.kill()
        other.wait()
    assert lock_holder(path) is None
    with exclusive_lock(path):
        assert lock_holder(path) == os.getpid()


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"-5", b"9" * 20])
def test_a_lock_file_of_nonsense_names_nobody(tmp_path, content):
    path = tmp_path / "lock"
    path.write_bytes(content)
    with exclusive_lock(path):
        path.write_bytes(content)
        assert lock_holder(path) == 0
        with pytest.raises(RunError, match="locked by another process"), exclusive_lock(path):
            pass


def test_a_lock_that_cannot_be_made_is_named(tmp_path):
    with pytest.raises(RunError, match=r"cannot be locked .Is a directory."), exclusive_lock(tmp_path):
        pass
