"""safetensors files, in and out, with the library of that name as referee; hostile headers."""

import gzip
import json
import os
import struct
import subprocess
import time

import ml_dtypes
import numpy as np
import pytest
import safetensors
from hypothesis import example, given, settings
from hypothesis import strategies as st
from safetensors import numpy as referee

import actcli as library
from actcli import registry
from actcli.data.read_options import ReadOptions
from actcli.errors import ActcliError
from actcli.formats.array_reader import CHUNK_BYTES
from actcli.formats.safetensors.header import parse_header
from actcli.formats.safetensors.reader import SafetensorsReader
from actcli.storage.source import Source
from tests.command import ACTCLI, complaint, output
from tests.test_binary_formats import from_npy, npy, run
from tests.test_completion import completed
from tests.test_memory import MOST, peak

NAMES = {  # as the format's specification has them
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "bfloat16": "BF16",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e5m2": "F8_E5M2",
}
OTHER_FLOATS = {"float8_e4m3fnuz": "F8_E4M3FNUZ", "float8_e5m2fnuz": "F8_E5M2FNUZ", "float8_e8m0fnu": "F8_E8M0"}
TO_SAFETENSORS = ("--from", "safetensors", "--to", "safetensors")


def dtype(name: str) -> np.dtype:
    """Return a dtype of NumPy or ml_dtypes."""
    return np.dtype(getattr(ml_dtypes, name, name))


def written(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    """Return a file with a header, which may claim another length."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def entry(kind: str = "F32", shape: object = (2,), offsets: object = (0, 8)) -> dict[str, object]:
    """Return the description of a tensor."""
    return {"dtype": kind, "shape": shape, "data_offsets": offsets}


def stored(arrays: dict[str, np.ndarray], names: dict[str, str] = NAMES | OTHER_FLOATS) -> bytes:
    """Return a file of arrays in their order, after the specification, for dtypes that the library cannot write."""
    header, data = {}, b""
    for name, array in arrays.items():
        header[name] = entry(names[array.dtype.name], array.shape, [len(data), len(data) + array.nbytes])
        data += array.tobytes()
    return written(header, data)


def parsed(data: bytes) -> dict[str, tuple[str, list[int], bytes]]:
    """Return dtype, shape and bytes of each tensor, as the library reads them."""
    return {name: (found["dtype"], found["shape"], bytes(found["data"])) for name, found in deserialize(data)}


def deserialize(data: bytes) -> list:
    """Return what the library finds."""
    return safetensors.deserialize(data)


def in_order(data: bytes) -> list[str]:
    """Return the names of the tensors in the order of their bytes."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    header.pop("__metadata__", None)
    return sorted(header, key=lambda name: header[name]["data_offsets"])


def numbers(*shape: int, seed: int = 1) -> np.ndarray:
    """Return float32 numbers of some shape."""
    return np.random.default_rng(seed).normal(0, 4, shape).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_every_float_is_read_and_written_as_it_is(name):
    """All tensors under their names, each number rounded once; the library reads the bits that its own gives."""
    x = {key: numbers(3, 5, seed=seed).astype(dtype(name)) for seed, key in enumerate("ab")}
    found = parsed(run("gelu", *TO_SAFETENSORS, "--dtype", name, stdin=stored(x)))
    assert found == {
        key: (NAMES[name], [3, 5], library.evaluate("gelu", value, dtype=name).tobytes()) for key, value in x.items()
    }


@pytest.mark.parametrize("name", [*NAMES, *OTHER_FLOATS])
def test_every_bit_pattern_of_a_short_float_is_read(name):
    """As the number that ml_dtypes says it is."""
    size = dtype(name).itemsize
    patterns = np.arange(2 ** (8 * min(size, 2)), dtype=f"u{min(size, 2)}")
    x = patterns.view(dtype(name)) if size <= 2 else numbers(999).astype(dtype(name))
    found = parsed(run("linear", *TO_SAFETENSORS, "--dtype", "float64", stdin=stored({"x": x})))["x"]
    assert found[:2] == ("F64", [x.size])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.frombuffer(found[2]), x.astype(np.float64))


