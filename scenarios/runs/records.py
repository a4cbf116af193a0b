"""Framed records: the TFRecord format, whose checksums make a torn or altered tail a clean end.

A frame is: length (8 bytes, little endian) · masked crc32c of those · the record · masked crc32c of it.
Source: TensorFlow, `tensorflow/core/lib/io/record_writer.h`; crc32c: Castagnoli et al. (1993), RFC 3720 B.4.
Shapes: N records of n bytes each.
"""

import os
import struct
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.files import open_regular

MAX_RECORD = 1 << 20  # bytes; a longer one is not ours, whatever its checksum says
_CHUNK = 1 << 20
_TAIL = 256  # bytes before `offset` by which a file is known again
_TABLE_BYTES = 512  # records up to this length are checked many at a time
_SMALL = 1 << 15  # bytes of records of one length up to which their parts are looked up at once: more fill the cache
_POLYNOMIAL = 0x82F63B78  # Castagnoli's, bits reflected
FRAMING_BYTES = 16  # that a frame has more than its record
_HEAD_BYTES = 12  # length and its checksum
_CRC_BYTES = 4


@cache
def _byte_table() -> tuple[int, ...]:
    """The register after one byte, from register 0."""
    table = []
    for register in range(256):
        for _ in range(8):
            register = register >> 1 ^ (_POLYNOMIAL if register & 1 else 0)
        table.append(register)
    return tuple(table)


@cache
def _position_tables() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """What a byte does to the register k bytes later [K, 256], and what k zero bytes make of ~0 [K + 1]."""
    one = np.array(_byte_table(), np.uint32)
    bytes_later = np.empty((_TABLE_BYTES, 256), np.uint32)
    bytes_later[0] = one
    start = np.empty(_TABLE_BYTES + 1, np.uint32)
    start[0] = 0xFFFFFFFF
    for k in range(1, _TABLE_BYTES):
        bytes_later[k] = bytes_later[k - 1] >> 8 ^ one[bytes_later[k - 1] & 0xFF]
    for k in range(_TABLE_BYTES):
        start[k + 1] = start[k] >> 8 ^ one[start[k] & 0xFF]
    return bytes_later, start


def crc32c(data: bytes) -> int:
    """The CRC-32C of `data`; that of b"123456789" is 0xE3069283."""
    table = _byte_table()
    register = 0xFFFFFFFF
    first = len(data) % _TABLE_BYTES if len(data) >= 2 * _TABLE_BYTES else len(data)
    for byte in data[:first]:
        register = table[(register ^ byte) & 0xFF] ^ register >> 8
    if first < len(data):
        bytes_later, _ = _position_tables()
        blocks = np.frombuffer(data, np.uint8, offset=first).reshape(-1, _TABLE_BYTES)
        parts = np.bitwise_xor.reduce(bytes_later[np.arange(_TABLE_BYTES)[::-1], blocks], axis=1)
        whole_block_later = bytes_later[:-5:-1].tolist()  # of each of the register's four bytes
        for part in parts.tolist():
            register = part ^ _shifted(register, whole_block_later)
    return register ^ 0xFFFFFFFF


def _shifted(register: int, later: list[list[int]]) -> int:
    """What a register becomes in as many zero bytes as the tables of its bytes are for."""
    one, two, three, four = later
    return one[register & 0xFF] ^ two[register >> 8 & 0xFF] ^ three[register >> 16 & 0xFF] ^ four[register >> 24]


