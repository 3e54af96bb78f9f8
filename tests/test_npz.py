"""npz archives of NumPy arrays, in and out, with NumPy as referee; damaged ones."""

import io
import os
import subprocess
import tempfile
import zipfile

import ml_dtypes
import numpy as np
import pytest
from safetensors import numpy as safetensors

import actcli as library
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError, StorageError
from actcli.formats.npz.reader import NpzReader
from tests import command
from tests.command import ACTCLI, complaint, output
from tests.test_binary_formats import from_npy, npy, run
from tests.test_memory import MOST, peak

TO_NPZ = ("--from", "npz", "--to", "npz")


def npz(compressed: bool = False, **arrays: np.ndarray) -> bytes:
    """Return arrays as NumPy saves them."""
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


def archive(members: dict[str, bytes], **options: object) -> bytes:
    """Return a zip archive of such members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **options) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def loaded(data: bytes) -> dict[str, np.ndarray]:
    """Return arrays as NumPy loads them."""
    with np.load(io.BytesIO(data)) as found:
        return {name: found[name] for name in found.files}


def numbers(*shape: int, seed: int = 1) -> np.ndarray:
    """Return float32 numbers of some shape."""
    return np.random.default_rng(seed).normal(0, 4, shape).astype(np.float32)


@pytest.mark.parametrize("compressed", [False, True])
def test_arrays_keep_names_order_and_shapes(compressed):
    """Of any float dtype and order of bytes or axes; with derivatives a last axis of two."""
    x = {
        "b": numbers(3, 4),
        "a/é": numbers(2, 3, 4, seed=2).astype(">f8"),
        "fortran": np.asfortranarray(numbers(5, 3, seed=3)),
        "half": numbers(7, seed=4).astype(np.float16),
        "one": np.array(2.5),
        "none": np.zeros((0, 3)),
    }
    found = loaded(run("gelu", *TO_NPZ, stdin=npz(compressed, **x)))
    assert list(found) == list(x)
    for name, values in x.items():
        assert (found[name].shape, found[name].dtype) == (values.shape, np.float32)
        assert found[name].tobytes() == library.evaluate("gelu", values.astype(float), dtype="float32").tobytes()
    del x["fortran"]
    found = loaded(run("tanh", *TO_NPZ, "--derivative", stdin=npz(compressed, **x)))
    assert {name: values.shape for name, values in found.items()} == {name: (*x[name].shape, 2) for name in x}
    assert found["b"][..., 1].tobytes() == library.derivative("tanh", x["b"]).tobytes()


@pytest.mark.parametrize("axis", [-1, 0])
def test_functions_along_an_axis_go_along_that_of_each_array(axis):
    """In either order of axes."""
    x = {"a": numbers(4, 6), "b": np.asfortranarray(numbers(2, 4, seed=2)), "c": numbers(6, seed=3)}
    for name in ("softmax", "glu"):
        found = loaded(run(name, "--axis", str(axis), *TO_NPZ, stdin=npz(**x)))
        for key, values in x.items():
            expected = library.evaluate(name, values, axis=axis)
            assert (found[key].shape, found[key].tobytes()) == (expected.shape, expected.tobytes())


def test_arrays_are_selected_and_others_left_out(tmp_path):
    """Floats if nothing is said; integers if they are named; objects never."""
    x = {"w": numbers(4), "n": np.array([-3, 2**53 + 1]), "o": np.array([{}]), "t": np.array([True])}
    np.savez(tmp_path / "x.npz", **x)
    assert list(loaded(run("relu", "x.npz", "--to", "npz", cwd=tmp_path))) == ["w"]
    assert loaded(run("relu", "x.npz", "--tensor", "n", "--to", "npz", cwd=tmp_path))["n"].tolist() == [0, 2.0**53]
    assert complaint("relu", "x.npz", "--tensor", "o", "--to", "npz", cwd=tmp_path) == (
        "x.npz: tensor 'o' holds object; expected integers, float16, float32 or float64"
    )
    assert complaint("relu", "x.npz", "--tensor", "W", cwd=tmp_path).startswith(
        "x.npz has no tensor 'W'; did you mean w"
    )
    assert complaint("relu", "x.npz", "--in-place", cwd=tmp_path) == (
        "--in-place would drop what is not evaluated (n, o, t); write to another file with --output"
    )
    assert "has no float tensor; select one with --tensor: n (int64)" in complaint(
        "relu", *TO_NPZ, stdin=npz(n=np.arange(3))
    )
    only = {"w": numbers(4), "v": numbers(2)}
    np.savez(tmp_path / "x.npz", **only)
    run("relu", "x.npz", "--in-place", cwd=tmp_path)
    assert {name: values.tobytes() for name, values in loaded((tmp_path / "x.npz").read_bytes()).items()} == {
        name: np.maximum(values, 0).tobytes() for name, values in only.items()
    }


def test_archives_have_the_same_bytes_wherever_they_go(tmp_path):
    """In a file, a pipe, and behind what a file holds already; from a file and a pipe."""
    x = {"a": numbers(3, 700, 101), "b": numbers(5)}
    (tmp_path / "x.npz").write_bytes(npz(**x))
    run("relu", "x.npz", "-o", "y.npz", cwd=tmp_path)
    expected = (tmp_path / "y.npz").read_bytes()
    assert run("relu", *TO_NPZ, stdin=npz(**x)) == expected
    (tmp_path / "z").write_bytes(b"before")
    subprocess.run(f"{ACTCLI} relu x.npz --to npz >> z", shell=True, cwd=tmp_path, check=True)
    assert (tmp_path / "z").read_bytes() == b"before" + expected
    assert {name: values.tobytes() for name, values in loaded(expected).items()} == {
        name: np.maximum(values, 0).tobytes() for name, values in x.items()
    }


def test_other_formats_go_in_and_out():
    """Tables, arrays, typed numbers and safetensors; bfloat16 is held exactly by float32."""
    data = npz(a=numbers(2, 3), b=numbers(4))
    table = output("relu", "--from", "npz", "--to", "csv", "--tensor", "a", "--only", stdin=data).splitlines()
    assert table[0] == "x1_relu,x2_relu,x3_relu"
    assert np.array([row.split(",") for row in table[1:]], np.float32).tolist() == np.maximum(numbers(2, 3), 0).tolist()
    for words, target in (
        (["--to", "csv"], "a table holds one tensor, but standard input"),
        (["--to", "npy"], "npy holds one"),
    ):
        assert complaint("relu", "--from", "npz", *words, stdin=data).startswith(target)
    assert (
        from_npy(run("relu", "--from", "npz", "--to", "npy", "--tensor", "b", stdin=data)).tolist()
        == np.maximum(numbers(4), 0).tolist()
    )
    kept = safetensors.load(run("relu", "--from", "npz", "--to", "safetensors", stdin=data))
    assert {name: values.shape for name, values in kept.items()} == {"a": (2, 3), "b": (4,)}
    back = loaded(run("linear", "--from", "safetensors", "--to", "npz", stdin=safetensors.save(kept)))
    assert {name: values.tobytes() for name, values in back.items()} == {
        name: values.tobytes() for name, values in kept.items()
    }
    found = loaded(run("relu", "--dtype", "bfloat16", "--to", "npz", stdin=b"id,a,b\nq,1.001,-2\nr,3,4\n"))
    assert {name: values.tolist() for name, values in found.items()} == {
        "a_relu": [float(ml_dtypes.bfloat16(1.001)), 3],
        "b_relu": [0, 4],
    }
    assert loaded(run("relu", "3", "-1", "--to", "npz"))["x_relu"].tolist() == [3, 0]
    x = np.asfortranarray(numbers(3, 4))
    assert loaded(run("relu", "--from", "npy", "--to", "npz", stdin=npy(x)))["x"].tolist() == np.maximum(x, 0).tolist()
    named = safetensors.save({"a\0b": numbers(2)})
    assert "can be called 'a\\x00b'" in complaint("relu", "--from", "safetensors", "--to", "npz", stdin=named)


ONE = npy(numbers(4))
BAD = {
    "text": (b"x\n1\n", "is not an npz archive, or is damaged: File is not a zip file"),
    "nothing": (b"", "is not an npz archive, or is damaged: "),
    "no arrays": (archive({"a.txt": b"1"}), "is a zip archive without NumPy arrays (.npy)"),
    "no array": (archive({"a.npy": b"1"}), "tensor 'a' is not a NumPy array (.npy)"),
    "an array that is cut": (
        archive({"a.npy": ONE[:-4]}),
        "tensor 'a' is truncated: 1 numbers of shape (4,) are missing",
    ),
    "more than an array": (archive({"a.npy": ONE + b"1"}), "tensor 'a' holds more than its shape (4,) says"),
    "another compression": (archive({"a.npy": ONE}, compression=zipfile.ZIP_LZMA), "compression method 14"),
    "an array of objects": (npz(a=np.array([{}]), b=numbers(1))[:-30], "is not an npz archive, or is damaged: "),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_a_bad_archive_is_one_line(data, message, tmp_path):
    """And nothing is written."""
    (tmp_path / "x.npz").write_bytes(data)
    assert message in complaint("relu", "x.npz", "-o", "y.npz", cwd=tmp_path)
    assert os.listdir(tmp_path) == ["x.npz"]


def test_half_an_archive_does_not_look_like_one():
    """In a pipe, where what was written cannot be taken back."""
    data = archive({"a.npy": ONE, "b.npy": ONE[:-4]})
    status, out, error = command.run("relu", *TO_NPZ, stdin=data)
    assert status == 2
    assert b"tensor 'b' is truncated" in error
    assert b"a.npy" in out
    assert not zipfile.is_zipfile(io.BytesIO(out))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused():
    """NumPy would take the last."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for _ in range(2):
            file.writestr("a.npy", ONE)
    assert (
        complaint("relu", *TO_NPZ, stdin=out.getvalue()) == "standard input is a damaged npz archive: it has 'a' twice"
    )