def test_integers_are_read_if_they_are_named(tmp_path):
    """Rounded once, whatever their size."""
    x = {"f": numbers(4), "i": np.array([-3, 2**53 + 1, 2**62 + 2**38 + 1]), "u": np.arange(3, dtype=np.uint8)}
    referee.save_file(x, tmp_path / "x.safetensors")
    run("relu", "x.safetensors", "-o", "y.safetensors", cwd=tmp_path)
    assert list(referee.load_file(tmp_path / "y.safetensors")) == ["f"]
    run("relu", "x.safetensors", "--tensor", "i,u", "-o", "y.safetensors", cwd=tmp_path)
    found = referee.load_file(tmp_path / "y.safetensors")
    assert {name: values.tolist() for name, values in found.items()} == {
        "i": [0, 2.0**53, 2.0**62 + 2.0**39],
        "u": [0, 1, 2],
    }
    only = referee.save({"i": x["i"], "u": x["u"]})
    assert complaint("relu", *TO_SAFETENSORS, stdin=only) == (
        "standard input has no float tensor; select one with --tensor: i (I64), u (U8)"
    )


def test_tensors_are_selected_by_names_and_globs():
    """A name to the letter wins; they keep the order of the file, and the metadata goes with them."""
    arrays = {name: numbers(2, seed=i) for i, name in enumerate(["z", "layer.1", "layer.2", "a*", "ab", "q,r"])}
    data = stored(arrays)
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    data = written(
        {"__metadata__": {"run": "é\n", "format": "pt"}} | header, data[8 + int.from_bytes(data[:8], "little") :]
    )
    for words, expected in {
        (): list(arrays),
        ("--tensor", "layer.*"): ["layer.1", "layer.2"],
        ("--tensor", "ab", "--tensor", "z"): ["z", "ab"],
        ("--tensor", "ab,z"): ["z", "ab"],
        ("--tensor", "a*"): ["a*"],
        ("--tensor", "q,r"): ["q,r"],
    }.items():
        found = run("relu", *TO_SAFETENSORS, *words, stdin=data)
        assert in_order(found) == expected
        assert json.loads(found[8 : 8 + int.from_bytes(found[:8], "little")])["__metadata__"] == {
            "run": "é\n",
            "format": "pt",
        }
        values = {name: ("F32", [2], np.maximum(arrays[name], 0).tobytes()) for name in expected}
        assert parsed(found) == values
    assert complaint("relu", *TO_SAFETENSORS, "--tensor", "layer1", stdin=data) == (
        "standard input has no tensor 'layer1'; did you mean layer.1 or layer.2?"
    )
    assert complaint("relu", *TO_SAFETENSORS, "--tensor", "w*", stdin=data).endswith(
        "its tensors: z, layer.1, layer.2, a*, ab, q,r"
    )


SHAPES = [(), (0,), (7,), (3, 4), (0, 3), (2, 3, 4), (1, 1, 1, 6)]


def test_shapes_are_kept_and_derivatives_are_a_last_axis():
    """Of numbers without an axis, and of no numbers."""
    x = {f"t{i}": numbers(*shape, seed=i).reshape(shape) for i, shape in enumerate(SHAPES)}
    found = referee.load(run("tanh", *TO_SAFETENSORS, "--derivative", stdin=referee.save(x)))
    assert {name: values.shape for name, values in found.items()} == {
        f"t{i}": (*shape, 2) for i, shape in enumerate(SHAPES)
    }
    for name, values in x.items():
        assert found[name][..., 0].tobytes() == library.evaluate("tanh", values).tobytes()
        assert found[name][..., 1].tobytes() == library.derivative("tanh", values).tobytes()


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_functions_along_an_axis_go_along_that_of_each_tensor(axis):
    """Softmax, gated units, whose results are half as long, and a list of slopes along the last axis."""
    x = {"a": numbers(4, 6, 2), "b": numbers(2, 2, seed=2), "c": numbers(6, 4, 2, 2, seed=3)}
    for name in ("softmax", "glu"):
        found = referee.load(run(name, "--axis", str(axis), *TO_SAFETENSORS, stdin=referee.save(x)))
        for key, values in x.items():
            expected = library.evaluate(name, values, axis=axis)
            assert (found[key].shape, found[key].tobytes()) == (expected.shape, expected.tobytes())
    found = referee.load(run("prelu", "--slope", "0.5,3", *TO_SAFETENSORS, stdin=referee.save(x)))
    for key, values in x.items():
        assert found[key].tobytes() == library.evaluate("prelu", values, slope=[0.5, 3]).tobytes()


