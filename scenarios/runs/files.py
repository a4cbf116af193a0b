"""Durable files: what is written survives a crash whole or not at all, what is read is hostile until checked.

Two ways to write, no third: replace a file at once (`write_atomic`, `write_json`) or append to it all or
nothing (`AppendFile`). Whatever fails raises `RunError`, one sentence that names the path. POSIX only.
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MAX_JSON_BYTES = 16 << 20
MAX_JSON_ITEMS = 100_000  # containers and commas: what a parser turns into objects of 50 bytes and more
_LOCK_PATIENCE = 0.25  # seconds; a reader that asks who holds a lock takes it for microseconds

_REMEDIES = {
    errno.ENOSPC: "free space on that disk and try again",
    errno.EDQUOT: "free some of your disk quota and try again",
    errno.EACCES: "choose a folder you have access to",
    errno.EPERM: "choose a folder you have access to",
    errno.EROFS: "choose a folder on a writable disk",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EEXIST: "choose another name",
}


class RunError(Exception):
    """A file or directory of a run cannot be used: which, what is wrong with it, and what to do."""

    def __init__(self, path: str | os.PathLike[str], what: str, what_to_do: str) -> None:
        super().__init__(f"{printable(os.fspath(path))} {what}; {what_to_do}")

    @classmethod
    def from_os(cls, path: str | os.PathLike[str], what: str, error: OSError | ValueError) -> "RunError":
        """The same sentence from an operating system error, with advice that fits its number.

        A ValueError is how Python refuses a path with a NUL or an unpaired surrogate.
        """
        if isinstance(error, ValueError):
            return cls(path, f"{what} (not a possible file name)", "check the path")
        remedy = _REMEDIES.get(error.errno or 0, "check that disk and try again")
        return cls(path, f"{what} ({error.strerror or type(error).__name__})", remedy)


def printable(text: str, limit: int = 200) -> str:
    """`text` cut to `limit` characters, with control, bidirectional and unprintable characters escaped."""
    shown = text if len(text) <= limit else text[:limit] + "…"
    return shown if shown.isprintable() else repr(shown)[1:-1]


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────


def write_all(fd: int, data: bytes | memoryview) -> None:
    """Write every byte of `data`; one `os.write` may take fewer than it was given."""
    rest = memoryview(data)
    while rest:
        written = os.write(fd, rest)
        if written == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest = rest[written:]


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable: a rename or a new file is lost in a crash until this."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_atomic(path: Path, chunks: Iterable[bytes | memoryview], *, durable: bool = True) -> None:
    """Replace `path` by the joined `chunks`: a reader, now or after a crash, sees the old file or the new one.

    Temporary file in the same directory, fsync, rename, fsync of the directory. What is worth nothing after the
    machine itself has crashed need not be `durable`: it is written without the two fsyncs, which take milliseconds.

    Raises:
        RunError: the disk refused; the old file is untouched, or (directory fsync only) the new one is whole.
    """
    scratch = path.with_name(f".tmp-{secrets.token_hex(8)}")
    try:
        fd = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            try:
                for chunk in chunks:
                    write_all(fd, chunk)
                if durable:
                    os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(scratch, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(scratch)
            raise
        if durable:
            sync_directory(path.parent)
    except OSError as error:
        raise RunError.from_os(path, "cannot be written", error) from error


def remove(path: Path) -> None:
    """Remove a file, if there is one; raises RunError when the disk refuses."""
    try:
        path.unlink()
        sync_directory(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise RunError.from_os(path, "cannot be removed", error) from error


class AppendFile:
    """A file that grows by whole appends: one that fails is cut off again, so it can be tried again.

    It is a new one, or with `keep` an old one of which the first `keep` bytes are kept.

    Raises:
        RunError: a new file exists already, an old one is shorter or no ordinary file, or the disk refused.
    """

    def __init__(self, path: Path, keep: int | None = None) -> None:
        self.path = path
        self.size = keep or 0  # bytes of all whole appends
        self._ragged = False  # bytes of an unfinished append may lie beyond `size`
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        try:
            self._fd = os.open(path, flags | (os.O_EXCL if keep is None else 0), 0o666)
            try:
                self._cut_to_size()
                sync_directory(path.parent)
            except BaseException:
                os.close(self._fd)
                if keep is None:
                    os.unlink(path)
                raise
        except OSError as error:
            raise RunError.from_os(path, "cannot be created", error) from error

    def _cut_to_size(self) -> None:
        found = os.fstat(self._fd)
        if not stat.S_ISREG(found.st_mode) or found.st_size < self.size:
            raise RunError(self.path, f"is no file of at least {self.size} bytes", "restore it from a copy")
        if found.st_size > self.size:
            os.ftruncate(self._fd, self.size)

    def append(self, data: bytes) -> None:
        """Add `data` at the end; in the hands of the operating system, and visible to readers, on return."""
        try:
            self._cut_ragged_end()
            self._ragged = True
            write_all(self._fd, data)
            self.size += len(data)
            self._ragged = False
        except OSError as error:
            with suppress(OSError):
                self._cut_ragged_end()
            raise RunError.from_os(self.path, "cannot be written", error) from error

    def _cut_ragged_end(self) -> None:
        if self._ragged:
            os.ftruncate(self._fd, self.size)
            self._ragged = False

    def sync(self) -> None:
        """Make every append so far durable."""
        try:
            self._cut_ragged_end()
            os.fsync(self._fd)
        except OSError as error:
            raise RunError.from_os(self.path, "cannot be written", error) from error

    def close(self) -> None:
        """Make every append durable and close."""
        try:
            try:
                self._cut_ragged_end()
                os.fsync(self._fd)
            finally:
                os.close(self._fd)
        except OSError as error:
            raise RunError.from_os(self.path, "cannot be written", error) from error


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def open_regular(path: str | Path) -> Iterator[int]:
    """A file descriptor for reading an ordinary file; a pipe, device or directory is refused, never waited for.

    Raises:
        RunError: not an ordinary file, or reading it fails inside the block.
    """
    fd, _ = _opened(path)
    try:
        yield fd
    except OSError as error:
        raise RunError.from_os(path, "cannot be read", error) from error
    finally:
        os.close(fd)


def _opened(path: str | Path) -> tuple[int, int]:
    """An ordinary file opened for reading, and its size; raises RunError as `open_regular` does."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        found = os.fstat(fd)
    except (OSError, ValueError) as error:
        raise RunError.from_os(path, "cannot be read", error) from error
    if not stat.S_ISREG(found.st_mode):
        os.close(fd)
        raise RunError(path, "is not an ordinary file", "check the path")
    return fd, found.st_size


