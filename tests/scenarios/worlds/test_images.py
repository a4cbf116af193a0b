"""Labelled images: those that come with rltop, folders of MNIST, and files that are neither."""

from __future__ import annotations

import gzip
import os
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from engine.randomness import generator
from scenarios.worlds.errors import WorldError
from scenarios.worlds.images import MOST_BYTES, images_in, read_idx, shipped_digits

FILES = Path(__file__).parents[3] / "scenarios" / "worlds" / "files" / "digits"
PIXELS = generator(0).integers(0, 256, (6, 3, 4)).astype(np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], np.uint8)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">{1 + array.ndim}I", 2048 + array.ndim, *array.shape) + array.tobytes()


def fill(folder: Path, pixels: np.ndarray = PIXELS, labels: np.ndarray = LABELS, sign: str = "-") -> Path:
    """A folder of four files."""
    for prefix in ("train", "t10k"):
        (folder / f"{prefix}-images{sign}idx3-ubyte").write_bytes(idx(pixels))
        (folder / f"{prefix}-labels{sign}idx1-ubyte").write_bytes(idx(labels))
    return folder


def refusal(read, *given) -> str:
    """The sentence with which something is refused."""
    with pytest.raises(WorldError) as refused:
        read(*given)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_the_shipped_digits_are_those_of_uci() -> None:
    digits = shipped_digits("last")
    pixels, classes = np.concatenate([digits.pixels, digits.held_out]), np.concatenate([digits.classes, digits.answers])
    assert pixels.shape == (1797, 8, 8)
    assert (pixels.min(), pixels.max(), digits.brightest, digits.kinds) == (0, 16, 16, 10)
    assert np.bincount(classes).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert classes[:10].tolist() == list(range(10))
    assert pixels[0, :2].tolist() == [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]
    assert len(digits.held_out) == 360
    assert sum(path.stat().st_size for path in FILES.glob("*.gz")) < 45_000
    attribution = (FILES / "ATTRIBUTION.md").read_text()
    assert all(said in attribution for said in ("Alpaydin", "Kaynak", "10.24432/C50P49", "CC BY 4.0"))


def test_every_fifth_ten_is_held_out_and_no_image_is_in_both() -> None:
    tens, last = shipped_digits(), shipped_digits("last")
    every = np.concatenate([last.pixels, last.held_out])
    kept = [i for i in range(1797) if i // 10 % 5 == 4]
    assert np.array_equal(tens.held_out, every[kept])
    assert np.array_equal(tens.pixels, np.delete(every, kept, axis=0))
    assert (len(tens.pixels), len(tens.held_out)) == (1440, 357)
    assert np.bincount(tens.answers).min() >= 30
    learnt = {image.tobytes() for image in tens.pixels}
    assert not any(image.tobytes() in learnt for image in tens.held_out)
    assert tens.questions.shape == (357, 64)
    assert (tens.questions.min(), tens.questions.max()) == (0.0, 1.0)


@pytest.mark.parametrize("sign", ["-", "."])
@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_of_mnist(tmp_path, sign, packed) -> None:
    fill(tmp_path, sign=sign)
    if packed:
        for path in list(tmp_path.iterdir()):
            Path(f"{path}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    images = images_in(tmp_path)
    assert np.array_equal(images.pixels, PIXELS)
    assert np.array_equal(images.held_out, PIXELS)
    assert images.classes.tolist() == images.answers.tolist() == LABELS.tolist()
    assert images.brightest == 255


def test_other_images_are_not_taken_for_those_learnt_from(tmp_path) -> None:
    images = images_in(fill(tmp_path))
    images.load(images_in(tmp_path).dump())
    for pixels, labels in ((PIXELS ^ 1, LABELS), (PIXELS, LABELS[::-1])):
        with pytest.raises(ValueError, match="not those"):
            images.load(images_in(fill(tmp_path, pixels, labels)).dump())


def test_folders_that_do_not_fit(tmp_path) -> None:
    assert "has no file train-images-idx3-ubyte" in refusal(images_in, tmp_path / "nothing")
    fill(tmp_path)
    labels = tmp_path / "train-labels-idx1-ubyte"
    for wrong, sentence in ((LABELS[:5], "a label for each of 6"), (LABELS + 1, "digits, 0 to 9, got 10")):
        labels.write_bytes(idx(wrong))
        assert sentence in refusal(images_in, tmp_path)
    labels.write_bytes(idx(PIXELS))
    assert "a label for each" in refusal(images_in, tmp_path)
    fill(tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(PIXELS[:, :, :2]))
    assert "one size, got 3x4 and 3x2" in refusal(images_in, tmp_path)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(idx(LABELS))
    assert "a label for each" in refusal(images_in, tmp_path)


@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_a_file_cut_anywhere_or_too_long_is_refused(tmp_path, name) -> None:
    path, content = tmp_path / name, idx(PIXELS)
    stored = gzip.compress(content) if name.endswith(".gz") else content
    path.write_bytes(stored)
    assert np.array_equal(read_idx(path), PIXELS)
    for cut in range(len(stored)):
        path.write_bytes(stored[:cut])
        assert str(path) in refusal(read_idx, path)
    path.write_bytes(gzip.compress(content + b"x") if name.endswith(".gz") else content + b"x")
    assert "more than the 72 bytes" in refusal(read_idx, path)


def test_a_flipped_bit_of_a_compressed_file_is_noticed(tmp_path) -> None:
    path, stored = tmp_path / "a.gz", gzip.compress(idx(PIXELS), mtime=0)
    for position in range(10, len(stored)):  # behind the header of gzip
        flipped = bytearray(stored)
        flipped[position] ^= 1 << position % 8
        path.write_bytes(flipped)
        refusal(read_idx, path)


@pytest.mark.parametrize(
    "header",
    [
        (0, 6, 3, 4),
        (2050, 6, 3, 4),
        (2051, 0, 3, 4),
        (2051, 6, 0, 4),
        (2051, 6, 257, 4),
        (2051, 2**32 - 1, 256, 256),
        (2051, 2**32 - 1, 2**32 - 1, 2**32 - 1),
        (2049, MOST_BYTES + 1),
        (2049, 0),
    ],
)
@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_headers_that_announce_what_cannot_be(tmp_path, header, name) -> None:
    content = struct.pack(f">{len(header)}I", *header) + bytes(1000)
    (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    refusal(read_idx, tmp_path / name)


@pytest.mark.parametrize("name", ["a", "a.gz"])
def test_no_memory_is_taken_for_what_is_only_announced_or_packed(tmp_path, name) -> None:
    """A header of a quarter GiB, and behind a small one 64 MiB of zeros in a few kB."""
    bombs = [struct.pack(">4I", 2051, 4000, 256, 256) + bytes(100), idx(PIXELS) + bytes(64 << 20)]
    for content in bombs[: 2 if name.endswith(".gz") else 1]:
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        del content
        tracemalloc.start()
        refusal(read_idx, tmp_path / name)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1 << 20


def test_what_is_no_file_is_refused_at_once(tmp_path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "loop", "folder", "missing"):
        assert name in refusal(read_idx, tmp_path / name)
    assert "ordinary" in refusal(read_idx, Path("/dev/zero"))