def test_a_tensor_without_the_axis_is_named():
    """Before anything is written."""
    data = referee.save({"scale": np.array(2, np.float32), "x": numbers(3, 2)})
    assert complaint("softmax", *TO_SAFETENSORS, "--axis", "1", stdin=data) == (
        "standard input: tensor 'scale': softmax: axis 1 is out of range (-1 to 0); choose others with --tensor"
    )
    assert list(referee.load(run("softmax", *TO_SAFETENSORS, "--tensor", "x", stdin=data))) == ["x"]
    assert referee.load(run("softmax", *TO_SAFETENSORS, stdin=data))["scale"] == 1
    assert complaint("glu", *TO_SAFETENSORS, stdin=data).startswith("standard input: tensor 'scale': glu splits")
    odd = referee.save({"a": numbers(4), "b": numbers(3)})
    assert complaint("glu", *TO_SAFETENSORS, stdin=odd).startswith("standard input: tensor 'b': glu ")


def test_many_and_large_tensors(tmp_path):
    """Cut anywhere, compressed or not, in place, among others that are skipped."""
    x = {f"w{i}": numbers(i % 7 + 1, 300, seed=i) for i in range(300)} | {"big": numbers(3, 700, 1001)}
    referee.save_file(x, tmp_path / "x.safetensors")
    (tmp_path / "x.safetensors.gz").write_bytes(gzip.compress((tmp_path / "x.safetensors").read_bytes(), 1))
    run("silu", "x.safetensors.gz", "-o", "y.safetensors.gz", cwd=tmp_path)
    found = referee.load(gzip.decompress((tmp_path / "y.safetensors.gz").read_bytes()))
    assert {name: values.tobytes() for name, values in found.items()} == {
        name: library.evaluate("silu", values).tobytes() for name, values in x.items()
    }
    run("relu", "x.safetensors", "--tensor", "w299", "-o", "w.npy", cwd=tmp_path)
    assert np.load(tmp_path / "w.npy").tobytes() == np.maximum(x["w299"], 0).tobytes()
    run("silu", "x.safetensors", "--in-place", cwd=tmp_path)
    assert (tmp_path / "x.safetensors").read_bytes() == gzip.decompress((tmp_path / "y.safetensors.gz").read_bytes())
    message = complaint("silu", "x.safetensors", "--in-place", "--tensor", "w*", cwd=tmp_path)
    assert message == "--in-place would drop what is not evaluated (big); write to another file with --output"


def test_of_a_file_only_the_selected_tensors_are_read(tmp_path):
    """The others are passed over, whatever their size; but where the file ends is checked."""
    x = {"a": numbers(2**21), "b": numbers(3, 5), "c": numbers(2**21), "d": numbers(40)}
    path = tmp_path / "x.safetensors"
    referee.save_file(x, path)
    counts = []
    source = Source(str(path), counts.append)
    reader = SafetensorsReader(source, ReadOptions(tensors=("b", "d")))
    found = [read() for read in reader.slices(registry.find("relu")())]
    assert [batch.name for batch in found] == ["b", "d"]
    assert all(np.array_equal(batch.values, x[batch.name].reshape(-1)) for batch in found)
    assert sum(counts) == CHUNK_BYTES + x["b"].nbytes + x["d"].nbytes
    for data, problem in ((path.read_bytes()[:-9], "9 bytes are missing"), (path.read_bytes() + b"0", "it holds more")):
        (tmp_path / "cut.safetensors").write_bytes(data)
        assert problem in complaint("relu", "cut.safetensors", "--tensor", "b", "-o", "y.npy", cwd=tmp_path)


