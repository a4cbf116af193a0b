"""Checkpoints: a whole run between two events, as one archive that is checked to the byte before it is believed.

What is stored is a tree of dictionaries and lists with arrays, numbers, text and None as leaves, as `dump` gives it.
Arrays become members named by their path in the tree; all the rest is one JSON document, the member `document`. What
may be read is what a fresh run of the same experiment would store: the same keys, types, dtypes and shapes. A part
that is empty in a fresh run (a replay memory's rows, the actions since a reset, a queue) may have any length.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.randomness import WORD, restore_generator
from scenarios.runs.archive import DTYPES, Array, read_archive, write_archive
from scenarios.runs.files import MAX_JSON_BYTES, MAX_JSON_ITEMS, RunError, printable

FORMAT = 1
MAX_CHECKPOINT_BYTES = 1 << 30
MOST_ARRAYS = 4096
DOCUMENT = "document"
MAY_BE_NAN = "learner/log/"  # the return of an episode that has not ended; nothing that learns holds NaN
_ARRAY = "@"  # the key of a dictionary that stands for an array
_LARGEST = 1 << 63
_REMEDY = "restore it from a copy or delete it"

Tree = dict[str, Any]


def write_checkpoint(path: Path, identity: Mapping[str, Any], tree: Tree) -> None:
    """Write a tree atomically, with the identity of its run.

    Raises:
        TypeError: a leaf or a key of a kind that cannot be stored.
        RunError: a number that is not finite, more than `MAX_CHECKPOINT_BYTES`, or the disk refused.
    """
    arrays: dict[str, Array] = {}
    plain = _plain(tree, "", arrays)
    text = json.dumps({"format": FORMAT, "identity": identity, "tree": plain}).encode()
    size = sum(array.nbytes for array in arrays.values()) + len(text)
    if size > MAX_CHECKPOINT_BYTES - (MOST_ARRAYS << 9):
        raise RunError(path, f"would have {size} bytes of at most {MAX_CHECKPOINT_BYTES}", "use fewer lanes")
    try:
        _check_size(text)
        _free(plain, "", dict(arrays))
    except ValueError as error:
        raise RunError(path, f"cannot be written ({error})", "the older one is kept") from error
    write_archive(path, {DOCUMENT: np.frombuffer(text, np.uint8), **arrays})


def read_checkpoint(path: Path, identity: Mapping[str, Any], template: Tree) -> Tree:
    """The tree of a checkpoint, its arrays read-only.

    Args:
        identity: what `write_checkpoint` was given.
        template: a tree of the same run, freshly begun.

    Raises:
        RunError: missing, unreadable, damaged, of another run or version, or of anything but the template's shape.
    """
    fixed, free = set(_array_names(template)), tuple(_free_names(template))

    def refusal(members: list[str]) -> str:
        for member in members:
            name = member.removesuffix(".npy")
            if name == member or not (name in fixed or name == DOCUMENT or name.startswith(free)) or ".." in name:
                return f"it holds {member}, which a checkpoint of this run does not"
        return ""

    try:
        arrays = read_archive(path, MAX_CHECKPOINT_BYTES, "arrays", MOST_ARRAYS, refusal)
        plain = _document(arrays.pop(DOCUMENT, np.zeros(0, np.uint8)), identity)
        tree: Tree = _fitted(plain, template, "", arrays)
        if arrays:
            raise ValueError(f"nothing refers to its {next(iter(arrays))}")
    except (ValueError, RecursionError) as error:
        raise RunError(path, f"is no valid checkpoint ({printable(str(error))})", _REMEDY) from error
    return tree


def digest(tree: Tree) -> str:
    """The sha256 of all numbers in a tree, whatever the order of its keys."""
    arrays: dict[str, Array] = {}
    plain = _plain(tree, "", arrays)
    sha = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for name in sorted(arrays):
        array = np.asarray(arrays[name], order="C")
        sha.update(f"{name} {array.dtype.str} {array.shape}".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()


# ── a tree as JSON and arrays ────────────────────────────────────────────────────────────────────────────


def _plain(value: Any, at: str, arrays: dict[str, Array]) -> Any:
    """`value` with every array replaced by a marker and put into `arrays` by its path."""
    if isinstance(value, np.ndarray):
        if value.dtype.str not in DTYPES or at in arrays:
            raise TypeError(f"{at} is an array of dtype {value.dtype.str}, allowed are {', '.join(DTYPES)}, each once")
        arrays[at] = value
        return {_ARRAY: "array"}
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) and key != _ARRAY for key in value):
            raise TypeError(f"the keys of {at} must be text other than {_ARRAY}, got {list(value)!r:.100}")
        return {key: _plain(one, _below(at, key), arrays) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one, _below(at, str(i)), arrays) for i, one in enumerate(value)]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{at} is a {type(value).__name__}, which a checkpoint cannot hold")


def _document(raw: Array, identity: Mapping[str, Any]) -> Any:
    """The tree without its arrays; ValueError unless it is JSON of this format and of the run of that identity."""
    text = raw.tobytes()
    _check_size(text)
    document = json.loads(text.decode())
    if not isinstance(document, dict) or document.keys() != {"format", "identity", "tree"}:
        raise ValueError("its document has not the keys format, identity, tree")
    if document["format"] != FORMAT:
        raise ValueError(f"it has format {document['format']!r:.20}, this rltop reads {FORMAT}")
    theirs = document["identity"]
    for key, own in json.loads(json.dumps(identity)).items():
        if not isinstance(theirs, dict) or theirs.get(key) != own:
            raise ValueError(f"it belongs to another run: its {key} is not that of run.json")
    return document["tree"]


def _check_size(text: bytes) -> None:
    if len(text) > MAX_JSON_BYTES or sum(map(text.count, (b",", b"[", b"{"))) > MAX_JSON_ITEMS:
        raise ValueError(f"its document has more than {MAX_JSON_BYTES} bytes or {MAX_JSON_ITEMS} items")


# ── what may be read ─────────────────────────────────────────────────────────────────────────────────────


def _fitted(given: Any, fresh: Any, at: str, arrays: dict[str, Array]) -> Any:
    """`given` with its arrays in place; ValueError unless it has the form of `fresh`. Empties `arrays`."""
    if isinstance(fresh, np.ndarray):
        return _fitted_array(given, fresh, at, arrays)
    if isinstance(fresh, Mapping) and "bit_generator" in fresh:
        return _checked_generator(given, at)
    if isinstance(fresh, Mapping) and fresh:
        if not isinstance(given, dict) or given.keys() != fresh.keys():
            raise ValueError(f"the keys of {at or 'its tree'} are not {', '.join(fresh)}")
        return {key: _fitted(given[key], fresh[key], _below(at, key), arrays) for key in fresh}
    if isinstance(fresh, list | tuple) and fresh:
        if not isinstance(given, list) or len(given) != len(fresh):
            raise ValueError(f"{at} is not a list of {len(fresh)}")
        pairs = enumerate(zip(given, fresh, strict=True))
        return [_fitted(one, own, _below(at, str(i)), arrays) for i, (one, own) in pairs]
    kind = next((kind for kind in (dict, list, bool, int, float, str) if isinstance(fresh, kind)), object)
    if type(given) is not kind and kind is not object:
        raise ValueError(f"{at} is not of the type {kind.__name__}")
    return _free(given, at, arrays)


def _free(given: Any, at: str, arrays: dict[str, Array]) -> Any:
    """`given` with its arrays in place, whatever its form; ValueError for a number that is not finite or too large."""
    if isinstance(given, dict):
        if _ARRAY in given:
            return _found(given, at, arrays)
        if "bit_generator" in given:
            return _checked_generator(given, at)
        return {key: _free(one, _below(at, key), arrays) for key, one in given.items()}
    if isinstance(given, list):
        return [_free(one, _below(at, str(i)), arrays) for i, one in enumerate(given)]
    if isinstance(given, int) and not -_LARGEST <= given < _LARGEST:
        raise ValueError(f"{at} is no number of 64 bits")
    if isinstance(given, float) and not math.isfinite(given) and not at.startswith(MAY_BE_NAN):
        raise ValueError(f"{at} is {given}")
    return given


def _fitted_array(given: Any, fresh: Array, at: str, arrays: dict[str, Array]) -> Array:
    array = _found(given, at, arrays)
    longer = fresh.ndim > 0 and not len(fresh)
    fits = array.shape == fresh.shape or (longer and array.ndim == fresh.ndim and array.shape[1:] == fresh.shape[1:])
    if array.dtype != fresh.dtype or not fits:
        allowed = ("any", *fresh.shape[1:]) if longer else fresh.shape
        raise ValueError(f"{at} is {array.dtype.str} {array.shape}, allowed is {fresh.dtype.str} {allowed}")
    return array


def _found(marker: Any, at: str, arrays: dict[str, Array]) -> Array:
    if marker != {_ARRAY: "array"} or at not in arrays:
        raise ValueError(f"{at} is not an array")
    array = arrays.pop(at)
    if array.dtype.kind == "f" and not at.startswith(MAY_BE_NAN) and not np.isfinite(array).all():
        raise ValueError(f"{at} holds NaN or infinity")
    return array


def _checked_generator(given: Any, at: str) -> dict[str, Any]:
    """The state of a PCG64 generator; a made-up one could repeat itself, and whoever draws from it wait for ever."""
    try:
        inner = given["state"]
        words = [*divmod(inner["state"], WORD), *divmod(inner["inc"], WORD), given["has_uint32"], given["uinteger"]]
        if given.keys() != {"bit_generator", "state", "has_uint32", "uinteger"} or inner.keys() != {"state", "inc"}:
            raise ValueError("unknown keys")
        restore_generator({"bit_generator": given["bit_generator"], "words": words})
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{at} is not the state of a generator ({error})") from None
    state: dict[str, Any] = given
    return state


def _array_names(fresh: Any, at: str = "") -> Iterator[str]:
    """The paths of all arrays."""
    if isinstance(fresh, np.ndarray):
        yield at
    for key, one in _children(fresh):
        yield from _array_names(one, _below(at, key))


def _free_names(fresh: Any, at: str = "") -> Iterator[str]:
    """The paths below which there may be anything."""
    if isinstance(fresh, Mapping | list | tuple) and not fresh:
        yield f"{at}/"
    for key, one in _children(fresh):
        yield from _free_names(one, _below(at, key))


def _children(fresh: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(fresh, Mapping):
        yield from fresh.items()
    elif isinstance(fresh, list | tuple):
        yield from ((str(i), one) for i, one in enumerate(fresh))


def _below(at: str, key: str) -> str:
    return f"{at}/{key}" if at else key


# ── the checkpoints of a run ─────────────────────────────────────────────────────────────────────────────


def checkpoint_path(directory: Path, transitions: int) -> Path:
    """Where the checkpoint after so many transitions lies."""
    return directory / f"checkpoint-{transitions}.npz"


def checkpoints(directory: Path) -> list[tuple[int, Path]]:
    """The checkpoints there are with their transitions, newest first; nothing is opened.

    Raises RunError when the directory cannot be listed.
    """
    try:
        names = [re.fullmatch(r"checkpoint-([0-9]{1,18})\.npz", path.name) for path in directory.iterdir()]
    except OSError as error:
        raise RunError.from_os(directory, "cannot be listed", error) from error
    return sorted(((int(name[1]), directory / name[0]) for name in names if name), reverse=True)


def newest_checkpoint(directory: Path) -> int | None:
    """The transitions of the newest checkpoint; None where there is none. Raises RunError as `checkpoints` does."""
    return next((transitions for transitions, _ in checkpoints(directory)), None)
