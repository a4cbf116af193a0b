"""Checkpoints: a whole run comes back to the bit, and what a crafted file asks for is refused with a sentence."""

import hashlib
import io
import itertools
import json
import math
import pickle
import time
import tracemalloc
import zipfile

import numpy as np
import pytest

from engine.randomness import generator
from scenarios.experiment import prepare_run
from scenarios.runs import checkpoint
from scenarios.runs.budget import budget_for
from scenarios.runs.checkpoint import (
    MAX_CHECKPOINT_BYTES,
    checkpoints,
    digest,
    read_checkpoint,
    write_checkpoint,
)
from scenarios.runs.files import RunError
from scenarios.runs.learners import learner_of

IDENTITY = {"scenario": "cliffwalking", "seed": 3, "config": {"alpha": "0.5"}}
EVERY_KIND = [
    ("cliffwalking", "q-learning", 3),
    ("frozenlake", "double-q-learning", 2),
    ("taxi", "sarsa", 1),
    ("taxi", "value-iteration", 1),
    ("gridworld", "policy-iteration", 1),
    ("cartpole", "dqn", 1),
]


def tree():
    """A small one with everything in it that may be."""
    rng = generator(5)
    return {
        "state": {"q": rng.normal(size=(3, 2)), "w": np.arange(4, dtype=np.float32), "rng": rng.bit_generator.state},
        "count": 7,
        "done": False,
        "name": "größe",
        "share": 0.1,
        "mean": 2.5,
        "rows": np.arange(6.0).reshape(3, 2),
        "taken": [np.arange(3), np.zeros(0, np.int64)],
        "points": [(3, {"loss/value": 0.1})],
        "best": {"0.weight": np.ones((2, 2), np.float32)},
    }


def fresh():
    """The same, freshly begun."""
    return {
        "state": {"q": np.zeros((3, 2)), "w": np.zeros(4, np.float32), "rng": generator(0).bit_generator.state},
        "count": 0,
        "done": True,
        "name": "",
        "share": 0.0,
        "mean": None,
        "rows": np.zeros((0, 2)),
        "taken": [np.zeros(0, np.int64), np.zeros(0, np.int64)],
        "points": [],
        "best": {},
    }


def written(tmp_path, changes=None):
    path = tmp_path / "checkpoint-7.npz"
    write_checkpoint(path, IDENTITY, {**tree(), **(changes or {})})
    return path


# ── what is stored comes back ────────────────────────────────────────────────────────────────────────────


def test_everything_comes_back_bit_for_bit(tmp_path):
    path = written(tmp_path)
    found = read_checkpoint(path, IDENTITY, fresh())
    assert digest(found) == digest(tree())
    assert found["state"]["rng"] == tree()["state"]["rng"]
    assert found["points"] == [[3, {"loss/value": 0.1}]]
    assert type(found["count"]) is int
    assert found["best"]["0.weight"].dtype == np.float32
    assert not found["state"]["q"].flags.writeable
    assert digest({**found, "share": math.nextafter(0.1, 1)}) != digest(found)
    assert digest({**found, "rows": found["rows"].reshape(2, 3)}) != digest(found)


def test_numpy_opens_it(tmp_path):
    with np.load(written(tmp_path), allow_pickle=False) as loaded:
        assert loaded["state/q"].tolist() == tree()["state"]["q"].tolist()
        assert json.loads(loaded["document"].tobytes())["identity"] == IDENTITY


@pytest.mark.parametrize(("scenario", "algorithm", "lanes"), EVERY_KIND)
def test_every_kind_of_learner_goes_on_bit_for_bit(tmp_path, scenario, algorithm, lanes):
    settings = {"learning_starts": "100", "evaluate_every": "150", "evaluate_episodes": "2"} if lanes == 1 else {}
    experiment = prepare_run(scenario, algorithm, settings if algorithm == "dqn" else {}, seed=3, lanes=lanes)
    budget = budget_for(experiment)[0]
    learner, other = learner_of(experiment, budget), learner_of(experiment, budget)
    template, events, path = other.dump(), learner.events(), tmp_path / "checkpoint-1.npz"
    for cut in (0, 1, 37, 300):
        for event in itertools.islice(events, cut):
            learner.take_in(event)
        write_checkpoint(path, {}, {"learner": learner.dump()})
        other.load(read_checkpoint(path, {}, {"learner": template})["learner"])
        again = other.events()
        for event in itertools.islice(events, 40):
            learner.take_in(event)
        for event in itertools.islice(again, 40):
            other.take_in(event)
        assert digest(other.dump()) == digest(learner.dump())


def test_the_newest_comes_first(tmp_path):
    for name in ("checkpoint-9.npz", "checkpoint-10.npz", "checkpoint-x.npz", "checkpoint-1.npz.tmp", "best.npz"):
        (tmp_path / name).touch()
    (tmp_path / f"checkpoint-{'9' * 30}.npz").touch()
    assert [transitions for transitions, _ in checkpoints(tmp_path)] == [10, 9]
    with pytest.raises(RunError, match="cannot be listed"):
        checkpoints(tmp_path / "nowhere")


