"""Archives of arrays: .npz files that numpy opens, and that are checked to the byte before they are believed.

Members are stored, not deflated, never pickled; the archive's comment is the sha256 of all bytes before it, so a file
that is whole proves it by itself. What may be in a file is up to the caller: which names, and how many.
"""

import hashlib
import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.files import RunError, printable, read_bounded, write_atomic

Array = NDArray[Any]

DTYPES = ("<f8", "<f4", "<i8", "<i4", "<i2", "|i1", "<u8", "<u4", "<u2", "|u1", "|b1")
_END = struct.Struct("<4s4H2LH")  # a zip's end record: signature, disks, entries, directory size, comment size
_DATE = 0x21  # the first day of 1980, as old as a zip can be
_ENTRY_BYTES = 46  # of a zip's directory, beside the name
_LONGEST_NAME = 255
_DIGEST_CHARACTERS = 64
_SMALL = 1 << 16  # bytes
_NPY_HEADER = re.compile(  # exactly what numpy writes; format 1.0 of numpy.lib.format
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|=]?[A-Za-z]\d{0,3})', 'fortran_order': False, "
    rb"'shape': \((|\d{1,15},|\d{1,15}(?:, \d{1,15}){1,7})\), \} *\n",
    re.DOTALL,
)


def write_archive(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write arrays by name, atomically; the same arrays make the same bytes.

    Raises:
        RunError: the disk refused.
    """
    write_atomic(path, _sealed(_zip(arrays)))


def _sealed(chunks: Iterator[bytes | memoryview]) -> Iterator[bytes | memoryview]:
    """The chunks, small ones joined, and their sha256."""
    sha, small = hashlib.sha256(), bytearray()
    for chunk in chunks:
        sha.update(chunk)
        if len(chunk) < _SMALL:
            small += chunk
        else:
            yield bytes(small)
            yield chunk
            small.clear()
    yield bytes(small) + sha.hexdigest().encode()


def _zip(arrays: Mapping[str, Array]) -> Iterator[bytes | memoryview]:
    """A zip archive of stored .npy files, up to its comment; the arrays themselves are not copied."""
    directory, offset = [], 0
    for name, array in arrays.items():
        rows = np.asarray(array, order="C")
        flat, file, header = rows.reshape(-1).view(np.uint8), f"{name}.npy".encode(), io.BytesIO()
        np.lib.format.write_array_header_1_0(header, np.lib.format.header_data_from_array_1_0(rows))
        size, crc = header.tell() + flat.size, zlib.crc32(flat.data, zlib.crc32(header.getvalue()))
        entry = struct.pack("<5H3L2H", 20, 0, 0, 0, _DATE, crc, size, size, len(file), 0)
        yield b"PK\x03\x04" + entry + file + header.getvalue()
        yield flat.data
        directory.append(
            b"PK\x01\x02" + struct.pack("<H", 20) + entry + struct.pack("<3H2L", 0, 0, 0, 0, offset) + file
        )
        offset += 30 + len(file) + size
    listed = b"".join(directory)
    yield listed
    count = len(directory)
    yield _END.pack(b"PK\x05\x06", 0, 0, count, count, len(listed), offset, _DIGEST_CHARACTERS)


def read_archive(
    path: Path,
    limit: int,
    what: str,
    most: int,
    refusal: Callable[[list[str]], str],
    dtypes: tuple[str, ...] = DTYPES,
) -> dict[str, Array]:
    """The arrays of a file by name, read-only.

    Args:
        limit: bytes that the file may have.
        what: what the arrays are called in a refusal, as in "tables".
        most: members that there may be.
        refusal: why members of these names cannot be; empty if they can. Asked before anything is read.
        dtypes: which dtypes there may be, as numpy writes them.

    Raises:
        RunError: missing, unreadable, larger, or damaged: its sha256 disagrees.
        ValueError: anything in it that `write_archive` would not have written, or that is not allowed.
    """
    data = read_bounded(path, limit)
    content, digest = memoryview(data)[:-_DIGEST_CHARACTERS], data[-_DIGEST_CHARACTERS:]
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise RunError(
            path, "is damaged: its content does not match its sha256", "restore it from a copy or delete the run"
        )
    try:
        return {name: _array(raw, dtypes) for name, raw in _members(data, what, most, refusal).items()}
    except Exception as error:  # zipfile has no closed set of exceptions for hostile archives
        raise ValueError(printable(str(error))) from error


def _members(data: bytes, what: str, most: int, refusal: Callable[[list[str]], str]) -> dict[str, bytes]:
    """The members of a zip archive, by name; what the headers promise is checked before anything is read."""
    end = len(data) - _DIGEST_CHARACTERS - _END.size
    signature, *_, entries, directory, _, comment = _END.unpack_from(data, max(end, 0))
    if signature != b"PK\x05\x06" or comment != _DIGEST_CHARACTERS:
        raise ValueError("it does not end like a zip archive")
    largest = most * (_ENTRY_BYTES + _LONGEST_NAME)
    if entries > most or directory > largest or b"PK\x06\x07" in data[max(end - 20, 0) : end]:
        raise ValueError(f"its directory lists more than {most} {what}")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if len(set(names)) < len(names):
            raise ValueError(f"it holds {', '.join(names[:20])}, allowed is each once")
        if reason := refusal(names):
            raise ValueError(reason)
        for member in members:
            if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
                raise ValueError(f"{member.filename} is compressed, {what} are stored as they are")
        if entries != len(names) or directory != sum(_ENTRY_BYTES + len(name.encode()) for name in names):
            raise ValueError("its directory is not what it says it is")
        if sum(member.file_size for member in members) > len(data):
            raise ValueError("its members are larger than itself")
        return {member.filename[:-4]: archive.read(member) for member in members}


def _array(raw: bytes, dtypes: tuple[str, ...]) -> Array:
    header = _NPY_HEADER.match(raw)
    if not header or int.from_bytes(raw[8:10], "little") != header.end() - 10:
        raise ValueError("a member is not a plain .npy array in C order")
    if header[1].decode() not in dtypes:
        raise ValueError(f"an array has dtype {header[1].decode()}, allowed are {', '.join(dtypes)}")
    dtype = np.dtype(header[1].decode())
    shape = tuple(int(length) for length in header[2].split(b",") if length)
    if math.prod(shape) * dtype.itemsize != len(raw) - header.end():
        raise ValueError(f"an array of shape {shape} and dtype {dtype.str} does not fit its bytes")
    return np.ndarray(shape, dtype, raw, header.end())
