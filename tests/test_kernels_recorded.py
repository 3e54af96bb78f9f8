"""Numbers already computed: read by their bits from columns, arrays and tensors, never rounded a second time."""

import json
import struct

import ml_dtypes
import numpy as np
import polars
import pytest

from actcli.errors import ActcliError
from tests.kernels import recorded

SHORT = np.array([0.5, -1.25, 3], ml_dtypes.bfloat16)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Return the current folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def message(*words, **values):
    """Return the message for a file that cannot be used."""
    with pytest.raises(ActcliError) as raised:
        recorded(*words, **values)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def floats(count: int) -> np.ndarray:
    """Return float32 numbers of all sizes."""
    return np.random.default_rng(3).integers(0, 0x7F800000, count, dtype=np.uint32).view(np.float32)


def write_text(path, kind, x, y):
    """Write two columns, each number as a text that round-trips."""
    with open(path, "w") as file:
        if kind == "jsonl":
            file.writelines(f'{{"x": {a!s}, "y": {b!s}}}\n' for a, b in zip(x, y, strict=True))
        else:
            separator = {"csv": ",", "tsv": "\t"}[kind]
            file.write(f"x{separator}y\n")
            file.writelines(f"{a!s}{separator}{b!s}\n" for a, b in zip(x, y, strict=True))


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet", "arrow"])
def test_columns_of_any_table_are_read(kind):
    """As x and y, or by their names or places in either order."""
    x, y = floats(3000), floats(3000)[::-1]
    path = f"dump.{kind}"
    if kind == "parquet":
        polars.DataFrame({"x": x, "y": y}).write_parquet(path)
    elif kind == "arrow":
        polars.DataFrame({"x": x, "y": y}).write_ipc(path)
    else:
        write_text(path, kind, x, y)
    for columns in (None, "x,y", "1,-1"):
        found = recorded(path, columns=columns)
        assert found.name == path
        assert np.array_equal(found.inputs, x)
        assert np.array_equal(found.results, y)
        assert not found.warnings
    assert np.array_equal(recorded(path, columns="y,x").inputs, y)


def test_a_text_is_rounded_once_to_each_format(folder):
    """To that of its own column: 1.00390625 is halfway between two bfloat16 numbers, and the rest decides."""
    (folder / "dump.csv").write_text("x,y\n1.00390625000000000001,0.1\n")
    found = recorded("dump.csv", "bfloat16", "float64")
    assert found.inputs.tolist() == [1.0078125]
    assert found.results.tolist() == [0.1]


def test_two_npy_arrays_are_read(folder):
    """Also of bfloat16, which NumPy writes as bytes, and of the other byte order."""
    np.save("x.npy", SHORT)
    np.save("y.npy", SHORT * 2)
    found = recorded("x.npy y.npy", "bfloat16")
    assert np.array_equal(found.inputs, SHORT)
    assert np.array_equal(found.results, SHORT * 2)
    np.save("big.npy", np.array([1, 2, 3], ">f4"))
    assert recorded("x.npy big.npy", "bfloat16", "float32").results.tolist() == [1, 2, 3]
    np.save("rows.npy", np.ones((2, 4), np.float32))
    assert recorded("rows.npy rows.npy").inputs.shape == (2, 4)


def test_two_arrays_of_an_archive_are_read(folder):
    """By their names, as bits."""
    np.savez("dump.npz", x=SHORT, y=SHORT * 2, z=np.array([1, 2, 3], ">f4"))
    found = recorded("dump.npz", "bfloat16")
    assert np.array_equal(found.inputs, SHORT)
    assert np.array_equal(found.results, SHORT * 2)
    assert recorded("dump.npz", "bfloat16", "float32", columns="x,z").results.tolist() == [1, 2, 3]
    assert message("dump.npz", columns="x,w") == "dump.npz has no tensor 'w'; its tensors: x, y, z"
    for data in (b"x", (folder / "dump.npz").read_bytes()[:-30], b"\x93NUMPY"):
        (folder / "bad.npz").write_bytes(data)
        assert message("bad.npz") == "bad.npz is not an npz archive of numbers, or is damaged"
    np.savez("bad.npz", x=np.array([{}]), y=SHORT)
    assert message("bad.npz") == "bad.npz is not an npz archive of numbers, or is damaged"


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("F64", "float64"),
        ("F32", "float32"),
        ("F16", "float16"),
        ("BF16", "bfloat16"),
        ("F8_E4M3", "float8_e4m3fn"),
        ("F8_E5M2", "float8_e5m2"),
    ],
)
def test_tensors_are_read_by_their_bits(name, dtype):
    """Whatever else is in the file."""
    kind = np.dtype(getattr(ml_dtypes, dtype, dtype))
    data = np.random.default_rng(4).integers(0, 256, 20 * kind.itemsize, dtype=np.uint8).tobytes()
    half = len(data) // 2
    entry = {"dtype": name, "shape": [10]}
    write_tensors(
        {
            "__metadata__": {"a": "b"},
            "x": entry | {"data_offsets": [half, 2 * half]},
            "y": entry | {"data_offsets": [0, half]},
        },
        data,
    )
    found = recorded("t.safetensors", dtype)
    assert found.inputs.tobytes() == data[half:]
    assert found.results.tobytes() == data[:half]
    assert recorded("t.safetensors", dtype, columns="y,x").inputs.tobytes() == data[:half]