# ── what cannot be stored ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ({"x": np.array([None])}, "x is an array of dtype"),
        ({"x": np.zeros(2, "<M8[s]")}, "x is an array of dtype"),
        ({"x": np.float32(1)}, "x is a float32, which a checkpoint cannot hold"),
        ({"x": {1: 2}}, "the keys of x must be text"),
        ({"x": {"@": 2}}, "the keys of x must be text"),
        ({"x": {"a/b": np.zeros(1), "a": {"b": np.zeros(1)}}}, "each once"),
        ({"x": object()}, "x is a object"),
    ],
)
def test_what_no_reader_could_take_back_is_a_mistake(tmp_path, part, what):
    with pytest.raises(TypeError, match=what):
        written(tmp_path, part)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_state_that_is_not_finite_leaves_the_older_checkpoint(tmp_path, bad):
    path = written(tmp_path)
    before = path.read_bytes()
    for part in ({"rows": np.full((1, 2), bad)}, {"share": bad}, {"best": {"w": np.array([bad], np.float32)}}):
        with pytest.raises(RunError, match=r"cannot be written \(.*\); the older one is kept"):
            written(tmp_path, part)
    assert path.read_bytes() == before


def test_episodes_that_have_not_ended_may_be_nan(tmp_path):
    path = tmp_path / "checkpoint-1.npz"
    log = {"learner": {"log": {"returns": np.array([1.0, math.nan])}}}
    write_checkpoint(path, {}, log)
    found = read_checkpoint(path, {}, {"learner": {"log": {"returns": np.zeros(0)}}})
    assert np.isnan(found["learner"]["log"]["returns"]).tolist() == [False, True]


def test_more_than_a_file_may_hold_is_refused_before_it_is_written(tmp_path):
    huge = np.broadcast_to(np.float64(0), (MAX_CHECKPOINT_BYTES // 8,))
    with pytest.raises(RunError, match=f"of at most {MAX_CHECKPOINT_BYTES}"):
        written(tmp_path, {"rows": huge})


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────


def refused(path, reason, template=None):
    """The file is refused with one sentence, at once and without taking memory."""
    seconds = []
    for _ in range(2):
        began = time.perf_counter()
        with pytest.raises(RunError, match=reason) as error:
            read_checkpoint(path, IDENTITY, template or fresh())
        seconds.append(time.perf_counter() - began)
    tracemalloc.start()
    with pytest.raises(RunError):
        read_checkpoint(path, IDENTITY, template or fresh())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "\n" not in str(error.value)
    assert min(seconds) < 0.1
    assert peak < 64 << 20


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": {**tree()["state"], "q": np.zeros((3, 3))}}, r"state/q is <f8 \(3, 3\), allowed is <f8 \(3, 2\)"),
        ({"state": {**tree()["state"], "q": np.zeros((3, 2), np.float32)}}, "state/q is <f4"),
        ({"state": {**tree()["state"], "q": [1.0]}}, "state/q is not an array"),
        ({"state": {**tree()["state"], "extra": np.zeros(1)}}, "holds state/extra.npy"),
        ({"state": {**tree()["state"], "extra": 1}}, "the keys of state are not q, w, rng"),
        ({"rows": np.zeros((4, 3))}, r"rows is <f8 \(4, 3\), allowed is <f8 \('any', 2\)"),
        ({"rows": np.zeros(4)}, "rows is"),
        ({"count": "7"}, "count is not of the type int"),
        ({"count": True}, "count is not of the type int"),
        ({"count": 1 << 70}, "count is no number of 64 bits"),
        ({"done": 0}, "done is not of the type bool"),
        ({"share": 1}, "share is not of the type float"),
        ({"points": {}}, "points is not of the type list"),
        ({"taken": [np.arange(3)]}, "taken is not a list of 2"),
        ({"best": [1]}, "best is not of the type dict"),
    ],
)
def test_what_does_not_have_the_form_of_this_run_is_refused(tmp_path, changes, reason):
    refused(sealed_with(tmp_path, changes=changes), reason)


