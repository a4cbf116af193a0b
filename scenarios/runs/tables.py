"""The final tables of a run: a .npz that numpy opens, and that is checked to the byte before it is believed.

Every key, dtype and shape is declared in `TABLES`; see `archive.py` for the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scenarios.runs.archive import Array, read_archive, write_archive
from scenarios.runs.files import RunError, printable

MAX_TABLES_BYTES = 512 << 20

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
    write_archive(path, tables)


def read_tables(path: Path) -> dict[str, Array]:
    """The tables of a file, as read-only arrays.

    Raises:
        RunError: missing, unreadable, damaged, or anything in it that `write_tables` would not have written.
    """
    try:
        arrays = read_archive(path, MAX_TABLES_BYTES, "tables", len(TABLES), _refusal, _FLOATS + _COUNTS)
        fault = _fault(arrays)
        if fault:
            raise ValueError(f"the tables {fault}")
    except ValueError as error:
        raise RunError(path, f"is no valid file of tables ({printable(str(error))})", _REMEDY) from error
    return arrays


def _refusal(members: list[str]) -> str:
    allowed = [f"{table.key}.npy" for table in TABLES]
    return "" if set(members) <= set(allowed) else f"it holds {', '.join(members)}, allowed are {', '.join(allowed)}"


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