def write_tensors(header, data=b"", length=None):
    """Write a file with a header, which may claim another length."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    with open("t.safetensors", "wb") as file:
        file.write(struct.pack("<Q", len(text) if length is None else length) + text + data)


def entry(dtype="F32", shape=(2,), offsets=(0, 8)):
    """Return the description of a tensor."""
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"x": entry(offsets=[0, 16])}, "the bytes of tensor 'x' are not where its shape says"),
        ({"x": entry(shape=[200], offsets=[0, 800])}, "784 bytes are missing"),
        ({"x": entry()}, "it holds more than its tensors"),
        ({"x": entry(offsets=[8, 0])}, "the bytes of tensor 'x' are not where its shape says"),
        ({"x": entry(shape=[2**31] * 9)}, "the bytes of tensor 'x' are not where its shape says"),
        ({"x": entry(shape=[2**63, 2**63, 0], offsets=[0, 0])}, "tensor 'x' has the shape [9223372036854775808, "),
        ({"x": entry(offsets=[-8, 0])}, "its header does not describe tensor 'x'"),
        ({"x": entry(shape=[-2])}, "its header does not describe tensor 'x'"),
        ({"x": entry(shape=[2.0])}, "its header does not describe tensor 'x'"),
        ({"x": entry(shape=[True, 2])}, "its header does not describe tensor 'x'"),
        ({"x": entry(shape=[1] * 1000)}, "its header does not describe tensor 'x'"),
        ({"x": entry(shape=2)}, "its header does not describe tensor 'x'"),
        ({"x": entry(offsets=[0])}, "its header does not describe tensor 'x'"),
        ({"x": entry(dtype=3)}, "its header does not describe tensor 'x'"),
        ({"x": [1]}, "its header does not describe tensor 'x'"),
        ({"x": {}}, "its header does not describe tensor 'x'"),
        ([1], "its header is not a JSON object"),
        (b"{", "its header is not JSON"),
        (b"[" * 100_000, "its header is not JSON"),
        (b"\xff", "its header is not JSON"),
    ],
)
def test_a_hostile_header_is_refused(header, problem):
    """Before any of the tensor's bytes are read."""
    write_tensors(header, bytes(16))
    assert message("t.safetensors").startswith(f"t.safetensors is not a safetensors file, or is damaged: {problem}")


@pytest.mark.parametrize("length", [2**64 - 1, 2**63, 10**9, 20])
def test_a_header_is_as_long_as_the_file_at_most(length):
    """No memory is taken for more."""
    write_tensors({}, b"", length)
    expected = f"t.safetensors is not a safetensors file, or is damaged: its header would be {length:,} bytes long"
    assert message("t.safetensors") == expected


def test_other_tensors_are_named():
    """Those that the file has, or the dtype."""
    write_tensors({"__metadata__": {}, "input": entry(), "output": entry("I64", [1], [8, 16])}, bytes(16))
    assert message("t.safetensors") == "t.safetensors has no tensor 'x'; its tensors: input, output"
    expected = "t.safetensors has no tensor 'inputs'; did you mean input?"
    assert message("t.safetensors", columns="inputs,output") == expected
    expected = "t.safetensors: tensor 'output' holds int64; expected float32, or another float format and --out-dtype"
    assert message("t.safetensors", columns="input,output") == expected
    with open("t.safetensors", "wb") as file:
        file.write(b"short")
    assert message("t.safetensors").endswith("is damaged: it is too short")