def look(path: Path) -> tuple[int, ...]:
    """What tells a file that has changed: which it is, its size and time; empty where there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def read_bounded(path: str | Path, limit: int) -> bytes:
    """The whole of an ordinary file of at most `limit` bytes.

    Raises:
        RunError: missing, unreadable, not an ordinary file, or larger.
    """
    fd, size = _opened(path)  # not by `open_regular`: lists of thousands have no time for it
    try:
        if size > limit:
            raise RunError(path, f"has {size} bytes, more than the {limit} allowed", "it is not a file of rltop")
        data = os.read(fd, size)
        while len(data) < size and (part := os.read(fd, size - len(data))):
            data += part
        return data
    except OSError as error:
        raise RunError.from_os(path, "cannot be read", error) from error
    finally:
        os.close(fd)


# ── JSON that knows when it is damaged ───────────────────────────────────────────────────────────────────


# The last member of a document is its seal, the sha256 of every byte before it: "sha256": "<64 digits>" }
_SEAL_END = b'"\n}'
_SEAL_BYTES = 64 + len(_SEAL_END)


def write_json(path: Path, document: dict[str, Any], *, durable: bool = True) -> None:
    """Write `document` atomically, sealed by one more member, the sha256 of all before it; see `write_atomic`.

    Raises:
        RunError: not expressible as strict JSON (NaN, infinity, other types), too large, or the disk refused.
    """
    try:
        text = json.dumps({**document, "sha256": ""}, indent=1, ensure_ascii=False, allow_nan=False)
        head = text.encode().removesuffix(_SEAL_END)  # refuses unpaired surrogates
    except (TypeError, ValueError, RecursionError) as error:
        raise RunError(path, f"cannot hold this as JSON ({error})", "use finite numbers, text and lists") from error
    data = head + hashlib.sha256(head).hexdigest().encode() + _SEAL_END + b"\n"
    if len(data) > MAX_JSON_BYTES or _items(data) > MAX_JSON_ITEMS:
        raise RunError(
            path,
            f"would exceed {MAX_JSON_BYTES} bytes or {MAX_JSON_ITEMS} items",
            "use a smaller world or configuration",
        )
    write_atomic(path, [data], durable=durable)


def read_json(path: str | Path) -> dict[str, Any]:
    """The document `write_json` wrote, without its seal.

    Raises:
        RunError: missing, too large, not strict JSON, or not what was written.
    """
    damaged = "restore it from a copy or delete the run"
    data = read_bounded(path, MAX_JSON_BYTES)
    if len(data) > MAX_JSON_ITEMS and _items(data) > MAX_JSON_ITEMS:
        raise RunError(path, f"has more than the {MAX_JSON_ITEMS} items allowed", "it is not a file of rltop")
    try:
        document = _STRICT.decode(data.decode())
        if not isinstance(document, dict):
            raise ValueError("not an object")
        seal = document.pop("sha256", None)
        intact = seal == _seal(data) or seal == _canonical_seal(document)
    except (ValueError, RecursionError) as error:
        raise RunError(path, f"is not valid JSON ({printable(str(error))})", damaged) from error
    if not intact:
        raise RunError(path, "is damaged: its content does not match its sha256", damaged)
    return document


def _seal(data: bytes) -> str:
    """What the seal at the end of a document must be."""
    return hashlib.sha256(data.rstrip()[:-_SEAL_BYTES]).hexdigest()


def _canonical_seal(document: dict[str, Any]) -> str:
    """The seal of older files: the sha256 of the document's canonical form, which takes far longer to make."""
    return hashlib.sha256(_CANONICAL.encode(document).encode()).hexdigest()  # refuses unpaired surrogates


