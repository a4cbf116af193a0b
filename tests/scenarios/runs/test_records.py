"""Framed records: the checksums of the standard, and what a reader makes of torn and altered files."""

import os
import tracemalloc

import numpy as np
import pytest

from scenarios.runs.files import RunError
from scenarios.runs.records import MAX_RECORD, RecordReader, _byte_table, by_length, crc32c, frame, mask, masked_crcs


@pytest.mark.parametrize(
    ("data", "crc"),
    [  # RFC 3720, B.4, and the check value of CRC-32C
        (b"123456789", 0xE3069283),
        (b"", 0),
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
    ],
)
def test_crc32c_has_the_published_values(data, crc):
    assert crc32c(data) == crc


def test_a_long_record_is_summed_up_like_a_short_one():
    """The register after two parts follows from the parts: their sum is found byte by byte."""
    data = np.random.default_rng(3).bytes(70_000)
    table = _byte_table()
    for size in (1023, 1024, 1025, 1535, 1536, 65_536, 70_000):
        register = 0xFFFFFFFF
        for byte in data[:size]:
            register = table[(register ^ byte) & 0xFF] ^ register >> 8
        assert crc32c(data[:size]) == register ^ 0xFFFFFFFF


def test_the_head_of_every_tensorboard_file_is_known():
    # Each event file begins with a 24 byte record; these are its length and masked crc.
    assert frame(bytes(24))[:12].hex() == "1800000000000000a37f4b22"
    assert mask(crc32c(bytes.fromhex("1800000000000000"))) == 0x224B7FA3


def test_many_checksums_at_once_equal_one_by_one():
    rng = np.random.default_rng(0)
    records = [rng.bytes(n) for n in [*range(600), *[140] * 20, *[513] * 20, 5000, 0, 7, 7, 511, 512, 513]]
    rng.shuffle(records)
    assert masked_crcs(records).tolist() == [mask(crc32c(record)) for record in records]


def test_groups_hold_every_record_once_in_order():
    records = [b"ab", b"c", b"de", b"", b"f"]
    groups = {data.shape[1]: (places.tolist(), data.tobytes()) for places, data in by_length(records)}
    assert groups == {0: ([3], b""), 1: ([1, 4], b"cf"), 2: ([0, 2], b"abde")}


def test_a_record_over_the_limit_is_refused_by_the_writer():
    assert len(frame(bytes(MAX_RECORD))) == MAX_RECORD + 16
    with pytest.raises(ValueError, match="at most 1048576 bytes, got 1048577"):
        frame(bytes(MAX_RECORD + 1))


def read(path):
    reader = RecordReader(path)
    return [record for batch in reader.poll() for record in batch], reader


def test_what_is_framed_comes_back(tmp_path):
    rng = np.random.default_rng(1)
    records = [rng.bytes(int(n)) for n in rng.integers(0, 1500, 2000)] + [rng.bytes(MAX_RECORD), b"end"]
    path = tmp_path / "log"
    path.write_bytes(b"".join(map(frame, records)))
    found, reader = read(path)
    assert found == records
    assert not reader.torn
    assert reader.offset == path.stat().st_size


def test_a_length_with_a_right_checksum_but_over_the_limit_ends_the_file(tmp_path):
    length = (1 << 62).to_bytes(8, "little")
    path = tmp_path / "log"
    path.write_bytes(frame(b"one") + length + mask(crc32c(length)).to_bytes(4, "little"))
    os.truncate(path, 1 << 26)
    tracemalloc.start()
    found, reader = read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [b"one"]
    assert reader.torn
    assert peak < 1 << 23


def test_following_sees_a_record_when_its_last_byte_arrives(tmp_path):
    path = tmp_path / "log"
    data = frame(b"first") + frame(b"second, longer")
    path.write_bytes(b"")
    reader = RecordReader(path)
    arrivals = []
    for n in range(1, len(data) + 1):
        path.write_bytes(data[:n])
        arrivals += [(n, record) for batch in reader.poll() for record in batch]
        assert reader.torn == (n not in (len(frame(b"first")), len(data)))
    assert arrivals == [(len(frame(b"first")), b"first"), (len(data), b"second, longer")]


def test_every_flipped_bit_ends_the_file_before_its_record(tmp_path):
    records = [b"a", b"bc", b"def"]
    frames = [frame(record) for record in records]
    whole = b"".join(frames)
    path = tmp_path / "log"
    for bit in range(len(whole) * 8):
        altered = bytearray(whole)
        altered[bit // 8] ^= 1 << bit % 8
        path.write_bytes(altered)
        found, reader = read(path)
        before = sum(bit // 8 >= end for end in np.cumsum([len(f) for f in frames]))
        assert found == records[:before]
        assert reader.torn


@pytest.mark.parametrize("kind", ["missing", "directory", "pipe", "NUL"])
def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path, kind):
    path = tmp_path / ("a\0b" if kind == "NUL" else "log")
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(RunError, match=r"log|possible file name"):
        read(path)