def mask(crc: int) -> int:
    """TFRecord's masked crc: rotated right by 15 bits, plus 0xA282EAD8, so that a crc of a crc is no trap."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def by_length(records: list[bytes]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.uint8]]]:
    """Groups of records of one length: their places in the list, ascending [N], and their bytes [N, n]."""
    lengths = np.fromiter(map(len, records), np.intp, len(records))
    order = np.argsort(lengths, kind="stable")
    for places in np.split(order, np.flatnonzero(np.diff(lengths[order])) + 1):
        if places.size:
            joined = b"".join([records[i] for i in places])
            yield places, np.frombuffer(joined, np.uint8).reshape(places.size, -1)


def masked_crcs(records: list[bytes]) -> NDArray[np.uint32]:
    """`mask(crc32c(record))` of every record [N]; the register is linear, so a record is a xor of its bytes."""
    bytes_later, start = _position_tables()
    masked = np.empty(len(records), np.uint32)
    for places, data in by_length(records):
        n = data.shape[1]
        if n > _TABLE_BYTES:
            masked[places] = [mask(crc32c(records[i])) for i in places]
            continue
        crc = np.full(len(places), start[n] ^ np.uint32(0xFFFFFFFF))
        if data.size <= _SMALL:
            crc ^= np.bitwise_xor.reduce(bytes_later[np.arange(n)[::-1], data], axis=1)
        else:
            for i in range(n):
                crc ^= bytes_later[n - 1 - i][data[:, i]]
        masked[places] = (crc >> 15 | crc << 17) + np.uint32(0xA282EAD8)
    return masked


def frame(record: bytes) -> bytes:
    """`record` between its length and its checksum, ready to append.

    Raises:
        ValueError: longer than `MAX_RECORD`.
    """
    if len(record) > MAX_RECORD:
        raise ValueError(f"a record may have at most {MAX_RECORD} bytes, got {len(record)}")
    length = struct.pack("<Q", len(record))
    return length + _checksum(length) + record + _checksum(record)


def _checksum(data: bytes) -> bytes:
    return struct.pack("<I", mask(crc32c(data)))


class RecordReader:
    """Reads the records of a growing file in order, as far as they are whole and their checksums agree.

    A run that goes on from a checkpoint cuts its logs back to it. A file whose last bytes read are no longer there is
    another file, and read from its start.

    Arguments:
        end: bytes of the file that count; what follows does not exist.

    Attributes:
        offset: bytes read so far, all of them whole records.
        left: bytes that followed and are no whole record: an append cut short, one still being written, or damage.
        restarts: times that reading began again: what was read before counts no more.
    """

    def __init__(self, path: Path, end: int = sys.maxsize) -> None:
        self.path = path
        self.end = end
        self.offset = 0
        self.left = 0
        self.restarts = 0
        self._tail = b""  # the last bytes before `offset`

    def poll(self) -> Iterator[list[bytes]]:
        """Batches of the whole records that follow `offset`; at most a few MiB in memory at a time.

        Where reading begins again the first batch is empty: whoever reads learns of it even if nothing follows.

        Raises:
            RunError: the file is missing, unreadable or not an ordinary file.
        """
        with open_regular(self.path) as fd:
            if os.pread(fd, len(self._tail), self.offset - len(self._tail)) != self._tail:
                self.begin_again()
                yield []
            rest = b""
            sound = True
            while sound:
                at = self.offset + len(rest)
                more = os.pread(fd, min(_CHUNK, self.end - at), at)
                if not more:
                    break
                rest += more
                records, used, sound = _split(rest)
                self.offset += used
                self._tail = (self._tail + rest[max(0, used - _TAIL) : used])[-_TAIL:]
                rest = rest[used:]
                yield records
            self.left = max(0, min(self.end, os.fstat(fd).st_size) - self.offset)

    @property
    def torn(self) -> bool:
        """Whether such bytes follow."""
        return self.left > 0

    def is_damaged(self, longest: int) -> bool:
        """Whether more follows than one record of at most so many bytes that was cut short."""
        return self.left > longest

    def begin_again(self) -> None:
        """Read from the start of the file at the next poll."""
        self.offset, self._tail = 0, b""
        self.restarts += 1


def _split(buffer: bytes) -> tuple[list[bytes], int, bool]:
    """The whole, intact records at the start of `buffer`, the bytes they take, and whether more may follow."""
    records: list[bytes] = []
    checks: list[bytes] = []
    lengths: dict[bytes, int] = {}  # by head; few lengths, many records
    at, sound = 0, True
    while at + _HEAD_BYTES <= len(buffer):
        start = at + _HEAD_BYTES
        head = buffer[at:start]
        length = lengths.get(head)
        if length is None:
            length, sound = _length(head)
            lengths[head] = length
        stop = start + length
        if not sound or stop + _CRC_BYTES > len(buffer):
            break
        records.append(buffer[start:stop])
        checks.append(buffer[stop : stop + _CRC_BYTES])
        at = stop + _CRC_BYTES
    wrong = np.flatnonzero(masked_crcs(records) != np.frombuffer(b"".join(checks), "<u4"))
    if wrong.size:
        records, sound = records[: wrong[0]], False
        at = sum(map(len, records)) + (_HEAD_BYTES + _CRC_BYTES) * len(records)
    return records, at, sound


def _length(head: bytes) -> tuple[int, bool]:
    """The length a frame's head declares, and whether it is to be believed."""
    length, check = struct.unpack("<QI", head)
    return length, length <= MAX_RECORD and check == mask(crc32c(head[:8]))
