"""What is remembered, and that nothing in the file can do harm."""

import json
import math
import os
import random

import pytest

from tui.memory import MOST_BYTES, Memory, ViewMemory, keep, recall

FULL = Memory(
    scenario="taxi",
    algorithms=("sarsa", "q-learning"),
    settings={"alpha": "0.1", "is_rainy": "true"},
    seed=2**63 - 1,
    theme="rltop-light",
    view=ViewMemory(layer="policy", speed=0.0, metric="length"),
    screens={"live": {"smoothing": 0.9, "axis": "steps", "log": True, "pane": 2}, "monitor": {}},
)


def test_what_is_kept_is_recalled(tmp_path):
    path = tmp_path / "new" / "folder" / "memory.json"
    assert keep(FULL, path)
    assert recall(path) == FULL
    assert [file.name for file in path.parent.iterdir()] == ["memory.json"]


def test_nothing_is_remembered_at_first(tmp_path):
    assert recall(tmp_path / "memory.json") == Memory()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("scenario", 3),
        ("scenario", "x" * 201),
        ("scenario", "a\x1b[31m"),
        ("algorithms", "sarsa"),
        ("algorithms", ["a", "b", "c"]),
        ("algorithms", [["a"]]),
        ("settings", ["alpha"]),
        ("settings", {"alpha": 0.5}),
        ("settings", {str(number): "x" for number in range(51)}),
        ("seed", -1),
        ("seed", 2**63),
        ("seed", 1.5),
        ("seed", True),
        ("theme", None),
        ("view", []),
        ("view", {"layer": {}, "speed": -1, "metric": 0}),
        ("view", {"speed": 1e300}),
        ("view", {"speed": True}),
        ("screens", []),
        ("screens", {"live": []}),
        ("screens", {"live": {"axis": None}}),
        ("screens", {"live": {"axis": "\x1b[31m"}}),
        ("screens", {"live": {"smoothing": math.nan}}),
        ("screens", {"live": {"pane": 10**400}}),
        ("screens", {str(number): {} for number in range(11)}),
        ("screens", {"live": {str(number): 1 for number in range(51)}}),
    ],
)
def test_what_is_not_as_it_should_be_is_replaced_by_its_default(tmp_path, name, value):
    path = tmp_path / "memory.json"
    keep(FULL, path)
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    found = recall(path)
    assert getattr(found, name) == getattr(Memory(), name)
    others = {"scenario", "algorithms", "settings", "seed", "theme", "view"} - {name}
    assert all(getattr(found, other) == getattr(FULL, other) for other in others)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 60_000,
        b'{"view": ' * 10_000,
        b'{"seed": NaN, "view": {"speed": Infinity}}',
        b'{"seed": 1' + b"0" * 50_000 + b"}",
        b" " * (MOST_BYTES + 1),
    ],
    ids=range(10),
)
def test_a_file_that_is_no_memory_is_none(tmp_path, content):
    path = tmp_path / "memory.json"
    path.write_bytes(content)
    assert recall(path) == Memory()


def test_a_directory_a_pipe_and_a_device_are_not_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, "/dev/zero"):
        assert recall(path) == Memory()


def test_random_damage_never_raises(tmp_path):
    path = tmp_path / "memory.json"
    keep(FULL, path)
    whole, random_source = path.read_bytes(), random.Random(0)
    for _ in range(200):
        damaged = bytearray(whole)
        for _ in range(random_source.randint(1, 8)):
            damaged[random_source.randrange(len(damaged))] = random_source.randrange(256)
        path.write_bytes(damaged[: random_source.randint(0, len(damaged))])
        assert isinstance(recall(path), Memory)


def test_where_nothing_can_be_written_nothing_is_remembered(tmp_path):
    blocked = tmp_path / "a file"
    blocked.write_text("")
    assert not keep(FULL, blocked / "memory.json")
    assert not keep(Memory(settings={"x": "y" * MOST_BYTES}), tmp_path / "memory.json")
    assert not (tmp_path / "memory.json").exists()