def test_a_file_is_read_twice_where_results_depend_on_all_rows(tmp_path):
    """With and without tensors that are passed over, as from a pipe."""
    for x in ({"a": numbers(7000, 3), "b": numbers(9000, 3)}, {"b": numbers(9000, 3)}):
        referee.save_file(x, tmp_path / "x.safetensors")
        words = ["softmax", "--axis", "0", "--tensor", "b", "--to", "csv", "--from", "safetensors"]
        found = output(*words, "x.safetensors", cwd=tmp_path)
        assert found == output(*words, stdin=(tmp_path / "x.safetensors").read_bytes())
        assert found.count("\n") == 9001


def test_results_leave_before_the_input_ends():
    """The header at once, then what has arrived."""
    data = referee.save({"x": numbers(2**20)})
    words = [ACTCLI, "relu", *TO_SAFETENSORS]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        child.stdin.write(data[: 3 * 2**20])
        child.stdin.flush()
        first = child.stdout.read(2**20)
        child.stdin.write(data[3 * 2**20 :])
        child.stdin.close()
        found = referee.load(first + child.stdout.read())
    assert found["x"].tobytes() == np.maximum(referee.load(data)["x"], 0).tobytes()


def test_one_tensor_becomes_a_table_or_an_array():
    """Several are refused with their names; what polars has no type for is shown as float32, which holds it."""
    x = numbers(2, 3).astype(ml_dtypes.bfloat16)
    data = stored({"layer": x, "n": numbers(4)})
    found = output("relu", "--from", "safetensors", "--to", "csv", "--tensor", "layer", stdin=data).splitlines()
    assert found[0] == "x1,x2,x3,x1_relu,x2_relu,x3_relu"
    assert np.array([line.split(",") for line in found[1:]], float).tolist() == [
        [*map(float, row), *(max(float(value), 0) for value in row)] for row in x
    ]
    words = ["relu", "--from", "safetensors", "--tensor", "n", "--to"]
    assert from_npy(run(*words, "npy", stdin=data)).tolist() == np.maximum(numbers(4), 0).tolist()
    several = "has 2 (layer, n): choose one with --tensor, or write safetensors or npz"
    for target, message in {
        "csv": f"a table holds one tensor, but standard input {several}",
        "npy": f"npy holds one tensor, but the input {several}",
    }.items():
        assert complaint("relu", "--from", "safetensors", "--to", target, stdin=data) == message
    assert "only arrays with one or two axes become tables" in complaint(
        "relu", "--from", "safetensors", "--to", "csv", stdin=referee.save({"x": numbers(2, 2, 2)})
    )


def test_tables_arrays_and_typed_numbers_become_tensors():
    """A column each, under the name of the result; an array is called x."""
    table = b"id,a,b\nq,1,-2\nr,,3\n"
    found = referee.load(run("relu", "--derivative", "--to", "safetensors", stdin=table))
    assert {name: values.tolist()[:1] for name, values in found.items()} == {
        "a_relu": [1],
        "b_relu": [0],
        "a_relu_derivative": [1],
        "b_relu_derivative": [0],
    }
    assert np.isnan(found["a_relu"][1])
    rows = 70_000
    text = "a,b\n" + "".join(f"{i},{-i}\n" for i in range(rows))
    found = referee.load(run("linear", "--to", "safetensors", stdin=text.encode()))
    assert found["a_linear"].tolist() == list(range(rows))
    assert found["b_linear"].tolist() == [-i for i in range(rows)]
    assert parsed(run("relu", "3", "-1", "--dtype", "bfloat16", "--to", "safetensors")) == {
        "x_relu": ("BF16", [2], np.array([3, 0], ml_dtypes.bfloat16).tobytes())
    }
    x = numbers(2, 3, 4)
    found = referee.load(run("relu", "--from", "npy", "--to", "safetensors", stdin=npy(x)))
    assert (found["x"].shape, found["x"].tobytes()) == (x.shape, np.maximum(x, 0).tobytes())
    assert complaint("relu", "--from", "npy", "--to", "safetensors", stdin=npy(np.asfortranarray(x))) == (
        "safetensors holds no arrays in Fortran order; save the input in C order"
    )


