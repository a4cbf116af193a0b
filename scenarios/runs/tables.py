"""The final tables of a run: a .npz that numpy opens, and that is checked to the byte before it is believed.

Every key, dtype and shape is declared in `TABLES`. Members are stored, not deflated, never pickled; the
archive's comment is the sha256 of all bytes before it, so a file that is whole proves it by itself.
"""

import hashlib
import io
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scenarios.runs.files import RunError, printable, read_bounded, write_atomic

MAX_TABLES_BYTES = 512 << 20
Array = NDArray[Any]

_FLOATS = ("<f8", "<f4")
_COUNTS = ("<i8",)


@dataclass(frozen=True)
class Table:
    """One array that a run may store."""

    key: str
    dtypes: tuple[str, ...]
    """The dtypes allowed, as numpy writes them."""
    axes: tuple[str, ...]
    """What each axis counts; axes of one name have one length in all tables of a file."""
    meaning: str


TABLES = (
    Table("v", _FLOATS, ("lanes", "states"), "V(s), the value of each state."),
    Table("q", _FLOATS, ("lanes", "states", "actions"), "Q(s,a), the value of each action."),
    Table("visits", _COUNTS, ("lanes", "states", "actions"), "How often each action was taken."),
    Table("episode_return_lanes", _FLOATS, ("episodes", "lanes"), "The return of every episode."),
    Table("episode_length_lanes", _COUNTS, ("episodes", "lanes"), "The steps of every episode."),
    Table("deltas", _FLOATS, ("sweeps",), "The largest change of a value in each sweep."),
)

_END = struct.Struct("<4s4H2LH")  # a zip's end record: signature, disks, entries, directory size, comment size
_ENTRY_BYTES = 46  # of a zip's directory, beside the name
_MAX_DIRECTORY = 1 << 12  # bytes
_DIGEST_CHARACTERS = 64
_NPY_HEADER = re.compile(  # exactly what numpy writes; format 1.0 of numpy.lib.format
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|=]?[A-Za-z]\d{1,3})', 'fortran_order': False, "
    rb"'shape': \((|\d{1,15},|\d{1,15}(?:, \d{1,15}){1,7})\), \} *\n",
    re.DOTALL,
)
_REMEDY = "restore it from a copy or delete the run"


def write_tables(path: Path, tables: Mapping[str, Array]) -> None:
    """Write declared tables atomically.

    Raises:
        ValueError: a key, dtype or shape that `TABLES` does not allow.
        RunError: more than `MAX_TABLES_BYTES`, or the disk refused.
    """
    fault = _fault(tables)
    if fault:
        raise ValueError(f"the tables {fault}")
    size = sum(array.nbytes for array in tables.values())
    if size > MAX_TABLES_BYTES - (1 << 16):
        raise RunError(path, f"would have {size} bytes of at most {MAX_TABLES_BYTES}", "use fewer lanes or episodes")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for key, array in tables.items():
            with archive.open(zipfile.ZipInfo(f"{key}.npy"), "w") as member:
                np.lib.format.write_array(member, np.ascontiguousarray(array), version=(1, 0), allow_pickle=False)
        archive.comment = bytes(_DIGEST_CHARACTERS)
    # Not getbuffer(): freed in a cycle with its BytesIO, as by a traceback, such a view crashes Python 3.12.
    content = memoryview(buffer.getvalue())[:-_DIGEST_CHARACTERS]
    write_atomic(path, [content, hashlib.sha256(content).hexdigest().encode()])


def read_tables(path: Path) -> dict[str, Array]:
    """The tables of a file, as read-only arrays.

    Raises:
        RunError: missing, unreadable, damaged, or anything in it that `write_tables` would not have written.
    """
    data = read_bounded(path, MAX_TABLES_BYTES)
    content, digest = data[:-_DIGEST_CHARACTERS], data[-_DIGEST_CHARACTERS:]
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise RunError(path, "is damaged: its content does not match its sha256", _REMEDY)
    try:
        arrays = {key: _array(raw) for key, raw in _members(data).items()}
        fault = _fault(arrays)
        if fault:
            raise ValueError(f"the tables {fault}")
    except Exception as error:  # zipfile has no closed set of exceptions for hostile archives
        raise RunError(path, f"is no valid file of tables ({printable(str(error))})", _REMEDY) from error
    return arrays


def _fault(tables: Mapping[str, Array]) -> str:
    """What is wrong with tables of these keys, dtypes and shapes; empty if nothing."""
    declared = {table.key: table for table in TABLES}
    lengths: dict[str, int] = {}
    for key, array in tables.items():
        if key not in declared:
            return f"hold {key!r}, allowed are {', '.join(declared)}"
        table = declared[key]
        if array.dtype.str not in table.dtypes:
            return f"hold {key} as {array.dtype.str!r}, allowed are {', '.join(table.dtypes)}"
        if array.ndim != len(table.axes):
            return f"hold {key} of shape {array.shape}, its axes are {', '.join(table.axes)}"
        for axis, length in zip(table.axes, array.shape, strict=True):
            if lengths.setdefault(axis, length) != length:
                return f"disagree on the number of {axis}: {lengths[axis]} and {length}"
    return ""


def _members(data: bytes) -> dict[str, bytes]:
    """The members of a zip archive, by table; what the headers promise is checked before anything is read."""
    end = len(data) - _DIGEST_CHARACTERS - _END.size
    signature, *_, entries, directory, _, comment = _END.unpack_from(data, max(end, 0))
    if signature != b"PK\x05\x06" or comment != _DIGEST_CHARACTERS:
        raise ValueError("it does not end like a zip archive")
    if entries > len(TABLES) or directory > _MAX_DIRECTORY or b"PK\x06\x07" in data[max(end - 20, 0) : end]:
        raise ValueError(f"its directory lists more than {len(TABLES)} tables")
    allowed = {f"{table.key}.npy": table.key for table in TABLES}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        if len(set(names)) < len(names) or not set(names) <= allowed.keys():
            raise ValueError(f"it holds {', '.join(names)}, allowed are {', '.join(allowed)}, each once")
        for member in members:
            if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
                raise ValueError(f"{member.filename} is compressed, tables are stored as they are")
        if entries != len(names) or directory != sum(_ENTRY_BYTES + len(name) for name in names):
            raise ValueError("its directory is not what it says it is")
        if sum(member.file_size for member in members) > len(data):
            raise ValueError("its members are larger than itself")
        return {allowed[member.filename]: archive.read(member) for member in members}


def _array(raw: bytes) -> Array:
    header = _NPY_HEADER.match(raw)
    if not header or int.from_bytes(raw[8:10], "little") != header.end() - 10:
        raise ValueError("a member is not a plain .npy array in C order")
    if header[1].decode() not in _FLOATS + _COUNTS:
        raise ValueError(f"an array has dtype {header[1].decode()}, allowed are {', '.join(_FLOATS + _COUNTS)}")
    dtype = np.dtype(header[1].decode())
    shape = tuple(int(length) for length in header[2].split(b",") if length)
    if math.prod(shape) * dtype.itemsize != len(raw) - header.end():
        raise ValueError(f"an array of shape {shape} and dtype {dtype.str} does not fit its bytes")
    return np.ndarray(shape, dtype, raw, header.end())
