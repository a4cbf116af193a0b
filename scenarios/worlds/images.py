"""Labelled images from IDX files, the format of MNIST: those that come with rltop, or a folder of one's own.

Source of the format: LeCun, Cortes and Burges, "The MNIST database of handwritten digits" (1998). An image file is four
numbers of 32 bits, big-endian (2051, images, rows, columns), and one byte a pixel; a label file two (2049, labels) and
one byte a label. Shapes: M images to learn from, E held out, H x W pixels.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
import struct
import zlib
from importlib import resources
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray

from algorithms.classification import scaled
from algorithms.contract import Bools, Floats32, Ints, Snapshot
from scenarios.worlds.errors import WorldError

KINDS = 10
MOST_BYTES = 1 << 28  # of the pixels of one file
MOST_SIDE = 256  # pixels
MOST_DEFLATED = 1032  # bytes that one can stand for in a .gz file
IMAGES, LABELS = 2051, 2049  # what a file begins with: bytes, in three axes or one
HeldOut = Literal["tens", "last"]
LAST = 360


class Images:
    """Digits to learn from and others that are held out."""

    kinds = KINDS

    def __init__(
        self, pixels: NDArray[np.uint8], classes: Ints, held_out: NDArray[np.uint8], answers: Ints, brightest: int
    ) -> None:
        self.pixels, self.classes = pixels, classes  # [M, H, W], [M]
        self.held_out, self.answers = held_out, answers  # [E, H, W], [E]
        self.brightest = brightest
        sha = hashlib.sha256(f"{pixels.shape} {held_out.shape} {brightest}".encode())
        for array in (pixels, classes, held_out, answers):
            sha.update(array.reshape(-1).data)
        self._sha256 = sha.hexdigest()

    @property
    def questions(self) -> Floats32:
        """The held-out images as a network takes them. [E, H·W]"""
        return scaled(self.held_out, self.brightest).reshape(len(self.held_out), -1)

    def dump(self) -> dict[str, Any]:
        """Which images these are; they themselves are where they came from."""
        return {"sha256": self._sha256}

    def load(self, snapshot: Snapshot) -> None:
        """Nothing changes; ValueError when these are not the images that were learnt from."""
        if snapshot["sha256"] != self._sha256:
            raise ValueError("the images are not those that it has learnt from")


def shipped_digits(held_out: HeldOut = "tens") -> Images:
    """The 1,797 digits of 8x8 pixels in 0 .. 16 that come with rltop, see files/digits/ATTRIBUTION.md.

    held_out: every fifth ten of them, 357 images, or the `last` 360.
    """
    folder = Path(str(resources.files("scenarios.worlds"))) / "files" / "digits"
    pixels, classes = _pair(folder, "")
    i = np.arange(len(pixels))
    kept: Bools = i // 10 % 5 == 4 if held_out == "tens" else i >= len(i) - LAST
    return Images(pixels[~kept], classes[~kept], pixels[kept], classes[kept], 16)


def images_in(folder: Path) -> Images:
    """Digits from the four files of MNIST: `train-...` to learn from, `t10k-...` held out.

    Raises WorldError, one sentence, for a file that is missing, damaged, too large or of another kind.
    """
    pixels, classes = _pair(folder, "train-")
    held_out, answers = _pair(folder, "t10k-")
    if pixels.shape[1:] != held_out.shape[1:]:
        sizes = " and ".join(f"{height}x{width}" for _, height, width in (pixels.shape, held_out.shape))
        raise WorldError(f"the images of {folder} must be of one size, got {sizes}")
    return Images(pixels, classes, held_out, answers, 255)


def _pair(folder: Path, prefix: str) -> tuple[NDArray[np.uint8], Ints]:
    """The images of a file and what they are. [M, H, W], [M]"""
    pixels = read_idx(_find(folder, f"{prefix}images", "idx3-ubyte"))
    path = _find(folder, f"{prefix}labels", "idx1-ubyte")
    labels = read_idx(path)
    if pixels.ndim != 3 or labels.shape != pixels.shape[:1]:
        raise WorldError(f"{path} must hold a label for each of {len(pixels)} images, got {len(labels)}")
    if labels.max() >= KINDS:
        raise WorldError(f"{path} must hold digits, 0 to {KINDS - 1}, got {labels.max()}")
    return pixels, labels.astype(np.intp)


def _find(folder: Path, name: str, kind: str) -> Path:
    """The file of that name, as it is or compressed."""
    names = [f"{name}{sign}{kind}{ending}" for sign in "-." for ending in ("", ".gz")]
    for path in (folder / name for name in names):
        if os.path.lexists(path):
            return path
    raise WorldError(f"{folder} has no file {names[0]} or {names[1]}: name a folder with the four files of MNIST")


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The images [M, H, W] or labels [M] of an IDX file, compressed where its name ends in .gz; read-only.

    Raises WorldError, one sentence, unless it is an ordinary file whose header fits, with exactly the bytes that the
    header announces. No more than those are ever unpacked.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            found = os.fstat(fd)
            if not stat.S_ISREG(found.st_mode):
                raise WorldError(f"{path} is not an ordinary file")
            if path.suffix != ".gz":
                return _read(path, file, found.st_size)
            with gzip.GzipFile(fileobj=file) as unpacked:
                return _read(path, unpacked, found.st_size * MOST_DEFLATED)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise WorldError(f"{path} cannot be read: {reason}") from None


def _read(path: Path, file: IO[bytes] | gzip.GzipFile, most: int) -> NDArray[np.uint8]:
    """most: bytes that the file can have."""
    kind, count = struct.unpack(">2I", file.read(8).ljust(8, b"\0"))
    if kind not in (IMAGES, LABELS):
        raise WorldError(f"{path} is no IDX file of images or labels: it begins with {kind}, not {IMAGES} or {LABELS}")
    shape: tuple[int, ...] = (count,)
    if kind == IMAGES:
        shape += struct.unpack(">2I", file.read(8).ljust(8, b"\0"))
    size = int(np.prod(shape, dtype=object))
    if not (count and all(1 <= side <= MOST_SIDE for side in shape[1:]) and size <= MOST_BYTES):
        raise WorldError(
            f"{path} must hold images of 1 to {MOST_SIDE} pixels a side and at most {MOST_BYTES >> 20} MiB, or labels, "
            f"its header announces {'x'.join(map(str, shape))}"
        )
    content = file.read(min(size, most) + 1)  # not a byte of memory for what is only announced
    if len(content) != size:
        has = "fewer" if len(content) < size else "more"
        raise WorldError(f"{path} is damaged: it has {has} than the {size} bytes its header announces")
    return np.frombuffer(content, np.uint8).reshape(shape)