@pytest.mark.parametrize(
    ("rng", "reason"),
    [
        ({"state": {"state": 0, "inc": 0}}, "odd"),
        ({"state": {"state": 1 << 128, "inc": 1}}, "out of range"),
        ({"state": {"state": -1, "inc": 1}}, "out of range"),
        ({"state": {"state": 1.0, "inc": 1}}, "integers"),
        ({"state": None}, "not the state of a generator"),
        ({"bit_generator": "MT19937"}, "must be 'PCG64'"),
        ({"has_uint32": 2}, "out of range"),
        ({"more": 1}, "unknown keys"),
    ],
)
def test_a_made_up_generator_is_refused(tmp_path, rng, reason):
    state = {**tree()["state"], "rng": {**tree()["state"]["rng"], **rng}}
    path = sealed_with(tmp_path, changes={"state": state})
    refused(path, f"state/rng is not the state of a generator .*{reason}|{reason}")


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ({"seed": 4}, "belongs to another run: its seed is not that of run.json"),
        ({"scenario": "taxi"}, "its scenario is not"),
        ({"config": {"alpha": "0.4"}}, "its config is not"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(tmp_path, identity, reason):
    path = tmp_path / "checkpoint-7.npz"
    write_checkpoint(path, {**IDENTITY, **identity}, tree())
    refused(path, reason)


def members_of(changes=None):
    """The document and the arrays of a good checkpoint, to be tampered with."""
    arrays: dict[str, np.ndarray] = {}
    plain = checkpoint._plain({**tree(), **(changes or {})}, "", arrays)
    document = {"format": 1, "identity": IDENTITY, "tree": plain}
    return document, {f"{name}.npy": npy(array) for name, array in arrays.items()}


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


def sealed_with(tmp_path, document=None, members=None, changes=None, compression=zipfile.ZIP_STORED):
    """A checkpoint with some of its members exchanged, whose checksum is right."""
    good, arrays = members_of(changes)
    text = document if isinstance(document, bytes) else json.dumps({**good, **(document or {})}).encode()
    arrays = {"document.npy": npy(np.frombuffer(text, np.uint8)), **arrays, **(members or {})}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, data in arrays.items():
            if data is not None:
                made.writestr(name, data)
        made.comment = bytes(64)
    content = buffer.getvalue()[:-64]
    path = tmp_path / "checkpoint-7.npz"
    path.write_bytes(content + hashlib.sha256(content).hexdigest().encode())
    return path


def test_the_tampered_ones_would_be_good_but_for_what_is_tampered_with(tmp_path):
    assert digest(read_checkpoint(sealed_with(tmp_path), IDENTITY, fresh())) == digest(tree())


Q = npy(np.zeros((3, 2)))


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"state/q.npy": npy(np.array([[{}]], object), allow_pickle=True)}, r"dtype \|O"),
        ({"state/q.npy": pickle.dumps([1])}, "not a plain .npy"),
        ({"state/q.npy": Q.replace(b"(3, 2), }        ", b"(9999999, 9999999), }")}, "not a plain|does not fit"),
        ({"state/q.npy": Q.replace(b"(3, 2), }", b"(3, 1), }")}, "does not fit its bytes"),
        ({"state/q.npy": Q.replace(b"<f8", b">f8")}, "dtype >f8"),
        ({"state/q.npy": npy(np.full((3, 2), np.nan))}, "state/q holds NaN or infinity"),
        ({"state/w.npy": npy(np.array([0, 1, 2, -np.inf], np.float32))}, "state/w holds NaN"),
        ({"best/0.weight.npy": npy(np.full((2, 2), np.nan, np.float32))}, "best/0.weight holds NaN"),
        ({"state/q.npy": None}, "state/q is not an array"),
        ({"../state/q.npy": Q}, r"holds \.\./state/q\.npy"),
        ({"best/../../etc.npy": Q}, r"holds best/\.\./\.\./etc\.npy"),
        ({"/etc/passwd.npy": Q}, "holds /etc/passwd.npy"),
        ({"state/q": Q}, "holds state/q,"),
        ({"best/more.npy": Q}, "nothing refers to its best/more"),
        ({"document.npy": None}, "not a line of JSON|Expecting value"),
        ({"document.npy": npy(np.zeros(9))}, "is no valid checkpoint"),
    ],
)
def test_tampered_members_are_refused(tmp_path, members, reason):
    refused(sealed_with(tmp_path, members=members), reason)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "Expecting value"),
        (b"\xff\xfe", "codec"),
        (b"[" * 90_000, "recursion|Recursion|Expecting"),
        (b"[" * 200_000, "items"),
        (b"{}", "has not the keys format, identity, tree"),
        ({"format": 2}, "has format 2, this rltop reads 1"),
        ({"identity": None}, "belongs to another run"),
        ({"tree": None}, "the keys of its tree are not"),
        ({"tree": {"@": "array"}}, "the keys of its tree are not"),
        ({"more": 1}, "has not the keys"),
        (json.dumps({"format": 1, "identity": IDENTITY, "tree": 1}).encode()[:-1] + b"9" * 5000 + b"}", "digits|keys"),
    ],
)
def test_tampered_documents_are_refused(tmp_path, document, reason):
    refused(sealed_with(tmp_path, document), reason)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_bomb_is_not_inflated(tmp_path, compression):
    path = sealed_with(tmp_path, members={"rows.npy": bytes(30_000_000)}, compression=compression)
    assert path.stat().st_size < 1 << 20
    refused(path, "is compressed")


def test_a_file_of_a_terabyte_is_not_read(tmp_path):
    path = tmp_path / "checkpoint-7.npz"
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    refused(path, "has 1099511627776 bytes, more than")


def test_what_is_no_file_is_refused(tmp_path):
    refused(tmp_path / "nothing.npz", "No such file")
    refused(tmp_path, "is not an ordinary file")