def test_diagnose_and_compare_take_a_tensor(tmp_path):
    """Whose columns are neurons."""
    z = numbers(40, 3)
    z[:, 1] = -1
    referee.save_file({"z": z, "other": numbers(2)}, tmp_path / "x.safetensors")
    np.save(tmp_path / "x.npy", z)
    words = ["diagnose", "relu", "--format", "json"]
    found = output(*words, "x.safetensors", "--tensor", "z", cwd=tmp_path)
    assert json.loads(found) == json.loads(output(*words, "x.npy", cwd=tmp_path))
    assert "a table holds one tensor" in complaint(*words, "x.safetensors", cwd=tmp_path)
    words = ["compare", "relu", "tanh", "--to", "csv"]
    assert output(*words, "x.safetensors", "--tensor", "z", cwd=tmp_path) == output(*words, "x.npy", cwd=tmp_path)


def test_tensor_is_for_formats_that_have_some(tmp_path):
    """It is refused elsewhere; a safetensors file that is taken for text is recognised."""
    assert complaint("relu", "1", "--tensor", "x") == (
        "--tensor selects tensors of npz and safetensors files; numbers as arguments have no name"
    )
    assert complaint("relu", "--tensor", "x", stdin="x\n1\n") == "--tensor is for npz and safetensors, not csv; omit it"
    data = referee.save({"z": numbers(2)})
    assert complaint("relu", stdin=data) == ("standard input is a safetensors file, not text; try --from safetensors")
    (tmp_path / "x.safetensors").write_bytes(data)
    assert completed("relu", "x.safetensors", "--tensor", "", cwd=tmp_path) == ["z"]


GOOD = entry("F32", [2], [0, 8])
HOSTILE = {
    "nothing": (b"", "it is too short"),
    "a length alone": (written(b"", length=9), "its header would be 9 bytes long"),
    "a length of 2**60": (written(GOOD, length=2**60), "its header would be 1,152,921,504,606,846,976 bytes long"),
    "text": (b"x,y\n1,2\n3,4\n5,6\n", "its header would be "),
    "no JSON": (written(b"{'x': 1}"), "its header is not JSON"),
    "deep JSON": (written(b"[" * 10**6), "its header is not JSON"),
    "a long number": (written(b'{"x":%s}' % (b"9" * 10**5)), "its header is not JSON"),
    "a list": (written([]), "its header is not a JSON object"),
    "a blank first": (written(b" {}"), "its header is not a JSON object"),
    "UTF-16": (written("{}".encode("utf-16")), "its header is not JSON"),
    "a gap": (
        written({"a": GOOD, "b": entry(offsets=[12, 20])}, bytes(20)),
        "the bytes of tensor 'b' follow a gap",
    ),
    "a gap at first": (written({"a": entry(offsets=[4, 12])}, bytes(12)), "the bytes of tensor 'a' follow a gap"),
    "an overlap": (
        written({"a": GOOD, "b": entry(offsets=[4, 12])}, bytes(12)),
        "the bytes of tensor 'b' overlap those of another",
    ),
    "a tensor twice": (
        written(b'{"x":%b,"x":%b}' % (json.dumps(GOOD).encode(), json.dumps(GOOD).encode()), bytes(8)),
        "its header has 'x' twice",
    ),
    "a shape twice": (
        written(b'{"x":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', bytes(8)),
        "its header has 'shape' twice",
    ),
    "an unknown dtype": (written({"x": entry("F31")}, bytes(8)), "tensor 'x' has the unknown dtype 'F31'"),
    "an overflow": (
        written({"x": entry(shape=[2**62, 2**62, 2**4])}, bytes(8)),
        "the bytes of tensor 'x' are not where its shape says",
    ),
    "half an axis": (written({"x": entry(shape=[0.5])}, bytes(8)), "its header does not describe tensor 'x'"),
    "no numbers of a shape": (
        written({"x": entry(shape=[0, 2**62, 2**62], offsets=[0, 0])}),
        "tensor 'x' has the shape [0, 4611686018427387904, 4611686018427387904]",
    ),
    "half a surrogate pair": (written(b'{"\\ud800":%b}' % json.dumps(GOOD).encode(), bytes(8)), "does not describe"),
    "numbers as metadata": (written({"__metadata__": {"a": 1}}), "its __metadata__ is not an object of texts"),
    "more": (written({"x": GOOD}, bytes(9)), "it holds more than its tensors"),
}


