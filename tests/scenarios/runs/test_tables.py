"""Tables on disk: what is stored comes back to the bit, and what a crafted archive asks for is refused."""

import hashlib
import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest

from scenarios.runs.files import RunError
from scenarios.runs.tables import TABLES, read_tables, write_tables


def example():
    """3 lanes of 5 states and 2 actions, 4 episodes, 6 sweeps."""
    rng = np.random.default_rng(5)
    q = rng.normal(size=(3, 5, 2))
    q[0, 0] = [np.nan, -np.inf]
    return {
        "v": q.max(2).astype(np.float32),
        "q": q,
        "visits": rng.integers(0, 1 << 40, (3, 5, 2)),
        "episode_return_lanes": rng.normal(size=(4, 3)),
        "episode_length_lanes": rng.integers(1, 100, (4, 3)),
        "deltas": rng.random(6),
    }


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, **options)
    return buffer.getvalue()


def archive(members, compression=zipfile.ZIP_STORED):
    """A crafted archive whose checksum is right."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as made:
        for name, data in members:
            made.writestr(name, data)
        made.comment = bytes(64)
    return buffer.getvalue()


def sealed(data):
    return data[:-64] + hashlib.sha256(data[:-64]).hexdigest().encode()


def refused(path, data, reason):
    path.write_bytes(data)
    tracemalloc.start()
    with pytest.raises(RunError, match=reason) as error:
        read_tables(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "\n" not in str(error.value)
    assert peak < 8 << 20


def test_all_tables_come_back_bit_for_bit_and_numpy_opens_them(tmp_path):
    path, tables = tmp_path / "tables.npz", example()
    assert set(tables) == {table.key for table in TABLES}
    write_tables(path, tables)
    found = read_tables(path)
    with np.load(path, allow_pickle=False) as loaded:
        for key, array in tables.items():
            for copy in (found[key], loaded[key]):
                assert copy.dtype == array.dtype
                assert copy.shape == array.shape
                assert copy.tobytes() == array.tobytes()
    assert not found["q"].flags.writeable


def test_the_same_tables_make_the_same_bytes(tmp_path):
    write_tables(tmp_path / "a", example())
    write_tables(tmp_path / "b", {key: np.asfortranarray(array) for key, array in example().items()})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_run_without_an_episode_has_empty_tables(tmp_path):
    path = tmp_path / "tables.npz"
    write_tables(path, {"episode_return_lanes": np.zeros((0, 3)), "deltas": np.zeros(0)})
    assert {key: array.shape for key, array in read_tables(path).items()} == {
        "episode_return_lanes": (0, 3),
        "deltas": (0,),
    }
    write_tables(path, {})
    assert read_tables(path) == {}


@pytest.mark.parametrize(
    ("tables", "reason"),
    [
        ({"w": np.zeros(1)}, "hold 'w', allowed are v, q, visits"),
        ({"q": np.zeros((1, 2, 3), ">f8")}, "hold q as '>f8', allowed are <f8, <f4"),
        ({"q": np.array([[[None]]])}, "hold q as '|O'"),
        ({"visits": np.zeros((1, 2, 3))}, "hold visits as '<f8', allowed are <i8"),
        ({"q": np.zeros((2, 3))}, r"hold q of shape \(2, 3\), its axes are lanes, states, actions"),
        ({"q": np.zeros((2, 3, 4)), "v": np.zeros((2, 4))}, "disagree on the number of states: 3 and 4"),
    ],
)
def test_tables_that_are_not_declared_are_refused_by_writer_and_reader(tmp_path, tables, reason):
    path = tmp_path / "tables.npz"
    with pytest.raises(ValueError, match=reason):
        write_tables(path, tables)
    assert not path.exists()
    crafted = [(f"{key}.npy", npy(array)) for key, array in tables.items()]
    refused(path, sealed(archive(crafted)), "is no valid file of tables|is damaged")


def test_tables_over_the_size_limit_are_refused_before_any_copy(tmp_path):
    huge = np.broadcast_to(np.float64(0), (1, 1 << 14, 1 << 13))
    with pytest.raises(RunError, match="would have 1073741824 bytes of at most 536870912; use fewer lanes"):
        write_tables(tmp_path / "t", {"q": huge})


V = npy(np.zeros((2, 3)))
HEADER = V[:128]


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("v.npy", npy(np.array([[{}]], object), allow_pickle=True))], r"dtype \|O|not a plain|not an"),
        ([("../v.npy", V)], r"holds \.\./v\.npy, allowed are v\.npy"),
        ([("/etc/v.npy", V)], "holds /etc/v.npy"),
        ([("v", V)], "holds v, allowed"),
        ([("v\x1b[31m.npy", V)], r"holds v\\x1b\[31m"),
        ([("v.npy", V[:-1])], "does not fit its bytes"),
        ([("v.npy", V + b"x")], "does not fit its bytes"),
        ([("v.npy", HEADER.replace(b"(2, 3)", b"(9999999, 9999999)") + V[128:])], "is not a plain|does not fit"),
        ([("v.npy", HEADER.replace(b"(2, 3), }    ", b"(-2, -3), }  ") + V[128:])], "is not a plain"),
        ([("v.npy", HEADER.replace(b"(2, 3), }       ", b"(2**9, 3), }    ") + V[128:])], "is not a plain"),
        ([("v.npy", HEADER.replace(b"False, ", b"True,  ") + V[128:])], "is not a plain"),
        ([("v.npy", HEADER.replace(b"<f8", b"<M8") + V[128:])], "dtype <M8"),
        ([("v.npy", HEADER.replace(b"<f8", b"<c8") + V[128:])], "dtype <c8"),
        ([("v.npy", b"")], "is not a plain"),
        ([("v.npy", b"\x93NUMPY\x01\x00\xff\xff" + b"{" * 70_000)], "is not a plain"),
        ([("v.npy", b"\x93NUMPY\x02\x00" + V[8:])], "is not a plain"),
        ([(f"{i}.npy", V) for i in range(100)], "its directory lists more than 6 tables"),
    ],
)
def test_crafted_archives_are_refused(tmp_path, members, reason):
    refused(tmp_path / "tables.npz", sealed(archive(members)), reason)


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_member_that_would_inflate_is_refused_before_it_is_read(tmp_path, compression):
    bomb = sealed(archive([("deltas.npy", bytes(40_000_000))], compression))
    assert len(bomb) < 1 << 20
    refused(tmp_path / "tables.npz", bomb, "deltas.npy is compressed")


def test_a_table_given_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = archive([("v.npy", V), ("v.npy", V)])
    refused(tmp_path / "tables.npz", sealed(data), "each once")


def patched(data, signature, offset, form, value):
    """`data` with one header field of the first such header replaced, and sealed again."""
    altered = bytearray(data)
    struct.pack_into(form, altered, data.index(signature) + offset, value)
    return sealed(bytes(altered))


@pytest.mark.parametrize(
    ("signature", "offset", "form", "value"),
    [
        (b"PK\x01\x02", 8, "<H", 1),  # encrypted
        (b"PK\x01\x02", 10, "<H", 99),  # an unknown compression
        (b"PK\x01\x02", 20, "<L", 0xFFFFFFF0),  # compressed size
        (b"PK\x01\x02", 24, "<L", 0xFFFFFFF0),  # size
        (b"PK\x01\x02", 28, "<H", 3),  # length of the name
        (b"PK\x01\x02", 42, "<L", 0xFFFFFFF0),  # place of the member
        (b"PK\x03\x04", 0, "<L", 0),  # the member's own signature
        (b"PK\x03\x04", 26, "<H", 0xFFFF),  # the member's own name
        (b"PK\x05\x06", 10, "<H", 0xFFFF),  # entries
        (b"PK\x05\x06", 12, "<L", 0xFFFFFFF0),  # size of the directory
        (b"PK\x05\x06", 16, "<L", 0xFFFFFFF0),  # place of the directory
        (b"PK\x05\x06", 20, "<H", 7),  # length of the comment
    ],
)
def test_zip_headers_that_lie_are_refused(tmp_path, signature, offset, form, value):
    data = patched(archive([("v.npy", V)]), signature, offset, form, value)
    refused(tmp_path / "tables.npz", data, "is no valid file of tables")


def test_both_sizes_lying_alike_are_refused_before_they_are_allocated(tmp_path):
    data = patched(archive([("v.npy", V)]), b"PK\x01\x02", 20, "<L", 400_000_000)
    data = patched(data, b"PK\x01\x02", 24, "<L", 400_000_000)
    refused(tmp_path / "tables.npz", data, "its members are larger than itself")


def test_a_directory_of_another_zip_version_is_refused(tmp_path):
    data = archive([("v.npy", V)])
    end = len(data) - 64 - 22
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    refused(tmp_path / "tables.npz", sealed(data[:end] + locator + data[end:]), "its directory lists more")


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 100])
def test_files_too_small_to_be_an_archive_are_refused(tmp_path, size):
    refused(tmp_path / "tables.npz", bytes(size), "is damaged")
    refused(tmp_path / "tables.npz", sealed(bytes(size + 64)), "is no valid file of tables")


@pytest.mark.parametrize("count", [300, pytest.param(2_000, marks=pytest.mark.slow)])
def test_archives_altered_and_sealed_again_raise_nothing_else(tmp_path, count):
    rng = np.random.default_rng(6)
    path = tmp_path / "tables.npz"
    write_tables(path, {"v": np.zeros((2, 3)), "deltas": np.zeros(4)})
    whole, opened = path.read_bytes(), 0
    for _ in range(count):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 4))):
            data[int(rng.integers(0, len(whole) - 64))] = int(rng.integers(0, 256))
        path.write_bytes(sealed(bytes(data)))
        try:
            tables = read_tables(path)
        except RunError:
            continue
        opened += 1
        assert {key: table.shape for key, table in tables.items()} == {"v": (2, 3), "deltas": (4,)}
    assert 0 < opened < count