@pytest.mark.parametrize(
    ("style", "dtype", "needed", "most"),
    [
        ("%.6g", "float32", 9, 6),
        ("%.8g", "float32", 9, 8),
        ("%.12g", "float64", 17, 12),
        ("%.3g", "bfloat16", 4, 3),
        ("%.4g", "float16", 5, 4),
    ],
)
def test_too_few_digits_are_said(style, dtype, needed, most):
    """Of the column that has them."""
    x = np.random.default_rng(5).normal(size=3000)
    with open("dump.csv", "w") as file:
        file.write("x,y\n" + "".join(f"{a:.20g},{style % b}\n" for a, b in zip(x, x, strict=True)))
    (warning,) = recorded("dump.csv", dtype).warnings
    assert warning == (
        f"dump.csv: column 'y' has at most {most} significant digits, but telling {dtype} numbers apart takes "
        f"{needed}: part of the steps may come from printing (print with %.{needed}g)"
    )


def test_short_numbers_that_are_exact_are_not_too_short(folder):
    """Halves, infinities and NaN have no more digits."""
    (folder / "dump.csv").write_text("x,y\n0.5,-1e3\n2,inf\nnan,1.25\n-0,0\n")
    assert not recorded("dump.csv").warnings
    (folder / "dump.csv").write_text("x,y\n0.5,-1e3\n2,0.1\n")
    assert len(recorded("dump.csv").warnings) == 1


def test_results_are_not_rounded_again(folder):
    """Typed numbers that are of another format are refused, unless they are of both."""
    np.save("x.npy", SHORT)
    np.save("y.npy", np.array([0.1, 1, 2], np.float32))
    problem = (
        "holds 0.1, which is not a bfloat16 number; give --out-dtype its format, as numbers rounded again would be "
        "others"
    )
    assert message("x.npy y.npy", "bfloat16") == f"y.npy {problem}"
    polars.DataFrame({"x": [0.5], "y": [0.1]}).write_parquet("dump.parquet")
    assert message("dump.parquet", "bfloat16") == f"dump.parquet: column 'y' {problem}"
    np.save("y.npy", np.array([0.5, np.nan, -np.inf], np.float32))
    assert recorded("x.npy y.npy", "bfloat16").results.dtype == SHORT.dtype


def test_what_cannot_be_used_is_named(folder):
    """With what to do."""
    (folder / "dump.csv").write_text("x,y,z\n1,2,3\n4,,6\n")
    (folder / "bad.npy").write_bytes(b"\x93NUMPY\x01\0\xff\xff")
    np.save("x.npy", np.ones(3, np.float32))
    np.save("short.npy", np.ones(2, np.float32))
    np.save("whole.npy", np.arange(3))
    np.save("object.npy", np.array([{}]), allow_pickle=True)
    np.save("one.npy", np.float32(1))
    for words, expected in {
        ("nowhere.csv",): "cannot read nowhere.csv: no such file",
        ("torch.nn.functional.silu",): (
            "cannot read torch.nn.functional.silu: no such file; for a function of a module, write "
            "torch.nn.functional:silu"
        ),
        ("x.npy nowhere.npy",): "cannot read nowhere.npy: no such file",
        ("dump.csv",): "dump.csv: column 'y' has empty cells, such as that of result 2",
        ("x.npy bad.npy",): "bad.npy is not a NumPy array (.npy) of numbers, or is damaged",
        ("x.npy object.npy",): "object.npy is not a NumPy array (.npy) of numbers, or is damaged",
        ("x.npy short.npy",): "short.npy has the shape (2,), and x.npy (3,); expected a result for each",
        ("x.npy whole.npy",): "whole.npy holds int64; expected float32, or another float format and --out-dtype",
        ("one.npy one.npy",): "one.npy holds a single number without an axis; expected an array",
    }.items():
        assert message(*words) == expected
    for columns, expected in {
        "x": "--columns must name two columns, inputs and results, such as x,y; got 'x'",
        "*,x": "dump.csv: '*' selects several columns, such as x and y; expected one",
        "x,w": "dump.csv has no column 'w'; its columns: x, y, z",
    }.items():
        assert message("dump.csv", columns=columns) == expected