ACCEPTED_BY_THE_LIBRARY = {"a tensor twice", "a blank first", "no numbers of a shape"}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_is_one_line(name, tmp_path):
    """From a file and from a pipe; nothing is written."""
    data, problem = HOSTILE[name]
    (tmp_path / "x.safetensors").write_bytes(data)
    for word, called, stdin in (("x.safetensors", "x.safetensors", b""), ("-", "standard input", data)):
        found = complaint("relu", word, *TO_SAFETENSORS, "-o", "y.safetensors", stdin=stdin, cwd=tmp_path)
        assert found.startswith(f"{called} is not a safetensors file, or is damaged: ")
        assert problem in found
    assert os.listdir(tmp_path) == ["x.safetensors"]
    if name not in ACCEPTED_BY_THE_LIBRARY:
        with pytest.raises(safetensors.SafetensorError):
            deserialize(data)


def test_a_file_that_is_cut_is_an_error_wherever(tmp_path):
    """At every byte of its header and its tensors, read or skipped."""
    data = referee.save({"a": numbers(4), "b": numbers(2, 3, seed=2)})
    for size in range(len(data)):
        message = complaint(
            "relu", *TO_SAFETENSORS, "--tensor", "a", "-o", "none.safetensors", stdin=data[:size], cwd=tmp_path
        )
        assert "is truncated" in message or "is damaged" in message
    assert complaint("relu", *TO_SAFETENSORS, "-o", "none.safetensors", stdin=data[:-5], cwd=tmp_path) == (
        "standard input: tensor 'b' is truncated: 2 numbers of shape (2, 3) are missing"
    )
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("kind", ["BOOL", "C64", "F4", "F6_E2M3"])
def test_what_holds_no_numbers_of_ours_is_named(kind):
    """And the rest of the file is read."""
    size = {"BOOL": 4, "C64": 32, "F4": 2, "F6_E2M3": 3}[kind]
    data = written({"m": entry(kind, [4], [0, size]), "x": entry(offsets=[size, size + 8])}, bytes(size + 8))
    deserialize(data)
    message = complaint("relu", *TO_SAFETENSORS, "--tensor", "m", stdin=data)
    assert message.startswith(f"standard input: tensor 'm' holds {kind}; expected one of F64, F32, ")
    assert list(referee.load(run("relu", *TO_SAFETENSORS, "--tensor", "x", stdin=data))) == ["x"]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=3)
COUNTS = st.one_of(st.integers(0, 5), st.sampled_from([-1, 2**31, 2**63, 2**64, 2**200, 1.0, True, None, "1"]))
KINDS = st.sampled_from(["F32", "F16", "BF16", "F8_E4M3", "F8_E8M0", "I64", "BOOL", "F4", "C64", "f32", "", 1, None])