def _items(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# made once: a list of thousands of runs reads thousands of files
_STRICT = json.JSONDecoder(parse_constant=_refuse_constant)
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


# ── one writer ───────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def exclusive_lock(path: Path) -> Iterator[None]:
    """Hold the advisory lock `path` (flock, with our process id in the file) for the block.

    The lock dies with the process, however it ends; a forked child shares it.

    Raises:
        RunError: another process holds it (named by its id), or the file system cannot lock.
    """
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o666)
    except OSError as error:
        raise RunError.from_os(path, "cannot be locked", error) from error
    try:
        try:
            _take(fd, path)
            os.ftruncate(fd, 0)
            write_all(fd, b"%d\n" % os.getpid())
        except OSError as error:
            raise RunError.from_os(path, "cannot be locked", error) from error
        yield
    finally:
        os.close(fd)


def _take(fd: int, path: Path) -> None:
    patience = time.monotonic() + _LOCK_PATIENCE
    while True:
        try:
            return fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > patience:
                who = _process_id(fd)
                holder = f"process {who}" if who else "another process"
                raise RunError(path, f"is locked by {holder}", "wait for it to end or stop it") from error
            time.sleep(0.01)


def lock_holder(path: Path) -> int | None:
    """The process id that holds the lock `path`; 0 if it is held by one not named yet; None if it is free."""
    try:
        with open_regular(path) as fd:
            try:
                fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return _process_id(fd)
    except RunError:
        return None
    return None


def check_unlocked(path: Path) -> None:
    """Raise RunError, which names the process, while one holds the lock `path`."""
    process = lock_holder(path)
    if process is not None:
        raise RunError(path, f"is locked by process {process}", "wait for it to end or stop it")


def _process_id(fd: int) -> int:
    text = os.pread(fd, 20, 0).strip()
    return int(text) if text.isdigit() and len(text) < 11 else 0