class Bytes:
    """Bytes of a file, as the source of a reader."""

    name = "x"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def chunks(self, size: int | None = None):
        """Return all of them."""
        return [self._data]

    def file(self, arrived: bytes = b"", arriving=None):
        """Return a file of the system, whose errors are its own."""
        file = tempfile.TemporaryFile()  # noqa: SIM115
        file.write(self._data)
        file.seek(0)
        return file


@pytest.mark.parametrize("compressed", [False, True])
def test_an_archive_with_any_byte_changed_is_read_or_is_one_line(compressed):
    """The numbers themselves are guarded by the archive's checksums."""
    relu = library.get("relu")()
    data = npz(compressed, a=numbers(3), b=numbers(2, 2))
    expected = {name: values.tobytes() for name, values in loaded(data).items()}
    for place in range(len(data)):
        for changed in (0, 255, data[place] ^ 1):
            damaged = bytearray(data)
            damaged[place] = changed
            try:
                slices = [read() for read in NpzReader(Bytes(bytes(damaged)), ReadOptions()).slices(relu)]
            except ActcliError as error:
                assert not isinstance(error, StorageError)  # the data are wrong, not the disk
                continue
            for found in slices:
                if found.name in expected and found.values.nbytes == len(expected[found.name]):
                    assert found.values.tobytes() == expected[found.name]


def test_memory_is_flat_for_an_archive_that_is_small_but_unpacks_to_much(tmp_path):
    """Half a gigabyte of zeros in half a megabyte."""
    with (
        zipfile.ZipFile(tmp_path / "x.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file,
        file.open("a.npy", "w", force_zip64=True) as member,
    ):
        header = {"descr": "<f4", "fortran_order": False, "shape": (2**27,)}
        np.lib.format.write_array_header_1_0(member, header)
        for _ in range(2**9):
            member.write(bytes(2**20))
    assert peak("relu", tmp_path / "x.npz", "-o", tmp_path / "y.npz") < MOST