@st.composite
def headers(draw) -> dict[str, object]:
    """Draw headers of which many are right but for one thing."""
    header: dict[str, object] = {}
    place = 0
    for name in draw(st.lists(TEXTS, max_size=4, unique=True)):
        kind, shape = draw(KINDS), draw(st.lists(st.integers(0, 3), max_size=3))
        bits = {"I64": 64, "C64": 64, "F32": 32, "F16": 16, "BF16": 16, "F4": 4}.get(kind, 8)
        stop = place + int(np.prod(shape)) * bits // 8
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [place, stop]}
        place = stop
    if draw(st.booleans()):
        name = draw(st.sampled_from([*header, "new"]))
        part = draw(st.sampled_from(["dtype", "shape", "data_offsets", "more"]))
        changed = draw(
            st.one_of(COUNTS, KINDS, st.lists(COUNTS, max_size=3), st.dictionaries(TEXTS, COUNTS, max_size=1))
        )
        header[name] = {**header.get(name, {}), part: changed} if draw(st.integers(0, 3)) else changed
    if draw(st.booleans()):
        header["__metadata__"] = draw(st.one_of(st.none(), st.dictionaries(TEXTS, TEXTS, max_size=2), COUNTS))
    return header


@settings(max_examples=600, deadline=None)
@given(headers(), st.integers(0, 40), st.booleans())
@example({"x": entry(shape=[2**63, 2]), "y": GOOD}, 8, True)
def test_a_header_means_what_the_library_says_it_means(header, size, fits):
    """Whatever it says: what one refuses, the other does too, but for shapes that no array has."""
    entries = [value for key, value in header.items() if key != "__metadata__" and isinstance(value, dict)]
    offsets = [value.get("data_offsets") for value in entries]
    stops = [pair[1] for pair in offsets if isinstance(pair, list) and len(pair) == 2 and type(pair[1]) is int]
    if fits and stops and 0 <= max(stops) < 1000:
        size = max(stops)
    data = written(header, bytes(size))
    try:
        expected = {name: (kind, tuple(shape), len(found)) for name, (kind, shape, found) in parsed(data).items()}
    except (safetensors.SafetensorError, OverflowError):
        expected = None
    try:
        read = parse_header("x", data[8 : len(data) - size], size)
        found = {tensor.name: (tensor.dtype, tensor.shape, tensor.stop - tensor.start) for tensor in read.tensors}
    except ActcliError as error:
        assert "\n" not in str(error)
        assert expected is None or "has the shape" in str(error)
    else:
        assert found == expected


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 40))
def test_bytes_that_are_no_header_are_one_line(data, size):
    """Of whatever kind."""
    try:
        parse_header("x", data, size)
    except ActcliError as error:
        assert "\n" not in str(error)


def test_memory_is_flat_and_a_hostile_length_costs_nothing(tmp_path):
    """For a gigabyte of numbers, of which some are skipped; a header that is far too long is refused at once.

    One of 8 MB is read, whatever it holds.
    """
    header = {f"t{i}": entry("BF16", [2**16, 2**11], [i * 2**28, (i + 1) * 2**28]) for i in range(4)}
    with (tmp_path / "x.safetensors").open("wb") as file:
        file.write(written(header))
        file.truncate(file.tell() + 2**30)
    assert peak("relu", tmp_path / "x.safetensors", "--tensor", "t[13]", "-o", tmp_path / "y.safetensors") < MOST
    (tmp_path / "x.safetensors").write_bytes(written(b'{"x":[' + b"[]," * (2**23 // 3 - 10) + b"[]]}"))
    assert peak("relu", tmp_path / "x.safetensors", status=2) < MOST
    (tmp_path / "x.safetensors").write_bytes(written(b"{", length=2**60))
    start = time.monotonic()
    complaint("relu", "x.safetensors", cwd=tmp_path)
    assert time.monotonic() - start < 10
